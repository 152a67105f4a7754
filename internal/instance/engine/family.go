package engine

import (
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// What the release families lack (page diffs of the four documentation branches): toggles and Validate Connection came after
// Washington DC and Xanadu, exclusion rules with Zurich.

// checkToggles refuses to clear a toggle that the family does not have. There, what a profile type can do is always on.
func checkToggles(c *change, t dictionary.ProfileType) error {
	if t.Toggles {
		return nil
	}
	for column, on := range map[string]bool{
		dictionary.ProfileDownloadActivity: t.ActivitySubflow,
		dictionary.ProfileReclaim:          t.Subflows[dictionary.ProcessReclaim] != "",
	} {
		if v := c.values[column]; v != "" && isTrue(v) != on {
			return c.refuse("This release has no toggles", "%s cannot be set to %s: this release family has no toggles, and does everything that %s can do",
				column, v, t.Product)
		}
	}
	return nil
}

// requireValidation refuses Validate Connection where the family has none.
func (e *Engine) requireValidation() error {
	if e.opt.ReleaseFamily != dictionary.WashingtonDC {
		return nil
	}
	return &store.BusinessRuleError{
		Table: dictionary.TableProfile, Rule: "This release has no Validate Connection",
		Message: "this release family does not validate connections; publish the integration profile",
	}
}

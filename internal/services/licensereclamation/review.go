package licensereclamation

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

// review says who would lose a licence.
type review struct {
	profile, profileType string
	limit                int64
	remark               string // what comes after the total
	family               dictionary.ReleaseFamily
}

// warning has a line per person; names are those of the people, by sys_id of the candidate.
func (r review) warning(chosen []candidate, names map[string]string) diag.Diagnostic {
	var b strings.Builder
	fmt.Fprintf(&b, "Applying this plan reclaims %s of the integration profile %q:\n\n", licences(len(chosen)), r.profile)
	for _, c := range chosen {
		fmt.Fprintf(&b, "  %s  %s  %s, %s", c.Number, names[c.SysID], c.Product, c.idle())
		if c.Attempt != attemptFirst {
			fmt.Fprintf(&b, " (%s)", c.Attempt)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "\nTotal: %d of at most %d. %s", len(chosen), r.limit, r.remark)
	if t, ok := dictionary.ProfileTypeByValue(r.family, r.profileType); ok {
		fmt.Fprintf(&b, "\n\nWhat it does to them: %s\n\nWhat an undo brings back: %s", t.ReclaimEffect, t.RestoreEffect)
	}
	return diag.NewWarningDiagnostic("Review: this plan reclaims "+licences(len(chosen)), b.String())
}

func licences(n int) string {
	if n == 1 {
		return "1 licence"
	}
	return fmt.Sprintf("%d licences", n)
}

func more(n int) string {
	if n == 1 {
		return "1 more is"
	}
	return fmt.Sprintf("%d more are", n)
}

func (c candidate) idle() string {
	switch {
	case c.InactiveDays == nil:
		return "no activity seen"
	case *c.InactiveDays == 1:
		return "inactive for 1 day"
	}
	return fmt.Sprintf("inactive for %d days", *c.InactiveDays)
}

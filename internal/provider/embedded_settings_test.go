package provider_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
)

const (
	usageOfAll = "data \"servicenowsam_license_usage\" \"all\" {\n  depends_on = [servicenowsam_integration_profile.trello]\n}\n"
	ruleOfAll  = "resource \"servicenowsam_reclamation_rule\" \"trello\" {\n  profile_type = servicenowsam_integration_profile.trello.profile_type\n" +
		"  notify_user = true\n  days_before_auto_reclamation = 7\n}\n"
)

// Who delivers messages, and in which currency amounts are, reach the instance, which tells so in its capabilities: rules that
// notify, and the currency of the licence position, follow these.
func TestAccProvider_embeddedSettingsReachTheInstance(t *testing.T) {
	t.Parallel()
	env := map[string]string{"SERVICENOWSAM_NOTIFICATION_DELIVERY": "external", "SERVICENOWSAM_CURRENCY": "CHF"}
	for name, c := range map[string]struct {
		inner    string
		env      map[string]string
		currency string
		notifies bool
	}{
		"neither":              {"", nil, "USD", false},
		"in the block":         {`notification_delivery = "external", currency = "EUR"`, nil, "EUR", true},
		"from the environment": {"", env, "CHF", true},
		"the block wins":       {`currency = "EUR"`, env, "EUR", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, acctest.Options{Env: c.env})
			inner := c.inner
			if inner != "" {
				inner = ", " + inner
			}
			block := fmt.Sprintf("provider \"servicenowsam\" {\n  embedded = { database_url = %q%s }\n}\n", w.DatabaseURL(), inner)
			root := w.Root(t, block, w.Alias(), w.Profile(), usageOfAll)
			root.MustApply(t)
			require.Equal(t, c.currency, root.Attributes(t, "data.servicenowsam_license_usage.all")["currency"])
			root.Write(t, block, w.Alias(), w.Profile(), ruleOfAll)
			plan := root.Plan(t)
			if !c.notifies {
				require.Contains(t, plan.Errors(), "The instance cannot notify anybody")
				return
			}
			require.NotEqual(t, 1, plan.Code, plan.Errors())
		})
	}
}

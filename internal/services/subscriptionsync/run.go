package subscriptionsync

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// refresh is one run, whoever asks for it: the resource or the action.
type refresh struct {
	profileID          string
	maxRemovalFraction float64
	again              string // what to do to run it again
	say                sam.Say
}

// run refreshes the profile, and says in words what a person should know. The result has no RunID where nothing started.
func (r refresh) run(ctx context.Context, client *sam.Client) (sam.RefreshRun, diag.Diagnostics) {
	var diags diag.Diagnostics
	what := subscriptionsOf(r.profileID)
	run, err := client.Profiles.Refresh(ctx, r.profileID, companion.RefreshRequest{MaxRemovalFraction: r.maxRemovalFraction}, r.say)
	if err != nil {
		diags.Append(tfkit.ErrorDiagnostic("refresh", what, err))
	}
	for _, warning := range run.Warnings {
		diags.AddWarning("The refresh has a remark", fmt.Sprintf("Refreshing the %s: %s", what, warning))
	}
	if run.RemovalsHeld > 0 {
		diags.AddWarning("Vanished users were kept", fmt.Sprintf("Refreshing the %s: %d of the known users are not in the "+
			"vendor's list any more, and they were kept, because max_removal_fraction is %g or the list was incomplete. If the "+
			"vendor really lists so few users now, raise max_removal_fraction and %s.",
			what, run.RemovalsHeld, r.maxRemovalFraction, r.again))
	}
	return run, diags
}

func subscriptionsOf(profileID string) string {
	return fmt.Sprintf("subscriptions of integration profile %s", profileID)
}

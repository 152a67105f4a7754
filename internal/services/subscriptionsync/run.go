package subscriptionsync

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// refresh is one run, whoever asks for it: the resource or the action.
type refresh struct {
	profileID          string
	profile            string // display name; looked up where it is empty
	maxRemovalFraction float64
	maxDuration        time.Duration // of the pull of activity; 0 means no limit
	again              string        // what to do to run it again
	say                sam.Say
}

// run refreshes the profile, and says in words what a person should know. The result has no RunID where nothing started.
func (r refresh) run(ctx context.Context, client *sam.Client) (sam.RefreshRun, diag.Diagnostics) {
	var diags diag.Diagnostics
	what := subscriptionsOf(r.nameOf(ctx, client), r.profileID)
	run, err := client.Profiles.Refresh(ctx, r.profileID, companion.RefreshRequest{
		MaxRemovalFraction: r.maxRemovalFraction, MaxDurationSeconds: int(r.maxDuration.Seconds()),
	}, r.say)
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
	if run.Partial {
		diags.AddWarning("The pull of activity is not complete", fmt.Sprintf("Refreshing the %s: the pull of activity ended at a "+
			"checkpoint, and the next run goes on from there. Nobody becomes a removal candidate before one complete pull; to go on "+
			"now, %s.", what, r.again))
	}
	return run, diags
}

// nameOf is the display name of the profile; empty where it cannot be looked up, which the refresh itself will explain.
func (r refresh) nameOf(ctx context.Context, client *sam.Client) string {
	if r.profile != "" {
		return r.profile
	}
	profile, err := client.Profiles.Get(ctx, r.profileID)
	if err != nil {
		return ""
	}
	return profile.DisplayName
}

// subscriptionsOf is what messages call the subscriptions of a profile.
func subscriptionsOf(profile, profileID string) string {
	if profile != "" {
		return fmt.Sprintf("subscriptions of integration profile %q", profile)
	}
	return "subscriptions of integration profile " + profileID
}

package reclamationrule

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// ModifyPlan computes the plan from the configuration and the prior state. It looks at the instance for warnings, and for
// what an instance can do, which does not change between plan and apply.
func (r *ruleResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.Meta == nil {
		return
	}
	var state *model
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(warnOfDestroy(*state))
		return
	}
	var plan model
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	plan.Name, plan.AssignmentGroupID = types.StringUnknown(), types.StringUnknown()
	if state != nil {
		plan.Name = state.Name
		if plan.AssignmentGroup.Equal(state.AssignmentGroup) {
			plan.AssignmentGroupID = state.AssignmentGroupID
		}
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)

	client, diags := r.Meta.Client()
	if diags.HasError() {
		return // what the provider block lacks is told where something is needed of it
	}
	resp.Diagnostics.Append(checkNotice(ctx, client, plan))
	resp.Diagnostics.Append(r.warnOfLookback(ctx, client, plan)...)
	if state == nil {
		resp.Diagnostics.Append(warnOfObstacle(ctx, client, plan))
	}
}

// checkNotice refuses to notify people where no message can reach them. ServiceNow sends its own mail.
func checkNotice(ctx context.Context, client *sam.Client, plan model) diag.Diagnostic {
	if !plan.NotifyUser.ValueBool() {
		return nil
	}
	instance, err := client.Instance(ctx)
	if err != nil {
		return tfkit.WarningDiagnostic("ask whether the instance can notify users for", object(plan), err)
	}
	if instance.Kind != companion.KindEmbedded || instance.Notifications {
		return nil
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("notify_user"), "The instance cannot notify anybody", fmt.Sprintf(
		"The %s asks for notify_user, and this embedded instance has no channel that delivers a message: its candidates would wait "+
			"for an answer to a question that nobody was asked. Set notification_delivery in the embedded block of the provider, or leave "+
			"notify_user out.", object(plan)))
}

// warnOfLookback tells of profiles whose activity does not go as far back as the threshold.
func (r *ruleResource) warnOfLookback(ctx context.Context, client *sam.Client, plan model) diag.Diagnostics {
	profileType := plan.ProfileType.ValueString()
	t, known := dictionary.ProfileTypeByValue(r.Meta.ReleaseFamily, profileType)
	if !known || !t.ActivitySubflow || plan.LastActivityThreshold.IsUnknown() {
		return nil
	}
	threshold := int(plan.LastActivityThreshold.ValueInt64())
	var short []string
	for p, err := range client.Profiles.All(ctx, sam.ProfileFilter{ProfileType: profileType}) {
		if err != nil {
			return diag.Diagnostics{tfkit.WarningDiagnostic("compare with the look-back of its profiles the", object(plan), err)}
		}
		if days := r.lookback(p, t); p.DownloadActivity && days < threshold {
			short = append(short, fmt.Sprintf("  %s: %d days", p.DisplayName, days))
		}
	}
	if len(short) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("last_activity_threshold"), "The threshold goes beyond the look-back", fmt.Sprintf(
		"The %s calls a user stale after %d days, but activity is looked at for less in:\n%s\n\nWho was last active in between shows no "+
			"sign of activity. Shorten last_activity_threshold, or lengthen the look-back of the profile.",
		object(plan), threshold, strings.Join(short, "\n")))}
}

// lookback is how many days the activity of a profile goes back.
func (r *ruleResource) lookback(p sam.Profile, t dictionary.ProfileType) int {
	const day = 24
	if p.ActivityLookbackDays > 0 {
		return p.ActivityLookbackDays
	}
	if p.AnalyzeActivityFrom.IsZero() {
		return t.LookbackDays
	}
	return min(t.LookbackDays, int(r.Meta.Now().Sub(p.AnalyzeActivityFrom).Hours())/day)
}

// warnOfObstacle tells what the apply will refuse.
func warnOfObstacle(ctx context.Context, client *sam.Client, plan model) diag.Diagnostic {
	if plan.Product.ValueString() == "" && plan.ProfileType.ValueString() == "" {
		return nil
	}
	product, diags := findProduct(ctx, client, plan)
	if diags.HasError() {
		return diag.NewWarningDiagnostic(diags[0].Summary(), diags[0].Detail())
	}
	rule, err := client.Rules.FindByProduct(ctx, product.SysID)
	switch {
	case errors.Is(err, sam.ErrNotFound):
		return nil
	case err != nil:
		return tfkit.WarningDiagnostic("look at", object(plan), err)
	}
	if summary, detail := obstacle(plan, rule); summary != "" {
		return diag.NewWarningDiagnostic(summary, detail+"\n\nThe apply will fail.")
	}
	return nil
}

// warnOfDestroy tells what becomes of the rule.
func warnOfDestroy(state model) diag.Diagnostic {
	defaults := sam.DefaultRuleSettings()
	changed := state.settings(sam.Group{Name: state.AssignmentGroup.ValueString()}).Differences(defaults)
	if len(changed) == 0 {
		return nil
	}
	return diag.NewWarningDiagnostic("The reclamation rule returns to its defaults", fmt.Sprintf(
		"Destroying the %s leaves the rule on the instance, active, with a threshold of %d days, and opening candidates that nobody is "+
			"asked about. It changes: %s.", object(state), defaults.ThresholdDays, strings.Join(changed, ", ")))
}

package subscriptionsync

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var (
	_ action.ActionWithConfigure  = &syncAction{}
	_ action.ActionWithModifyPlan = &syncAction{}
)

// NewAction makes the action servicenowsam_subscription_sync.
func NewAction() action.Action { return &syncAction{} }

type syncAction struct{ tfkit.Action }

type actionModel struct {
	ProfileID          types.String   `tfsdk:"profile_id"`
	MaxRemovalFraction types.Float64  `tfsdk:"max_removal_fraction"`
	MaxDuration        types.String   `tfsdk:"max_duration"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
}

func (a *syncAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = "servicenowsam_subscription_sync"
}

func (a *syncAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Refreshes the subscriptions and the activity of a profile now (*Execute Now* on its job): the same " +
			"run as the resource `servicenowsam_subscription_sync`, without a record in the state. It never reclaims. Running it " +
			"again is harmless.\n\n" +
			"Roles: `sam_integrator`. The vendor's user needs what the profile's `required_permissions` say for the download. " +
			"Needs the companion app on a ServiceNow instance. An action needs Terraform 1.14.",
		Attributes: map[string]schema.Attribute{
			"profile_id": tfkit.ActionProfileID("; it must be published"),
			"max_removal_fraction": schema.Float64Attribute{
				Optional: true,
				MarkdownDescription: "The largest part of the known subscriptions that may vanish in this run (above 0, at most 1; " +
					"default 0.5). Above it nobody is removed.",
				Validators: []validator.Float64{float64validator.Between(0.0001, 1)},
			},
			"max_duration": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "How long the pull of activity may take, such as `30m`. It then ends at a checkpoint, from which the " +
					"next run goes on. Default: no limit.",
				Validators: []validator.String{tfkit.Duration()},
			},
			"timeouts": tfkit.ActionTimeouts(ctx, defaultTimeout),
		},
	}
}

// ModifyPlan checks that the profile exists. Whether it is published is for the run: this apply may publish it.
func (a *syncAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var id types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("profile_id"), &id)...)
	if resp.Diagnostics.HasError() || id.IsUnknown() || !a.Plans() {
		return
	}
	_, _, diags := a.Profile(ctx, "refresh", id)
	resp.Diagnostics.Append(diags...)
}

func (a *syncAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config actionModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := config.Timeouts.Invoke(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	_, profile, diags := a.Profile(ctx, "refresh", config.ProfileID)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	if !profile.Published() {
		resp.Diagnostics.AddAttributeError(path.Root("profile_id"), "The integration profile is not published", fmt.Sprintf(
			"Refreshing the subscriptions of the integration profile %q: its status is %s, and only a published profile "+
				"downloads. Publish it first (publish = true).", profile.DisplayName, profile.Status))
		return
	}

	fraction := defaultMaxRemovalFraction
	if !config.MaxRemovalFraction.IsNull() {
		fraction = config.MaxRemovalFraction.ValueFloat64()
	}
	client, _ := a.Meta.Client()
	say := a.Meta.Tell(ctx, "refresh", subscriptionsOf(profile.DisplayName, profile.SysID), resp.SendProgress)
	run, diags := refresh{
		profileID: profile.SysID, profile: profile.DisplayName, maxRemovalFraction: fraction, maxDuration: maxDuration(config.MaxDuration),
		again: "run the action again", say: say,
	}.run(ctx, client)
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() {
		say(summary(profile, run))
	}
}

// summary is the last progress line: an action leaves no record to look at.
func summary(profile sam.Profile, run sam.RefreshRun) string {
	return fmt.Sprintf("%s: %d users listed; %d subscriptions new, %d changed, %d removed; %d removal candidates opened",
		profile.DisplayName, run.Downloaded, run.Created, run.Updated, run.Removed, run.CandidatesOpened)
}

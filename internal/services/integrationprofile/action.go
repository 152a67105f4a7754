package integrationprofile

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var (
	_ action.ActionWithConfigure  = &validateAction{}
	_ action.ActionWithModifyPlan = &validateAction{}
)

// NewValidateAction makes the action servicenowsam_validate_connection.
func NewValidateAction() action.Action { return &validateAction{} }

type validateAction struct{ tfkit.Action }

type validateModel struct {
	ProfileID types.String   `tfsdk:"profile_id"`
	Timeouts  timeouts.Value `tfsdk:"timeouts"`
}

func (a *validateAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = "servicenowsam_validate_connection"
}

func (a *validateAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Checks the connection and the credential of a profile at the vendor (*Validate Connection*), such as " +
			"after a key was rotated. A connection that is not good fails the action. A published profile stays published " +
			"either way, and nothing changes at the vendor.\n\n" +
			"Roles: `sam_integrator`. The vendor's user needs what the profile's `required_permissions` say. Needs the companion " +
			"app on a ServiceNow instance. An action needs Terraform 1.14.",
		Attributes: map[string]schema.Attribute{
			"profile_id": tfkit.ActionProfileID(""),
			"timeouts":   tfkit.ActionTimeouts(ctx, defaultTimeout),
		},
	}
}

// ModifyPlan checks that the profile exists.
func (a *validateAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var id types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("profile_id"), &id)...)
	if resp.Diagnostics.HasError() || id.IsUnknown() || !a.Plans() {
		return
	}
	_, _, diags := a.Profile(ctx, "validate the connection of", id)
	resp.Diagnostics.Append(diags...)
}

func (a *validateAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config validateModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := config.Timeouts.Invoke(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	_, profile, diags := a.Profile(ctx, "validate the connection of", config.ProfileID)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := a.Meta.Client()
	m := model{ID: types.StringValue(profile.SysID), DisplayName: types.StringValue(profile.DisplayName)}
	resp.Diagnostics.Append(validate(ctx, client, m, "Correct the connection or the credential, and run the action again.",
		a.Meta.Tell(ctx, "validate", object(m), resp.SendProgress))...)
}

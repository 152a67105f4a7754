package reconciliation

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var (
	_ action.ActionWithConfigure  = &reconciliationAction{}
	_ action.ActionWithModifyPlan = &reconciliationAction{}
)

// NewAction makes the action servicenowsam_reconciliation.
func NewAction() action.Action { return &reconciliationAction{} }

type reconciliationAction struct{ tfkit.Action }

type actionModel struct {
	Publisher types.String   `tfsdk:"publisher"`
	Timeouts  timeouts.Value `tfsdk:"timeouts"`
}

func (a *reconciliationAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = typeName
}

func (a *reconciliationAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Runs the software license reconciliation now: the same run as the resource `servicenowsam_reconciliation`, " +
			"without a record in the state. It buys and takes away nothing. Running it again is harmless.\n\n" +
			"Roles: `sam_admin`. Needs the companion app on a ServiceNow instance. An action needs Terraform 1.14.",
		Attributes: map[string]schema.Attribute{
			"publisher": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Name of the publisher to reconcile, such as `Atlassian`. Default: all.",
				Validators:          tfkit.Name(255),
			},
			"timeouts": tfkit.ActionTimeouts(ctx, defaultTimeout),
		},
	}
}

// ModifyPlan checks that the publisher exists, and that the instance can be asked to reconcile.
func (a *reconciliationAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var publisher types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("publisher"), &publisher)...)
	if resp.Diagnostics.HasError() || publisher.IsUnknown() || !a.Plans() {
		return
	}
	_, _, diags := a.prepare(ctx, publisher)
	resp.Diagnostics.Append(diags...)
}

// prepare finds what to reconcile. Actions exist only as companion routes, so an instance without them is an error.
func (a *reconciliationAction) prepare(ctx context.Context, publisher types.String) (*sam.Client, string, diag.Diagnostics) {
	client, diags := a.Meta.Client()
	if diags.HasError() {
		return nil, "", diags
	}
	instance, err := client.Instance(ctx)
	if err == nil && instance.Mode == sam.ModeTable {
		err = sam.ErrNoCompanion
	}
	if err != nil {
		diags.Append(tfkit.ErrorDiagnostic("reconcile", rightsOf(publisher), err))
		return nil, "", diags
	}
	id, found := findPublisher(ctx, client, publisher)
	diags.Append(found...)
	return client, id, diags
}

func (a *reconciliationAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config actionModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := config.Timeouts.Invoke(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	client, id, diags := a.prepare(ctx, config.Publisher)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	what := rightsOf(config.Publisher)
	say := a.Meta.Tell(ctx, "reconcile", what, resp.SendProgress)
	outcome, diags := reconcile(ctx, client, id, what, say)
	resp.Diagnostics.Append(diags...)
	if !resp.Diagnostics.HasError() {
		say(summary(outcome))
	}
}

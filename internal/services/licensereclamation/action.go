package licensereclamation

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var (
	_ action.ActionWithConfigure  = &reclamationAction{}
	_ action.ActionWithModifyPlan = &reclamationAction{}
)

// NewAction makes the action servicenowsam_license_reclamation.
func NewAction() action.Action { return &reclamationAction{} }

type reclamationAction struct{ tfkit.Action }

type actionModel struct {
	ProfileID   types.String   `tfsdk:"profile_id"`
	Candidates  types.Set      `tfsdk:"candidates"`
	MaxRemovals types.Int64    `tfsdk:"max_removals"`
	Evidence    types.Object   `tfsdk:"evidence"`
	Timeouts    timeouts.Value `tfsdk:"timeouts"`

	profile string // display name, as far as it is known
}

func (m actionModel) object() string { return reclamationOf(m.profile, m.ProfileID.ValueString()) }

func (a *reclamationAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = "servicenowsam_license_reclamation"
}

func (a *reclamationAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Takes licences back from the people behind the removal candidates that are named one by one; there is " +
			"no way to say *all*.\n\n" +
			"The plan shows a line per person. The action checks each candidate again (still open, still idle, not protected) " +
			"and leaves alone whom it may not touch. It does nothing at all where a number is unknown, belongs to another " +
			"profile or to a user whom `reclamation_policy` protects, or where there are more than `max_removals`. Running it " +
			"again is harmless: who has no licence any more is passed over.\n\n" +
			"The resource `servicenowsam_license_reclamation` is the better tool where a plan finds the candidates and a person " +
			"reviews them; it also keeps a record of the outcomes.\n\n" +
			"Roles: `sam_user`. The vendor's user needs what the profile's `required_permissions` say for reclaim. Needs the " +
			"companion app on a ServiceNow instance. An action needs Terraform 1.14.",
		Attributes: map[string]schema.Attribute{
			"profile_id": tfkit.ActionProfileID(" that the candidates belong to"),
			"candidates": schema.SetAttribute{
				ElementType:         types.StringType,
				Required:            true,
				MarkdownDescription: "Numbers of the removal candidates, such as the rows of a reviewed file. At least one.",
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
				},
			},
			"max_removals": schema.Int64Attribute{
				Required:            true,
				MarkdownDescription: "The most licences that one run may take back. With more to take, it takes none and fails.",
				Validators:          []validator.Int64{int64validator.AtLeast(0)},
			},
			"evidence": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Who decided and why. Goes into the work notes of the candidates.",
				Attributes: map[string]schema.Attribute{
					"reason":           schema.StringAttribute{Optional: true, MarkdownDescription: "Why the licences are taken back."},
					"change_reference": schema.StringAttribute{Optional: true, MarkdownDescription: "Number of the change or ticket."},
					"approved_by":      schema.StringAttribute{Optional: true, MarkdownDescription: "Who approved."},
					"run_url":          schema.StringAttribute{Optional: true, MarkdownDescription: "Address of the CI run or pull request."},
				},
			},
			"timeouts": tfkit.ActionTimeouts(ctx, defaultTimeout),
		},
	}
}

// ModifyPlan checks everything that the run will check, and shows who would lose a licence.
func (a *reclamationAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var config actionModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(config.refuseUnknown()...)
	if resp.Diagnostics.HasError() || !a.Plans() {
		return
	}
	found, diags := a.choose(ctx, config)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() || len(found.chosen) == 0 {
		return
	}
	resp.Diagnostics.Append(review{
		profile: found.profile.DisplayName, profileType: found.profile.ProfileType,
		currency: found.instance.Currency, limit: config.MaxRemovals.ValueInt64(), family: a.Meta.ReleaseFamily,
		remark: "Whoever is active again by the time it runs keeps the licence.",
	}.warning(found.chosen, found.names))
	client, _ := a.Meta.Client()
	resp.Diagnostics.Append(warnFrozen(a.Meta)...)
	resp.Diagnostics.Append(strangers(ctx, client, found.profile.SysID, a.Meta.Policy.ProtectedUsers(a.Meta.Now()))...)
}

func (m actionModel) refuseUnknown() diag.Diagnostics {
	var diags diag.Diagnostics
	for name, value := range map[string]attr.Value{
		"profile_id": m.ProfileID, "candidates": m.Candidates, "max_removals": m.MaxRemovals, "evidence": m.Evidence,
	} {
		if holdsUnknown(value) {
			diags.Append(unknownValue(path.Root(name)))
		}
	}
	return diags
}

func (a *reclamationAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config actionModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := config.Timeouts.Invoke(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	found, diags := a.choose(ctx, config)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	config.profile = found.profile.DisplayName
	say := a.Meta.Tell(ctx, "reclaim", config.object(), resp.SendProgress)
	if len(found.chosen) == 0 {
		say("nothing to reclaim")
		return
	}
	if resp.Diagnostics.Append(refuseFrozen(a.Meta, config.object())...); resp.Diagnostics.HasError() {
		return
	}
	request := newRequest(a.Meta)
	for _, c := range found.chosen {
		c.addTo(&request)
	}
	request.Evidence, diags = evidenceOf(ctx, config.Evidence, a.Meta.Evidence)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}

	client, _ := a.Meta.Client()
	outcome, err := reclaimed(ctx, client, a.Meta, found.instance, request, say)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("reclaim for", config.object(), err))
	}
	resp.Diagnostics.Append(face{
		object: config.object(), retry: "Run the action again to try them once more.", goOn: "Run the action again to go on.",
	}.report(len(request.Candidates), outcome)...)
}

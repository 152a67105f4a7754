package exclusionrule

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var (
	_ resource.ResourceWithConfigure   = &ruleResource{}
	_ resource.ResourceWithIdentity    = &ruleResource{}
	_ resource.ResourceWithImportState = &ruleResource{}
	_ resource.ResourceWithModifyPlan  = &ruleResource{}
)

// NewIdentifierResource makes the resource servicenowsam_subscription_identifier_exclusion_rule.
func NewIdentifierResource() resource.Resource { return &ruleResource{kind: identifierKind} }

// NewUserResource makes the resource servicenowsam_subscription_user_exclusion_rule.
func NewUserResource() resource.Resource { return &ruleResource{kind: userKind} }

type ruleResource struct {
	kind kind
	tfkit.Record
}

func (r *ruleResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = r.kind.typeName
}

// ModifyPlan refuses what the instance of the configuration cannot have.
func (r *ruleResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.Meta == nil || req.Plan.Raw.IsNull() {
		return
	}
	plan, diags := r.kind.get(ctx, req.Plan)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	if r.Meta.ReleaseFamily == dictionary.WashingtonDC {
		resp.Diagnostics.Append(r.kind.lacking(r.Meta.ReleaseFamily))
		return
	}
	resp.Diagnostics.Append(r.checkProfileType(plan))
}

// checkProfileType refuses a type that the embedded instance does not know. ServiceNow has more types than the catalogue.
func (r *ruleResource) checkProfileType(plan model) diag.Diagnostic {
	value := plan.ProfileType.ValueString()
	if _, known := dictionary.ProfileTypeByValue(r.Meta.ReleaseFamily, value); value == "" || known || r.Meta.DatabasePath == "" {
		return nil
	}
	var values []string
	for _, t := range dictionary.ProfileTypes(r.Meta.ReleaseFamily) {
		values = append(values, t.Value)
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("profile_type"), "Unknown profile type", fmt.Sprintf(
		"There is no profile type %q. Known types: %s.", value, strings.Join(values, ", ")))
}

func (r *ruleResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	plan, diags := r.kind.get(ctx, req.Plan)
	resp.Diagnostics.Append(diags...)
	client, diags := r.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	before, err := client.Instance(ctx)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("create", r.kind.object(plan), err))
		return
	}
	if before.ReleaseFamily == dictionary.WashingtonDC {
		resp.Diagnostics.Append(r.kind.lacking(before.ReleaseFamily))
		return
	}
	created, err := client.Exclusions.Create(ctx, r.kind.ExclusionKind, plan.exclusion())
	if err != nil {
		resp.Diagnostics.Append(r.failed("create", plan, err))
		return
	}
	instance := r.Meta.Created(ctx, before, &resp.Diagnostics)
	resp.Diagnostics.Append(r.kind.set(ctx, &resp.State, newModel(created))...)
	resp.Diagnostics.Append(r.Keep(ctx, resp.Identity, resp.Private, instance, created.SysID)...)
}

func (r *ruleResource) failed(operation string, m model, err error) diag.Diagnostic {
	if exists := new(sam.ExistsError); errors.As(err, &exists) {
		return tfkit.Exists(r.kind.typeName, string(r.kind.ExclusionKind)+" exclusion rule", m.Key.ValueString(), exists.SysID)
	}
	return tfkit.ErrorDiagnostic(operation, r.kind.object(m), err)
}

func (r *ruleResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state, diags := r.kind.get(ctx, req.State)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	instance, diags := r.Meta.CheckInstance(ctx, req.Private, r.kind.object(state))
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(r.Keep(ctx, resp.Identity, resp.Private, instance, state.ID.ValueString())...)

	client, _ := r.Meta.Client()
	current, err := client.Exclusions.Get(ctx, r.kind.ExclusionKind, state.ID.ValueString())
	switch {
	case errors.Is(err, sam.ErrNotFound):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read", r.kind.object(state), err))
		return
	}
	resp.Diagnostics.Append(r.kind.set(ctx, &resp.State, newModel(current))...)
}

func (r *ruleResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	plan, diags := r.kind.get(ctx, req.Plan)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	instance, diags := r.Meta.CheckInstance(ctx, req.Private, r.kind.object(plan))
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	updated, err := client.Exclusions.Update(ctx, r.kind.ExclusionKind, plan.exclusion())
	if err != nil {
		resp.Diagnostics.Append(r.failed("update", plan, err))
		return
	}
	resp.Diagnostics.Append(r.kind.set(ctx, &resp.State, newModel(updated))...)
	resp.Diagnostics.Append(tfkit.SetIdentity(ctx, resp.Identity, instance.ID, updated.SysID)...)
}

func (r *ruleResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state, diags := r.kind.get(ctx, req.State)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	_, diags = r.Meta.CheckInstance(ctx, req.Private, r.kind.object(state))
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	if err := client.Exclusions.Delete(ctx, r.kind.ExclusionKind, state.ID.ValueString()); err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("delete", r.kind.object(state), err))
	}
}

func (r *ruleResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	what := string(r.kind.ExclusionKind) + " exclusion rule"
	id, instance, diags := r.Meta.ImportID(ctx, req, what)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	rule, err := client.Exclusions.Get(ctx, r.kind.ExclusionKind, id)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("import", fmt.Sprintf("%s %q", what, id), err))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), rule.SysID)...)
	resp.Diagnostics.Append(tfkit.SetIdentity(ctx, resp.Identity, instance.ID, rule.SysID)...)
}

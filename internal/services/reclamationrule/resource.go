// Package reclamationrule is the Terraform surface of reclamation rules.
package reclamationrule

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var (
	_ resource.ResourceWithConfigure        = &ruleResource{}
	_ resource.ResourceWithConfigValidators = &ruleResource{}
	_ resource.ResourceWithIdentity         = &ruleResource{}
	_ resource.ResourceWithImportState      = &ruleResource{}
	_ resource.ResourceWithModifyPlan       = &ruleResource{}
	_ resource.ResourceWithValidateConfig   = &ruleResource{}
)

const typeName = "servicenowsam_reclamation_rule"

// NewResource makes the resource servicenowsam_reclamation_rule.
func NewResource() resource.Resource { return &ruleResource{} }

type ruleResource struct{ tfkit.Record }

func (r *ruleResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = typeName
}

// Create adopts the rule that publishing made.
func (r *ruleResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, diags := r.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	instance, err := client.Instance(ctx)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("adopt", object(plan), err))
		return
	}
	product, diags := findProduct(ctx, client, plan)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	group, diags := findGroup(ctx, client, plan)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	rule, diags := r.findRule(ctx, client, plan, product)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	rule, diags = r.adopt(ctx, client, plan, rule, group)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	saved := plan
	saved.ProductID = types.StringValue(product.SysID)
	saved.fromAPI(rule)
	resp.Diagnostics.Append(resp.State.Set(ctx, &saved)...)
	resp.Diagnostics.Append(r.Keep(ctx, resp.Identity, resp.Private, instance, rule.SysID)...)
}

func (r *ruleResource) adopt(
	ctx context.Context, client *sam.Client, plan model, rule sam.ReclamationRule, group sam.Group,
) (sam.ReclamationRule, diag.Diagnostics) {
	if !r.Meta.Claim(rule.SysID) {
		return rule, diag.Diagnostics{diag.NewErrorDiagnostic("Two resources for one reclamation rule", fmt.Sprintf(
			"Adopting the %s: another resource of this configuration manages it already. A product has one rule; remove one of the two.",
			object(plan)))}
	}
	if summary, detail := obstacle(plan, rule); summary != "" {
		r.Meta.Unclaim(rule.SysID)
		return rule, diag.Diagnostics{diag.NewErrorDiagnostic(summary, detail)}
	}
	adopted, err := client.Rules.Adopt(ctx, rule.SysID, plan.settings(group))
	if err != nil {
		r.Meta.Unclaim(rule.SysID)
		return rule, failed("adopt", plan, err)
	}
	return adopted, nil
}

func (r *ruleResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	instance, diags := r.Meta.CheckInstance(ctx, req.Private, object(state))
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(r.Keep(ctx, resp.Identity, resp.Private, instance, state.ID.ValueString())...)

	client, _ := r.Meta.Client()
	rule, err := client.Rules.Get(ctx, state.ID.ValueString())
	switch {
	case errors.Is(err, sam.ErrNotFound):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read", object(state), err))
		return
	}
	state.fromAPI(rule)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

func (r *ruleResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	instance, diags := r.Meta.CheckInstance(ctx, req.Private, object(plan))
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	group, diags := findGroup(ctx, client, plan)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	rule, err := client.Rules.Update(ctx, state.ID.ValueString(), plan.settings(group))
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("update", object(plan), err))
		return
	}
	saved := plan
	saved.fromAPI(rule)
	saved.keepPlanned(plan)
	resp.Diagnostics.Append(resp.State.Set(ctx, &saved)...)
	resp.Diagnostics.Append(tfkit.SetIdentity(ctx, resp.Identity, instance.ID, rule.SysID)...)
}

// Delete returns the rule to the documented defaults.
func (r *ruleResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	_, diags := r.Meta.CheckInstance(ctx, req.Private, object(state))
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	if err := client.Rules.Release(ctx, state.ID.ValueString()); err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("return to its defaults the", object(state), err))
		return
	}
	r.Meta.Unclaim(state.ID.ValueString())
}

func (r *ruleResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id, instance, diags := r.Meta.ImportID(ctx, req, "reclamation rule")
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	rule, err := findForImport(ctx, client, id)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("import", fmt.Sprintf("reclamation rule %q", id), err))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), rule.SysID)...)
	resp.Diagnostics.Append(tfkit.SetIdentity(ctx, resp.Identity, instance.ID, rule.SysID)...)
}

// findForImport finds a rule by its sys_id or by the name of its product.
func findForImport(ctx context.Context, client *sam.Client, id string) (sam.ReclamationRule, error) {
	if tfkit.IsSysID(id) {
		return client.Rules.Get(ctx, id)
	}
	product, err := client.Rules.Product(ctx, id)
	if err != nil {
		return sam.ReclamationRule{}, err
	}
	return client.Rules.FindByProduct(ctx, product.SysID)
}

// Package softwareentitlement is the Terraform surface of software entitlements.
package softwareentitlement

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var (
	_ resource.ResourceWithConfigure        = &entitlementResource{}
	_ resource.ResourceWithConfigValidators = &entitlementResource{}
	_ resource.ResourceWithIdentity         = &entitlementResource{}
	_ resource.ResourceWithImportState      = &entitlementResource{}
	_ resource.ResourceWithModifyPlan       = &entitlementResource{}
	_ resource.ResourceWithValidateConfig   = &entitlementResource{}
)

const typeName = "servicenowsam_software_entitlement"

// NewResource makes the resource servicenowsam_software_entitlement.
func NewResource() resource.Resource { return &entitlementResource{} }

type entitlementResource struct{ tfkit.Record }

func (r *entitlementResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = typeName
}

func (r *entitlementResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, diags := r.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	before, err := client.Instance(ctx)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("create", object(plan), err))
		return
	}
	if resp.Diagnostics.Append(wrongCurrency(plan, before)...); resp.Diagnostics.HasError() {
		return
	}
	softwareModel, diags := findModel(ctx, client, "create", plan)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	entitlement, err := client.Entitlements.Create(ctx, plan.input(softwareModel))
	if err != nil && entitlement.SysID == "" {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("create", object(plan), err))
		return
	}
	if err != nil {
		// What was stored otherwise than asked for must not stay behind unmanaged.
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("create", object(plan), errors.Join(err, client.Entitlements.Delete(ctx, entitlement.SysID))))
		return
	}
	instance := r.Meta.Created(ctx, before, &resp.Diagnostics)
	plan.fromAPI(entitlement, instance)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(r.Keep(ctx, resp.Identity, resp.Private, instance, entitlement.SysID)...)
}

// wrongCurrency refuses an amount that would be taken for another currency.
func wrongCurrency(m model, instance sam.Instance) (diags diag.Diagnostics) {
	wanted := m.Currency.ValueString()
	switch {
	case wanted == "" || wanted == instance.Currency || instance.ID == "":
	case instance.Currency == "":
		diags.AddAttributeError(path.Root("currency"), "The currency of the instance is not known", fmt.Sprintf(
			"The %s has currency = %q, but the instance does not say in which currency it keeps amounts, so that this cannot be checked. "+
				"Leave currency out, and write unit_cost in the currency of the instance.", object(m), wanted))
	default:
		diags.AddAttributeError(path.Root("currency"), "The instance keeps amounts in another currency", fmt.Sprintf(
			"The %s has currency = %q, but the instance keeps all amounts in %s and converts none. Convert unit_cost, and set "+
				"currency = %q or leave it out. The currency of an embedded instance without any amounts is that of its provider block "+
				"(currency).", object(m), wanted, instance.Currency, instance.Currency))
	}
	return diags
}

func findModel(ctx context.Context, client *sam.Client, operation string, m model) (string, diag.Diagnostics) {
	id, err := m.softwareModel(ctx, client)
	switch {
	case errors.Is(err, errModel):
		return "", diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("product"), "The software model is not clear",
			fmt.Sprintf("Trying to %s the %s: %v.", operation, object(m), err))}
	case err != nil:
		return "", diag.Diagnostics{tfkit.ErrorDiagnostic("find the software model of", object(m), err)}
	}
	return id, nil
}

func (r *entitlementResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
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
	entitlement, err := client.Entitlements.Get(ctx, state.ID.ValueString())
	switch {
	case errors.Is(err, sam.ErrNotFound):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read", object(state), err))
		return
	}
	state.fromAPI(entitlement, instance)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

func (r *entitlementResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	instance, diags := r.Meta.CheckInstance(ctx, req.Private, object(plan))
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.Append(wrongCurrency(plan, instance)...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	softwareModel, diags := findModel(ctx, client, "update", plan)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	input := plan.input(softwareModel)
	if !plan.LicenseMetric.Equal(state.LicenseMetric) {
		group := dictionary.MetricGroupSubscription
		input.MetricGroup, input.Metric = &group, plan.LicenseMetric.ValueStringPointer()
	}
	entitlement, err := client.Entitlements.Update(ctx, plan.ID.ValueString(), input)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("update", object(plan), err))
		return
	}
	plan.fromAPI(entitlement, instance)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(tfkit.SetIdentity(ctx, resp.Identity, instance.ID, plan.ID.ValueString())...)
}

func (r *entitlementResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	_, diags := r.Meta.CheckInstance(ctx, req.Private, object(state))
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	if err := client.Entitlements.Delete(ctx, state.ID.ValueString()); err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("delete", object(state), err))
	}
}

func (r *entitlementResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id, instance, diags := r.Meta.ImportID(ctx, req, "software entitlement")
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	entitlement, err := client.Entitlements.Get(ctx, id)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("import", fmt.Sprintf("software entitlement %q", id), err))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), entitlement.SysID)...)
	resp.Diagnostics.Append(tfkit.SetIdentity(ctx, resp.Identity, instance.ID, entitlement.SysID)...)
}

// Package subscriptionidentifier is the Terraform surface of subscription identifiers that no product definition knows.
package subscriptionidentifier

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var (
	_ resource.ResourceWithConfigure   = &assignment{}
	_ resource.ResourceWithIdentity    = &assignment{}
	_ resource.ResourceWithImportState = &assignment{}
)

const typeName = "servicenowsam_subscription_identifier_model"

// NewResource makes the resource servicenowsam_subscription_identifier_model.
func NewResource() resource.Resource { return &assignment{} }

type assignment struct{ tfkit.Record }

func (r *assignment) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = typeName
}

func (r *assignment) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, diags := r.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	instance, err := client.Instance(ctx)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("assign the", object(plan), err))
		return
	}
	row, err := client.Identifiers.Find(ctx, plan.Identifier.ValueString())
	switch {
	case errors.Is(err, sam.ErrNotFound):
		resp.Diagnostics.AddAttributeError(path.Root("subscription_identifier"), "The identifier is not among the unrecognized ones", fmt.Sprintf(
			"Assigning the %s: no subscription has this identifier, or a product definition knows it, so that its subscriptions have a "+
				"software model already. Check the spelling (servicenowsam_unrecognized_subscription_identifiers lists them), or refresh the "+
				"subscriptions first with servicenowsam_subscription_sync.", object(plan)))
		return
	case err != nil:
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("find the identifier for the", object(plan), err))
		return
	case row.ModelSysID != "":
		resp.Diagnostics.Append(tfkit.Exists(typeName, "software model of the subscription identifier", row.Identifier, row.SysID))
		return
	}
	if err := client.Identifiers.Assign(ctx, row.SysID, plan.SoftwareModelID.ValueString()); err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("assign the", object(plan), err))
		return
	}
	plan.ID = types.StringValue(row.SysID)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(r.Keep(ctx, resp.Identity, resp.Private, instance, row.SysID)...)
}

func (r *assignment) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
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
	row, err := client.Identifiers.Get(ctx, state.ID.ValueString())
	switch {
	case errors.Is(err, sam.ErrNotFound):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read the", object(state), err))
		return
	}
	state.fromAPI(row)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

func (r *assignment) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan model
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	instance, diags := r.Meta.CheckInstance(ctx, req.Private, object(plan))
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	if err := client.Identifiers.Assign(ctx, plan.ID.ValueString(), plan.SoftwareModelID.ValueString()); err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("assign the", object(plan), err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(r.Keep(ctx, resp.Identity, resp.Private, instance, plan.ID.ValueString())...)
}

func (r *assignment) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	if _, diags := r.Meta.CheckInstance(ctx, req.Private, object(state)); diags.HasError() {
		resp.Diagnostics.Append(diags...)
		return
	}
	client, _ := r.Meta.Client()
	if err := client.Identifiers.Assign(ctx, state.ID.ValueString(), ""); err != nil && !errors.Is(err, sam.ErrNotFound) {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("clear the", object(state), err))
	}
}

func (r *assignment) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id, instance, diags := r.Meta.ImportID(ctx, req, "subscription identifier")
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	find := client.Identifiers.Find
	if tfkit.IsSysID(id) {
		find = client.Identifiers.Get
	}
	row, err := find(ctx, id)
	switch {
	case err != nil:
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("import the software model of", fmt.Sprintf("subscription identifier %q", id), err))
		return
	case row.ModelSysID == "":
		resp.Diagnostics.AddError("Nobody assigned a software model", fmt.Sprintf("Importing the software model of subscription identifier "+
			"%q: it has none. Let Terraform create the resource instead.", row.Identifier))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), row.SysID)...)
	resp.Diagnostics.Append(tfkit.SetIdentity(ctx, resp.Identity, instance.ID, row.SysID)...)
}

// Package userresolutionrule is the Terraform surface of user resolution rules.
package userresolutionrule

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var (
	_ resource.ResourceWithConfigure      = &rule{}
	_ resource.ResourceWithIdentity       = &rule{}
	_ resource.ResourceWithImportState    = &rule{}
	_ resource.ResourceWithValidateConfig = &rule{}
)

const typeName = "servicenowsam_user_resolution_rule"

// NewResource makes the resource servicenowsam_user_resolution_rule.
func NewResource() resource.Resource { return &rule{} }

type rule struct{ tfkit.Record }

func (r *rule) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = typeName
}

func (r *rule) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, diags := r.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	in, diags := plan.input(ctx)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	before, err := client.Instance(ctx)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("create", object(plan), err))
		return
	}
	created, err := client.ResolutionRules.Create(ctx, in)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("create", object(plan), err))
		if created.SysID != "" { // stored, but not as asked for
			if err := client.ResolutionRules.Delete(ctx, created.SysID); err != nil {
				resp.Diagnostics.Append(tfkit.ErrorDiagnostic("take back", object(plan), err))
			}
		}
		return
	}
	instance := r.Meta.Created(ctx, before, &resp.Diagnostics)
	resp.Diagnostics.Append(plan.fromAPI(ctx, created)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(r.Keep(ctx, resp.Identity, resp.Private, instance, created.SysID)...)
}

func (r *rule) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
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
	current, err := client.ResolutionRules.Get(ctx, state.ID.ValueString())
	switch {
	case errors.Is(err, sam.ErrNotFound):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read", object(state), err))
		return
	}
	resp.Diagnostics.Append(state.fromAPI(ctx, current)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

func (r *rule) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan model
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	instance, diags := r.Meta.CheckInstance(ctx, req.Private, object(plan))
	resp.Diagnostics.Append(diags...)
	in, diags := plan.input(ctx)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	updated, err := client.ResolutionRules.Update(ctx, plan.ID.ValueString(), in)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("update", object(plan), err))
		return
	}
	resp.Diagnostics.Append(plan.fromAPI(ctx, updated)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(r.Keep(ctx, resp.Identity, resp.Private, instance, plan.ID.ValueString())...)
}

func (r *rule) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	if _, diags := r.Meta.CheckInstance(ctx, req.Private, object(state)); diags.HasError() {
		resp.Diagnostics.Append(diags...)
		return
	}
	client, _ := r.Meta.Client()
	if err := client.ResolutionRules.Delete(ctx, state.ID.ValueString()); err != nil && !errors.Is(err, sam.ErrNotFound) {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("delete", object(state), err))
	}
}

func (r *rule) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id, instance, diags := r.Meta.ImportID(ctx, req, "user resolution rule")
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	if !tfkit.IsSysID(id) {
		resp.Diagnostics.AddError("Not a sys_id", fmt.Sprintf("Importing the user resolution rule %q: rules are imported by the sys_id of "+
			"their record (32 hexadecimal digits), because their names need not be unique.", id))
		return
	}
	current, err := client.ResolutionRules.Get(ctx, id)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("import", fmt.Sprintf("user resolution rule %q", id), err))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), current.SysID)...)
	resp.Diagnostics.Append(tfkit.SetIdentity(ctx, resp.Identity, instance.ID, current.SysID)...)
}

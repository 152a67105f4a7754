// Package childalias is the Terraform surface of child aliases.
package childalias

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit/connection"
)

var (
	_ resource.ResourceWithConfigure        = &childResource{}
	_ resource.ResourceWithConfigValidators = &childResource{}
	_ resource.ResourceWithIdentity         = &childResource{}
	_ resource.ResourceWithImportState      = &childResource{}
	_ resource.ResourceWithModifyPlan       = &childResource{}
)

const typeName = "servicenowsam_child_alias"

// NewResource makes the resource servicenowsam_child_alias.
func NewResource() resource.Resource { return &childResource{} }

type childResource struct{ tfkit.Record }

func (r *childResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = typeName
}

func (r *childResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	client, diags := r.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	before, err := client.Instance(ctx)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("create", object(plan), err))
		return
	}
	parent, diags := findParent(ctx, client, plan)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	alias, err := client.Aliases.CreateChild(ctx, sam.ChildInput{
		ParentSysID: parent.SysID, Name: plan.Name.ValueString(),
		DownloadActivity: plan.DownloadActivity.ValueBoolPointer(), ReclaimSubscriptions: plan.ReclaimSubscriptions.ValueBoolPointer(),
	})
	var exists *sam.ExistsError
	switch {
	case errors.As(err, &exists):
		resp.Diagnostics.Append(tfkit.Exists(typeName, "child alias", plan.Name.ValueString(), exists.SysID))
		return
	case err != nil:
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("create", object(plan), err))
		return
	}
	saved, diags := r.save(ctx, client, before, alias, &plan, config, nil)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		resp.Diagnostics.Append(connection.TakeBack(ctx, client, alias))
		return
	}
	instance := r.Meta.Created(ctx, before, &resp.Diagnostics)
	plan.ID = types.StringValue(alias.SysID)
	plan.AliasID = types.StringValue(alias.ID)
	plan.inherit(alias)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(r.Keep(ctx, resp.Identity, resp.Private, instance, alias.SysID)...)
	resp.Diagnostics.Append(connection.PinCredential(ctx, resp.Private, saved.Credential)...)
}

// findParent finds the parent by sys_id or full id. It must not be a child itself.
func findParent(ctx context.Context, client *sam.Client, plan model) (sam.Alias, diag.Diagnostics) {
	named := plan.Parent.ValueString()
	find := client.Aliases.FindByID
	if tfkit.IsSysID(named) {
		find = client.Aliases.Get
	}
	parent, err := find(ctx, named)
	switch {
	case errors.Is(err, sam.ErrNotFound):
		return parent, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("parent"), "No such connection alias", fmt.Sprintf(
			"Creating the %s: the instance has no alias %q to be its parent. A spoke brings its aliases along; check the id.",
			object(plan), named))}
	case err != nil:
		return parent, diag.Diagnostics{tfkit.ErrorDiagnostic("find the parent of", object(plan), err)}
	case parent.ParentSysID != "":
		return parent, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("parent"), "A child alias cannot have children",
			fmt.Sprintf("Creating the %s: the alias %s is itself a child of %s, and there is one level of children. Set parent = %q.",
				object(plan), parent.ID, parent.ParentID, parent.ParentID))}
	}
	return parent, nil
}

// save saves the connection of an alias as planned.
func (r *childResource) save(
	ctx context.Context, client *sam.Client, instance sam.Instance, alias sam.Alias, plan *model, config model, state *model,
) (connection.Saved, diag.Diagnostics) {
	vendor, shipped := dictionary.ProfileTypeOfAlias(instance.ReleaseFamily, alias.ParentID)
	if !shipped {
		vendor, _ = dictionary.ProfileTypeByValue(instance.ReleaseFamily, config.ProfileType.ValueString())
	}
	request := connection.SaveRequest{
		Client: client, Instance: instance, Now: r.Meta.Now(), What: object(*plan), AliasSysID: alias.SysID, Vendor: vendor,
		Config: config.Model,
	}
	if state != nil {
		request.State = &state.Model
	}
	return plan.Save(ctx, request)
}

func (r *childResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
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
	alias, err := client.Aliases.Get(ctx, state.ID.ValueString())
	switch {
	case errors.Is(err, sam.ErrNotFound):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read", object(state), err))
		return
	}
	current, err := client.Aliases.Connection(ctx, alias.SysID)
	if err != nil && !errors.Is(err, sam.ErrNotFound) {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read the connection of", object(state), err))
		return
	}
	state.fromAPI(alias, current, r.Meta.Now())
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	resp.Diagnostics.Append(state.CheckCredential(ctx, req.Private, resp.Private, object(state), current.Credential)...)
	resp.Diagnostics.Append(state.WarnExpired(object(state), alias.ID, r.Meta.DatabasePath))
}

func (r *childResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	instance, diags := r.Meta.CheckInstance(ctx, req.Private, object(plan))
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	alias := sam.Alias{SysID: state.ID.ValueString(), ParentID: state.ParentAliasID.ValueString()}
	saved, diags := r.save(ctx, client, instance, alias, &plan, config, &state)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	plan.keepInherited(state)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(tfkit.SetIdentity(ctx, resp.Identity, instance.ID, plan.ID.ValueString())...)
	resp.Diagnostics.Append(connection.PinSaved(ctx, req.Private, resp.Private, saved)...)
}

func (r *childResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	_, diags := r.Meta.CheckInstance(ctx, req.Private, object(state))
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	id := state.ID.ValueString()
	if resp.Diagnostics.Append(connection.RefuseInUse(ctx, client, id, object(state))...); resp.Diagnostics.HasError() {
		return
	}
	if resp.Diagnostics.Append(state.Model.Delete(ctx, client, id, object(state))); resp.Diagnostics.HasError() {
		return
	}
	if err := client.Aliases.Delete(ctx, id); err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("delete", object(state), err))
	}
}

func (r *childResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id, instance, diags := r.Meta.ImportID(ctx, req, "child alias")
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	find := client.Aliases.FindByID
	if tfkit.IsSysID(id) {
		find = client.Aliases.Get
	}
	alias, err := find(ctx, id)
	switch {
	case err != nil:
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("import", fmt.Sprintf("child alias %q", id), err))
		return
	case alias.ParentSysID == "":
		resp.Diagnostics.AddError("The alias is no child", fmt.Sprintf("Importing the child alias %q: it has no parent. Import it as "+
			"servicenowsam_connection_alias.", id))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), alias.SysID)...)
	resp.Diagnostics.Append(tfkit.SetIdentity(ctx, resp.Identity, instance.ID, alias.SysID)...)
}

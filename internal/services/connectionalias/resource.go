// Package connectionalias is the Terraform surface of connection and credential aliases.
package connectionalias

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit/connection"
)

var (
	_ resource.ResourceWithConfigure        = &aliasResource{}
	_ resource.ResourceWithConfigValidators = &aliasResource{}
	_ resource.ResourceWithIdentity         = &aliasResource{}
	_ resource.ResourceWithImportState      = &aliasResource{}
	_ resource.ResourceWithModifyPlan       = &aliasResource{}
)

const typeName = "servicenowsam_connection_alias"

// NewResource makes the resource servicenowsam_connection_alias.
func NewResource() resource.Resource { return &aliasResource{} }

type aliasResource struct{ tfkit.Record }

func (r *aliasResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = typeName
}

func (r *aliasResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
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

	alias, diags := obtainAlias(ctx, client, plan)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	saved, diags := r.save(ctx, client, before, alias.SysID, &plan, config, nil)
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		if plan.Adopt.IsNull() {
			resp.Diagnostics.Append(connection.TakeBack(ctx, client, alias))
		}
		return
	}
	instance := r.Meta.Created(ctx, before, &resp.Diagnostics)

	plan.ID = types.StringValue(alias.SysID)
	plan.AliasID = types.StringValue(alias.ID)
	plan.Type = types.StringValue(alias.Type)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(r.Keep(ctx, resp.Identity, resp.Private, instance, alias.SysID)...)
	resp.Diagnostics.Append(connection.PinCredential(ctx, resp.Private, saved.Credential)...)
}

// save saves the connection of an alias as planned.
func (r *aliasResource) save(
	ctx context.Context, client *sam.Client, instance sam.Instance, alias string, plan *model, config model, state *model,
) (connection.Saved, diag.Diagnostics) {
	vendor, _ := r.profileType(config)
	request := connection.SaveRequest{
		Client: client, Instance: instance, Now: r.Meta.Now(), What: object(*plan), AliasSysID: alias, Vendor: vendor, Config: config.Model,
	}
	if state != nil {
		request.State = &state.Model
	}
	return plan.Save(ctx, request)
}

// obtainAlias finds the alias to adopt, or makes a new one.
func obtainAlias(ctx context.Context, client *sam.Client, plan model) (sam.Alias, diag.Diagnostics) {
	if plan.Adopt.IsNull() {
		return createAlias(ctx, client, plan)
	}
	return adoptAlias(ctx, client, plan.Adopt.ValueString())
}

func createAlias(ctx context.Context, client *sam.Client, plan model) (sam.Alias, diag.Diagnostics) {
	alias, err := client.Aliases.Create(ctx, sam.AliasInput{
		Name:        plan.Name.ValueString(),
		ProfileType: plan.ProfileType.ValueString(),
	})
	var exists *sam.ExistsError
	switch {
	case errors.As(err, &exists):
		return alias, diag.Diagnostics{tfkit.Exists(typeName, "connection alias", plan.Name.ValueString(), exists.SysID)}
	case err != nil:
		return alias, diag.Diagnostics{tfkit.ErrorDiagnostic("create", object(plan), err)}
	}
	return alias, nil
}

func adoptAlias(ctx context.Context, client *sam.Client, id string) (sam.Alias, diag.Diagnostics) {
	what := fmt.Sprintf("connection alias %q", id)
	alias, err := client.Aliases.FindByID(ctx, id)
	if errors.Is(err, sam.ErrNotFound) {
		return alias, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("adopt"), "No such connection alias", fmt.Sprintf(
			"Adopting the %s: the instance has no alias of that id. A spoke brings its aliases along: install the spoke, or "+
				"make a new alias with name instead of adopt.", what))}
	}
	if err != nil {
		return alias, diag.Diagnostics{tfkit.ErrorDiagnostic("find", what, err)}
	}
	current, err := client.Aliases.Connection(ctx, alias.SysID)
	switch {
	case errors.Is(err, sam.ErrNotFound):
		return alias, nil
	case err != nil:
		return alias, diag.Diagnostics{tfkit.ErrorDiagnostic("read the connection of", what, err)}
	case current.Active:
		return alias, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("adopt"),
			"The connection alias has an active connection already", fmt.Sprintf(
				"Adopting the %s: it is in use through the active connection %q (%s), which this resource does not own. To let "+
					"Terraform manage that connection, import it:\n\n%s\n\nOtherwise deactivate the connection first, or make an "+
					"alias of your own with name.", what, current.Name, current.URL, tfkit.ImportBlock(typeName, id)))}
	}
	return alias, nil
}

func (r *aliasResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
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
	state.fromAPI(alias, current, r.Meta.ReleaseFamily, r.Meta.Now())
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	resp.Diagnostics.Append(state.CheckCredential(ctx, req.Private, resp.Private, object(state), current.Credential)...)
	resp.Diagnostics.Append(state.WarnExpired(object(state), alias.ID, r.Meta.DatabasePath))
}

func (r *aliasResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
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

	saved, diags := r.save(ctx, client, instance, plan.ID.ValueString(), &plan, config, &state)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	plan.AliasID = state.AliasID
	plan.Type = state.Type
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(tfkit.SetIdentity(ctx, resp.Identity, instance.ID, plan.ID.ValueString())...)
	resp.Diagnostics.Append(connection.PinSaved(ctx, req.Private, resp.Private, saved)...)
}

func (r *aliasResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	_, diags := r.Meta.CheckInstance(ctx, req.Private, object(state))
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	if state.Adopt.IsNull() {
		if resp.Diagnostics.Append(connection.RefuseInUse(ctx, client, state.ID.ValueString(), object(state))...); resp.Diagnostics.HasError() {
			return
		}
	}
	resp.Diagnostics.Append(state.Delete(ctx, client, state.ID.ValueString(), object(state)))
	if resp.Diagnostics.HasError() {
		return
	}
	if !state.Adopt.IsNull() {
		return
	}
	if err := client.Aliases.Delete(ctx, state.ID.ValueString()); err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("delete", object(state), err))
	}
}

func (r *aliasResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id, instance, diags := r.Meta.ImportID(ctx, req, "connection alias")
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	var alias sam.Alias
	var err error
	switch {
	case tfkit.IsSysID(id):
		alias, err = client.Aliases.Get(ctx, id)
	case strings.Contains(id, "."):
		alias, err = client.Aliases.FindByID(ctx, id)
	default:
		resp.Diagnostics.AddError("Unusable import id", fmt.Sprintf("Importing a connection alias: %q is neither a sys_id (32 "+
			"lower-case hexadecimal digits) nor the full id of an alias, such as sn_trello_spoke.Trello_Alias.", id))
		return
	}
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("import", fmt.Sprintf("connection alias %q", id), err))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), alias.SysID)...)
	resp.Diagnostics.Append(tfkit.SetIdentity(ctx, resp.Identity, instance.ID, alias.SysID)...)
}

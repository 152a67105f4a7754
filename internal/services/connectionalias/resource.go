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

type aliasResource struct{ meta *tfkit.Meta }

func (r *aliasResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = typeName
}

func (r *aliasResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	meta, diags := tfkit.FromProviderData(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	r.meta = meta
}

// credentialPin is the version of the credential record that we know. Another one means that somebody changed it.
type credentialPin struct {
	SysID    string `json:"sys_id"`
	ModCount int    `json:"sys_mod_count"`
}

var pinnedCredential = tfkit.Pin[credentialPin]{Key: "credential"}

func (r *aliasResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	client, diags := r.meta.Client()
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
	connection, err := client.Aliases.SaveConnection(ctx, sam.ConnectionInput{
		AliasSysID: alias.SysID,
		Name:       plan.ConnectionName.ValueString(),
		URL:        plan.ConnectionURL.ValueString(),
		Active:     plan.Active.ValueBool(),
		APIKey:     config.secret(),
	})
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("save the connection of", object(plan), err))
		if plan.Adopt.IsNull() {
			resp.Diagnostics.Append(forgetNewAlias(ctx, client, alias))
		}
		return
	}
	instance := r.meta.Created(ctx, before, &resp.Diagnostics)

	plan.ID = types.StringValue(alias.SysID)
	plan.AliasID = types.StringValue(alias.ID)
	plan.Type = types.StringValue(alias.Type)
	plan.ConnectionID = types.StringValue(connection.SysID)
	plan.CredentialID = types.StringValue(connection.Credential.SysID)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(tfkit.SetIdentity(ctx, resp.Identity, instance.ID, alias.SysID)...)
	resp.Diagnostics.Append(tfkit.PinInstance(ctx, resp.Private, instance)...)
	resp.Diagnostics.Append(pinCredential(ctx, resp.Private, connection.Credential)...)
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
	connection, err := client.Aliases.Connection(ctx, alias.SysID)
	switch {
	case errors.Is(err, sam.ErrNotFound):
		return alias, nil
	case err != nil:
		return alias, diag.Diagnostics{tfkit.ErrorDiagnostic("read the connection of", what, err)}
	case connection.Active:
		return alias, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("adopt"),
			"The connection alias has an active connection already", fmt.Sprintf(
				"Adopting the %s: it is in use through the active connection %q (%s), which this resource does not own. To let "+
					"Terraform manage that connection, import it:\n\n%s\n\nOtherwise deactivate the connection first, or make an "+
					"alias of your own with name.", what, connection.Name, connection.URL, tfkit.ImportBlock(typeName, id)))}
	}
	return alias, nil
}

// forgetNewAlias takes back the alias of a Create that failed before there was anything to keep, so that the next apply
// can start again.
func forgetNewAlias(ctx context.Context, client *sam.Client, alias sam.Alias) diag.Diagnostic {
	ctx = context.WithoutCancel(ctx)
	if connection, err := client.Aliases.Connection(ctx, alias.SysID); err == nil {
		if err := client.Aliases.DeleteConnection(ctx, connection); err != nil {
			return tfkit.WarningDiagnostic("take back the connection of", fmt.Sprintf("connection alias %q", alias.ID), err)
		}
	}
	if err := client.Aliases.Delete(ctx, alias.SysID); err != nil {
		return tfkit.WarningDiagnostic("take back", fmt.Sprintf("connection alias %q", alias.ID), err)
	}
	return nil
}

func (r *aliasResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	instance, diags := r.meta.CheckInstance(ctx, req.Private, object(state))
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(tfkit.SetIdentity(ctx, resp.Identity, instance.ID, state.ID.ValueString())...)
	resp.Diagnostics.Append(tfkit.PinInstance(ctx, resp.Private, instance)...)

	client, _ := r.meta.Client()
	alias, err := client.Aliases.Get(ctx, state.ID.ValueString())
	switch {
	case errors.Is(err, sam.ErrNotFound):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read", object(state), err))
		return
	}
	connection, err := client.Aliases.Connection(ctx, alias.SysID)
	if err != nil && !errors.Is(err, sam.ErrNotFound) {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read the connection of", object(state), err))
		return
	}
	state.fromAPI(alias, connection, r.meta.ReleaseFamily)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	resp.Diagnostics.Append(checkCredential(ctx, req.Private, resp.Private, state, connection.Credential)...)
}

// checkCredential warns of a credential that somebody else changed. It is no diff: the secrets cannot be read back, so
// nobody can tell whether they differ.
func checkCredential(
	ctx context.Context, known tfkit.PrivateReader, private tfkit.PrivateWriter, state model, current sam.Credential,
) diag.Diagnostics {
	pin, pinned, diags := pinnedCredential.Load(ctx, known)
	if diags.HasError() || current.SysID == "" {
		return diags
	}
	if !pinned {
		return pinCredential(ctx, private, current)
	}
	if pin.SysID != current.SysID || pin.ModCount != current.Meta.ModCount {
		diags.AddWarning("The credential was changed outside of Terraform", fmt.Sprintf(
			"The credential record %s of the %s was changed by %q at %s. Its secrets cannot be read back, so Terraform cannot "+
				"tell whether they differ from the configured ones. To send the configured key and token again, raise "+
				"api_key.key_wo_version or api_key.token_wo_version.",
			current.SysID, object(state), current.Meta.UpdatedBy, tfkit.TimeOrNull(current.Meta.UpdatedOn).ValueString()))
	}
	return diags
}

func pinCredential(ctx context.Context, private tfkit.PrivateWriter, c sam.Credential) diag.Diagnostics {
	return pinnedCredential.Save(ctx, private, credentialPin{SysID: c.SysID, ModCount: c.Meta.ModCount})
}

func (r *aliasResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	instance, diags := r.meta.CheckInstance(ctx, req.Private, object(plan))
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.meta.Client()

	input, before, diags := connectionUpdate(ctx, client, plan, state)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	if plan.sendsSecret(state) {
		input.APIKey = config.secret()
	}
	connection, err := client.Aliases.SaveConnection(ctx, input)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("update the connection of", object(plan), err))
		return
	}
	plan.AliasID = state.AliasID
	plan.Type = state.Type
	plan.ConnectionID = types.StringValue(connection.SysID)
	plan.CredentialID = types.StringValue(connection.Credential.SysID)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(tfkit.SetIdentity(ctx, resp.Identity, instance.ID, plan.ID.ValueString())...)
	known, _, diags := pinnedCredential.Load(ctx, req.Private)
	resp.Diagnostics.Append(diags...)
	if input.APIKey != nil || known == before {
		resp.Diagnostics.Append(pinCredential(ctx, resp.Private, connection.Credential)...)
	}
}

// connectionUpdate is the connection as it is now with the planned changes on top, so that an apply does not undo what
// somebody else changed after the plan was made; the next plan shows that. Beside it, the credential as it is now.
func connectionUpdate(
	ctx context.Context, client *sam.Client, plan, state model,
) (sam.ConnectionInput, credentialPin, diag.Diagnostics) {
	input := sam.ConnectionInput{
		AliasSysID: plan.ID.ValueString(),
		Name:       plan.ConnectionName.ValueString(),
		URL:        plan.ConnectionURL.ValueString(),
		Active:     plan.Active.ValueBool(),
	}
	if state.ConnectionID.IsNull() {
		return input, credentialPin{}, nil
	}
	current, err := client.Aliases.Connection(ctx, input.AliasSysID)
	switch {
	case errors.Is(err, sam.ErrNotFound), err == nil && current.SysID != state.ConnectionID.ValueString():
		return input, credentialPin{}, diag.Diagnostics{diag.NewErrorDiagnostic("The connection changed after the plan was made", fmt.Sprintf(
			"Updating the connection of the %s: the connection %s, which the plan is about, is not the alias's connection any "+
				"more. Nothing was changed. Plan again and review what the new plan shows.",
			object(plan), state.ConnectionID.ValueString()))}
	case err != nil:
		return input, credentialPin{}, diag.Diagnostics{tfkit.ErrorDiagnostic("read the connection of", object(plan), err)}
	}
	input.SysID = current.SysID
	input.CredentialSysID = current.Credential.SysID
	if plan.ConnectionName.Equal(state.ConnectionName) {
		input.Name = current.Name
	}
	if plan.ConnectionURL.Equal(state.ConnectionURL) {
		input.URL = current.URL
	}
	if plan.Active.Equal(state.Active) {
		input.Active = current.Active
	}
	return input, credentialPin{SysID: current.Credential.SysID, ModCount: current.Credential.Meta.ModCount}, nil
}

func (r *aliasResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	_, diags := r.meta.CheckInstance(ctx, req.Private, object(state))
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.meta.Client()
	if state.Adopt.IsNull() {
		if resp.Diagnostics.Append(refuseInUse(ctx, client, state)...); resp.Diagnostics.HasError() {
			return
		}
	}
	if !state.ConnectionID.IsNull() {
		err := client.Aliases.DeleteConnection(ctx, sam.Connection{
			SysID:      state.ConnectionID.ValueString(),
			AliasSysID: state.ID.ValueString(),
			Credential: sam.Credential{SysID: state.CredentialID.ValueString(), Kind: credentialKind},
		})
		if err != nil {
			resp.Diagnostics.Append(tfkit.ErrorDiagnostic("delete the connection of", object(state), err))
			return
		}
	}
	if !state.Adopt.IsNull() {
		return
	}
	if err := client.Aliases.Delete(ctx, state.ID.ValueString()); err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("delete", object(state), err))
	}
}

// refuseInUse fails before anything is deleted: an alias that a profile uses cannot be deleted, and without its connection
// the profile would fail.
func refuseInUse(ctx context.Context, client *sam.Client, state model) diag.Diagnostics {
	for p, err := range client.Profiles.All(ctx, sam.ProfileFilter{}) {
		if errors.Is(err, sam.ErrInvalidTable) {
			return nil // without the plugin there are no profiles
		}
		if err != nil {
			return diag.Diagnostics{tfkit.ErrorDiagnostic("read the profiles that use", object(state), err)}
		}
		if p.AliasSysID == state.ID.ValueString() {
			return diag.Diagnostics{diag.NewErrorDiagnostic("The connection alias is in use", fmt.Sprintf(
				"Deleting the %s: the integration profile %q uses it. Nothing was deleted. Give the profile another alias first; to "+
					"replace the alias in one apply, set lifecycle { create_before_destroy = true } on it.",
				object(state), p.DisplayName))}
		}
	}
	return nil
}

func (r *aliasResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id, instance, diags := r.meta.ImportID(ctx, req, "connection alias")
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.meta.Client()
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

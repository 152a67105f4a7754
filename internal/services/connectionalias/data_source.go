package connectionalias

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var (
	_ datasource.DataSourceWithConfigure        = &aliasDataSource{}
	_ datasource.DataSourceWithConfigValidators = &aliasDataSource{}
)

// NewDataSource makes the data source servicenowsam_connection_alias.
func NewDataSource() datasource.DataSource { return &aliasDataSource{} }

type aliasDataSource struct{ tfkit.DataSource }

type readModel struct {
	ID             types.String `tfsdk:"id"`
	AliasID        types.String `tfsdk:"alias_id"`
	Name           types.String `tfsdk:"name"`
	Type           types.String `tfsdk:"type"`
	ConnectionID   types.String `tfsdk:"connection_id"`
	ConnectionName types.String `tfsdk:"connection_name"`
	ConnectionURL  types.String `tfsdk:"connection_url"`
	Active         types.Bool   `tfsdk:"active"`
	CredentialID   types.String `tfsdk:"credential_id"`
	TokenStatus    types.String `tfsdk:"token_status"`
	ExpiresAt      types.String `tfsdk:"expires_at"`
}

func (d *aliasDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = typeName
}

func (d *aliasDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A connection alias with its connection, by `sys_id` or full id.\n\n" +
			"Roles: `connection_admin` and `credential_admin` (both contained in `sam_integrator`).",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "The `sys_id` of the alias. Exactly one of `id` and `alias_id`.",
				Validators:          []validator.String{tfkit.SysID()},
			},
			"alias_id": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Full id, such as `sn_trello_spoke.Trello_Alias`. Exactly one of `id` and `alias_id`.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"name":            text("Name of the alias."),
			"type":            text("Type of the alias: `connection` or `credential`."),
			"connection_id":   text("The `sys_id` of the active connection, or of the newest; null without one."),
			"connection_name": text("Name of that connection."),
			"connection_url":  text("Its URL."),
			"active":          schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether it is active."},
			"credential_id":   text("The `sys_id` of its credential. The secrets cannot be read."),
			"token_status":    text("With an OAuth credential: `pending`, `authorized` or `expired`; else null."),
			"expires_at":      text("When somebody has to consent again (RFC 3339, UTC); null where that is not known."),
		},
	}
}

func (d *aliasDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("alias_id")),
	}
}

func (d *aliasDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config readModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	client, diags := d.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	what := fmt.Sprintf("connection alias %q", config.AliasID.ValueString()+config.ID.ValueString())
	var alias sam.Alias
	var err error
	if config.ID.IsNull() {
		alias, err = client.Aliases.FindByID(ctx, config.AliasID.ValueString())
	} else {
		alias, err = client.Aliases.Get(ctx, config.ID.ValueString())
	}
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("find", what, err))
		return
	}
	current, err := client.Aliases.Connection(ctx, alias.SysID)
	if err != nil && !errors.Is(err, sam.ErrNotFound) {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read the connection of", what, err))
		return
	}
	var m model
	m.fromAPI(alias, current, d.Meta.ReleaseFamily, d.Meta.Now())
	status, expires := types.StringNull(), types.StringNull()
	if app := current.Credential.OAuth; app != nil {
		status, expires = types.StringValue(string(app.Grant.Status(d.Meta.Now()))), tfkit.TimeOrNull(app.Grant.Expires())
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &readModel{
		ID:             types.StringValue(alias.SysID),
		AliasID:        m.AliasID,
		Name:           types.StringValue(alias.Name),
		Type:           m.Type,
		ConnectionID:   m.ConnectionID,
		ConnectionName: m.ConnectionName,
		ConnectionURL:  m.ConnectionURL,
		Active:         m.Active,
		CredentialID:   m.CredentialID,
		TokenStatus:    status,
		ExpiresAt:      expires,
	})...)
}

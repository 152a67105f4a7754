// Package confluencegroup is the Terraform surface of the groups of a Confluence site.
package confluencegroup

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var _ datasource.DataSourceWithConfigure = &groupsDataSource{}

// NewDataSource makes the data source servicenowsam_confluence_groups.
func NewDataSource() datasource.DataSource { return &groupsDataSource{} }

type groupsDataSource struct{ tfkit.DataSource }

type model struct {
	ConnectionAliasID types.String `tfsdk:"connection_alias_id"`
	AccessOnly        types.Bool   `tfsdk:"access_only"`
	Groups            []groupModel `tfsdk:"groups"`
}

type groupModel struct {
	ID         types.String `tfsdk:"id"`
	Name       types.String `tfsdk:"name"`
	Access     types.Bool   `tfsdk:"access"`
	Admin      types.Bool   `tfsdk:"admin"`
	ManagedBy  types.String `tfsdk:"managed_by"`
	Selectable types.Bool   `tfsdk:"selectable"`
}

func (d *groupsDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "servicenowsam_confluence_groups"
}

func (d *groupsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	flag := func(description string) schema.BoolAttribute {
		return schema.BoolAttribute{Computed: true, MarkdownDescription: description}
	}
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The groups of a Confluence site, to choose `vendor_config.confluence.group_ids` of a profile without a " +
			"browser. The vendor is asked, with the credential of the alias; an OAuth grant is not renewed for it.\n\n" +
			"Roles: `sam_integrator`. Needs the companion app.",
		Attributes: map[string]schema.Attribute{
			"connection_alias_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The `sys_id` of the connection alias.",
				Validators:          []validator.String{tfkit.SysID()},
			},
			"access_only": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "List only groups whose members have access to the site (default `false`).",
			},
			"groups": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The groups.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":     text("Id of the group."),
					"name":   text("Name of the group."),
					"access": flag("Whether its members have access to the site."),
					"admin":  flag("Whether its members administer the product or the site. Nobody is removed from such a group unless `allow_admin_groups` says so."),
					"managed_by": text("Who manages its members, as Atlassian says: `ADMINS`, `EXTERNAL` (an identity provider; nobody can be " +
						"removed through the API), `TEAM_MEMBERS` or `OPEN`; null where it does not say."),
					"selectable": flag("Whether it may be chosen for a profile."),
				}},
			},
		},
	}
}

func (d *groupsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	client, diags := d.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	what := fmt.Sprintf("groups behind the connection alias %s", config.ConnectionAliasID.ValueString())
	groups, err := client.Aliases.Groups(ctx, config.ConnectionAliasID.ValueString())
	if errors.Is(err, sam.ErrNoCompanion) {
		resp.Diagnostics.AddError("The groups cannot be listed here", fmt.Sprintf("Listing the %s: the instance has no companion app, "+
			"and its Table API does not know the vendor's groups. Set group_ids to ids that you look up in Atlassian "+
			"Administration.", what))
		return
	}
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("list", what, err))
		return
	}
	config.Groups = []groupModel{}
	for _, g := range groups {
		if config.AccessOnly.ValueBool() && !g.Access {
			continue
		}
		config.Groups = append(config.Groups, groupModel{
			ID: types.StringValue(g.ID), Name: types.StringValue(g.Name), Access: types.BoolValue(g.Access),
			Admin: types.BoolValue(g.Admin), ManagedBy: tfkit.StringOrNull(g.ManagedBy), Selectable: types.BoolValue(g.Selectable),
		})
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}

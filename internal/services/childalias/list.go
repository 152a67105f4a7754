package childalias

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var _ list.ListResourceWithConfigure = &childResource{}

// NewListResource makes the list resource servicenowsam_child_alias.
func NewListResource() list.ListResource { return &childResource{} }

type listModel struct {
	ParentAliasID types.String `tfsdk:"parent_alias_id"`
	NameContains  types.String `tfsdk:"name_contains"`
}

func (r *childResource) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The child aliases that somebody made. Those that a spoke ships are left out.\n\n" +
			"Roles: `connection_admin` and `credential_admin` (both contained in `sam_integrator`).",
		Attributes: map[string]schema.Attribute{
			"parent_alias_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only children of the alias with this full id, such as `sn_trello_spoke.Trello_Alias`.",
			},
			"name_contains": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only aliases with this text in their name.",
			},
		},
	}
}

func (r *childResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config listModel
	if diags := req.Config.Get(ctx, &config); diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	filter := sam.ChildFilter{ParentID: config.ParentAliasID.ValueString(), NameContains: config.NameContains.ValueString()}
	stream.Results = tfkit.List[sam.Alias]{
		Objects: "child aliases",
		Records: func(ctx context.Context, client *sam.Client) iter.Seq2[sam.Alias, error] {
			return client.Aliases.Children(ctx, filter)
		},
		Name: func(a sam.Alias) (sysID, displayName string) { return a.SysID, a.ID },
		Fill: r.fill,
	}.Stream(ctx, r.Meta, req)
}

// fill maps an alias as Read does after an import.
func (r *childResource) fill(ctx context.Context, client *sam.Client, alias sam.Alias, resource *tfsdk.Resource) diag.Diagnostics {
	var m model
	diags := resource.Get(ctx, &m)
	current, err := client.Aliases.Connection(ctx, alias.SysID)
	if err != nil && !errors.Is(err, sam.ErrNotFound) {
		diags.Append(tfkit.ErrorDiagnostic("read the connection of", fmt.Sprintf("child alias %q", alias.ID), err))
	}
	if diags.HasError() {
		return diags
	}
	m.fromAPI(alias, current, r.Meta.Now())
	diags.Append(resource.Set(ctx, &m)...)
	return diags
}

package connectionalias

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

var _ list.ListResourceWithConfigure = &aliasResource{}

// NewListResource makes the list resource servicenowsam_connection_alias.
func NewListResource() list.ListResource { return &aliasResource{} }

type listModel struct {
	ProfileType  types.String `tfsdk:"profile_type"`
	NameContains types.String `tfsdk:"name_contains"`
}

func (r *aliasResource) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The connection aliases that have a connection. Aliases that nobody has set up are left out, and so are " +
			"child aliases.\n\nRoles: `connection_admin` and `credential_admin` (both contained in `sam_integrator`). A list needs " +
			"Terraform 1.14.",
		Attributes: map[string]schema.Attribute{
			"profile_type": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Only aliases that fit this profile type, such as `trello_enterprise_subscription`: those that its " +
					"spoke ships, and those made from its template.",
			},
			"name_contains": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only aliases with this text in their name or full id.",
			},
		},
	}
}

func (r *aliasResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config listModel
	if diags := req.Config.Get(ctx, &config); diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	filter := sam.AliasFilter{ProfileType: config.ProfileType.ValueString(), NameContains: config.NameContains.ValueString()}
	stream.Results = tfkit.List[sam.Alias]{
		Objects: "connection aliases",
		Records: func(ctx context.Context, client *sam.Client) iter.Seq2[sam.Alias, error] {
			return client.Aliases.Connected(ctx, filter)
		},
		Name: func(a sam.Alias) (sysID, displayName string) { return a.SysID, a.ID },
		Fill: r.fill,
	}.Stream(ctx, r.Meta, req)
}

// fill maps an alias as Read does after an import.
func (r *aliasResource) fill(ctx context.Context, client *sam.Client, alias sam.Alias, resource *tfsdk.Resource) diag.Diagnostics {
	var m model
	diags := resource.Get(ctx, &m)
	current, err := client.Aliases.Connection(ctx, alias.SysID)
	if err != nil && !errors.Is(err, sam.ErrNotFound) {
		diags.Append(tfkit.ErrorDiagnostic("read the connection of", fmt.Sprintf("connection alias %q", alias.ID), err))
	}
	if diags.HasError() {
		return diags
	}
	m.fromAPI(alias, current, r.Meta.ReleaseFamily, r.Meta.Now())
	diags.Append(resource.Set(ctx, &m)...)
	return diags
}

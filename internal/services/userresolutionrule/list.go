package userresolutionrule

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var _ list.ListResourceWithConfigure = &rule{}

// NewListResource makes the list resource servicenowsam_user_resolution_rule.
func NewListResource() list.ListResource { return &rule{} }

func (r *rule) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The user resolution rules of the category SaaS.\n\nRoles: `sam_user`. A list needs Terraform 1.14.",
		Attributes: map[string]schema.Attribute{
			"name_contains": schema.StringAttribute{Optional: true, MarkdownDescription: "Only rules with this text in their name."},
			"active":        schema.BoolAttribute{Optional: true, MarkdownDescription: "Only rules that are, or are not, active."},
		},
	}
}

func (r *rule) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config struct {
		NameContains types.String `tfsdk:"name_contains"`
		Active       types.Bool   `tfsdk:"active"`
	}
	if diags := req.Config.Get(ctx, &config); diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	filter := sam.ResolutionRuleFilter{NameContains: config.NameContains.ValueString(), Active: config.Active.ValueBoolPointer()}
	stream.Results = tfkit.List[sam.ResolutionRule]{
		Objects: "user resolution rules",
		Records: func(ctx context.Context, client *sam.Client) iter.Seq2[sam.ResolutionRule, error] {
			return client.ResolutionRules.All(ctx, filter)
		},
		Name: func(rule sam.ResolutionRule) (sysID, displayName string) { return rule.SysID, rule.Name },
		Fill: func(ctx context.Context, _ *sam.Client, rule sam.ResolutionRule, resource *tfsdk.Resource) diag.Diagnostics {
			var m model
			diags := m.fromAPI(ctx, rule)
			diags.Append(resource.Set(ctx, &m)...)
			return diags
		},
	}.Stream(ctx, r.Meta, req)
}

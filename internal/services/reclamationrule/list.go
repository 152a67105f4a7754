package reclamationrule

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

var _ list.ListResourceWithConfigure = &ruleResource{}

// NewListResource makes the list resource servicenowsam_reclamation_rule.
func NewListResource() list.ListResource { return &ruleResource{} }

type listModel struct {
	NameContains types.String `tfsdk:"name_contains"`
}

func (r *ruleResource) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The reclamation rules for subscriptions, one per product.\n\nRoles: `sam_user`.",
		Attributes: map[string]schema.Attribute{
			"name_contains": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only rules with this text in their name.",
			},
		},
	}
}

func (r *ruleResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config listModel
	if diags := req.Config.Get(ctx, &config); diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	filter := sam.ReclamationRuleFilter{NameContains: config.NameContains.ValueString()}
	stream.Results = tfkit.List[sam.ReclamationRule]{
		Objects: "reclamation rules",
		Records: func(ctx context.Context, client *sam.Client) iter.Seq2[sam.ReclamationRule, error] {
			return client.Rules.All(ctx, filter)
		},
		Name: func(rule sam.ReclamationRule) (sysID, displayName string) { return rule.SysID, rule.Name },
		Fill: fill,
	}.Stream(ctx, r.Meta, req)
}

// fill maps a rule as Read does after an import.
func fill(ctx context.Context, _ *sam.Client, rule sam.ReclamationRule, resource *tfsdk.Resource) diag.Diagnostics {
	var m model
	diags := resource.Get(ctx, &m)
	if diags.HasError() {
		return diags
	}
	m.fromAPI(rule)
	diags.Append(resource.Set(ctx, &m)...)
	return diags
}

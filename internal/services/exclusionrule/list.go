package exclusionrule

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

// NewIdentifierListResource makes the list resource servicenowsam_subscription_identifier_exclusion_rule.
func NewIdentifierListResource() list.ListResource { return &ruleResource{kind: identifierKind} }

// NewUserListResource makes the list resource servicenowsam_subscription_user_exclusion_rule.
func NewUserListResource() list.ListResource { return &ruleResource{kind: userKind} }

type listModel struct {
	ProfileType types.String `tfsdk:"profile_type"`
	Active      types.Bool   `tfsdk:"active"`
}

func (m listModel) filter() sam.ExclusionFilter {
	return sam.ExclusionFilter{ProfileType: m.ProfileType.ValueString(), Active: m.Active.ValueBoolPointer()}
}

func (r *ruleResource) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The exclusion rules that leave out " + r.kind.scope + ".\n\nRoles: `sam_user`.",
		Attributes: map[string]schema.Attribute{
			"profile_type": schema.StringAttribute{Optional: true, MarkdownDescription: "Only rules that name this profile type."},
			"active":       schema.BoolAttribute{Optional: true, MarkdownDescription: "Only rules that are, or are not, active."},
		},
	}
}

func (r *ruleResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config listModel
	if diags := req.Config.Get(ctx, &config); diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = tfkit.List[sam.Exclusion]{
		Objects: string(r.kind.ExclusionKind) + " exclusion rules",
		Records: func(ctx context.Context, client *sam.Client) iter.Seq2[sam.Exclusion, error] {
			return client.Exclusions.All(ctx, r.kind.ExclusionKind, config.filter())
		},
		Name: func(x sam.Exclusion) (sysID, displayName string) { return x.SysID, x.Key },
		Fill: r.fill,
	}.Stream(ctx, r.Meta, req)
}

// fill maps a rule as Read does after an import.
func (r *ruleResource) fill(ctx context.Context, _ *sam.Client, x sam.Exclusion, resource *tfsdk.Resource) diag.Diagnostics {
	return r.kind.set(ctx, resource, newModel(x))
}

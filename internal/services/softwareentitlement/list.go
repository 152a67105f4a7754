package softwareentitlement

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var _ list.ListResourceWithConfigure = &entitlementResource{}

// NewListResource makes the list resource servicenowsam_software_entitlement.
func NewListResource() list.ListResource { return &entitlementResource{} }

type listModel struct {
	SoftwareModelID types.String `tfsdk:"software_model_id"`
	State           types.String `tfsdk:"state"`
	NameContains    types.String `tfsdk:"name_contains"`
}

func (r *entitlementResource) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The software entitlements of subscription products.\n\nRoles: `sam_user`.",
		Attributes: map[string]schema.Attribute{
			"software_model_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only entitlements of the software model with this `sys_id`.",
				Validators:          []validator.String{tfkit.SysID()},
			},
			"state": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only entitlements in this state: `build`, `in_use` or `retired`.",
				Validators:          []validator.String{stringvalidator.OneOf(states...)},
			},
			"name_contains": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only entitlements with this text in their display name.",
			},
		},
	}
}

func (r *entitlementResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config listModel
	if diags := req.Config.Get(ctx, &config); diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	filter := sam.EntitlementFilter{
		ModelSysID: config.SoftwareModelID.ValueString(), State: config.State.ValueString(), NameContains: config.NameContains.ValueString(),
	}
	stream.Results = tfkit.List[sam.Entitlement]{
		Objects: "software entitlements",
		Records: func(ctx context.Context, client *sam.Client) iter.Seq2[sam.Entitlement, error] {
			return client.Entitlements.All(ctx, filter)
		},
		Name: func(e sam.Entitlement) (sysID, displayName string) { return e.SysID, e.DisplayName },
		Fill: fill,
	}.Stream(ctx, r.Meta, req)
}

// fill maps an entitlement as Read does after an import.
func fill(ctx context.Context, client *sam.Client, entitlement sam.Entitlement, resource *tfsdk.Resource) diag.Diagnostics {
	var m model
	diags := resource.Get(ctx, &m)
	instance, err := client.Instance(ctx)
	if err != nil {
		diags.Append(tfkit.ErrorDiagnostic("read", "the currency of the instance", err))
	}
	if diags.HasError() {
		return diags
	}
	m.fromAPI(entitlement, instance)
	diags.Append(resource.Set(ctx, &m)...)
	return diags
}

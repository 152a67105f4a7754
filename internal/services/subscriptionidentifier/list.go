package subscriptionidentifier

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var _ list.ListResourceWithConfigure = &assignment{}

// NewListResource makes the list resource servicenowsam_subscription_identifier_model.
func NewListResource() list.ListResource { return &assignment{} }

func (r *assignment) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The unrecognized subscription identifiers to which somebody assigned a software model.\n\n" +
			"Roles: `sam_user`. A list needs Terraform 1.14.",
		Attributes: map[string]schema.Attribute{
			"profile_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only identifiers in subscriptions of this integration profile (`sys_id`).",
				Validators:          []validator.String{tfkit.SysID()},
			},
		},
	}
}

func (r *assignment) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config struct {
		ProfileID types.String `tfsdk:"profile_id"`
	}
	if diags := req.Config.Get(ctx, &config); diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	assigned := true
	filter := sam.IdentifierFilter{ProfileSysID: config.ProfileID.ValueString(), Assigned: &assigned}
	stream.Results = tfkit.List[sam.UnrecognizedIdentifier]{
		Objects: "subscription identifiers with a software model",
		Records: func(ctx context.Context, client *sam.Client) iter.Seq2[sam.UnrecognizedIdentifier, error] {
			return client.Identifiers.All(ctx, filter)
		},
		Name: func(i sam.UnrecognizedIdentifier) (sysID, displayName string) { return i.SysID, i.Identifier },
		Fill: func(ctx context.Context, _ *sam.Client, i sam.UnrecognizedIdentifier, resource *tfsdk.Resource) diag.Diagnostics {
			var m model
			m.fromAPI(i)
			return resource.Set(ctx, &m)
		},
	}.Stream(ctx, r.Meta, req)
}

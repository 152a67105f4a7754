package integrationprofile

import (
	"context"
	"fmt"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var _ list.ListResourceWithConfigure = &profileResource{}

// NewListResource makes the list resource servicenowsam_integration_profile.
func NewListResource() list.ListResource { return &profileResource{} }

type listModel struct {
	ProfileType  types.String `tfsdk:"profile_type"`
	NameContains types.String `tfsdk:"name_contains"`
	Status       types.String `tfsdk:"status"`
}

func (r *profileResource) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The integration profiles of the instance.\n\nRoles: `sam_user`. A list needs Terraform 1.14.",
		Attributes: map[string]schema.Attribute{
			"profile_type": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only profiles of this type, such as `trello_enterprise_subscription`.",
			},
			"name_contains": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only profiles with this text in their display name.",
			},
			"status": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only profiles in this status: `draft` or `published`.",
				Validators: []validator.String{
					stringvalidator.OneOf(dictionary.ProfileStatusDraft, dictionary.ProfileStatusPublished),
				},
			},
		},
	}
}

func (r *profileResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config listModel
	if diags := req.Config.Get(ctx, &config); diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	filter := sam.ProfileFilter{
		ProfileType: config.ProfileType.ValueString(), NameContains: config.NameContains.ValueString(), Status: config.Status.ValueString(),
	}
	stream.Results = tfkit.List[sam.Profile]{
		Objects: "integration profiles",
		Records: func(ctx context.Context, client *sam.Client) iter.Seq2[sam.Profile, error] {
			return client.Profiles.All(ctx, filter)
		},
		Name: func(p sam.Profile) (sysID, displayName string) { return p.SysID, p.DisplayName },
		Fill: r.fill,
	}.Stream(ctx, r.Meta, req)
}

// fill maps a profile as Read does after an import.
func (r *profileResource) fill(ctx context.Context, client *sam.Client, profile sam.Profile, resource *tfsdk.Resource) diag.Diagnostics {
	var m model
	diags := resource.Get(ctx, &m)
	jobs, err := client.Jobs.Scheduled(ctx, profile.SysID, r.Meta.Now())
	if err != nil {
		diags.Append(tfkit.ErrorDiagnostic("read the jobs of", fmt.Sprintf("integration profile %q", profile.DisplayName), err))
	}
	if diags.HasError() {
		return diags
	}
	diags.Append(m.fromAPI(ctx, profile, jobs)...)
	diags.Append(resource.Set(ctx, &m)...)
	return diags
}

package integrationprofile

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

type model struct {
	ID                    types.String       `tfsdk:"id"`
	DisplayName           types.String       `tfsdk:"display_name"`
	ProfileType           types.String       `tfsdk:"profile_type"`
	Publish               types.Bool         `tfsdk:"publish"`
	ConnectionAliasID     types.String       `tfsdk:"connection_alias_id"`
	DownloadActivity      types.Bool         `tfsdk:"download_activity"`
	ReclaimSubscriptions  types.Bool         `tfsdk:"reclaim_subscriptions"`
	ActivityLookbackDays  types.Int64        `tfsdk:"activity_lookback_days"`
	AnalyzeActivityFrom   types.String       `tfsdk:"analyze_activity_from"`
	VendorConfig          *vendorConfigModel `tfsdk:"vendor_config"`
	Status                types.String       `tfsdk:"status"`
	DownloadSubscriptions types.Bool         `tfsdk:"download_subscriptions"`
	Subflows              types.Map          `tfsdk:"subflows"`
	RequiredPermissions   types.List         `tfsdk:"required_permissions"`
	ValidatedAt           types.String       `tfsdk:"validated_at"`
	JobNames              types.List         `tfsdk:"job_names"`
	ResolvedGroupIDs      types.List         `tfsdk:"resolved_group_ids"`
	Timeouts              timeouts.Value     `tfsdk:"timeouts"`
}

type permissionModel struct {
	Process types.String `tfsdk:"process"`
	Role    types.String `tfsdk:"role"`
	Scopes  types.List   `tfsdk:"scopes"`
}

var permissionType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"process": types.StringType,
	"role":    types.StringType,
	"scopes":  types.ListType{ElemType: types.StringType},
}}

func (r *profileResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A direct integration profile of SaaS License Management: it downloads the subscriptions of one " +
			"vendor tenant, follows activity, and reclaims.\n\n" +
			"With `publish = true` the profile is saved, validated and published, and again whenever something sent it back " +
			"to Draft. Publishing creates the software models, the reclamation rule and the refresh job, and queues the first " +
			"refresh; `servicenowsam_subscription_sync` runs it.\n\n" +
			"Destroying a published profile deletes its subscriptions and its jobs and closes its open removal candidates.\n\n" +
			"Roles: `sam_integrator`; a Trello profile also needs `sn_trello_spoke.trello_admin`, a Confluence profile " +
			"`sn_confluence_spoke.confluence_cloud_admin`. " +
			"`required_permissions` names what the vendor's user needs.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The `sys_id` of the profile (`samp_sw_subscription_profile`).",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"display_name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Display name, unique per instance. The names of the profile's jobs are made from it.",
				Validators:          tfkit.Name(100),
			},
			"profile_type": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Profile type, such as `trello_enterprise_subscription`; " +
					"`servicenowsam_profile_types` lists them. Fixed at creation: a change replaces the profile, and its " +
					"subscriptions go with it.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators:    []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"publish": schema.BoolAttribute{
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(true),
				MarkdownDescription: "Validate and publish the profile (default `true`). ServiceNow has no unpublish: `false` on " +
					"a published profile is an error of the plan.",
			},
			"connection_alias_id": schema.StringAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "The `sys_id` of the connection alias (*Connection & Credential*). Default: the alias that " +
					"the profile type's spoke ships; Confluence has one for each combination of the two toggles. Two profiles of one " +
					"type need two aliases (`servicenowsam_child_alias`). Another alias sends the profile back to Draft; it is " +
					"validated and published again.",
				Validators: []validator.String{tfkit.SysID()},
			},
			"download_activity": schema.BoolAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "*Download activity*. Default: `true` where the vendor has an activity subflow. Trello has " +
					"none (activity comes with the subscriptions) and accepts only `false`. A change on a published profile sends it " +
					"back to Draft; it is validated and published again. `false` deletes the activity job.",
			},
			"reclaim_subscriptions": schema.BoolAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "*Reclaim subscriptions*. Default: `true` where the vendor has a reclaim subflow. With `false`, " +
					"removal candidates are still found, but nobody loses a licence.",
			},
			"activity_lookback_days": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: "How many days back activity is looked for, rolling: 1 to 60. Conflicts with " +
					"`analyze_activity_from`. A reclamation rule whose threshold is longer finds nobody.",
				Validators: []validator.Int64{
					int64validator.Between(1, 60),
					int64validator.ConflictsWith(path.MatchRoot("analyze_activity_from")),
				},
			},
			"analyze_activity_from": schema.StringAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "*Analyze user activity from*: a fixed start (RFC 3339), at most 60 days back when it is set. " +
					"Default: what ServiceNow's form proposes, 60 days before the profile is made.",
				Validators: []validator.String{tfkit.Timestamp()},
			},
			"vendor_config": vendorConfigAttribute(),
			"status": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "`draft` or `published`, as the instance says. A profile that someone sent back to Draft " +
					"shows as a change to `published`.",
			},
			"download_subscriptions": schema.BoolAttribute{
				Computed:            true,
				MarkdownDescription: "*Download subscriptions*. Always `true`; ServiceNow does not let anybody clear it.",
			},
			"subflows": schema.MapAttribute{
				ElementType: types.StringType,
				Computed:    true,
				MarkdownDescription: "Names of the subflows by process (`download_subscriptions`, `download_activity`, " +
					"`reclaim_subscriptions`).",
			},
			"required_permissions": schema.ListNestedAttribute{
				Computed: true,
				MarkdownDescription: "What each process needs at the vendor: ServiceNow's read-only field *Vendor " +
					"configuration*.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"process": schema.StringAttribute{Computed: true, MarkdownDescription: "The process."},
					"role":    schema.StringAttribute{Computed: true, MarkdownDescription: "Role of the vendor's user."},
					"scopes": schema.ListAttribute{
						ElementType:         types.StringType,
						Computed:            true,
						MarkdownDescription: "Scopes of the token; empty where the vendor has none.",
					},
				}},
			},
			"validated_at": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "When *Validate Connection* last succeeded (RFC 3339, UTC); null if never.",
			},
			"job_names": schema.ListAttribute{
				ElementType:         types.StringType,
				Computed:            true,
				MarkdownDescription: "Names of the profile's scheduled jobs.",
			},
			"resolved_group_ids": schema.ListAttribute{
				ElementType: types.StringType,
				Computed:    true,
				MarkdownDescription: "Confluence: the groups that the last validation chose because " +
					"`vendor_config.confluence.group_ids` names none; else null.",
			},
			"timeouts": tfkit.Timeouts(ctx, timeouts.Opts{Create: true, Update: true}, defaultTimeout),
		},
	}
}

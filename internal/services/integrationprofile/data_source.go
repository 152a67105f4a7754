package integrationprofile

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var (
	_ datasource.DataSourceWithConfigure        = &profileDataSource{}
	_ datasource.DataSourceWithConfigValidators = &profileDataSource{}
	_ datasource.DataSourceWithConfigure        = &profilesDataSource{}
)

// NewDataSource makes the data source servicenowsam_integration_profile.
func NewDataSource() datasource.DataSource { return &profileDataSource{} }

// NewListDataSource makes the data source servicenowsam_integration_profiles.
func NewListDataSource() datasource.DataSource { return &profilesDataSource{} }

type (
	profileDataSource  struct{ tfkit.DataSource }
	profilesDataSource struct{ tfkit.DataSource }
)

// readModel is a profile as the data sources show it.
type readModel struct {
	ID                    types.String `tfsdk:"id"`
	DisplayName           types.String `tfsdk:"display_name"`
	ProfileType           types.String `tfsdk:"profile_type"`
	Status                types.String `tfsdk:"status"`
	ConnectionAliasID     types.String `tfsdk:"connection_alias_id"`
	ConnectionAlias       types.String `tfsdk:"connection_alias"`
	DownloadSubscriptions types.Bool   `tfsdk:"download_subscriptions"`
	DownloadActivity      types.Bool   `tfsdk:"download_activity"`
	ReclaimSubscriptions  types.Bool   `tfsdk:"reclaim_subscriptions"`
	ActivityLookbackDays  types.Int64  `tfsdk:"activity_lookback_days"`
	AnalyzeActivityFrom   types.String `tfsdk:"analyze_activity_from"`
	VendorConfig          types.Map    `tfsdk:"vendor_config"`
	ValidatedAt           types.String `tfsdk:"validated_at"`
}

// profileModel is one profile with what is looked up for one alone.
type profileModel struct {
	readModel
	Subflows            types.Map  `tfsdk:"subflows"`
	RequiredPermissions types.List `tfsdk:"required_permissions"`
	JobNames            types.List `tfsdk:"job_names"`
}

type profilesModel struct {
	ProfileType types.String `tfsdk:"profile_type"`
	Status      types.String `tfsdk:"status"`
	Profiles    []readModel  `tfsdk:"profiles"`
}

func (d *profileDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = typeName
}

func (d *profilesDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "servicenowsam_integration_profiles"
}

// readAttributes are the attributes of readModel.
func readAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	flag := func(description string) schema.BoolAttribute {
		return schema.BoolAttribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"id":                     text("The `sys_id` of the profile."),
		"display_name":           text("Display name."),
		"profile_type":           text("Profile type, such as `trello_enterprise_subscription`."),
		"status":                 text("`draft` or `published`."),
		"connection_alias_id":    text("The `sys_id` of the connection alias."),
		"connection_alias":       text("Full id of the connection alias, such as `sn_trello_spoke.Trello_Alias`."),
		"download_subscriptions": flag("*Download subscriptions*; always `true`."),
		"download_activity":      flag("*Download activity*."),
		"reclaim_subscriptions":  flag("*Reclaim subscriptions*."),
		"activity_lookback_days": schema.Int64Attribute{
			Computed: true, MarkdownDescription: "How many days of activity each refresh looks back; null where `analyze_activity_from` says it, or nothing does.",
		},
		"analyze_activity_from": text("*Analyze user activity from* (RFC 3339, UTC); null where it rolls or is not set."),
		"vendor_config": schema.MapAttribute{
			ElementType: types.StringType, Computed: true,
			MarkdownDescription: "Settings of the vendor by name, such as `workspace_id`; lists are comma-separated. Empty where there are none.",
		},
		"validated_at": text("When *Validate Connection* last succeeded (RFC 3339, UTC); null if never."),
	}
}

func (d *profileDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := readAttributes()
	attributes["id"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "The `sys_id` of the profile. Exactly one of `id` and `display_name`.",
		Validators:          []validator.String{tfkit.SysID()},
	}
	attributes["display_name"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "Display name. Exactly one of `id` and `display_name`.",
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	attributes["subflows"] = schema.MapAttribute{
		ElementType: types.StringType, Computed: true, MarkdownDescription: "Names of the subflows by process.",
	}
	attributes["required_permissions"] = schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: "What each process needs at the vendor.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"process": schema.StringAttribute{Computed: true, MarkdownDescription: "The process."},
			"role":    schema.StringAttribute{Computed: true, MarkdownDescription: "Role of the vendor's user."},
			"scopes": schema.ListAttribute{
				ElementType: types.StringType, Computed: true,
				MarkdownDescription: "Scopes of the token; empty where the vendor has none.",
			},
		}},
	}
	attributes["job_names"] = schema.ListAttribute{
		ElementType: types.StringType, Computed: true, MarkdownDescription: "Names of the profile's scheduled jobs.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "One integration profile, by `sys_id` or display name.\n\nRoles: `sam_user`.",
		Attributes:          attributes,
	}
}

func (d *profilesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "All integration profiles, or those of a type or status.\n\nRoles: `sam_user`.",
		Attributes: map[string]schema.Attribute{
			"profile_type": schema.StringAttribute{Optional: true, MarkdownDescription: "Only profiles of this type."},
			"status": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only profiles in this status: `draft` or `published`.",
				Validators: []validator.String{
					stringvalidator.OneOf(dictionary.ProfileStatusDraft, dictionary.ProfileStatusPublished),
				},
			},
			"profiles": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The profiles, in the order of their `sys_id`.",
				NestedObject:        schema.NestedAttributeObject{Attributes: readAttributes()},
			},
		},
	}
}

func (d *profileDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("display_name")),
	}
}

func (d *profileDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config profileModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	client, diags := d.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	what := fmt.Sprintf("integration profile %q", config.DisplayName.ValueString()+config.ID.ValueString())
	id := config.ID.ValueString()
	if id == "" {
		found, err := client.Profiles.FindByDisplayName(ctx, config.DisplayName.ValueString())
		if err != nil {
			resp.Diagnostics.Append(tfkit.ErrorDiagnostic("find", what, err))
			return
		}
		id = found.SysID
	}
	profile, jobs, err := readProfile(ctx, client, id, d.Meta.Now())
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read", what, err))
		return
	}
	resp.Diagnostics.Append(config.fromAPI(ctx, profile, jobs)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}

func (m *profileModel) fromAPI(ctx context.Context, p sam.Profile, jobs []sam.Job) diag.Diagnostics {
	var full model
	diags := full.fromAPI(ctx, p, jobs)
	var d diag.Diagnostics
	m.readModel, d = newReadModel(ctx, p)
	diags.Append(d...)
	m.Subflows, m.RequiredPermissions, m.JobNames = full.Subflows, full.RequiredPermissions, full.JobNames
	return diags
}

func newReadModel(ctx context.Context, p sam.Profile) (readModel, diag.Diagnostics) {
	settings, diags := types.MapValueFrom(ctx, types.StringType, p.VendorConfig)
	if p.VendorConfig == nil {
		settings = types.MapValueMust(types.StringType, map[string]attr.Value{})
	}
	var lookback model
	lookback.lookbackFromAPI(p)
	return readModel{
		ID:                    types.StringValue(p.SysID),
		DisplayName:           types.StringValue(p.DisplayName),
		ProfileType:           types.StringValue(p.ProfileType),
		Status:                types.StringValue(p.Status),
		ConnectionAliasID:     tfkit.StringOrNull(p.AliasSysID),
		ConnectionAlias:       tfkit.StringOrNull(p.AliasID),
		DownloadSubscriptions: types.BoolValue(p.DownloadSubscriptions),
		DownloadActivity:      types.BoolValue(p.DownloadActivity),
		ReclaimSubscriptions:  types.BoolValue(p.ReclaimSubscriptions),
		ActivityLookbackDays:  lookback.ActivityLookbackDays,
		AnalyzeActivityFrom:   lookback.AnalyzeActivityFrom,
		VendorConfig:          settings,
		ValidatedAt:           tfkit.TimeOrNull(p.ValidatedAt),
	}, diags
}

func (d *profilesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config profilesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	client, diags := d.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	config.Profiles = []readModel{}
	filter := sam.ProfileFilter{ProfileType: config.ProfileType.ValueString(), Status: config.Status.ValueString()}
	for p, err := range client.Profiles.All(ctx, filter) {
		if err != nil {
			resp.Diagnostics.Append(tfkit.ErrorDiagnostic("list", "integration profiles", err))
			return
		}
		row, diags := newReadModel(ctx, p)
		resp.Diagnostics.Append(diags...)
		config.Profiles = append(config.Profiles, row)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}

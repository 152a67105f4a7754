// Package profiletype is the Terraform surface of the catalogue of integration profile types.
package profiletype

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var _ datasource.DataSourceWithConfigure = &typesDataSource{}

// NewDataSource makes the data source servicenowsam_profile_types.
func NewDataSource() datasource.DataSource { return &typesDataSource{} }

type typesDataSource struct{ tfkit.DataSource }

type model struct {
	ReleaseFamily types.String `tfsdk:"release_family"`
	ProfileTypes  []typeModel  `tfsdk:"profile_types"`
}

type typeModel struct {
	Value           types.String      `tfsdk:"value"`
	Label           types.String      `tfsdk:"label"`
	Spoke           types.String      `tfsdk:"spoke"`
	SpokeRole       types.String      `tfsdk:"spoke_role"`
	Installed       types.Bool        `tfsdk:"installed"`
	Subflows        map[string]string `tfsdk:"subflows"`
	Aliases         []string          `tfsdk:"aliases"`
	ConnectionURL   types.String      `tfsdk:"connection_url"`
	CredentialKind  types.String      `tfsdk:"credential_kind"`
	ActivitySubflow types.Bool        `tfsdk:"activity_subflow"`
	ActivityMeans   types.String      `tfsdk:"activity_means"`
	ReclaimEffect   types.String      `tfsdk:"reclaim_effect"`
	RestoreEffect   types.String      `tfsdk:"restore_effect"`
	ThresholdDays   types.Int64       `tfsdk:"threshold_days"`
	Certainty       types.String      `tfsdk:"certainty"`
	Source          types.String      `tfsdk:"source"`
}

func (d *typesDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "servicenowsam_profile_types"
}

func (d *typesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "What this provider knows about the types of integration profiles, and which of them the instance " +
			"has installed.\n\nRoles: none beyond reading the instance.",
		Attributes: map[string]schema.Attribute{
			"release_family": text("Release family of the instance, such as `australia`."),
			"profile_types": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The profile types.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"value":      text("Value for `profile_type`."),
					"label":      text("Label, as ServiceNow shows it."),
					"spoke":      text("Optional feature to install."),
					"spoke_role": text("ServiceNow role needed beside `sam_integrator`."),
					"installed": schema.BoolAttribute{
						Computed:            true,
						MarkdownDescription: "Whether the instance has it; null where the instance does not tell.",
					},
					"subflows": schema.MapAttribute{
						ElementType: types.StringType, Computed: true, MarkdownDescription: "Names of the subflows by process.",
					},
					"aliases": schema.ListAttribute{
						ElementType: types.StringType, Computed: true, MarkdownDescription: "Full ids of the aliases that its spoke ships.",
					},
					"connection_url":  text("Connection URL, or its pattern."),
					"credential_kind": text("Kind of credential: `api_key`, `oauth`, `token` or `basic`."),
					"activity_subflow": schema.BoolAttribute{
						Computed:            true,
						MarkdownDescription: "Whether activity has a subflow of its own; otherwise it comes with the subscriptions.",
					},
					"activity_means": text("What counts as activity."),
					"reclaim_effect": text("What a reclaim does to the user."),
					"restore_effect": text("What an undo of it brings back, and what it cannot."),
					"threshold_days": schema.Int64Attribute{
						Computed:            true,
						MarkdownDescription: "Days without activity after which the rule proposes to reclaim.",
					},
					"certainty": text("How sure these facts are: `doc`, `spec`, `code` or `assumed`."),
					"source":    text("Where they were read."),
				}},
			},
		},
	}
}

func (d *typesDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	client, diags := d.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	instance, err := client.Instance(ctx)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read", "profile types", err))
		return
	}
	family := instance.ReleaseFamily
	if !family.Valid() {
		family = d.Meta.ReleaseFamily
	}
	result := model{ReleaseFamily: types.StringValue(string(family)), ProfileTypes: []typeModel{}}
	for _, t := range dictionary.ProfileTypes(family) {
		result.ProfileTypes = append(result.ProfileTypes, row(t, installed(instance, t.Value)))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &result)...)
}

// installed is null where the instance does not list its profile types, as in table mode.
func installed(instance sam.Instance, value string) types.Bool {
	for _, t := range instance.ProfileTypes {
		if t.Value == value {
			return types.BoolValue(t.Installed)
		}
	}
	if len(instance.ProfileTypes) == 0 {
		return types.BoolNull()
	}
	return types.BoolValue(false)
}

func row(t dictionary.ProfileType, installed types.Bool) typeModel {
	m := typeModel{
		Value:           types.StringValue(t.Value),
		Label:           types.StringValue(t.Label),
		Spoke:           tfkit.StringOrNull(t.SpokeName),
		SpokeRole:       tfkit.StringOrNull(t.SpokeRole),
		Installed:       installed,
		Subflows:        map[string]string{},
		Aliases:         []string{},
		ConnectionURL:   tfkit.StringOrNull(t.Connection.URL),
		CredentialKind:  tfkit.StringOrNull(t.Connection.CredentialKind),
		ActivitySubflow: types.BoolValue(t.ActivitySubflow),
		ActivityMeans:   tfkit.StringOrNull(t.ActivityMeans),
		ReclaimEffect:   tfkit.StringOrNull(t.ReclaimEffect),
		RestoreEffect:   tfkit.StringOrNull(t.RestoreEffect),
		ThresholdDays:   types.Int64Value(int64(t.ThresholdDays)),
		Certainty:       types.StringValue(string(t.Certainty)),
		Source:          types.StringValue(t.Source),
	}
	for process, name := range t.Subflows {
		m.Subflows[string(process)] = name
	}
	for _, v := range t.AliasRule {
		m.Aliases = append(m.Aliases, v.Alias)
	}
	return m
}

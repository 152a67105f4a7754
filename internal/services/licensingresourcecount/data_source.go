// Package licensingresourcecount is the Terraform surface of what ServiceNow meters.
package licensingresourcecount

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var _ datasource.DataSourceWithConfigure = &countsDataSource{}

// NewDataSource makes the data source servicenowsam_licensing_resource_counts.
func NewDataSource() datasource.DataSource { return &countsDataSource{} }

type countsDataSource struct{ tfkit.DataSource }

type model struct {
	Application      types.String `tfsdk:"application"`
	ResourceCategory types.String `tfsdk:"resource_category"`
	Counts           []countModel `tfsdk:"counts"`
}

type countModel struct {
	Application       types.String  `tfsdk:"application"`
	ResourceCategory  types.String  `tfsdk:"resource_category"`
	ResourceCount     types.Int64   `tfsdk:"resource_count"`
	ExcludedCount     types.Int64   `tfsdk:"excluded_count"`
	ResourcesPerUnit  types.Float64 `tfsdk:"resources_per_unit"`
	SubscriptionUnits types.Float64 `tfsdk:"subscription_units"`
	Status            types.String  `tfsdk:"status"`
	CountedAt         types.String  `tfsdk:"counted_at"`
}

func (d *countsDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "servicenowsam_licensing_resource_counts"
}

func (d *countsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	number := func(description string) schema.Float64Attribute {
		return schema.Float64Attribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: fmt.Sprintf("What the licensing job last counted (`itam_licensing_resource_counts`): the resources that "+
			"ServiceNow charges for, in subscription units. A *%s* is a person with an active software subscription, counted once whatever "+
			"number of vendors they have licences of; %d of them are a unit. People whose every subscription an exclusion rule leaves out "+
			"are not counted.\n\nThe job runs daily: on the embedded instance with `terraform-provider-servicenowsam run-due`, which shows "+
			"what a ServiceNow instance would charge. Before its first run the list is empty.\n\nRoles: `sam_user`.",
			dictionary.MeteringSaaSUser, dictionary.UsersPerUnit),
		Attributes: map[string]schema.Attribute{
			"application":       schema.StringAttribute{Optional: true, MarkdownDescription: "Only counts of this application, such as `Software Asset Management`."},
			"resource_category": schema.StringAttribute{Optional: true, MarkdownDescription: "Only counts of this category, such as `SaaS Subscription User`."},
			"counts": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The last count of each application and category, the newest first.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"application":       text("Application."),
					"resource_category": text("Category of the resources."),
					"resource_count":    schema.Int64Attribute{Computed: true, MarkdownDescription: "How many resources were counted."},
					"excluded_count": schema.Int64Attribute{
						Computed: true, MarkdownDescription: "How many more there would be without exclusion rules; null where the instance does not tell, as on ServiceNow.",
					},
					"resources_per_unit": number("How many resources make one subscription unit."),
					"subscription_units": number("Subscription units."),
					"status":             text("Status of the licensing job."),
					"counted_at":         text("When it was counted (RFC 3339, UTC)."),
				}},
			},
		},
	}
}

func (d *countsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	client, diags := d.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	counts, err := client.Metering.Latest(ctx, sam.ResourceCountFilter{
		Application: config.Application.ValueString(), Category: config.ResourceCategory.ValueString(),
	})
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read", "licensing resource counts", err))
		return
	}
	config.Counts = []countModel{}
	for _, c := range counts {
		excluded := types.Int64Null()
		if c.Excluded != nil {
			excluded = types.Int64Value(int64(*c.Excluded))
		}
		config.Counts = append(config.Counts, countModel{
			Application:       tfkit.StringOrNull(c.Application),
			ResourceCategory:  tfkit.StringOrNull(c.Category),
			ResourceCount:     types.Int64Value(int64(c.Count)),
			ExcludedCount:     excluded,
			ResourcesPerUnit:  types.Float64Value(c.Ratio),
			SubscriptionUnits: types.Float64Value(c.Units),
			Status:            tfkit.StringOrNull(c.Status),
			CountedAt:         tfkit.TimeOrNull(c.CountedAt),
		})
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}

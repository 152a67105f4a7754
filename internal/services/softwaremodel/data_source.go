// Package softwaremodel is the Terraform surface of software models.
package softwaremodel

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var _ datasource.DataSourceWithConfigure = &models{}

// NewDataSource makes the data source servicenowsam_software_models.
func NewDataSource() datasource.DataSource { return &models{} }

type models struct{ tfkit.DataSource }

type model struct {
	Publisher    types.String `tfsdk:"publisher"`
	Product      types.String `tfsdk:"product"`
	NameContains types.String `tfsdk:"name_contains"`
	Restricted   types.Bool   `tfsdk:"restricted"`
	Limit        types.Int64  `tfsdk:"limit"`
	TotalCount   types.Int64  `tfsdk:"total_count"`
	Models       []modelModel `tfsdk:"software_models"`
}

type modelModel struct {
	ID                     types.String `tfsdk:"id"`
	Name                   types.String `tfsdk:"name"`
	DisplayName            types.String `tfsdk:"display_name"`
	Status                 types.String `tfsdk:"status"`
	ProductID              types.String `tfsdk:"product_id"`
	Product                types.String `tfsdk:"product"`
	PublisherID            types.String `tfsdk:"publisher_id"`
	Publisher              types.String `tfsdk:"publisher"`
	Identifier             types.String `tfsdk:"subscription_identifier"`
	LicenseUnderManagement types.Bool   `tfsdk:"license_under_management"`
	Restricted             types.Bool   `tfsdk:"restricted"`
}

func (d *models) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "servicenowsam_software_models"
}

func (d *models) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	named := func(what string) schema.StringAttribute {
		return schema.StringAttribute{
			Optional: true, MarkdownDescription: what, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Software models (`cmdb_software_product_model`): what subscriptions, entitlements and savings are counted by. " +
			"Publishing a profile makes one for each subscription identifier that a product definition knows; a definition that is " +
			"added later gets its model from the next refresh.\n\nRoles: `sam_user`.",
		Attributes: map[string]schema.Attribute{
			"publisher":     named("Only models of the publisher with this name."),
			"product":       named("Only models of the product with this name."),
			"name_contains": named("Only models with this text in their display name."),
			"restricted":    schema.BoolAttribute{Optional: true, MarkdownDescription: "Only models that are, or are not, restricted software."},
			"limit": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: fmt.Sprintf("The most rows to return (default %d). 0 returns the count alone.", tfkit.RowLimit),
				Validators:          []validator.Int64{int64validator.AtLeast(0)},
			},
			"total_count": schema.Int64Attribute{Computed: true, MarkdownDescription: "How many models match."},
			"software_models": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The models, in the order of their `sys_id`.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":           text("The `sys_id` of the model."),
					"name":         text("Name."),
					"display_name": text("Name with the publisher."),
					"status":       text("Status, such as `In Production`."),
					"product_id":   text("The `sys_id` of the product."),
					"product":      text("Product."),
					"publisher_id": text("The `sys_id` of the publisher."),
					"publisher":    text("Publisher."),
					"subscription_identifier": text("The subscription identifier that the model was made for; null for a model that somebody " +
						"made by hand, and on ServiceNow."),
					"license_under_management": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether its licences are counted."},
					"restricted":               schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether it is restricted software, which nobody should have."},
				}},
			},
		},
	}
}

func (d *models) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	client, diags := d.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	filter := sam.ModelFilter{
		Publisher: config.Publisher.ValueString(), Product: config.Product.ValueString(), NameContains: config.NameContains.ValueString(),
		Restricted: config.Restricted.ValueBoolPointer(), OnHidden: tfkit.WarnHidden(&resp.Diagnostics, "Software models"),
	}
	if err := config.fill(ctx, client, filter); err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read", "software models", err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}

func (m *model) fill(ctx context.Context, client *sam.Client, f sam.ModelFilter) error {
	total, err := client.Models.Count(ctx, f)
	if err != nil {
		return err
	}
	m.TotalCount = types.Int64Value(int64(total))
	m.Models = []modelModel{}
	limit := int64(tfkit.RowLimit)
	if !m.Limit.IsNull() {
		limit = m.Limit.ValueInt64()
	}
	if limit == 0 {
		return nil
	}
	for s, err := range client.Models.All(ctx, f) {
		if err != nil {
			return err
		}
		m.Models = append(m.Models, row(s))
		if int64(len(m.Models)) == limit {
			break
		}
	}
	return nil
}

func row(s sam.SoftwareModel) modelModel {
	return modelModel{
		ID: types.StringValue(s.SysID), Name: tfkit.StringOrNull(s.Name), DisplayName: tfkit.StringOrNull(s.DisplayName),
		Status: tfkit.StringOrNull(s.Status), ProductID: tfkit.StringOrNull(s.ProductSysID), Product: tfkit.StringOrNull(s.Product),
		PublisherID: tfkit.StringOrNull(s.PublisherSysID), Publisher: tfkit.StringOrNull(s.Publisher),
		Identifier: tfkit.StringOrNull(s.Identifier), LicenseUnderManagement: types.BoolValue(s.LicenseUnderManagement),
		Restricted: types.BoolValue(s.Restricted),
	}
}

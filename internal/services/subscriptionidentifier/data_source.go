package subscriptionidentifier

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var _ datasource.DataSourceWithConfigure = &identifiers{}

// NewDataSource makes the data source servicenowsam_unrecognized_subscription_identifiers.
func NewDataSource() datasource.DataSource { return &identifiers{} }

type identifiers struct{ tfkit.DataSource }

type listModel struct {
	ProfileID   types.String `tfsdk:"profile_id"`
	Assigned    types.Bool   `tfsdk:"assigned"`
	Identifiers []rowModel   `tfsdk:"identifiers"`
}

type rowModel struct {
	ID              types.String `tfsdk:"id"`
	Identifier      types.String `tfsdk:"subscription_identifier"`
	SoftwareModelID types.String `tfsdk:"software_model_id"`
	ProfileIDs      []string     `tfsdk:"profile_ids"`
	Subscriptions   types.Int64  `tfsdk:"number_of_subscriptions"`
}

func (d *identifiers) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "servicenowsam_unrecognized_subscription_identifiers"
}

func (d *identifiers) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Unrecognized subscription identifiers (`samp_sw_unrecognized_subscription_identifier`): products and plans of " +
			"vendors that no active product definition knows. Their subscriptions have no software model, so that no reclamation " +
			"rule applies to them and they count for nothing, until somebody assigns a model " +
			"(`servicenowsam_subscription_identifier_model`).\n\nRoles: `sam_user`.",
		Attributes: map[string]schema.Attribute{
			"profile_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only identifiers in subscriptions of this integration profile (`sys_id`).",
				Validators:          []validator.String{tfkit.SysID()},
			},
			"assigned": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "Only identifiers to which a software model was, or was not, assigned.",
			},
			"identifiers": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The identifiers, in the order of their `sys_id`.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":                      text("The `sys_id` of the record."),
					"subscription_identifier": text("The identifier, as the vendor tells it."),
					"software_model_id":       text("The `sys_id` of the software model that somebody assigned; null where nobody did."),
					"profile_ids": schema.ListAttribute{
						ElementType: types.StringType, Computed: true, MarkdownDescription: "The integration profiles whose subscriptions have it.",
					},
					"number_of_subscriptions": schema.Int64Attribute{Computed: true, MarkdownDescription: "How many subscriptions have it, as of the last refresh."},
				}},
			},
		},
	}
}

func (d *identifiers) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config listModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	client, diags := d.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	filter := sam.IdentifierFilter{
		ProfileSysID: config.ProfileID.ValueString(), Assigned: config.Assigned.ValueBoolPointer(),
		OnHidden: tfkit.WarnHidden(&resp.Diagnostics, "Unrecognized subscription identifiers"),
	}
	config.Identifiers = []rowModel{}
	for i, err := range client.Identifiers.All(ctx, filter) {
		if err != nil {
			resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read", "unrecognized subscription identifiers", err))
			return
		}
		config.Identifiers = append(config.Identifiers, rowModel{
			ID: types.StringValue(i.SysID), Identifier: types.StringValue(i.Identifier), SoftwareModelID: tfkit.StringOrNull(i.ModelSysID),
			ProfileIDs: append([]string{}, i.ProfileSysIDs...), Subscriptions: types.Int64Value(int64(i.Subscriptions)),
		})
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}

package softwareentitlement

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var (
	_ datasource.DataSourceWithConfigure        = &entitlementDataSource{}
	_ datasource.DataSourceWithConfigValidators = &entitlementDataSource{}
)

// NewDataSource makes the data source servicenowsam_software_entitlement.
func NewDataSource() datasource.DataSource { return &entitlementDataSource{} }

type entitlementDataSource struct{ tfkit.DataSource }

func (d *entitlementDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = typeName
}

func (d *entitlementDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	number := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A software entitlement (`alm_license`), by `sys_id` or display name.\n\nRoles: `sam_user`.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The `sys_id` of the entitlement. Exactly one of `id` and `display_name`.",
				Validators:          []validator.String{tfkit.SysID()},
			},
			"display_name": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "Its display name, which must be the only one. Exactly one of `id` and `display_name`.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"software_model_id": text("The `sys_id` of the software model."),
			"product":           text("Name of its product."),
			"purchased_rights":  number("Rights bought."),
			"unit_cost": schema.StringAttribute{
				CustomType: tfkit.AmountType{}, Computed: true,
				MarkdownDescription: "Cost of one right for the subscription period, a decimal; null where none is known.",
			},
			"currency":            text("Currency of the amount (ISO 4217); null where the instance does not say."),
			"state":               text("`build`, `in_use` or `retired`."),
			"subscription_period": text("`monthly`, `quarterly`, `annually` or `entire`."),
			"start_date":          text("First day on which the rights count."),
			"end_date":            text("Last day on which they count; null if they do not end."),
			"agreement_type":      text("`standard`, `enterprise` or `unlimited`."),
			"license_metric":      text("License metric, such as `user_subscription`."),
			"active_rights":       number("Rights that count today."),
		},
	}
}

func (d *entitlementDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("display_name")),
	}
}

func (d *entitlementDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	client, diags := d.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	instance, err := client.Instance(ctx)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read", object(config), err))
		return
	}
	entitlement, err := find(ctx, client, config)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read", object(config), err))
		return
	}
	config.fromAPI(entitlement, instance)
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}

func find(ctx context.Context, client *sam.Client, m model) (found sam.Entitlement, err error) {
	if m.ID.ValueString() != "" {
		return client.Entitlements.Get(ctx, m.ID.ValueString())
	}
	name := m.DisplayName.ValueString()
	for e, err := range client.Entitlements.All(ctx, sam.EntitlementFilter{NameContains: name}) {
		switch {
		case err != nil:
			return e, err
		case e.DisplayName != name:
		case found.SysID != "":
			return e, fmt.Errorf("%w: %s and %s have this name. Use id", sam.ErrAmbiguous, found.SysID, e.SysID)
		default:
			found = e
		}
	}
	if found.SysID == "" {
		return found, fmt.Errorf("%w with this display name", sam.ErrNotFound)
	}
	return found, nil
}

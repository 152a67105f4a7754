package softwareentitlement

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// maxRights is the most rights that one entitlement can be of.
const maxRights = 1_000_000_000

func (r *entitlementResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A software entitlement (`alm_license`): rights to a subscription product that were bought, and what they " +
			"cost. Entitlements are what a removal candidate's potential savings, the licence position and compliance follow from.\n\n" +
			"Its license type is *Subscription*, its metric *User Subscription*: one right for each subscription of a user. Only " +
			"entitlements in use count, from their start to their end date. Amounts are in the one currency of the instance.\n\n" +
			"Destroying deletes the entitlement with its allocations; `state = \"retired\"` keeps it as a record.\n\n" +
			"Roles: `sam_admin`.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The `sys_id` of the entitlement.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"display_name": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "Name. Left out, the instance makes one of the software model and the start date.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
				Validators:          tfkit.Name(255),
			},
			"software_model_id": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The `sys_id` of the software model. At least one of `software_model_id` and `product`.",
				Validators:          []validator.String{tfkit.SysID()},
			},
			"product": schema.StringAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "Name of the product, where it has one software model, such as `Trello Enterprise`. Publishing an " +
					"integration profile makes the models, so let the entitlement depend on it. At least one of `software_model_id` and `product`.",
				Validators: tfkit.Name(255),
			},
			"purchased_rights": schema.Int64Attribute{
				Required:            true,
				MarkdownDescription: "How many rights were bought.",
				Validators:          []validator.Int64{int64validator.Between(0, maxRights)},
			},
			"unit_cost": schema.StringAttribute{
				CustomType:          tfkit.AmountType{},
				Optional:            true,
				MarkdownDescription: "Cost of one right for the subscription period: a decimal, such as `12.50` or `\"12.50\"`. Default: none is known.",
				Validators:          []validator.String{tfkit.UnsignedAmount()},
			},
			"currency": schema.StringAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "Currency of `unit_cost` (ISO 4217). An instance keeps amounts in one currency and another one is refused; " +
					"write it down where the amount would be wrong in another. Null where the instance does not say.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
				Validators:    []validator.String{stringvalidator.RegexMatches(currencyCode, "must be a code of ISO 4217, such as USD")},
			},
			"state": schema.StringAttribute{
				Optional: true,
				Computed: true,
				Default:  stringdefault.StaticString(dictionary.EntitlementInUse),
				MarkdownDescription: "`build`, `in_use` (*Publish*, the default) or `retired`. Only `in_use` counts. The state goes in this order " +
					"and never back.",
				Validators: []validator.String{stringvalidator.OneOf(states...)},
			},
			"subscription_period": schema.StringAttribute{
				Optional: true,
				Computed: true,
				Default:  stringdefault.StaticString(dictionary.PeriodEntire),
				MarkdownDescription: "What `unit_cost` pays for: `monthly`, `quarterly`, `annually`, or `entire` (*Entire Subscription Period*, the " +
					"default). All but `entire` need an end date.",
				Validators: []validator.String{stringvalidator.OneOf(
					dictionary.PeriodMonthly, dictionary.PeriodQuarterly, dictionary.PeriodAnnually, dictionary.PeriodEntire)},
			},
			"start_date": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "First day on which the rights count, such as `2026-01-01`.",
				Validators:          []validator.String{tfkit.Date()},
			},
			"end_date": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Last day on which they count. Default: they do not end.",
				Validators:          []validator.String{tfkit.Date()},
			},
			"agreement_type": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(dictionary.AgreementStandard),
				MarkdownDescription: "`standard` (default), `enterprise` or `unlimited`. With the latter two a product is always compliant.",
				Validators: []validator.String{stringvalidator.OneOf(
					dictionary.AgreementStandard, dictionary.AgreementEnterprise, dictionary.AgreementUnlimited)},
			},
			"license_metric": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "License metric: always `user_subscription`. Another one is set right, since its rights would count for nothing here.",
			},
			"active_rights": schema.Int64Attribute{
				Computed:            true,
				MarkdownDescription: "Rights that count today: the purchased ones while the entitlement is in use and within its dates, else 0.",
			},
		},
	}
}

func (r *entitlementResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{
		resourcevalidator.AtLeastOneOf(path.MatchRoot("software_model_id"), path.MatchRoot("product")),
	}
}

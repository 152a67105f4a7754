package reconciliation

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

type model struct {
	ID          types.String   `tfsdk:"id"`
	Publisher   types.String   `tfsdk:"publisher"`
	PublisherID types.String   `tfsdk:"publisher_id"`
	Triggers    types.Map      `tfsdk:"triggers"`
	MaxAge      types.String   `tfsdk:"max_age"`
	Timeouts    timeouts.Value `tfsdk:"timeouts"`
	record
}

// record is what one run left behind.
type record struct {
	ResultID           types.String `tfsdk:"result_id"`
	Number             types.String `tfsdk:"number"`
	StartedAt          types.String `tfsdk:"started_at"`
	FinishedAt         types.String `tfsdk:"finished_at"`
	Status             types.String `tfsdk:"status"`
	Publishers         types.Int64  `tfsdk:"publishers"`
	Products           types.Int64  `tfsdk:"products"`
	CompliantProducts  types.Int64  `tfsdk:"compliant_products"`
	RightsOwned        types.Int64  `tfsdk:"rights_owned"`
	RightsUsed         types.Int64  `tfsdk:"rights_used"`
	Unlicensed         types.Int64  `tfsdk:"unlicensed"`
	WithoutUser        types.Int64  `tfsdk:"without_user"`
	TrueUpCost         types.String `tfsdk:"true_up_cost"`
	OverLicensedAmount types.String `tfsdk:"over_licensed_amount"`
	TotalSpend         types.String `tfsdk:"total_spend"`
	Currency           types.String `tfsdk:"currency"`
}

func (r *reconciliationResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	count := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A *run* of the software license reconciliation: compares the rights that are owned with the subscriptions that " +
			"need one, marks those without a right, and records what it found. The figures per product are in the data source " +
			"`servicenowsam_license_usage`.\n\n" +
			"It runs on create, when `triggers` change (which replaces the resource), and when the last good run, this one or the " +
			"instance's own, is older than `max_age`. Changing any other attribute runs nothing. Destroying it only forgets the record. " +
			"A run buys and takes away nothing. It cannot be imported.\n\n" +
			"Roles: `sam_admin`. Needs the companion app on a ServiceNow instance; without it the instance's weekly job reconciles.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The `sys_id` of the result of the first run of this resource.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"publisher": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Name of the publisher to reconcile, such as `Atlassian`. Default: all. A change replaces the resource.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators:          tfkit.Name(255),
			},
			"publisher_id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The `sys_id` of the publisher; null for all.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"triggers": schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "Any change replaces this resource and starts one new run. The finish of a sync and the entitlements' rights " +
					"and cost make good triggers.",
				PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplace()},
			},
			"max_age": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Run again when the last good run is older than this, such as `168h`. Default: never. It is judged when " +
					"Terraform refreshes, by the value of the last apply.",
				Validators: []validator.String{tfkit.Duration()},
			},
			"result_id":   text("The `sys_id` of the reconciliation result of the last run."),
			"number":      text("Its number."),
			"started_at":  text("When the last run started (RFC 3339, UTC)."),
			"finished_at": text("When it ended (RFC 3339, UTC)."),
			"status": text("How it ended: `completed`, `partially_completed` (some publishers keep their former results; a warning names them) " +
				"or `failed`."),
			"publishers":           count("Publishers with anything to reconcile."),
			"products":             count("Products with anything to reconcile."),
			"compliant_products":   count("Products whose rights suffice."),
			"rights_owned":         count("Active rights."),
			"rights_used":          count("Rights used: allocated ones, and those of users who have a subscription."),
			"unlicensed":           count("Subscriptions without a right."),
			"without_user":         count("Subscriptions that cannot be licensed, because no user is known."),
			"true_up_cost":         text("What the missing rights cost. A decimal."),
			"over_licensed_amount": text("What the unused rights cost. A decimal."),
			"total_spend":          text("What all active rights cost. A decimal."),
			"currency":             text("Currency of the amounts (ISO 4217)."),
			"timeouts":             tfkit.Timeouts(ctx, timeouts.Opts{Create: true, Update: true}, defaultTimeout),
		},
	}
}

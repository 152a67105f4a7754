package reclamationrule

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

type model struct {
	ID                         types.String `tfsdk:"id"`
	Product                    types.String `tfsdk:"product"`
	ProfileType                types.String `tfsdk:"profile_type"`
	ProductID                  types.String `tfsdk:"product_id"`
	Name                       types.String `tfsdk:"name"`
	LastActivityThreshold      types.Int64  `tfsdk:"last_activity_threshold"`
	CreateReclamationCandidate types.Bool   `tfsdk:"create_reclamation_candidate"`
	NotifyUser                 types.Bool   `tfsdk:"notify_user"`
	DaysBeforeAutoReclamation  types.Int64  `tfsdk:"days_before_auto_reclamation"`
	AssignmentGroup            types.String `tfsdk:"assignment_group"`
	AssignmentGroupID          types.String `tfsdk:"assignment_group_id"`
	Active                     types.Bool   `tfsdk:"active"`
}

const resourceDescription = "The reclamation rule of a product (`samp_sw_reclamation_rule`): after how many days without activity a " +
	"user counts as stale, and what becomes of the licence then.\n\n" +
	"A product has one rule. Publishing the first integration profile of the product creates it, and it outlives the profile. This " +
	"resource never creates a rule: it *adopts* the one that is there, and destroying the resource returns the rule to the " +
	"documented defaults and leaves it. Name the product by `profile_type = servicenowsam_integration_profile.NAME.profile_type`, " +
	"so that the first apply publishes before it adopts.\n\n" +
	"**One owner.** A rule that somebody has changed is refused on create, with the `import` block to paste. The embedded instance " +
	"also marks an adopted rule, so that a second resource for the same product is refused, in this configuration and in any other " +
	"root module. A ServiceNow instance has no place for the mark: there, a second resource is refused in the same apply, and in " +
	"another root module as long as the rule differs from the defaults. An import takes a rule over from whoever has it; remove it " +
	"there with a `removed` block.\n\n" +
	"A rule that was deleted by hand is missed by the next plan. The apply then publishes the published profile of the product once " +
	"more, which makes a new rule and nothing else. Without the companion app, publish by hand. The open candidates of a deleted " +
	"rule are closed by the next refresh.\n\n" +
	"A changed threshold counts from the next refresh on: candidates whose user is not stale by it are closed, and new ones are " +
	"opened. Nothing is reclaimed by it.\n\n" +
	"Roles: `sam_admin`."

func (r *ruleResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	computed := func(description string) schema.StringAttribute {
		return schema.StringAttribute{
			Computed: true, MarkdownDescription: description,
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		}
	}
	product := func(description string) schema.StringAttribute {
		return schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: description + " Exactly one of `product` and `profile_type`; another product replaces the resource.",
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown(), anotherProduct()},
			Validators:          tfkit.Name(255),
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: resourceDescription,
		Attributes: map[string]schema.Attribute{
			"id":           computed("The `sys_id` of the rule."),
			"product":      product("Name of the product, such as `Trello Enterprise`."),
			"profile_type": product("Type of the integration profiles that bring the product's subscriptions, such as `trello_enterprise_subscription`."),
			"product_id":   computed("The `sys_id` of the product (`samp_sw_product`)."),
			"name":         schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the rule."},
			"last_activity_threshold": schema.Int64Attribute{
				Optional: true, Computed: true, Default: int64default.StaticInt64(dictionary.DefaultThresholdDays),
				MarkdownDescription: fmt.Sprintf("*Last activity threshold*: a user without activity for so many days is stale (%d to %d, default %d). "+
					"Microsoft 365 accepts 30, 90 and 180 alone (KB3018930).",
					dictionary.MinThresholdDays, dictionary.MaxThresholdDays, dictionary.DefaultThresholdDays),
				Validators: []validator.Int64{int64validator.Between(dictionary.MinThresholdDays, dictionary.MaxThresholdDays)},
			},
			"create_reclamation_candidate": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(true),
				MarkdownDescription: "*Create reclamation candidate* (default `true`). `false` only collects activity.",
			},
			"notify_user": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
				MarkdownDescription: "*Notify user* (default `false`): candidates of the rule ask their user before anything is reclaimed. " +
					"Needs an instance that can deliver messages: the embedded one with `notification_delivery`.",
			},
			"days_before_auto_reclamation": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: fmt.Sprintf("*Days before auto-reclamation*: how long the user has to answer (0 to %d). 0 and null ask "+
					"nobody. Only with `notify_user`.", dictionary.MaxDaysBeforeAuto),
				Validators: []validator.Int64{int64validator.Between(0, dictionary.MaxDaysBeforeAuto)},
			},
			"assignment_group": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(dictionary.DefaultAssignmentGroup),
				MarkdownDescription: "*Assignment group* that answers for the candidates, by name or `sys_id` (default `" + dictionary.DefaultAssignmentGroup + "`).",
				Validators:          []validator.String{stringvalidator.LengthBetween(1, 255)},
			},
			"assignment_group_id": schema.StringAttribute{Computed: true, MarkdownDescription: "The `sys_id` of that group (`sys_user_group`)."},
			"active": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(true),
				MarkdownDescription: "Whether the rule is active (default `true`).",
			},
		},
	}
}

// anotherProduct replaces the resource for a product of another name. Case does not count on an instance.
func anotherProduct() planmodifier.String {
	const description = "Another product replaces the resource."
	return stringplanmodifier.RequiresReplaceIf(func(_ context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
		resp.RequiresReplace = !req.ConfigValue.IsNull() && !strings.EqualFold(req.PlanValue.ValueString(), req.StateValue.ValueString())
	}, description, description)
}

func (r *ruleResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{
		resourcevalidator.ExactlyOneOf(path.MatchRoot("product"), path.MatchRoot("profile_type")),
	}
}

// ValidateConfig holds the days to answer to somebody being asked.
func (r *ruleResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	days := config.DaysBeforeAutoReclamation
	if days.IsNull() || days.IsUnknown() || config.NotifyUser.IsUnknown() || config.NotifyUser.ValueBool() {
		return
	}
	resp.Diagnostics.AddAttributeError(path.Root("days_before_auto_reclamation"), "Nobody is notified", fmt.Sprintf(
		"days_before_auto_reclamation = %d gives users time to answer, and notify_user is not true, so that nobody is asked. Set "+
			"notify_user = true, or leave days_before_auto_reclamation out.", days.ValueInt64()))
}

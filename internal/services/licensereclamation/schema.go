package licensereclamation

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// Values of on_excess.
const (
	onExcessError    = "error"
	onExcessPlanNone = "plan_none"
)

const defaultMaxPlanAge = "24h"

type model struct {
	ID                  types.String   `tfsdk:"id"`
	ProfileID           types.String   `tfsdk:"profile_id"`
	MaxRemovals         types.Int64    `tfsdk:"max_removals"`
	OnExcess            types.String   `tfsdk:"on_excess"`
	Approved            types.Set      `tfsdk:"approved"`
	ApprovedUsers       types.Map      `tfsdk:"approved_users"`
	Justifications      types.Set      `tfsdk:"justifications"`
	MinInactiveDays     types.Int64    `tfsdk:"min_inactive_days"`
	Departments         types.Set      `tfsdk:"departments"`
	CostCenters         types.Set      `tfsdk:"cost_centers"`
	SoftwareModels      types.Set      `tfsdk:"software_models"`
	Products            types.Set      `tfsdk:"products"`
	Leavers             types.String   `tfsdk:"leavers"`
	MaxPlanAge          types.String   `tfsdk:"max_plan_age"`
	IncludePersonalData types.Bool     `tfsdk:"include_personal_data"`
	Evidence            types.Object   `tfsdk:"evidence"`
	Removals            types.Map      `tfsdk:"removals"`
	TotalSavings        types.String   `tfsdk:"total_potential_savings"`
	Currency            types.String   `tfsdk:"currency"`
	ReclaimEffect       types.String   `tfsdk:"reclaim_effect"`
	RestoreEffect       types.String   `tfsdk:"restore_effect"`
	Outcomes            types.Map      `tfsdk:"outcomes"`
	RunNumber           types.String   `tfsdk:"run_number"`
	LastRunAt           types.String   `tfsdk:"last_run_at"`
	Timeouts            timeouts.Value `tfsdk:"timeouts"`

	profile string // display name, as far as it is known
}

type evidenceModel struct {
	Reason          types.String `tfsdk:"reason"`
	ChangeReference types.String `tfsdk:"change_reference"`
	ApprovedBy      types.String `tfsdk:"approved_by"`
	RunURL          types.String `tfsdk:"run_url"`
}

type removalModel struct {
	Product          types.String `tfsdk:"product"`
	Justification    types.String `tfsdk:"justification"`
	InactiveDays     types.Int64  `tfsdk:"inactive_days"`
	PotentialSavings types.String `tfsdk:"potential_savings"`
	Leaver           types.Bool   `tfsdk:"leaver"`
	AsksUser         types.Bool   `tfsdk:"asks_user"`
	Attempt          types.String `tfsdk:"attempt"`
	User             types.String `tfsdk:"user"`
}

type outcomeModel struct {
	Outcome types.String `tfsdk:"outcome"`
	Message types.String `tfsdk:"message"`
}

var removalType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"product":           types.StringType,
	"justification":     types.StringType,
	"inactive_days":     types.Int64Type,
	"potential_savings": types.StringType,
	"leaver":            types.BoolType,
	"asks_user":         types.BoolType,
	"attempt":           types.StringType,
	"user":              types.StringType,
}}

var outcomeType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"outcome": types.StringType,
	"message": types.StringType,
}}

func (r *reclamationResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A *reviewed run*: takes licences back from people who no longer use them, and from nobody whom the " +
			"plan did not name.\n\n" +
			"The plan lists the licences in `removals` and, in one warning, a line per person. The apply checks each of them " +
			"again (still a candidate, still idle, not protected) and reclaims those. Whoever became a candidate later waits for " +
			"the next plan. Creating the resource never reclaims, because its plan could not name anyone: the list comes with " +
			"the next plan, or with the first one after an import by profile id.\n\n" +
			"Review the saved plan file and apply that one, or put the approved candidate numbers into `approved` and review " +
			"the change in a pull request. Keep runs in a root module of their own, so that exit code 2 of a drift job means " +
			"drift. Destroying the resource only forgets.\n\n" +
			"Roles: `sam_user`. The vendor's user needs what the profile's `required_permissions` say for reclaim. Needs the " +
			"companion app on a ServiceNow instance.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The same as `profile_id`.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"profile_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The `sys_id` of the integration profile. A change replaces the resource.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators:          []validator.String{tfkit.SysID()},
			},
			"max_removals": schema.Int64Attribute{
				Required:            true,
				MarkdownDescription: "The most licences that one apply may take back.",
				Validators:          []validator.Int64{int64validator.AtLeast(0)},
			},
			"on_excess": schema.StringAttribute{
				Optional: true,
				Computed: true,
				Default:  stringdefault.StaticString(onExcessError),
				MarkdownDescription: "What a plan with more than `max_removals` does: `error` (default) fails, `plan_none` plans no " +
					"removals and warns.",
				Validators: []validator.String{stringvalidator.OneOf(onExcessError, onExcessPlanNone)},
			},
			"approved": schema.SetAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "Candidate numbers that may be reclaimed, such as the rows of a reviewed file. Without it, all " +
					"candidates that the filters let through are planned; an empty set plans none. A number is given once and its candidate " +
					"keeps its user; `approved_users` checks that as well.",
				Validators: []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
			},
			"approved_users": schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				MarkdownDescription: "In the place of `approved`: for each approved number the `user_mark` of the person, as the data source " +
					"`servicenowsam_removal_candidates` gives it. A candidate that stands for somebody else is a plan error.",
				Validators: []validator.Map{
					mapvalidator.KeysAre(stringvalidator.LengthAtLeast(1)), mapvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
					mapvalidator.ConflictsWith(path.MatchRoot("approved")),
				},
			},
			"justifications": filter("Only candidates with one of these justifications: `"+strings.Join(justifications(), "`, `")+"`.",
				stringvalidator.OneOf(justifications()...)),
			"min_inactive_days": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: "Only candidates who were last active at least so many days ago. Whoever was never seen active is left out: " +
					"nobody knows for how many days.",
				Validators: []validator.Int64{int64validator.AtLeast(1)},
			},
			"departments":     filter("Only people of these departments (names; case does not matter)."),
			"cost_centers":    filter("Only people of these cost centres (names; case does not matter)."),
			"software_models": filter("Only licences of these software models (names; case does not matter)."),
			"products":        filter("Only licences of these products (names; case does not matter)."),
			"leavers": schema.StringAttribute{
				Optional: true,
				Computed: true,
				Default:  stringdefault.StaticString(leaversFirst),
				MarkdownDescription: "People who left, which is whose user record is inactive: `first` (default) puts them first in the plan and in " +
					"the run, so that a run that ends early has begun with theirs; `only` plans nobody else. Neither " +
					"makes a plan with more than `max_removals` shorter: `on_excess` decides about that.",
				Validators: []validator.String{stringvalidator.OneOf(leaversFirst, leaversOnly)},
			},
			"max_plan_age": schema.StringAttribute{
				Optional: true,
				Computed: true,
				Default:  stringdefault.StaticString(defaultMaxPlanAge),
				MarkdownDescription: "An apply refuses a plan whose evidence is older than this (default `24h`): people may have " +
					"come back since.",
				Validators: []validator.String{tfkit.Duration()},
			},
			"include_personal_data": schema.BoolAttribute{
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
				MarkdownDescription: "Put the name and mail address of each person into `removals`, and with that into plan file and " +
					"state (default `false`: they are in the plan's warning alone).",
			},
			"evidence": schema.SingleNestedAttribute{
				Optional: true,
				MarkdownDescription: "Who decided and why. Goes into the work notes of the candidates. What is left out comes from the " +
					"environment of the apply, where a CI run knows more than the plan did.",
				Attributes: map[string]schema.Attribute{
					"reason":           schema.StringAttribute{Optional: true, MarkdownDescription: "Why the licences are taken back."},
					"change_reference": schema.StringAttribute{Optional: true, MarkdownDescription: "Number of the change or ticket. Environment: `SERVICENOWSAM_CHANGE_REFERENCE`."},
					"approved_by":      schema.StringAttribute{Optional: true, MarkdownDescription: "Who approved. Environment: `SERVICENOWSAM_APPROVED_BY`."},
					"run_url":          schema.StringAttribute{Optional: true, MarkdownDescription: "Address of the CI run or pull request. Environment: `SERVICENOWSAM_RUN_URL`."},
				},
			},
			"removals": schema.MapNestedAttribute{
				Computed: true,
				MarkdownDescription: "In a plan: the licences that the apply takes back, by candidate number. Empty again after the " +
					"next refresh, so that every plan shows additions only.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"product":           schema.StringAttribute{Computed: true, MarkdownDescription: "Product of the licence."},
					"justification":     schema.StringAttribute{Computed: true, MarkdownDescription: "Why it is a candidate, such as `low_usage`."},
					"inactive_days":     schema.Int64Attribute{Computed: true, MarkdownDescription: "Days since the last activity; null if never seen."},
					"potential_savings": schema.StringAttribute{Computed: true, MarkdownDescription: "Cost of the right, in the instance's currency."},
					"leaver":            schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the person left: the user record is inactive."},
					"asks_user": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the user is asked first; the licence does " +
						"not go before the answer, or the end of the time to answer."},
					"attempt": schema.StringAttribute{Computed: true, MarkdownDescription: "`first`; after a question to the user `released`, " +
						"`no_answer` or `keep_rejected` (the assignment group decided otherwise); `retry` after a reclaim that failed; `resume` after " +
						"one that was interrupted."},
					"user": schema.StringAttribute{Computed: true, MarkdownDescription: "Name and mail address; only with " +
						"`include_personal_data`."},
				}},
			},
			"total_potential_savings": schema.StringAttribute{
				Computed: true, MarkdownDescription: "In a plan: the sum of the potential savings of `removals`, in `currency`.",
			},
			"currency": schema.StringAttribute{
				Computed: true, MarkdownDescription: "In a plan: the currency of the instance (ISO 4217); null where it is not known.",
			},
			"reclaim_effect": schema.StringAttribute{
				Computed: true, MarkdownDescription: "In a plan: what a reclaim does to the people at the vendor.",
			},
			"restore_effect": schema.StringAttribute{
				Computed: true, MarkdownDescription: "In a plan: what an undo gives back, and what it cannot.",
			},
			"outcomes": schema.MapNestedAttribute{
				Computed: true,
				MarkdownDescription: "What became of each licence in the last run, by candidate number, and what earlier runs left " +
					"unfinished.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"outcome": schema.StringAttribute{Computed: true, MarkdownDescription: "`done`, `already_gone`, `skipped_active`, " +
						"`skipped_protected`, `skipped_self`, `skipped_admin`, `skipped_closed`, `managed_elsewhere`, `awaiting_user`, " +
						"`deferred` (the daily maximum is reached), `denied` or `failed`. After `skipped_self` and `skipped_admin` the candidate is not planned again; replace the " +
						"resource to try once more."},
					"message": schema.StringAttribute{Computed: true, MarkdownDescription: "What the vendor said."},
				}},
			},
			"last_run_at": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "When the last run ended (RFC 3339, UTC); null if there was none.",
			},
			"run_number": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "Number of the last run in the data source `servicenowsam_reclamation_runs`; null if there was none.",
			},
			"timeouts": tfkit.Timeouts(ctx, timeouts.Opts{Update: true}, defaultTimeout),
		},
	}
}

// filter is a set of values of which a candidate must have one.
func filter(description string, valid ...validator.String) schema.SetAttribute {
	return schema.SetAttribute{
		ElementType:         types.StringType,
		Optional:            true,
		MarkdownDescription: description,
		Validators: []validator.Set{
			setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(append(valid, stringvalidator.LengthAtLeast(1))...),
		},
	}
}

func justifications() []string {
	var names []string
	for _, j := range dictionary.JustificationChoices() {
		names = append(names, j.Value)
	}
	return names
}

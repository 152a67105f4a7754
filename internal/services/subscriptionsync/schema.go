package subscriptionsync

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

const defaultMaxRemovalFraction = 0.5

type model struct {
	ID                 types.String   `tfsdk:"id"`
	ProfileID          types.String   `tfsdk:"profile_id"`
	Triggers           types.Map      `tfsdk:"triggers"`
	MaxAge             types.String   `tfsdk:"max_age"`
	MaxRemovalFraction types.Float64  `tfsdk:"max_removal_fraction"`
	MaxDuration        types.String   `tfsdk:"max_duration"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
	record
}

// record is what one run left behind.
type record struct {
	RunID              types.String `tfsdk:"run_id"`
	StartedAt          types.String `tfsdk:"started_at"`
	FinishedAt         types.String `tfsdk:"finished_at"`
	Status             types.String `tfsdk:"status"`
	Downloaded         types.Int64  `tfsdk:"downloaded"`
	Created            types.Int64  `tfsdk:"created"`
	Updated            types.Int64  `tfsdk:"updated"`
	Unchanged          types.Int64  `tfsdk:"unchanged"`
	Removed            types.Int64  `tfsdk:"removed"`
	RemovalsHeld       types.Int64  `tfsdk:"removals_held"`
	Unrecognized       types.Int64  `tfsdk:"unrecognized"`
	WithoutUser        types.Int64  `tfsdk:"without_user"`
	AmbiguousUsers     types.Int64  `tfsdk:"ambiguous_users"`
	CandidatesOpened   types.Int64  `tfsdk:"candidates_opened"`
	CandidatesCanceled types.Int64  `tfsdk:"candidates_canceled"`
	Complete           types.Bool   `tfsdk:"complete"`
	ActivityEvents     types.Int64  `tfsdk:"activity_events"`
	ActivityUpdated    types.Int64  `tfsdk:"activity_updated"`
	ActivityUnknown    types.Int64  `tfsdk:"activity_unknown"`
	ActivityMethod     types.String `tfsdk:"activity_method"`
	ActivityPartial    types.Bool   `tfsdk:"activity_partial"`
}

func (r *syncResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	count := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A *run*: refreshes the subscriptions and the activity of a profile (*Execute Now* on its job) and " +
			"records what it did.\n\n" +
			"It runs on create, when `triggers` change (which replaces the resource), and when the last good run, this one or " +
			"the instance's own, is older than `max_age`. Changing any other attribute runs nothing. Destroying it only forgets " +
			"the record. A run never reclaims. It cannot be imported.\n\n" +
			"Roles: `sam_integrator`. The vendor's user needs what the profile's `required_permissions` say for the download. " +
			"Needs the companion app on a ServiceNow instance.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "Id of the first run of this resource.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"profile_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The `sys_id` of the integration profile; it must be published. A change replaces the resource.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators:          []validator.String{tfkit.SysID()},
			},
			"triggers": schema.MapAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "Any change replaces this resource and starts one new run.",
				PlanModifiers:       []planmodifier.Map{mapplanmodifier.RequiresReplace()},
			},
			"max_age": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Run again when the last good run is older than this, such as `24h`. Default: never. It is " +
					"judged when Terraform refreshes, by the value of the last apply.",
				Validators: []validator.String{tfkit.Duration()},
			},
			"max_removal_fraction": schema.Float64Attribute{
				Optional: true,
				Computed: true,
				Default:  float64default.StaticFloat64(defaultMaxRemovalFraction),
				MarkdownDescription: "The largest part of the known subscriptions that may vanish in one run (above 0, at most 1; " +
					"default 0.5). Above it nobody is removed and `removals_held` counts them: a vendor that suddenly lists " +
					"nobody must not empty the inventory.",
				Validators: []validator.Float64{float64validator.Between(0.0001, 1)},
			},
			"max_duration": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "How long the pull of activity may take, such as `30m`. It then ends at a checkpoint, from which the " +
					"next run goes on. Default: no limit. Set it where `timeouts` are shorter than a first pull.",
				Validators: []validator.String{tfkit.Duration()},
			},
			"run_id":      schema.StringAttribute{Computed: true, MarkdownDescription: "Id of the last run."},
			"started_at":  schema.StringAttribute{Computed: true, MarkdownDescription: "When the last run started (RFC 3339, UTC)."},
			"finished_at": schema.StringAttribute{Computed: true, MarkdownDescription: "When the last run ended (RFC 3339, UTC)."},
			"status":      schema.StringAttribute{Computed: true, MarkdownDescription: "How it ended: `completed`, `failed` or `canceled`."},
			"downloaded": count("Users whom the vendor listed. Where `status` is `completed`, each is in `created`, `updated` or " +
				"`unchanged`; after any other run the rest was not stored, and the next run does it."),
			"created":       count("Subscriptions that are new."),
			"updated":       count("Subscriptions that changed."),
			"unchanged":     count("Subscriptions that did not change."),
			"removed":       count("Subscriptions removed because the vendor no longer lists the user."),
			"removals_held": count("Users who vanished and were kept, because of `max_removal_fraction` or an incomplete list."),
			"unrecognized": count("Subscriptions of the profile whose identifier nobody knows, so that they have no software model. " +
				"`servicenowsam_unrecognized_subscription_identifiers` lists the identifiers."),
			"without_user":        count("Subscriptions of the profile for which no `sys_user` was found."),
			"ambiguous_users":     count("Those of them for which several users were found, so that none was taken."),
			"candidates_opened":   count("Removal candidates opened."),
			"candidates_canceled": count("Removal candidates closed because the user was active again."),
			"complete": schema.BoolAttribute{
				Computed:            true,
				MarkdownDescription: "Whether the vendor's list was read to its end.",
			},
			"activity_events":  count("Signs of activity that the vendor told; 0 where activity comes with the subscriptions."),
			"activity_updated": count("Subscriptions whose last activity moved forward."),
			"activity_unknown": count("Users without any sign of activity whom the vendor may just not show. They never become removal candidates."),
			"activity_method":  schema.StringAttribute{Computed: true, MarkdownDescription: "How activity was read; null where it comes with the subscriptions."},
			"activity_partial": schema.BoolAttribute{
				Computed:            true,
				MarkdownDescription: "Whether the pull of activity ended before it had seen everything. Nobody becomes a removal candidate before one complete pull.",
			},
			"timeouts": tfkit.Timeouts(ctx, timeouts.Opts{Create: true, Update: true}, defaultTimeout),
		},
	}
}

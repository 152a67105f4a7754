// Package reclamationrun is the Terraform surface of the evidence of reclaims.
package reclamationrun

import (
	"context"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var _ datasource.DataSourceWithConfigure = &runs{}

// NewDataSource makes the data source servicenowsam_reclamation_runs.
func NewDataSource() datasource.DataSource { return &runs{} }

type runs struct{ tfkit.DataSource }

type model struct {
	ProfileID  types.String            `tfsdk:"profile_id"`
	Kind       types.String            `tfsdk:"kind"`
	From       types.String            `tfsdk:"from"`
	To         types.String            `tfsdk:"to"`
	Limit      types.Int64             `tfsdk:"limit"`
	TotalCount types.Int64             `tfsdk:"total_count"`
	Outcomes   map[string]int64        `tfsdk:"outcomes"`
	Savings    map[string]types.String `tfsdk:"savings"`
	Runs       []runModel              `tfsdk:"runs"`
}

type runModel struct {
	ID          types.String     `tfsdk:"id"`
	Number      types.String     `tfsdk:"number"`
	Kind        types.String     `tfsdk:"kind"`
	ProfileID   types.String     `tfsdk:"profile_id"`
	ProfileName types.String     `tfsdk:"profile_name"`
	StartedAt   types.String     `tfsdk:"started_at"`
	Requested   types.Int64      `tfsdk:"requested"`
	Outcomes    map[string]int64 `tfsdk:"outcomes"`
	Savings     types.String     `tfsdk:"savings"`
	Currency    types.String     `tfsdk:"currency"`
	Evidence    evidenceModel    `tfsdk:"evidence"`
}

type evidenceModel struct {
	Reason          types.String `tfsdk:"reason"`
	ChangeReference types.String `tfsdk:"change_reference"`
	ApprovedBy      types.String `tfsdk:"approved_by"`
	RunURL          types.String `tfsdk:"run_url"`
}

const defaultLimit = 100

func (d *runs) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "servicenowsam_reclamation_runs"
}

func text(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func counts(description string) schema.MapAttribute {
	return schema.MapAttribute{Computed: true, ElementType: types.Int64Type, MarkdownDescription: description}
}

func day(description string) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: []validator.String{tfkit.Date()}}
}

func (d *runs) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The evidence of reclaims: the runs that took or gave back licences, with who approved them and why. It is " +
			"appended in the moment in which something happens, and nothing can change it afterwards. Nobody is named but who approved.\n\n" +
			"A ServiceNow instance keeps no such evidence of its own: it needs the companion app.\n\nRoles: `sam_user`.",
		Attributes: map[string]schema.Attribute{
			"profile_id": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only runs of this integration profile (`sys_id`), which need not exist any more.",
				Validators:          []validator.String{tfkit.SysID()},
			},
			"kind": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Only runs of this kind: `reclaim` (reviewed by people), `auto` (by the clock, after a notice) or `restore`.",
				Validators:          []validator.String{stringvalidator.OneOf(dictionary.RunKindReclaim, dictionary.RunKindAuto, dictionary.RunKindRestore)},
			},
			"from": day("Only runs that started on this day (UTC) or later, such as `2026-11-01`."),
			"to":   day("Only runs that started on this day (UTC) or earlier."),
			"limit": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "The most runs to return (default 100), newest first. Counts and savings are of all that match.",
				Validators:          []validator.Int64{int64validator.Between(0, 10000)},
			},
			"total_count": schema.Int64Attribute{Computed: true, MarkdownDescription: "How many runs match."},
			"outcomes":    counts("Counts of licences per outcome, over all runs that match."),
			"savings": schema.MapAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "What the runs that match save, by currency. A licence that was given back saves nothing any more.",
			},
			"runs": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The runs, newest first.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":           text("The `sys_id` of the run."),
					"number":       text("Number, such as `RUN0000001`."),
					"kind":         text("`reclaim`, `auto` or `restore`."),
					"profile_id":   text("The `sys_id` of the integration profile."),
					"profile_name": text("Display name of the integration profile, as it was then."),
					"started_at":   text("When it started (RFC 3339, UTC)."),
					"requested":    schema.Int64Attribute{Computed: true, MarkdownDescription: "How many licences it was to take or give back. Fewer outcomes mean that it was cut."},
					"outcomes":     counts("Counts of licences per outcome."),
					"savings":      text("What it saves, a decimal; without licences that were given back."),
					"currency":     text("Currency of the savings (ISO 4217)."),
					"evidence": schema.SingleNestedAttribute{
						Computed:            true,
						MarkdownDescription: "Who decided and why, as far as the run was told.",
						Attributes: map[string]schema.Attribute{
							"reason":           text("Why."),
							"change_reference": text("Number of the change or ticket."),
							"approved_by":      text("Who approved."),
							"run_url":          text("Address of the CI run or pull request."),
						},
					},
				}},
			},
		},
	}
}

func (d *runs) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	client, diags := d.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	filter := sam.ReclamationRunFilter{
		ProfileSysID: config.ProfileID.ValueString(), Kind: config.Kind.ValueString(),
		OnHidden: tfkit.WarnHidden(&resp.Diagnostics, "reclamation runs"),
	}
	filter.From, _ = time.Parse(time.DateOnly, config.From.ValueString()) // the schema checks days
	if last, err := time.Parse(time.DateOnly, config.To.ValueString()); err == nil {
		if last.Before(filter.From) {
			resp.Diagnostics.AddAttributeError(path.Root("to"), "The period ends before it begins",
				"Listing the reclamation runs: to lies before from. Swap them.")
			return
		}
		filter.Before = last.AddDate(0, 0, 1)
	}
	found, err := client.ReclamationRuns.All(ctx, filter)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("list", "reclamation runs", err))
		return
	}
	config.fill(found)
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}

// fill sums all runs up and shows the newest.
func (m *model) fill(found []sam.ReclamationRun) {
	limit := defaultLimit
	if !m.Limit.IsNull() {
		limit = int(m.Limit.ValueInt64())
	}
	m.TotalCount = types.Int64Value(int64(len(found)))
	m.Outcomes, m.Savings, m.Runs = map[string]int64{}, map[string]types.String{}, []runModel{}
	savings := map[string]sam.Amount{}
	for _, run := range slices.Backward(found) {
		savings[run.Currency] = savings[run.Currency].Add(run.Saved())
		for outcome, n := range run.Outcomes() {
			m.Outcomes[outcome] += int64(n)
		}
		if len(m.Runs) < limit {
			m.Runs = append(m.Runs, newRun(run))
		}
	}
	for currency, amount := range savings {
		m.Savings[currency] = types.StringValue(amount.String())
	}
}

func newRun(run sam.ReclamationRun) runModel {
	outcomes := map[string]int64{}
	for outcome, n := range run.Outcomes() {
		outcomes[outcome] = int64(n)
	}
	return runModel{
		ID: types.StringValue(run.SysID), Number: types.StringValue(run.Number), Kind: types.StringValue(run.Kind),
		ProfileID: tfkit.StringOrNull(run.ProfileSysID), ProfileName: tfkit.StringOrNull(run.ProfileName),
		StartedAt: tfkit.TimeOrNull(run.StartedAt), Requested: types.Int64Value(int64(run.Requested)),
		Outcomes: outcomes, Savings: types.StringValue(run.Saved().String()), Currency: tfkit.StringOrNull(run.Currency),
		Evidence: evidenceModel{
			Reason: tfkit.StringOrNull(run.Evidence.Reason), ChangeReference: tfkit.StringOrNull(run.Evidence.ChangeReference),
			ApprovedBy: tfkit.StringOrNull(run.Evidence.ApprovedBy), RunURL: tfkit.StringOrNull(run.Evidence.RunURL),
		},
	}
}

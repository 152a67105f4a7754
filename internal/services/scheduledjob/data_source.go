// Package scheduledjob is the Terraform surface of scheduled jobs and their results.
package scheduledjob

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var (
	_ datasource.DataSourceWithConfigure = &jobsDataSource{}
	_ datasource.DataSourceWithConfigure = &resultsDataSource{}
)

// NewDataSource makes the data source servicenowsam_scheduled_jobs.
func NewDataSource() datasource.DataSource { return &jobsDataSource{} }

// NewResultsDataSource makes the data source servicenowsam_scheduled_job_results.
func NewResultsDataSource() datasource.DataSource { return &resultsDataSource{} }

type (
	jobsDataSource    struct{ tfkit.DataSource }
	resultsDataSource struct{ tfkit.DataSource }
)

type jobsModel struct {
	ProfileID    types.String `tfsdk:"profile_id"`
	OverdueCount types.Int64  `tfsdk:"overdue_count"`
	Jobs         []jobModel   `tfsdk:"jobs"`
}

type jobModel struct {
	ID        types.String `tfsdk:"id"`
	Name      types.String `tfsdk:"name"`
	Active    types.Bool   `tfsdk:"active"`
	RunType   types.String `tfsdk:"run_type"`
	NextRun   types.String `tfsdk:"next_run"`
	ProfileID types.String `tfsdk:"profile_id"`
	Overdue   types.Bool   `tfsdk:"overdue"`
}

type resultsModel struct {
	ProfileID types.String  `tfsdk:"profile_id"`
	Limit     types.Int64   `tfsdk:"limit"`
	Results   []resultModel `tfsdk:"results"`
}

type resultModel struct {
	ID        types.String `tfsdk:"id"`
	Number    types.String `tfsdk:"number"`
	Name      types.String `tfsdk:"name"`
	Status    types.String `tfsdk:"status"`
	Message   types.String `tfsdk:"message"`
	ProfileID types.String `tfsdk:"profile_id"`
	StartedAt types.String `tfsdk:"started_at"`
	UpdatedAt types.String `tfsdk:"updated_at"`
}

func (d *jobsDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "servicenowsam_scheduled_jobs"
}

func (d *resultsDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "servicenowsam_scheduled_job_results"
}

func text(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func profileFilter() schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: "Only those of this integration profile (`sys_id`).",
		Validators:          []validator.String{tfkit.SysID()},
	}
}

func (d *jobsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Scheduled jobs of integration profiles (`sysauto_script`).\n\nRoles: `sam_integrator`.",
		Attributes: map[string]schema.Attribute{
			"profile_id":    profileFilter(),
			"overdue_count": schema.Int64Attribute{Computed: true, MarkdownDescription: "How many of them are overdue."},
			"jobs": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The jobs, in the order of their names.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":         text("The `sys_id` of the job."),
					"name":       text("Name, such as `SAM - Refresh Trello Subscriptions`."),
					"active":     schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the job is active."},
					"run_type":   text("How often it runs, such as `daily`."),
					"next_run":   text("When it is to run next (RFC 3339, UTC); null where the instance does not tell."),
					"profile_id": text("The `sys_id` of the integration profile."),
					"overdue":    schema.BoolAttribute{Computed: true, MarkdownDescription: "Active, and its time has passed."},
				}},
			},
		},
	}
}

func (d *resultsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Scheduled job results (`samp_job_log`), newest first.\n\nRoles: `sam_user`.",
		Attributes: map[string]schema.Attribute{
			"profile_id": profileFilter(),
			"limit": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "The most results to return (default 100).",
				Validators:          []validator.Int64{int64validator.Between(1, 10000)},
			},
			"results": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The results, newest first.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":         text("The `sys_id` of the result."),
					"number":     text("Number."),
					"name":       text("Name of the job."),
					"status":     text("`completed`, `failed` or `in_progress`."),
					"message":    text("What the job reported."),
					"profile_id": text("The `sys_id` of the integration profile."),
					"started_at": text("When it started (RFC 3339, UTC)."),
					"updated_at": text("When it last reported (RFC 3339, UTC)."),
				}},
			},
		},
	}
}

func (d *jobsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config jobsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	client, diags := d.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	jobs, err := client.Jobs.Scheduled(ctx, config.ProfileID.ValueString(), d.Meta.Now())
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("list", "scheduled jobs", err))
		return
	}
	config.Jobs = []jobModel{}
	overdue := int64(0)
	for _, j := range jobs {
		if j.Overdue {
			overdue++
		}
		config.Jobs = append(config.Jobs, jobModel{
			ID:        types.StringValue(j.SysID),
			Name:      types.StringValue(j.Name),
			Active:    types.BoolValue(j.Active),
			RunType:   tfkit.StringOrNull(j.RunType),
			NextRun:   tfkit.TimeOrNull(j.NextRun),
			ProfileID: tfkit.StringOrNull(j.ProfileSysID),
			Overdue:   types.BoolValue(j.Overdue),
		})
	}
	config.OverdueCount = types.Int64Value(overdue)
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}

const defaultResults = 100

func (d *resultsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config resultsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	client, diags := d.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	limit := defaultResults
	if !config.Limit.IsNull() {
		limit = int(config.Limit.ValueInt64())
	}
	results, err := client.Jobs.Results(ctx, config.ProfileID.ValueString(), limit)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("list", "scheduled job results", err))
		return
	}
	config.Results = []resultModel{}
	for _, r := range results {
		config.Results = append(config.Results, resultModel{
			ID:        types.StringValue(r.SysID),
			Number:    tfkit.StringOrNull(r.Number),
			Name:      types.StringValue(r.Name),
			Status:    types.StringValue(r.Status),
			Message:   tfkit.StringOrNull(r.Message),
			ProfileID: tfkit.StringOrNull(r.ProfileSysID),
			StartedAt: tfkit.TimeOrNull(r.StartedAt),
			UpdatedAt: tfkit.TimeOrNull(r.UpdatedAt),
		})
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}

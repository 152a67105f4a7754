// Package subscriptionsync is the Terraform surface of a refresh of subscriptions and activity.
package subscriptionsync

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var (
	_ resource.ResourceWithConfigure  = &syncResource{}
	_ resource.ResourceWithModifyPlan = &syncResource{}
)

// defaultTimeout allows for a first download of a large enterprise under the vendor's rate limit.
const defaultTimeout = 2 * time.Hour

// NewResource makes the resource servicenowsam_subscription_sync.
func NewResource() resource.Resource { return &syncResource{} }

type syncResource struct{ tfkit.Resource }

func (r *syncResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "servicenowsam_subscription_sync"
}

// age is what Read saw of the last good run.
type age struct {
	Due bool `json:"due"`
}

var pinnedAge = tfkit.Pin[age]{Key: "age"}

// ModifyPlan plans a new run where Read found the last good one too old.
func (r *syncResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan model
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	plan.record = unknownRecord()
	if !req.State.Raw.IsNull() {
		var state model
		pinned, _, diags := pinnedAge.Load(ctx, req.Private)
		resp.Diagnostics.Append(diags...)
		if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
			return
		}
		if !pinned.Due || plan.MaxAge.IsNull() {
			plan.record = state.record
		}
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

func (r *syncResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, diags := r.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := plan.Timeouts.Create(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	instance, err := client.Instance(ctx)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("refresh", object(plan), err))
		return
	}
	resp.Diagnostics.Append(tfkit.PinInstance(ctx, resp.Private, instance)...)
	started, diags := r.run(ctx, client, &plan)
	resp.Diagnostics.Append(diags...)
	if !started {
		return
	}
	plan.ID = plan.RunID
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// run refreshes the profile and records what happened, also where it failed half-way. Started tells whether there is
// anything to record.
func (r *syncResource) run(ctx context.Context, client *sam.Client, m *model) (started bool, diags diag.Diagnostics) {
	begin := r.Meta.Now()
	run, diags := refresh{
		profileID:          m.ProfileID.ValueString(),
		maxRemovalFraction: m.MaxRemovalFraction.ValueFloat64(),
		maxDuration:        maxDuration(m.MaxDuration),
		again:              "change triggers (or use -replace) to run again",
		say:                r.Meta.Say(ctx, "refresh", object(*m)),
	}.run(ctx, client)
	if run.RunID == "" {
		return false, diags
	}
	m.record = newRecord(run, begin, r.Meta.Now())
	return true, diags
}

// maxDuration is the configured limit; the validator has refused what is no duration.
func maxDuration(configured types.String) time.Duration {
	limit, _ := time.ParseDuration(configured.ValueString())
	return limit
}

func (r *syncResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	_, diags := r.Meta.CheckInstance(ctx, req.Private, object(state))
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	due, err := r.due(ctx, client, state)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read the job results of", object(state), err))
		return
	}
	resp.Diagnostics.Append(pinnedAge.Save(ctx, resp.Private, age{Due: due})...)
}

// resultsToLookAt is how many job results are looked at for a good one.
const resultsToLookAt = 50

// due tells whether the last good run, ours or the instance's own, is older than max_age.
func (r *syncResource) due(ctx context.Context, client *sam.Client, state model) (bool, error) {
	maxAge, err := time.ParseDuration(state.MaxAge.ValueString())
	if state.MaxAge.IsNull() || err != nil {
		return false, nil //nolint:nilerr // the validator has refused any other text
	}
	last := time.Time{}
	if state.Status.ValueString() == dictionary.JobLogCompleted {
		last, _ = time.Parse(time.RFC3339, state.FinishedAt.ValueString())
	}
	results, err := client.Jobs.Results(ctx, state.ProfileID.ValueString(), resultsToLookAt)
	if err != nil && !errors.Is(err, sam.ErrNotFound) {
		return false, err
	}
	for _, result := range results {
		if result.Status == dictionary.JobLogCompleted && result.UpdatedAt.After(last) {
			last = result.UpdatedAt
		}
	}
	return r.Meta.Now().Sub(last) > maxAge, nil
}

func (r *syncResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan model
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	if !plan.RunID.IsUnknown() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
		return
	}
	timeout, diags := plan.Timeouts.Update(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	_, diags = r.Meta.CheckInstance(ctx, req.Private, object(plan))
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	started, diags := r.run(ctx, client, &plan)
	resp.Diagnostics.Append(diags...)
	if !started {
		return
	}
	resp.Diagnostics.Append(pinnedAge.Save(ctx, resp.Private, age{})...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Delete only forgets: a run cannot be undone.
func (r *syncResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

func object(m model) string { return subscriptionsOf("", m.ProfileID.ValueString()) }

func unknownRecord() record {
	text, number := types.StringUnknown(), types.Int64Unknown()
	return record{
		RunID: text, StartedAt: text, FinishedAt: text, Status: text,
		Downloaded: number, Created: number, Updated: number, Unchanged: number, Removed: number, RemovalsHeld: number,
		Unrecognized: number, WithoutUser: number, AmbiguousUsers: number,
		CandidatesOpened: number, CandidatesCanceled: number, Complete: types.BoolUnknown(),
		ActivityEvents: number, ActivityUpdated: number, ActivityUnknown: number, ActivityMethod: text,
		ActivityPartial: types.BoolUnknown(),
	}
}

func newRecord(run sam.RefreshRun, started, finished time.Time) record {
	number := func(n int) types.Int64 { return types.Int64Value(int64(n)) }
	return record{
		RunID:              types.StringValue(run.RunID),
		StartedAt:          tfkit.TimeOrNull(started),
		FinishedAt:         tfkit.TimeOrNull(finished),
		Status:             types.StringValue(statusName(run.Status)),
		Downloaded:         number(run.Downloaded),
		Created:            number(run.Created),
		Updated:            number(run.Updated),
		Unchanged:          number(run.Unchanged),
		Removed:            number(run.Removed),
		RemovalsHeld:       number(run.RemovalsHeld),
		Unrecognized:       number(run.Unrecognized),
		WithoutUser:        number(run.WithoutUser),
		AmbiguousUsers:     number(run.AmbiguousUsers),
		CandidatesOpened:   number(run.CandidatesOpened),
		CandidatesCanceled: number(run.CandidatesCanceled),
		Complete:           types.BoolValue(run.Complete),
		ActivityEvents:     number(run.ActivityEvents),
		ActivityUpdated:    number(run.ActivityUpdated),
		ActivityUnknown:    number(run.Unknown),
		ActivityMethod:     tfkit.StringOrNull(run.ActivityMethod),
		ActivityPartial:    types.BoolValue(run.Partial),
	}
}

func statusName(progress string) string {
	switch progress {
	case companion.StatusSuccessful:
		return dictionary.JobLogCompleted
	case companion.StatusCanceled:
		return "canceled"
	}
	return dictionary.JobLogFailed
}

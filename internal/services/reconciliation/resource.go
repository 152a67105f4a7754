// Package reconciliation is the Terraform surface of the software license reconciliation.
package reconciliation

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var (
	_ resource.ResourceWithConfigure  = &reconciliationResource{}
	_ resource.ResourceWithModifyPlan = &reconciliationResource{}
)

// defaultTimeout allows for the inventory of a large company.
const defaultTimeout = time.Hour

const typeName = "servicenowsam_reconciliation"

// NewResource makes the resource servicenowsam_reconciliation.
func NewResource() resource.Resource { return &reconciliationResource{} }

type reconciliationResource struct{ tfkit.Resource }

func (r *reconciliationResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = typeName
}

// age is what Read saw of the last good run.
type age struct {
	Due bool `json:"due"`
}

var pinnedAge = tfkit.Pin[age]{Key: "age"}

// ModifyPlan plans a new run where Read found the last good one too old.
func (r *reconciliationResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
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

func (r *reconciliationResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
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

	before, err := client.Instance(ctx)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("reconcile", rightsOf(plan.Publisher), err))
		return
	}
	id, diags := findPublisher(ctx, client, plan.Publisher)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	plan.PublisherID = tfkit.StringOrNull(id)
	started, diags := r.run(ctx, client, &plan)
	resp.Diagnostics.Append(diags...)
	if !started {
		return
	}
	instance := r.Meta.Created(ctx, before, &resp.Diagnostics)
	resp.Diagnostics.Append(tfkit.PinInstance(ctx, resp.Private, instance)...)
	plan.ID = plan.ResultID
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// run reconciles and records what happened, also where it failed half-way. Started tells whether there is anything to
// record.
func (r *reconciliationResource) run(ctx context.Context, client *sam.Client, m *model) (started bool, diags diag.Diagnostics) {
	begin := r.Meta.Now()
	what := rightsOf(m.Publisher)
	outcome, diags := reconcile(ctx, client, m.PublisherID.ValueString(), what, r.Meta.Say(ctx, "reconcile", what))
	if outcome.Result.SysID == "" {
		return false, diags
	}
	m.record = newRecord(outcome, begin, r.Meta.Now())
	return true, diags
}

func (r *reconciliationResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	_, diags := r.Meta.CheckInstance(ctx, req.Private, rightsOf(state.Publisher))
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	due, err := r.due(ctx, client, state)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read the reconciliations of", rightsOf(state.Publisher), err))
		return
	}
	resp.Diagnostics.Append(pinnedAge.Save(ctx, resp.Private, age{Due: due})...)
}

// runsToLookAt is how many reconciliations are looked at for a good one.
const runsToLookAt = 50

// due tells whether the last good run, ours or the instance's own, is older than max_age. One of all publishers is as good
// as one of the publisher alone.
func (r *reconciliationResource) due(ctx context.Context, client *sam.Client, state model) (bool, error) {
	maxAge, err := time.ParseDuration(state.MaxAge.ValueString())
	if state.MaxAge.IsNull() || err != nil {
		return false, nil //nolint:nilerr // the validator has refused any other text
	}
	last := time.Time{}
	if state.Status.ValueString() == dictionary.ReconciliationCompleted {
		last, _ = time.Parse(time.RFC3339, state.FinishedAt.ValueString())
	}
	runs, err := client.Reconciliations.List(ctx, runsToLookAt)
	if err != nil {
		return false, err
	}
	for _, run := range runs {
		covers := run.PublisherSysID == "" || run.PublisherSysID == state.PublisherID.ValueString()
		if covers && run.Status == dictionary.ReconciliationCompleted && run.LastReconciled.After(last) {
			last = run.LastReconciled
		}
	}
	return r.Meta.Now().Sub(last) > maxAge, nil
}

func (r *reconciliationResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan model
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	if !plan.ResultID.IsUnknown() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
		return
	}
	timeout, diags := plan.Timeouts.Update(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	_, diags = r.Meta.CheckInstance(ctx, req.Private, rightsOf(plan.Publisher))
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
func (r *reconciliationResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

func unknownRecord() record {
	text, number := types.StringUnknown(), types.Int64Unknown()
	return record{
		ResultID: text, Number: text, StartedAt: text, FinishedAt: text, Status: text, Publishers: number, Products: number,
		CompliantProducts: number, RightsOwned: number, RightsUsed: number, Unlicensed: number, WithoutUser: number,
		TrueUpCost: text, OverLicensedAmount: text, TotalSpend: text, Currency: text,
	}
}

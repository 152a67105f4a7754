package licensereclamation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// request is what the plan lets an apply do, and nothing else.
func (r *reclamationResource) request(ctx context.Context, plan model, seen pin) (companion.ReclaimRequest, diag.Diagnostics) {
	request := newRequest(r.Meta)
	diags := plan.refuseOld(seen, r.Meta.Now())
	if diags.HasError() {
		return request, diags
	}
	for _, c := range seen.Candidates {
		if _, planned := plan.Removals.Elements()[c.Number]; planned {
			c.addTo(&request)
		}
	}
	if len(request.Candidates) != len(plan.Removals.Elements()) {
		diags.AddError("The plan and its evidence do not fit together", fmt.Sprintf(
			"Reclaiming for the %s: the plan names %d candidates, and %d of them were seen when it was made. Nothing was "+
				"reclaimed. Plan again.", object(plan), len(plan.Removals.Elements()), len(request.Candidates)))
		return request, diags
	}
	evidence, d := evidenceOf(ctx, plan.Evidence, r.Meta.Evidence)
	diags.Append(d...)
	request.Evidence = evidence
	return request, diags
}

// newRequest is a request that names nobody yet, with what the instance is to respect.
func newRequest(meta *tfkit.Meta) companion.ReclaimRequest {
	now := meta.Now()
	return companion.ReclaimRequest{
		Protected: meta.Policy.ProtectedUsers(now), ProtectedGroups: meta.Policy.ProtectedGroups(now), DailyMaximum: meta.Policy.DailyMaximum,
	}
}

// addTo names the candidate in a request, with whose licence was reviewed.
func (c candidate) addTo(r *companion.ReclaimRequest) {
	r.Candidates = append(r.Candidates, c.SysID)
	if c.Subscription == "" {
		return
	}
	if r.Expected == nil {
		r.Expected = map[string]companion.Expected{}
	}
	r.Expected[c.SysID] = companion.Expected{Subscription: c.Subscription, User: c.UserMark}
}

// evidenceOf is what the configuration says, and where it is silent, the environment of the run.
func evidenceOf(ctx context.Context, value types.Object, run companion.Evidence) (companion.Evidence, diag.Diagnostics) {
	var m evidenceModel
	var diags diag.Diagnostics
	if !value.IsNull() {
		diags = value.As(ctx, &m, basetypes.ObjectAsOptions{})
	}
	return companion.Evidence{
		Reason:          m.Reason.ValueString(),
		ChangeReference: cmp.Or(m.ChangeReference.ValueString(), run.ChangeReference),
		ApprovedBy:      cmp.Or(m.ApprovedBy.ValueString(), run.ApprovedBy),
		RunURL:          cmp.Or(m.RunURL.ValueString(), run.RunURL),
	}, diags
}

// clockSkew is how far the clocks of the machines that plan and apply may be apart.
const clockSkew = 5 * time.Minute

// refuseOld refuses evidence older than max_plan_age, and evidence of a time that has not come yet.
func (m model) refuseOld(seen pin, now time.Time) diag.Diagnostics {
	limit, err := time.ParseDuration(m.MaxPlanAge.ValueString())
	seenAt, seenErr := time.Parse(time.RFC3339, seen.SeenAt)
	if err == nil && seenErr == nil && seenAt.Sub(now) > clockSkew {
		return diag.Diagnostics{diag.NewErrorDiagnostic("The plan is from the future", fmt.Sprintf(
			"Reclaiming for the %s: the candidates were seen at %q, which has not come yet on this machine. Nobody can say how old that "+
				"is. Nothing was reclaimed. Correct the clocks, then plan again.", object(m), seen.SeenAt))}
	}
	if err == nil && seenErr == nil && now.Sub(seenAt) <= limit {
		return nil
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic("The plan is too old to reclaim by", fmt.Sprintf(
		"Reclaiming for the %s: the candidates were seen at %q, and max_plan_age is %s. People may have come back since. Nothing "+
			"was reclaimed. Plan again and review what the new plan shows.",
		object(m), seen.SeenAt, m.MaxPlanAge.ValueString()))}
}

// record puts the outcomes of a run into the state. What earlier runs left unfinished stays on record, so that it comes
// back as a retry, or not at all.
func (m *model) record(ctx context.Context, outcome companion.ReclaimOutcome, state model, now time.Time) diag.Diagnostics {
	earlier, diags := state.outcomeModels(ctx)
	outcomes := map[string]outcomeModel{}
	for number, o := range earlier {
		last := companion.Outcome(o.Outcome.ValueString())
		if retryable(last) || settled(last) || last == companion.OutcomeAwaitingUser {
			outcomes[number] = o
		}
	}
	for _, item := range outcome.Items {
		outcomes[item.Number] = outcomeModel{
			Outcome: types.StringValue(string(item.Outcome)),
			Message: tfkit.StringOrNull(item.Message),
		}
	}
	value, d := types.MapValueFrom(ctx, outcomeType, outcomes)
	diags.Append(d...)
	m.Outcomes = value
	m.LastRunAt, m.RunNumber = tfkit.TimeOrNull(now), tfkit.StringOrNull(outcome.Run.Name)
	return diags
}

func (m model) outcomeModels(ctx context.Context) (map[string]outcomeModel, diag.Diagnostics) {
	outcomes := map[string]outcomeModel{}
	if m.Outcomes.IsNull() || m.Outcomes.IsUnknown() {
		return outcomes, nil
	}
	diags := m.Outcomes.ElementsAs(ctx, &outcomes, false)
	return outcomes, diags
}

// face is what differs between the resource and the action when they tell how a run went.
type face struct {
	object string // which licences
	retry  string // what becomes of those that failed
	goOn   string // what to do about those that were not attempted
}

func resourceFace(m model) face {
	return face{
		object: object(m),
		retry:  "They are recorded in outcomes, and the next plan shows them as retry.",
		goOn:   "Plan again to go on.",
	}
}

// report tells what did not go as planned: who was spared, and what failed.
func (f face) report(planned int, outcome companion.ReclaimOutcome) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, warning := range outcome.Warnings {
		diags.AddWarning("Reclaiming has a remark", fmt.Sprintf("Reclaiming for the %s: %s", f.object, warning))
	}
	var spared, failed []string
	for _, item := range outcome.Items {
		line := fmt.Sprintf("  %s  %s: %s", item.Number, item.Outcome, item.Message)
		switch {
		case retryable(item.Outcome):
			failed = append(failed, line)
		case item.Outcome != companion.OutcomeDone && item.Outcome != companion.OutcomeAlreadyGone:
			spared = append(spared, line)
		}
	}
	slices.Sort(spared)
	slices.Sort(failed)
	if len(spared) > 0 {
		diags.AddWarning(licences(len(spared))+" of the plan not reclaimed", fmt.Sprintf(
			"Reclaiming for the %s: these were left alone.\n%s", f.object, strings.Join(spared, "\n")))
	}
	if len(failed) > 0 {
		diags.AddError(licences(len(failed))+" could not be reclaimed", fmt.Sprintf(
			"Reclaiming for the %s: of %d planned, %d failed. %s\n%s",
			f.object, planned, len(failed), f.retry, strings.Join(failed, "\n")))
	}
	if missing := planned - len(outcome.Items); missing > 0 {
		diags.AddError(licences(missing)+" not attempted", fmt.Sprintf(
			"Reclaiming for the %s: the run ended before %d of %d planned licences were attempted. %s",
			f.object, missing, planned, f.goOn))
	}
	return diags
}

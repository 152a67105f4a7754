package licensereclamation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

// ModifyPlan plans the removals that Read pinned and the configuration approves. It looks at the instance only for the
// names in its warning.
func (r *reclamationResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan model
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	if resp.Diagnostics.Append(plan.refuseUnknown()...); resp.Diagnostics.HasError() {
		return
	}
	plan.Removals, plan.Outcomes = noRemovals(), noOutcomes()
	plan.LastRunAt = types.StringNull()
	plan.ID = plan.ProfileID
	var state model
	if !req.State.Raw.IsNull() {
		if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
			return
		}
	}
	if !req.State.Raw.IsNull() && plan.ProfileID.Equal(state.ProfileID) {
		seen, _, diags := pinnedCandidates.Load(ctx, req.Private)
		if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
			return
		}
		resp.Diagnostics.Append(r.planRemovals(ctx, &plan, state, seen)...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// refuseUnknown fails where a filter is unknown: a plan that cannot say who loses a licence must not be approved.
func (m model) refuseUnknown() diag.Diagnostics {
	var diags diag.Diagnostics
	for name, value := range map[string]attr.Value{
		"max_removals": m.MaxRemovals, "on_excess": m.OnExcess, "max_plan_age": m.MaxPlanAge,
		"include_personal_data": m.IncludePersonalData, "approved": m.Approved, "evidence": m.Evidence,
	} {
		if holdsUnknown(value) {
			diags.Append(unknownValue(path.Root(name)))
		}
	}
	return diags
}

// holdsUnknown tells whether a value, or one inside of it, is not known yet.
func holdsUnknown(value attr.Value) bool {
	var inner []attr.Value
	switch v := value.(type) {
	case types.Set:
		inner = v.Elements()
	case types.Object:
		inner = slices.Collect(maps.Values(v.Attributes()))
	}
	return value.IsUnknown() || slices.ContainsFunc(inner, holdsUnknown)
}

func unknownValue(at path.Path) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "A value that decides about licences is not known yet", fmt.Sprintf(
		"%s is known only after apply, so this plan could not say who loses a licence. Give it a value that is known "+
			"while planning.", at))
}

// planRemovals puts pinned ∩ approved into the plan. Where that is nothing, the prior state stays: no diff.
func (r *reclamationResource) planRemovals(ctx context.Context, plan *model, state model, seen pin) diag.Diagnostics {
	plan.Removals, plan.Outcomes, plan.LastRunAt = state.Removals, state.Outcomes, state.LastRunAt
	chosen, diags := plan.approvedOf(ctx, seen.Candidates)
	if diags.HasError() || len(chosen) == 0 {
		return diags
	}
	if limit := plan.MaxRemovals.ValueInt64(); int64(len(chosen)) > limit {
		text := fmt.Sprintf("%d licences of the integration profile %q could be reclaimed, and max_removals is %d. Raise "+
			"max_removals, or choose with approved.", len(chosen), seen.Profile, limit)
		if plan.OnExcess.ValueString() == onExcessPlanNone {
			diags.AddAttributeWarning(path.Root("max_removals"), "More candidates than max_removals: nothing is planned", text)
			return diags
		}
		diags.AddAttributeError(path.Root("max_removals"), "More candidates than max_removals", text)
		return diags
	}
	removals := map[string]removalModel{}
	for _, c := range chosen {
		removals[c.Number] = c.removal(plan.IncludePersonalData.ValueBool())
	}
	value, d := types.MapValueFrom(ctx, removalType, removals)
	diags.Append(d...)
	plan.Removals = value
	plan.Outcomes = types.MapUnknown(outcomeType)
	plan.LastRunAt = types.StringUnknown()
	diags.Append(r.review(ctx, *plan, seen, chosen))
	if client, d := r.meta.Client(); !d.HasError() {
		diags.Append(strangers(ctx, client, plan.ProfileID.ValueString(), r.meta.ProtectedNow())...)
	}
	return diags
}

func (m model) approvedOf(ctx context.Context, candidates []candidate) ([]candidate, diag.Diagnostics) {
	if m.Approved.IsNull() {
		return candidates, nil
	}
	var numbers []string
	diags := m.Approved.ElementsAs(ctx, &numbers, false)
	approved := map[string]bool{}
	for _, n := range numbers {
		approved[strings.ToUpper(strings.TrimSpace(n))] = true
	}
	var chosen []candidate
	for _, c := range candidates {
		if approved[c.Number] {
			chosen = append(chosen, c)
			delete(approved, c.Number)
		}
	}
	for number := range m.Outcomes.Elements() {
		delete(approved, number)
	}
	if len(approved) > 0 {
		diags.AddAttributeWarning(path.Root("approved"), "Approved numbers that are no candidates", fmt.Sprintf(
			"Planning the %s: these numbers of approved name no licence that could be reclaimed now. The candidate may be closed, "+
				"protected, or misspelt:\n  %s", object(m), strings.Join(slices.Sorted(maps.Keys(approved)), "\n  ")))
	}
	return chosen, diags
}

func (c candidate) removal(personalData bool) removalModel {
	m := removalModel{
		Product:          types.StringValue(c.Product),
		Justification:    types.StringValue(c.Justification),
		PotentialSavings: types.StringValue(c.PotentialSavings),
		Attempt:          types.StringValue(c.Attempt),
	}
	if c.InactiveDays != nil {
		m.InactiveDays = types.Int64Value(int64(*c.InactiveDays))
	}
	if personalData && c.Person != "" {
		m.User = types.StringValue(c.Person)
	}
	return m
}

// review is the warning that a person reads before saying yes.
func (r *reclamationResource) review(ctx context.Context, plan model, seen pin, chosen []candidate) diag.Diagnostic {
	names := r.names(ctx, chosen)
	remark := fmt.Sprintf("Seen at %s; whoever is active again by the time of the apply keeps the licence.", seen.SeenAt)
	if seen.Protected > 0 {
		remark += fmt.Sprintf(" %s protected by reclamation_policy.", more(seen.Protected))
	}
	return review{
		profile: seen.Profile, profileType: seen.ProfileType,
		limit: plan.MaxRemovals.ValueInt64(), remark: remark, family: r.meta.ReleaseFamily,
	}.warning(chosen, names)
}

// names looks up who the candidates are, by sys_id of the candidate. Names are looked up for the warning alone, so that
// they are in neither state nor plan file.
func (r *reclamationResource) names(ctx context.Context, chosen []candidate) map[string]string {
	names := map[string]string{}
	ids := make([]string, 0, len(chosen))
	for _, c := range chosen {
		names[c.SysID] = c.Person
		if c.Person == "" {
			names[c.SysID] = "(name could not be looked up)"
		}
		ids = append(ids, c.SysID)
	}
	client, diags := r.meta.Client()
	if diags.HasError() {
		return names
	}
	var live []sam.Candidate
	for c, err := range client.Candidates.All(ctx, sam.CandidateFilter{SysIDs: ids}) {
		if err != nil {
			return names
		}
		live = append(live, c)
	}
	people, err := usersOf(ctx, client, live)
	if err != nil {
		return names
	}
	for _, c := range live {
		names[c.SysID] = person(c, people[c.UserSysID])
	}
	return names
}

func noRemovals() types.Map { return types.MapValueMust(removalType, map[string]attr.Value{}) }

func noOutcomes() types.Map { return types.MapValueMust(outcomeType, map[string]attr.Value{}) }

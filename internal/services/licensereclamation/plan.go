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

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
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
	resp.Diagnostics.Append(plan.refuseUnknown()...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(refuseWithoutChange(ctx, r.Meta, plan.Evidence, object(plan))...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	plan.ID = plan.ProfileID
	plan.keep(model{Removals: noRemovals(), Outcomes: noOutcomes()})
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
		instance, diags := tfkit.PinnedInstance(ctx, req.Private)
		resp.Diagnostics.Append(diags...)
		resp.Diagnostics.Append(r.planRemovals(ctx, &plan, state, seen, instance)...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// refuseUnknown fails where a filter is unknown: a plan that cannot say who loses a licence must not be approved.
func (m model) refuseUnknown() diag.Diagnostics {
	var diags diag.Diagnostics
	for name, value := range map[string]attr.Value{
		"max_removals": m.MaxRemovals, "on_excess": m.OnExcess, "max_plan_age": m.MaxPlanAge,
		"include_personal_data": m.IncludePersonalData, "approved": m.Approved, "approved_users": m.ApprovedUsers,
		"evidence": m.Evidence, "justifications": m.Justifications, "min_inactive_days": m.MinInactiveDays,
		"departments": m.Departments, "cost_centers": m.CostCenters, "software_models": m.SoftwareModels, "products": m.Products,
		"leavers": m.Leavers,
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
	case types.Map:
		inner = slices.Collect(maps.Values(v.Elements()))
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

// planRemovals puts what Read pinned, the filters let through and approved names into the plan. Where that is nothing, the
// prior state stays: no diff.
func (r *reclamationResource) planRemovals(ctx context.Context, plan *model, state model, seen pin, instance string) diag.Diagnostics {
	plan.keep(state)
	plan.profile = seen.Profile
	diags := refuseUnknownGroups(seen.UnknownGroups, object(*plan))
	chosen, d := plan.filtered(ctx, seen.Candidates)
	diags.Append(d...)
	left := len(seen.Candidates) - len(chosen)
	chosen, d = plan.approvedOf(ctx, chosen)
	if diags.Append(d...); diags.HasError() || len(chosen) == 0 {
		return diags
	}
	if diags.Append(refuseInstance(r.Meta, instance, object(*plan))...); diags.HasError() {
		return diags
	}
	if excess := r.excess(*plan, seen, len(chosen)); excess != "" {
		if plan.OnExcess.ValueString() == onExcessPlanNone {
			diags.AddAttributeWarning(path.Root("max_removals"), "More candidates than may go: nothing is planned", excess)
			return diags
		}
		diags.AddAttributeError(path.Root("max_removals"), "More candidates than may go", excess)
		return diags
	}
	diags.Append(plan.name(ctx, chosen, seen, r.Meta.ReleaseFamily)...)
	diags.Append(warnFrozen(r.Meta)...)
	diags.Append(plan.warnNoChannel(seen, chosen)...)
	diags.Append(r.review(ctx, *plan, seen, chosen, left))
	if client, d := r.Meta.Client(); !d.HasError() {
		diags.Append(strangers(ctx, client, plan.ProfileID.ValueString(), r.Meta.Policy.ProtectedUsers(r.Meta.Now()))...)
	}
	return diags
}

// excess says why n licences are too many; empty where they are not.
func (r *reclamationResource) excess(plan model, seen pin, n int) string {
	if limit := plan.MaxRemovals.ValueInt64(); int64(n) > limit {
		return fmt.Sprintf("%d licences of the integration profile %q could be reclaimed, and max_removals is %d. Raise max_removals, or "+
			"choose with a filter or with approved; the data source servicenowsam_removal_candidates lists who they are.", n, seen.Profile, limit)
	}
	if left, ok := r.leftToday(seen); ok && n > left {
		return fmt.Sprintf("%d licences of the integration profile %q could be reclaimed, and %d may still go today: max_removals_per_day of the "+
			"provider's reclamation_policy is %d, and %d went before %s. Plan again tomorrow (UTC), or choose with a filter or with "+
			"approved.", n, seen.Profile, left, r.Meta.Policy.DailyMaximum, *seen.GoneToday, seen.SeenAt)
	}
	return ""
}

// leftToday is how many licences may go on the day on which the candidates were seen; false where that is not limited.
func (r *reclamationResource) leftToday(seen pin) (int, bool) {
	if r.Meta.Policy.DailyMaximum == 0 || seen.GoneToday == nil {
		return 0, false
	}
	return max(0, r.Meta.Policy.DailyMaximum-*seen.GoneToday), true
}

// name puts the removals into the plan, and leaves to the apply what only that can tell.
func (m *model) name(ctx context.Context, chosen []candidate, seen pin, family dictionary.ReleaseFamily) diag.Diagnostics {
	removals := map[string]removalModel{}
	for _, c := range chosen {
		removals[c.Number] = c.removal(m.IncludePersonalData.ValueBool())
	}
	value, diags := types.MapValueFrom(ctx, removalType, removals)
	m.Removals = value
	m.TotalSavings = types.StringValue(totalSavings(chosen))
	m.Currency = tfkit.StringOrNull(seen.Currency)
	t, _ := dictionary.ProfileTypeByValue(family, seen.ProfileType)
	m.ReclaimEffect, m.RestoreEffect = tfkit.StringOrNull(t.ReclaimEffect), tfkit.StringOrNull(t.RestoreEffect)
	m.Outcomes = types.MapUnknown(outcomeType)
	m.LastRunAt, m.RunNumber = types.StringUnknown(), types.StringUnknown()
	return diags
}

// keep takes over what is computed.
func (m *model) keep(from model) {
	m.Removals, m.Outcomes, m.LastRunAt, m.RunNumber = from.Removals, from.Outcomes, from.LastRunAt, from.RunNumber
	m.TotalSavings, m.Currency, m.ReclaimEffect, m.RestoreEffect = from.TotalSavings, from.Currency, from.ReclaimEffect, from.RestoreEffect
}

func (c candidate) removal(personalData bool) removalModel {
	m := removalModel{
		Product:          types.StringValue(c.Product),
		Justification:    types.StringValue(c.Justification),
		PotentialSavings: types.StringValue(c.PotentialSavings),
		Leaver:           types.BoolValue(c.Leaver),
		AsksUser:         types.BoolValue(c.AsksUser),
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

// warnNoChannel tells of people who are to be asked first and cannot be. The apply leaves their licences alone.
func (m model) warnNoChannel(seen pin, chosen []candidate) diag.Diagnostics {
	var numbers []string
	for _, c := range chosen {
		if c.AsksUser {
			numbers = append(numbers, "  "+c.Number)
		}
	}
	if !seen.NoChannel || len(numbers) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Some users cannot be asked", fmt.Sprintf(
		"Planning the %s: the users of these candidates are to be asked first, and the instance has no channel to deliver the question, so the "+
			"apply leaves their licences alone. Set embedded.notification_delivery in the provider block, or switch notify_user of the "+
			"reclamation rule off:\n%s", object(m), strings.Join(numbers, "\n")))}
}

// review is the warning that a person reads before saying yes.
func (r *reclamationResource) review(ctx context.Context, plan model, seen pin, chosen []candidate, filtered int) diag.Diagnostic {
	remarks := []string{fmt.Sprintf("Seen at %s; whoever is active again by the time of the apply keeps the licence.", seen.SeenAt)}
	if seen.Protected > 0 {
		remarks = append(remarks, fmt.Sprintf("%s protected by reclamation_policy.", more(seen.Protected)))
	}
	if filtered > 0 {
		remarks = append(remarks, fmt.Sprintf("%s left out by the filters.", more(filtered)))
	}
	if left, ok := r.leftToday(seen); ok {
		remarks = append(remarks, fmt.Sprintf("%d may go that day on this instance.", left))
	}
	return review{
		profile: seen.Profile, profileType: seen.ProfileType, currency: seen.Currency,
		limit: plan.MaxRemovals.ValueInt64(), remark: strings.Join(remarks, " "), family: r.Meta.ReleaseFamily,
	}.warning(chosen, r.names(ctx, chosen))
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
	client, diags := r.Meta.Client()
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
		names[c.SysID] = person(c, people[c.Holder()])
	}
	return names
}

func noRemovals() types.Map { return types.MapValueMust(removalType, map[string]attr.Value{}) }

func noOutcomes() types.Map { return types.MapValueMust(outcomeType, map[string]attr.Value{}) }

package licensereclamation

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
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
	unknown := map[string]attr.Value{
		"max_removals": m.MaxRemovals, "on_excess": m.OnExcess, "max_plan_age": m.MaxPlanAge,
		"include_personal_data": m.IncludePersonalData, "approved": m.Approved, "evidence": m.Evidence,
	}
	elements := append([]attr.Value{}, m.Approved.Elements()...)
	for name, value := range unknown {
		bad := value.IsUnknown()
		if name == "approved" {
			for _, e := range elements {
				bad = bad || e.IsUnknown()
			}
		}
		if name == "evidence" {
			for _, e := range m.Evidence.Attributes() {
				bad = bad || e.IsUnknown()
			}
		}
		if bad {
			diags.AddAttributeError(path.Root(name), "A value that decides about licences is not known yet", fmt.Sprintf(
				"%s is known only after apply, so this plan could not say who loses a licence. Give it a value that is known "+
					"while planning.", name))
		}
	}
	return diags
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
		approved[strings.TrimSpace(n)] = true
	}
	var chosen []candidate
	for _, c := range candidates {
		if approved[c.Number] {
			chosen = append(chosen, c)
		}
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
	var b strings.Builder
	fmt.Fprintf(&b, "Applying this plan reclaims %s of the integration profile %q:\n\n", licences(len(chosen)), seen.Profile)
	for _, c := range chosen {
		fmt.Fprintf(&b, "  %s  %s  %s, %s", c.Number, names[c.SysID], c.Product, c.idle())
		if c.Attempt != attemptFirst {
			fmt.Fprintf(&b, " (%s)", c.Attempt)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "\nTotal: %d of at most %d. Seen at %s; whoever is active again by the time of the apply keeps the licence.",
		len(chosen), plan.MaxRemovals.ValueInt64(), seen.SeenAt)
	if seen.Protected > 0 {
		fmt.Fprintf(&b, " %s protected by reclamation_policy.", more(seen.Protected))
	}
	if t, ok := dictionary.ProfileTypeByValue(r.meta.ReleaseFamily, seen.ProfileType); ok {
		fmt.Fprintf(&b, "\n\nWhat it does to them: %s", t.ReclaimEffect)
	}
	return diag.NewWarningDiagnostic("Review: this plan reclaims "+licences(len(chosen)), b.String())
}

func licences(n int) string {
	if n == 1 {
		return "1 licence"
	}
	return fmt.Sprintf("%d licences", n)
}

func more(n int) string {
	if n == 1 {
		return "1 more is"
	}
	return fmt.Sprintf("%d more are", n)
}

func (c candidate) idle() string {
	switch {
	case c.InactiveDays == nil:
		return "never seen active"
	case *c.InactiveDays == 1:
		return "inactive for 1 day"
	}
	return fmt.Sprintf("inactive for %d days", *c.InactiveDays)
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

package licensereclamation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// choice is what an action may do with the candidates that it names.
type choice struct {
	instance sam.Instance
	profile  sam.Profile
	chosen   []candidate       // to reclaim, by number
	names    map[string]string // of the people, by sys_id of the candidate
}

// choose looks the named candidates up. It fails where one of them must not be reclaimed, and then none is; those that
// cannot be any more are passed over with a warning, so that a run can be repeated.
func (a *reclamationAction) choose(ctx context.Context, m actionModel) (choice, diag.Diagnostics) {
	instance, profile, diags := a.Profile(ctx, "reclaim licences of", m.ProfileID)
	if diags.HasError() {
		return choice{}, diags
	}
	m.profile = profile.DisplayName
	if reason := obstacle(instance, profile); reason != "" {
		diags.AddAttributeError(path.Root("profile_id"), "Nothing can be reclaimed", fmt.Sprintf(
			"Reclaiming for the integration profile %q: %s.", profile.DisplayName, reason))
		return choice{}, diags
	}
	diags.Append(refuseInstance(a.Meta, instance.ID, m.object())...)
	diags.Append(refuseWithoutChange(ctx, a.Meta, m.Evidence, m.object())...)
	if diags.HasError() {
		return choice{}, diags
	}
	named, d := a.find(ctx, m)
	if diags.Append(d...); diags.HasError() {
		return choice{}, diags
	}

	c := choice{instance: instance, profile: profile}
	var open []sam.Candidate
	var attempts, passed []string
	for _, found := range named {
		attempt, ok := namedAttempt(found, instance.Kind)
		if !ok {
			passed = append(passed, fmt.Sprintf("  %s: %s", found.Number, found.StateLabel))
			continue
		}
		open = append(open, found)
		attempts = append(attempts, attempt)
	}
	client, _ := a.Meta.Client()
	g, err := newGuard(ctx, client, a.Meta, open)
	if err != nil {
		diags.Append(tfkit.ErrorDiagnostic("look up the people of", m.object(), err))
		return choice{}, diags
	}
	c.names = map[string]string{}
	for i, found := range open {
		holder := g.people[found.Holder()]
		c.names[found.SysID] = person(found, holder)
		c.chosen = append(c.chosen, newCandidate(found, attempts[i], holder))
	}
	diags.Append(refuseUnknownGroups(g.unknownGroups, m.object())...)
	diags.Append(g.refuseProtected(open)...)
	diags.Append(m.refuseExcess(len(open), profile)...)
	diags.Append(a.refuseBeyondToday(ctx, client, m, len(open))...)
	if len(passed) > 0 && !diags.HasError() {
		diags.AddWarning("Some candidates cannot be reclaimed any more", fmt.Sprintf(
			"Reclaiming for the integration profile %q: these are passed over, because of their state.\n%s",
			profile.DisplayName, strings.Join(passed, "\n")))
	}
	return c, diags
}

// namedAttempt tells whether a candidate that a person named can be acted on, and as what.
func namedAttempt(c sam.Candidate, kind string) (string, bool) {
	switch {
	case waiting(c, kind):
		return reasonOf(c), true
	case c.State == dictionary.StateAttentionRequired:
		return attemptRetry, true
	case c.State == dictionary.StateAwaitingRevocation && kind == companion.KindEmbedded:
		return attemptResume, true
	}
	return "", false
}

// find gives the named candidates in the order of their numbers.
func (a *reclamationAction) find(ctx context.Context, m actionModel) ([]sam.Candidate, diag.Diagnostics) {
	var numbers []string
	diags := m.Candidates.ElementsAs(ctx, &numbers, false)
	client, d := a.Meta.Client()
	if diags.Append(d...); diags.HasError() {
		return nil, diags
	}
	missing := map[string]bool{}
	for i := range numbers {
		numbers[i] = strings.TrimSpace(numbers[i])
		missing[numbers[i]] = true
	}
	var found []sam.Candidate
	filter := sam.CandidateFilter{ProfileSysID: m.ProfileID.ValueString(), Numbers: numbers}
	for c, err := range client.Candidates.All(ctx, filter) {
		if err != nil {
			diags.Append(tfkit.ErrorDiagnostic("read the removal candidates of", m.object(), err))
			return nil, diags
		}
		delete(missing, c.Number)
		found = append(found, c)
	}
	if len(missing) > 0 {
		diags.AddAttributeError(path.Root("candidates"), "Unknown removal candidates", fmt.Sprintf(
			"Reclaiming for the integration profile %s: it has no candidates with these numbers: %s. Nothing is reclaimed. Check the "+
				"numbers against the data source servicenowsam_removal_candidates.",
			m.ProfileID.ValueString(), strings.Join(slices.Sorted(maps.Keys(missing)), ", ")))
	}
	slices.SortFunc(found, func(a, b sam.Candidate) int { return strings.Compare(a.Number, b.Number) })
	return found, diags
}

func (g guard) refuseProtected(candidates []sam.Candidate) diag.Diagnostics {
	var numbers []string
	for _, c := range candidates {
		if g.judge(c) != free {
			numbers = append(numbers, c.Number)
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("candidates"), "Protected users are named", fmt.Sprintf(
		"The provider's reclamation_policy protects the users of these candidates, or they cannot be told apart from users whom it "+
			"protects, because the vendor hides their mail address or no user record is known: %s. Nothing is reclaimed. Take the numbers out of candidates.", strings.Join(numbers, ", ")))}
}

func (m actionModel) refuseExcess(n int, profile sam.Profile) diag.Diagnostics {
	limit := m.MaxRemovals.ValueInt64()
	if int64(n) <= limit {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("max_removals"), "More candidates than max_removals", fmt.Sprintf(
		"%s of the integration profile %q would be reclaimed, and max_removals is %d. Nothing is reclaimed. Raise max_removals, or "+
			"name fewer candidates.", licences(n), profile.DisplayName, limit))}
}

func (a *reclamationAction) refuseBeyondToday(ctx context.Context, client *sam.Client, m actionModel, n int) diag.Diagnostics {
	maximum := a.Meta.Policy.DailyMaximum
	if maximum == 0 || n == 0 {
		return nil
	}
	gone, err := goneToday(ctx, client, a.Meta.Now())
	if err != nil {
		return diag.Diagnostics{tfkit.ErrorDiagnostic("count the licences that went today for", m.object(), err)}
	}
	if n <= maximum-gone {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("candidates"), "More candidates than may go today", fmt.Sprintf(
		"Reclaiming for the %s: %s would be reclaimed, max_removals_per_day of the provider's reclamation_policy is %d, and %d went today "+
			"(UTC). Nothing is reclaimed. Name fewer candidates, or run the action again tomorrow.", m.object(), licences(n), maximum, gone))}
}

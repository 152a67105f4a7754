package licensereclamation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

const reclaimAction = "servicenowsam_license_reclamation"

// ready is a world whose first refresh is done, with the id of its profile and the numbers of its candidates, in order.
func ready(t *testing.T, attributes ...string) (w *acctest.World, id string, numbers []string) {
	t.Helper()
	w = acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(attributes...), w.Sync())
	root.MustApply(t)
	for _, c := range w.Find(t, dictionary.TableCandidate, "state="+dictionary.StateReady) {
		numbers = append(numbers, c[dictionary.CandidateNumber])
	}
	slices.Sort(numbers)
	require.Greater(t, len(numbers), 2)
	return w, root.Attribute(t, "servicenowsam_integration_profile.trello", "id"), numbers
}

func reclaim(id string, limit int, numbers ...any) acctest.Values {
	return acctest.Values{"profile_id": id, "candidates": numbers, "max_removals": limit}
}

func TestReclamationAction_namedCandidatesOnly(t *testing.T) {
	t.Parallel()
	w, id, numbers := ready(t)
	p := w.Protocol(t, nil)
	first, second := member(t, w, numbers[0]), member(t, w, numbers[1])
	config := reclaim(id, 2, numbers[0], " "+numbers[1]+" ")
	config["evidence"] = acctest.Values{"change_reference": "CHG0031337"}

	planned := p.PlanAction(t, reclaimAction, config)
	require.Empty(t, acctest.Errors(planned))
	review := acctest.Warnings(planned)
	require.Contains(t, review, "Review: this plan reclaims 2 licences")
	require.Contains(t, review, "Total: 2 of at most 2")
	require.Contains(t, review, "loses the Trello Enterprise licence")
	for i, m := range []trello.Member{first, second} {
		require.Contains(t, review, numbers[i])
		require.True(t, m.Email != "" && strings.Contains(review, m.Email) || strings.Contains(review, m.ID), "%s is not named", m.ID)
	}
	require.NotContains(t, review, numbers[2])
	require.Empty(t, w.Double.Requests().Writes, "a plan reclaims nothing")

	progress, diagnostics := p.Invoke(t, reclaimAction, config)
	require.Empty(t, diagnostics)
	require.NotEmpty(t, progress)
	require.False(t, licensed(t, w, first))
	require.False(t, licensed(t, w, second))
	require.True(t, licensed(t, w, member(t, w, numbers[2])), "nobody named this person")
	require.Contains(t, w.Find(t, dictionary.TableCandidate, "number="+numbers[0])[0][dictionary.CandidateWorkNotes], "CHG0031337")

	progress, diagnostics = p.Invoke(t, reclaimAction, config)
	require.Empty(t, acctest.Errors(diagnostics), "a repeated run is harmless")
	require.Contains(t, acctest.Warnings(diagnostics), numbers[0]+": Closed Complete")
	require.Equal(t, []string{"nothing to reclaim"}, progress)
	require.Len(t, w.Double.Requests().Writes, 2)
	again := p.PlanAction(t, reclaimAction, config)
	require.NotContains(t, acctest.Warnings(again), "Review")
}

func TestReclamationAction_refused(t *testing.T) {
	t.Parallel()
	w, id, numbers := ready(t)
	p := w.Protocol(t, nil)
	for name, c := range map[string]struct {
		config acctest.Values
		want   string
	}{
		"an unknown number":  {reclaim(id, 10, numbers[0], "RCC9999999"), "Unknown removal candidates"},
		"all":                {reclaim(id, 10, "all"), "Unknown removal candidates"},
		"too many":           {reclaim(id, 1, numbers[0], numbers[1]), "More candidates than max_removals"},
		"an unknown profile": {reclaim("0123456789abcdef0123456789abcdef", 10, numbers[0]), "No such integration profile"},
		"a draft profile":    {reclaim(w.Insert(t, dictionary.TableProfile, otherProfile), 10, numbers[0]), "in Draft"},
	} {
		planned := acctest.Errors(p.PlanAction(t, reclaimAction, c.config))
		require.Contains(t, planned, c.want, name)
		_, diagnostics := p.Invoke(t, reclaimAction, c.config)
		require.Equal(t, planned, acctest.Errors(diagnostics), "%s: plan and run judge alike", name)
	}
	for name, config := range map[string]acctest.Values{
		"none": reclaim(id, 10), "an empty one": reclaim(id, 10, ""), "no list": {"profile_id": id, "max_removals": 10},
	} {
		require.NotEmpty(t, acctest.Errors(p.PlanAction(t, reclaimAction, config)), name)
	}
	for name, config := range map[string]acctest.Values{
		"candidates": {"profile_id": id, "max_removals": 10, "candidates": acctest.Unknown},
		"profile_id": reclaim(id, 10, numbers[0]),
		"evidence":   reclaim(id, 10, numbers[0]),
	} {
		switch name {
		case "profile_id":
			config[name] = acctest.Unknown
		case "evidence":
			config[name] = acctest.Values{"reason": acctest.Unknown}
		}
		require.Contains(t, acctest.Errors(p.PlanAction(t, reclaimAction, config)), name+" is known only after apply")
	}
	require.Empty(t, w.Double.Requests().Writes)
}

// otherProfile has no candidates.
var otherProfile = map[string]string{
	dictionary.ProfileDisplayName: "Another", dictionary.ProfileType_: "asana_subscription", dictionary.ProfileReclaim: "true",
}

func TestReclamationAction_protectedUser(t *testing.T) {
	t.Parallel()
	w, id, numbers := ready(t)
	protected := member(t, w, numbers[0])
	p := w.Protocol(t, acctest.Values{"reclamation_policy": acctest.Values{"protected_users": []any{
		acctest.Values{"user": protected.ID, "reason": "on leave"},
	}}})
	config := reclaim(id, 10, numbers[0], numbers[1])
	require.Contains(t, acctest.Errors(p.PlanAction(t, reclaimAction, config)), "no user record is known: "+numbers[0])
	_, diagnostics := p.Invoke(t, reclaimAction, config)
	require.Contains(t, acctest.Errors(diagnostics), "Protected users are named")
	require.Empty(t, w.Double.Requests().Writes, "and nobody else loses a licence")

	_, diagnostics = p.Invoke(t, reclaimAction, reclaim(id, 10, numbers[1]))
	require.Empty(t, diagnostics)
}

func TestReclamationAction_backAgainSincePlan(t *testing.T) {
	t.Parallel()
	w, id, numbers := ready(t)
	back := member(t, w, numbers[0])
	require.True(t, w.Double.Login(back.ID))
	_, diagnostics := w.Protocol(t, nil).Invoke(t, reclaimAction, reclaim(id, 10, numbers[0], numbers[1]))
	require.Empty(t, acctest.Errors(diagnostics))
	require.Contains(t, acctest.Warnings(diagnostics), numbers[0]+"  skipped_active")
	require.True(t, licensed(t, w, back))
}

func TestReclamationAction_failedAndRunAgain(t *testing.T) {
	t.Parallel()
	w, id, numbers := ready(t)
	p := w.Protocol(t, nil)
	person := member(t, w, numbers[0])
	config := reclaim(id, 10, numbers[0])
	require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.FaultIgnoreWrite}))
	_, diagnostics := p.Invoke(t, reclaimAction, config)
	require.Contains(t, acctest.Errors(diagnostics), "1 licence could not be reclaimed")
	require.Contains(t, acctest.Errors(diagnostics), "Run the action again")

	w.Double.ClearFaults()
	require.Contains(t, acctest.Warnings(p.PlanAction(t, reclaimAction, config)), "Tried before, without success (1)")
	_, diagnostics = p.Invoke(t, reclaimAction, config)
	require.Empty(t, diagnostics)
	require.False(t, licensed(t, w, person))
}

func TestReclamationAction_toggleOff(t *testing.T) {
	t.Parallel()
	w, id, numbers := ready(t, "reclaim_subscriptions = false")
	p := w.Protocol(t, nil)
	require.Contains(t, acctest.Errors(p.PlanAction(t, reclaimAction, reclaim(id, 10, numbers[0]))), "reclaim_subscriptions = false")
	_, diagnostics := p.Invoke(t, reclaimAction, reclaim(id, 10, numbers[0]))
	require.Contains(t, acctest.Errors(diagnostics), fmt.Sprintf("Reclaiming for the integration profile %q", "Trello"))
	require.Empty(t, w.Double.Requests().Writes)
}

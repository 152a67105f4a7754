package acctest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// Each of these spoils a refresh of people who are known already.
func TestAccVendor_refreshFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		injection trello.Injection
		wants     []string
	}{
		"500":          {trello.Injection{Fault: trello.Fault500}, []string{"answered 500", "run again later"}},
		"503":          {trello.Injection{Fault: trello.Fault503}, []string{"answered 503", "run again later"}},
		"HTML":         {trello.Injection{Fault: trello.FaultHTML}, []string{"HTML"}},
		"truncated":    {trello.Injection{Fault: trello.FaultTruncated}, []string{"JSON"}},
		"redirect":     {trello.Injection{Fault: trello.FaultRedirect}, []string{"redirects are not followed", "connection URL"}},
		"cut":          {trello.Injection{Fault: trello.FaultCut}, []string{"EOF", "Check the network"}},
		"page twice":   {trello.Injection{Fault: trello.FaultPageTwice}, []string{"holds nobody new", "Nobody is taken for gone", "run again"}},
		"HTML later":   {trello.Injection{Fault: trello.FaultHTML, Route: trello.RouteMembers, After: 1}, []string{"HTML"}},
		"half of them": {trello.Injection{Fault: trello.Fault500, Route: trello.RouteMembers, After: 1}, []string{"answered 500"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, acctest.Options{Members: 230})
			root := synced(t, w)
			before, id := known(t, w), root.Attribute(t, profile, "id")
			require.NoError(t, w.Double.Inject(c.injection))
			root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(trigger(2)))
			failed := root.Apply(t)
			require.Equal(t, 1, failed.Code, "%s", failed.Output)
			requireAll(t, failed.Errors(), `Could not refresh subscriptions of integration profile "Trello"`)
			requireAll(t, failed.Errors(), c.wants...)
			require.Equal(t, before, known(t, w))
			require.Equal(t, dictionary.ProfileStatusPublished, w.Get(t, dictionary.TableProfile, id)[dictionary.ProfileStatus])
			requireKept(t, root, alias, profile)

			w.Double.ClearFaults()
			root.MustApply(t)
			require.Equal(t, before, known(t, w))
			require.Equal(t, "completed", root.Attribute(t, refresh, "status"))
			root.RequireEmptyPlan(t)
			require.Empty(t, w.Double.Requests().Writes)
		})
	}
}

// The cursor route lists enterprises that are too large for offsets.
func TestAccVendor_endlessCursor(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{Members: 10_000})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync())
	require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.FaultEndlessCursor}))
	failed := root.Apply(t)
	require.Equal(t, 1, failed.Code)
	requireAll(t, failed.Errors(), "Could not refresh", "list enterprise members", "Nobody is taken for gone")

	w.Double.ClearFaults()
	root.MustApply(t)
	require.EqualValues(t, len(holders(w)), root.Attributes(t, refresh)["downloaded"])
	root.RequireEmptyPlan(t)
}

// A trouble that passes is waited out, and the apply succeeds.
func TestAccVendor_troublePasses(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	for _, fault := range []trello.Fault{trello.FaultTokenLimit, trello.Fault500, trello.Fault503, trello.FaultTruncated, trello.FaultCut} {
		require.NoError(t, w.Double.Inject(trello.Injection{Fault: fault, Route: trello.RouteMembers, Times: 1}))
	}
	root := synced(t, w)
	require.Equal(t, holders(w), known(t, w))
	root.RequireEmptyPlan(t)
}

func TestAccVendor_limitedForTooLong(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := synced(t, w)
	before := known(t, w)
	require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.FaultKeyLimit}))
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(trigger(2), `timeouts = { create = "2s" }`))
	failed := root.Apply(t)
	require.Equal(t, 1, failed.Code)
	requireAll(t, failed.Errors(), "Could not refresh subscriptions of integration profile", "ran out of time", "run the same command again", "timeouts")
	require.Equal(t, before, known(t, w))

	w.Double.ClearFaults()
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(trigger(2)))
	root.MustApply(t)
	require.Equal(t, before, known(t, w))
	root.RequireEmptyPlan(t)
}

// An answer that is lost, spoiled or late must not make a reclaim forget or repeat.
func TestAccVendor_reclaimInTrouble(t *testing.T) {
	t.Parallel()
	for name, injections := range map[string][]trello.Injection{
		"applied, then 500": {{Fault: trello.FaultApplyThen500, Times: 2}},
		"applied, then cut": {{Fault: trello.FaultApplyThenDrop, Times: 2}},
		"HTML":              {{Fault: trello.FaultHTML, Route: trello.RouteLicensed, Times: 1}},
		"500 once":          {{Fault: trello.Fault500, Route: trello.RouteLicensed, Times: 1}},
		"truncated":         {{Fault: trello.FaultTruncated, Route: trello.RouteLicensed, Times: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, acctest.Options{})
			root := complete(t, w)
			plan := root.MustPlan(t)
			numbers, before := planned(t, plan), holders(w)
			require.NoError(t, w.Double.Inject(injections...))
			applied := plan.Apply(t)
			require.Zero(t, applied.Code, applied.Errors())
			for number, outcome := range outcomes(t, root) {
				require.Equal(t, "done", outcome, number)
			}
			require.Len(t, holders(w), len(before)-len(numbers))
			root.RequireEmptyPlan(t)
			require.Equal(t, holders(w), known(t, w))
		})
	}
}

func TestAccVendor_reclaimWhileDown(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{Members: 12})
	root := complete(t, w)
	plan := root.MustPlan(t)
	numbers, before := planned(t, plan), holders(w)
	require.NotEmpty(t, numbers)
	require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.Fault503, Route: trello.RouteLicensed}))
	failed := plan.Apply(t)
	require.Equal(t, 1, failed.Code)
	requireAll(t, failed.Errors(), "could not be reclaimed", "answered 503", "still holds the licence", numbers[0])
	require.Equal(t, before, holders(w))

	w.Double.ClearFaults()
	again := root.MustPlan(t)
	require.Equal(t, numbers, planned(t, again))
	applied := again.Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	require.Len(t, holders(w), len(before)-len(numbers))
	root.RequireEmptyPlan(t)
}

// Licences that Atlassian manages cannot be taken through Trello: said so in words, and nothing is lost.
func TestAccVendor_managedElsewhere(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{Members: 12})
	root := complete(t, w)
	before := holders(w)
	require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.FaultAdminHub}))
	failed := root.MustPlan(t).Apply(t)
	require.Equal(t, 1, failed.Code)
	requireAll(t, failed.Errors(), "managed_elsewhere", "Atlassian Administration", "admin.atlassian.com")
	require.Equal(t, before, holders(w))
}

// A vendor that suddenly lists nobody, or too few, removes nobody, closes no candidate, and says what to do.
func TestAccVendor_listsTooFew(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := synced(t, w)
	before := known(t, w)
	candidates := w.Find(t, dictionary.TableCandidate, dictionary.CandidateActive+"=true")
	require.NotEmpty(t, candidates)

	require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.FaultNoMembers}))
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(trigger(2)))
	applied := root.MustApply(t)
	requireAll(t, applied.Warnings(), "nothing was removed", "listed nobody at all", "Check the vendor", "Vanished users were kept")
	require.Equal(t, before, known(t, w))
	require.Equal(t, candidates, w.Find(t, dictionary.TableCandidate, dictionary.CandidateActive+"=true"))
	root.RequireEmptyPlan(t)
	w.Double.ClearFaults()

	few := holders(w)[:len(before)*2/3]
	for _, id := range few {
		require.True(t, w.Double.SetLicence(id, false))
	}
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(trigger(3)))
	applied = root.MustApply(t)
	requireAll(t, applied.Warnings(), "more than max_removal_fraction allows (50 %)", "raise max_removal_fraction")
	require.Equal(t, before, known(t, w))

	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(trigger(4), `max_removal_fraction = 0.9`))
	root.MustApply(t)
	require.Equal(t, holders(w), known(t, w))
	require.EqualValues(t, len(few), root.Attributes(t, refresh)["removed"])
	root.RequireEmptyPlan(t)
}

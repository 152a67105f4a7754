package acctest_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// stored is everything that the database and its key consist of. The shared-memory file is left out: it holds the locks
// of readers, and nothing that lasts.
func stored(t *testing.T, w *acctest.World) map[string][]byte {
	t.Helper()
	content := map[string][]byte{}
	for _, name := range files(t, w) {
		if filepath.Ext(name) == ".db-shm" {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(filepath.Dir(w.Database), name)) //nolint:gosec // a file of this test
		require.NoError(t, err)
		content[name] = raw
	}
	return content
}

// plans are the commands that must not write.
func plans(t *testing.T, root *acctest.Root) map[string]func() acctest.Result {
	t.Helper()
	return map[string]func() acctest.Result{
		"validate":     func() acctest.Result { return root.Run(t, "validate", "-json") },
		"plan":         func() acctest.Result { return root.MustPlan(t).Result },
		"refresh-only": func() acctest.Result { return root.MustPlan(t, "-refresh-only").Result },
		"destroy plan": func() acctest.Result { return root.MustPlan(t, "-destroy").Result },
		"replace plan": func() acctest.Result { return root.MustPlan(t, "-replace="+refresh).Result },
		"show":         func() acctest.Result { return root.Run(t, "show") },
	}
}

func TestAccWorlds_planWritesNothing(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := complete(t, w)
	// There is plenty to do: drift in every resource, a person who came back, one who left.
	w.Change(t, dictionary.TableProfile, root.Attribute(t, profile, "id"), map[string]string{dictionary.ProfileDisplayName: "Renamed"})
	w.Change(t, dictionary.TableHTTPConnection, root.Attribute(t, alias, "connection_id"), map[string]string{dictionary.ConnectionActive: "false"})
	w.Change(t, dictionary.TableAPIKeyCredential, root.Attribute(t, alias, "credential_id"), map[string]string{dictionary.CredentialAPIToken: "other"})
	idle := w.Double.Members(2, trello.IdleSince(time.Now().AddDate(0, 0, -90)))
	w.Double.Login(idle[0].ID)
	w.Double.SetLicence(idle[1].ID, false)
	root.Write(t, append(completeConfig(w)[:3], w.Sync(trigger(2), `max_age = "1ns"`), w.Reclamation(`max_removals = 1000`))...)

	before, calls := stored(t, w), w.Double.Requests()
	for name, plan := range plans(t, root) {
		result := plan()
		require.NotEqual(t, 1, result.Code, "%s: %s", name, result.Output)
		require.Equal(t, before, stored(t, w), "%s wrote to the database", name)
		require.Equal(t, calls, w.Double.Requests(), "%s called the vendor", name)
	}
}

func TestAccWorlds_planWithoutDatabaseMakesNone(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, completeConfig(w)...)
	for name, plan := range plans(t, root) {
		result := plan()
		require.NotEqual(t, 1, result.Code, "%s: %s", name, result.Output)
		require.Empty(t, files(t, w), "%s made a file", name)
	}
	require.Zero(t, w.Double.Requests().Total)
}

// A first plan names no database ids, so that somebody else may have made the database, and what the plan is about, by the
// time it is applied.
func TestAccWorlds_firstPlan(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile func(*testing.T, *acctest.World)
		wants     []string // errors; none means success
	}{
		"an empty database": {func(t *testing.T, w *acctest.World) {
			w.Insert(t, dictionary.TableAlias, map[string]string{"name": "Other", "type": "connection"})
		}, nil},
		"the same alias in use": {func(t *testing.T, w *acctest.World) {
			w.Root(t, w.ProviderBlock(), w.Alias()).MustApply(t)
		}, []string{"active connection", "import {"}},
		"the same profile": {func(t *testing.T, w *acctest.World) {
			own := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile())
			own.MustApply(t)
			w.Change(t, dictionary.TableHTTPConnection, own.Attribute(t, alias, "connection_id"), map[string]string{dictionary.ConnectionActive: "false"})
		}, []string{"exists already", "import {"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, acctest.Options{})
			root := w.Root(t, completeConfig(w)...)
			plan := root.MustPlan(t)
			applied := plan.ApplyInAnotherWorld(t, func() { c.meanwhile(t, w) })
			if len(c.wants) > 0 {
				require.Equal(t, 1, applied.Code)
				requireAll(t, applied.Errors(), c.wants...)
				require.Empty(t, w.Find(t, dictionary.TableSubscription, ""))
				return
			}
			require.Zero(t, applied.Code, applied.Errors())
			require.Empty(t, w.Double.Requests().Writes, "a first plan names nobody")
			require.NotEmpty(t, planned(t, root.MustPlan(t)))
		})
	}
}

// One saved plan changes all four resources, and by the time it is applied everything is different.
func TestAccWorlds_everythingChanges(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{Members: 80})
	root := complete(t, w)
	id, connection := root.Attribute(t, profile, "id"), root.Attribute(t, alias, "connection_id")
	root.Write(t, w.ProviderBlock(), w.Alias(`connection_name = "Planned name"`),
		w.Profile(`vendor_config = { trello = { enterprise_id = "`+w.Double.EnterpriseID()+`" } }`),
		w.Sync(trigger(2)), w.Reclamation(`max_removals = 500`, `evidence = { reason = "Planned reason" }`))
	plan := root.MustPlan(t)
	numbers := planned(t, plan)
	require.Greater(t, len(numbers), 5)
	back, gone, skipped, extra := personOf(t, w, numbers[0]), personOf(t, w, numbers[1]), personOf(t, w, numbers[2]), busy(t, w)
	people := map[string]bool{}
	for _, number := range numbers[3:] {
		people[personOf(t, w, number)] = true
	}

	applied := plan.ApplyInAnotherWorld(t, func() {
		require.True(t, w.Double.Login(back))
		require.True(t, w.Double.SetLicence(gone, false))
		candidate := w.Find(t, dictionary.TableCandidate, dictionary.CandidateNumber+"="+numbers[2])[0]
		w.Change(t, dictionary.TableCandidate, candidate[dictionary.SysID], map[string]string{
			dictionary.CandidateState: dictionary.CandidateStateLabel(dictionary.StateClosedSkipped),
		})
		subscription := w.Find(t, dictionary.TableSubscription, dictionary.SubscriptionExternalUserID+"="+extra)[0]
		w.Insert(t, dictionary.TableCandidate, map[string]string{
			dictionary.CandidateSubscription: subscription[dictionary.SysID],
			dictionary.CandidateProfile:      id,
			dictionary.CandidateAppliesTo:    dictionary.AppliesToSubscription,
		})
		w.Change(t, dictionary.TableProfile, id, map[string]string{dictionary.ProfileDisplayName: "Renamed meanwhile"})
	})
	require.Zero(t, applied.Code, applied.Errors())

	require.Equal(t, "Planned name", w.Get(t, dictionary.TableHTTPConnection, connection)[dictionary.ConnectionName])
	require.Equal(t, "Renamed meanwhile", w.Get(t, dictionary.TableProfile, id)[dictionary.ProfileDisplayName], "the plan did not show this")
	for _, write := range w.Double.Requests().Writes {
		require.True(t, people[write.Member], "%s was not to lose the licence", write.Member)
	}
	require.Len(t, w.Double.Requests().Writes, len(people))
	for _, keeps := range []string{back, skipped, extra} {
		require.Contains(t, holders(w), keeps)
	}
	result := outcomes(t, root)
	require.Contains(t, []string{"skipped_active", "skipped_closed"}, result[numbers[0]])
	require.Contains(t, []string{"already_gone", "skipped_closed"}, result[numbers[1]])
	require.Equal(t, "skipped_closed", result[numbers[2]])
	require.Len(t, result, len(numbers))

	next := root.MustPlan(t)
	require.Equal(t, "Renamed meanwhile", next.Change(profile).Before.(map[string]any)["display_name"])
	var named []string
	for _, number := range planned(t, next) {
		named = append(named, personOf(t, w, number))
	}
	// The refresh of this apply found the person of the skipped candidate idle as before.
	require.ElementsMatch(t, []string{extra, skipped}, named, "who was added meanwhile waits for the next plan")
}

// busy is somebody who is in no candidate.
func busy(t *testing.T, w *acctest.World) string {
	t.Helper()
	people := w.Double.Members(0, func(m trello.Member) bool {
		return m.Licensed && !m.Admin && !m.Deactivated && m.LastSeen != nil && time.Since(*m.LastSeen) < 30*24*time.Hour
	})
	i := slices.IndexFunc(people, func(m trello.Member) bool { return time.Since(m.Created) > 100*24*time.Hour })
	require.GreaterOrEqual(t, i, 0)
	return people[i].ID
}

// Somebody who switches reclaim off, or takes the right to reclaim away, stops a plan that was approved before.
func TestAccWorlds_reclaimSwitchedOff(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := complete(t, w)
	plan := root.MustPlan(t)
	numbers, before := planned(t, plan), holders(w)
	applied := plan.ApplyInAnotherWorld(t, func() {
		w.Change(t, dictionary.TableProfile, root.Attribute(t, profile, "id"), map[string]string{dictionary.ProfileReclaim: "false"})
	})
	require.Equal(t, 1, applied.Code)
	requireAll(t, applied.Errors(), "Reclaim subscriptions is off on the integration profile", "Switch it on")
	require.Equal(t, before, holders(w))
	require.Empty(t, w.Double.Requests().Writes)

	root.MustApply(t) // switches it on again, and can name nobody yet
	require.Empty(t, w.Double.Requests().Writes)
	again := root.MustPlan(t)
	require.Equal(t, numbers, planned(t, again))
	applied = again.Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	require.Len(t, holders(w), len(before)-len(numbers))
	root.RequireEmptyPlan(t)
}

// A saved destroy takes away what it showed, also where somebody was faster.
func TestAccWorlds_destroy(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(*testing.T, *acctest.World, *acctest.Root){
		"nothing": func(*testing.T, *acctest.World, *acctest.Root) {},
		"profile gone": func(t *testing.T, w *acctest.World, root *acctest.Root) {
			w.Delete(t, dictionary.TableProfile, root.Attribute(t, profile, "id"))
		},
		"connection gone": func(t *testing.T, w *acctest.World, root *acctest.Root) {
			w.Delete(t, dictionary.TableHTTPConnection, root.Attribute(t, alias, "connection_id"))
		},
		"credential gone": func(t *testing.T, w *acctest.World, root *acctest.Root) {
			w.Delete(t, dictionary.TableAPIKeyCredential, root.Attribute(t, alias, "credential_id"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, acctest.Options{})
			root := complete(t, w)
			id := root.Attribute(t, alias, "id")
			plan := root.MustPlan(t, "-destroy")
			applied := plan.ApplyInAnotherWorld(t, func() { meanwhile(t, w, root) })
			require.Zero(t, applied.Code, applied.Errors())
			for _, table := range []string{
				dictionary.TableProfile, dictionary.TableHTTPConnection, dictionary.TableAPIKeyCredential, dictionary.TableSubscription,
			} {
				require.Empty(t, w.Find(t, table, ""), table)
			}
			require.NotNil(t, w.Get(t, dictionary.TableAlias, id), "an adopted alias stays")
			require.Empty(t, w.Double.Requests().Writes, "a destroy takes no licence")
			require.Nil(t, root.Attributes(t, alias))
		})
	}
}

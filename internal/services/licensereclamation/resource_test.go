package licensereclamation_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

const reclamation = "servicenowsam_license_reclamation.trello"

// synced is a world whose first refresh is done, with the configuration of everything but the provider block.
func synced(t *testing.T, reclamationAttributes ...string) (*acctest.World, *acctest.Root, []string) {
	t.Helper()
	w := acctest.NewWorld(t, acctest.Options{})
	config := []string{w.Alias(), w.Profile(), w.Sync(), w.Reclamation(reclamationAttributes...)}
	root := w.Root(t, append([]string{w.ProviderBlock()}, config...)...)
	root.MustApply(t)
	return w, root, config
}

// planned are the numbers of the removals that a plan names, in order.
func planned(t *testing.T, p *acctest.Plan) []string {
	t.Helper()
	change := p.Change(reclamation)
	require.NotNil(t, change)
	removals, ok := change.After.(map[string]any)["removals"].(map[string]any)
	require.True(t, ok, "removals are not known: %v", change.After)
	return slices.Sorted(maps.Keys(removals))
}

// member is the vendor's account behind a candidate.
func member(t *testing.T, w *acctest.World, number string) trello.Member {
	t.Helper()
	candidates := w.Find(t, dictionary.TableCandidate, "number="+number)
	require.Len(t, candidates, 1)
	subscription := w.Get(t, dictionary.TableSubscription, candidates[0][dictionary.CandidateSubscription])
	m, ok := w.Double.Find(subscription[dictionary.SubscriptionExternalUserID])
	require.True(t, ok)
	return m
}

func licensed(t *testing.T, w *acctest.World, m trello.Member) bool {
	t.Helper()
	now, ok := w.Double.Find(m.ID)
	require.True(t, ok)
	return now.Licensed && !now.Deactivated
}

func outcomes(t *testing.T, root *acctest.Root) map[string]string {
	t.Helper()
	result := map[string]string{}
	for number, o := range root.Attributes(t, reclamation)["outcomes"].(map[string]any) {
		result[number] = o.(map[string]any)["outcome"].(string)
	}
	return result
}

func TestAccReclamation_reviewedRun(t *testing.T) {
	t.Parallel()
	w, root, _ := synced(t, `max_removals = 100`, `evidence = { reason = "November review", change_reference = "CHG0031337" }`)
	require.Empty(t, w.Double.Requests().Writes, "a create never reclaims")
	require.Empty(t, root.Attributes(t, reclamation)["removals"])

	plan := root.MustPlan(t)
	numbers := planned(t, plan)
	require.NotEmpty(t, numbers)
	people := map[string]trello.Member{}
	for _, number := range numbers {
		people[number] = member(t, w, number)
		require.Contains(t, plan.Warnings(), number)
		if mail := people[number].Email; mail != "" {
			require.Contains(t, plan.Warnings(), mail)
			require.NotContains(t, fmt.Sprint(plan.Change(reclamation).After), mail, "names stay out of the plan file")
		}
	}
	require.Contains(t, plan.Warnings(), fmt.Sprintf("Total: %d of at most 100", len(numbers)))
	require.Contains(t, plan.Warnings(), "loses the Trello Enterprise licence")
	require.Equal(t, 1, strings.Count(plan.Warnings(), "Review: this plan reclaims"), "one warning lists everybody")

	back := numbers[0]
	applied := plan.ApplyInAnotherWorld(t, func() { require.True(t, w.Double.Login(people[back].ID)) })
	require.Zero(t, applied.Code, applied.Errors())
	result := outcomes(t, root)
	require.Len(t, result, len(numbers))
	for _, number := range numbers {
		if number == back {
			require.Equal(t, "skipped_active", result[number])
			require.True(t, licensed(t, w, people[number]))
			continue
		}
		require.Equal(t, "done", result[number])
		require.False(t, licensed(t, w, people[number]))
		notes := w.Find(t, dictionary.TableCandidate, "number="+number)[0][dictionary.CandidateWorkNotes]
		require.Contains(t, notes, "CHG0031337")
	}
	require.Len(t, w.Double.Requests().Writes, len(numbers)-1)
	require.Contains(t, applied.Warnings(), "not reclaimed")
	runs := w.Find(t, dictionary.TableReclamationRun, "number="+root.Attribute(t, reclamation, "run_number"))
	require.Len(t, runs, 1)
	require.Equal(t, "CHG0031337", runs[0][dictionary.RunChangeReference])
	root.RequireEmptyPlan(t)

	state, err := os.ReadFile(root.Dir + "/terraform.tfstate")
	require.NoError(t, err)
	for _, m := range people {
		if m.Email != "" {
			require.NotContains(t, string(state), m.Email)
		}
		require.NotContains(t, string(state), m.FullName)
	}
}

func TestAccReclamation_newCandidatesWaitForTheNextPlan(t *testing.T) {
	t.Parallel()
	w, root, _ := synced(t, `max_removals = 100`)
	plan := root.MustPlan(t)
	numbers := planned(t, plan)

	busy := w.Double.Members(1, func(m trello.Member) bool {
		return m.Licensed && !m.Admin && !m.Deactivated && m.LastSeen != nil && time.Since(*m.LastSeen) < 30*24*time.Hour &&
			time.Since(m.Created) > 100*24*time.Hour
	})[0]
	subscription := w.Find(t, dictionary.TableSubscription, "external_user_id="+busy.ID)[0]
	added := w.Insert(t, dictionary.TableCandidate, map[string]string{
		dictionary.CandidateSubscription: subscription["sys_id"],
		dictionary.CandidateProfile:      subscription[dictionary.SubscriptionProfile],
		dictionary.CandidateAppliesTo:    dictionary.AppliesToSubscription,
	})
	number := w.Get(t, dictionary.TableCandidate, added)[dictionary.CandidateNumber]
	applied := plan.Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	require.Len(t, outcomes(t, root), len(numbers))
	require.True(t, licensed(t, w, busy), "the plan did not name this person")
	require.Equal(t, []string{number}, planned(t, root.MustPlan(t)))
}

func TestAccReclamation_approved(t *testing.T) {
	t.Parallel()
	w, root, config := synced(t, `max_removals = 100`)
	numbers := planned(t, root.MustPlan(t))
	require.Greater(t, len(numbers), 2)
	config[3] = w.Reclamation(`max_removals = 2`, fmt.Sprintf(`approved = [%q, %q, "RCC9999999"]`, strings.ToLower(numbers[0]), numbers[1]))
	root.Write(t, append([]string{w.ProviderBlock()}, config...)...)
	plan := root.MustPlan(t)
	require.Equal(t, numbers[:2], planned(t, plan))
	require.Contains(t, plan.Warnings(), "Approved numbers that are no candidates")
	require.Contains(t, plan.Warnings(), "RCC9999999")
	applied := plan.Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	require.Equal(t, map[string]string{numbers[0]: "done", numbers[1]: "done"}, outcomes(t, root))
	root.RequireEmptyPlan(t)

	config[3] = w.Reclamation(`max_removals = 2`, `approved = []`)
	root.Write(t, append([]string{w.ProviderBlock()}, config...)...)
	root.MustApply(t)
	require.Len(t, w.Double.Requests().Writes, 2)
	root.RequireEmptyPlan(t)
}

func TestAccReclamation_moreThanMaxRemovals(t *testing.T) {
	t.Parallel()
	w, root, config := synced(t, `max_removals = 1`)
	plan := root.Plan(t)
	require.Equal(t, 1, plan.Code)
	require.Contains(t, plan.Errors(), "More candidates than may go")

	config[3] = w.Reclamation(`max_removals = 1`, `on_excess = "plan_none"`)
	root.Write(t, append([]string{w.ProviderBlock()}, config...)...)
	result := root.MustApply(t)
	require.Contains(t, result.Warnings(), "nothing is planned")
	require.Empty(t, w.Double.Requests().Writes)
	require.Contains(t, root.RequireEmptyPlan(t).Warnings(), "nothing is planned")
}

func TestAccReclamation_oldEvidence(t *testing.T) {
	t.Parallel()
	w, root, _ := synced(t, `max_removals = 100`, `max_plan_age = "1ns"`)
	applied := root.MustPlan(t).Apply(t)
	require.Equal(t, 1, applied.Code)
	require.Contains(t, applied.Errors(), "too old")
	require.Empty(t, w.Double.Requests().Writes)
}

func TestAccReclamation_protectedUsers(t *testing.T) {
	t.Parallel()
	w, root, config := synced(t, `max_removals = 100`)
	numbers := planned(t, root.MustPlan(t))
	var protected trello.Member
	hidden := 0 // people whose mail address is not known
	for _, number := range numbers {
		if m := member(t, w, number); m.Email == "" {
			hidden++
		} else if protected.Email == "" {
			protected = m
		}
	}
	require.NotZero(t, hidden)
	policy := func(expires string) string {
		return w.ProviderBlock(fmt.Sprintf("reclamation_policy = { protected_users = [{ user = %q, reason = \"on leave\"%s }] }",
			strings.ToUpper(protected.Email), expires))
	}
	root.Write(t, append([]string{policy(`, expires_on = "2020-01-31"`)}, config...)...)
	plan := root.MustPlan(t)
	require.Contains(t, plan.Warnings(), "Protections have expired")
	require.Equal(t, numbers, planned(t, plan))

	root.Write(t, append([]string{policy(`, expires_on = "2999-12-31"`)}, config...)...)
	plan = root.MustPlan(t)
	require.Len(t, planned(t, plan), len(numbers)-1-hidden)
	require.Contains(t, plan.Warnings(), "1 more is protected")
	require.Contains(t, plan.Warnings(), "Some people cannot be told apart from protected users")
	require.NotContains(t, plan.Warnings(), "hold no licence here")
	applied := plan.Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	require.True(t, licensed(t, w, protected))
	root.RequireEmptyPlan(t)
}

func TestAccReclamation_protectedByUserName(t *testing.T) {
	t.Parallel()
	w, root, config := synced(t, `max_removals = 100`)
	numbers := planned(t, root.MustPlan(t))
	c := w.Find(t, dictionary.TableCandidate, "number="+numbers[0])[0]
	name := w.Get(t, dictionary.TableSubscription, c[dictionary.CandidateSubscription])[dictionary.SubscriptionUserName]
	require.NotEmpty(t, name)
	root.Write(t, append([]string{w.ProviderBlock(fmt.Sprintf(
		`reclamation_policy = { protected_users = [{ user = %q, reason = "on leave" }, { user = "mispelt", reason = "on leave" }] }`, name))}, config...)...)
	plan := root.MustPlan(t)
	require.Equal(t, numbers[1:], planned(t, plan))
	require.Contains(t, plan.Warnings(), "hold no licence here")
	require.Contains(t, plan.Warnings(), `"mispelt"`)
	require.NotContains(t, plan.Warnings(), fmt.Sprintf("  %q", name))
	require.NotContains(t, plan.Warnings(), "cannot be told apart")
}

func TestAccReclamation_candidateThatMeansSomebodyElse(t *testing.T) {
	t.Parallel()
	w, root, config := synced(t, `max_removals = 100`)
	numbers := planned(t, root.MustPlan(t))
	named, unnamed := member(t, w, numbers[0]), member(t, w, numbers[1])
	config[3] = w.Reclamation(`max_removals = 1`, fmt.Sprintf(`approved = [%q]`, numbers[0]))
	root.Write(t, append([]string{w.ProviderBlock()}, config...)...)
	plan := root.MustPlan(t)
	require.Equal(t, numbers[:1], planned(t, plan))

	db, err := store.New(w.DatabaseURL(), store.Options{})
	require.NoError(t, err)
	require.NoError(t, db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE samp_sw_reclamation_candidate SET user_subscription =
			(SELECT c.user_subscription FROM samp_sw_reclamation_candidate c WHERE c.number = ?) WHERE number = ?`, numbers[1], numbers[0])
		return err
	}))
	require.NoError(t, db.Close())
	applied := plan.Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	require.Equal(t, map[string]string{numbers[0]: "skipped_closed"}, outcomes(t, root))
	require.Contains(t, applied.Warnings(), "does not stand for the licence that was reviewed")
	require.True(t, licensed(t, w, named) && licensed(t, w, unnamed))
	require.Empty(t, w.Double.Requests().Writes)
}

func TestAccReclamation_draftProfile(t *testing.T) {
	t.Parallel()
	w, root, _ := synced(t, `max_removals = 100`)
	require.NotEmpty(t, planned(t, root.MustPlan(t)))
	id := root.Attribute(t, "servicenowsam_integration_profile.trello", "id")
	w.Change(t, dictionary.TableProfile, id, map[string]string{dictionary.ProfileStatus: dictionary.ProfileStatusDraft})
	own := w.Root(t, w.ProviderBlock(), fmt.Sprintf("resource \"servicenowsam_license_reclamation\" \"trello\" {\n  profile_id = %q\n  max_removals = 100\n}\n", id))
	own.MustApply(t)
	plan := own.MustPlan(t)
	require.Contains(t, plan.Warnings(), "is in Draft")
	require.Empty(t, plan.Change(reclamation).After.(map[string]any)["removals"])
}

func TestAccReclamation_failuresComeBackAsRetry(t *testing.T) {
	t.Parallel()
	w, root, _ := synced(t, `max_removals = 100`)
	plan := root.MustPlan(t)
	numbers := planned(t, plan)
	require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.FaultIgnoreWrite}))
	failed := plan.Apply(t)
	require.Equal(t, 1, failed.Code)
	require.Contains(t, failed.Errors(), "could not be reclaimed")
	for _, number := range numbers {
		require.Equal(t, "failed", outcomes(t, root)[number])
	}

	w.Double.ClearFaults()
	again := root.MustPlan(t)
	require.Equal(t, numbers, planned(t, again))
	for _, removal := range again.Change(reclamation).After.(map[string]any)["removals"].(map[string]any) {
		require.Equal(t, "retry", removal.(map[string]any)["attempt"])
	}
	applied := again.Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	root.RequireEmptyPlan(t)
}

func TestAccReclamation_importNamesThePeopleAtOnce(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	first := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync())
	first.MustApply(t)
	id := first.Attribute(t, "servicenowsam_integration_profile.trello", "id")
	own := fmt.Sprintf("resource \"servicenowsam_license_reclamation\" \"trello\" {\n  profile_id = %q\n  max_removals = 100\n}\n", id)
	root := w.Root(t, w.ProviderBlock(), own, fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", reclamation, id))
	plan := root.MustPlan(t)
	require.NotEmpty(t, planned(t, plan))
	applied := plan.Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	root.RequireEmptyPlan(t)

	imported := w.Root(t, w.ProviderBlock(), own).Import(t, reclamation, "name:Trello")
	require.NotZero(t, imported.Code)
	require.Contains(t, imported.Text(), "not the sys_id")
}

func TestAccReclamation_includePersonalData(t *testing.T) {
	t.Parallel()
	_, root, _ := synced(t, `max_removals = 100`, `include_personal_data = true`)
	plan := root.MustPlan(t)
	for _, removal := range plan.Change(reclamation).After.(map[string]any)["removals"].(map[string]any) {
		require.NotEmpty(t, removal.(map[string]any)["user"])
	}
}

func TestAccReclamation_toggleOff(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(`reclaim_subscriptions = false`), w.Sync(), w.Reclamation(`max_removals = 100`))
	root.MustApply(t)
	plan := root.RequireEmptyPlan(t)
	require.Contains(t, plan.Warnings(), "Nothing can be reclaimed")
	require.Contains(t, plan.Warnings(), "reclaim_subscriptions = false")
}

func TestAccReclamation_tableMode(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	full := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync())
	full.MustApply(t)
	id := full.Attribute(t, "servicenowsam_integration_profile.trello", "id")
	faults := new(restapi.Faults)
	faults.RemoveCompanion()
	own := fmt.Sprintf("resource \"servicenowsam_license_reclamation\" \"trello\" {\n  profile_id = %q\n  max_removals = 100\n}\n", id)
	root := w.Root(t, acctest.RemoteBlock(w.Remote(t, faults)), own)
	root.MustApply(t)
	require.Contains(t, root.RequireEmptyPlan(t).Warnings(), "no companion app")
}

func TestAccReclamation_unknownFilter(t *testing.T) {
	t.Parallel()
	w, root, config := synced(t, `max_removals = 100`)
	config[3] = "resource \"terraform_data\" \"list\" { input = [\"RCC0000001\"] }\n" +
		w.Reclamation(`max_removals = 100`, `approved = terraform_data.list.output`)
	root.Write(t, append([]string{w.ProviderBlock()}, config...)...)
	plan := root.Plan(t)
	require.Equal(t, 1, plan.Code)
	require.Contains(t, plan.Errors(), "not known yet")
}

func TestAccReclamation_profileGone(t *testing.T) {
	t.Parallel()
	w, root, _ := synced(t, `max_removals = 100`)
	plan := root.MustPlan(t)
	id := root.Attribute(t, "servicenowsam_integration_profile.trello", "id")
	plan.ApplyInAnotherWorld(t, func() { w.Delete(t, dictionary.TableProfile, id) })
	require.Empty(t, w.Double.Requests().Writes, "nobody loses a licence through a profile that is gone")
}

package engine_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// idle makes a world with candidates, and returns n stale members that are no admins with their candidates.
func idle(t *testing.T, n int) (*world, []double.Member, []store.Row) {
	t.Helper()
	w := newWorld(t, 100)
	w.publish()
	w.refresh()
	members := w.trello.Members(n, func(m double.Member) bool { return w.stale(m) && !m.Admin })
	require.Len(t, members, n)
	open := w.openCandidates()
	var candidates []store.Row
	for _, m := range members {
		candidates = append(candidates, open[m.ID])
	}
	return w, members, candidates
}

func ids(candidates []store.Row) []string {
	var list []string
	for _, c := range candidates {
		list = append(list, c["sys_id"])
	}
	return list
}

func (w *world) holds(m double.Member) bool {
	now, ok := w.trello.Find(m.ID)
	require.True(w.t, ok)
	return now.Licensed
}

func TestReclaimTakesTheNamedLicencesAndNoOthers(t *testing.T) {
	t.Parallel()
	w, members, candidates := idle(t, 3)
	items := w.reclaim(companion.ReclaimRequest{
		Candidates: ids(candidates[:2]),
		Evidence:   companion.Evidence{Reason: "quarterly review", ChangeReference: "CHG42", ApprovedBy: "ada", RunURL: "https://ci.example.com/1"},
	})
	require.Len(t, items, 2)
	for i, c := range candidates[:2] {
		item := items[c["sys_id"]]
		require.Equal(t, companion.OutcomeDone, item.Outcome, item.Message)
		require.Equal(t, c["number"], item.Number)
		require.False(t, w.holds(members[i]))
		after := w.get(dictionary.TableCandidate, c["sys_id"])
		require.Equal(t, dictionary.StateClosedComplete, after["state"])
		require.Equal(t, "false", after["active"])
		require.Empty(t, after["user_subscription"])
		require.Equal(t, w.profile, after["subscription_profile"])
		require.Contains(t, after["work_notes"], "reason: quarterly review; change: CHG42; approved by: ada; run: https://ci.example.com/1")
		require.Zero(t, w.count(dictionary.TableSubscription, "sys_id="+c["user_subscription"]))
	}
	require.True(t, w.holds(members[2]))
	require.Len(t, w.trello.Requests().Writes, 2)

	again := w.reclaim(companion.ReclaimRequest{Candidates: ids(candidates[:1])})[candidates[0]["sys_id"]]
	require.Equal(t, companion.OutcomeAlreadyGone, again.Outcome)
	require.Len(t, w.trello.Requests().Writes, 2, "what is done is not done again")
	require.Zero(t, w.refresh().Removed)
}

func TestReclaimSparesWhoCameBack(t *testing.T) {
	t.Parallel()
	w, members, candidates := idle(t, 2)
	require.True(t, w.trello.Login(members[0].ID))
	items := w.reclaim(companion.ReclaimRequest{Candidates: ids(candidates)})
	require.Equal(t, companion.OutcomeSkippedActive, items[candidates[0]["sys_id"]].Outcome)
	require.Equal(t, companion.OutcomeDone, items[candidates[1]["sys_id"]].Outcome)
	require.True(t, w.holds(members[0]))
	require.Equal(t, dictionary.StateClosedCanceled, w.get(dictionary.TableCandidate, candidates[0]["sys_id"])["state"])
	require.Equal(t, "2026-11-24", w.get(dictionary.TableSubscription, candidates[0]["user_subscription"])["last_activity"])
}

func TestReclaimSparesProtectedUsers(t *testing.T) {
	t.Parallel()
	w, members, candidates := idle(t, 2)
	upn := w.get(dictionary.TableSubscription, candidates[1]["user_subscription"])["user_principal_name"]
	items := w.reclaim(companion.ReclaimRequest{Candidates: ids(candidates), Protected: []string{upper(members[0].ID), " " + upper(upn)}})
	for i, c := range candidates {
		require.Equal(t, companion.OutcomeSkippedProtected, items[c["sys_id"]].Outcome)
		require.True(t, w.holds(members[i]))
		require.Equal(t, dictionary.StateReady, w.get(dictionary.TableCandidate, c["sys_id"])["state"])
	}
	require.Empty(t, w.trello.Requests().Writes)
}

func TestReclaimToggleOffMeansNoVendorCall(t *testing.T) {
	t.Parallel()
	w, members, candidates := idle(t, 1)
	w.update(dictionary.TableProfile, w.profile, store.Row{"reclaim_subscriptions": "false"})
	calls := w.trello.Requests().Total
	item := w.reclaim(companion.ReclaimRequest{Candidates: ids(candidates)})[candidates[0]["sys_id"]]
	require.Equal(t, companion.OutcomeDenied, item.Outcome)
	require.Contains(t, item.Message, "Reclaim subscriptions is off")
	require.Equal(t, calls, w.trello.Requests().Total)
	require.True(t, w.holds(members[0]))
	after := w.get(dictionary.TableCandidate, candidates[0]["sys_id"])
	require.Equal(t, dictionary.StateReady, after["state"])
	require.Contains(t, after["error_message"], "Reclaim subscriptions is off")
}

func TestReclaimWaitsForANoticeThatCannotBeSent(t *testing.T) {
	t.Parallel()
	w, members, candidates := idle(t, 1)
	rule := w.find(dictionary.TableReclamationRule, "")[0]
	refusedRule := store.Row{"days_before_auto_reclamation": "7", "notify_user": "true"}
	_, err := w.Update(t.Context(), dictionary.TableReclamationRule, rule["sys_id"], refusedRule, store.WriteOptions{})
	refused(t, err, "no channel")
	w.update(dictionary.TableCandidate, candidates[0]["sys_id"], store.Row{"notify_user": "true", "days_before_auto_reclamation": "7"})
	item := w.reclaim(companion.ReclaimRequest{Candidates: ids(candidates)})[candidates[0]["sys_id"]]
	require.Equal(t, companion.OutcomeDenied, item.Outcome)
	require.Contains(t, item.Message, "notified 7 days before")
	require.True(t, w.holds(members[0]))
	require.Equal(t, dictionary.StateReady, w.get(dictionary.TableCandidate, candidates[0]["sys_id"])["state"])

	w.update(dictionary.TableCandidate, candidates[0]["sys_id"], store.Row{"days_before_auto_reclamation": "0"})
	item = w.reclaim(companion.ReclaimRequest{Candidates: ids(candidates)})[candidates[0]["sys_id"]]
	require.Equal(t, companion.OutcomeDone, item.Outcome)
}

func TestWeeklyJobClosesWhatWaitedTooLong(t *testing.T) {
	t.Parallel()
	w, _, candidates := idle(t, 2)
	require.NoError(t, w.trello.Inject(double.Injection{Fault: double.FaultAdminHub}))
	w.reclaim(companion.ReclaimRequest{Candidates: ids(candidates)})
	w.clock.advance(20 * day)
	w.update(dictionary.TableCandidate, candidates[1]["sys_id"], store.Row{"work_notes": "somebody looked at it"})
	w.clock.advance(11 * day)
	require.NoError(t, w.RunDue(t.Context(), func(string) {}))
	after := w.get(dictionary.TableCandidate, candidates[0]["sys_id"])
	require.Equal(t, dictionary.StateClosedCanceled, after["state"])
	require.Contains(t, after["work_notes"], "attention for 30 days")
	require.Equal(t, dictionary.StateAttentionRequired, w.get(dictionary.TableCandidate, candidates[1]["sys_id"])["state"])
}

func TestReclaimOutcomesOfTheVendor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault   double.Injection
		outcome companion.Outcome
		state   string
		gone    bool
	}{
		"managed in Atlassian Administration": {double.Injection{Fault: double.FaultAdminHub}, companion.OutcomeManagedElsewhere, dictionary.StateAttentionRequired, false},
		"read-only token":                     {double.Injection{Fault: double.FaultReadOnlyToken}, companion.OutcomeDenied, dictionary.StateReady, false},
		"write without effect":                {double.Injection{Fault: double.FaultIgnoreWrite}, companion.OutcomeFailed, dictionary.StateAttentionRequired, false},
		"lost answer":                         {double.Injection{Fault: double.FaultApplyThenDrop, Times: 1}, companion.OutcomeDone, dictionary.StateClosedComplete, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, members, candidates := idle(t, 1)
			require.NoError(t, w.trello.Inject(c.fault))
			item := w.reclaim(companion.ReclaimRequest{Candidates: ids(candidates)})[candidates[0]["sys_id"]]
			require.Equal(t, c.outcome, item.Outcome, item.Message)
			after := w.get(dictionary.TableCandidate, candidates[0]["sys_id"])
			require.Equal(t, c.state, after["state"])
			require.Equal(t, c.gone, !w.holds(members[0]))
			if c.gone {
				return
			}
			require.Equal(t, item.Message, strings.ReplaceAll(after["error_message"], members[0].ID, "the user"))
			w.trello.ClearFaults()
			item = w.reclaim(companion.ReclaimRequest{Candidates: ids(candidates)})[candidates[0]["sys_id"]]
			require.Equal(t, companion.OutcomeDone, item.Outcome, "it can be tried again")
			require.Empty(t, w.get(dictionary.TableCandidate, candidates[0]["sys_id"])["error_message"])
		})
	}
}

func TestReclaimRefusesAdmins(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 50)
	w.publish()
	w.refresh()
	admins := w.trello.Members(0, func(m double.Member) bool { return m.Licensed && m.Admin })
	require.Len(t, admins, 2)
	var candidates []store.Row
	w.clock.advance(2 * day) // who is active on the day on which a candidate is made counts as active
	for _, m := range admins {
		s := w.find(dictionary.TableSubscription, "external_user_id="+m.ID)[0]
		c := w.insert(dictionary.TableCandidate, store.Row{"user_subscription": s["sys_id"]})
		require.Equal(t, dictionary.StateReady, c["state"])
		candidates = append(candidates, c)
	}
	items := w.reclaim(companion.ReclaimRequest{Candidates: ids(candidates)})
	require.Equal(t, companion.OutcomeSkippedSelf, items[candidates[0]["sys_id"]].Outcome)
	require.Equal(t, companion.OutcomeSkippedAdmin, items[candidates[1]["sys_id"]].Outcome)
	for i, c := range candidates {
		require.True(t, w.holds(admins[i]))
		require.Equal(t, dictionary.StateReady, w.get(dictionary.TableCandidate, c["sys_id"])["state"])
	}
}

func TestReclaimOfClosedAndUnknownCandidates(t *testing.T) {
	t.Parallel()
	w, members, candidates := idle(t, 2)
	w.update(dictionary.TableCandidate, candidates[0]["sys_id"], store.Row{"state": dictionary.StateClosedSkipped})
	require.True(t, w.trello.SetLicence(members[1].ID, false))
	w.refresh()
	items := w.reclaim(companion.ReclaimRequest{Candidates: append(ids(candidates), "nope", candidates[0]["sys_id"])})
	require.Len(t, items, 3)
	require.Equal(t, companion.OutcomeSkippedClosed, items[candidates[0]["sys_id"]].Outcome)
	require.Equal(t, companion.OutcomeSkippedClosed, items[candidates[1]["sys_id"]].Outcome)
	require.Equal(t, dictionary.StateClosedSkipped, w.get(dictionary.TableCandidate, candidates[1]["sys_id"])["state"])
	require.Equal(t, companion.OutcomeSkippedClosed, items["nope"].Outcome)
	require.True(t, w.holds(members[0]))
	require.Empty(t, w.trello.Requests().Writes)

	_, err := w.StartReclaim(t.Context(), companion.ReclaimRequest{}, "")
	refused(t, err, "none was named")
	_, err = w.StartReclaim(t.Context(), companion.ReclaimRequest{Candidates: make([]string, 101)}, "")
	refused(t, err, "at most 100")
}

func TestDeletedSubscriptionLeavesItsCandidateAlone(t *testing.T) {
	t.Parallel()
	w, _, candidates := idle(t, 1)
	require.NoError(t, w.Delete(t.Context(), dictionary.TableSubscription, candidates[0]["user_subscription"]))
	require.Empty(t, w.get(dictionary.TableCandidate, candidates[0]["sys_id"])["user_subscription"])
	made := w.insert(dictionary.TableSubscription, store.Row{"external_user_id": "x", "user_principal_name": "x", "subscription_profile": w.profile})
	require.Equal(t, "manual", made["user_source"])
}

func TestCandidateChangesByItsButtonsOnly(t *testing.T) {
	t.Parallel()
	w, _, candidates := idle(t, 1)
	id := candidates[0]["sys_id"]
	for _, state := range []string{dictionary.StateClosedComplete, dictionary.StateAwaitingRevocation, dictionary.StateClosedCanceled, "99"} {
		_, err := w.Update(t.Context(), dictionary.TableCandidate, id, store.Row{"state": state}, store.WriteOptions{})
		refused(t, err, "cannot be set")
	}
	c := w.update(dictionary.TableCandidate, id, store.Row{"work_notes": "asked her manager", "active": "false"})
	require.Equal(t, "true", c["active"])
	require.Contains(t, c["work_notes"], "asked her manager")
	require.Contains(t, c["work_notes"], "calls a user stale", "earlier notes stay")
	c = w.update(dictionary.TableCandidate, id, store.Row{"state": dictionary.StateClosedSkipped})
	require.Equal(t, "false", c["active"])
	require.NotEmpty(t, c["closed_at"])
	_, err := w.Update(t.Context(), dictionary.TableCandidate, id, store.Row{"state": dictionary.StateReady}, store.WriteOptions{})
	refused(t, err, "cannot be set")

	_, err = w.Insert(t.Context(), dictionary.TableCandidate, store.Row{"user_subscription": "nope"}, store.WriteOptions{})
	refused(t, err, "existing user subscription")
}

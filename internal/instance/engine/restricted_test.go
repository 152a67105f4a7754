package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// restricted makes a world with 25 members whose software may not be used.
func restricted(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, 25)
	w.publish()
	w.refresh()
	for _, c := range w.openCandidates() {
		w.update(dictionary.TableCandidate, c["sys_id"], store.Row{"state": dictionary.StateClosedSkipped})
	}
	w.restrict("true")
	return w
}

func (w *world) restrict(value string) {
	w.t.Helper()
	for _, model := range w.find(dictionary.TableSoftwareModel, "") {
		w.update(dictionary.TableSoftwareModel, model["sys_id"], store.Row{"restricted_software": value})
	}
}

func TestRestrictedSoftwareIsInformedNotAsked(t *testing.T) {
	t.Parallel()
	w := restricted(t)
	w.clock.advance(2 * day)
	w.runDue()
	open := w.openCandidates()
	require.Len(t, open, 25, "the active ones too")
	active := w.trello.Members(1, func(m double.Member) bool { return !w.stale(m) && !m.Admin })[0]
	c := open[active.ID]
	require.Equal(t, dictionary.StateAwaitingRevocation, c["state"])
	require.Equal(t, dictionary.JustificationRestricted, c["justification"])
	require.Equal(t, "system", c["sys_created_by"])
	require.Empty(t, c["reclamation_rule"])
	require.Empty(t, c["revocation_begun_on"])
	mail := w.notice(c)
	require.Equal(t, dictionary.EmailReady, mail["type"])
	require.Contains(t, mail["body"], "you need not do anything")
	require.Empty(t, w.trello.Requests().Writes)

	w.clock.advance(day)
	w.runDue()
	require.Len(t, w.openCandidates(), 25, "one open candidate a subscription; activity does not cancel them")

	item := reclaimOne(w, c)
	require.Equal(t, companion.OutcomeDone, item.Outcome, item.Message)
	require.False(t, w.holds(active))
	require.Equal(t, dictionary.EmailReady, w.notice(c)["type"], "the user is still to learn of it")
}

func TestARefreshOpensRestrictedCandidates(t *testing.T) {
	t.Parallel()
	w := restricted(t)
	require.Equal(t, 25, w.refresh().CandidatesOpened)
	for _, c := range w.openCandidates() {
		require.Equal(t, dictionary.StateAwaitingRevocation, c["state"])
	}
	require.Zero(t, w.refresh().RowsWritten)
}

func TestARestrictionThatWasLiftedTakesNothing(t *testing.T) {
	t.Parallel()
	w := restricted(t)
	w.refresh()
	members := w.trello.Members(2, func(m double.Member) bool { return w.stale(m) && !m.Admin })
	open := w.openCandidates()
	w.restrict("false")
	item := reclaimOne(w, open[members[0].ID])
	require.Equal(t, companion.OutcomeSkippedClosed, item.Outcome)
	require.Contains(t, item.Message, "not restricted any more")
	w.clock.advance(2 * day)
	w.runDue()
	for _, m := range members {
		c := w.candidate(open[m.ID])
		require.Equal(t, dictionary.StateClosedCanceled, c["state"])
		require.Equal(t, dictionary.EmailIgnored, w.notice(c)["type"])
		require.True(t, w.holds(m))
	}
}

func TestUnlicensedUsersAreInformedWhenTheLicenceGoes(t *testing.T) {
	t.Parallel()
	w, members, c := asking(t, 1)
	w.update(dictionary.TableCandidate, c[0]["sys_id"], store.Row{"state": dictionary.StateClosedSkipped})
	made := w.insert(dictionary.TableCandidate, store.Row{
		"user_subscription": c[0]["user_subscription"], "justification": "unlicensed", "notify_user": "true", "days_before_auto_reclamation": "7",
	})
	require.Equal(t, dictionary.StateReady, made["state"])
	require.Equal(t, "unlicensed", made["justification"])
	require.Empty(t, made["inactive_days"])
	require.Equal(t, companion.OutcomeDone, reclaimOne(w, made).Outcome)
	require.False(t, w.holds(members[0]))
	require.Contains(t, w.notice(made)["body"], "beyond the rights that were bought")
}

func TestManualCandidates(t *testing.T) {
	t.Parallel()
	w, _, c := asking(t, 1)
	w.update(dictionary.TableCandidate, c[0]["sys_id"], store.Row{"state": dictionary.StateClosedSkipped})
	boss := w.insert(dictionary.TableUser, store.Row{"user_name": "ada", "email": "ada@example.com"})
	made := w.insert(dictionary.TableCandidate, store.Row{
		"user_subscription": c[0]["user_subscription"], "user": boss["sys_id"], "notify_user": "true", "days_before_auto_reclamation": "3",
		"state": dictionary.StateAwaitingRevocation, "notified_on": "2020-01-01 00:00:00",
	})
	require.Equal(t, dictionary.StateReady, made["state"])
	require.Equal(t, boss["sys_id"], made["user"], "whom to ask may be chosen")
	require.Empty(t, made["notified_on"])
	require.Regexp(t, `^RCC\d{7}$`, made["number"])
	require.Contains(t, made["short_description"], "Reclaim")
	w.asked(made)
	require.Equal(t, "ada@example.com", w.notice(made)["recipients"])

	_, err := w.Insert(t.Context(), dictionary.TableCandidate, store.Row{"user_subscription": c[0]["user_subscription"]}, store.WriteOptions{})
	refused(t, err, "has the open candidate")
	other := w.find(dictionary.TableSubscription, "sys_id!="+c[0]["user_subscription"])
	for _, s := range other {
		if w.count(dictionary.TableCandidate, "active=true^user_subscription="+s["sys_id"]) > 0 {
			continue
		}
		_, err := w.Insert(t.Context(), dictionary.TableCandidate, store.Row{
			"user_subscription": s["sys_id"], "days_before_auto_reclamation": "-1",
		}, store.WriteOptions{})
		refused(t, err, "from 0 to 365")
		break
	}
}

func TestAttentionEndsWhenTheUserIsFilledIn(t *testing.T) {
	t.Parallel()
	w, _, _ := asking(t, 1)
	s := w.insert(dictionary.TableSubscription, store.Row{"subscription_profile": w.profile, "external_user_id": "x", "user_principal_name": "x"})
	c := w.insert(dictionary.TableCandidate, store.Row{"user_subscription": s["sys_id"], "notify_user": "true"})
	require.Equal(t, dictionary.StateAttentionRequired, c["state"])
	boss := w.insert(dictionary.TableUser, store.Row{"user_name": "ada", "email": "ada@example.com"})
	c = w.update(dictionary.TableCandidate, c["sys_id"], store.Row{"user": boss["sys_id"]})
	require.Equal(t, dictionary.StateReady, c["state"])
	require.Contains(t, c["work_notes"], "The user was filled in.")
}

func TestAttentionEndsWhenARefreshKnowsTheUser(t *testing.T) {
	t.Parallel()
	w, _, _ := asking(t, 1)
	attention := w.find(dictionary.TableCandidate, "state="+dictionary.StateAttentionRequired)
	require.NotEmpty(t, attention, "the vendor hides the mail address of some")
	boss := w.insert(dictionary.TableUser, store.Row{"user_name": "ada", "email": "ada@example.com"})
	w.update(dictionary.TableSubscription, attention[0]["user_subscription"], store.Row{"user": boss["sys_id"]})
	w.refresh()
	c := w.candidate(attention[0])
	require.Equal(t, boss["sys_id"], c["user"])
	require.Equal(t, dictionary.StateReady, c["state"])
	require.Contains(t, c["work_notes"], "is known now")
	require.Zero(t, w.refresh().RowsWritten)
}

func TestCloseSkippedEndsARemovalByHand(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 2)
	w.update(dictionary.TableCandidate, c[0]["sys_id"], store.Row{"state": dictionary.StateClosedSkipped})
	require.Equal(t, 1, w.count(dictionary.TableSubscription, "sys_id="+c[0]["user_subscription"]), "Trello reclaims over its API: the user keeps it")
	w.update(dictionary.TableProfile, w.profile, store.Row{"reclaim_subscription_subflow": ""})
	w.update(dictionary.TableCandidate, c[1]["sys_id"], store.Row{"state": dictionary.StateClosedSkipped})
	require.Zero(t, w.count(dictionary.TableSubscription, "sys_id="+c[1]["user_subscription"]))
	require.Empty(t, w.candidate(c[1])["user_subscription"])
	require.True(t, w.holds(members[1]), "nothing was written at the vendor")
}

func TestARuleThatIsOffOpensNothing(t *testing.T) {
	t.Parallel()
	for _, column := range []string{"active", "create_reclamation_candidate"} {
		t.Run(column, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 25)
			w.publish()
			rule := w.find(dictionary.TableReclamationRule, "")[0]
			w.update(dictionary.TableReclamationRule, rule["sys_id"], store.Row{column: "false"})
			require.Zero(t, w.refresh().CandidatesOpened)
			w.update(dictionary.TableReclamationRule, rule["sys_id"], store.Row{column: "true"})
			require.NotZero(t, w.refresh().CandidatesOpened)
		})
	}
}

func TestStandingJobsJudgeByWhatTheVendorTellsNow(t *testing.T) {
	t.Parallel()
	w := restricted(t)
	gone := w.trello.Members(1, func(m double.Member) bool { return !m.Admin })[0]
	require.True(t, w.trello.SetLicence(gone.ID, false))
	w.clock.advance(8 * day)
	w.runDue()
	require.Len(t, w.openCandidates(), 24)
	require.Zero(t, w.count(dictionary.TableCandidate, "state="+dictionary.StateClosedComplete), "nobody took a licence")
}

func TestTheUserOfACandidateMadeByHandIsInformedAtOnce(t *testing.T) {
	t.Parallel()
	w, _, idle := idle(t, 3)
	byHand := func(c store.Row, justification string) store.Row {
		require.NoError(t, w.Delete(t.Context(), dictionary.TableCandidate, c["sys_id"]))
		w.update(dictionary.TableUser, w.holder(c), store.Row{"email": "holder-" + c["number"] + "@example.com"})
		made := w.insert(dictionary.TableCandidate, store.Row{"user_subscription": c["user_subscription"], "justification": justification})
		return w.get(dictionary.TableCandidate, made["sys_id"])
	}
	for i, justification := range []string{dictionary.JustificationUnlicensed, dictionary.JustificationRestricted} {
		c := byHand(idle[i], justification)
		mails := w.find(dictionary.TableEmail, "instance="+c["sys_id"])
		require.Len(t, mails, 1)
		require.Equal(t, mails[0]["sys_id"], c["notice"])
		require.Equal(t, "holder-"+idle[i]["number"]+"@example.com", mails[0]["recipients"])
		require.Contains(t, mails[0]["subject"], "is going to be taken back")
		require.Equal(t, companion.OutcomeDone, reclaimOne(w, c).Outcome)
		require.Len(t, w.find(dictionary.TableEmail, "instance="+c["sys_id"]), 1, "and not once more when the licence goes")
	}
	c := byHand(idle[2], dictionary.JustificationLowUsage)
	require.Empty(t, w.find(dictionary.TableEmail, "instance="+c["sys_id"]))
}

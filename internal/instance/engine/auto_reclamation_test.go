package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// auto runs an auto-reclaimer and returns what it says.
func auto(t *testing.T, a *engine.AutoReclaimer) (said []string) {
	t.Helper()
	require.NoError(t, a.Run(t.Context(), func(line string) { said = append(said, line) }))
	return said
}

func TestAutoReclaimTakesWhatSilenceLeft(t *testing.T) {
	t.Parallel()
	w, members, c := asking(t, 5)
	w.asked(c[:4]...)
	w.delivered(c[0], dictionary.EmailSent) // silent
	w.delivered(c[1], dictionary.EmailSent) // keeps
	w.answered(c[1], companion.AnswerKeep)
	w.delivered(c[3], dictionary.EmailSent) // silent, and logs in again
	a := w.AutoReclaimer(engine.AutoPolicy{})
	require.Empty(t, auto(t, a), "before the days have passed")
	w.clock.advance(8 * day)
	w.runDue()
	require.True(t, w.trello.Login(members[3].ID))
	said := auto(t, a)
	require.ElementsMatch(t, []string{
		"auto-reclamation: candidate " + c[0]["number"] + ": done", "auto-reclamation: candidate " + c[3]["number"] + ": skipped_active",
	}, said)
	for i, holds := range []bool{false, true, true, true, true} {
		require.Equal(t, holds, w.holds(members[i]), i)
	}
	require.Equal(t, dictionary.StateAwaitingUser, w.candidate(c[2])["state"], "its notice was never delivered")
	require.Equal(t, c[4]["state"], w.candidate(c[4])["state"], "nobody pressed Reclaim")
	run := w.find(dictionary.TableReclamationRun, "kind="+dictionary.RunKindAuto)
	require.Len(t, run, 1)
	require.Equal(t, "2", run[0]["requested"])
	require.Equal(t, "system", run[0]["started_by"])
	require.Empty(t, auto(t, a))
}

func TestAutoReclaimRespectsItsPolicy(t *testing.T) {
	t.Parallel()
	w, members, c := asking(t, 3)
	w.asked(c...)
	for i := range c {
		w.delivered(c[i], dictionary.EmailSent)
	}
	w.clock.advance(8 * day)
	w.runDue()
	upn := w.get(dictionary.TableSubscription, c[0]["user_subscription"])["user_principal_name"]
	a := w.AutoReclaimer(engine.AutoPolicy{Protected: []string{upn}, DailyMaximum: 1})
	require.Len(t, auto(t, a), 3)
	require.True(t, w.holds(members[0]))
	require.NotEqual(t, w.holds(members[1]), w.holds(members[2]), "one a day")
	require.Empty(t, auto(t, a), "what could not be taken rests")
	w.clock.advance(day)
	require.Len(t, auto(t, a), 2)
	require.True(t, w.holds(members[0]))
	require.False(t, w.holds(members[1]))
	require.False(t, w.holds(members[2]))
}

func TestAutoReclaimOfRestrictedSoftwareWaitsForTheNotice(t *testing.T) {
	t.Parallel()
	w := restricted(t)
	w.refresh()
	member := w.trello.Members(1, func(m double.Member) bool { return !m.Admin })[0]
	c := w.openCandidates()[member.ID]
	a := w.AutoReclaimer(engine.AutoPolicy{})
	require.Empty(t, auto(t, a), "nobody was told")
	w.delivered(c, dictionary.EmailSent)
	require.Equal(t, []string{"auto-reclamation: candidate " + c["number"] + ": done"}, auto(t, a))
	require.False(t, w.holds(member))
	require.Len(t, w.trello.Requests().Writes, 1)
}

func TestAutoReclaimStopsAtTrouble(t *testing.T) {
	t.Parallel()
	w, members, c := asking(t, 1)
	w.asked(c[0])
	w.delivered(c[0], dictionary.EmailSent)
	w.clock.advance(8 * day)
	w.runDue()
	require.NoError(t, w.trello.Inject(double.Injection{Fault: double.FaultAdminHub}))
	a := w.AutoReclaimer(engine.AutoPolicy{})
	require.Len(t, auto(t, a), 1)
	require.Equal(t, dictionary.StateAttentionRequired, w.candidate(c[0])["state"])
	w.trello.ClearFaults()
	w.clock.advance(2 * day)
	require.Empty(t, auto(t, a), "somebody is to look at it")
	require.True(t, w.holds(members[0]))

	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, w.AutoReclaimer(engine.AutoPolicy{}).Run(t.Context(), func(string) {}))
	require.ErrorIs(t, a.Run(canceled, func(string) {}), context.Canceled)
}

// A process that is killed after the question was asked, and one that is killed while the licence goes, are the same to the
// next one: nothing is asked or taken twice.
func TestKilledBetweenNoticeAndReclaim(t *testing.T) {
	t.Parallel()
	w, members, c := asking(t, 2)
	w.asked(c...)
	for i := range c {
		w.delivered(c[i], dictionary.EmailSent)
	}
	w.clock.advance(8 * day)
	w.db, w.Engine = openEngine(t, w.url, w.clock, unlimited, withNotifications)
	w.runDue()
	require.Equal(t, 2, w.count(dictionary.TableEmail, ""))
	require.NoError(t, w.db.Update(t.Context(), func(tx *store.Tx) error { // what a kill during the call leaves
		_, _, err := tx.Update(t.Context(), dictionary.TableCandidate, c[0]["sys_id"], store.Row{"revocation_begun_on": "2026-12-02 10:00:00"})
		return err
	}))
	require.True(t, w.trello.SetLicence(members[0].ID, false))
	w.clock.advance(time.Minute)
	require.Len(t, auto(t, w.AutoReclaimer(engine.AutoPolicy{})), 2)
	require.Contains(t, w.candidate(c[0])["work_notes"], "An earlier run was interrupted while it took the licence")
	for i := range c {
		require.Equal(t, dictionary.StateClosedComplete, w.candidate(c[i])["state"])
	}
	require.Len(t, w.trello.Requests().Writes, 1, "the one that was interrupted had written already")
}

// Somebody who wants a colleague's licence gone could have the message sent to themselves, and be silent.
func TestAutoReclaimTakesNothingOfWhomNobodyTold(t *testing.T) {
	t.Parallel()
	w, members, c := asking(t, 4)
	eve := w.insert(dictionary.TableUser, store.Row{"user_name": "eve", "email": "eve@example.com"})["sys_id"]
	w.update(dictionary.TableCandidate, c[0]["sys_id"], store.Row{"user": eve})
	owner := w.get(dictionary.TableUser, w.get(dictionary.TableSubscription, c[1]["user_subscription"])["user"])
	w.update(dictionary.TableUser, owner["sys_id"], store.Row{"email": "eve@example.com"})
	w.asked(c...)
	w.update(dictionary.TableUser, owner["sys_id"], store.Row{"email": owner["email"]})
	w.update(dictionary.TableCandidate, c[0]["sys_id"], store.Row{"work_notes": "asked"})
	for i := range c {
		w.delivered(c[i], dictionary.EmailSent)
	}
	w.update(dictionary.TableSubscription, c[2]["user_subscription"], store.Row{"user": eve})
	w.clock.advance(8 * day)
	w.runDue()
	for i := range c {
		require.Equal(t, dictionary.StateAwaitingRevocation, w.candidate(c[i])["state"])
	}
	require.Contains(t, auto(t, w.AutoReclaimer(engine.AutoPolicy{})), "auto-reclamation: candidate "+c[0]["number"]+": denied")
	for i, holds := range []bool{true, true, true, false} {
		require.Equal(t, holds, w.holds(members[i]), i)
	}
	require.Equal(t, companion.OutcomeDone, reclaimOne(w, c[0]).Outcome, "a reviewer knows whom to ask")
}

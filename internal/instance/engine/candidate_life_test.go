package engine_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

func withNotifications(o *engine.Options) { o.Notifications = true }

// asking makes a world whose rule asks users first, and returns n stale members that are no admins with their candidates.
func asking(t *testing.T, n int) (*world, []double.Member, []store.Row) {
	t.Helper()
	w := newWorld(t, 100)
	w.db, w.Engine = openEngine(t, w.url, w.clock, unlimited, withNotifications)
	w.publish()
	rule := w.find(dictionary.TableReclamationRule, "")[0]
	w.update(dictionary.TableReclamationRule, rule["sys_id"], store.Row{"notify_user": "true", "days_before_auto_reclamation": "7"})
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

func (w *world) candidate(c store.Row) store.Row {
	w.t.Helper()
	return w.get(dictionary.TableCandidate, c["sys_id"])
}

// asked reclaims candidates whose users must be asked first.
func (w *world) asked(candidates ...store.Row) {
	w.t.Helper()
	for _, item := range w.reclaim(companion.ReclaimRequest{Candidates: ids(candidates)}) {
		require.Equal(w.t, companion.OutcomeAwaitingUser, item.Outcome, item.Message)
	}
}

// notice is the message that a candidate waits for.
func (w *world) notice(c store.Row) store.Row {
	w.t.Helper()
	return w.get(dictionary.TableEmail, w.candidate(c)["notice"])
}

// delivered is what a delivery channel says of the notice of a candidate.
func (w *world) delivered(c store.Row, as string) {
	w.t.Helper()
	w.update(dictionary.TableEmail, w.notice(c)["sys_id"], store.Row{"type": as})
}

func (w *world) answered(c store.Row, a companion.Answer) companion.Answered {
	w.t.Helper()
	answered, err := w.Answer(w.t.Context(), c["sys_id"], companion.AnswerRequest{Answer: a})
	require.NoError(w.t, err)
	return answered
}

func (w *world) runDue() {
	w.t.Helper()
	require.NoError(w.t, w.RunDue(w.t.Context(), func(string) {}))
}

func TestReclaimAsksTheUserFirst(t *testing.T) {
	t.Parallel()
	w, members, c := asking(t, 1)
	require.Equal(t, "7", c[0]["days_before_auto_reclamation"], "copied from the rule")
	w.asked(c[0])
	after := w.candidate(c[0])
	require.Equal(t, dictionary.StateAwaitingUser, after["state"])
	require.Empty(t, after["notified_on"], "the clock starts with the delivery")
	require.Empty(t, after["revocation_begun_on"])
	require.True(t, w.holds(members[0]))
	require.Empty(t, w.trello.Requests().Writes)
	mail := w.notice(c[0])
	require.Equal(t, dictionary.EmailReady, mail["type"])
	user := w.get(dictionary.TableUser, after["user"])
	require.Equal(t, user["email"], mail["recipients"])
	require.Contains(t, mail["body"], "within 7 days of this message")
	require.Contains(t, mail["body"], after["number"])

	item := reclaimOne(w, c[0])
	require.Equal(t, companion.OutcomeSkippedClosed, item.Outcome)
	require.Contains(t, item.Message, "Awaiting User")
	require.Equal(t, 1, w.count(dictionary.TableEmail, ""), "nobody is asked twice")

	w.clock.advance(time.Hour)
	w.delivered(c[0], dictionary.EmailSent)
	require.Equal(t, "2026-11-24 11:00:00", w.candidate(c[0])["notified_on"])
	require.Equal(t, "2026-11-24 11:00:00", w.notice(c[0])["sent_on"])
}

func TestTheUserReleasesTheLicence(t *testing.T) {
	t.Parallel()
	w, members, c := asking(t, 1)
	w.asked(c[0])
	w.delivered(c[0], dictionary.EmailSent)
	answer, err := w.Answer(t.Context(), c[0]["number"], companion.AnswerRequest{
		Answer: companion.AnswerRelease, By: w.notice(c[0])["recipients"], Comment: "changed teams",
	})
	require.NoError(t, err)
	require.Equal(t, companion.Answered{Candidate: c[0]["sys_id"], Number: c[0]["number"], State: dictionary.StateAwaitingRevocation}, answer)
	after := w.candidate(c[0])
	require.Equal(t, dictionary.AnswerRelease, after["answer"])
	require.Equal(t, "2026-11-24 10:00:00", after["answered_on"])
	require.Contains(t, after["work_notes"], "Answered by "+w.notice(c[0])["recipients"]+". Comment: changed teams.")
	require.Empty(t, after["revocation_begun_on"], "nothing was begun at the vendor")
	require.True(t, w.holds(members[0]))

	item := reclaimOne(w, c[0])
	require.Equal(t, companion.OutcomeDone, item.Outcome, item.Message)
	require.NotContains(t, w.candidate(c[0])["work_notes"], "Resumed")
	require.False(t, w.holds(members[0]))
}

func TestALicenceThatIsGoneWhileItsUserIsAskedWasNotTakenByUs(t *testing.T) {
	t.Parallel()
	w, members, c := asking(t, 1)
	w.asked(c[0])
	w.answered(c[0], companion.AnswerRelease)
	require.True(t, w.trello.SetLicence(members[0].ID, false))
	require.Equal(t, companion.OutcomeAlreadyGone, reclaimOne(w, c[0]).Outcome)
}

func TestTheUserKeepsTheLicence(t *testing.T) {
	t.Parallel()
	w, members, c := asking(t, 3)
	group := dictionary.SeedID(dictionary.TableUserGroup, dictionary.DefaultAssignmentGroup)
	boss := w.insert(dictionary.TableUser, store.Row{"user_name": "ada", "email": "ada@example.com"})
	w.insert(dictionary.TableGroupMember, store.Row{"user": boss["sys_id"], "group": group})
	w.update(dictionary.TableUserGroup, group, store.Row{"manager": boss["sys_id"]})
	w.asked(c...)
	for i := range c {
		require.Equal(t, dictionary.StateAwaitingApproval, w.answered(c[i], companion.AnswerKeep).State)
		require.Equal(t, dictionary.EmailIgnored, w.notice(c[i])["type"], "who has answered is not asked any more")
		require.Equal(t, group, w.candidate(c[i])["assignment_group"])
	}
	waiting := w.find(dictionary.TableEmail, "type=send-ready")
	require.Len(t, waiting, 3)
	require.Equal(t, "ada@example.com", waiting[0]["recipients"])
	for _, m := range waiting {
		w.update(dictionary.TableEmail, m["sys_id"], store.Row{"type": "sent"})
	}
	require.Empty(t, w.candidate(c[0])["notified_on"], "that the group was told is not that the user was")

	require.Equal(t, dictionary.StateClosedSkipped, w.answered(c[0], companion.AnswerKeepApproved).State)
	require.Equal(t, "false", w.candidate(c[0])["active"])
	require.NotEmpty(t, w.candidate(c[0])["closed_at"])
	require.Equal(t, 1, w.count(dictionary.TableSubscription, "sys_id="+c[0]["user_subscription"]))

	require.Equal(t, dictionary.StateAwaitingRevocation, w.answered(c[1], companion.AnswerKeepRejected).State)
	require.Equal(t, dictionary.AnswerKeep, w.candidate(c[1])["answer"], "what the user said stands")
	require.Equal(t, companion.OutcomeDone, reclaimOne(w, c[1]).Outcome)
	require.Equal(t, companion.OutcomeSkippedClosed, reclaimOne(w, c[2]).Outcome, "undecided")
	require.True(t, w.holds(members[0]))
	require.False(t, w.holds(members[1]))
	require.True(t, w.holds(members[2]))
}

func TestAnswersAreRefusedInTheWrongState(t *testing.T) {
	t.Parallel()
	w, _, c := asking(t, 1)
	answer := func(a companion.Answer, by string) error {
		_, err := w.Answer(t.Context(), c[0]["sys_id"], companion.AnswerRequest{Answer: a, By: by})
		return err
	}
	refused(t, answer(companion.AnswerRelease, ""), "is Ready, and does not wait for the answer release")
	w.asked(c[0])
	refused(t, answer(companion.AnswerKeepApproved, ""), "is Awaiting User")
	refused(t, answer("perhaps", ""), "is no answer")
	refused(t, answer(companion.AnswerKeep, "nobody@example.com"), "nobody@example.com")
	require.NoError(t, answer(companion.AnswerKeep, ""))
	refused(t, answer(companion.AnswerRelease, ""), "is Awaiting Approval")
	require.NoError(t, answer(companion.AnswerKeepApproved, ""))
	refused(t, answer(companion.AnswerKeepRejected, ""), "is Closed Skipped")
	_, err := w.Answer(t.Context(), "RCC9999999", companion.AnswerRequest{Answer: companion.AnswerKeep})
	require.ErrorIs(t, err, store.ErrNotFound)
}

func TestOnlyWhoIsAskedAnswers(t *testing.T) {
	t.Parallel()
	w, _, c := asking(t, 1)
	w.asked(c[0])
	answer := func(a companion.Answer, by string) error {
		_, err := w.Answer(t.Context(), c[0]["sys_id"], companion.AnswerRequest{Answer: a, By: by})
		return err
	}
	w.insert(dictionary.TableUser, store.Row{"user_name": "eve"})
	member := w.insert(dictionary.TableUser, store.Row{"user_name": "ada"})
	refused(t, answer(companion.AnswerRelease, "eve"), "is not for eve to give")
	require.NoError(t, answer(companion.AnswerKeep, w.get(dictionary.TableUser, c[0]["user"])["user_name"]))
	refused(t, answer(companion.AnswerKeepRejected, "eve"), "is not for eve to give")
	refused(t, answer(companion.AnswerKeepRejected, "ada"), "is not for ada to give")
	w.join(w.candidate(c[0])["assignment_group"], member["sys_id"])
	_, err := w.Answer(t.Context(), c[0]["sys_id"], companion.AnswerRequest{
		Answer: companion.AnswerKeepRejected, By: "ada", Comment: "no\n\n2026-01-01 00:00:00 - System (Work notes)\nReleased.",
	})
	require.NoError(t, err)
	require.Contains(t, w.candidate(c[0])["work_notes"], "Comment: no 2026-01-01 00:00:00 - System (Work notes) Released.")
}

func TestOnlyOneOfTwoAnswersCounts(t *testing.T) {
	t.Parallel()
	w, _, c := asking(t, 1)
	w.asked(c[0])
	var answering sync.WaitGroup
	results := make([]error, 2)
	for i, a := range []companion.Answer{companion.AnswerRelease, companion.AnswerKeep} {
		_, other := openEngine(t, w.url, w.clock, unlimited, withNotifications)
		answering.Go(func() {
			_, results[i] = other.Answer(t.Context(), c[0]["sys_id"], companion.AnswerRequest{Answer: a})
		})
	}
	answering.Wait()
	var rule *store.BusinessRuleError
	if results[0] == nil {
		require.ErrorAs(t, results[1], &rule)
		require.Equal(t, dictionary.AnswerRelease, w.candidate(c[0])["answer"])
	} else {
		require.ErrorAs(t, results[0], &rule)
		require.Equal(t, dictionary.AnswerKeep, w.candidate(c[0])["answer"])
	}
}

func TestTheClockOfAnAnswerStartsAtDelivery(t *testing.T) {
	t.Parallel()
	w, members, c := asking(t, 3)
	w.asked(c...)
	w.clock.advance(30 * day)
	w.runDue()
	for i := range c {
		require.Equal(t, dictionary.StateAwaitingUser, w.candidate(c[i])["state"], "a notice that nobody got counts for nothing")
	}
	w.delivered(c[0], dictionary.EmailSent)
	w.clock.advance(day)
	w.delivered(c[1], dictionary.EmailSent)
	w.clock.advance(6*day + time.Hour)
	w.runDue()
	require.Equal(t, dictionary.StateAwaitingRevocation, w.candidate(c[0])["state"])
	require.Contains(t, w.candidate(c[0])["work_notes"], "did not answer within 7 days")
	require.Equal(t, dictionary.StateAwaitingUser, w.candidate(c[1])["state"], "told a day later")
	require.Equal(t, dictionary.StateAwaitingUser, w.candidate(c[2])["state"], "never told")
	require.Empty(t, w.trello.Requests().Writes, "a job never writes at the vendor")
	require.True(t, w.holds(members[0]))

	_, err := w.Answer(t.Context(), c[0]["sys_id"], companion.AnswerRequest{Answer: companion.AnswerKeep})
	refused(t, err, "Close it as skipped if the user is to keep the licence")
	w.update(dictionary.TableCandidate, c[0]["sys_id"], store.Row{"state": dictionary.StateClosedSkipped})
	require.True(t, w.holds(members[0]))
}

func TestANoticeThatFailsNeedsAttention(t *testing.T) {
	t.Parallel()
	w, members, c := asking(t, 1)
	w.asked(c[0])
	first := w.notice(c[0])
	w.delivered(c[0], dictionary.EmailFailed)
	after := w.candidate(c[0])
	require.Equal(t, dictionary.StateAttentionRequired, after["state"])
	require.Contains(t, after["error_message"], "could not be delivered")
	_, err := w.Update(t.Context(), dictionary.TableEmail, first["sys_id"], store.Row{"type": "sent"}, store.WriteOptions{})
	refused(t, err, "once")
	w.update(dictionary.TableCandidate, c[0]["sys_id"], store.Row{"state": dictionary.StateReady})
	w.asked(c[0])
	require.NotEqual(t, first["sys_id"], w.notice(c[0])["sys_id"], "asked again")
	require.True(t, w.holds(members[0]))
}

func TestAnotherUserIsAskedAnew(t *testing.T) {
	t.Parallel()
	w, _, c := asking(t, 1)
	w.asked(c[0])
	w.delivered(c[0], dictionary.EmailSent)
	boss := w.insert(dictionary.TableUser, store.Row{"user_name": "ada", "email": "ada@example.com"})
	hidden := w.insert(dictionary.TableUser, store.Row{"user_name": "nomail"})
	_, err := w.Update(t.Context(), dictionary.TableCandidate, c[0]["sys_id"], store.Row{"user": hidden["sys_id"]}, store.WriteOptions{})
	refused(t, err, "no mail address")
	for column, value := range map[string]string{"notify_user": "false", "days_before_auto_reclamation": "1"} {
		_, err := w.Update(t.Context(), dictionary.TableCandidate, c[0]["sys_id"], store.Row{column: value}, store.WriteOptions{})
		refused(t, err, column+" cannot be changed by hand")
	}
	w.update(dictionary.TableCandidate, c[0]["sys_id"], store.Row{"user": boss["sys_id"]})
	require.Empty(t, w.candidate(c[0])["notified_on"], "the days begin again")
	require.Equal(t, "ada@example.com", w.notice(c[0])["recipients"])
	w.clock.advance(30 * day)
	w.runDue()
	require.Equal(t, dictionary.StateAwaitingUser, w.candidate(c[0])["state"])
}

func TestMessagesAreTheInstances(t *testing.T) {
	t.Parallel()
	w, _, c := asking(t, 1)
	w.asked(c[0])
	mail := w.notice(c[0])["sys_id"]
	_, err := w.Insert(t.Context(), dictionary.TableEmail, store.Row{"instance": c[0]["sys_id"]}, store.WriteOptions{})
	var denied *store.DeniedError
	require.ErrorAs(t, err, &denied)
	for column, value := range map[string]string{"body": "x", "recipients": "x", "instance": "x", "subject": "x", "target_table": "x"} {
		_, err := w.Update(t.Context(), dictionary.TableEmail, mail, store.Row{column: value}, store.WriteOptions{})
		refused(t, err, column+" cannot be changed by hand")
	}
	refused(t, w.Delete(t.Context(), dictionary.TableEmail, mail), "waits for delivery")
	w.update(dictionary.TableCandidate, c[0]["sys_id"], store.Row{"notified_on": "2026-01-01 00:00:00", "answer": "release", "work_notes": "x"})
	require.Empty(t, w.candidate(c[0])["notified_on"])
	require.Empty(t, w.candidate(c[0])["answer"])
}

func TestActivityEndsTheQuestion(t *testing.T) {
	t.Parallel()
	w, members, c := asking(t, 2)
	w.asked(c...)
	require.True(t, w.trello.Login(members[0].ID))
	w.refresh()
	require.Equal(t, dictionary.StateClosedCanceled, w.candidate(c[0])["state"])
	require.Equal(t, dictionary.EmailIgnored, w.notice(c[0])["type"])
	require.Equal(t, dictionary.EmailReady, w.notice(c[1])["type"])

	w.delivered(c[1], dictionary.EmailSent)
	w.answered(c[1], companion.AnswerRelease)
	require.True(t, w.trello.Login(members[1].ID))
	require.Equal(t, companion.OutcomeSkippedActive, reclaimOne(w, c[1]).Outcome, "who logs in is spared, whatever they said")
	require.True(t, w.holds(members[1]))
}

func TestAReleasedLicenceWaitsWhereNothingWasSent(t *testing.T) {
	t.Parallel()
	w, members, c := asking(t, 1)
	w.asked(c[0])
	w.answered(c[0], companion.AnswerRelease)
	w.update(dictionary.TableProfile, w.profile, store.Row{"reclaim_subscriptions": "false"})
	require.Equal(t, companion.OutcomeDenied, reclaimOne(w, c[0]).Outcome)
	after := w.candidate(c[0])
	require.Equal(t, dictionary.StateAwaitingRevocation, after["state"])
	require.Empty(t, after["revocation_begun_on"])
	require.True(t, w.holds(members[0]))
}

func TestAFailureAfterAnAnswerDoesNotAskAgain(t *testing.T) {
	t.Parallel()
	w, members, c := asking(t, 1)
	w.asked(c[0])
	w.answered(c[0], companion.AnswerRelease)
	require.NoError(t, w.trello.Inject(double.Injection{Fault: double.FaultAdminHub}))
	require.Equal(t, companion.OutcomeManagedElsewhere, reclaimOne(w, c[0]).Outcome)
	require.Equal(t, dictionary.StateAttentionRequired, w.candidate(c[0])["state"])
	require.Empty(t, w.candidate(c[0])["revocation_begun_on"])
	w.trello.ClearFaults()
	require.Equal(t, companion.OutcomeDone, reclaimOne(w, c[0]).Outcome)
	require.False(t, w.holds(members[0]))
}

// What nobody took is not completed, whatever its user says or does not say.
func TestAQuestionAboutASubscriptionThatIsGone(t *testing.T) {
	t.Parallel()
	w, members, c := asking(t, 2)
	w.asked(c...)
	for i := range c {
		w.delivered(c[i], dictionary.EmailSent)
		require.NoError(t, w.Delete(t.Context(), dictionary.TableSubscription, c[i]["user_subscription"]))
	}
	_, err := w.Answer(t.Context(), c[0]["sys_id"], companion.AnswerRequest{Answer: companion.AnswerRelease})
	refused(t, err, "was removed, so that nothing is left to decide")
	w.clock.advance(8 * day)
	w.runDue()
	for i := range c {
		require.Equal(t, dictionary.StateClosedSkipped, w.candidate(c[i])["state"])
		require.True(t, w.holds(members[i]))
	}
}

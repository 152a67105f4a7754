package engine_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// bytesOf are the database file and its log.
func (w *world) bytesOf() []byte {
	w.t.Helper()
	var all []byte
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(strings.TrimPrefix(w.url, "sqlite:") + suffix)
		if !os.IsNotExist(err) {
			require.NoError(w.t, err)
		}
		all = append(all, content...)
	}
	return bytes.ToLower(all)
}

func (w *world) requireInFile(names ...string) {
	w.t.Helper()
	for _, name := range names {
		require.True(w.t, bytes.Contains(w.bytesOf(), bytes.ToLower([]byte(name))), "%q is in the file", name)
	}
}

func (w *world) requireNotInFile(names ...string) {
	w.t.Helper()
	for _, name := range names {
		require.False(w.t, bytes.Contains(w.bytesOf(), bytes.ToLower([]byte(name))), "%q is in the file", name)
	}
}

// idle are members with a mail address who have an open candidate.
func (w *world) idle(n int) []double.Member {
	w.t.Helper()
	open := w.openCandidates()
	idle := w.trello.Members(n, func(m double.Member) bool { _, ok := open[m.ID]; return ok && m.Email != "" && m.Licensed })
	require.Len(w.t, idle, n)
	return idle
}

// fullNameOnly tells whether nobody else has the name of a member.
func (w *world) fullNameOnly(m double.Member) bool {
	return len(w.trello.Members(0, func(other double.Member) bool { return other.FullName == m.FullName })) == 1
}

func TestForget_leavesNoByteOfAPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	w.publish()
	w.refresh()
	var people []double.Member
	for _, m := range w.idle(4) {
		if w.fullNameOnly(m) {
			people = append(people, m)
		}
	}
	require.GreaterOrEqual(t, len(people), 2)
	holds, reclaimed := people[0], people[1]
	candidates := w.openCandidates()
	id := candidates[reclaimed.ID][dictionary.SysID]
	require.Equal(t, companion.OutcomeDone, w.reclaim(companion.ReclaimRequest{Candidates: []string{id}})[id].Outcome)
	user := w.subscriptionOf(holds)[dictionary.SubscriptionUser]
	w.insert(dictionary.TableGroupMember, store.Row{dictionary.MemberUser: user, dictionary.MemberGroup: dictionary.SeedID(dictionary.TableUserGroup, dictionary.DefaultAssignmentGroup)})
	require.NoError(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Insert(t.Context(), dictionary.TableEmail, store.Row{
			dictionary.EmailSubject: "Do you need Trello?", dictionary.EmailBody: "Dear " + holds.FullName, dictionary.EmailRecipients: holds.Email,
			dictionary.EmailTargetTable: dictionary.TableCandidate, dictionary.EmailTarget: candidates[holds.ID][dictionary.SysID],
		})
		return err
	}))
	runs := w.count(dictionary.TableReclamationRunItem, "")
	w.requireInFile(holds.Email, holds.ID, holds.FullName, reclaimed.Email, reclaimed.FullName)

	before := w.bytesOf()
	plan, err := w.Forget(t.Context(), holds.Email, true)
	require.NoError(t, err)
	require.NotEmpty(t, plan.Done)
	require.Equal(t, before, w.bytesOf(), "a dry run changes nothing")

	done, err := w.Forget(t.Context(), strings.ToUpper(holds.Email), false)
	require.NoError(t, err)
	require.Equal(t, plan, done)
	require.Equal(t, []string{"Trello Enterprise"}, done.Listed)
	require.Empty(t, done.Left)
	w.requireNotInFile(holds.Email, holds.ID, holds.FullName, user)
	candidate := w.get(dictionary.TableCandidate, candidates[holds.ID][dictionary.SysID])
	require.Equal(t, "false", candidate[dictionary.CandidateActive])
	require.Equal(t, dictionary.StateClosedSkipped, candidate[dictionary.CandidateState])

	_, err = w.Forget(t.Context(), reclaimed.Email, false)
	require.NoError(t, err)
	w.requireNotInFile(reclaimed.Email, reclaimed.ID, reclaimed.FullName)
	require.Equal(t, runs, w.count(dictionary.TableReclamationRunItem, ""), "the evidence stays, without the person")
	closed := w.get(dictionary.TableCandidate, candidates[reclaimed.ID][dictionary.SysID])
	require.Equal(t, dictionary.StateClosedComplete, closed[dictionary.CandidateState])

	again, err := w.Forget(t.Context(), holds.Email, false)
	require.NoError(t, err)
	require.Empty(t, again.Done)
}

func TestForget_leavesThePersonOutWhileTheVendorListsThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 40)
	w.publish()
	first := w.refresh()
	person := w.withMail(1)[0]
	_, err := w.Forget(t.Context(), person.Email, false)
	require.NoError(t, err)

	outcome := w.refresh()
	require.Equal(t, 1, outcome.Forgotten)
	require.Equal(t, first.Downloaded, outcome.Downloaded)
	require.Zero(t, outcome.RowsWritten)
	require.Empty(t, outcome.Warnings)
	w.requireNotInFile(person.Email, person.ID)

	// Gone at the vendor, and back: that is a new account.
	require.True(t, w.trello.SetLicence(person.ID, false))
	require.Zero(t, w.refresh().Forgotten)
	require.True(t, w.trello.SetLicence(person.ID, true))
	back := w.refresh()
	require.Zero(t, back.Forgotten)
	require.Equal(t, 1, back.Created)
}

func TestForget_bySeveralNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 40)
	w.publish()
	w.refresh()
	people := w.withMail(3)
	for i, name := range []string{people[0].ID, w.subscriptionOf(people[1])[dictionary.SubscriptionUser], people[2].Email} {
		_, err := w.Forget(t.Context(), name, false)
		require.NoError(t, err)
		w.requireNotInFile(people[i].Email, people[i].ID)
	}
}

func TestForget_keepsOthersWhoWereGivenToThePerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 40)
	w.publish()
	w.refresh()
	people := w.withMail(2)
	boss := w.subscriptionOf(people[0])[dictionary.SubscriptionUser]
	other := w.subscriptionOf(people[1])
	w.update(dictionary.TableSubscription, other[dictionary.SysID], store.Row{dictionary.SubscriptionUser: boss})
	_, err := w.Forget(t.Context(), people[0].Email, false)
	require.NoError(t, err)
	require.Empty(t, w.subscriptionOf(people[1])[dictionary.SubscriptionUser], "the subscription stays, its user does not")
}

func TestForget_leavesAloneWhoseNameIsLonger(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 40)
	w.publish()
	w.refresh()
	people := w.idle(2)
	gone, other := people[0], people[1]
	longer := []string{"jo" + gone.Email, gone.Email + ".au", "jo-" + gone.Email}
	s := w.subscriptionOf(other)
	candidate := w.openCandidates()[other.ID]
	note := "Asked " + strings.Join(longer, ", ") + "."
	w.update(dictionary.TableCandidate, candidate[dictionary.SysID], store.Row{dictionary.CandidateWorkNotes: note})
	w.overwrite(dictionary.TableSubscription, s[dictionary.SysID], store.Row{dictionary.SubscriptionUPN: longer[0]})
	named := w.insert(dictionary.TableUser, store.Row{dictionary.UserUserName: "x", "first_name": "Not " + gone.Email + ". Nor " + gone.Email + " " + gone.Email})

	_, err := w.Forget(t.Context(), gone.Email, false)
	require.NoError(t, err)
	require.Equal(t, longer[0], w.subscriptionOf(other)[dictionary.SubscriptionUPN])
	kept := w.get(dictionary.TableCandidate, candidate[dictionary.SysID])
	require.Contains(t, kept[dictionary.CandidateWorkNotes], note)
	require.Equal(t, s[dictionary.SysID], kept[dictionary.CandidateSubscription])
	require.Equal(t, "true", kept[dictionary.CandidateActive])
	require.Equal(t, "Not [forgotten]. Nor [forgotten] [forgotten]", w.get(dictionary.TableUser, named[dictionary.SysID])["first_name"])
}

func TestForget_refuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 40)
	_, err := w.Forget(t.Context(), "anna@example.com", false)
	require.ErrorContains(t, err, "the database does not exist")
	w.publish()
	w.refresh()
	_, err = w.Forget(t.Context(), " ", false)
	require.ErrorContains(t, err, "give the mail address")

	for _, name := range []string{"one", "two"} {
		w.userNamed(store.Row{dictionary.UserUserName: name, dictionary.UserEmail: "both@example.com"})
	}
	_, err = w.Forget(t.Context(), "both@example.com", false)
	var ambiguous *engine.AmbiguousPersonError
	require.ErrorAs(t, err, &ambiguous)
	require.Len(t, ambiguous.Users, 2)

	person := w.idle(1)[0]
	candidate := w.openCandidates()[person.ID]
	require.NoError(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE samp_sw_reclamation_candidate SET state = ? WHERE sys_id = ?`, dictionary.StateAwaitingRevocation, candidate[dictionary.SysID])
		return err
	}))
	_, err = w.Forget(t.Context(), person.Email, false)
	require.ErrorContains(t, err, "just being reclaimed")
	w.requireInFile(person.Email)

	calm := w.withMail(3)
	require.NoError(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE snsam_lease SET owner = 'somebody', expires_at = ?`, w.clock.Now().Add(day).UnixMilli())
		return err
	}))
	for _, m := range calm {
		if m.ID == person.ID {
			continue
		}
		_, err = w.Forget(t.Context(), m.Email, false)
		require.ErrorContains(t, err, "a job is running")
	}
}

func TestForget_saysWhatItLeaves(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 40)
	w.publish()
	w.refresh()
	person := w.withMail(1)[0]
	w.insert(dictionary.TableUserExclusion, store.Row{"user_principal_name": person.Email})
	candidate := w.openCandidates()[w.idle(1)[0].ID]
	w.reclaim(companion.ReclaimRequest{Candidates: []string{candidate[dictionary.SysID]}, Evidence: companion.Evidence{ApprovedBy: person.Email}})
	outcome, err := w.Forget(t.Context(), person.Email, false)
	require.NoError(t, err)
	tables := map[string]int{}
	for _, step := range outcome.Left {
		tables[step.Table] += step.Rows
	}
	require.Equal(t, map[string]int{dictionary.TableUserExclusion: 1, dictionary.TableReclamationRun: 1}, tables)
}

func TestRetentionKeepsWhatAUserWasTold(t *testing.T) {
	t.Parallel()
	w, _, c := asking(t, 1)
	w.db, w.Engine = openEngine(t, w.url, w.clock, unlimited, withNotifications, func(o *engine.Options) {
		o.Retention = engine.Retention{Days: 5}
	})
	w.asked(c[0])
	w.delivered(c[0], dictionary.EmailSent)
	w.clock.advance(6 * day)
	w.runDue()
	require.Equal(t, dictionary.StateAwaitingUser, w.candidate(c[0])["state"])
	require.Equal(t, dictionary.EmailSent, w.notice(c[0])["type"], "the licence may still go, and this says that the user was told")
	w.answered(c[0], companion.AnswerKeep)
	w.answered(c[0], companion.AnswerKeepApproved)
	w.clock.advance(6 * day)
	w.runDue()
	require.Zero(t, w.count(dictionary.TableEmail, "instance="+c[0]["sys_id"]))
}

func TestRetention(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	w.db, w.Engine = openEngine(t, w.url, w.clock, unlimited, func(o *engine.Options) {
		o.Retention = engine.Retention{Days: 30, EvidenceDays: 400}
	})
	w.publish()
	w.refresh()
	old, young := w.idle(2)[0], w.idle(2)[1]
	reclaim := func(m double.Member) string {
		id := w.openCandidates()[m.ID][dictionary.SysID]
		require.Equal(t, companion.OutcomeDone, w.reclaim(companion.ReclaimRequest{Candidates: []string{id}})[id].Outcome)
		return id
	}
	first := reclaim(old)
	run := func() {
		require.NoError(t, w.RunDue(t.Context(), func(string) {}))
	}
	w.clock.advance(20 * day)
	second := reclaim(young)
	w.clock.advance(15 * day)
	savings := w.get(dictionary.TableCandidate, first)[dictionary.CandidatePotentialSavings]
	run()
	closed := w.get(dictionary.TableCandidate, first)
	require.Empty(t, closed[dictionary.CandidateUser])
	require.NotContains(t, closed[dictionary.CandidateShortDescription]+closed[dictionary.CandidateWorkNotes], old.Email)
	require.Equal(t, savings, closed[dictionary.CandidatePotentialSavings])
	require.Empty(t, w.find(dictionary.TableUser, "email="+old.Email))
	require.NotEmpty(t, w.get(dictionary.TableCandidate, second)[dictionary.CandidateUser], "not old enough")
	require.NotEmpty(t, w.find(dictionary.TableUser, "email="+young.Email))
	limit := w.clock.Now().Add(-30 * day).Format("2006-01-02 15:04:05")
	require.Zero(t, w.count(dictionary.TableJobLog, "sys_created_on<"+limit))
	require.Zero(t, w.count(dictionary.TableExecutionTracker, "sys_created_on<"+limit))
	require.Equal(t, 2, w.count(dictionary.TableReclamationRunItem, ""), "the evidence has a time of its own")

	w.clock.advance(400 * day)
	run()
	require.Zero(t, w.count(dictionary.TableReclamationRun, ""))
	require.Empty(t, w.get(dictionary.TableCandidate, second)[dictionary.CandidateUser])
}

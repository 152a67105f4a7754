package engine_test

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// What may happen to candidates, by what is done.
var (
	refreshEvents = []string{"active again", "reason gone", "resume"}
	jobEvents     = append([]string{"subscription gone", "error timeout", "no answer"}, refreshEvents...)
	autoEvents    = []string{"revoked", "revoke failed", "not tried", "spared", "active again", "subscription gone", "reason gone"}
	reclaimEvents = append([]string{"reclaim", "ask user", "resume"}, autoEvents...)
)

func (l *life) actions() map[string]func() {
	return map[string]func(){
		"somebody logs in":              func() { l.trello.Login(l.person()) },
		"a licence is changed by hand":  func() { l.trello.SetLicence(l.person(), rapid.Bool().Draw(l.rt, "holds")) },
		"somebody leaves":               func() { l.trello.Expel(l.person()) },
		"time passes":                   func() { l.clock.advance(one(l, "days", time.Hour, day, 8*day, 35*day, 61*day)) },
		"the vendor is faulty":          l.breakDown,
		"the vendor is well":            l.repair,
		"the process ends":              l.restart,
		"refresh":                       l.refreshNow,
		"refresh again":                 l.refreshNow,
		"the due jobs run":              l.due,
		"reclaim":                       l.reclaimSome,
		"reclaim more":                  l.reclaimSome,
		"reclaim by the clock":          l.reclaimDue,
		"restore":                       l.restoreSome,
		"a run is interrupted":          l.interrupt,
		"a suspended run goes on":       l.wake,
		"a message is delivered":        l.deliver,
		"somebody answers":              l.answerOne,
		"a candidate changes by hand":   l.changeCandidate,
		"a candidate is made by hand":   l.nominate,
		"a record is deleted":           l.deleteOne,
		"the rule changes":              l.changeRule,
		"the profile changes":           l.changeProfile,
		"an entitlement changes":        l.changeEntitlement,
		"metering or the model changes": l.changeModel,
		"the directory changes":         l.changeDirectory,
		"reconciliation":                l.reconcileAll,
	}
}

// faults are those that a sequence may meet. Those that hide when somebody was active are left out: nobody could judge then
// whom to spare.
var faults = []double.Fault{
	double.FaultTokenLimit, double.Fault500, double.Fault503, double.Fault449, double.FaultHTML, double.FaultTruncated, double.FaultDrop,
	double.FaultPageTwice, double.FaultNoMembers, double.FaultDuplicates, double.FaultReorder, double.FaultShrink, double.FaultGrow,
	double.FaultAdminHub, double.FaultAdminHubSilent, double.FaultReadOnlyToken, double.FaultExpiredToken, double.FaultNonAdminToken,
	double.FaultNoSeats, double.FaultKeepsBlocked, double.FaultApplyThen500, double.FaultApplyThenDrop, double.FaultIgnoreWrite,
}

func (l *life) breakDown() {
	l.faulty = true
	require.NoError(l.rt, l.trello.Inject(double.Injection{
		Fault: one(l, "fault", faults...), After: rapid.IntRange(0, 3).Draw(l.rt, "after"), Times: rapid.IntRange(0, 3).Draw(l.rt, "times"),
	}))
}

func (l *life) repair() {
	l.trello.ClearFaults()
	l.faulty = false
}

// finish waits for a run, which may fail only where the vendor is faulty or the profile forbids it.
func (l *life) finish(e *engine.Engine, started companion.Progress) companion.Progress {
	p, err := e.Wait(l.rt.Context(), started.Links.Progress.ID)
	require.NoError(l.rt, err)
	require.True(l.rt, p.Done())
	return p
}

func (l *life) refreshNow() {
	l.step.syncs, l.step.opens, l.step.events = true, true, refreshEvents
	p, err := l.StartRefresh(l.rt.Context(), l.profile, companion.RefreshRequest{MaxRemovalFraction: one(l, "most removals", 0, 0.1, 1.0)}, "")
	if !l.refusable(err) {
		return
	}
	p = l.finish(l.Engine, p)
	if !l.faulty {
		require.Equal(l.rt, companion.StatusSuccessful, p.Status, p.Error)
		o := decode[companion.RefreshOutcome](l.t, p)
		require.Equal(l.rt, o.Downloaded, o.Created+o.Updated+o.Unchanged, "%+v", o)
	}
}

func (l *life) due() {
	l.step.syncs, l.step.opens, l.step.events = true, true, jobEvents
	counts := l.count(dictionary.TableMetering, "")
	err := l.RunDue(l.rt.Context(), func(string) {})
	if !l.faulty {
		require.NoError(l.rt, err)
	}
	if metered := l.find(dictionary.TableMetering, "ORDERBYsys_created_on^ORDERBYsys_id"); len(metered) > counts {
		l.checkMetering(metered[len(metered)-1])
	}
}

// deliver says what became of a message that waits.
func (l *life) deliver() {
	l.step.events = []string{"notice failed"}
	for range rapid.IntRange(1, 5).Draw(l.rt, "messages") {
		waiting := l.find(dictionary.TableEmail, "type="+dictionary.EmailReady+"^ORDERBYsubject")
		if len(waiting) == 0 {
			return
		}
		as := one(l, "became", dictionary.EmailSent, dictionary.EmailSent, dictionary.EmailFailed)
		l.update(dictionary.TableEmail, waiting[0]["sys_id"], store.Row{"type": as})
	}
}

func (l *life) answerOne() {
	answers := map[companion.Answer]string{
		companion.AnswerRelease: "release", companion.AnswerKeep: "keep",
		companion.AnswerKeepApproved: "keep approved", companion.AnswerKeepRejected: "keep rejected",
	}
	a := one(l, "answer", companion.AnswerRelease, companion.AnswerKeep, companion.AnswerKeepApproved, companion.AnswerKeepRejected)
	l.step.events = []string{answers[a]}
	for _, person := range l.people { // of whom somebody is likely to wait for it
		c := l.candidateOf(person)
		if c == nil {
			continue
		}
		_, err := l.Answer(l.rt.Context(), c["number"], companion.AnswerRequest{Answer: a})
		if l.refusable(err) {
			l.reached["answered"]++
			return
		}
	}
}

// changeCandidate does what the form offers.
func (l *life) changeCandidate() {
	c := l.candidateOf(l.person())
	if c == nil {
		return
	}
	change := one(l, "change",
		store.Row{"state": dictionary.StateReady}, store.Row{"state": dictionary.StateClosedComplete}, store.Row{"state": dictionary.StateClosedSkipped},
		store.Row{"state": dictionary.StateClosedCanceled}, store.Row{"notify_user": "true", "days_before_auto_reclamation": "7"},
		store.Row{"notify_user": "false"}, store.Row{"user": ""}, store.Row{"user": l.seen.subscriptions[c["user_subscription"]]["user"]},
		store.Row{"work_notes": "somebody looked at it"}, store.Row{"active": "false", "closed_at": "2026-01-01 00:00:00", "restored_on": ""},
	)
	l.step.events = []string{"resume", "close complete", "close skipped"}
	l.step.closes = set(c["sys_id"])
	_, err := l.Update(l.rt.Context(), dictionary.TableCandidate, c["sys_id"], change, inClear)
	l.refusable(err)
}

func (l *life) nominate() {
	s := l.subscriptionOf(l.person())
	if s == nil {
		return
	}
	l.step.opens = true
	_, err := l.Insert(l.rt.Context(), dictionary.TableCandidate, store.Row{
		"user_subscription": s["sys_id"], "notify_user": one(l, "notify", "true", "false"), "days_before_auto_reclamation": one(l, "days", "", "0", "3"),
		"justification": one(l, "justification", dictionary.JustificationLowUsage, dictionary.JustificationRestricted, dictionary.JustificationUnlicensed),
	}, inClear)
	l.refusable(err)
}

func (l *life) deleteOne() {
	person := l.person()
	c, s := l.candidateOf(person), l.subscriptionOf(person)
	if rapid.Bool().Draw(l.rt, "candidate") {
		if c != nil {
			l.step.erases = set(c["sys_id"])
			l.refusable(l.Delete(l.rt.Context(), dictionary.TableCandidate, c["sys_id"]))
		}
	} else if s != nil {
		l.step.removes = set(s["sys_id"])
		l.refusable(l.Delete(l.rt.Context(), dictionary.TableSubscription, s["sys_id"]))
	}
}

func (l *life) changeRule() {
	rules := l.find(dictionary.TableReclamationRule, "")
	if len(rules) == 0 {
		l.republish() // which makes it again
		return
	}
	if rapid.IntRange(0, 9).Draw(l.rt, "delete") == 0 {
		require.NoError(l.rt, l.Delete(l.rt.Context(), dictionary.TableReclamationRule, rules[0]["sys_id"]))
		return
	}
	change := one(l, "change",
		store.Row{"last_activity_threshold": "30"}, store.Row{"last_activity_threshold": "90"},
		store.Row{"notify_user": "true", "days_before_auto_reclamation": "7"}, store.Row{"notify_user": "true", "days_before_auto_reclamation": "7"},
		store.Row{"notify_user": "false"}, store.Row{"active": "false"}, store.Row{"active": "true", "create_reclamation_candidate": "true"},
		store.Row{"create_reclamation_candidate": "false"},
	)
	_, err := l.Update(l.rt.Context(), dictionary.TableReclamationRule, rules[0]["sys_id"], change, inClear)
	l.refusable(err)
}

// changeProfile switches reclaim on and off, and deletes the profile and makes another one.
func (l *life) changeProfile() {
	if rapid.IntRange(0, 9).Draw(l.rt, "delete") > 0 {
		l.update(dictionary.TableProfile, l.profile, store.Row{"reclaim_subscriptions": one(l, "reclaim", "true", "true", "false")})
		return
	}
	l.repair()
	l.step.events = []string{"profile deleted"}
	l.step.removes = map[string]bool{}
	for id := range l.seen.subscriptions {
		l.step.removes[id] = true
	}
	require.NoError(l.rt, l.Delete(l.rt.Context(), dictionary.TableProfile, l.profile))
	l.draft()
	require.True(l.rt, l.validate().Valid)
	l.republish()
}

func (l *life) changeModel() {
	if rapid.IntRange(0, 4).Draw(l.rt, "restrict") == 0 {
		l.restrict(one(l, "restricted", "true", "false", "false"))
		return
	}
	s := l.subscriptionOf(l.person())
	rules := l.find(dictionary.TableUserExclusion, "")
	switch {
	case len(rules) > 0 && rapid.Bool().Draw(l.rt, "end"):
		require.NoError(l.rt, l.Delete(l.rt.Context(), dictionary.TableUserExclusion, rules[0]["sys_id"]))
	case s != nil && s["user_principal_name"] != "":
		_, err := l.Insert(l.rt.Context(), dictionary.TableUserExclusion, store.Row{"user_principal_name": s["user_principal_name"]}, inClear)
		l.refusable(err)
	}
}

// changeDirectory changes users, and who is in the protected group.
func (l *life) changeDirectory() {
	s := l.subscriptionOf(l.person())
	if s == nil {
		return
	}
	switch user := s["user"]; {
	case user == "" || rapid.IntRange(0, 5).Draw(l.rt, "another") == 0:
		l.update(dictionary.TableSubscription, s["sys_id"], store.Row{"user": l.userNamed(store.Row{"user_name": fmt.Sprint("user", l.key())})})
	case rapid.Bool().Draw(l.rt, "group"):
		if len(l.find(dictionary.TableUserGroup, "name=VIP")) == 0 {
			l.insert(dictionary.TableUserGroup, store.Row{"name": "VIP"})
		}
		l.insert(dictionary.TableGroupMember, store.Row{"group": l.find(dictionary.TableUserGroup, "name=VIP")[0]["sys_id"], "user": user})
	default:
		l.update(dictionary.TableUser, user, store.Row{"email": one(l, "mail", "", fmt.Sprintf("moved%d@example.com", l.key()))})
	}
}

// key is a number that was not used before.
func (l *life) key() int {
	l.keys++
	return l.keys
}

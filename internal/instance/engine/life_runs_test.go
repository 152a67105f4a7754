package engine_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// ghost is a run whose process was suspended in the middle of a call and that everybody takes for dead.
type ghost struct {
	engine  *engine.Engine
	started companion.Progress
	at      *pause
	step    step
	gone    map[string]bool
	request companion.ReclaimRequest
}

// chosen draws people with candidates, and returns the candidates with the people that they are about.
func (l *life) chosen(most int) (ids []string, people map[string]bool) {
	people = map[string]bool{}
	for range rapid.IntRange(1, most).Draw(l.rt, "candidates") {
		if c := l.candidateOf(l.person()); c != nil && !slices.Contains(ids, c["sys_id"]) {
			ids = append(ids, c["sys_id"])
			people[l.who[c["sys_id"]]] = true
		}
	}
	return ids, people
}

// draw makes the request of a reviewed reclaim.
func (l *life) draw(most int) (r companion.ReclaimRequest) {
	l.step.events = reclaimEvents
	r.Candidates, l.step.named = l.chosen(most)
	r.RunKey, r.Expected = fmt.Sprint("run ", l.key()), map[string]companion.Expected{}
	for _, id := range r.Candidates {
		s := l.seen.subscriptions[l.seen.candidates[id]["user_subscription"]]
		switch rapid.IntRange(0, 5).Draw(l.rt, "expected") {
		case 0:
			r.Expected[id] = companion.Expected{Subscription: s["sys_id"], User: companion.UserMark(id, "somebody else")}
		case 1:
		default:
			r.Expected[id] = companion.Expected{Subscription: s["sys_id"], User: companion.UserMark(id, s["external_user_id"])}
		}
	}
	r.Protected, r.ProtectedGroups, r.DailyMaximum = l.drawPolicy()
	return r
}

func (l *life) drawPolicy() (users, groups []string, maximum int) {
	if rapid.IntRange(0, 2).Draw(l.rt, "protect") == 0 {
		if s := l.subscriptionOf(l.person()); s != nil {
			users = append(users, one(l, "by", s["external_user_id"], s["user_principal_name"], s["vendor_user_name"]))
		}
	}
	if len(l.find(dictionary.TableUserGroup, "name=VIP")) > 0 {
		groups = append(groups, "VIP")
	}
	return users, groups, one(l, "daily maximum", 0, 0, 1, 2)
}

// allow says whose licences a request may take, person by person.
func (l *life) allow(r companion.ReclaimRequest, auto bool) {
	l.step.takes = map[string]bool{}
	profile := l.get(dictionary.TableProfile, l.profile)
	for _, id := range r.Candidates {
		c := l.seen.candidates[id]
		s := l.seen.subscriptions[c["user_subscription"]]
		e, pinned := r.Expected[id]
		wrong := pinned && e.User != companion.UserMark(id, s["external_user_id"])
		if s == nil || wrong || profile["reclaim_subscriptions"] != "true" || l.protected(r, s) || !l.holdsGood(c, s) || !l.inTurn(c, auto) {
			continue
		}
		l.step.takes[l.who[id]] = true
	}
}

func (l *life) protected(r companion.ReclaimRequest, s store.Row) bool {
	if l.seen.member[s["external_user_id"]].Admin {
		return true
	}
	user := l.find(dictionary.TableUser, "sys_id="+s["user"])
	for _, entry := range r.Protected {
		names := []string{s["external_user_id"], s["user_principal_name"], s["vendor_user_name"]}
		if len(user) > 0 {
			names = append(names, user[0]["email"], user[0]["user_name"])
		}
		if slices.Contains(names, entry) && entry != "" {
			return true
		}
	}
	return len(r.ProtectedGroups) > 0 && (s["user"] == "" || l.count(dictionary.TableGroupMember, "group.name=VIP^user="+s["user"]) > 0)
}

// holdsGood tells whether the reason of a candidate holds, by the vendor's own record of activity where that counts.
func (l *life) holdsGood(c, s store.Row) bool {
	m := l.seen.member[s["external_user_id"]]
	seen := ""
	if m.LastSeen != nil {
		seen = m.LastSeen.Format(time.DateOnly)
	}
	switch {
	case c["justification"] == dictionary.JustificationRestricted && c["sys_created_by"] == "system" && c["revocation_begun_on"] == "":
		return l.count(dictionary.TableSoftwareModel, "restricted_software=true^sys_id="+c["software_model"]) > 0
	case c["justification"] == dictionary.JustificationRestricted || c["justification"] == dictionary.JustificationUnlicensed:
		return true
	case c["reclamation_rule"] == "":
		return seen < c["opened_at"][:10]
	}
	rules := l.find(dictionary.TableReclamationRule, "sys_id="+c["reclamation_rule"])
	if len(rules) == 0 {
		return false
	}
	days, _ := strconv.Atoi(rules[0]["last_activity_threshold"])
	return max(seen, m.Created.Format(time.DateOnly), s["restored_on"]) < l.clock.Now().AddDate(0, 0, -days).Format(time.DateOnly)
}

// inTurn tells whether the state of a candidate lets its licence go now.
func (l *life) inTurn(c store.Row, auto bool) bool {
	days, _ := strconv.Atoi(c["days_before_auto_reclamation"])
	asks := c["notify_user"] == "true" && days > 0 && c["notified_on"] == "" && c["answer"] == "" &&
		c["justification"] != dictionary.JustificationRestricted && c["justification"] != dictionary.JustificationUnlicensed
	switch c["state"] {
	case dictionary.StateAwaitingRevocation:
		return !auto || c["notified_on"] != ""
	case dictionary.StateReady, dictionary.StateAttentionRequired:
		return !auto && !asks
	}
	return false
}

func (l *life) reclaimSome() {
	r := l.draw(4)
	if len(r.Candidates) == 0 {
		return
	}
	l.allow(r, false)
	p, err := l.StartReclaim(l.rt.Context(), r, "")
	require.NoError(l.rt, err)
	p = l.finish(l.Engine, p)
	if !l.faulty {
		require.Equal(l.rt, companion.StatusSuccessful, p.Status, p.Error)
	}
	if p.Status == companion.StatusSuccessful {
		l.checkRun(r, decode[companion.ReclaimOutcome](l.t, p))
	}
	l.checkMaximum(r.DailyMaximum)
}

// checkRun checks that a run that came to its end has an outcome for each candidate, in its answer and in its evidence, and
// that it took what it could take.
func (l *life) checkRun(r companion.ReclaimRequest, o companion.ReclaimOutcome) {
	var named []string
	for _, item := range o.Items {
		named = append(named, item.Candidate)
		l.reached[string(item.Outcome)]++
		person := l.who[item.Candidate]
		mustGo := l.step.takes[person] && l.seen.member[person].Licensed && !l.faulty && r.DailyMaximum == 0 && !mayHide(r)
		if mustGo {
			require.Equal(l.rt, companion.OutcomeDone, item.Outcome, item.Message)
		}
	}
	require.ElementsMatch(l.rt, r.Candidates, named)
	requested, recorded := 0, 0
	for _, run := range l.find(dictionary.TableReclamationRun, "run_key="+r.RunKey) {
		n, _ := strconv.Atoi(run["requested"])
		requested += n
		recorded += l.count(dictionary.TableReclamationRunItem, "run="+run["sys_id"])
	}
	require.Equal(l.rt, []int{len(named), len(named)}, []int{requested, recorded})
}

// mayHide tells whether the protected list names somebody by mail address, for whom people with hidden addresses are spared.
func mayHide(r companion.ReclaimRequest) bool {
	return slices.ContainsFunc(r.Protected, func(entry string) bool { return slices.Contains([]rune(entry), '@') })
}

// checkMaximum checks that a run that took something stopped at the daily maximum.
func (l *life) checkMaximum(maximum int) {
	writes := l.trello.Requests().Writes
	if maximum == 0 || len(writes) == l.seen.writes {
		return
	}
	gone := l.find(dictionary.TableCandidate, "state="+dictionary.StateClosedComplete+"^closed_at>="+l.clock.Now().Format(time.DateOnly)+" 00:00:00")
	require.LessOrEqual(l.rt, len(gone), maximum)
}

func (l *life) reclaimDue() {
	l.step.events = autoEvents
	users, groups, maximum := l.drawPolicy()
	r := companion.ReclaimRequest{Protected: users, ProtectedGroups: groups}
	l.step.named = map[string]bool{}
	for id, c := range l.seen.candidates {
		if c["active"] == "true" {
			r.Candidates = append(r.Candidates, id)
			l.step.named[l.who[id]] = true
		}
	}
	l.allow(r, true)
	err := l.AutoReclaimer(engine.AutoPolicy{Protected: users, ProtectedGroups: groups, DailyMaximum: maximum}).Run(l.rt.Context(), func(string) {})
	if !l.faulty {
		require.NoError(l.rt, err)
	}
	l.checkMaximum(maximum)
}

func (l *life) restoreSome() {
	ids, people := l.chosen(3)
	if len(ids) == 0 {
		return
	}
	l.step.gives = people
	p, err := l.StartRestore(l.rt.Context(), companion.RestoreRequest{Candidates: ids}, "")
	require.NoError(l.rt, err)
	p = l.finish(l.Engine, p)
	if p.Status != companion.StatusSuccessful {
		require.True(l.rt, l.faulty, p.Error)
		return
	}
	o := decode[companion.RestoreOutcome](l.t, p)
	require.Len(l.rt, o.Items, len(ids))
	for _, item := range o.Items {
		l.reached[string(item.Outcome)]++
	}
}

// interrupt starts a run that stops at one of its calls, and cancels it, ends its process, or takes it for dead.
func (l *life) interrupt() {
	at := &pause{barrier: newBarrier(), done: rapid.Bool().Draw(l.rt, "after the call")}
	at.pass.Store(int64(rapid.IntRange(0, 4).Draw(l.rt, "calls")))
	how := one(l, "how", "cancel", "end", "suspend", "suspend")
	most := 4
	if how == "suspend" {
		most = 1 // so that nothing else goes on while it is suspended
		at.pass.Store(min(at.pass.Load(), 2))
	}
	var start func(e *engine.Engine) (companion.Progress, error)
	var request companion.ReclaimRequest
	switch one(l, "what", "reclaim", "reclaim", "restore", "refresh") {
	case "reclaim":
		request = l.draw(most)
		l.allow(request, false)
		start = func(e *engine.Engine) (companion.Progress, error) { return e.StartReclaim(l.rt.Context(), request, "") }
	case "restore":
		request.Candidates, l.step.gives = l.chosen(most)
		start = func(e *engine.Engine) (companion.Progress, error) {
			return e.StartRestore(l.rt.Context(), companion.RestoreRequest{Candidates: request.Candidates}, "")
		}
	case "refresh":
		l.step.syncs, l.step.opens, l.step.events = true, true, refreshEvents
		start = func(e *engine.Engine) (companion.Progress, error) {
			return e.StartRefresh(l.rt.Context(), l.profile, companion.RefreshRequest{}, "")
		}
	}
	if !l.step.syncs && len(request.Candidates) == 0 {
		return
	}
	_, e := openEngine(l.t, l.url, l.clock, inProcess(l.trello, l.clock, at), withNotifications, withLongLease, l.forgetful)
	started, err := start(e)
	if !l.refusable(err) {
		return
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = e.Wait(l.rt.Context(), started.Links.Progress.ID)
	}()
	select {
	case <-at.reached:
	case <-ended:
		return
	}
	l.reached[how]++
	switch how {
	case "cancel":
		go func() { _, _ = e.Cancel(l.rt.Context(), started.Links.Progress.ID) }()
	case "end":
		go func() { _ = e.Close(l.rt.Context()) }()
	case "suspend":
		l.clock.advance(lifeLeaseTTL + time.Minute)
		g := &ghost{engine: e, started: started, at: at, step: l.step, gone: maps.Clone(l.step.gone), request: request}
		g.gone = map[string]bool{}
		for id, m := range l.seen.member {
			g.gone[id] = !m.Licensed
		}
		l.ghosts = append(l.ghosts, g)
		l.rt.Cleanup(func() { // before its engine is closed
			if slices.Contains(l.ghosts, g) {
				close(at.release)
				<-ended
			}
		})
		return
	}
	close(at.release)
	<-ended
}

// wake lets a suspended run go on, which does not know that its time has passed.
func (l *life) wake() {
	if len(l.ghosts) == 0 {
		return
	}
	g := l.ghosts[0]
	l.ghosts = l.ghosts[1:]
	l.step.events, l.step.syncs, l.step.opens = g.step.events, g.step.syncs, g.step.opens
	l.step.named, l.step.gives, l.step.gone = g.step.named, g.step.gives, g.gone
	if g.step.takes != nil {
		l.allow(g.request, false)
	}
	close(g.at.release)
	l.finish(g.engine, g.started)
	l.reached["woken"]++
}

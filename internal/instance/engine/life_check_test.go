package engine_test

import (
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// check compares the world with what it was before the last step.
func (l *life) check() {
	now := l.look()
	for _, g := range l.ghosts {
		for id, m := range now.member {
			g.gone[id] = g.gone[id] || !m.Licensed
		}
	}
	l.checkWrites(now)
	l.checkSubscriptions(now)
	for _, c := range sorted(now.candidates) {
		l.checkCandidate(now, c)
	}
	for id := range l.seen.candidates {
		if now.candidates[id] == nil {
			require.True(l.rt, l.step.erases[id], "candidate %s vanished", l.seen.candidates[id]["number"])
		}
	}
	l.checkOneOpen(now)
	l.checkItems(now)
	l.checkUndos(now)
	l.seen, l.step = now, step{name: "nothing"}
}

// checkWrites holds what was written at the vendor since the last step against what the step may write.
func (l *life) checkWrites(now moment) {
	for _, write := range l.trello.Requests().Writes[l.seen.writes:] {
		if write.Licensed {
			require.True(l.rt, l.step.gives[write.Member], "%s gave a licence to %s", l.step.name, write.Member)
			l.reached["given back"]++
			continue
		}
		require.True(l.rt, l.step.takes[write.Member], "%s took the licence of %s", l.step.name, write.Member)
		l.reached["taken"]++
	}
	require.Less(l.rt, now.writes, 100, "the double forgets older writes")
}

// unlicensed tells whether the vendor says now that a person holds no licence, or said so while a suspended run worked.
func (l *life) unlicensed(now moment, person string) bool {
	m, known := now.member[person]
	return known && !m.Licensed || l.step.gone[person]
}

func (l *life) checkSubscriptions(now moment) {
	for id, s := range l.seen.subscriptions {
		after, person := now.subscriptions[id], s["external_user_id"]
		if after != nil {
			require.Equal(l.rt, person, after["external_user_id"])
			require.Equal(l.rt, s["subscription_profile"], after["subscription_profile"])
			require.GreaterOrEqual(l.rt, after["last_activity"], s["last_activity"], "activity moves forward")
			continue
		}
		if l.step.removes[id] {
			continue
		}
		require.True(l.rt, l.step.syncs || l.step.named[person], "%s removed the subscription of %s", l.step.name, person)
		require.True(l.rt, l.faulty || l.unlicensed(now, person), "%s removed the subscription of %s, who holds a licence", l.step.name, person)
	}
	people := map[string]bool{}
	for id, s := range now.subscriptions {
		person := s["external_user_id"]
		require.False(l.rt, people[person], "two subscriptions of %s", person)
		people[person] = true
		if l.seen.subscriptions[id] == nil {
			require.True(l.rt, l.step.syncs || l.step.gives[person], "%s added a subscription of %s", l.step.name, person)
			require.True(l.rt, l.faulty || now.member[person].Licensed, "%s added a subscription of %s, who holds no licence", l.step.name, person)
		}
	}
}

// closedColumns never change on a candidate that was closed.
var closedColumns = []string{"state", "active", "closed_at", "potential_savings", "justification", "opened_at", "answer", "notified_on"}

func (l *life) checkCandidate(now moment, c store.Row) {
	id, number := c["sys_id"], c["number"]
	before := l.seen.candidates[id]
	open := dictionary.CandidateOpen(c["state"])
	require.Equal(l.rt, open, c["active"] == "true", number)
	require.Equal(l.rt, open, c["closed_at"] == "", number)
	if before == nil {
		l.checkOpened(now, c)
		return
	}
	for _, column := range []string{"number", "justification", "opened_at", "subscription_profile", "reclamation_rule"} {
		require.Equal(l.rt, before[column], c[column], "%s of %s", column, number)
	}
	if open || !l.forgotten(before["closed_at"], l.days) {
		require.True(l.rt, strings.HasSuffix(c["work_notes"], before["work_notes"]), "%s lost work notes", number)
	}
	if !dictionary.CandidateOpen(before["state"]) {
		for _, column := range closedColumns {
			require.Equal(l.rt, before[column], c[column], "%s of %s, which was closed", column, number)
		}
	}
	require.True(l.rt, engine.Leads(before["state"], c["state"], l.step.events...), "%s led %s from %s to %s", l.step.name, number,
		dictionary.CandidateStateLabel(before["state"]), dictionary.CandidateStateLabel(c["state"]))
	if before["state"] != c["state"] {
		l.reached[dictionary.CandidateStateLabel(c["state"])]++
		if c["state"] == dictionary.StateClosedComplete {
			l.checkCompleted(now, before, c)
		}
	}
	if s := c["user_subscription"]; s != "" {
		require.Equal(l.rt, l.who[id], now.subscriptions[s]["external_user_id"], "%s is about another person, or about nobody", number)
	}
	if begun := c["revocation_begun_on"]; begun != "" && open {
		require.Equal(l.rt, dictionary.StateAwaitingRevocation, c["state"], "%s: something was begun at the vendor", number)
	}
	l.checkNotice(now, c)
}

// checkOpened checks a new candidate.
func (l *life) checkOpened(now moment, c store.Row) {
	require.True(l.rt, l.step.opens, "%s opened %s", l.step.name, c["number"])
	s := now.subscriptions[c["user_subscription"]]
	require.NotNil(l.rt, s, "%s is about nothing", c["number"])
	l.who[c["sys_id"]] = s["external_user_id"]
	first := []string{dictionary.StateReady, dictionary.StateAttentionRequired}
	if c["justification"] == dictionary.JustificationRestricted {
		first = append(first, dictionary.StateAwaitingRevocation)
	}
	require.Contains(l.rt, first, c["state"])
	l.reached["opened"]++
}

// checkCompleted demands a reason for each candidate that was completed: a person, the vendor, or the documented end of a
// revocation whose subscription is gone.
func (l *life) checkCompleted(now moment, before, c store.Row) {
	if l.step.closes[c["sys_id"]] {
		require.Equal(l.rt, dictionary.StateAwaitingRevocation, before["state"])
		return
	}
	if before["state"] == dictionary.StateAwaitingRevocation && before["user_subscription"] == "" && slices.Contains(l.step.events, "subscription gone") {
		return
	}
	if !l.unlicensed(now, l.who[c["sys_id"]]) {
		l.t.Logf("faulty: %v; writes: %+v; work notes:\n%s", l.faulty, l.trello.Requests().Writes, c["work_notes"]) // also where rapid cannot repeat it
	}
	require.True(l.rt, l.unlicensed(now, l.who[c["sys_id"]]), "%s completed %s, whose user holds a licence", l.step.name, c["number"])
}

func (l *life) checkNotice(now moment, c store.Row) {
	notice := now.mails[c["notice"]]
	if c["state"] == dictionary.StateAwaitingUser {
		require.Contains(l.rt, []string{dictionary.EmailReady, dictionary.EmailSent}, notice["type"], "%s waits for an answer to nothing", c["number"])
	}
	if c["notified_on"] != "" && c["active"] == "true" {
		require.Equal(l.rt, dictionary.EmailSent, notice["type"], "%s counts the days since a message that was not delivered", c["number"])
	}
	if c["active"] == "true" || c["state"] == dictionary.StateClosedComplete {
		return
	}
	for _, mail := range now.mails {
		if mail["instance"] == c["sys_id"] {
			require.NotEqual(l.rt, dictionary.EmailReady, mail["type"], "a message about %s waits, which was closed", c["number"])
		}
	}
}

func (l *life) checkOneOpen(now moment) {
	open, numbers := map[string]string{}, map[string]bool{}
	for _, c := range now.candidates {
		require.False(l.rt, numbers[c["number"]], "two candidates %s", c["number"])
		numbers[c["number"]] = true
		if s := c["user_subscription"]; s != "" && c["active"] == "true" {
			require.Empty(l.rt, open[s], "%s is open for the same subscription", c["number"])
			open[s] = c["number"]
		}
	}
}

// checkItems checks that evidence only grows, but for retention, and that savings are those of completed candidates, once.
func (l *life) checkItems(now moment) {
	for id, item := range l.seen.items {
		if now.items[id] == nil {
			require.True(l.rt, l.forgotten(item["sys_created_on"], 2*l.days), "evidence vanished")
			continue
		}
		require.Equal(l.rt, item, now.items[id])
	}
	for id, item := range now.items {
		l.items[id] = item
	}
	saved := map[string][]string{}
	for _, item := range l.items {
		if item["savings"] != "0" {
			saved[item["candidate"]] = append(saved[item["candidate"]], item["savings"])
		}
	}
	for id, savings := range saved {
		c := now.candidates[id]
		if c == nil {
			continue // deleted by hand
		}
		require.Equal(l.rt, dictionary.StateClosedComplete, c["state"], "%s saved something", c["number"])
		require.Equal(l.rt, []string{c["potential_savings"]}, savings, c["number"])
	}
}

// checkUndos checks that what we took can be given back until it was, and that nothing is kept for longer.
func (l *life) checkUndos(now moment) {
	for id := range now.undos {
		c := now.candidates[id]
		require.NotNil(l.rt, c, "an undo of a candidate that is gone")
		require.Empty(l.rt, c["restored_on"], "an undo of %s, whose licence was given back", c["number"])
	}
	for _, write := range l.trello.Requests().Writes[l.seen.writes:] {
		for id, c := range now.candidates {
			taken := !write.Licensed && l.who[id] == write.Member && c["state"] == dictionary.StateClosedComplete
			if taken && l.seen.candidates[id]["active"] == "true" {
				require.True(l.rt, now.undos[id], "the licence of %s was taken, and nothing is stored to give it back", c["number"])
			}
		}
	}
}

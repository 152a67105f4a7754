package engine

import (
	"fmt"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

// event is something that happens to a removal candidate.
type event string

// The events that need no answer from a user. Those that do (notification sent, keep, do not keep, no answer, approval)
// extend this list and the table below, and nothing else.
const (
	eventReclaim          event = "reclaim"           // Reclaim pressed, notification off
	eventResume           event = "resume"            // error resolved or user filled in
	eventRevoked          event = "revoked"           // the vendor confirmed that the licence is gone
	eventRevokeFailed     event = "revoke failed"     // the vendor refused or the call failed
	eventNotTried         event = "not tried"         // the write was never sent: everything is as it was
	eventSpared           event = "spared"            // the vendor's side says that this account must keep its licence
	eventClosedByHand     event = "close complete"    // Close Complete: a person removed the licence by hand
	eventSkippedByHand    event = "close skipped"     // Close Skipped
	eventActive           event = "active again"      // activity within the threshold of the rule
	eventSubscriptionGone event = "subscription gone" // weekly job: the user subscription is empty
	eventProfileDeleted   event = "profile deleted"
	eventRuleGone         event = "rule gone"     // the reclamation rule was deleted or lost its threshold
	eventErrorTimeout     event = "error timeout" // Attention Required for longer than the property allows
)

// transition is one arrow of the state machine.
type transition struct {
	from  string
	event event
	to    string
}

// candidateTransitions is the state machine of removal candidates (reclamation candidate states, servicenow.com/docs).
// Every change of state, by a person, a job or set-based SQL, is looked up here.
var candidateTransitions = concat(
	[]transition{
		{dictionary.StateAttentionRequired, eventResume, dictionary.StateReady},
		{dictionary.StateReady, eventReclaim, dictionary.StateAwaitingRevocation},
		{dictionary.StateAwaitingRevocation, eventRevoked, dictionary.StateClosedComplete},
		{dictionary.StateAwaitingRevocation, eventRevokeFailed, dictionary.StateAttentionRequired},
		{dictionary.StateAwaitingRevocation, eventSpared, dictionary.StateReady},
		{dictionary.StateAwaitingRevocation, eventNotTried, dictionary.StateReady},
		{dictionary.StateAwaitingRevocation, eventClosedByHand, dictionary.StateClosedComplete},
		{dictionary.StateAwaitingRevocation, eventSubscriptionGone, dictionary.StateClosedComplete},
		{dictionary.StateAttentionRequired, eventSubscriptionGone, dictionary.StateClosedSkipped},
		{dictionary.StateReady, eventSubscriptionGone, dictionary.StateClosedSkipped},
		{dictionary.StateAwaitingUser, eventSubscriptionGone, dictionary.StateClosedSkipped},
		{dictionary.StateAwaitingApproval, eventSubscriptionGone, dictionary.StateClosedSkipped},
		{dictionary.StateAttentionRequired, eventErrorTimeout, dictionary.StateClosedCanceled},
	},
	fromEveryOpenState(eventSkippedByHand, dictionary.StateClosedSkipped),
	fromEveryOpenState(eventActive, dictionary.StateClosedCanceled),
	fromEveryOpenState(eventRuleGone, dictionary.StateClosedCanceled),
	fromEveryOpenState(eventProfileDeleted, dictionary.StateClosedSkipped),
)

func concat(lists ...[]transition) []transition {
	var all []transition
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func fromEveryOpenState(ev event, to string) []transition {
	var list []transition
	for _, s := range dictionary.CandidateStates() {
		if s.Open {
			list = append(list, transition{s.Value, ev, to})
		}
	}
	return list
}

// nextState tells where an event leads from a state; false where the event means nothing in that state.
func nextState(from string, ev event) (string, bool) {
	for _, t := range candidateTransitions {
		if t.from == from && t.event == ev {
			return t.to, true
		}
	}
	return "", false
}

// eventsByHand are what a person may do to a candidate by writing its state.
var eventsByHand = []event{eventResume, eventClosedByHand, eventSkippedByHand}

// eventOfWrite finds what a person means who writes state to over from.
func eventOfWrite(from, to string) (event, bool) {
	for _, ev := range eventsByHand {
		if next, ok := nextState(from, ev); ok && next == to {
			return ev, true
		}
	}
	return "", false
}

// transitionSQL renders an event for a set-based UPDATE: the CASE expression of the new state and the list of states
// that the event applies to.
func transitionSQL(ev event) (newState, appliesTo string) {
	var arms, from []string
	for _, t := range candidateTransitions {
		if t.event == ev {
			arms = append(arms, fmt.Sprintf("WHEN %s THEN %s", t.from, t.to))
			from = append(from, t.from)
		}
	}
	return "CASE state " + strings.Join(arms, " ") + " END", "(" + strings.Join(from, ", ") + ")"
}

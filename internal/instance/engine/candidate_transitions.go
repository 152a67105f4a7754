package engine

import (
	"fmt"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

// event is something that happens to a removal candidate.
type event string

const (
	eventReclaim          event = "reclaim"           // Reclaim pressed, and nobody needs to be asked
	eventAsk              event = "ask user"          // Reclaim pressed with notify user on and days to answer: a notice waits
	eventNoticeFailed     event = "notice failed"     // the delivery channel could not deliver the notice
	eventRelease          event = "release"           // the user does not need the licence any more
	eventNoAnswer         event = "no answer"         // the days after the delivery of the notice have passed
	eventKeep             event = "keep"              // the user wants to keep the licence
	eventKeepApproved     event = "keep approved"     // the assignment group agrees
	eventKeepRejected     event = "keep rejected"     // the assignment group does not
	eventResume           event = "resume"            // error resolved or user filled in
	eventRevoked          event = "revoked"           // the vendor confirmed that the licence is gone
	eventRevokeFailed     event = "revoke failed"     // the vendor refused or the call failed
	eventNotTried         event = "not tried"         // the write was never sent: everything is as it was
	eventSpared           event = "spared"            // the vendor's side says that this account must keep its licence
	eventClosedByHand     event = "close complete"    // Close Complete: a person removed the licence by hand
	eventSkippedByHand    event = "close skipped"     // Close Skipped
	eventActive           event = "active again"      // activity within the threshold of the rule
	eventSubscriptionGone event = "subscription gone" // the user subscription is empty
	eventProfileDeleted   event = "profile deleted"
	eventReasonGone       event = "reason gone"   // the rule was deleted or lost its threshold, the product is another one, or the software is not restricted any more
	eventErrorTimeout     event = "error timeout" // Attention Required for longer than the property allows
)

// transition is one arrow of the state machine.
type transition struct {
	from  string
	event event
	to    string
}

// candidateTransitions is the state machine of removal candidates (reclamation candidate states, servicenow.com/docs).
// Every change of state, by a person, a job or set-based SQL, is looked up here; what is not here is refused. As a matrix,
// it is in TestEveryPairOfStateAndEvent.
//
// "not tried" leads back to Ready only from a reclaim that started there: a candidate that was waiting for its revocation
// goes on waiting.
var candidateTransitions = concat(
	[]transition{
		{dictionary.StateAttentionRequired, eventResume, dictionary.StateReady},
		{dictionary.StateAttentionRequired, eventErrorTimeout, dictionary.StateClosedCanceled},

		{dictionary.StateReady, eventReclaim, dictionary.StateAwaitingRevocation},
		{dictionary.StateReady, eventAsk, dictionary.StateAwaitingUser},

		{dictionary.StateAwaitingUser, eventNoticeFailed, dictionary.StateAttentionRequired},
		{dictionary.StateAwaitingUser, eventRelease, dictionary.StateAwaitingRevocation},
		{dictionary.StateAwaitingUser, eventNoAnswer, dictionary.StateAwaitingRevocation},
		{dictionary.StateAwaitingUser, eventKeep, dictionary.StateAwaitingApproval},

		{dictionary.StateAwaitingApproval, eventKeepApproved, dictionary.StateClosedSkipped},
		{dictionary.StateAwaitingApproval, eventKeepRejected, dictionary.StateAwaitingRevocation},

		{dictionary.StateAwaitingRevocation, eventRevoked, dictionary.StateClosedComplete},
		{dictionary.StateAwaitingRevocation, eventRevokeFailed, dictionary.StateAttentionRequired},
		{dictionary.StateAwaitingRevocation, eventSpared, dictionary.StateReady},
		{dictionary.StateAwaitingRevocation, eventNotTried, dictionary.StateReady},
		{dictionary.StateAwaitingRevocation, eventClosedByHand, dictionary.StateClosedComplete},

		{dictionary.StateAttentionRequired, eventSubscriptionGone, dictionary.StateClosedSkipped},
		{dictionary.StateReady, eventSubscriptionGone, dictionary.StateClosedSkipped},
		{dictionary.StateAwaitingUser, eventSubscriptionGone, dictionary.StateClosedSkipped},
		{dictionary.StateAwaitingApproval, eventSubscriptionGone, dictionary.StateClosedSkipped},
		{dictionary.StateAwaitingRevocation, eventSubscriptionGone, dictionary.StateClosedComplete},
	},
	fromEveryOpenState(eventSkippedByHand, dictionary.StateClosedSkipped),
	fromEveryOpenState(eventProfileDeleted, dictionary.StateClosedSkipped),
	fromEveryOpenState(eventActive, dictionary.StateClosedCanceled),
	fromEveryOpenState(eventReasonGone, dictionary.StateClosedCanceled),
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

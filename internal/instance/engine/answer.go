package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// answers maps what somebody says to what that does to a candidate, and to how its work notes tell of it.
var answers = map[companion.Answer]struct {
	event event
	note  string
	// user is what is kept as the answer of the user; empty for a decision of the assignment group.
	user string
}{
	companion.AnswerRelease:      {eventRelease, "The user does not need the licence any more", dictionary.AnswerRelease},
	companion.AnswerKeep:         {eventKeep, "The user wants to keep the licence", dictionary.AnswerKeep},
	companion.AnswerKeepApproved: {eventKeepApproved, "The assignment group lets the user keep the licence", ""},
	companion.AnswerKeepRejected: {eventKeepRejected, "The assignment group decided that the licence goes", ""},
}

// Answer stores what the user of a candidate, or its assignment group, says. The candidate is named by sys_id or number.
// Nothing is written at the vendor. An answer that the candidate's state does not wait for is a business rule error.
func (e *Engine) Answer(ctx context.Context, candidate string, r companion.AnswerRequest) (companion.Answered, error) {
	var id string
	err := e.db.View(ctx, func(tx *store.Tx) error { // which creates no database where there is none
		row, err := findCandidate(ctx, tx, candidate)
		id = row[dictionary.SysID]
		return err
	})
	if err != nil {
		return companion.Answered{}, err
	}
	var after store.Row
	err = e.db.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.Get(ctx, dictionary.TableCandidate, id)
		if err != nil {
			return err
		}
		after, err = e.answer(ctx, tx, row, r)
		return err
	})
	return companion.Answered{
		Candidate: after[dictionary.SysID], Number: after[dictionary.CandidateNumber], State: after[dictionary.CandidateState],
	}, err
}

func findCandidate(ctx context.Context, tx *store.Tx, name string) (store.Row, error) {
	row, err := lookUp(ctx, tx, dictionary.TableCandidate, name)
	if err != nil || row != nil {
		return row, err
	}
	id, err := idOf(ctx, tx, `SELECT sys_id FROM samp_sw_reclamation_candidate WHERE number = ? COLLATE NOCASE`, name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("look up candidate %s: %w", name, err)
	case id == "":
		return nil, fmt.Errorf("%w: there is no removal candidate %q", store.ErrNotFound, name)
	}
	return tx.Get(ctx, dictionary.TableCandidate, id)
}

// idOf is the one value that a query finds; empty where it finds nothing.
func idOf(ctx context.Context, tx *store.Tx, query string, args ...any) (string, error) {
	var id string
	err := tx.QueryRow(ctx, query, args...).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, err
}

func (e *Engine) answer(ctx context.Context, tx *store.Tx, candidate store.Row, r companion.AnswerRequest) (store.Row, error) {
	refuse := func(rule, format string, args ...any) error {
		return &store.BusinessRuleError{Table: dictionary.TableCandidate, Rule: rule, Message: fmt.Sprintf(format, args...)}
	}
	a, known := answers[r.Answer]
	if !known {
		return nil, refuse("Answers", "%q is no answer; known are %s, %s, %s and %s", r.Answer,
			companion.AnswerRelease, companion.AnswerKeep, companion.AnswerKeepApproved, companion.AnswerKeepRejected)
	}
	state := candidate[dictionary.CandidateState]
	if _, ok := nextState(state, a.event); !ok {
		return nil, refuse("Answers in their state", "the candidate %s is %s, and does not wait for the answer %s. %s",
			candidate[dictionary.CandidateNumber], dictionary.CandidateStateLabel(state), r.Answer, insteadOfAnswer(state))
	}
	if candidate[dictionary.CandidateSubscription] == "" {
		return nil, refuse("Answers are about a subscription", "the user subscription of the candidate %s was removed, so that nothing is left to "+
			"decide; the weekly job closes it", candidate[dictionary.CandidateNumber])
	}
	note := a.note
	if r.By != "" {
		by, err := idOf(ctx, tx, `SELECT sys_id FROM sys_user WHERE email = ?1 COLLATE NOCASE OR user_name = ?1 COLLATE NOCASE LIMIT 1`, r.By)
		if err != nil {
			return nil, fmt.Errorf("look up who answers: %w", err)
		}
		if by == "" {
			return nil, refuse("Who answers", "there is no user with the user id or mail address %q; name one who exists, or leave it out", r.By)
		}
		switch entitled, err := mayAnswer(ctx, tx, candidate, a.user != "", by); {
		case err != nil:
			return nil, err
		case !entitled:
			return nil, refuse("Who answers", "the answer %s about candidate %s is not for %s to give: release and keep are its user's, keep_approved "+
				"and keep_rejected its assignment group's", r.Answer, candidate[dictionary.CandidateNumber], r.By)
		}
		note += ". Answered by " + r.By
	}
	if r.Comment != "" {
		note += ". Comment: " + oneLine(r.Comment)
	}
	change := store.Row{}
	if a.user != "" {
		change[dictionary.CandidateAnswer] = a.user
		change[dictionary.CandidateAnsweredOn] = formatDateTime(tx.Now())
	}
	after, err := transit(ctx, tx, candidate, a.event, note+".", change)
	if err != nil || a.event != eventKeep {
		return after, err
	}
	return askGroup(ctx, tx, after)
}

// mayAnswer tells whether a user is one of those who are asked: the user of the candidate or of its licence, or else the
// manager and the members of its assignment group.
func mayAnswer(ctx context.Context, tx *store.Tx, candidate store.Row, asUser bool, user string) (bool, error) {
	if asUser {
		subscription, err := lookUp(ctx, tx, dictionary.TableSubscription, candidate[dictionary.CandidateSubscription])
		return user == candidate[dictionary.CandidateUser] || user == subscription[dictionary.SubscriptionUser], err
	}
	group, err := lookUp(ctx, tx, dictionary.TableUserGroup, candidate[dictionary.CandidateAssignmentGroup])
	if err != nil || user == group[dictionary.GroupManager] {
		return err == nil, err
	}
	_, member, err := membership(ctx, tx, group[dictionary.SysID], user)
	return member, err
}

// insteadOfAnswer is what may be done to a candidate that waits for no answer, or for another one.
func insteadOfAnswer(state string) string {
	switch state {
	case dictionary.StateAwaitingUser:
		return "Its user answers release or keep first."
	case dictionary.StateAwaitingApproval:
		return "Its assignment group answers keep_approved or keep_rejected."
	case dictionary.StateReady, dictionary.StateAttentionRequired, dictionary.StateAwaitingRevocation:
		return "Close it as skipped if the user is to keep the licence."
	}
	return "It is closed; the next refresh opens another one where there is reason to."
}

// askGroup puts the decision about a licence that its user wants to keep before the assignment group.
func askGroup(ctx context.Context, tx *store.Tx, candidate store.Row) (store.Row, error) {
	change := store.Row{}
	group := candidate[dictionary.CandidateAssignmentGroup]
	if group == "" {
		group = dictionary.SeedID(dictionary.TableUserGroup, dictionary.DefaultAssignmentGroup)
		change[dictionary.CandidateAssignmentGroup] = group
	}
	recipients, err := addressesOfGroup(ctx, tx, group)
	if err != nil {
		return nil, err
	}
	number := candidate[dictionary.CandidateNumber]
	note := "The assignment group has no member with a mail address, so that nobody was told that it is to decide."
	if len(recipients) > 0 {
		m := message{
			candidate: candidate[dictionary.SysID], recipients: recipients, subject: "A user wants to keep a licence: " + number,
			body: fmt.Sprintf("%s: the user was asked and wants to keep it. Answer keep_approved or keep_rejected, and name the number %s.\n",
				candidate[dictionary.CandidateShortDescription], number),
		}
		if _, err := m.queue(ctx, tx); err != nil {
			return nil, err
		}
		note = "A message to the assignment group waits."
	}
	change[dictionary.CandidateWorkNotes] = appendNote(candidate[dictionary.CandidateWorkNotes], tx.Now(), note)
	after, _, err := tx.Update(ctx, dictionary.TableCandidate, candidate[dictionary.SysID], change)
	return after, err
}

// addressesOfGroup are the mail addresses of a group's manager and members, without repetition.
func addressesOfGroup(ctx context.Context, tx *store.Tx, group string) ([]string, error) {
	row, err := lookUp(ctx, tx, dictionary.TableUserGroup, group)
	if err != nil {
		return nil, err
	}
	members, err := tx.Find(ctx, dictionary.TableGroupMember, dictionary.MemberGroup+"="+group, store.FindOptions{})
	if err != nil {
		return nil, fmt.Errorf("read the members of group %s: %w", row[dictionary.GroupName], err)
	}
	var addresses []string
	add := func(id string) error {
		user, err := lookUp(ctx, tx, dictionary.TableUser, id)
		if address := addressOf(user); address != "" && !slices.Contains(addresses, address) {
			addresses = append(addresses, address)
		}
		return err
	}
	if err := add(row[dictionary.GroupManager]); err != nil {
		return nil, err
	}
	for _, member := range members {
		if err := add(member[dictionary.MemberUser]); err != nil {
			return nil, err
		}
	}
	return addresses, nil
}

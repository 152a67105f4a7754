package engine

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// systemUser writes what no person wrote.
const systemUser = "system"

func candidateRules() tableRules {
	return tableRules{beforeInsert: beforeCandidateInsert, beforeUpdate: beforeCandidateUpdate, beforeDelete: beforeCandidateDelete}
}

// beforeCandidateInsert completes a candidate that a person makes by hand: number and facts are generated.
func beforeCandidateInsert(ctx context.Context, c *change) error {
	subscription, err := lookUp(ctx, c.tx, dictionary.TableSubscription, c.values[dictionary.CandidateSubscription])
	if err != nil {
		return err
	}
	if subscription == nil {
		return c.refuse("User subscription must exist", "a candidate of %s needs an existing user subscription, not %q",
			dictionary.AppliesToSubscription, c.values[dictionary.CandidateSubscription])
	}
	open, err := findOne(ctx, c.tx, dictionary.TableCandidate,
		dictionary.CandidateSubscription+"="+subscription[dictionary.SysID]+"^"+dictionary.CandidateActive+"=true")
	if err != nil {
		return err
	}
	if open != nil {
		return c.refuse("One open candidate per subscription", "the subscription of %s has the open candidate %s already",
			subscription[dictionary.SubscriptionUPN], open[dictionary.CandidateNumber])
	}
	number, err := takeNumber(ctx, c.tx, candidatePrefix)
	if err != nil {
		return err
	}
	c.values[dictionary.CandidateNumber] = number
	c.values[dictionary.CandidateUser] = subscription[dictionary.SubscriptionUser]
	for _, column := range []string{dictionary.CandidateProfile, dictionary.CandidateSoftwareModel, dictionary.CandidateProduct, dictionary.CandidatePublisher} {
		c.values[column] = subscription[column]
	}
	c.values[dictionary.CandidateAppliesTo] = dictionary.AppliesToSubscription
	c.fill(dictionary.CandidateShortDescription, "Reclaim "+subscription[dictionary.SubscriptionDisplayName]+" from "+subscription[dictionary.SubscriptionUPN])
	c.values[dictionary.CandidateOpenedAt] = formatDateTime(c.tx.Now())
	if c.values[dictionary.CandidatePotentialSavings], err = savingsOf(ctx, c.tx, subscription); err != nil {
		return err
	}
	c.values[dictionary.CandidateInactiveDays] = subscription[dictionary.SubscriptionInactiveDays]
	c.values[dictionary.CandidateState] = dictionary.StateReady
	if isTrue(c.values[dictionary.CandidateNotifyUser]) && c.values[dictionary.CandidateUser] == "" {
		c.values[dictionary.CandidateState] = dictionary.StateAttentionRequired
	}
	c.values[dictionary.CandidateActive] = "true"
	if note := c.values[dictionary.CandidateWorkNotes]; note != "" {
		c.values[dictionary.CandidateWorkNotes] = appendNote("", c.tx.Now(), note)
	}
	return nil
}

// beforeCandidateUpdate lets people do what the form's buttons do, and nothing else to the state.
func beforeCandidateUpdate(_ context.Context, c *change) error {
	err := c.keep("A candidate is about one licence", "somebody may have approved that this candidate's licence goes; close it and make another one",
		dictionary.CandidateSubscription, dictionary.CandidateProfile, dictionary.CandidateRule, dictionary.CandidateOpenedAt,
		dictionary.CandidateNumber, dictionary.CandidateAppliesTo)
	if err != nil {
		return err
	}
	if note, ok := c.values[dictionary.CandidateWorkNotes]; ok {
		delete(c.values, dictionary.CandidateWorkNotes)
		if note != "" {
			c.values[dictionary.CandidateWorkNotes] = appendNote(c.before[dictionary.CandidateWorkNotes], c.tx.Now(), note)
		}
	}
	from := c.before[dictionary.CandidateState]
	to := c.after(dictionary.CandidateState)
	if !c.changes(dictionary.CandidateState) {
		delete(c.values, dictionary.CandidateActive)
		delete(c.values, dictionary.CandidateClosedAt)
		return nil
	}
	if _, ok := eventOfWrite(from, to); !ok {
		return c.refuse("State changes by its buttons", "a candidate in state %s cannot be set to %s by hand",
			dictionary.CandidateStateLabel(from), dictionary.CandidateStateLabel(to))
	}
	c.values[dictionary.CandidateActive] = boolean(dictionary.CandidateOpen(to))
	if dictionary.CandidateOpen(to) {
		c.values[dictionary.CandidateErrorMessage] = ""
		return nil
	}
	c.values[dictionary.CandidateClosedAt] = formatDateTime(c.tx.Now())
	return nil
}

// beforeCandidateDelete keeps the trace of a reclaim whose outcome is open.
func beforeCandidateDelete(_ context.Context, c *change) error {
	if c.before[dictionary.CandidateState] != dictionary.StateAwaitingRevocation {
		return nil
	}
	return c.refuse("A reclaim in progress leaves a trace", "the licence of the candidate %s is being reclaimed, and the outcome is open; "+
		"reclaim again or close the candidate, then delete it", c.before[dictionary.CandidateNumber])
}

// appendNote adds an entry to a journal column, newest first as the form shows them.
func appendNote(journal string, now time.Time, note string) string {
	entry := noteHeading(now) + note + "\n"
	if journal == "" {
		return entry
	}
	return entry + "\n" + journal
}

// addNote adds to the work notes of a candidate that stays in its state, and returns the row as it is then.
func addNote(ctx context.Context, tx *store.Tx, candidate store.Row, text string, changes store.Row) (store.Row, error) {
	changes[dictionary.CandidateWorkNotes] = appendNote(candidate[dictionary.CandidateWorkNotes], tx.Now(), text)
	after, _, err := tx.Update(ctx, dictionary.TableCandidate, candidate[dictionary.SysID], changes)
	return after, err
}

func noteHeading(now time.Time) string { return formatDateTime(now) + " - System (Work notes)\n" }

// transit moves one candidate by an event and returns the row as it is then. The changes go with it.
func transit(ctx context.Context, tx *store.Tx, candidate store.Row, ev event, note string, changes store.Row) (store.Row, error) {
	from := candidate[dictionary.CandidateState]
	to, ok := nextState(from, ev)
	if !ok {
		return nil, fmt.Errorf("candidate %s: %s is not possible in state %s", candidate[dictionary.CandidateNumber], ev, dictionary.CandidateStateLabel(from))
	}
	values := store.Row{
		dictionary.CandidateState:     to,
		dictionary.CandidateActive:    boolean(dictionary.CandidateOpen(to)),
		dictionary.CandidateWorkNotes: appendNote(candidate[dictionary.CandidateWorkNotes], tx.Now(), note),
	}
	if !dictionary.CandidateOpen(to) {
		values[dictionary.CandidateClosedAt] = formatDateTime(tx.Now())
	}
	maps.Copy(values, changes)
	after, _, err := tx.Update(ctx, dictionary.TableCandidate, candidate[dictionary.SysID], values)
	return after, err
}

// mass is one event that happens to many candidates at once.
type mass struct {
	event     event
	note      string // SQL expression over the candidate's columns; its parameters come first in args
	condition string // SQL condition over the candidate's columns
	args      []any
}

// transitAll moves every open candidate that a condition selects and whose state knows the event, and returns how many.
func transitAll(ctx context.Context, tx *store.Tx, m mass) (int, error) {
	newState, appliesTo := transitionSQL(m.event)
	now := formatDateTime(tx.Now())
	statement := `UPDATE samp_sw_reclamation_candidate SET
		work_notes = ` + noteSQL(m.note) + `,
		closed_at = CASE WHEN ` + newState + ` IN ` + openStates() + ` THEN closed_at ELSE ? END,
		active = ` + newState + ` IN ` + openStates() + `,
		state = ` + newState + `,
		sys_updated_on = ?, sys_updated_by = ?, sys_mod_count = sys_mod_count + 1
		WHERE active = 1 AND state IN ` + appliesTo + ` AND (` + m.condition + `)`
	noteArgs := strings.Count(m.note, "?")
	args := append([]any{noteHeading(tx.Now())}, m.args[:noteArgs]...)
	args = append(args, now, now, systemUser)
	res, err := tx.Exec(ctx, statement, append(args, m.args[noteArgs:]...)...)
	if err != nil {
		return 0, fmt.Errorf("move candidates (%s): %w", m.event, err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// noteSQL is appendNote as an SQL expression; its first parameter is the heading.
func noteSQL(note string) string {
	return `? || (` + note + `) || char(10) || CASE work_notes WHEN '' THEN '' ELSE char(10) || work_notes END`
}

func openStates() string {
	var states []string
	for _, s := range dictionary.CandidateStates() {
		if s.Open {
			states = append(states, s.Value)
		}
	}
	return "(" + strings.Join(states, ", ") + ")"
}

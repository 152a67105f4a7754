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
	if from == dictionary.StateAwaitingRevocation && dictionary.CandidateOpen(to) {
		values[dictionary.CandidateRevocationBegun] = ""
	}
	maps.Copy(values, changes)
	after, _, err := tx.Update(ctx, dictionary.TableCandidate, candidate[dictionary.SysID], values)
	if err != nil || !endsMessages(from, to) {
		return after, err
	}
	return after, withdrawMessages(ctx, tx, candidate[dictionary.SysID])
}

// endsMessages tells whether messages that wait for delivery have no point any more after a change of state.
func endsMessages(from, to string) bool {
	asked := from == dictionary.StateAwaitingUser || from == dictionary.StateAwaitingApproval
	return asked && from != to || !dictionary.CandidateOpen(to) && to != dictionary.StateClosedComplete
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
	if err != nil || n == 0 {
		return int(n), err
	}
	return int(n), withdrawMessagesOfClosed(ctx, tx)
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

package engine

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// candidateLife is the state machine as a matrix, written from the states and transitions that ServiceNow documents for
// reclamation candidates: what an event makes of a candidate in each state. A dash is refused.
const candidateLife = `
event             | Attention Required | Ready               | Awaiting User       | Awaiting Approval   | Awaiting Revocation | Closed Complete | Closed Skipped | Closed Canceled
reclaim           | -                  | Awaiting Revocation | -                   | -                   | -                   | -               | -              | -
ask user          | -                  | Awaiting User       | -                   | -                   | -                   | -               | -              | -
notice failed     | -                  | -                   | Attention Required  | -                   | -                   | -               | -              | -
release           | -                  | -                   | Awaiting Revocation | -                   | -                   | -               | -              | -
no answer         | -                  | -                   | Awaiting Revocation | -                   | -                   | -               | -              | -
keep              | -                  | -                   | Awaiting Approval   | -                   | -                   | -               | -              | -
keep approved     | -                  | -                   | -                   | Closed Skipped      | -                   | -               | -              | -
keep rejected     | -                  | -                   | -                   | Awaiting Revocation | -                   | -               | -              | -
resume            | Ready              | -                   | -                   | -                   | -                   | -               | -              | -
revoked           | -                  | -                   | -                   | -                   | Closed Complete     | -               | -              | -
revoke failed     | -                  | -                   | -                   | -                   | Attention Required  | -               | -              | -
not tried         | -                  | -                   | -                   | -                   | Ready               | -               | -              | -
spared            | -                  | -                   | -                   | -                   | Ready               | -               | -              | -
close complete    | -                  | -                   | -                   | -                   | Closed Complete     | -               | -              | -
close skipped     | Closed Skipped     | Closed Skipped      | Closed Skipped      | Closed Skipped      | Closed Skipped      | -               | -              | -
active again      | Closed Canceled    | Closed Canceled     | Closed Canceled     | Closed Canceled     | Closed Canceled     | -               | -              | -
subscription gone | Closed Skipped     | Closed Skipped      | Closed Skipped      | Closed Skipped      | Closed Complete     | -               | -              | -
profile deleted   | Closed Skipped     | Closed Skipped      | Closed Skipped      | Closed Skipped      | Closed Skipped      | -               | -              | -
reason gone       | Closed Canceled    | Closed Canceled     | Closed Canceled     | Closed Canceled     | Closed Canceled     | -               | -              | -
error timeout     | Closed Canceled    | -                   | -                   | -                   | -                   | -               | -              | -
`

// lifeOf reads the matrix: by event and label of the state, the label of the next one.
func lifeOf(t *testing.T) map[event]map[string]string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(candidateLife), "\n")
	cells := func(line string) []string {
		list := strings.Split(line, "|")
		for i := range list {
			list[i] = strings.TrimSpace(list[i])
		}
		return list
	}
	states := cells(lines[0])[1:]
	life := map[event]map[string]string{}
	for _, line := range lines[1:] {
		row := cells(line)
		require.Len(t, row, len(states)+1, line)
		next := map[string]string{}
		for i, to := range row[1:] {
			next[states[i]] = to
		}
		life[event(row[0])] = next
	}
	return life
}

var allEvents = []event{
	eventReclaim, eventAsk, eventNoticeFailed, eventRelease, eventNoAnswer, eventKeep, eventKeepApproved, eventKeepRejected,
	eventResume, eventRevoked, eventRevokeFailed, eventNotTried, eventSpared, eventClosedByHand, eventSkippedByHand,
	eventActive, eventSubscriptionGone, eventProfileDeleted, eventReasonGone, eventErrorTimeout,
}

// TestEveryPairOfStateAndEvent walks the whole matrix, one candidate a pair.
func TestEveryPairOfStateAndEvent(t *testing.T) {
	t.Parallel()
	ctx, now := t.Context(), time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	db, err := store.New("sqlite:"+filepath.Join(t.TempDir(), "sam.db"), store.Options{Now: func() time.Time { return now }})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	life := lifeOf(t)
	require.Len(t, life, len(allEvents))
	require.NoError(t, db.Update(ctx, func(tx *store.Tx) error {
		for _, ev := range allEvents {
			require.Len(t, life[ev], len(dictionary.CandidateStates()), ev)
			for _, s := range dictionary.CandidateStates() {
				before, err := tx.Insert(ctx, dictionary.TableCandidate, store.Row{"number": "RCC1", "state": s.Value, "active": boolean(s.Open)})
				require.NoError(t, err)
				after, err := transit(ctx, tx, before, ev, "because", store.Row{})
				if life[ev][s.Label] == "-" {
					require.EqualError(t, err, "candidate RCC1: "+string(ev)+" is not possible in state "+s.Label)
					continue
				}
				require.NoError(t, err)
				require.Equal(t, life[ev][s.Label], dictionary.CandidateStateLabel(after["state"]), "%s in %s", ev, s.Label)
				require.Equal(t, boolean(dictionary.CandidateOpen(after["state"])), after["active"])
			}
		}
		return nil
	}))
}

func TestTransitionsAreAFunction(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, tr := range candidateTransitions {
		key := tr.from + " " + string(tr.event)
		require.False(t, seen[key], "two ways for %s", key)
		seen[key] = true
		require.True(t, dictionary.CandidateOpen(tr.from), "nothing leaves a closed state: %+v", tr)
		require.NotEqual(t, tr.to, dictionary.CandidateStateLabel(tr.to), "%+v leads to no state", tr)
		require.Contains(t, allEvents, tr.event)
	}
}

// TestCandidateNeverComesBack walks the machine at random: whatever happens, a candidate that was closed stays closed, and
// as long as it is open there is a way to close it.
func TestCandidateNeverComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		state := rapid.SampledFrom([]string{dictionary.StateReady, dictionary.StateAttentionRequired}).Draw(t, "first state")
		closed := false
		for _, ev := range rapid.SliceOfN(rapid.SampledFrom(allEvents), 1, 50).Draw(t, "events") {
			next, ok := nextState(state, ev)
			if closed && ok {
				t.Fatalf("%s leaves the closed state %s", ev, dictionary.CandidateStateLabel(state))
			}
			if !ok {
				continue
			}
			state = next
			closed = !dictionary.CandidateOpen(state)
		}
		if _, ok := nextState(state, eventSkippedByHand); ok == closed {
			t.Fatalf("%s: open candidates can be skipped, closed ones cannot", dictionary.CandidateStateLabel(state))
		}
	})
}

// TestSetBasedTransitionsFollowTheTable compares the SQL of every event with the table, over every state.
func TestSetBasedTransitionsFollowTheTable(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	db, err := store.New("sqlite:"+filepath.Join(t.TempDir(), "sam.db"), store.Options{Now: func() time.Time { return now }})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	for _, ev := range allEvents {
		require.NoError(t, db.Update(ctx, func(tx *store.Tx) error {
			byState := map[string]string{}
			for _, s := range dictionary.CandidateStates() {
				row, err := tx.Insert(ctx, dictionary.TableCandidate, store.Row{
					"number": string(ev) + s.Value, "state": s.Value, "active": boolean(s.Open), "work_notes": "before\n",
				})
				require.NoError(t, err)
				byState[s.Value] = row["sys_id"]
			}
			moved, err := transitAll(ctx, tx, mass{event: ev, note: "'because of ' || ?", condition: "number LIKE ?", args: []any{ev, string(ev) + "%"}})
			require.NoError(t, err)
			for from, id := range byState {
				after, err := tx.Get(ctx, dictionary.TableCandidate, id)
				require.NoError(t, err)
				next, ok := nextState(from, ev)
				if !ok {
					require.Equal(t, from, after["state"])
					require.Equal(t, "before\n", after["work_notes"])
					continue
				}
				moved--
				require.Equal(t, next, after["state"])
				require.Equal(t, boolean(dictionary.CandidateOpen(next)), after["active"])
				require.Equal(t, dictionary.CandidateOpen(next), after["closed_at"] == "")
				require.Equal(t, appendNote("before\n", now, "because of "+string(ev)), after["work_notes"])
				require.Equal(t, "1", after["sys_mod_count"])
			}
			require.Zero(t, moved)
			return nil
		}))
	}
}

func TestPeopleDoWhatTheFormOffers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		event    event
	}{
		{dictionary.StateAttentionRequired, dictionary.StateReady, eventResume},
		{dictionary.StateAwaitingRevocation, dictionary.StateClosedComplete, eventClosedByHand},
		{dictionary.StateReady, dictionary.StateClosedSkipped, eventSkippedByHand},
	} {
		ev, ok := eventOfWrite(c.from, c.to)
		require.True(t, ok)
		require.Equal(t, c.event, ev)
	}
	for _, c := range [][2]string{
		{dictionary.StateReady, dictionary.StateClosedComplete}, {dictionary.StateReady, dictionary.StateAwaitingRevocation},
		{dictionary.StateAwaitingRevocation, dictionary.StateReady}, {dictionary.StateClosedSkipped, dictionary.StateReady},
	} {
		_, ok := eventOfWrite(c[0], c[1])
		require.False(t, ok, "%v", c)
	}
}

package engine

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

var allEvents = []event{
	eventReclaim, eventResume, eventRevoked, eventRevokeFailed, eventSpared, eventClosedByHand, eventSkippedByHand,
	eventActive, eventSubscriptionGone, eventProfileDeleted, eventErrorTimeout, eventNotTried, eventRuleGone,
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

package conformance

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

func untold(t *testing.T, s Subject) {
	f, _ := s.start(t, 3*s.PageSize)
	if f.Untell == nil {
		t.Skip("this vendor does not tell activity with the subscriptions")
	}
	id := f.Reclaimable()
	_, walk, err := collect(t.Context(), f.Connect(nil))
	require.NoError(t, err)
	require.False(t, walk.NoActivity)

	f.Untell(t)
	all, walk, err := collect(t.Context(), f.Connect(nil))
	require.NoError(t, err)
	require.Len(t, all, 3*s.PageSize)
	require.True(t, walk.NoActivity)
	require.NotEmpty(t, walk.Warnings)
	if reader, ok := f.Connect(nil).(connector.ActivityReader); ok {
		_, err = reader.LastActivity(t.Context(), id)
		require.Equal(t, connector.KindBadAnswer, connector.KindOf(err), "%v", err)
	}
}

func checker(t *testing.T, f Fixture) connector.PresenceChecker {
	t.Helper()
	c, ok := f.Connect(nil).(connector.PresenceChecker)
	if !ok {
		t.Skip("this vendor has no cheap way to confirm that one person holds a licence")
	}
	return c
}

// swap: whoever slips through a list that keeps its length is still found by asking for the person.
func swap(t *testing.T, s Subject) {
	f, _ := s.start(t, 3*s.PageSize)
	c := checker(t, f)
	if f.Swap == nil {
		t.Skip("nobody slips through this vendor's list")
	}
	before := f.Holders()
	f.Swap(t)
	all, walk, err := collect(t.Context(), f.Connect(nil))
	require.NoError(t, err)
	require.True(t, walk.Complete, "a list of the same length cannot be told from one that did not change")
	after := f.Holders()
	require.Len(t, after, len(before))
	require.NotEqual(t, before, after, "the swap must have happened")
	slipped := 0
	for id := range after {
		if _, listed := all[id]; listed {
			continue
		}
		slipped++
		held, err := c.Holds(t.Context(), id)
		require.NoError(t, err)
		require.True(t, held)
	}
	require.Positive(t, slipped, "the swap must have hidden somebody")
	for id := range before {
		if _, still := after[id]; still {
			continue
		}
		held, err := c.Holds(t.Context(), id)
		require.NoError(t, err)
		require.False(t, held)
	}
}

func presence(t *testing.T, s Subject) {
	f, _ := s.start(t, 30)
	c := checker(t, f)
	id := f.Reclaimable()
	held, err := c.Holds(t.Context(), id)
	require.NoError(t, err)
	require.True(t, held)
	_, err = reclaimer(t, f.Connect(nil)).Reclaim(t.Context(), id)
	require.NoError(t, err)
	held, err = c.Holds(t.Context(), id)
	require.NoError(t, err)
	require.False(t, held)

	f.Inject(t, Down, 0)
	_, err = c.Holds(t.Context(), f.Reclaimable())
	require.Equal(t, connector.KindUnavailable, connector.KindOf(err), "what could not be asked is an error: %v", err)
}

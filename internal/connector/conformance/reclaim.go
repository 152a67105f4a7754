package conformance

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

func reclaimer(t *testing.T, c connector.Connector) connector.Reclaimer {
	t.Helper()
	r, ok := c.(connector.Reclaimer)
	if !ok {
		t.Skip("this vendor cannot take a licence back")
	}
	return r
}

func reclaimTwice(t *testing.T, s Subject) {
	f, _ := s.start(t, 30)
	r := reclaimer(t, f.Connect(nil))
	report, err := r.Preflight(t.Context())
	require.NoError(t, err)
	require.True(t, report.OK, "%+v", report)

	id, before := f.Reclaimable(), len(f.Holders())
	result, err := r.Reclaim(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, companion.OutcomeDone, result.Outcome, result.Message)
	require.NotContains(t, f.Holders(), id)
	require.Len(t, f.Holders(), before-1)

	result, err = r.Reclaim(t.Context(), id)
	require.NoError(t, err)
	require.Contains(t, []companion.Outcome{companion.OutcomeDone, companion.OutcomeAlreadyGone}, result.Outcome)
	require.Len(t, f.Holders(), before-1)
}

func lostAnswer(t *testing.T, s Subject) {
	for _, trouble := range []Trouble{LostAnswer, Lost500} {
		f, _ := s.start(t, 30)
		r := reclaimer(t, f.Connect(nil))
		id := f.Reclaimable()
		f.Inject(t, trouble, 1)
		result, err := r.Reclaim(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, companion.OutcomeDone, result.Outcome, result.Message)
		require.NotContains(t, f.Holders(), id)
	}
}

func stranger(t *testing.T, s Subject) {
	f, _ := s.start(t, 30)
	c := f.Connect(nil)
	r := reclaimer(t, c)
	id := f.Reclaimable()
	_, err := r.Reclaim(t.Context(), id)
	require.NoError(t, err)
	if reader, ok := c.(connector.ActivityReader); ok {
		_, err := reader.LastActivity(t.Context(), id)
		require.Equal(t, connector.KindNotFound, connector.KindOf(err), "%v", err)
	}
}

func unknownOutcome(t *testing.T, s Subject) {
	f, _ := s.start(t, 30)
	r := reclaimer(t, f.Connect(nil))
	f.Inject(t, Down, 0)
	_, err := r.Reclaim(t.Context(), f.Reclaimable())
	require.Equal(t, connector.KindUnavailable, connector.KindOf(err), "%v", err)
}

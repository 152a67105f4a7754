package asana_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// TestNobodysActivityIsNoInactivity: an export of nothing would make everybody a candidate.
func TestNobodysActivityIsNoInactivity(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"export", "stories"} {
		w := newWorld(t, 30)
		c := w.connect(t, option("activity_method", method))
		justNow := noon.Add(-time.Second)
		seen, walk, err := pull(t.Context(), c, justNow, nil)
		require.NoError(t, err, method)
		require.True(t, walk.Complete, method)
		require.Empty(t, seen, method)
		require.True(t, walk.BlindSpot, method)
		require.Contains(t, walk.Warnings[len(walk.Warnings)-1], "no activity of anybody", method)

		_, walk, err = pull(t.Context(), c, lookback, nil)
		require.NoError(t, err, method)
		require.False(t, walk.BlindSpot, method)
		_, walk, err = pull(t.Context(), c, justNow, walk.Watermark)
		require.NoError(t, err, method)
		require.False(t, walk.BlindSpot, "%s: activity was seen before", method)
	}
}

// TestAnAnswerAboutSomebodyElseTakesNobodysSeat: an answer that ignores who was asked about must not decide about them.
func TestAnAnswerAboutSomebodyElseTakesNobodysSeat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	id := w.idle().GID
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); q.Get("user") == id && strings.HasSuffix(r.URL.Path, "/workspace_memberships") {
			q.Del("user")
			r.URL.RawQuery = q.Encode()
		}
		w.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	c := w.connect(t, func(cfg *connector.Config) { cfg.BaseURL = server.URL })
	result, err := c.Reclaim(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, companion.OutcomeFailed, result.Outcome)
	require.Contains(t, result.Message, "about another user")
	_, err = c.Snapshot(t.Context(), id)
	require.Equal(t, connector.KindBadAnswer, connector.KindOf(err), "%v", err)
	require.Empty(t, w.Requests().Writes)
}

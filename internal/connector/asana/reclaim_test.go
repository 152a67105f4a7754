package asana_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
)

func (w *world) idle() double.Member {
	return w.Members(1, double.IdleSince(noon.AddDate(0, 0, -60)))[0]
}

func TestReclaimRefusesWhomItMustNotTake(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	admins := w.Members(0, func(m double.Member) bool { return m.Admin })
	require.Len(t, admins, 2)
	guest := w.Members(1, func(m double.Member) bool { return m.Guest && m.Active })[0]
	for id, outcome := range map[string]companion.Outcome{
		admins[0].GID: companion.OutcomeSkippedSelf, admins[1].GID: companion.OutcomeSkippedAdmin,
		guest.GID: companion.OutcomeAlreadyGone, "me": companion.OutcomeFailed, "ada@example.com": companion.OutcomeFailed,
	} {
		result, err := w.connect(t, w.asAdmin).Reclaim(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, outcome, result.Outcome, result.Message)
	}
	require.Empty(t, w.Requests().Writes)
	require.Zero(t, w.Requests().ByRoute[double.RouteRemove])
}

func TestReclaimExplainsARefusal(t *testing.T) {
	t.Parallel()
	for fault, c := range map[double.Fault]struct {
		outcome companion.Outcome
		says    string
	}{
		double.FaultNonAdmin:    {companion.OutcomeDenied, "must belong to an admin"},
		double.FaultLastAdmin:   {companion.OutcomeFailed, "Cannot remove the last admin"},
		double.FaultIgnoreWrite: {companion.OutcomeFailed, "still a member"},
	} {
		w := newWorld(t, 30, double.Injection{Fault: fault})
		id := w.idle().GID
		result, err := w.connect(t, w.asAdmin).Reclaim(t.Context(), id)
		require.NoError(t, err, fault)
		require.Equal(t, c.outcome, result.Outcome, "%s: %s", fault, result.Message)
		require.Contains(t, result.Message, c.says, fault)
		after, _ := w.Find(id)
		require.True(t, after.Active)
	}
}

func TestWhoIsGoneIsNotAFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	id := w.idle().GID
	require.True(t, w.Remove(id))
	for _, gone := range []string{id, "42", "1210000000999999"} {
		result, err := w.connect(t).Reclaim(t.Context(), gone)
		require.NoError(t, err)
		require.Equal(t, companion.OutcomeAlreadyGone, result.Outcome, result.Message)
		holds, err := w.connect(t).Holds(t.Context(), gone)
		require.NoError(t, err)
		require.False(t, holds)
	}
	holds, err := w.connect(t).Holds(t.Context(), w.idle().GID)
	require.NoError(t, err)
	require.True(t, holds)
}

func TestAWriteThatDidNotHappenIsRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30, double.Injection{Fault: double.Fault500, Route: double.RouteRemove, Times: 2})
	result, err := w.connect(t).Reclaim(t.Context(), w.idle().GID)
	require.NoError(t, err)
	require.Equal(t, companion.OutcomeDone, result.Outcome, result.Message)
	require.Equal(t, 3, w.Requests().ByRoute[double.RouteRemove])

	require.NoError(t, w.Inject(double.Injection{Fault: double.Fault503, Route: double.RouteRemove}))
	result, err = w.connect(t).Reclaim(t.Context(), w.idle().GID)
	require.NoError(t, err, "reading back settled that nothing happened")
	require.Equal(t, companion.OutcomeFailed, result.Outcome)
	require.Contains(t, result.Message, "still a member")
}

func TestAnAnswerThatIsNoJSONIsReadBack(t *testing.T) {
	t.Parallel()
	for _, fault := range []double.Fault{double.FaultTruncated, double.FaultCut} {
		w := newWorld(t, 30, double.Injection{Fault: fault, Route: double.RouteRemove})
		result, err := w.connect(t).Reclaim(t.Context(), w.idle().GID)
		require.NoError(t, err)
		require.Equal(t, companion.OutcomeDone, result.Outcome)
		require.Equal(t, 1, w.Requests().ByRoute[double.RouteRemove])
	}
}

func TestAnUnknownOutcomeIsAnError(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30,
		double.Injection{Fault: double.FaultApplyThenDrop, Route: double.RouteRemove},
		double.Injection{Fault: double.Fault500, Route: double.RouteMembership, After: 1})
	id := w.idle().GID
	c := w.connect(t)
	_, err := c.Reclaim(t.Context(), id)
	require.ErrorContains(t, err, "reading the member back failed too")
	require.NotErrorIs(t, err, connector.ErrNothingSent)
	w.ClearFaults()
	result, err := c.Reclaim(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, companion.OutcomeAlreadyGone, result.Outcome)
}

func TestAnInterruptionBeforeTheWriteSentNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	c := w.connect(t)
	_, err := c.Preflight(t.Context())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Reclaim(ctx, w.idle().GID)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, connector.ErrNothingSent)
	require.Empty(t, w.Requests().Writes)

	require.NoError(t, w.Inject(double.Injection{Fault: double.Fault500, Route: double.RouteMembership}))
	_, err = c.Reclaim(t.Context(), w.idle().GID)
	require.ErrorIs(t, err, connector.ErrNothingSent)
}

func TestALimitedWriteSentNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30, double.Injection{Fault: double.FaultRateLimit, Route: double.RouteRemove})
	id := w.idle().GID
	_, err := w.connect(t).Reclaim(t.Context(), id)
	require.ErrorIs(t, err, connector.ErrNothingSent)
	require.Equal(t, connector.KindRateLimited, connector.KindOf(err))
	require.Equal(t, 1, w.Requests().ByRoute[double.RouteMembership], "there is nothing to read back")
}

func TestAWriteThatTookEffectIsKnownThoughTheTimeIsOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30, double.Injection{Fault: double.FaultApplyThenDrop, Route: double.RouteRemove})
	ctx := newDeadline(t)
	c := w.connect(t, func(cfg *connector.Config) {
		cfg.Transport = counting(func() {
			if w.Requests().ByRoute[double.RouteRemove] > 0 {
				ctx.pass()
			}
		})
	})
	id := w.idle().GID
	result, err := c.Reclaim(ctx, id)
	require.NoError(t, err)
	require.Equal(t, companion.OutcomeDone, result.Outcome, result.Message)
}

func TestOneConnectorAsksWhoItIsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	c := w.connect(t, option("workspace_id", w.WorkspaceID()))
	for range 5 {
		result, err := c.Reclaim(t.Context(), w.idle().GID)
		require.NoError(t, err)
		require.Equal(t, companion.OutcomeDone, result.Outcome)
	}
	require.Equal(t, map[double.Route]int{
		double.RouteMe: 1, double.RouteMembership: 10, double.RouteRemove: 5,
	}, w.Requests().ByRoute)
}

func TestRequestsInFlightStayBelowAsanasLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300)
	server, err := double.Start(double.Options{Members: 300, Seed: 7, Now: w.clock.Now})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	require.NoError(t, server.Inject(double.Injection{Fault: double.FaultSlow, DelayMS: 20}))
	c := w.connect(t, func(cfg *connector.Config) { cfg.BaseURL = server.URL })
	done := make(chan error)
	people := server.Members(40, double.IdleSince(noon.AddDate(0, 0, -60)))
	for _, m := range people {
		go func() {
			_, err := c.Reclaim(t.Context(), m.GID)
			done <- err
		}()
	}
	for range people {
		require.NoError(t, <-done)
	}
	require.Zero(t, server.Requests().Refused)
	require.Len(t, server.Requests().Writes, len(people))
	require.Less(t, w.clock.Now().Sub(noon), time.Minute)
}

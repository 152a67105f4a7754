package connector_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/conformance"
)

var start = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func TestNoWindowExceedsTheBudget(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		budget := connector.Budget{
			Name:     "a limit",
			Requests: rapid.IntRange(1, 30).Draw(t, "requests"),
			Per:      time.Duration(rapid.IntRange(1, 20).Draw(t, "seconds")) * time.Second,
			Burst:    rapid.IntRange(0, 40).Draw(t, "burst"),
		}
		clock := conformance.NewClock(start)
		limiter := connector.NewLimiter(budget, clock)
		var sent []time.Time
		for range rapid.IntRange(1, 120).Draw(t, "sent") {
			_ = clock.Sleep(context.Background(), time.Duration(rapid.IntRange(0, 700).Draw(t, "pause"))*time.Millisecond)
			if rapid.IntRange(0, 20).Draw(t, "held") == 0 {
				limiter.Hold(time.Duration(rapid.IntRange(1, 5).Draw(t, "hold")) * time.Second)
			}
			require.NoError(t, limiter.Wait(context.Background()))
			sent = append(sent, clock.Now())
		}
		for i := budget.Requests; i < len(sent); i++ {
			require.GreaterOrEqual(t, sent[i].Sub(sent[i-budget.Requests]), budget.Per)
		}
	})
}

func TestALimiterUsesItsBudget(t *testing.T) {
	t.Parallel()
	clock := conformance.NewClock(start)
	limiter := connector.NewLimiter(connector.Budget{Name: "a limit", Requests: 100, Per: 10 * time.Second, Burst: 20}, clock)
	for range 1000 {
		require.NoError(t, limiter.Wait(t.Context()))
	}
	require.Less(t, clock.Slept(), 103*time.Second)
}

func TestTheVendorsWordLowersABudget(t *testing.T) {
	t.Parallel()
	clock := conformance.NewClock(start)
	limiter := connector.NewLimiter(connector.Budget{Name: "a limit", Requests: 100, Per: 10 * time.Second}, clock)
	require.NoError(t, limiter.Wait(t.Context()))
	_ = clock.Sleep(t.Context(), 4*time.Second)
	limiter.Observe(connector.RateState{Remaining: 0})
	require.NoError(t, limiter.Wait(t.Context()))
	require.GreaterOrEqual(t, clock.Slept(), 10*time.Second, "the first request must be a window old")
	require.Less(t, clock.Slept(), 11*time.Second)

	limiter.Observe(connector.RateState{Max: 2, Remaining: -1})
	before := clock.Slept()
	for range 4 {
		require.NoError(t, limiter.Wait(t.Context()))
	}
	require.GreaterOrEqual(t, clock.Slept()-before, 10*time.Second)
}

func TestAWaitBeyondTheDeadlineFailsAtOnce(t *testing.T) {
	t.Parallel()
	clock := conformance.NewClock(start)
	limiter := connector.NewLimiter(connector.Budget{Name: "Trello's limit", Requests: 1, Per: time.Hour}, clock)
	require.NoError(t, limiter.Wait(t.Context()))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := limiter.Wait(ctx)
	require.ErrorIs(t, err, connector.ErrWaitTooLong)
	require.ErrorContains(t, err, "Trello's limit asks for 1h")
	require.Zero(t, clock.Slept())
	require.NoError(t, limiter.Wait(t.Context()), "the refused wait took nothing of the budget")
}

func TestACancelledWaitEnds(t *testing.T) {
	t.Parallel()
	limiter := connector.NewLimiter(connector.Budget{Name: "a limit", Requests: 1, Per: time.Hour}, nil)
	require.NoError(t, limiter.Wait(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Add(1)
	var err error
	go func() {
		defer wg.Done()
		err = limiter.Wait(ctx)
	}()
	cancel()
	wg.Wait()
	require.ErrorIs(t, err, context.Canceled)
}

func TestOneCredentialHasOneLimiter(t *testing.T) {
	t.Parallel()
	b := connector.Budget{Name: "a shared limit", Requests: 1, Per: time.Second}
	one := connector.SharedLimiter(b, "a.example.com", connector.NewSecret("one"))
	require.Same(t, one, connector.SharedLimiter(b, "a.example.com", connector.NewSecret("one")))
	require.NotSame(t, one, connector.SharedLimiter(b, "a.example.com", connector.NewSecret("two")))
	require.NotSame(t, one, connector.SharedLimiter(b, "b.example.com", connector.NewSecret("one")))
}

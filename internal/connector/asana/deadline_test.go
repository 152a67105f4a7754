package asana_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/asana"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
)

// deadline is a context whose deadline passes when the test says so.
type deadline struct {
	context.Context
	once sync.Once
	done chan struct{}
}

func newDeadline(t *testing.T) *deadline {
	t.Helper()
	return &deadline{Context: t.Context(), done: make(chan struct{})}
}

func (d *deadline) pass() { d.once.Do(func() { close(d.done) }) }

func (d *deadline) Done() <-chan struct{} { return d.done }

func (d *deadline) Err() error {
	select {
	case <-d.done:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func (d *deadline) Deadline() (time.Time, bool) { return time.Now().Add(time.Hour), true }

// TestAWalkThatRunsOutOfTimeGoesOn ends each walk after a number of requests, and runs until one is complete.
func TestAWalkThatRunsOutOfTimeGoesOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*world, *connector.Config)
		most   int64 // requests of one walk
	}{
		"stories":   {methodsUnderTest["stories"], 60},
		"audit_log": {methodsUnderTest["audit_log"], 30},
		"export":    {methodsUnderTest["export"], 4},
		"both":      {func(w *world, _ *connector.Config) { _ = w.Inject(double.Injection{Fault: double.FaultNoExport}) }, 60},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 60)
			change := func(cfg *connector.Config) { c.change(w, cfg) }
			whole, _, err := pull(t.Context(), w.connect(t, change), lookback, nil)
			require.NoError(t, err)

			got, runs := map[string]time.Time{}, 0
			var mark connector.Watermark
			for complete := false; !complete; runs++ {
				require.Less(t, runs, 60)
				ctx := newDeadline(t)
				var sent atomic.Int64
				connected := w.connect(t, change, func(cfg *connector.Config) {
					cfg.Transport = counting(func() {
						if sent.Add(1) > c.most {
							ctx.pass()
						}
					})
				})
				part, walk, err := pull(ctx, connected, lookback, mark)
				require.NoError(t, err)
				for gid, at := range part {
					if at.After(got[gid]) {
						got[gid] = at
					}
				}
				if !walk.Complete {
					require.Contains(t, warns(walk), "the next run goes on from there")
				}
				mark, complete = walk.Watermark, walk.Complete
				require.NoError(t, w.clock.Sleep(t.Context(), time.Minute))
			}
			require.Greater(t, runs, 1)
			w.requireSeats(t, w.seatsOf(whole), got)
		})
	}
}

func (w *world) seatsOf(all map[string]time.Time) map[string]time.Time {
	seats := map[string]time.Time{}
	for gid, at := range all {
		if m, ok := w.Find(gid); ok && m.Seat {
			seats[gid] = at
		}
	}
	return seats
}

func TestAnInterruptedWalkIsAnError(t *testing.T) {
	t.Parallel()
	eachMethod(t, func(t *testing.T, w *world, connect func() *asana.Asana) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, walk, err := pull(ctx, connect(), lookback, nil)
		require.ErrorIs(t, err, context.Canceled)
		require.False(t, walk.Complete)

		full := errors.New("no room")
		walk, err = connect().Activity(t.Context(), lookback, nil, func([]connector.Event) error { return full })
		require.ErrorIs(t, err, full)
		require.False(t, walk.Complete)
	})
}

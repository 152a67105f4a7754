package engine_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/trello"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// drawn lets the helpers of a world fail a check of rapid, which then shrinks it, instead of the test.
type drawn struct {
	testing.TB
	rt *rapid.T
}

func (d drawn) Errorf(format string, args ...any) { d.rt.Errorf(format, args...) }
func (d drawn) FailNow()                          { d.rt.FailNow() }
func (d drawn) Context() context.Context          { return d.rt.Context() }
func (d drawn) Cleanup(f func())                  { d.rt.Cleanup(f) }

const (
	lifeMembers  = 20
	lifeLeaseTTL = 10 * time.Minute // so long that no heart beats while a sequence runs
)

// enterprise makes the double of a sequence, which is asked in this process and not over the network.
func enterprise(clock *clock) *double.Server {
	return &double.Server{
		URL:    "https://api.trello.com",
		Double: double.New(double.Options{Members: lifeMembers, Seed: 1, Now: clock.Now, NoBudgets: true}),
	}
}

// published makes a directory with the database of a world that is published and refreshed, for sequences to begin with.
func published(t *testing.T) string {
	t.Helper()
	dir, clock := t.TempDir(), newClock()
	w := &world{t: t, clock: clock, trello: enterprise(clock), url: "sqlite:" + filepath.Join(dir, "sam.db")}
	w.db, w.Engine = openEngine(t, w.url, w.clock, inProcess(w.trello, clock, nil), withNotifications)
	w.publish()
	w.refresh()
	require.NoError(t, w.Close(t.Context()))
	require.NoError(t, w.db.Close())
	return dir
}

// copyOf makes a directory with the files of another one, for as long as a sequence lasts.
func copyOf(rt *rapid.T, parent, from string) string {
	dir, err := os.MkdirTemp(parent, "life")
	require.NoError(rt, err)
	rt.Cleanup(func() { _ = os.RemoveAll(dir) })
	files, err := os.ReadDir(from)
	require.NoError(rt, err)
	for _, f := range files {
		content, err := os.ReadFile(filepath.Join(from, f.Name()))
		require.NoError(rt, err)
		require.NoError(rt, os.WriteFile(filepath.Join(dir, f.Name()), content, 0o600)) // the key file is nobody else's
	}
	return dir
}

// direct hands requests to the double. A connection that the double breaks is an error, as on the network.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (answer *http.Response, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			answer, err = nil, fmt.Errorf("the connection broke: %v", broken)
		}
	}()
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	recorder := httptest.NewRecorder()
	d.ServeHTTP(recorder, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	answer = recorder.Result()
	answer.Request = r
	return answer, nil
}

// Sleep passes the time that a connector waits, so that clock is a connector.Clock.
func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.advance(max(d, 0))
	return ctx.Err()
}

// pause stops a connector at one of its calls.
type pause struct {
	*barrier
	done bool // the pause is after the call, and not before
}

// pausing is Trello's connector, which stops at a call about one person or the list. What was stopped before its call never
// makes it.
type pausing struct {
	*trello.Trello
	at *pause
}

var errNeverSent = errors.New("the process ended before the call")

func (p pausing) around(ctx context.Context, call func() error) error {
	if p.at != nil && !p.at.done {
		if p.at.pass.Add(-1) == -1 {
			p.at.wait(ctx)
			return errors.Join(connector.ErrNothingSent, errNeverSent)
		}
	}
	err := call()
	if p.at != nil && p.at.done {
		if p.at.pass.Add(-1) == -1 {
			p.at.wait(ctx)
		}
	}
	return err
}

// wait is stop for a barrier that was counted down.
func (b *barrier) wait(ctx context.Context) {
	close(b.reached)
	select {
	case <-b.release:
	case <-ctx.Done():
	}
}

// inProcess makes connectors that talk to the double without a network, and wait by the clock of the world.
func inProcess(d *double.Server, clock *clock, at *pause) connector.Factory {
	return func(cfg connector.Config) (connector.Connector, error) {
		cfg.Unlimited, cfg.Clock, cfg.Transport = true, clock, direct{d.Double}
		made, err := trello.New(cfg)
		if err != nil || at == nil {
			return made, err
		}
		return pausing{made.(*trello.Trello), at}, nil
	}
}

func withLongLease(o *engine.Options) { o.LeaseTTL = lifeLeaseTTL }

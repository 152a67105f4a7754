package servicenow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
)

const (
	firstPoll   = 100 * time.Millisecond
	longestPoll = 5 * time.Second
	// cancelGrace is how long a canceled run may take to finish the vendor call in hand and store what it did.
	cancelGrace = 2 * time.Second
)

// Capabilities asks what the instance can do. ErrNoRoute means that the companion app is not installed.
func (c *Client) Capabilities(ctx context.Context) (companion.Capabilities, error) {
	var capabilities companion.Capabilities
	a, err := c.do(ctx, request{method: http.MethodGet, path: companion.CapabilitiesPath(), replayable: true})
	if err != nil {
		return capabilities, err
	}
	if err := json.Unmarshal(a.result, &capabilities); err != nil {
		return capabilities, fmt.Errorf("decode capabilities: %w", err)
	}
	return capabilities, nil
}

// Start starts a run on a companion route. The key makes it repeatable: the same key gives the run started first. A
// context that ends while the call is under way leaves it a moment to learn the run's id, so that Wait can cancel the run.
func (c *Client) Start(ctx context.Context, path string, body any, idempotencyKey string) (companion.Progress, error) {
	if err := ctx.Err(); err != nil {
		return companion.Progress{}, err
	}
	ctx, stop := linger(ctx)
	defer stop()
	if body == nil {
		body = struct{}{}
	}
	return c.progress(ctx, request{
		method: http.MethodPost, path: path, body: body, replayable: true,
		header: http.Header{companion.IdempotencyKeyHeader: {idempotencyKey}},
	})
}

// Wait follows a run to its end. say gets a line whenever what there is to say has changed; nil discards. When the
// context ends first, the run is asked to stop, and the last progress is returned with the error of the context: it has
// the outcome of what was done until then when the run stopped in time.
func (c *Client) Wait(ctx context.Context, p companion.Progress, say func(line string)) (companion.Progress, error) {
	reporter := reporter{say: say}
	interval := firstPoll
	for {
		reporter.report(p)
		if p.Done() {
			return p, nil
		}
		if err := sleep(ctx, interval); err != nil {
			return c.cancel(ctx, p, &reporter)
		}
		interval = min(longestPoll, interval*3/2)
		next, err := c.progress(ctx, request{method: http.MethodGet, path: companion.ProgressPath(p.Links.Progress.ID), replayable: true})
		switch {
		case ctx.Err() != nil:
			return c.cancel(ctx, p, &reporter)
		case err != nil:
			return p, fmt.Errorf("follow run %s, which may still be working: %w", p.Links.Progress.ID, err)
		}
		p = next
	}
}

// cancel stops a run whose waiter has gone. The context of the waiter is over, so it takes one of its own.
func (c *Client) cancel(waiter context.Context, p companion.Progress, r *reporter) (companion.Progress, error) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(waiter), cancelGrace)
	defer stop()
	cause := context.Cause(waiter)
	next, err := c.progress(ctx, request{
		method: http.MethodPost, path: companion.CancelPath(p.Links.Progress.ID), body: struct{}{}, replayable: true,
	})
	for interval := firstPoll / 2; err == nil; {
		p = next
		if p.Done() {
			r.report(p)
			return p, cause
		}
		if sleep(ctx, interval) != nil {
			break
		}
		next, err = c.progress(ctx, request{method: http.MethodGet, path: companion.ProgressPath(p.Links.Progress.ID), replayable: true})
	}
	return p, fmt.Errorf("%w; run %s was asked to stop, but has not stopped within %s", cause, p.Links.Progress.ID, cancelGrace)
}

func (c *Client) progress(ctx context.Context, r request) (companion.Progress, error) {
	var p companion.Progress
	a, err := c.do(ctx, r)
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(a.result, &p); err != nil {
		return p, fmt.Errorf("decode progress: %w", err)
	}
	if p.Links.Progress.ID == "" {
		return p, errors.New("decode progress: the instance answered without the id of the run")
	}
	return p, nil
}

// linger gives a context that ends cancelGrace after its parent.
func linger(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(parent))
	unhook := context.AfterFunc(parent, func() {
		_ = sleep(ctx, cancelGrace)
		cancel()
	})
	return ctx, func() { unhook(); cancel() }
}

// reporter passes a line on when it differs from the one before.
type reporter struct {
	say  func(string)
	last string
}

func (r *reporter) report(p companion.Progress) {
	if r.say == nil {
		return
	}
	line := p.StatusMessage
	if line == "" {
		line = p.StatusLabel
	}
	line = strings.TrimSpace(line)
	if line == "" || line == r.last {
		return
	}
	r.last = line
	r.say(line)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

package servicenow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// maxBody bounds what is read of one answer. A page of a thousand rows is about a megabyte.
const maxBody = 128 << 20

var errBodyCut = errors.New("the answer ended before it was complete")

// wire sends one attempt: it waits for a free slot, authenticates, applies the timeout of an attempt and reads the whole
// body, so that the slot is held exactly as long as the instance works for us.
type wire struct {
	next    http.RoundTripper
	slots   chan struct{}
	timeout time.Duration
	auth    Authenticator
	log     *slog.Logger
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	select {
	case w.slots <- struct{}{}:
		defer func() { <-w.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	attempt, cancel := context.WithTimeoutCause(ctx, w.timeout,
		fmt.Errorf("no complete answer within %s: %w", w.timeout, context.DeadlineExceeded))
	defer cancel()

	signed := r.Clone(attempt)
	if err := w.auth.Authorize(attempt, signed); err != nil {
		return nil, fmt.Errorf("authenticate: %w", err)
	}
	start := time.Now()
	resp, err := w.next.RoundTrip(signed)
	if err == nil {
		err = buffer(resp)
	}
	if err != nil {
		if ctx.Err() == nil && attempt.Err() != nil {
			err = context.Cause(attempt)
		}
		w.log.DebugContext(ctx, "servicenow request failed", "method", r.Method, "path", r.URL.Path,
			"duration", time.Since(start), "error", err)
		return nil, err
	}
	w.log.DebugContext(ctx, "servicenow request", "method", r.Method, "path", r.URL.Path, "status", resp.StatusCode,
		"duration", time.Since(start), "transaction_id", resp.Header.Get("X-Transaction-ID"),
		"server_timing", resp.Header.Get("Server-Timing"))
	return resp, nil
}

// buffer replaces the body of an answer by its bytes.
func buffer(resp *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	_ = resp.Body.Close()
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", errBodyCut, err)
	case len(body) > maxBody:
		return fmt.Errorf("the answer is larger than %d MB", maxBody>>20)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

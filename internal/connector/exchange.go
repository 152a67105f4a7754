package connector

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"
)

// How often each cause of failure is worth a further try, and how long the waits between are. Together they outlast a
// vendor's short outage without hiding a long one.
const (
	maxTries         = 10 // upper bound over all causes
	retriesLimited   = 5
	retriesTransient = 4
	retriesBadAnswer = 1
	retriesOther     = 1

	firstBackoff   = 500 * time.Millisecond
	longestBackoff = 15 * time.Second
	limitedWait    = 10 * time.Second

	// onceWait is how long after its call a request that goes out once may still wait for a rate limit. What the caller
	// checked before a write grows old, so a late write is worse than none.
	onceWait = 30 * time.Second
)

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange { return ctx.Value(exchangeKey{}).(*exchange) }

// exchange is one request with all its tries.
type exchange struct {
	client  *Client
	request Request
	buffer  *bytes.Buffer

	judged  *http.Response // the last answer that checkRetry has seen
	answer  Answer         // of the last try; Status 0 without an answer
	err     error          // of the last try
	wait    time.Duration
	token   Secret // of the next try, where the client has a token source
	renewed bool   // the token was refused and replaced
	// tokenErr is why there is no token.
	tokenErr error
	latest   time.Time // when the last wait for a rate limit must be over; zero means no bound
	open     bool      // a try went out, and nothing tells that it had no effect
	inDoubt  bool      // so it was with an earlier try
	retried  struct{ limited, transient, badAnswer, other int }
}

// pause waits before the next try: what the last one asked for, and then the limits.
func (x *exchange) pause(ctx context.Context) error {
	if x.wait > 0 {
		if err := enoughTime(ctx, x.wait, x.client.cfg.Vendor); err != nil {
			return err
		}
		if x.tooLate(x.wait) {
			return waitTooLong(x.client.cfg.Vendor, x.wait, x.patience())
		}
		if err := x.client.cfg.Clock.Sleep(ctx, x.wait); err != nil {
			return err
		}
		x.wait = 0
	}
	for _, limits := range [][]*Limiter{x.client.cfg.Limits, x.request.Limits} {
		for _, l := range limits {
			if err := l.wait(ctx, x.patience()); err != nil {
				return err
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return x.takeToken(ctx)
}

// patience is how long the exchange may still wait; negative means as long as it takes.
func (x *exchange) patience() time.Duration {
	if x.latest.IsZero() {
		return -1
	}
	return max(x.latest.Sub(x.client.cfg.Clock.Now()), 0)
}

func (x *exchange) tooLate(wait time.Duration) bool { return !x.latest.IsZero() && wait > x.patience() }

// receive reads and decodes a successful answer. It is called for every answer that is not retried.
func (x *exchange) receive(resp *http.Response) error {
	if resp.StatusCode >= 300 {
		return nil
	}
	x.buffer.Reset()
	limit := x.client.cfg.MaxBody
	if _, err := x.buffer.ReadFrom(io.LimitReader(resp.Body, limit+1)); err != nil {
		return fmt.Errorf("the answer broke off after %d bytes: %w", x.buffer.Len(), err)
	}
	if int64(x.buffer.Len()) > limit {
		return &badAnswer{reason: fmt.Sprintf("the answer is larger than %d bytes", limit), advice: adviceSomethingBetween}
	}
	contentType := resp.Header.Get("Content-Type")
	if x.request.Decode == nil {
		return notHTML(x.buffer.Bytes(), contentType)
	}
	return decodeJSON(x.buffer.Bytes(), contentType, x.request.Decode)
}

// checkRetry is called after each try, and again after receive.
func (x *exchange) checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err == nil && resp == x.judged {
		return false, nil
	}
	x.err, x.answer, x.judged = err, Answer{}, resp
	if resp != nil {
		x.answer = Answer{Status: resp.StatusCode, Header: resp.Header}
	}
	x.open = x.inDoubt || x.open && !neverSent(err)
	var bad *badAnswer
	switch {
	case errors.As(err, &bad):
		return x.again(ctx, &x.retried.badAnswer, retriesBadAnswer, !x.request.Once, x.backoff(x.retried.badAnswer)), nil
	case err != nil:
		return x.again(ctx, &x.retried.transient, retriesTransient, !x.request.Once || neverSent(err), x.backoff(x.retried.transient)), nil
	case resp.StatusCode < 300:
		return false, nil
	}
	x.readFailure(resp)
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusUnauthorized {
		x.open = x.inDoubt
	}
	switch status := resp.StatusCode; {
	case x.renewToken(ctx):
		return true, nil
	case status == http.StatusTooManyRequests:
		wait := x.throttled()
		return x.again(ctx, &x.retried.limited, retriesLimited, !x.tooLate(wait), wait), nil
	case status >= 500 && status != http.StatusNotImplemented:
		return x.again(ctx, &x.retried.transient, retriesTransient, !x.request.Once, x.backoff(x.retried.transient)), nil
	case x.client.cfg.RetryOther != nil && x.client.cfg.RetryOther(x.answer):
		return x.again(ctx, &x.retried.other, retriesOther, !x.request.Once, x.backoff(x.retried.other)), nil
	}
	return false, nil
}

func (x *exchange) again(ctx context.Context, done *int, most int, allowed bool, wait time.Duration) bool {
	if !allowed || *done >= most {
		return false
	}
	*done++
	x.wait, x.inDoubt = wait, x.open
	level := slog.LevelInfo
	if wait >= limitedWait {
		level = slog.LevelWarn
	}
	attrs := []slog.Attr{
		slog.String("vendor", x.client.cfg.Vendor), slog.String("op", x.request.Op),
		slog.Int("status", x.answer.Status), slog.Duration("wait", wait), slog.Int("retry", *done),
	}
	if x.err != nil {
		attrs = append(attrs, slog.String("error", x.client.redactor.Error(x.err).Error()))
	}
	x.client.log.LogAttrs(ctx, level, "vendor call failed, trying again", attrs...)
	return true
}

func (x *exchange) readFailure(resp *http.Response) {
	x.answer.Body, _ = io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
}

func (x *exchange) throttled() time.Duration {
	var wait time.Duration
	var limiter *Limiter
	if x.client.cfg.Throttled != nil {
		wait, limiter = x.client.cfg.Throttled(x.answer)
	}
	if asked, ok := retryAfter(x.answer.Header, x.client.cfg.Clock.Now()); ok {
		wait = asked
	}
	if wait <= 0 {
		wait = limitedWait
	}
	if limiter != nil {
		limiter.Hold(wait)
	}
	return wait
}

func (x *exchange) backoff(retry int) time.Duration {
	if asked, ok := retryAfter(x.answer.Header, x.client.cfg.Clock.Now()); ok {
		return asked
	}
	d := min(firstBackoff<<retry, longestBackoff)
	return d/2 + rand.N(d/2)
}

// retryAfter reads a Retry-After header: seconds or an HTTP date (RFC 9110, 10.2.3).
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	const longest = time.Hour
	value := h.Get("Retry-After")
	if value == "" {
		return 0, false
	}
	if seconds, err := strconv.Atoi(value); err == nil && seconds >= 0 {
		return min(time.Duration(seconds)*time.Second, longest), true
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), longest), true
	}
	return 0, false
}

// neverSent tells whether a request cannot have had an effect, because no connection was made.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// result turns the last try into headers or an error.
func (x *exchange) result(ctx context.Context, err error) (http.Header, error) {
	c, r := x.client, x.request
	if ctx.Err() != nil {
		return nil, c.interrupted(r, ctx.Err())
	}
	if errors.Is(err, ErrWaitTooLong) {
		return nil, c.interrupted(r, err)
	}
	if x.tokenErr != nil {
		return nil, c.tokenFailure(ctx, r, x.tokenErr)
	}
	if x.err == nil && err != nil {
		x.err = err
	}
	var bad *badAnswer
	switch {
	case errors.As(x.err, &bad):
		return nil, c.fail(r, KindBadAnswer, x.answer.Status, x.buffer.Bytes(), c.redactor.Error(bad), bad.advice)
	case x.err != nil:
		return nil, c.fail(r, KindUnavailable, x.answer.Status, nil, c.redactor.Error(plainNetworkError(x.err)),
			"Check the network and the connection URL, and run again")
	case x.answer.Status < 300:
		return x.answer.Header, nil
	}
	kind, advice := x.classify()
	body := x.answer.Body
	if c.cfg.Said != nil {
		if said := c.cfg.Said(x.answer); said != "" {
			body = []byte(said)
		}
	}
	return nil, c.fail(r, kind, x.answer.Status, body, nil, advice)
}

// unsent marks the error of a write that certainly had no effect.
func (x *exchange) unsent(err error) error {
	failure, ok := err.(*Error) //nolint:errorlint // an error that wraps another's is not this request's own
	write := x.request.Once || x.request.Method != http.MethodGet
	if !ok || !write || x.open || failure.Kind != KindRateLimited && failure.Kind != KindUnavailable {
		return err
	}
	marked := *failure
	marked.Err = &cleanError{text: "nothing was changed", known: ErrNothingSent}
	if failure.Err != nil {
		marked.Err = fmt.Errorf("%w: %w", ErrNothingSent, failure.Err)
	}
	return &marked
}

// plainNetworkError rewords the time limit of one try, which net/http reports as if the caller's deadline had passed.
func plainNetworkError(err error) error {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return errors.New("no answer in time")
	}
	return err
}

func (x *exchange) classify() (Kind, string) {
	if x.client.cfg.Classify != nil {
		if kind, advice := x.client.cfg.Classify(x.answer); kind != "" {
			return kind, advice
		}
	}
	switch status := x.answer.Status; {
	case status >= 300 && status < 400:
		return KindBadAnswer, "The vendor redirects; redirects are not followed, so that credentials stay at their host. Check the connection URL"
	case status == http.StatusUnauthorized:
		return KindCredentials, "Check the credential of the connection"
	case status == http.StatusForbidden:
		return KindPermission, "The credential may not do this; check the role and scopes of its user"
	case status == http.StatusNotFound:
		return KindNotFound, ""
	case status == http.StatusTooManyRequests && x.request.Once:
		return KindRateLimited, "The vendor limits the requests and turned this one away, so it changed nothing; run again later, and look for other programs that use the same credential"
	case status == http.StatusTooManyRequests:
		return KindRateLimited, "The vendor still limits the requests after several waits; run again later, and look for other programs that use the same credential"
	case status >= 500:
		return KindUnavailable, "The vendor has trouble; run again later"
	}
	return KindRefused, ""
}

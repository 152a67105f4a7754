package servicenow

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// maxUnboundedWait is the longest wait that is obeyed when the context has no deadline. Limits are counted per hour, and
// nobody wants to look at a silent terminal that long.
const maxUnboundedWait = 2 * time.Minute

// call is the state of one request across its attempts.
type call struct {
	request request
	result  json.RawMessage
	failure error // what the last attempt was answered with
	renewed bool  // the credential was renewed once already
}

type callKey struct{}

// retryPolicy is the retry matrix: reads, PATCH and DELETE are repeated after 429, 5xx, broken connections and cut
// answers; POST only after 429, which was never executed, or when marked replayable.
type retryPolicy struct {
	auth Authenticator
	now  func() time.Time
}

func (p retryPolicy) check(ctx context.Context, resp *http.Response, err error) (bool, error) {
	call := ctx.Value(callKey{}).(*call)
	call.failure = nil
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		retry, _ := retryablehttp.DefaultRetryPolicy(ctx, nil, err)
		return retry && call.request.replayable && !hopeless(err), nil
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return call.request.replayable, err
	}
	result, failure := p.classify(call.request, resp, body)
	if failure == nil {
		call.result = result
		return false, nil
	}
	call.failure = failure
	return p.retry(ctx, call, resp, failure), nil
}

func (p retryPolicy) retry(ctx context.Context, call *call, resp *http.Response, failure *Error) bool {
	switch {
	case errors.Is(failure, ErrUnauthorized):
		if call.renewed || !p.auth.Rejected(ctx) {
			return false
		}
		call.renewed = true
		return true
	case errors.Is(failure, ErrRateLimited):
		return p.worthWaiting(ctx, resp)
	}
	return call.request.replayable && transient(failure) && p.worthWaiting(ctx, resp)
}

// worthWaiting tells whether the wait that the instance asks for ends before the deadline of the operation.
func (p retryPolicy) worthWaiting(ctx context.Context, resp *http.Response) bool {
	wait, asked := retryAfter(resp)
	if !asked {
		return true
	}
	if deadline, ok := ctx.Deadline(); ok {
		return time.Now().Add(wait).Before(deadline)
	}
	return wait <= maxUnboundedWait
}

// transient tells whether the same request may well succeed a little later.
func transient(err error) bool {
	var notJSON *NotJSONError
	if errors.As(err, &notJSON) {
		return notJSON.Kind == KindOffline
	}
	if errors.Is(err, ErrTruncated) || errors.Is(err, ErrRateLimited) || errors.Is(err, ErrUnreachable) {
		return true
	}
	var e *Error
	return errors.As(err, &e) && e.Status >= 500 && e.Status != http.StatusNotImplemented
}

// hopeless tells whether a transport error will be the same next time.
func hopeless(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// retryAfter reads the wait in seconds or as a date. X-RateLimit-Reset is not consulted: every 429 of a rate limit rule
// carries Retry-After as well.
func retryAfter(resp *http.Response) (time.Duration, bool) {
	if resp == nil {
		return 0, false
	}
	text := resp.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 {
		return time.Duration(seconds) * time.Second, true
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(at)), true
	}
	return 0, false
}

// backoff doubles from minWait to maxWait with full jitter; a wait the instance asks for wins.
func backoff(minWait, maxWait time.Duration, attempt int, resp *http.Response) time.Duration {
	if wait, asked := retryAfter(resp); asked {
		return wait
	}
	ceiling := min(maxWait, minWait<<min(attempt, 16))
	return time.Duration(rand.Int64N(int64(ceiling) + 1)) //nolint:gosec // jitter needs no secrecy
}

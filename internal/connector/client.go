package connector

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

const (
	defaultAttemptTimeout = 45 * time.Second
	defaultMaxBody        = 16 << 20
	// maxErrorBody is as much of an error answer as is read to classify it.
	maxErrorBody = 64 << 10
)

// ClientConfig is what a vendor tells the shared HTTP client.
type ClientConfig struct {
	Vendor    string   // name for people, in errors and logs
	BaseURL   *url.URL // every request goes below it, and credentials to its host only
	Transport http.RoundTripper
	// Authorize puts the credentials on a request. It is called for each try, after the host was checked.
	Authorize func(*http.Request)
	// Tokens gives the bearer token of each try, instead of Authorize. After a 401 it is asked once for another one, and
	// the request is repeated.
	Tokens TokenSource
	// TokenRefused tells whether a 401 is about the token at all, rather than about a missing scope. Nil means that it is.
	TokenRefused func(Answer) bool
	// Secrets never show up in an error or a log line.
	Secrets []Secret
	// Limits hold for every request; a request can name further ones.
	Limits []*Limiter
	// Observe reads rate-limit headers; nil ignores them.
	Observe func(http.Header)
	// Throttled tells how long to wait after a 429 and which limiter to hold; a nil limiter holds none. Nil means
	// Retry-After, or 10 seconds.
	Throttled func(Answer) (time.Duration, *Limiter)
	// RetryOther tells whether a 4xx answer is worth one more try.
	RetryOther func(Answer) bool
	// Classify says what a failed answer means; nil, or an empty kind, leaves it to the status.
	Classify func(Answer) (Kind, string)
	// Said is what a failed answer says to people; nil, or an empty text, means the beginning of its body.
	Said func(Answer) string

	AttemptTimeout time.Duration // of one try; 0 means 45 s
	MaxBody        int64         // of one answer, in bytes; 0 means 16 MiB
	Clock          Clock
	Log            *slog.Logger
}

// Answer is a vendor's answer that is not a success.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // at most 64 KiB
}

// Request is one call of a vendor.
type Request struct {
	Method string // empty means GET
	Path   string // below the base URL, escaped; an absolute URL must have the base URL's scheme and host
	Query  url.Values
	Body   []byte      // JSON; nil sends none
	Header http.Header // further headers, such as one against XSRF; never credentials
	Op     string      // what this does, for errors: "list enterprise members"
	Object string      // which object, for errors: "enterprise 65a0…"
	// Limits hold in addition to the client's.
	Limits []*Limiter
	// Once forbids a second try after an answer that leaves open whether the request took effect (5xx, network), and a wait
	// of more than 30 seconds for a rate limit. The error of any write wraps ErrNothingSent where no try can have taken effect.
	Once bool
	// Decode receives a successful answer; its argument is reused afterwards. Nil ignores the answer.
	Decode func([]byte) error
}

// Into decodes an answer into v.
func Into(v any) func([]byte) error {
	return func(body []byte) error { return json.Unmarshal(body, v) }
}

// Client calls a vendor: guarded, authorised, limited, retried, redacted, counted.
type Client struct {
	cfg      ClientConfig
	http     *retryablehttp.Client
	redactor *Redactor
	log      *slog.Logger
	requests atomic.Int64
	buffers  sync.Pool
}

// NewClient makes a client. It does no I/O.
func NewClient(cfg ClientConfig) *Client {
	if cfg.Transport == nil {
		cfg.Transport = defaultTransport
	}
	if cfg.AttemptTimeout == 0 {
		cfg.AttemptTimeout = defaultAttemptTimeout
	}
	if cfg.MaxBody == 0 {
		cfg.MaxBody = defaultMaxBody
	}
	if cfg.Clock == nil {
		cfg.Clock = SystemClock{}
	}
	c := &Client{cfg: cfg, redactor: NewRedactor(cfg.Secrets...), log: cfg.Log}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.buffers.New = func() any { return new(bytes.Buffer) }
	c.http = &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport: guard{client: c},
			Timeout:   cfg.AttemptTimeout,
			// A redirect could lead the credentials away, and no API that we call redirects.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryMax: maxTries,
		CheckRetry: func(ctx context.Context, resp *http.Response, err error) (bool, error) {
			return exchangeOf(ctx).checkRetry(ctx, resp, err)
		},
		PrepareRetry: func(req *http.Request) error { return exchangeOf(req.Context()).pause(req.Context()) },
		Backoff:      func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return 0 },
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return c
}

// defaultTransport is Go's, with enough idle connections for pages that are read ahead.
var defaultTransport = func() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 8
	return t
}()

// Requests tells how many requests were sent, further tries included.
func (c *Client) Requests() int { return int(c.requests.Load()) }

// Do sends a request and decodes its answer. It returns the answer's headers. A failure is an *Error, except for the
// context's own error, which can be found with errors.Is.
func (c *Client) Do(ctx context.Context, r Request) (http.Header, error) {
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	target, err := c.resolve(r.Path)
	if err != nil {
		return nil, c.fail(r, KindBadAnswer, 0, nil, err, "")
	}
	if len(r.Query) > 0 {
		target.RawQuery = r.Query.Encode()
	}
	x := &exchange{client: c, request: r, buffer: c.buffers.Get().(*bytes.Buffer)}
	defer c.buffers.Put(x.buffer)
	if r.Once {
		x.latest = c.cfg.Clock.Now().Add(onceWait)
	}
	ctx = context.WithValue(ctx, exchangeKey{}, x)
	req, err := retryablehttp.NewRequestWithContext(ctx, r.Method, target.String(), body(r))
	if err != nil {
		return nil, c.fail(r, KindConfig, 0, nil, c.redactor.Error(err), "")
	}
	if r.Body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	maps.Copy(req.Header, r.Header)
	req.SetResponseHandler(x.receive)
	if err := x.pause(ctx); err != nil {
		if x.tokenErr != nil {
			return nil, x.unsent(c.tokenFailure(ctx, r, x.tokenErr))
		}
		return nil, x.unsent(c.interrupted(r, err))
	}
	resp, err := c.http.Do(req)
	if resp != nil {
		_ = resp.Body.Close()
	}
	header, err := x.result(ctx, err)
	return header, x.unsent(err)
}

// body is a request's body in the form that retryablehttp can send again; a nil slice would be a body.
func body(r Request) any {
	if r.Body == nil {
		return nil
	}
	return r.Body
}

// resolve makes the URL of a path, or checks that an absolute URL, such as a next link, stays on the base URL's host.
func (c *Client) resolve(path string) (*url.URL, error) {
	if !strings.Contains(path, "://") {
		return c.cfg.BaseURL.Parse(strings.TrimSuffix(c.cfg.BaseURL.EscapedPath(), "/") + "/" + strings.TrimPrefix(path, "/"))
	}
	u, err := url.Parse(path)
	if err != nil {
		return nil, errors.New("the vendor's link is not a URL")
	}
	if !sameOrigin(u, c.cfg.BaseURL) {
		return nil, fmt.Errorf("the vendor's link leads to another host, %s://%s; it was not followed", u.Scheme, u.Host)
	}
	return u, nil
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host)
}

// guard is the transport nearest to the wire on our side. It is the only place where credentials are put on a request.
type guard struct{ client *Client }

// RoundTrip implements http.RoundTripper.
func (g guard) RoundTrip(req *http.Request) (*http.Response, error) {
	c := g.client
	if !sameOrigin(req.URL, c.cfg.BaseURL) {
		return nil, fmt.Errorf("refused to send credentials to %s", req.URL.Host)
	}
	req = req.Clone(req.Context())
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "terraform-provider-servicenowsam")
	x := exchangeOf(req.Context())
	if c.cfg.Tokens != nil {
		req.Header.Set("Authorization", "Bearer "+x.token.Reveal())
	} else if c.cfg.Authorize != nil {
		c.cfg.Authorize(req)
	}
	c.requests.Add(1)
	x.open = true
	begin := time.Now()
	resp, err := c.cfg.Transport.RoundTrip(req)
	if c.log.Enabled(req.Context(), slog.LevelDebug) {
		attrs := []slog.Attr{
			slog.String("vendor", c.cfg.Vendor),
			slog.String("method", req.Method),
			slog.String("url", c.redactor.Text(req.URL.String())),
			slog.Duration("took", time.Since(begin)),
		}
		if err != nil {
			attrs = append(attrs, slog.String("error", c.redactor.Error(err).Error()))
		} else {
			attrs = append(attrs, slog.Int("status", resp.StatusCode))
		}
		c.log.LogAttrs(req.Context(), slog.LevelDebug, "vendor request", attrs...)
	}
	if err == nil && c.cfg.Observe != nil {
		c.cfg.Observe(resp.Header)
	}
	return resp, err
}

func (c *Client) fail(r Request, kind Kind, status int, body []byte, err error, advice string) *Error {
	return &Error{
		Vendor: c.cfg.Vendor, Op: r.Op, Object: c.redactor.Text(r.Object), Kind: kind, Status: status,
		Body: snippet(body, c.redactor), Err: err, Advice: advice,
	}
}

func (c *Client) interrupted(r Request, err error) error {
	if errors.Is(err, ErrWaitTooLong) {
		return c.fail(r, KindRateLimited, 0, nil, c.redactor.Error(err), "")
	}
	return c.fail(r, KindUnavailable, 0, nil, c.redactor.Error(err), "")
}

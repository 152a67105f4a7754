// Package servicenow is the client side of ServiceNow's REST dialect: Table and Aggregate API, and the companion routes.
// It knows transport, retries, errors and paging, and nothing of software asset management. The dialect is described in
// the Table API, Aggregate API and rate limiting pages of the ServiceNow documentation.
package servicenow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Defaults of Config.
const (
	// DefaultMaxConcurrent leaves room for others: a node of an instance runs four API requests at a time.
	DefaultMaxConcurrent = 4
	// DefaultTimeout is a little more than the instance's own quota of 60 s for a Table API transaction.
	DefaultTimeout = 70 * time.Second
	// DefaultRetryWait is the first wait between attempts; it doubles each time up to 30 s, with full jitter.
	DefaultRetryWait = 500 * time.Millisecond

	maxAttempts  = 5
	maxRetryWait = 30 * time.Second
)

// Config is what a client is made of.
type Config struct {
	BaseURL       string
	Auth          Authenticator     // nil means Anonymous
	Transport     http.RoundTripper // nil means a transport of its own with the standard settings
	InProcess     bool              // the instance is within this process: nobody can look up a request or a transaction
	MaxConcurrent int               // requests in flight; 0 means DefaultMaxConcurrent
	Timeout       time.Duration     // of one attempt; 0 means DefaultTimeout
	RetryWait     time.Duration     // 0 means DefaultRetryWait
	UserAgent     string
	Log           *slog.Logger // nil discards
	Now           func() time.Time
}

// Client talks to one instance. It is safe for concurrent use.
type Client struct {
	base      *url.URL
	http      *retryablehttp.Client
	userAgent string
	log       *slog.Logger
	retryWait time.Duration
	inProcess bool

	idsIgnored sync.Map // tables on which the instance replaced the sys_id that we chose
}

// New makes a client. It does no I/O.
func New(cfg Config) (*Client, error) {
	base, err := NormalizeURL(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	if cfg.MaxConcurrent < 0 {
		return nil, fmt.Errorf("%d concurrent requests make no sense; use 1 to 8", cfg.MaxConcurrent)
	}
	cfg = cfg.withDefaults()
	c := &Client{base: base, userAgent: cfg.UserAgent, log: cfg.Log, retryWait: cfg.RetryWait, inProcess: cfg.InProcess}
	c.http = &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport: &wire{
				next:    cfg.Transport,
				slots:   make(chan struct{}, cfg.MaxConcurrent),
				timeout: cfg.Timeout,
				auth:    cfg.Auth,
				log:     cfg.Log,
			},
			// A redirect leads to a login or single sign-on page; a cookie jar would make the instance serve our
			// requests one by one, so there is none.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		RetryMax:     maxAttempts - 1,
		RetryWaitMin: cfg.RetryWait,
		RetryWaitMax: maxRetryWait,
		CheckRetry:   retryPolicy{auth: cfg.Auth, now: cfg.Now}.check,
		Backoff:      backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return c, nil
}

func (cfg Config) withDefaults() Config {
	if cfg.Auth == nil {
		cfg.Auth = Anonymous()
	}
	if cfg.Transport == nil {
		cfg.Transport = http.DefaultTransport.(*http.Transport).Clone()
	}
	if cfg.MaxConcurrent == 0 {
		cfg.MaxConcurrent = DefaultMaxConcurrent
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = DefaultTimeout
	}
	if cfg.RetryWait == 0 {
		cfg.RetryWait = DefaultRetryWait
	}
	if cfg.UserAgent == "" {
		cfg.UserAgent = "terraform-provider-servicenowsam"
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return cfg
}

// Host is the host name of the instance.
func (c *Client) Host() string { return c.base.Host }

// request is one call, before retries.
type request struct {
	method string
	path   string
	table  string // for error texts; empty for companion routes
	query  url.Values
	header http.Header
	body   any // marshalled to JSON; nil sends none
	// replayable requests may be sent again although the first one may have been executed.
	replayable bool
	inProcess  bool // see Config.InProcess
}

// answer is a good answer: its result and the headers.
type answer struct {
	result json.RawMessage
	header http.Header
}

// do sends a request, retries as the retry matrix allows, and decodes the envelope.
func (c *Client) do(ctx context.Context, r request) (answer, error) {
	r.inProcess = c.inProcess
	call := &call{request: r}
	ctx = context.WithValue(ctx, callKey{}, call)
	req, err := c.httpRequest(ctx, r)
	if err != nil {
		return answer{}, fmt.Errorf("build %s %s: %w", r.method, r.path, err)
	}
	resp, err := c.http.Do(req)
	if resp != nil {
		defer func() { _ = resp.Body.Close() }()
	}
	switch {
	case call.failure != nil:
		return answer{}, call.failure
	case err != nil:
		return answer{}, call.transportError(err)
	}
	return answer{result: call.result, header: resp.Header}, nil
}

func (c *Client) httpRequest(ctx context.Context, r request) (*retryablehttp.Request, error) {
	target := *c.base
	target.Path = r.path
	target.RawQuery = r.query.Encode()
	var body io.Reader
	if r.body != nil {
		encoded, err := json.Marshal(r.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(encoded)
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, r.method, target.String(), body)
	if err != nil {
		return nil, err
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// pause waits before attempt number n (counted from 0) is repeated.
func (c *Client) pause(ctx context.Context, n int) error {
	return sleep(ctx, backoff(c.retryWait, maxRetryWait, n, nil))
}

// withoutURL drops the URL that net/http puts into its errors: its query may name people.
func withoutURL(err error) error {
	var urlErr *url.Error
	if errors.As(err, &urlErr) {
		return urlErr.Err
	}
	return err
}

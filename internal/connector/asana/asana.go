// Package asana connects to an Asana organisation: who holds a seat, when they were last active, and removing them.
//
// Facts come from developers.asana.com and Asana's OpenAPI description (github.com/Asana/openapi) unless a comment says
// otherwise.
package asana

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

const (
	vendorName = "Asana"
	identifier = "Asana"
	apiPath    = "/api/1.0"
	pageSize   = 100

	secretToken          = "token"
	optionWorkspace      = "workspace_id"
	optionGuests         = "include_guests"
	optionViewOnly       = "view_only_identifier"
	optionActivityMethod = "activity_method"
)

// Descriptor is what is fixed about Asana. The token is needed only where the credential is no OAuth grant.
func Descriptor() connector.Descriptor {
	return connector.Descriptor{
		Vendor:     "asana",
		Name:       vendorName,
		BaseURL:    "https://app.asana.com",
		Hosts:      []string{"app.asana.com"},
		Secrets:    []string{secretToken},
		Options:    []string{optionWorkspace, optionGuests, optionViewOnly, optionActivityMethod},
		Identifier: identifier,
	}
}

// Limits of Asana per token (developers.asana.com/docs/rate-limits). A free domain has a tenth of the requests, which
// only shows when a route of the paid plans is refused. Asana checks more often than once a minute, so there are no
// bursts worth a name.
var (
	budgetToken  = connector.Budget{Name: "Asana's limit per token", Requests: 1500, Per: time.Minute, Burst: 25}
	budgetSearch = connector.Budget{Name: "Asana's limit on searches", Requests: 60, Per: time.Minute, Burst: 5}
)

const (
	freeRequests   = 150 // per minute
	readsInFlight  = 50
	writesInFlight = 15
)

// Asana is the connector. It is safe for use by several goroutines.
type Asana struct {
	client    *connector.Client
	transport http.RoundTripper // for the files of exports, which lie on another host
	now       func() time.Time
	clock     connector.Clock
	log       *slog.Logger

	workspaceOpt string
	guests       bool
	viewOnly     string // identifier of view-only seats; empty gives them the one of the others
	method       method

	limits        limits
	reads, writes chan struct{} // requests in flight
	files         atomic.Int64  // requests for export files

	read connector.Handover[seat] // from Snapshot to Reclaim

	mu        sync.Mutex // guards what is read once per connector
	me        *user
	workspace *workspace
}

var (
	_ connector.Connector       = (*Asana)(nil)
	_ connector.ActivitySource  = (*Asana)(nil)
	_ connector.Reclaimer       = (*Asana)(nil)
	_ connector.Restorer        = (*Asana)(nil)
	_ connector.PresenceChecker = (*Asana)(nil)
	_ connector.TenantReader    = (*Asana)(nil)
	_ connector.RequestCounter  = (*Asana)(nil)
)

// New makes a connector; it is a connector.Factory. It signs in with an OAuth grant, or with the secret token, which is a
// personal access token of an admin or the token of a service account. Options: workspace_id, needed where the token sees
// several organisations; include_guests; view_only_identifier; activity_method, one of auto, export, stories and
// audit_log.
func New(cfg connector.Config) (connector.Connector, error) {
	base, err := baseURL(cfg.BaseURL)
	if err != nil {
		return nil, configError(err)
	}
	tokens, secrets := cfg.Tokens, []connector.Secret(nil)
	if tokens == nil {
		token := cfg.Secrets[secretToken]
		if token.Empty() {
			return nil, configError(errors.New(
				"the credential has neither an OAuth grant nor a token; Asana needs one of the two"))
		}
		tokens, secrets = connector.StaticToken(token), []connector.Secret{token}
	}
	a := &Asana{
		transport: cfg.Transport, now: cfg.Now, clock: cfg.Clock, log: cfg.Log,
		reads: make(chan struct{}, readsInFlight), writes: make(chan struct{}, writesInFlight),
	}
	if err := a.setOptions(cfg.Options); err != nil {
		return nil, configError(err)
	}
	if a.now == nil {
		a.now = time.Now
	}
	if a.clock == nil {
		a.clock = connector.SystemClock{}
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	a.limits = newLimits(cfg, base.Host)
	a.client = connector.NewClient(connector.ClientConfig{
		Vendor:    vendorName,
		BaseURL:   base,
		Transport: cfg.Transport,
		Tokens:    tokens,
		Secrets:   secrets,
		Limits:    a.limits.all(),
		Throttled: a.limits.throttled,
		Classify:  classify,
		Said:      said,
		Clock:     cfg.Clock,
		Log:       cfg.Log,
	})
	return a, nil
}

func (a *Asana) setOptions(options map[string]string) error {
	a.workspaceOpt = strings.TrimSpace(options[optionWorkspace])
	if a.workspaceOpt != "" && !isGID(a.workspaceOpt) {
		return fmt.Errorf("%s is %q; write the organisation's id, which has digits only", optionWorkspace, a.workspaceOpt)
	}
	if text := strings.TrimSpace(options[optionGuests]); text != "" {
		guests, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%s is %q; write true or false", optionGuests, text)
		}
		a.guests = guests
	}
	a.viewOnly = strings.TrimSpace(options[optionViewOnly])
	a.method = method(strings.TrimSpace(options[optionActivityMethod]))
	if a.method == "" {
		a.method = methodAuto
	}
	if !slices.Contains(methods, a.method) {
		return fmt.Errorf("%s is %q; write auto, export, stories or audit_log", optionActivityMethod, a.method)
	}
	return nil
}

// isGID tells whether a text has the shape of Asana's ids. They are decimal, and longer than a float can hold exactly.
func isGID(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(s, "0123456789") == ""
}

// Requests implements connector.RequestCounter.
func (a *Asana) Requests() int { return a.client.Requests() + int(a.files.Load()) }

// baseURL accepts the connection URL with or without the API's path, as ServiceNow's form proposes it without.
func baseURL(raw string) (*url.URL, error) {
	u, err := connector.ParseBaseURL(raw, Descriptor().Hosts)
	if err != nil {
		return nil, err
	}
	if path := "/" + strings.Trim(u.Path, "/"); path != "/" && path != apiPath {
		return nil, fmt.Errorf("the connection URL ends in %s; for Asana write %s", path, Descriptor().BaseURL)
	}
	u.Path = apiPath
	u.RawPath = ""
	return u, nil
}

func configError(err error) error {
	return &connector.Error{Vendor: vendorName, Op: "set up the connection", Kind: connector.KindConfig, Err: err}
}

// do sends a request, and waits before where Asana's limit on requests in flight is reached.
func (a *Asana) do(ctx context.Context, r connector.Request) error {
	slots := a.reads
	if r.Method != "" && r.Method != http.MethodGet {
		slots = a.writes
	}
	select {
	case slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-slots }()
	_, err := a.client.Do(ctx, r)
	return err
}

type limits struct{ token, search *connector.Limiter }

func newLimits(cfg connector.Config, host string) limits {
	switch {
	case cfg.Unlimited:
		return limits{}
	case cfg.Clock != nil, cfg.Tokens != nil:
		// The access token of a grant changes, so it cannot name a limiter that others share.
		return limits{
			token:  connector.NewLimiter(budgetToken, cfg.Clock),
			search: connector.NewLimiter(budgetSearch, cfg.Clock),
		}
	}
	token := cfg.Secrets[secretToken]
	return limits{
		token:  connector.SharedLimiter(budgetToken, host, token),
		search: connector.SharedLimiter(budgetSearch, host, token),
	}
}

func (l limits) all() []*connector.Limiter {
	if l.token == nil {
		return nil
	}
	return []*connector.Limiter{l.token}
}

func (l limits) ofSearch() []*connector.Limiter {
	if l.search == nil {
		return nil
	}
	return []*connector.Limiter{l.search}
}

// free keeps to the limit of a domain without a paid plan.
func (l limits) free() {
	if l.token != nil {
		l.token.Observe(connector.RateState{Max: freeRequests, Remaining: -1})
	}
}

// throttled holds every request, because those that Asana refuses count as well. How long is in Retry-After.
func (l limits) throttled(connector.Answer) (time.Duration, *connector.Limiter) {
	const unsaid = 30 * time.Second
	return unsaid, l.token
}

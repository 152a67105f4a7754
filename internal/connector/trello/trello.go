// Package trello connects to Trello Enterprise: who holds a licence, when they were last seen, and taking a licence back.
//
// Facts come from Atlassian's REST documentation (developer.atlassian.com/cloud/trello) unless a comment says otherwise.
package trello

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

const (
	vendorName = "Trello"
	identifier = "Trello Enterprise"

	secretKey        = "api_key"
	secretToken      = "api_token"
	optionEnterprise = "enterprise_id"
)

// Descriptor is what is fixed about Trello.
func Descriptor() connector.Descriptor {
	return connector.Descriptor{
		Vendor:     "trello",
		Name:       vendorName,
		BaseURL:    "https://api.trello.com/",
		Hosts:      []string{"api.trello.com"},
		Secrets:    []string{secretKey, secretToken},
		Options:    []string{optionEnterprise},
		Identifier: identifier,
	}
}

// Limits of Trello (developer.atlassian.com/cloud/trello/guides/rest-api/rate-limits). A burst of 20 leaves room for
// other programs on the same token.
var (
	budgetToken   = connector.Budget{Name: "Trello's limit per token", Requests: 100, Per: 10 * time.Second, Burst: 20}
	budgetKey     = connector.Budget{Name: "Trello's limit per API key", Requests: 300, Per: 10 * time.Second}
	budgetMembers = connector.Budget{Name: "Trello's limit on /1/members", Requests: 100, Per: 900 * time.Second}
)

// Trello is the connector. It is safe for use by several goroutines.
type Trello struct {
	client        *connector.Client
	now           func() time.Time
	clock         connector.Clock
	token         connector.Secret
	enterpriseOpt string
	memberLimits  []*connector.Limiter // of /1/members/…, beside those of every request

	members connector.Handover[*member] // from LastActivity and Snapshot to Reclaim

	mu           sync.Mutex // guards what is read once per connector, or once in a while
	me           *member
	enterprise   *enterprise
	enterpriseAt time.Time // when the enterprise was read
	tells        bool      // Trello told somebody's last activity
}

var (
	_ connector.Connector       = (*Trello)(nil)
	_ connector.Reclaimer       = (*Trello)(nil)
	_ connector.Restorer        = (*Trello)(nil)
	_ connector.ActivityReader  = (*Trello)(nil)
	_ connector.PresenceChecker = (*Trello)(nil)
	_ connector.TenantReader    = (*Trello)(nil)
	_ connector.RequestCounter  = (*Trello)(nil)
)

// New makes a connector; it is a connector.Factory. Secrets: api_key and api_token. Option: enterprise_id, needed where
// the token's user administers several enterprises.
func New(cfg connector.Config) (connector.Connector, error) {
	base, err := baseURL(cfg.BaseURL)
	if err != nil {
		return nil, configError(err)
	}
	for _, name := range []string{secretKey, secretToken} {
		if cfg.Secrets[name].Empty() {
			return nil, configError(fmt.Errorf("the credential has no %s; Trello needs an API key and a token", name))
		}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	key, token := cfg.Secrets[secretKey], cfg.Secrets[secretToken]
	limits := newLimits(cfg, base.Host, key, token)
	t := &Trello{now: cfg.Now, clock: cfg.Clock, token: token, enterpriseOpt: strings.TrimSpace(cfg.Options[optionEnterprise])}
	if t.clock == nil {
		t.clock = connector.SystemClock{}
	}
	if limits.members != nil {
		t.memberLimits = []*connector.Limiter{limits.members}
	}
	authorization := fmt.Sprintf(`OAuth oauth_consumer_key="%s", oauth_token="%s"`, key.Reveal(), token.Reveal())
	t.client = connector.NewClient(connector.ClientConfig{
		Vendor:     vendorName,
		BaseURL:    base,
		Transport:  cfg.Transport,
		Authorize:  func(r *http.Request) { r.Header.Set("Authorization", authorization) },
		Secrets:    []connector.Secret{key, token},
		Limits:     limits.all(),
		Observe:    limits.observe,
		Throttled:  limits.throttled,
		RetryOther: failedSubRequest,
		Classify:   classify,
		Clock:      cfg.Clock,
		Log:        cfg.Log,
	})
	return t, nil
}

// Requests implements connector.RequestCounter.
func (t *Trello) Requests() int { return t.client.Requests() }

// baseURL accepts the connection URL with or without the API's version, as ServiceNow's form proposes it without.
func baseURL(raw string) (*url.URL, error) {
	u, err := connector.ParseBaseURL(raw, Descriptor().Hosts)
	if err != nil {
		return nil, err
	}
	if path := strings.Trim(u.Path, "/"); path != "" && path != "1" {
		return nil, fmt.Errorf("the connection URL ends in /%s; for Trello write %s", path, Descriptor().BaseURL)
	}
	u.Path = "/1"
	u.RawPath = ""
	return u, nil
}

func configError(err error) error {
	return &connector.Error{Vendor: vendorName, Op: "set up the connection", Kind: connector.KindConfig, Err: err}
}

type limits struct{ token, key, members *connector.Limiter }

func newLimits(cfg connector.Config, host string, key, token connector.Secret) limits {
	switch {
	case cfg.Unlimited:
		return limits{}
	case cfg.Clock != nil:
		return limits{
			token:   connector.NewLimiter(budgetToken, cfg.Clock),
			key:     connector.NewLimiter(budgetKey, cfg.Clock),
			members: connector.NewLimiter(budgetMembers, cfg.Clock),
		}
	}
	return limits{
		token:   connector.SharedLimiter(budgetToken, host, token),
		key:     connector.SharedLimiter(budgetKey, host, key),
		members: connector.SharedLimiter(budgetMembers, host, token),
	}
}

func (l limits) all() []*connector.Limiter {
	if l.token == nil {
		return nil
	}
	return []*connector.Limiter{l.token, l.key}
}

// observe reads the headers that Trello's staff describe in community.developer.atlassian.com/t/30353.
func (l limits) observe(h http.Header) {
	if l.token == nil {
		return
	}
	l.token.Observe(rateState(h, "X-Rate-Limit-Api-Token-"))
	l.key.Observe(rateState(h, "X-Rate-Limit-Api-Key-"))
}

func rateState(h http.Header, prefix string) connector.RateState {
	s := connector.RateState{Remaining: -1}
	if n, err := strconv.Atoi(h.Get(prefix + "Remaining")); err == nil && n >= 0 {
		s.Remaining = n
	}
	if n, err := strconv.Atoi(h.Get(prefix + "Max")); err == nil && n > 0 {
		s.Max = n
	}
	return s
}

// throttled waits out a whole window, as a limited request does not say how much of it is left.
func (l limits) throttled(a connector.Answer) (time.Duration, *connector.Limiter) {
	switch body := string(a.Body); {
	case strings.Contains(body, "MEMBER_LIMIT_EXCEEDED"):
		return budgetMembers.Per, l.members
	case strings.Contains(body, "API_KEY_LIMIT_EXCEEDED"):
		return budgetKey.Per, l.key
	}
	return budgetToken.Per, l.token
}

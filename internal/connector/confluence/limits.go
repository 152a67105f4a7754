package confluence

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// The burst limits are 100 reads and 50 writes a second for each endpoint, and fewer searches, of which the number is not
// published. We stay below, since a removal of a seat need not be fast and other programs use the site too.
var (
	budgetAll    = connector.Budget{Name: "Confluence's limit on requests", Requests: 90, Per: time.Second}
	budgetSearch = connector.Budget{Name: "Confluence's limit on searches", Requests: 40, Per: time.Second}
	budgetRemove = connector.Budget{Name: "Confluence's limit on group changes", Requests: 10, Per: time.Second}
)

type limits struct{ all, search, remove *connector.Limiter }

func newLimits(cfg connector.Config, host string, key connector.Secret) limits {
	switch {
	case cfg.Unlimited:
		return limits{}
	case cfg.Clock != nil:
		return limits{
			all: connector.NewLimiter(budgetAll, cfg.Clock), search: connector.NewLimiter(budgetSearch, cfg.Clock),
			remove: connector.NewLimiter(budgetRemove, cfg.Clock),
		}
	}
	return limits{
		all: connector.SharedLimiter(budgetAll, host, key), search: connector.SharedLimiter(budgetSearch, host, key),
		remove: connector.SharedLimiter(budgetRemove, host, key),
	}
}

func (l limits) always() []*connector.Limiter { return only(l.all) }

func only(l *connector.Limiter) []*connector.Limiter {
	if l == nil {
		return nil
	}
	return []*connector.Limiter{l}
}

// burstWait is for a burst without Retry-After.
const burstWait = 5 * time.Second

// throttled tells how long to hold all requests: until the hour of the quota ends, or for a moment after a burst.
func (c *Confluence) throttled(a connector.Answer) (time.Duration, *connector.Limiter) {
	if !quotaReason(a.Header) {
		return burstWait, c.limits.all
	}
	now := c.clock.Now()
	reset, ok := resetOf(a.Header)
	if !ok {
		reset = nextHour(now)
	}
	return reset.Sub(now), c.limits.all
}

// quotaReason reads the reason loosely, since its values were seen to differ from the documented ones.
func quotaReason(h http.Header) bool {
	reason := strings.ToLower(h.Get("RateLimit-Reason"))
	return strings.Contains(reason, "quota") || strings.Contains(reason, "global-based") || strings.Contains(reason, "tenant-based")
}

// resetOf reads when the quota begins anew, an ISO 8601 time.
func resetOf(h http.Header) (time.Time, bool) {
	at, err := time.Parse(time.RFC3339, h.Get("X-RateLimit-Reset"))
	return at, err == nil
}

// nextHour is when a quota begins anew: at each full hour, UTC, of which nothing is carried over.
func nextHour(now time.Time) time.Time { return now.UTC().Truncate(time.Hour).Add(time.Hour) }

func (c *Confluence) observe(h http.Header) {
	if c.points != nil {
		c.points.observe(h)
	}
}

// firstTier is the hourly quota of an OAuth app over all its sites. Other tiers tell their own in the headers.
const firstTier = 65_000

// What requests cost: one point, one for each content, and two for each person or group that the answer holds.
const (
	costPlain = 1
	costHit   = 1
	costUser  = 2
)

// points is what is left of the hourly quota of an OAuth app. API tokens have none.
type points struct {
	clock connector.Clock

	mu       sync.Mutex
	quota    int
	left     int
	reserved int // for requests under way
	told     bool
	reset    time.Time
}

func newPoints(clock connector.Clock) *points {
	return &points{clock: clock, quota: firstTier}
}

// take reserves points for a request. It waits for the next hour where too few are left.
func (p *points) take(ctx context.Context, cost int) error {
	for {
		wait := p.reserve(cost)
		if wait == 0 {
			return ctx.Err()
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
			return &connector.Error{
				Vendor: vendorName, Op: "wait for the app's quota", Kind: connector.KindRateLimited,
				Err:    fmt.Errorf("%w: the quota of this hour is spent and begins anew in %s", connector.ErrWaitTooLong, wait.Round(time.Second)),
				Advice: "Run again after that, allow more time, or use the API token of a service account, which has no such quota",
			}
		}
		if err := p.clock.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// reserve returns 0, or how long to wait.
func (p *points) reserve(cost int) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	if !now.Before(p.reset) {
		p.reset, p.left, p.told = nextHour(now), p.quota, false
	}
	if p.left-p.reserved >= cost || p.left >= p.quota {
		p.reserved += cost
		return 0
	}
	return p.reset.Sub(now)
}

// settle ends a reservation with what the request did cost, as far as the vendor does not tell itself.
func (p *points) settle(reserved, cost int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reserved -= reserved
	if !p.told {
		p.left -= cost
	}
}

// observe takes in what the vendor says is left.
func (p *points) observe(h http.Header) {
	left, err := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	if err != nil || left < 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left, p.told = left, true
	if quota, err := strconv.Atoi(h.Get("X-RateLimit-Limit")); err == nil && quota > 0 {
		p.quota = quota
	}
	if reset, ok := resetOf(h); ok && reset.After(p.clock.Now()) {
		p.reset = reset
	}
}

package trello

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// budgets are Trello's rate limits (developer.atlassian.com/cloud/trello/guides/rest-api/rate-limits). The windows slide,
// which is at least as strict as any other way to count.
type budgets struct {
	enabled bool

	mu           sync.Mutex
	token        window
	key          window
	members      window
	refusals     window
	blockedUntil time.Time
}

// window counts what happened in the last stretch of time.
type window struct {
	max  int
	per  time.Duration
	hits []time.Time
}

func newBudgets(enabled bool) *budgets {
	return &budgets{
		enabled:  enabled,
		token:    window{max: 100, per: 10 * time.Second},
		key:      window{max: 300, per: 10 * time.Second},
		members:  window{max: 100, per: 900 * time.Second},
		refusals: window{max: 200, per: 10 * time.Second},
	}
}

func (w *window) used(now time.Time) int {
	old := 0
	for old < len(w.hits) && now.Sub(w.hits[old]) >= w.per {
		old++
	}
	w.hits = w.hits[old:]
	return len(w.hits)
}

func (w *window) full(now time.Time) bool { return w.used(now) >= w.max }

func (w *window) hit(now time.Time) { w.hits = append(w.hits, now) }

// admit counts a request and tells which limit it breaks, if any.
func (b *budgets) admit(h http.Header, route Route, now time.Time) (broken Fault) {
	b.mu.Lock()
	defer b.mu.Unlock()
	member := route == RouteMe
	switch {
	case now.Before(b.blockedUntil):
		broken = FaultKeyLimit
	case b.key.full(now):
		broken = FaultKeyLimit
	case b.token.full(now):
		broken = FaultTokenLimit
	case member && b.members.full(now):
		broken = FaultMemberLimit
	}
	if broken != "" {
		b.refusals.hit(now)
		if b.refusals.used(now) > b.refusals.max && !now.Before(b.blockedUntil) {
			b.blockedUntil = now.Add(b.refusals.per)
		}
	} else {
		b.token.hit(now)
		b.key.hit(now)
		if member {
			b.members.hit(now)
		}
	}
	b.token.describe(h, "X-Rate-Limit-Api-Token-", now)
	b.key.describe(h, "X-Rate-Limit-Api-Key-", now)
	return broken
}

func (w *window) describe(h http.Header, prefix string, now time.Time) {
	h.Set(prefix+"Interval-Ms", strconv.FormatInt(w.per.Milliseconds(), 10))
	h.Set(prefix+"Max", strconv.Itoa(w.max))
	h.Set(prefix+"Remaining", strconv.Itoa(w.max-w.used(now)))
}

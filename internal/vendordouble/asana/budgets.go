package asana

import (
	"math"
	"sync"
	"time"
)

// budgets are Asana's rate limits (developers.asana.com/docs/rate-limits), for all tokens together. Refused requests count
// as well, and the quota is looked at more often than once a minute.
type budgets struct {
	enabled bool

	mu       sync.Mutex
	minute   window
	moment   window
	searches window
	reads    int // in flight
	writes   int
}

const (
	readsInFlight  = 50
	writesInFlight = 15
)

// window counts what happened in the last stretch of time.
type window struct {
	max  int
	per  time.Duration
	hits []time.Time
}

func newBudgets(enabled bool) *budgets {
	return &budgets{
		enabled:  enabled,
		minute:   window{max: 1500, per: time.Minute},
		moment:   window{max: 150, per: 4 * time.Second},
		searches: window{max: 60, per: time.Minute},
	}
}

// hit counts a request and tells whether it is one too many, and how long to wait then.
func (w *window) hit(now time.Time, most int) (time.Duration, bool) {
	old := 0
	for old < len(w.hits) && now.Sub(w.hits[old]) >= w.per {
		old++
	}
	w.hits = append(w.hits[old:], now)
	if len(w.hits) <= most {
		return 0, false
	}
	return w.hits[len(w.hits)-most-1].Add(w.per).Sub(now), true
}

// admit counts a request. The wait is zero where it may go on, and in whole seconds otherwise.
func (b *budgets) admit(route Route, free bool, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	share := 1
	if free {
		share = 10
	}
	wait, refused := b.minute.hit(now, b.minute.max/share)
	for _, w := range []*window{&b.moment, &b.searches} {
		if w == &b.searches && route != RouteSearch {
			continue
		}
		most := w.max
		if w == &b.moment {
			most /= share
		}
		if longer, over := w.hit(now, most); over {
			refused, wait = true, max(wait, longer)
		}
	}
	if !refused {
		return 0
	}
	return time.Duration(max(1, math.Ceil(wait.Seconds()))) * time.Second
}

// enter counts a request as in flight, unless there are too many.
func (b *budgets) enter(write bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if write {
		b.writes++
		return b.writes <= writesInFlight
	}
	b.reads++
	return b.reads <= readsInFlight
}

func (b *budgets) leave(write bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if write {
		b.writes--
	} else {
		b.reads--
	}
}

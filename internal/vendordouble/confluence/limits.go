package confluence

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// limits are Atlassian's rate limits (developer.atlassian.com/cloud/confluence/rate-limiting): points per full hour for
// OAuth apps, and a burst limit per endpoint for everybody. The burst windows slide, which is at least as strict as any
// other way to count.
type limits struct {
	enabled bool
	quota   int

	mu     sync.Mutex
	hour   time.Time
	spent  int
	bursts map[Route]*window
}

// window counts what happened in the last second.
type window struct {
	max  int
	hits []time.Time
}

func newLimits(enabled bool, quota int) *limits {
	if quota == 0 {
		quota = 65_000
	}
	return &limits{enabled: enabled, quota: quota, bursts: map[Route]*window{}}
}

// burstLimit is how many requests a second an endpoint takes. That of searches is not published, only that it is lower.
func burstLimit(route Route) int {
	switch route {
	case RouteRemove, RouteSearch:
		return 50
	}
	return 100
}

// admit counts a request and tells which limit it breaks, if any.
func (l *limits) admit(route Route, points bool, now time.Time) (broken Fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn(now)
	if points && l.spent >= l.quota {
		return FaultQuotaGlobal
	}
	w := l.bursts[route]
	if w == nil {
		w = &window{max: burstLimit(route)}
		l.bursts[route] = w
	}
	old := 0
	for old < len(w.hits) && now.Sub(w.hits[old]) >= time.Second {
		old++
	}
	w.hits = w.hits[old:]
	if len(w.hits) >= w.max {
		return FaultBurst
	}
	w.hits = append(w.hits, now)
	return ""
}

// turn begins a new hour where one has come.
func (l *limits) turn(now time.Time) {
	if hour := now.UTC().Truncate(time.Hour); hour.After(l.hour) {
		l.hour, l.spent = hour, 0
	}
}

// charge spends points and tells in the answer's header what is left.
func (l *limits) charge(h http.Header, points int, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn(now)
	l.spent += points
	left := max(l.quota-l.spent, 0)
	h.Set("X-RateLimit-Limit", strconv.Itoa(l.quota))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(left))
	h.Set("X-RateLimit-Reset", l.hour.Add(time.Hour).Format(time.RFC3339))
	h.Set("Beta-RateLimit-Policy", fmt.Sprintf(`"global-app-quota";q=%d;w=3600`, l.quota))
	if left < l.quota/5 {
		h.Set("X-RateLimit-NearLimit", "true")
	}
}

func (l *limits) points() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.spent
}

var limitReasons = map[Fault]string{
	FaultQuotaGlobal: "confluence-quota-global-based", FaultQuotaTenant: "confluence-quota-tenant-based",
	FaultBurst: "confluence-burst-based",
}

// limited answers 429. A quota lasts until the full hour, a burst some seconds.
func (d *Double) limited(w http.ResponseWriter, f Fault) {
	now := d.now().UTC()
	wait := 5 * time.Second
	if f != FaultBurst {
		reset := now.Truncate(time.Hour).Add(time.Hour)
		wait = reset.Sub(now)
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Reset", reset.Format(time.RFC3339))
	}
	w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
	w.Header().Set("RateLimit-Reason", limitReasons[f])
	answer(w, http.StatusTooManyRequests, object{"code": 429, "message": "Rate limit exceeded"})
}

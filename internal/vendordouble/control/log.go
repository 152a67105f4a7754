package control

import (
	"maps"
	"sync"
)

// Requests counts what was asked of a double. W is a write as the vendor has it.
type Requests[W any] struct {
	Total   int           `json:"total"`
	ByRoute map[Route]int `json:"by_route"`
	Refused int           `json:"refused"` // by the rate limits, not by a fault
	Writes  []W           `json:"writes"`  // the last hundred
	Errors  []string      `json:"errors,omitempty"`
}

// Log collects Requests. The zero value is ready, and safe for use by several goroutines.
type Log[W any] struct {
	mu   sync.Mutex
	seen Requests[W]
}

// Request counts a request of a route.
func (l *Log[W]) Request(route Route) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen.ByRoute == nil {
		l.seen.ByRoute = map[Route]int{}
	}
	l.seen.Total++
	l.seen.ByRoute[route]++
}

// Refused counts a request that a rate limit turned away.
func (l *Log[W]) Refused() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen.Refused++
}

// Write keeps a write.
func (l *Log[W]) Write(w W) {
	const most = 100
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen.Writes = append(l.seen.Writes, w)
	if len(l.seen.Writes) > most {
		l.seen.Writes = l.seen.Writes[1:]
	}
}

// Failed keeps an error of the double itself.
func (l *Log[W]) Failed(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen.Errors = append(l.seen.Errors, err.Error())
}

// Requests tells what was asked until now.
func (l *Log[W]) Requests() Requests[W] {
	l.mu.Lock()
	defer l.mu.Unlock()
	copied := l.seen
	copied.ByRoute = maps.Clone(copied.ByRoute)
	copied.Writes = append([]W{}, copied.Writes...)
	return copied
}

// Package control is how the doubles of all vendors are steered and watched: faults that are switched on, a log of what
// was asked, and the routes to both, outside of the vendor's.
package control

import (
	"fmt"
	"slices"
	"sync"
)

// Fault names a way in which a double misbehaves, or a special circumstance.
type Fault string

// Route names a route of a vendor, for faults and for the log.
type Route string

// Injection switches a fault on.
type Injection struct {
	Fault Fault `json:"fault"`
	// Route limits it to one route, see the vendor's Route constants; empty means all.
	Route Route `json:"route,omitempty"`
	// After lets so many requests of the route pass first.
	After int `json:"after,omitempty"`
	// Times is how many requests it hits; 0 means until cleared.
	Times int `json:"times,omitempty"`
	// DelayMS is how long a fault that slows answers down waits.
	DelayMS int `json:"delay_ms,omitempty"`
}

// Faults are those that are on. It is safe for use by several goroutines.
type Faults struct {
	known  []Fault
	routes []Route

	mu     sync.Mutex
	active []*Injection
}

// NewFaults makes a set without any fault on. A vendor knows these faults and routes.
func NewFaults(known []Fault, routes []Route) *Faults { return &Faults{known: known, routes: routes} }

// Inject adds faults to those that are on. An unknown fault or route is an error, and then none is added.
func (s *Faults) Inject(injections ...Injection) error {
	for _, i := range injections {
		if !slices.Contains(s.known, i.Fault) {
			return fmt.Errorf("there is no fault %q", i.Fault)
		}
		if i.Route != "" && !slices.Contains(s.routes, i.Route) {
			return fmt.Errorf("there is no route %q", i.Route)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range injections {
		s.active = append(s.active, &i)
	}
	return nil
}

// Clear switches all faults off.
func (s *Faults) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.active = nil
}

// On tells whether a circumstance holds. It does not count as a hit.
func (s *Faults) On(f Fault) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.active, func(i *Injection) bool { return i.Fault == f })
}

// Hit tells whether a fault hits a request of a route, and counts it.
func (s *Faults) Hit(f Fault, route Route) (Injection, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, i := range s.active {
		if i.Fault != f || i.Route != "" && i.Route != route {
			continue
		}
		if i.After > 0 {
			i.After--
			continue
		}
		if i.Times == 1 {
			s.active = slices.Delete(s.active, n, n+1)
		} else if i.Times > 1 {
			i.Times--
		}
		return *i, true
	}
	return Injection{}, false
}

// Hits is Hit for whoever does not need the injection.
func (s *Faults) Hits(f Fault, route Route) bool {
	_, ok := s.Hit(f, route)
	return ok
}

// Active lists the faults that are on.
func (s *Faults) Active() []Injection {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Injection, 0, len(s.active))
	for _, i := range s.active {
		list = append(list, *i)
	}
	return list
}

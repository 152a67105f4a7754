package confluence

import (
	"fmt"
	"slices"
	"sync"
)

// Fault names a way in which the double misbehaves, or a special circumstance.
type Fault string

// The faults. Those of one answer can be limited to a route and a number of requests; circumstances hold until cleared.
const (
	FaultQuotaGlobal Fault = "rate_limit_quota_global" // 429, the app's points are spent
	FaultQuotaTenant Fault = "rate_limit_quota_tenant" // 429, the app's points for this site are spent
	FaultBurst       Fault = "rate_limit_burst"        // 429, too many requests in a second
	Fault500         Fault = "status_500"
	Fault502         Fault = "status_502"
	Fault503         Fault = "status_503"
	Fault504         Fault = "status_504"
	FaultHTML        Fault = "html"         // 200 with a web page
	FaultRedirect    Fault = "redirect"     // 302 to another host
	FaultTruncated   Fault = "truncated"    // half of the JSON
	FaultCut         Fault = "cut"          // the connection breaks within the answer
	FaultDrop        Fault = "drop"         // the connection breaks before the request is looked at
	FaultSlow        Fault = "slow"         // the answer waits for delay_ms
	FaultEchoSecrets Fault = "echo_secrets" // 400 that repeats the Authorization header

	FaultPageTwice  Fault = "page_twice"  // a page of members repeats the one before
	FaultEndless    Fault = "endless"     // the list of members never ends
	FaultNoMembers  Fault = "no_members"  // the lists of members are empty, though they tell a size
	FaultDuplicates Fault = "duplicates"  // pages also repeat somebody from before
	FaultReorder    Fault = "reorder"     // people within a page change places
	FaultSmallPages Fault = "small_pages" // pages hold half of what was asked for
	FaultShrink     Fault = "shrink"      // somebody already listed leaves the group between two pages
	FaultGrow       Fault = "grow"        // somebody joins the group and comes first, between two pages
	FaultHideMails  Fault = "hide_mails"  // no mail address is shown

	FaultUnauthorized  Fault = "unauthorized"    // 401 as for an unknown token
	FaultScopeMismatch Fault = "scope_mismatch"  // 401 as for a token without the scope
	FaultAnonymous     Fault = "anonymous"       // the site is public and the credential is not looked at
	FaultNotSiteAdmin  Fault = "not_site_admin"  // the token's user may not change groups
	FaultNoSites       Fault = "no_sites"        // the grant is for no site
	FaultExternal      Fault = "external_groups" // all groups are synced from an identity provider
	FaultStaleReads    Fault = "stale_reads"     // reads do not show what was written since
	FaultDropRefreshed Fault = "drop_refreshed"  // a refresh token is rotated, and the connection breaks

	FaultApplyThen500  Fault = "apply_then_500"  // a write takes effect, and the answer is 500
	FaultApplyThenDrop Fault = "apply_then_drop" // a write takes effect, and the connection breaks
	FaultNoBudgets     Fault = "no_budgets"      // no rate limits
	FaultNoSeats       Fault = "no_seats"        // nobody can be added to a group that gives access, since no seat is free
	FaultRefuseMembers Fault = "refuse_members"  // adding somebody who is in the group already is refused
)

// Faults lists all faults.
func Faults() []Fault {
	return []Fault{
		FaultQuotaGlobal, FaultQuotaTenant, FaultBurst, Fault500, Fault502, Fault503, Fault504, FaultHTML, FaultRedirect,
		FaultTruncated, FaultCut, FaultDrop, FaultSlow, FaultEchoSecrets, FaultPageTwice, FaultEndless, FaultNoMembers,
		FaultDuplicates, FaultReorder, FaultSmallPages, FaultShrink, FaultGrow, FaultHideMails, FaultUnauthorized,
		FaultScopeMismatch, FaultAnonymous, FaultNotSiteAdmin, FaultNoSites, FaultExternal, FaultStaleReads,
		FaultDropRefreshed, FaultApplyThen500, FaultApplyThenDrop, FaultNoBudgets, FaultNoSeats,
		FaultRefuseMembers,
	}
}

// Injection switches a fault on.
type Injection struct {
	Fault Fault `json:"fault"`
	// Route limits it to one route, see the Route constants; empty means all.
	Route Route `json:"route,omitempty"`
	// After lets so many requests of the route pass first.
	After int `json:"after,omitempty"`
	// Times is how many requests it hits; 0 means until cleared.
	Times int `json:"times,omitempty"`
	// DelayMS is how long FaultSlow waits.
	DelayMS int `json:"delay_ms,omitempty"`
}

type faultSet struct {
	mu     sync.Mutex
	active []*Injection
}

// Inject adds faults to those that are on.
func (d *Double) Inject(injections ...Injection) error {
	known := Faults()
	for _, i := range injections {
		if !slices.Contains(known, i.Fault) {
			return fmt.Errorf("there is no fault %q", i.Fault)
		}
		if i.Route != "" && !slices.Contains(Routes(), i.Route) {
			return fmt.Errorf("there is no route %q", i.Route)
		}
	}
	d.faults.mu.Lock()
	defer d.faults.mu.Unlock()
	for _, i := range injections {
		d.faults.active = append(d.faults.active, &i)
	}
	return nil
}

// ClearFaults switches all faults off.
func (d *Double) ClearFaults() {
	d.faults.mu.Lock()
	defer d.faults.mu.Unlock()
	d.faults.active = nil
}

// on tells whether a circumstance holds. It does not count as a hit.
func (s *faultSet) on(f Fault) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.active, func(i *Injection) bool { return i.Fault == f })
}

// hit tells whether a fault hits this request, and counts it.
func (s *faultSet) hit(f Fault, route Route) (Injection, bool) {
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

func (s *faultSet) hits(f Fault, route Route) bool {
	_, ok := s.hit(f, route)
	return ok
}

func (s *faultSet) list() []Injection {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Injection, 0, len(s.active))
	for _, i := range s.active {
		list = append(list, *i)
	}
	return list
}

package confluence

import "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/control"

type (
	// Fault names a way in which the double misbehaves, or a special circumstance.
	Fault = control.Fault
	// Route names a route, for faults and for the request log.
	Route = control.Route
	// Injection switches a fault on.
	Injection = control.Injection
)

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

// Inject adds faults to those that are on.
func (d *Double) Inject(injections ...Injection) error { return d.faults.Inject(injections...) }

// ClearFaults switches all faults off.
func (d *Double) ClearFaults() { d.faults.Clear() }

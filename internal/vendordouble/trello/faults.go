package trello

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
	FaultTokenLimit  Fault = "rate_limit_token"  // 429 API_TOKEN_LIMIT_EXCEEDED
	FaultKeyLimit    Fault = "rate_limit_key"    // 429 API_KEY_LIMIT_EXCEEDED
	FaultMemberLimit Fault = "rate_limit_member" // 429 MEMBER_LIMIT_EXCEEDED
	FaultDBLimit     Fault = "rate_limit_db"     // 429 API_TOKEN_DB_LIMIT_EXCEEDED
	Fault500         Fault = "status_500"
	Fault502         Fault = "status_502"
	Fault503         Fault = "status_503"
	Fault504         Fault = "status_504"
	Fault449         Fault = "status_449"   // a sub-request failed with 500
	FaultHTML        Fault = "html"         // 200 with a web page
	FaultRedirect    Fault = "redirect"     // 302 to another host
	FaultTruncated   Fault = "truncated"    // half of the JSON
	FaultCut         Fault = "cut"          // the connection breaks within the answer
	FaultDrop        Fault = "drop"         // the connection breaks before the request is looked at
	FaultSlow        Fault = "slow"         // the answer waits for delay_ms
	FaultEchoSecrets Fault = "echo_secrets" // 400 that repeats the Authorization header and the path

	FaultPageTwice     Fault = "page_twice"     // a page repeats the one before
	FaultEndlessCursor Fault = "endless_cursor" // members/query never ends
	FaultNoMembers     Fault = "no_members"     // the lists are empty
	FaultDuplicates    Fault = "duplicates"     // pages also repeat somebody from before
	FaultReorder       Fault = "reorder"        // people within a page change places
	FaultSmallPages    Fault = "small_pages"    // pages hold half of what was asked for
	FaultShrink        Fault = "shrink"         // somebody already listed loses the licence between two pages
	FaultGrow          Fault = "grow"           // somebody gets a licence and comes first, between two pages
	FaultSwap          Fault = "swap"           // somebody on the first page loses the licence after it, and somebody gets one at the list's end
	FaultBadDate       Fault = "bad_date"       // a date of activity is no date
	FaultNoDates       Fault = "no_dates"       // nobody's date of activity is told

	FaultCursorEnvelope Fault = "cursor_envelope" // members/query answers with an object that holds the cursor
	FaultCursorLink     Fault = "cursor_link"     // the cursor is in a Link header
	FaultCursorMissing  Fault = "cursor_missing"  // there is no cursor anywhere

	FaultAdminHub       Fault = "admin_hub"        // licences are managed in Atlassian Administration, and the refusal says so
	FaultAdminHubSilent Fault = "admin_hub_silent" // the same with a refusal that says nothing
	FaultReadOnlyToken  Fault = "read_only_token"
	FaultExpiredToken   Fault = "expired_token"
	FaultExpiringToken  Fault = "expiring_token" // expires in three days
	FaultNonAdminToken  Fault = "non_admin_token"
	FaultTwoEnterprises Fault = "two_enterprises" // the token's user administers a second one
	FaultNoBudgets      Fault = "no_budgets"      // no rate limits
	FaultNoSeats        Fault = "no_seats"        // every seat that was bought is in use
	FaultKeepsBlocked   Fault = "keeps_blocked"   // a new licence leaves the member deactivated, which is ended apart

	FaultApplyThen500  Fault = "apply_then_500"  // a write takes effect, and the answer is 500
	FaultApplyThenDrop Fault = "apply_then_drop" // a write takes effect, and the connection breaks
	FaultIgnoreWrite   Fault = "ignore_write"    // a write answers 200 and has no effect
)

// Faults lists all faults.
func Faults() []Fault {
	return []Fault{
		FaultTokenLimit, FaultKeyLimit, FaultMemberLimit, FaultDBLimit, Fault500, Fault502, Fault503, Fault504, Fault449,
		FaultHTML, FaultRedirect, FaultTruncated, FaultCut, FaultDrop, FaultSlow, FaultEchoSecrets, FaultPageTwice,
		FaultEndlessCursor, FaultNoMembers, FaultDuplicates, FaultReorder, FaultSmallPages, FaultShrink, FaultGrow,
		FaultSwap, FaultBadDate, FaultNoDates, FaultCursorEnvelope, FaultCursorLink, FaultCursorMissing, FaultAdminHub, FaultAdminHubSilent,
		FaultReadOnlyToken, FaultExpiredToken, FaultExpiringToken, FaultNonAdminToken, FaultTwoEnterprises, FaultNoBudgets,
		FaultNoSeats, FaultKeepsBlocked, FaultApplyThen500, FaultApplyThenDrop, FaultIgnoreWrite,
	}
}

// Inject adds faults to those that are on.
func (d *Double) Inject(injections ...Injection) error { return d.faults.Inject(injections...) }

// ClearFaults switches all faults off.
func (d *Double) ClearFaults() { d.faults.Clear() }

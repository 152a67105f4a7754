package asana

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
	FaultRateLimit   Fault = "rate_limit" // 429 with Retry-After: 30
	Fault500         Fault = "status_500"
	Fault502         Fault = "status_502"
	Fault503         Fault = "status_503"
	Fault504         Fault = "status_504"
	Fault403         Fault = "status_403"
	FaultHTML        Fault = "html"         // 200 with a web page
	FaultRedirect    Fault = "redirect"     // 302 to another host
	FaultTruncated   Fault = "truncated"    // half of the JSON, or of a file
	FaultCut         Fault = "cut"          // the connection breaks within the answer
	FaultDrop        Fault = "drop"         // the connection breaks before the request is looked at
	FaultSlow        Fault = "slow"         // the answer waits for delay_ms
	FaultEchoSecrets Fault = "echo_secrets" // 400 that repeats the Authorization header

	FaultPageTwice   Fault = "page_twice"   // a page repeats the one before
	FaultEndless     Fault = "endless"      // the member list never ends
	FaultNoMembers   Fault = "no_members"   // the member list is empty
	FaultDuplicates  Fault = "duplicates"   // pages also repeat somebody from before
	FaultReorder     Fault = "reorder"      // rows within a page change places
	FaultShrink      Fault = "shrink"       // somebody already listed is removed between two pages
	FaultGrow        Fault = "grow"         // somebody is added between two pages
	FaultBadDate     Fault = "bad_date"     // a date of creation is no date
	FaultStaleOffset Fault = "stale_offset" // an offset has expired
	FaultNoAgents    Fault = "no_agents"    // the route of the AI teammates is not there

	FaultPlainWorkspace   Fault = "plain_workspace"   // the workspace is no organisation
	FaultTwoOrganizations Fault = "two_organizations" // the token sees a second one
	FaultNonAdmin         Fault = "non_admin"         // the token's user is no admin
	FaultExpiredToken     Fault = "expired_token"     // access tokens have expired
	FaultNoAuditLog       Fault = "no_audit_log"      // 403 although it is a service account
	FaultNoExport         Fault = "no_export"         // 403 although it is a service account
	FaultFreePlan         Fault = "free_plan"         // no search, audit log or export; a tenth of the requests
	FaultInclusiveSearch  Fault = "inclusive_search"  // both bounds of a search are included
	FaultTouch            Fault = "touch"             // between two searches, the next task gets a comment and moves up
	FaultCrowd            Fault = "crowd"             // 150 tasks were changed in one millisecond

	FaultExportBusy    Fault = "export_busy"       // another export is under way
	FaultExportFails   Fault = "export_fails"      // a job fails
	FaultExportBare    Fault = "export_bare"       // the file has no stories
	FaultExportExpired Fault = "export_expired"    // the file's address is not good any more
	FaultExportPlain   Fault = "export_plain"      // the file is not compressed
	FaultExportForeign Fault = "export_other_host" // the file's address is an unencrypted one on another host

	FaultApplyThen500  Fault = "apply_then_500"  // a write takes effect, and the answer is 500
	FaultApplyThenDrop Fault = "apply_then_drop" // a write takes effect, and the connection breaks
	FaultIgnoreWrite   Fault = "ignore_write"    // a write answers 200 and has no effect
	FaultLastAdmin     Fault = "last_admin"      // a removal is refused with 400
	FaultNoSeats       Fault = "no_seats"        // nobody can be added, since no seat is free
	FaultAddsGuests    Fault = "adds_guests"     // who is added is a guest, as outside of the organisation's domains
)

// Faults lists all faults.
func Faults() []Fault {
	return []Fault{
		FaultRateLimit, Fault500, Fault502, Fault503, Fault504, Fault403, FaultHTML, FaultRedirect, FaultTruncated, FaultCut,
		FaultDrop, FaultSlow, FaultEchoSecrets, FaultPageTwice, FaultEndless, FaultNoMembers, FaultDuplicates, FaultReorder,
		FaultShrink, FaultGrow, FaultBadDate, FaultStaleOffset, FaultNoAgents, FaultPlainWorkspace, FaultTwoOrganizations,
		FaultNonAdmin, FaultExpiredToken, FaultNoAuditLog, FaultNoExport, FaultFreePlan, FaultInclusiveSearch, FaultTouch,
		FaultCrowd, FaultExportBusy, FaultExportFails, FaultExportBare, FaultExportExpired, FaultExportPlain,
		FaultExportForeign, FaultApplyThen500, FaultApplyThenDrop, FaultIgnoreWrite, FaultLastAdmin,
		FaultNoSeats, FaultAddsGuests,
	}
}

// Inject adds faults to those that are on.
func (d *Double) Inject(injections ...Injection) error {
	if err := d.faults.Inject(injections...); err != nil {
		return err
	}
	for _, i := range injections {
		if i.Fault == FaultCrowd {
			d.crowd()
		}
	}
	return nil
}

// ClearFaults switches all faults off.
func (d *Double) ClearFaults() { d.faults.Clear() }

// Package conformance is the suite of tests that every vendor's connector passes against its double. A vendor describes
// itself as a Subject and calls Run.
package conformance

import (
	"testing"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// Subject is a vendor under test.
type Subject struct {
	Vendor string
	// Start makes a double with so many people who hold a licence. Both sides use the clock.
	Start func(t testing.TB, o Options) Fixture
	// Limits are the troubles that stand for the vendor's kinds of 429.
	Limits []Trouble
	// PageSize is how many people a page holds; the suite tests sizes around it.
	PageSize int
	// Listings are sizes that make the connector take each of its ways to list people.
	Listings []int
}

// Options of a double.
type Options struct {
	Members int
	Clock   *Clock
	// Limited switches the vendor's rate limits and the connector's limiter on.
	Limited bool
}

// Fixture is a running double.
type Fixture struct {
	// Connect makes a connector; secrets replace those that are good.
	Connect func(secrets map[string]connector.Secret) connector.Connector
	// Inject switches a trouble on for so many requests, 0 for all; the list's first page is spared where a trouble only
	// makes sense on a later one.
	Inject func(t testing.TB, trouble Trouble, times int)
	// Holders are the people who hold a licence now, with their mail address, empty where the vendor hides it.
	Holders func() map[string]string
	// Reclaimable is somebody whose licence may be taken.
	Reclaimable func() string
	// Login lets a person log in now.
	Login func(id string)
	// Refusals is how often the vendor answered 429 because of its limits, not because of a trouble.
	Refusals func() int
	// Secrets are the texts that must not be seen anywhere, by the name of the secret.
	Secrets map[string]string

	// What follows is nil where the vendor has no such thing.

	// GiveBack gives somebody whose licence was taken another one, as if somebody did so on the vendor's own pages.
	GiveBack func(id string)
	// Swap lets somebody already listed lose the licence and somebody else get one at the list's end, once, between the
	// first two pages.
	Swap func(t testing.TB)
	// Untell lets the vendor tell nobody's last activity any more, where it is told with the subscriptions.
	Untell func(t testing.TB)
	// Idle are people who hold a licence and did nothing in the last sixty days.
	Idle func(n int) []string
	// ActAt lets somebody do something at a time that counts as activity.
	ActAt func(id string, at time.Time)
	// Grant makes a connector with an OAuth grant.
	Grant func() Grant
}

// Grant is a connector with an OAuth grant whose access token is good.
type Grant struct {
	Connector connector.Connector
	Expire    func()     // ends the access token before its time
	Revoke    func()     // ends the grant
	LoseScope func()     // makes the vendor answer that the grant lacks a scope; nil where it has none
	Refreshes func() int // counts how often the grant was refreshed
}

// Trouble is something that goes wrong at the vendor.
type Trouble string

// The troubles that a fixture can inject, besides a vendor's own limits.
const (
	Duplicates Trouble = "people are listed on two pages"
	Reordered  Trouble = "people change places"
	Shrinking  Trouble = "somebody leaves between two pages"
	Growing    Trouble = "somebody joins between two pages"
	PageTwice  Trouble = "a page comes twice"
	Endless    Trouble = "the list does not end"
	Nobody     Trouble = "the list is empty though licences are used"
	Down       Trouble = "the vendor answers 500"
	Down503    Trouble = "the vendor answers 503"
	HTML       Trouble = "the vendor answers with a web page"
	Truncated  Trouble = "the JSON is cut off"
	CutOff     Trouble = "the connection breaks within an answer"
	LostAnswer Trouble = "a write takes effect and its answer is lost"
	Lost500    Trouble = "a write takes effect and the answer is 500"
)

// noon is when the suite takes place.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// Package connector is what a vendor must offer to be managed, and the parts that every vendor uses: transport with a
// base-URL guard, limiter, retry table, error classes, pagers with loop guards.
//
// A connector answers four questions: is the connection good (Validate), who holds a licence (Subscriptions), when was a
// person last seen (with the list, or LastActivity), and can this licence be taken back (Reclaimer). What a vendor cannot
// do is absent as a Go interface, so that it is visible instead of failing at run time.
package connector

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
)

// Config is what a connector is made of. Nothing in it is read from the environment.
type Config struct {
	// BaseURL is the connection URL of the alias; credentials are sent to this host only.
	BaseURL string
	// Secrets of the credential by column name, such as api_key and api_token.
	Secrets map[string]Secret
	// Tokens of an OAuth grant; nil where the credential is not OAuth.
	Tokens TokenSource
	// Options of the profile's vendor_config, such as enterprise_id. Lists are comma-separated.
	Options map[string]string
	// Transport is the innermost transport; nil means Go's default.
	Transport http.RoundTripper
	Now       func() time.Time // nil means time.Now
	Log       *slog.Logger     // nil discards
	// Clock times the limiter and the waits between tries; nil means the system's. It is apart from Now because a fixed
	// Now is useful and a clock that stands still is not.
	Clock Clock
	// Unlimited switches the client's own rate limit off. For benchmarks against a double only.
	Unlimited bool
}

// Factory makes a connector. It does no I/O; a bad Config is an *Error of kind KindConfig.
type Factory func(Config) (Connector, error)

// Descriptor is what is fixed about a vendor.
type Descriptor struct {
	Vendor  string   // short name, as in dictionary.ProfileType.Vendor
	Name    string   // name for people
	BaseURL string   // the connection URL that ServiceNow proposes
	Hosts   []string // hosts a connection URL may name, see CheckBaseURL
	Secrets []string // keys of Config.Secrets that must be there
	Options []string // keys of Config.Options that are understood
	// Identifier is the subscription identifier where the vendor has one product only.
	Identifier string
}

// Connector is the least a vendor must offer.
type Connector interface {
	// Validate exercises the download calls, and never a write. A returned error means the check could not be made; a
	// failed check is in the Report.
	Validate(ctx context.Context) (Report, error)
	// Subscriptions walks everybody who holds a licence and emits them a page at a time. The slice is reused after emit
	// returns. Each person is emitted once. An error of emit ends the walk and is returned as it is.
	Subscriptions(ctx context.Context, emit func([]Subscription) error) (Walk, error)
}

// Reclaimer can take a licence back.
type Reclaimer interface {
	// Preflight reads whether reclaim can work at all (may the token write, does it expire), before the first write.
	Preflight(ctx context.Context) (Report, error)
	// Reclaim takes the licence of one person and reads back. It is idempotent. Only an outcome that could not be
	// determined comes with an error as well: then nothing is known, and the caller asks again later. An error that wraps
	// ErrNothingSent says that the licence is as it was. The context's deadline is the last moment at which the write may be
	// sent, since what was checked before it grows old.
	Reclaim(ctx context.Context, externalUserID string) (Result, error)
}

// Restorer can give back what a Reclaimer took.
type Restorer interface {
	// Snapshot reads what is needed to undo the reclaim of one person, before the licence is taken, and writes nothing. Its
	// JSON means nothing to others and holds no secrets. An error of kind KindNotFound means that the person holds no
	// licence. A Reclaim that follows at once does not read again what Snapshot has read. Where a reclaim takes several
	// attempts, the first snapshot is the one to keep: a later one lacks what an earlier attempt took.
	Snapshot(ctx context.Context, externalUserID string) (json.RawMessage, error)
	// Restore gives the licence back as the snapshot says, and reads back. It is idempotent. Only an outcome that could not be
	// determined comes with an error as well. An error that wraps ErrNothingSent says that nothing was changed.
	Restore(ctx context.Context, externalUserID string, snapshot json.RawMessage) (Restored, error)
}

// Restored is what became of one undo at the vendor.
type Restored struct {
	Outcome companion.Restoration
	Message string
	// Lost tells what does not come back, a sentence each. There is some wherever the outcome is RestorePartial.
	Lost []string
}

// Unsettled makes RestoreFailed of an error that is the vendor's answer, and passes on one that leaves open what became of
// the undo.
func Unsettled(err error) (Restored, error) {
	failed := Restored{Outcome: companion.RestoreFailed, Message: err.Error()}
	if CannotTell(err) || KindOf(err) == KindBadAnswer {
		return failed, err
	}
	return failed, nil
}

// ActivityReader can re-read one person's last activity cheaply, so that someone who came back is spared.
type ActivityReader interface {
	// LastActivity returns the zero time when the vendor knows of none, and an *Error of kind KindNotFound when the
	// person holds no licence any more.
	LastActivity(ctx context.Context, externalUserID string) (time.Time, error)
}

// PresenceChecker tells whether one person still holds a licence, so that a gap in the vendor's list takes nobody away.
type PresenceChecker interface {
	Holds(ctx context.Context, externalUserID string) (bool, error)
}

// TenantReader names the organisation at the vendor that the connection leads to, such as a Trello enterprise. What was
// seen in one is no evidence in another.
type TenantReader interface {
	Tenant(ctx context.Context) (id, name string, err error)
}

// RequestCounter tells how many requests the connector has sent, retries included.
type RequestCounter interface {
	Requests() int
}

// Subscription is one licence held by one person, as the vendor tells it.
type Subscription struct {
	ExternalUserID    string
	UserPrincipalName string // login a person recognises; normally the mail address
	UserName          string // the vendor's own user name; empty where it has none
	Email             string // empty where the vendor hides it
	FullName          string
	Identifier        string    // vendor's product or plan, which maps to a software model
	ExternalCreated   time.Time // account creation; zero where unknown
	LastActivity      time.Time // zero where unknown
}

// Walk tells how a walk over the subscriptions ended.
type Walk struct {
	// Complete is true only when the vendor's list was read to its end. Nobody is removed after an incomplete walk.
	Complete bool
	// Total is the number of licences the vendor itself reports; -1 where it reports none.
	Total    int
	Warnings []string
	// NoActivity is true when the vendor told the last activity with nobody at all, not even as unknown, although its list
	// normally has it. Then nobody counts as idle.
	NoActivity bool
}

// Report is the result of Validate and Preflight.
type Report struct {
	OK       bool
	Checks   []companion.Check
	Warnings []string
	// Groups are those that Validate found the profile to manage, of a vendor that gives access by group.
	Groups []Group
}

// Result is what became of one reclaim at the vendor.
type Result struct {
	Outcome companion.Outcome
	Message string // what the vendor said and what the reader should do, without secrets
}

// The processes that a check can be about, named as dictionary.Process names them.
const (
	ProcessDownload = "download_subscriptions"
	ProcessActivity = "download_activity"
	ProcessReclaim  = "reclaim_subscriptions"
)

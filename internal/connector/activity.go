package connector

import (
	"context"
	"time"
)

// ActivitySource reports when people were active, where that is not told with the subscriptions.
type ActivitySource interface {
	// Activity reports what people did since a date, a batch at a time; the slice is reused after emit returns. A person
	// may be reported often: the latest time counts.
	//
	// from is the watermark that an earlier call returned, or nil: a walk may begin where that one ended, as long as
	// nothing since the date is lost. A walk that the context's deadline ends returns what it has reached as its
	// watermark, with Complete false and no error, so that the next run goes on from there.
	Activity(ctx context.Context, since time.Time, from Watermark, emit func([]Event) error) (ActivityWalk, error)
}

// ActivityConfirmer looks at named people once more before they become removal candidates, because what the walk could
// see may miss them.
type ActivityConfirmer interface {
	// ConfirmActivity emits an event for each of these people who was active since the date. Whoever gets none was not.
	ConfirmActivity(ctx context.Context, externalUserIDs []string, since time.Time, emit func([]Event) error) error
}

// Event is one sign of activity of one person.
type Event struct {
	ExternalUserID string
	At             time.Time
	// Imprecise says that the person was active, and At is only the latest it can have been.
	Imprecise bool
}

// Watermark is how far an activity walk came, in the vendor's own terms (JSON). The caller stores it and hands it back.
type Watermark []byte

// ActivityWalk tells how an activity walk ended.
type ActivityWalk struct {
	// Complete is true when everything since the date was seen, earlier walks up to the watermark included. Nobody becomes
	// a candidate before one complete walk.
	Complete bool
	// BlindSpot is true when the vendor cannot show all activity to this credential: people without a sign of activity
	// are unknown rather than idle.
	BlindSpot bool
	Method    string // for people, such as "resource export"
	Watermark Watermark
	Warnings  []string
}

// TokenSource gives the access token of an OAuth grant. It is asked before every request and must be cheap.
type TokenSource interface {
	// Token returns an access token that lives for at least another minute, refreshing the grant where needed.
	Token(ctx context.Context) (Secret, error)
	// Rejected says that the vendor refused a token with 401 although it seemed alive. It returns another one, or an
	// *Error of kind KindCredentials that says what to do.
	Rejected(ctx context.Context, token Secret) (Secret, error)
}

// Group is a group of people at a vendor that gives access by group.
type Group struct {
	ID         string
	Name       string
	Access     bool   // its members have access to the product
	Admin      bool   // its members administer the product or the site
	ManagedBy  string // as the vendor says, such as ADMINS or EXTERNAL
	Selectable bool   // may be chosen for a profile
}

// GroupLister lists the groups of a vendor that gives access by group.
type GroupLister interface {
	Groups(ctx context.Context) ([]Group, error)
}

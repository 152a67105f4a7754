package sam

import (
	"context"
	"iter"
	"time"
)

// Subscriptions are the software subscriptions: one row per person and licence.
type Subscriptions struct{ c *Client }

// Subscription is a software subscription.
type Subscription struct {
	SysID             string
	DisplayName       string
	UserPrincipalName string // login at the vendor, normally the mail address
	ExternalUserID    string
	UserSysID         string // empty where no user was resolved
	Identifier        string
	SoftwareModel     string // name
	Product           string // name
	Publisher         string // name
	ProfileSysID      string
	ExternalCreated   time.Time
	LastActivity      time.Time // a date; zero where never seen
	InactiveDays      *int      // as the instance computed it; nil where never seen
	Active            bool
	State             string
}

// SubscriptionFilter narrows a list of subscriptions. Zero fields do not filter.
type SubscriptionFilter struct {
	ProfileSysID      string
	UserSysID         string
	UserPrincipalName string
	Active            *bool
	// MinInactiveDays keeps subscriptions whose last activity is at least so many days before Today, and those never
	// seen active.
	MinInactiveDays int
	Today           time.Time // the caller's clock; needed with MinInactiveDays
	// OnHidden is told how many matching rows the instance counted but did not show.
	OnHidden func(rows int)
}

// Buckets counts subscriptions by days since the last activity.
type Buckets struct {
	Days0To30   int
	Days31To60  int
	Days61To90  int
	Days91To120 int
	Over120     int
	Never       int
}

// All walks the subscriptions in pages; memory is bounded by one page.
func (s *Subscriptions) All(ctx context.Context, f SubscriptionFilter) iter.Seq2[Subscription, error] {
	return func(yield func(Subscription, error) bool) { yield(Subscription{}, errSkeleton) }
}

// Count counts the subscriptions.
func (s *Subscriptions) Count(ctx context.Context, f SubscriptionFilter) (int, error) {
	return 0, errSkeleton
}

// Buckets counts the subscriptions per bucket, relative to today.
func (s *Subscriptions) Buckets(ctx context.Context, f SubscriptionFilter, today time.Time) (Buckets, error) {
	return Buckets{}, errSkeleton
}

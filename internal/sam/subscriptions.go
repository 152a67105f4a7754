package sam

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
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
	Excluded          *bool // from metering and cost figures; nil where the instance does not tell, as on ServiceNow
	State             string
}

// SubscriptionFilter narrows a list of subscriptions. Zero fields do not filter.
type SubscriptionFilter struct {
	ProfileSysID      string
	UserSysID         string
	UserPrincipalName string
	WithoutUser       *bool // those for which no user was found, or those for which one was
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

var subscriptionFields = []string{
	dictionary.SubscriptionDisplayName, dictionary.SubscriptionUPN, dictionary.SubscriptionExternalUserID, dictionary.SubscriptionUser,
	dictionary.SubscriptionIdentifier, dictionary.SubscriptionSoftwareModel, dictionary.SubscriptionProduct,
	dictionary.SubscriptionPublisher, dictionary.SubscriptionProfile, dictionary.SubscriptionExternalCreated,
	dictionary.SubscriptionLastActivity, dictionary.SubscriptionInactiveDays, dictionary.SubscriptionActive, dictionary.SubscriptionState,
	dictionary.SubscriptionExcluded,
}

// All walks the subscriptions in pages; memory is bounded by one page.
func (s *Subscriptions) All(ctx context.Context, f SubscriptionFilter) iter.Seq2[Subscription, error] {
	names := newNames(s.c.rest)
	records := s.c.rest.All(ctx, dictionary.TableSubscription, f.query(), servicenow.WalkOptions{
		ReadOptions: servicenow.ReadOptions{Fields: subscriptionFields}, OnHidden: f.OnHidden,
	})
	return decodeEach(records, dictionary.TableSubscription, func(r servicenow.Record) (Subscription, error) {
		return decodeSubscription(ctx, r, names)
	})
}

// Count counts the subscriptions.
func (s *Subscriptions) Count(ctx context.Context, f SubscriptionFilter) (int, error) {
	n, err := s.c.rest.Count(ctx, dictionary.TableSubscription, f.query())
	return n, explain(dictionary.TableSubscription, err)
}

// Buckets counts the subscriptions per bucket, relative to today.
func (s *Subscriptions) Buckets(ctx context.Context, f SubscriptionFilter, today time.Time) (Buckets, error) {
	var b Buckets
	for _, bucket := range activityBuckets(today) {
		n, err := s.c.rest.Count(ctx, dictionary.TableSubscription, f.query().And(bucket.conds...))
		if err != nil {
			return Buckets{}, explain(dictionary.TableSubscription, err)
		}
		*bucket.count(&b) = n
	}
	return b, nil
}

// namesPerQuery keeps the URL of a query short.
const namesPerQuery = 20

// PeopleNamed finds the people who hold a licence of a profile and are named so in any of the ways in which a policy may list
// them.
func (s *Subscriptions) PeopleNamed(ctx context.Context, profileSysID string, names []string) ([]companion.Person, error) {
	const mail, userName = dictionary.SubscriptionUser + "." + dictionary.UserEmail, dictionary.SubscriptionUser + "." + dictionary.UserUserName
	columns := []string{dictionary.SubscriptionUPN, dictionary.SubscriptionExternalUserID, mail, userName}
	if embedded, err := s.c.embedded(ctx); err != nil {
		return nil, err
	} else if embedded {
		columns = append(columns, dictionary.SubscriptionUserName)
	}
	var people []companion.Person
	for chunk := range slices.Chunk(trimmed(names), namesPerQuery) {
		var conds []servicenow.Cond
		for _, column := range columns {
			conds = append(conds, servicenow.In(column, chunk...))
		}
		for _, name := range chunk {
			conds = append(conds, servicenow.StartsWith(dictionary.SubscriptionUPN, name+" ("))
		}
		query := servicenow.Where(servicenow.Eq(dictionary.SubscriptionProfile, profileSysID), servicenow.Any(conds...))
		for r, err := range s.c.rest.All(ctx, dictionary.TableSubscription, query, servicenow.WalkOptions{ReadOptions: servicenow.ReadOptions{Fields: columns}}) {
			if err != nil {
				return nil, explain(dictionary.TableSubscription, err)
			}
			people = append(people, companion.Person{
				UserPrincipalName: r.Get(dictionary.SubscriptionUPN), ExternalUserID: r.Get(dictionary.SubscriptionExternalUserID),
				VendorUserName: r.Get(dictionary.SubscriptionUserName), Mail: r.Get(mail), UserName: r.Get(userName),
			})
		}
	}
	return people, nil
}

func trimmed(names []string) []string {
	var list []string
	for _, name := range names {
		if name = strings.TrimSpace(name); name != "" {
			list = append(list, name)
		}
	}
	return list
}

func (f SubscriptionFilter) query() servicenow.Query {
	var q servicenow.Query
	for _, filter := range []struct{ column, value string }{
		{dictionary.SubscriptionProfile, f.ProfileSysID},
		{dictionary.SubscriptionUser, f.UserSysID},
		{dictionary.SubscriptionUPN, f.UserPrincipalName},
	} {
		if filter.value != "" {
			q = q.And(servicenow.Eq(filter.column, filter.value))
		}
	}
	if f.WithoutUser != nil {
		user := servicenow.NotEmpty(dictionary.SubscriptionUser)
		if *f.WithoutUser {
			user = servicenow.Empty(dictionary.SubscriptionUser)
		}
		q = q.And(user)
	}
	if f.Active != nil {
		q = q.And(isBool(dictionary.SubscriptionActive, *f.Active))
	}
	if f.MinInactiveDays > 0 {
		cutoff := f.Today.UTC().AddDate(0, 0, -f.MinInactiveDays).Format(servicenow.DateLayout)
		q = q.And(servicenow.Any(
			servicenow.LessEq(dictionary.SubscriptionLastActivity, cutoff), servicenow.Empty(dictionary.SubscriptionLastActivity)))
	}
	return q
}

func decodeSubscription(ctx context.Context, r servicenow.Record, names *names) (Subscription, error) {
	s := Subscription{
		SysID: r.ID(), DisplayName: r.Get(dictionary.SubscriptionDisplayName), UserPrincipalName: r.Get(dictionary.SubscriptionUPN),
		ExternalUserID: r.Get(dictionary.SubscriptionExternalUserID), UserSysID: r.Get(dictionary.SubscriptionUser),
		Identifier: r.Get(dictionary.SubscriptionIdentifier), ProfileSysID: r.Get(dictionary.SubscriptionProfile),
		ExternalCreated: r.Time(dictionary.SubscriptionExternalCreated), LastActivity: r.Time(dictionary.SubscriptionLastActivity),
		InactiveDays: optionalInt(r, dictionary.SubscriptionInactiveDays), Active: r.Bool(dictionary.SubscriptionActive),
		Excluded: optionalBool(r, dictionary.SubscriptionExcluded),
		State:    r.Get(dictionary.SubscriptionState),
	}
	for _, reference := range []struct {
		name          *string
		table, column string
	}{
		{&s.SoftwareModel, dictionary.TableSoftwareModel, dictionary.SubscriptionSoftwareModel},
		{&s.Product, dictionary.TableProduct, dictionary.SubscriptionProduct},
		{&s.Publisher, dictionary.TablePublisher, dictionary.SubscriptionPublisher},
	} {
		name, err := names.of(ctx, reference.table, r.Get(reference.column))
		if err != nil {
			return s, err
		}
		*reference.name = name
	}
	return s, nil
}

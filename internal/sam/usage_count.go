package sam

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

const (
	fieldUserCostCenter = dictionary.SubscriptionUser + "." + dictionary.UserCostCenter // of subscriptions and candidates alike
	fieldUserDepartment = dictionary.SubscriptionUser + "." + dictionary.UserDepartment
	fieldCoverage       = dictionary.SubscriptionProfile + "." + dictionary.ProfileActivityCoverage
)

// subscriptionColumns are the columns that the counts of subscriptions look at.
func (r *usageReader) subscriptionColumns() []string {
	columns := []string{
		dictionary.SubscriptionProduct, dictionary.SubscriptionUser, dictionary.SubscriptionActive, dictionary.SubscriptionUnlicensed,
		dictionary.SubscriptionReconciled, dictionary.SubscriptionLastActivity, dictionary.SubscriptionExternalCreated, dictionary.SysCreatedOn,
	}
	if r.embedded {
		columns = append(columns, dictionary.SubscriptionExcluded, dictionary.SubscriptionRestoredOn, fieldCoverage)
	}
	return columns
}

// check reads one row to see that the instance has all columns and lets the user read them: the Aggregate API gives no rows
// in which an ignored condition would show.
func (r *usageReader) check(ctx context.Context, table string, columns ...string) error {
	rows, err := r.c.rest.List(ctx, table, servicenow.Where().OrderBy(dictionary.SysID), servicenow.ListOptions{
		ReadOptions: servicenow.ReadOptions{Fields: columns}, Limit: 1,
	})
	if err != nil {
		return explain(table, err)
	}
	for _, row := range rows {
		for _, column := range columns {
			if !row.Has(column) {
				return &servicenow.HiddenColumnError{Table: table, SysID: row.ID(), Column: column}
			}
		}
	}
	return nil
}

// countSubscriptions counts active subscriptions by product, cost centre and department.
func (r *usageReader) countSubscriptions(ctx context.Context, conds []servicenow.Cond, count func(f *UsageFigures, n int, marks marks)) error {
	columns := []string{
		dictionary.SubscriptionProduct, fieldUserCostCenter, fieldUserDepartment, dictionary.SubscriptionUnlicensed, dictionary.SubscriptionReconciled,
	}
	if r.embedded {
		columns = append(columns, dictionary.SubscriptionExcluded)
	}
	query := servicenow.Where(isBool(dictionary.SubscriptionActive, true)).And(conds...)
	groups, err := r.c.rest.Aggregate(ctx, dictionary.TableSubscription, query, servicenow.Aggregation{GroupBy: columns})
	if err != nil {
		return fmt.Errorf("count software subscriptions: %w", explain(dictionary.TableSubscription, err))
	}
	for _, g := range groups {
		count(r.cells.at(cell{g.By[0], g.By[1], g.By[2]}), g.Count, marks{
			unlicensed: isTrue(g.By[3]), reconciled: isTrue(g.By[4]), excluded: r.embedded && isTrue(g.By[5]),
		})
	}
	return nil
}

// marks is what the instance has marked subscriptions as.
type marks struct{ unlicensed, reconciled, excluded bool }

func isTrue(value string) bool { return value == "true" || value == "1" }

// countActivity counts the subscriptions by days since the last activity, and with it all of them.
func (r *usageReader) countActivity(ctx context.Context) error {
	if err := r.check(ctx, dictionary.TableSubscription, r.subscriptionColumns()...); err != nil {
		return err
	}
	for _, bucket := range activityBuckets(r.today) {
		err := r.countSubscriptions(ctx, bucket.conds, func(f *UsageFigures, n int, is marks) {
			if is.excluded {
				f.Excluded += n
				return
			}
			f.Assigned += n
			*bucket.count(&f.Activity) += n
			if is.unlicensed {
				f.Unlicensed += n
			}
			if !is.reconciled {
				f.Unreconciled += n
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *usageReader) countWithoutUser(ctx context.Context) error {
	return r.countSubscriptions(ctx, []servicenow.Cond{servicenow.Empty(dictionary.SubscriptionUser)}, func(f *UsageFigures, n int, is marks) {
		if !is.excluded {
			f.WithoutUser += n
		}
	})
}

// countStale counts per threshold, and not per product: few rules have a threshold of their own.
func (r *usageReader) countStale(ctx context.Context) error {
	thresholds, err := r.thresholds(ctx)
	if err != nil {
		return err
	}
	products := map[int][]string{}
	for product, days := range thresholds {
		products[days] = append(products[days], product)
	}
	for days, of := range products {
		conds := append(r.unseenFor(days), servicenow.In(dictionary.SubscriptionProduct, of...))
		err := r.countSubscriptions(ctx, conds, func(f *UsageFigures, n int, is marks) {
			if !is.excluded {
				f.Stale += n
			}
		})
		if err != nil {
			return err
		}
	}
	for at, f := range r.cells {
		if _, judged := thresholds[at.product]; judged {
			f.Judged = f.Assigned
		}
	}
	return nil
}

// unseenFor are the conditions of a stale subscription: neither active nor, as a new or restored account, begun within the
// threshold (reclamation-rules.md). Where neither is known, the day on which the subscription was first seen counts. The
// embedded instance also tells of whom the activity it knows says nothing.
func (r *usageReader) unseenFor(days int) []servicenow.Cond {
	cutoff := r.today.AddDate(0, 0, -days).Format(servicenow.DateLayout)
	before := func(column string) servicenow.Cond {
		return servicenow.Any(servicenow.Less(column, cutoff), servicenow.Empty(column))
	}
	conds := []servicenow.Cond{
		before(dictionary.SubscriptionLastActivity), before(dictionary.SubscriptionExternalCreated),
		servicenow.Any(servicenow.NotEmpty(dictionary.SubscriptionLastActivity), servicenow.NotEmpty(dictionary.SubscriptionExternalCreated),
			servicenow.Less(dictionary.SysCreatedOn, cutoff)),
	}
	if r.embedded {
		conds = append(conds, before(dictionary.SubscriptionRestoredOn), servicenow.NotEq(fieldCoverage, dictionary.CoverageNone),
			servicenow.Any(servicenow.NotEmpty(dictionary.SubscriptionLastActivity), servicenow.NotEq(fieldCoverage, dictionary.CoveragePartial)))
	}
	return conds
}

// thresholds are the days after which a product's active reclamation rule calls a subscription stale. Of several rules the
// strictest decides. An instance that does not show which rule belongs to which product has none.
func (r *usageReader) thresholds(ctx context.Context) (map[string]int, error) {
	const (
		rule      = dictionary.RuleProductRule
		product   = dictionary.RuleProductProduct
		active    = rule + "." + dictionary.RuleActive
		appliesTo = rule + "." + dictionary.RuleAppliesTo
		threshold = rule + "." + dictionary.RuleThresholdDays
	)
	query := servicenow.Where(isBool(active, true), servicenow.Eq(appliesTo, dictionary.AppliesToSubscription))
	thresholds := map[string]int{}
	for row, err := range r.c.rest.All(ctx, dictionary.TableRuleProduct, query, servicenow.WalkOptions{
		ReadOptions: servicenow.ReadOptions{Fields: []string{product, threshold}},
	}) {
		switch {
		case errors.Is(err, ErrInvalidTable), errors.Is(err, ErrDenied):
			return nil, nil //nolint:nilnil // nothing is known, which is no error
		case err != nil:
			return nil, fmt.Errorf("read the reclamation rules of products: %w", err)
		}
		days, ok := row.Int(threshold)
		if known, has := thresholds[row.Get(product)]; ok && days > 0 && (!has || days < known) {
			thresholds[row.Get(product)] = days
		}
	}
	return thresholds, nil
}

func (r *usageReader) addPotentialSavings(ctx context.Context) error {
	open := isBool(dictionary.CandidateActive, true)
	return r.addSavings(ctx, []servicenow.Cond{open}, func(f *UsageFigures) *Amount { return &f.PotentialSavings })
}

func (r *usageReader) addActualSavings(ctx context.Context) error {
	states, err := r.c.candidateStates(ctx)
	if err != nil {
		return err
	}
	newYear := time.Date(r.today.Year(), time.January, 1, 0, 0, 0, 0, time.UTC)
	conds := []servicenow.Cond{
		servicenow.Eq(dictionary.CandidateState, states.toInstance(dictionary.StateClosedComplete)),
		servicenow.GreaterEq(dictionary.CandidateClosedAt, servicenow.FormatTime(newYear)),
	}
	if r.embedded {
		conds = append(conds, servicenow.Empty(dictionary.CandidateRestoredOn))
	}
	return r.addSavings(ctx, conds, func(f *UsageFigures) *Amount { return &f.ActualSavings })
}

func (r *usageReader) addSavings(ctx context.Context, conds []servicenow.Cond, to func(*UsageFigures) *Amount) error {
	columns := []string{
		dictionary.CandidateProduct, dictionary.CandidateUser, dictionary.CandidateAppliesTo, dictionary.CandidateState,
		dictionary.CandidateActive, dictionary.CandidateClosedAt, dictionary.CandidatePotentialSavings,
	}
	if r.embedded {
		columns = append(columns, dictionary.CandidateRestoredOn)
	}
	if err := r.check(ctx, dictionary.TableCandidate, columns...); err != nil {
		return err
	}
	query := servicenow.Where(servicenow.Eq(dictionary.CandidateAppliesTo, dictionary.AppliesToSubscription)).And(conds...)
	groups, err := r.c.rest.Aggregate(ctx, dictionary.TableCandidate, query, servicenow.Aggregation{
		GroupBy: []string{dictionary.CandidateProduct, fieldUserCostCenter, fieldUserDepartment},
		Sum:     []string{dictionary.CandidatePotentialSavings},
	})
	if err != nil {
		return fmt.Errorf("add up the savings of removal candidates: %w", explain(dictionary.TableCandidate, err))
	}
	for _, g := range groups {
		amount, err := ParseAmount(g.Sums[0])
		if err != nil {
			return fmt.Errorf("add up the savings of removal candidates: %w", err)
		}
		sum := to(r.cells.at(cell{g.By[0], g.By[1], g.By[2]}))
		*sum = sum.Add(amount)
	}
	return nil
}

// bucket is a range of days since the last activity.
type bucket struct {
	conds []servicenow.Cond
	count func(*Buckets) *int
}

// activityBuckets are disjoint, and every subscription is in one of them.
func activityBuckets(today time.Time) []bucket {
	daysAgo := func(days int) string { return today.UTC().AddDate(0, 0, -days).Format(servicenow.DateLayout) }
	since := func(days int) servicenow.Cond {
		return servicenow.GreaterEq(dictionary.SubscriptionLastActivity, daysAgo(days))
	}
	before := func(days int) servicenow.Cond {
		return servicenow.Less(dictionary.SubscriptionLastActivity, daysAgo(days))
	}
	seen := servicenow.NotEmpty(dictionary.SubscriptionLastActivity)
	return []bucket{
		{[]servicenow.Cond{seen, since(30)}, func(b *Buckets) *int { return &b.Days0To30 }},
		{[]servicenow.Cond{seen, since(60), before(30)}, func(b *Buckets) *int { return &b.Days31To60 }},
		{[]servicenow.Cond{seen, since(90), before(60)}, func(b *Buckets) *int { return &b.Days61To90 }},
		{[]servicenow.Cond{seen, since(120), before(90)}, func(b *Buckets) *int { return &b.Days91To120 }},
		{[]servicenow.Cond{seen, before(120)}, func(b *Buckets) *int { return &b.Over120 }},
		{[]servicenow.Cond{servicenow.Empty(dictionary.SubscriptionLastActivity)}, func(b *Buckets) *int { return &b.Never }},
	}
}

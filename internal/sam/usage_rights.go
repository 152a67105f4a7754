package sam

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

// UsageRights are what is owned of a product, and what the last reconciliation made of it.
type UsageRights struct {
	Owned      int       // active rights of the subscription entitlements, as they are now
	TotalSpend Amount    // what these rights cost, rounded for each software model as a reconciliation does
	EntitledOn time.Time // when one of these entitlements was last changed; zero where there are none
	// Reconciled is nil where no reconciliation has seen the product.
	Reconciled *ReconciledRights
}

// ReconciledRights are the figures of a product in the last reconciliation that went through it.
type ReconciledRights struct {
	At           time.Time
	Used         int // rights consumed: allocated ones, and those of users with a subscription
	Available    int // owned less used; negative where rights are missing
	Needed       int // rights to buy: one for each unlicensed subscription
	TrueUpCost   Amount
	OverLicensed Amount
	Compliant    bool
}

// add makes the sum of products. It is as old as the oldest of its parts, and compliant where all of them are.
func (r *UsageRights) add(s UsageRights) {
	r.Owned += s.Owned
	r.TotalSpend = r.TotalSpend.Add(s.TotalSpend)
	if s.EntitledOn.After(r.EntitledOn) {
		r.EntitledOn = s.EntitledOn
	}
	if s.Reconciled == nil {
		return
	}
	if r.Reconciled == nil {
		first := *s.Reconciled
		r.Reconciled = &first
		return
	}
	sum, part := r.Reconciled, s.Reconciled
	if part.At.Before(sum.At) {
		sum.At = part.At
	}
	sum.Used += part.Used
	sum.Available += part.Available
	sum.Needed += part.Needed
	sum.TrueUpCost = sum.TrueUpCost.Add(part.TrueUpCost)
	sum.OverLicensed = sum.OverLicensed.Add(part.OverLicensed)
	sum.Compliant = sum.Compliant && part.Compliant
}

// addEntitlements adds up what is owned. Other software than subscriptions does not count, nor what is bought in units.
func (r *usageReader) addEntitlements(ctx context.Context) error {
	r.rights = map[string]UsageRights{}
	type model struct{ product, model string }
	spend := map[model]Amount{}
	for e, err := range r.c.Entitlements.All(ctx, EntitlementFilter{State: dictionary.EntitlementInUse}) {
		if err != nil {
			return err
		}
		if e.MetricGroup == dictionary.MetricGroupConsumption || e.LicenseType != "" && !strings.EqualFold(e.LicenseType, dictionary.LicenseTypeSubscription) {
			continue
		}
		cost, err := ParseAmount(e.UnitCost)
		if err != nil {
			return fmt.Errorf("read the unit cost of software entitlement %s: %w", e.SysID, err)
		}
		rights := r.rights[e.ProductSysID]
		rights.add(UsageRights{Owned: e.ActiveRights, EntitledOn: e.Meta.UpdatedOn})
		r.rights[e.ProductSysID] = rights
		of := model{e.ProductSysID, e.ModelSysID}
		spend[of] = spend[of].Add(cost.Times(e.ActiveRights))
	}
	for of, amount := range spend {
		rights := r.rights[of.product]
		rights.add(UsageRights{TotalSpend: amount.Rounded()})
		r.rights[of.product] = rights
	}
	return nil
}

// addResults adds up what the last reconciliation found of the models of each product.
func (r *usageReader) addResults(ctx context.Context) error {
	for f, err := range r.c.Reconciliations.Figures(ctx, FiguresFilter{}) {
		if err != nil {
			return err
		}
		if f.Metric == dictionary.MetricSaaSConsumption {
			continue
		}
		found := ReconciledRights{At: f.ReconciledAt, Used: f.RightsUsed, Available: f.Available, Needed: f.RightsNeeded, Compliant: f.Compliant}
		for _, amount := range []struct {
			of   *Amount
			text string
		}{{&found.TrueUpCost, f.TrueUpCost}, {&found.OverLicensed, f.OverLicensed}} {
			if *amount.of, err = ParseAmount(amount.text); err != nil {
				return fmt.Errorf("read the license metric result %s: %w", f.SysID, err)
			}
		}
		rights := r.rights[f.ProductSysID]
		rights.add(UsageRights{Reconciled: &found})
		r.rights[f.ProductSysID] = rights
	}
	return nil
}

func (r *usageReader) remediations(ctx context.Context) ([]RemediationOption, error) {
	if !r.embedded {
		return nil, nil
	}
	options := []RemediationOption{}
	for o, err := range r.c.Reconciliations.Remediations(ctx, FiguresFilter{}) {
		if err != nil {
			return nil, err
		}
		options = append(options, o)
	}
	slices.SortFunc(options, func(a, b RemediationOption) int {
		return cmp.Or(byName(a.Product, b.Product, a.ProductSysID, b.ProductSysID), byName(a.Model, b.Model, a.ModelSysID, b.ModelSysID))
	})
	return options, nil
}

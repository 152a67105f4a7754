package engine

import (
	"context"
	"fmt"
	"math/big"
	"strconv"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// position is the licence position of one software model by the User Subscription metric (KB1123962): one right for each
// active subscription record with a user. A right that is allocated is used by that user, subscribed or not.
type position struct {
	id, name string // of the software model
	product  string
	owned    holding

	assigned    int64 // active subscriptions, licensable or not
	subscribed  int64 // those that take a right
	withoutUser int64 // those that cannot be licensed, because no user is known
	stale       int64 // assigned ones that fail the reclamation rule
	allocated   int64 // rights allocated to users
	idle        int64 // allocated rights whose user has no subscription for them

	metricResult, productResult, modelResult string // sys_ids
}

// counts tells whether there is anything to reconcile.
func (p *position) counts() bool {
	return p.assigned > 0 || p.owned.rights > 0 || p.owned.forced || p.owned.cost.Sign() > 0
}

// used are the allocated rights, and those of subscriptions beyond them.
func (p *position) used() int64 { return p.idle + p.subscribed }

// forSubscriptions are the rights that are left for subscriptions: those owned, without those that are allocated to users
// who have no subscription.
func (p *position) forSubscriptions() int64 {
	if p.owned.unlimited {
		return p.subscribed
	}
	return max(p.owned.rights-p.idle, 0)
}

func (p *position) needed() int64 { return max(p.subscribed-p.forSubscriptions(), 0) }

func (p *position) unused() int64 {
	if p.owned.unlimited {
		return 0
	}
	return max(p.owned.rights-p.used(), 0)
}

// available is negative where rights are missing; there is no such number where there is no limit to them.
func (p *position) available() int64 {
	if p.owned.unlimited {
		return 0
	}
	return p.owned.rights - p.used()
}

func (p *position) compliant() bool { return p.needed() == 0 || p.owned.forced }

func (p *position) trueUp() *big.Rat       { return roundAmount(times(p.owned.price(), p.needed())) }
func (p *position) overLicensed() *big.Rat { return roundAmount(times(p.owned.price(), p.unused())) }
func (p *position) spend() *big.Rat        { return roundAmount(p.owned.cost) }

// publisherResult adds the positions of a publisher's models up.
type publisherResult struct {
	models              []*position
	products, compliant int

	trueUp, overLicensed, spend *big.Rat
}

// reconcilePublisher reconciles the models of one publisher, stores the results of all tiers and marks the subscriptions.
func (e *Engine) reconcilePublisher(ctx context.Context, tx *store.Tx, publisher companion.Ref) (publisherResult, error) {
	r := publisherResult{trueUp: new(big.Rat), overLicensed: new(big.Rat), spend: new(big.Rat)}
	models, err := e.positionsOf(ctx, tx, publisher.SysID)
	if err != nil {
		return r, err
	}
	for _, m := range models {
		if m.counts() {
			r.models = append(r.models, m)
		}
		if _, err := revalueCandidates(ctx, tx, m.id); err != nil {
			return r, err
		}
	}
	if err := r.store(ctx, tx, publisher); err != nil {
		return r, err
	}
	if err := markSubscriptions(ctx, tx, publisher.SysID, r.models); err != nil {
		return r, err
	}
	return r, nil
}

// store writes the results of the tiers, from the publisher down, and retires what they replace.
func (r *publisherResult) store(ctx context.Context, tx *store.Tx, publisher companion.Ref) error {
	compliant := map[string]bool{} // by product
	var products []string
	for _, m := range r.models {
		known, ok := compliant[m.product]
		if !ok {
			products = append(products, m.product)
		}
		compliant[m.product] = m.compliant() && (known || !ok)
		r.trueUp.Add(r.trueUp, m.trueUp())
		r.overLicensed.Add(r.overLicensed, m.overLicensed())
		r.spend.Add(r.spend, m.spend())
	}
	r.products = len(products)
	kept := results{publisher: publisher.SysID}
	productResults := map[string]string{}
	for _, product := range products {
		if compliant[product] {
			r.compliant++
		}
		id, err := kept.store(ctx, tx, dictionary.TableProductResult, store.Row{dictionary.ResultProduct: product},
			store.Row{dictionary.ResultStatus: complianceOf(compliant[product])})
		if err != nil {
			return err
		}
		productResults[product] = id
	}
	for _, m := range r.models {
		m.productResult = productResults[m.product]
		if err := m.store(ctx, tx, &kept); err != nil {
			return err
		}
	}
	if len(r.models) > 0 {
		if _, err := kept.store(ctx, tx, dictionary.TablePublisherResult, store.Row{}, r.figures()); err != nil {
			return err
		}
	}
	return kept.retireOthers(ctx, tx)
}

func (r *publisherResult) figures() store.Row {
	var unlicensed int64
	for _, m := range r.models {
		unlicensed += m.needed()
	}
	return store.Row{
		dictionary.ResultStatus: complianceOf(r.compliant == r.products), dictionary.ResultProducts: strconv.Itoa(r.products),
		dictionary.ResultCompliantOnes: strconv.Itoa(r.compliant), dictionary.ResultUnlicensed: number(unlicensed),
		dictionary.ResultTrueUpCost: formatAmount(r.trueUp), dictionary.ResultOverLicensed: formatAmount(r.overLicensed),
		dictionary.ResultTotalSpend: formatAmount(r.spend),
	}
}

// store writes what there is to say of one model.
func (p *position) store(ctx context.Context, tx *store.Tx, kept *results) error {
	model := store.Row{dictionary.ResultModel: p.id}
	status := store.Row{dictionary.ResultStatus: complianceOf(p.compliant())}
	var err error
	if p.modelResult, err = kept.store(ctx, tx, dictionary.TableSoftwareModelResult, model, status); err != nil {
		return err
	}
	metric := store.Row{dictionary.ResultModel: p.id, dictionary.MetricMetric: dictionary.MetricUserSubscription}
	if p.metricResult, err = kept.store(ctx, tx, dictionary.TableMetricResult, metric, p.figures()); err != nil {
		return err
	}
	usage := store.Row{
		dictionary.UsageOwned: number(p.owned.rights), dictionary.UsageAssigned: number(p.assigned), dictionary.UsageStale: number(p.stale),
		dictionary.UsageAvailable: number(p.available()), dictionary.UsageCost: formatAmount(p.spend()),
	}
	if err := storeUsage(ctx, tx, p.id, usage); err != nil {
		return err
	}
	if p.needed() == 0 {
		return nil
	}
	return kept.storeRemediation(ctx, tx, store.Row{
		dictionary.RemediationType: dictionary.RemediationPurchaseRights, dictionary.ResultProduct: p.product, dictionary.ResultModel: p.id,
		dictionary.RemediationMetric: p.metricResult, dictionary.RemediationRights: number(p.needed()),
		dictionary.RemediationCost: formatAmount(p.trueUp()),
	})
}

func (p *position) figures() store.Row {
	return store.Row{
		dictionary.MetricDisplayName: p.name + " - User Subscription", dictionary.ResultProduct: p.product,
		dictionary.ResultStatus:      complianceOf(p.compliant()),
		dictionary.MetricRightsOwned: number(p.owned.rights), dictionary.MetricRightsUsed: number(p.used()),
		dictionary.MetricRightsConsumed: number(p.used()), dictionary.MetricRightsNeeded: number(p.needed()),
		dictionary.MetricUnusedRights: number(p.unused()), dictionary.MetricAvailable: number(p.available()),
		dictionary.MetricUnlicensed: number(p.needed()), dictionary.MetricAllocated: number(p.allocated),
		dictionary.MetricWithoutUser: number(p.withoutUser), dictionary.ResultTrueUpCost: formatAmount(p.trueUp()),
		dictionary.ResultOverLicensed: formatAmount(p.overLicensed()), dictionary.ResultTotalSpend: formatAmount(p.spend()),
	}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func complianceOf(compliant bool) string {
	if compliant {
		return dictionary.ResultCompliant
	}
	return dictionary.ResultNotCompliant
}

// positionsOf counts what is owned and used of every model of a publisher that is under management.
func (e *Engine) positionsOf(ctx context.Context, tx *store.Tx, publisher string) ([]*position, error) {
	models, err := tx.Find(ctx, dictionary.TableSoftwareModel, publisherIs(dictionary.ModelPublisher, publisher)+
		"^license_under_management=true^ORDERBY"+dictionary.ModelDisplayName+"^ORDERBY"+dictionary.SysID, store.FindOptions{})
	if err != nil {
		return nil, fmt.Errorf("read the software models to reconcile: %w", err)
	}
	positions := make([]*position, 0, len(models))
	byModel := map[string]*position{}
	for _, row := range models {
		p := &position{id: row[dictionary.SysID], name: row[dictionary.ModelDisplayName], product: row[dictionary.ModelProduct]}
		if p.owned, err = holdingOf(ctx, tx, p.id); err != nil {
			return nil, err
		}
		positions = append(positions, p)
		byModel[p.id] = p
	}
	w, err := e.witnesses(ctx, tx)
	if err != nil {
		return nil, err
	}
	if err := countSubscriptions(ctx, tx, publisher, byModel, w); err != nil {
		return nil, err
	}
	return positions, countAllocations(ctx, tx, publisher, byModel)
}

func publisherIs(column, publisher string) string {
	if publisher == "" {
		return column + "ISEMPTY"
	}
	return column + "=" + publisher
}

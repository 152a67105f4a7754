package engine

import (
	"context"
	"fmt"
	"math/big"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// holding is what is owned of one software model: the sum of its entitlements that are in force.
type holding struct {
	rights    int64    // active rights
	cost      *big.Rat // of all of them
	unlimited bool     // of some there is no limit, so that nobody lacks a right and none is left over
	forced    bool     // an enterprise or unlimited agreement: compliant whatever the numbers say
}

// price is the average price per right. It is 0 where there are no rights, or no limit to them: a freed one saves nothing.
func (h holding) price() *big.Rat {
	if h.rights == 0 || h.unlimited {
		return new(big.Rat)
	}
	return new(big.Rat).Quo(h.cost, new(big.Rat).SetInt64(h.rights))
}

// holdingOf adds up the entitlements of a model that are in force today. Those of consumption do not count.
func holdingOf(ctx context.Context, tx *store.Tx, model string) (holding, error) {
	h := holding{cost: new(big.Rat)}
	rows, err := tx.Query(ctx, `SELECT display_name, unit_cost, coalesce(purchased_rights, 0), unlimited_license, agreement_type
		FROM alm_license e WHERE software_model = ? AND license_metric = ? AND `+store.InForce("e", tx.Now()), model, dictionary.MetricUserSubscription)
	if err != nil {
		return h, fmt.Errorf("read the entitlements of a software model: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name, unitCost, agreement string
		var rights int64
		var unlimited bool
		if err := rows.Scan(&name, &unitCost, &rights, &unlimited, &agreement); err != nil {
			return h, fmt.Errorf("read the entitlements of a software model: %w", err)
		}
		cost, err := parseAmount(unitCost)
		if err != nil {
			return h, fmt.Errorf("the unit cost of the entitlement %q: %w", name, err)
		}
		h.rights += rights
		h.cost.Add(h.cost, times(cost, rights))
		h.unlimited = h.unlimited || unlimited || agreement == dictionary.AgreementUnlimited
		h.forced = h.forced || agreement != dictionary.AgreementStandard
	}
	h.forced = h.forced || h.unlimited
	return h, rows.Err()
}

// potentialSavings is what one freed right of a model is worth: the average price per right of its entitlements that are in
// force, and nothing where there are none.
func potentialSavings(ctx context.Context, tx *store.Tx, model string) (string, error) {
	h, err := holdingOf(ctx, tx, model)
	return formatAmount(h.price()), err
}

// savingsOf is what it saves to free the right of a subscription. One that is excluded from metering is in no cost figure.
func savingsOf(ctx context.Context, tx *store.Tx, subscription store.Row) (string, error) {
	if isTrue(subscription[dictionary.SubscriptionExcluded]) {
		return formatAmount(new(big.Rat)), nil
	}
	return potentialSavings(ctx, tx, subscription[dictionary.SubscriptionSoftwareModel])
}

// revalueCandidates brings the potential savings of the open candidates up to date whose subscriptions are of a model. It runs
// when an entitlement changes; and when a refresh or a reconciliation does, because entitlements expire. Closed candidates keep
// theirs: they are what was saved. It is no change of the record that people see, so that the time of its last change stays.
func revalueCandidates(ctx context.Context, tx *store.Tx, model string) (int, error) {
	savings, err := potentialSavings(ctx, tx, model)
	if err != nil {
		return 0, err
	}
	// The second line asks the indexes alone whether anything could have changed.
	const worth = `CASE s.excluded_from_metering WHEN 1 THEN ?1 ELSE ?2 END`
	res, err := tx.Exec(ctx, `UPDATE samp_sw_reclamation_candidate AS c INDEXED BY ix_candidate_open SET potential_savings = `+worth+`
		FROM samp_sw_subscription s INDEXED BY ix_samp_sw_subscription_sys_id
		WHERE c.active = 1
		AND (c.potential_savings <> ?2 OR c.user_subscription IN (SELECT sys_id FROM samp_sw_subscription WHERE excluded_from_metering = 1))
		AND s.sys_id = c.user_subscription AND s.software_model = ?3 AND c.potential_savings <> `+worth,
		formatAmount(new(big.Rat)), savings, model)
	if err != nil {
		return 0, fmt.Errorf("bring the potential savings of candidates up to date: %w", err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// revalue is revalueCandidates for the products of a profile.
func (f *refresh) revalue(ctx context.Context, tx *store.Tx) (int, error) {
	valued := 0
	for _, p := range f.products {
		if p.model == "" {
			continue
		}
		n, err := revalueCandidates(ctx, tx, p.model)
		if err != nil {
			return valued, err
		}
		valued += n
	}
	return valued, nil
}

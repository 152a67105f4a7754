package engine

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// maxRights keeps sums of rights within an integer.
const maxRights = 1_000_000_000

// entitlementStates says which states may follow a state; "" is an entitlement that is being created. Publish leads from
// Build to In use, and nothing leads back (SaaS entitlement pages, servicenow.com/docs).
var entitlementStates = map[string][]string{
	"":                            {dictionary.EntitlementBuild, dictionary.EntitlementInUse},
	dictionary.EntitlementBuild:   {dictionary.EntitlementInUse},
	dictionary.EntitlementInUse:   {dictionary.EntitlementRetired},
	dictionary.EntitlementRetired: {},
}

// entitlementRules are those of alm_license. What an entitlement is worth reaches the open candidates of its model in the
// same transaction.
func entitlementRules() tableRules {
	return tableRules{
		beforeInsert: beforeEntitlementInsert,
		beforeUpdate: checkEntitlement,
		afterInsert:  revalueChanged,
		afterUpdate:  revalueChanged,
		afterDelete: func(ctx context.Context, c *change) error {
			if _, err := c.tx.Exec(ctx, `DELETE FROM alm_entitlement_user WHERE licensed_by = ?`, c.sysID()); err != nil {
				return fmt.Errorf("delete the allocations of an entitlement: %w", err)
			}
			return revalueChanged(ctx, c)
		},
	}
}

func beforeEntitlementInsert(ctx context.Context, c *change) error {
	for column, value := range map[string]string{
		dictionary.EntitlementState: dictionary.EntitlementBuild, dictionary.EntitlementPeriod: dictionary.PeriodEntire,
		dictionary.EntitlementAgreement: dictionary.AgreementStandard, dictionary.EntitlementLicenseType: dictionary.LicenseTypeSubscription,
		dictionary.EntitlementMetric: dictionary.MetricUserSubscription,
	} {
		c.fill(column, value)
	}
	c.fill(dictionary.EntitlementMetricGroup, metricGroupOf(c.values[dictionary.EntitlementMetric]))
	delete(c.values, dictionary.EntitlementRights)
	if err := checkEntitlement(ctx, c); err != nil {
		return err
	}
	if c.values[dictionary.EntitlementDisplayName] != "" {
		return nil
	}
	model, err := lookUp(ctx, c.tx, dictionary.TableSoftwareModel, c.values[dictionary.EntitlementModel])
	if err != nil {
		return err
	}
	c.values[dictionary.EntitlementDisplayName] = model[dictionary.ModelDisplayName] + " from " + c.values[dictionary.EntitlementStart]
	return nil
}

func metricGroupOf(metric string) string {
	if metric == dictionary.MetricSaaSConsumption {
		return dictionary.MetricGroupConsumption
	}
	return dictionary.MetricGroupSubscription
}

func checkEntitlement(ctx context.Context, c *change) error {
	for _, check := range []func(context.Context, *change) error{
		checkEntitlementState, checkEntitlementModel, checkEntitlementMetric, checkEntitlementPeriod, checkPurchasedRights, checkUnitCost,
	} {
		if err := check(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func checkEntitlementState(_ context.Context, c *change) error {
	from, to := c.before[dictionary.EntitlementState], c.after(dictionary.EntitlementState)
	if c.before != nil && from == to || slices.Contains(entitlementStates[from], to) {
		return nil
	}
	if c.before == nil {
		return c.refuse("State", "an entitlement begins in %s, or %s to publish it at once, not in %q", dictionary.EntitlementBuild, dictionary.EntitlementInUse, to)
	}
	return c.refuse("State", "the state goes from %s to %s (Publish) to %s and never back; it cannot go from %s to %q. Make a new entitlement instead",
		dictionary.EntitlementBuild, dictionary.EntitlementInUse, dictionary.EntitlementRetired, from, to)
}

func checkEntitlementModel(ctx context.Context, c *change) error {
	id := c.after(dictionary.EntitlementModel)
	if c.before != nil && !c.changes(dictionary.EntitlementModel) {
		return nil
	}
	model, err := lookUp(ctx, c.tx, dictionary.TableSoftwareModel, id)
	if err != nil || model != nil {
		return err
	}
	return c.refuse("Software model", "an entitlement is of an existing software model, not of %q. Publishing an integration profile makes the models of its products", id)
}

func checkEntitlementMetric(_ context.Context, c *change) error {
	metric, group := c.after(dictionary.EntitlementMetric), c.after(dictionary.EntitlementMetricGroup)
	if group == metricGroupOf(metric) {
		return nil
	}
	return c.refuse("License metric", "the license metric %s belongs to the metric group %s, not to %q", metric, metricGroupOf(metric), group)
}

// checkEntitlementPeriod refuses dates that do not go with the subscription period.
func checkEntitlementPeriod(_ context.Context, c *change) error {
	for _, column := range []string{dictionary.EntitlementStart, dictionary.EntitlementEnd} {
		value := c.after(column)
		day, ok := parseDay(value)
		if !ok {
			return c.refuse("Dates", "%s is a date like 2026-01-31, not %q", column, value)
		}
		if _, written := c.values[column]; written {
			c.values[column] = day
		}
	}
	start, end := c.after(dictionary.EntitlementStart), c.after(dictionary.EntitlementEnd)
	period := c.after(dictionary.EntitlementPeriod)
	switch {
	case start == "":
		return c.refuse("Dates", "an entitlement needs a start date")
	case end == "" && period != dictionary.PeriodEntire:
		return c.refuse("Dates", "a subscription period of %s needs an end date; only %s does without", period, dictionary.PeriodEntire)
	case end != "" && end < start:
		return c.refuse("Dates", "the end date %s is before the start date %s", end, start)
	}
	return nil
}

// parseDay reads a date or date-time as a date; empty is none.
func parseDay(value string) (string, bool) {
	if value == "" {
		return "", true
	}
	for _, layout := range []string{dateLayout, dateTimeLayout} {
		if t, err := time.Parse(layout, value); err == nil {
			return t.Format(dateLayout), true
		}
	}
	return "", false
}

// checkPurchasedRights refuses an impossible number, and fewer rights than are allocated.
func checkPurchasedRights(ctx context.Context, c *change) error {
	text := c.after(dictionary.EntitlementPurchasedRights)
	if text == "" && !countsRights(c) {
		return nil
	}
	rights, err := strconv.ParseInt(text, 10, 64)
	if err != nil || rights < 0 || rights > maxRights {
		return c.refuse("Purchased rights", "purchased_rights is a whole number from 0 to %d, not %q. Only unlimited and enterprise agreements do without", maxRights, text)
	}
	if c.before == nil {
		return nil
	}
	var allocated int64
	if err := c.tx.QueryRow(ctx, `SELECT count(*) FROM alm_entitlement_user WHERE licensed_by = ?`, c.sysID()).Scan(&allocated); err != nil {
		return fmt.Errorf("count the allocations of an entitlement: %w", err)
	}
	if allocated > rights && countsRights(c) {
		return c.refuse("Purchased rights", "%d rights are allocated to users, so that purchased_rights cannot be %d; delete allocations first", allocated, rights)
	}
	return nil
}

// countsRights tells whether an entitlement is of a number of rights.
func countsRights(c *change) bool {
	return !isTrue(c.after(dictionary.EntitlementUnlimited)) && c.after(dictionary.EntitlementAgreement) == dictionary.AgreementStandard
}

func checkUnitCost(_ context.Context, c *change) error {
	cost, err := parseAmount(c.after(dictionary.EntitlementUnitCost))
	if err != nil || cost.Sign() < 0 {
		return c.refuse("Unit cost", "unit_cost is the cost of one right, and not negative: %q", c.after(dictionary.EntitlementUnitCost))
	}
	return nil
}

// revalueChanged carries an entitlement's worth on to the candidates of the models that it was and is of.
func revalueChanged(ctx context.Context, c *change) error {
	models := []string{c.before[dictionary.EntitlementModel], c.after(dictionary.EntitlementModel)}
	for _, model := range slices.Compact(models) {
		if _, err := revalueCandidates(ctx, c.tx, model); err != nil {
			return err
		}
	}
	return nil
}

// allocationRules are those of alm_entitlement_user: a row gives one right to one user.
func allocationRules() tableRules {
	return tableRules{beforeInsert: checkAllocation, beforeUpdate: checkAllocation}
}

func checkAllocation(ctx context.Context, c *change) error {
	entitlement, err := lookUp(ctx, c.tx, dictionary.TableEntitlement, c.after(dictionary.AllocationEntitlement))
	if err != nil {
		return err
	}
	user, err := lookUp(ctx, c.tx, dictionary.TableUser, c.after(dictionary.AllocationUser))
	if err != nil {
		return err
	}
	if entitlement == nil || user == nil {
		return c.refuse("Allocation", "an allocation gives a right of an existing entitlement (licensed_by) to an existing user (assigned_to)")
	}
	rows, err := c.tx.Find(ctx, dictionary.TableUserAllocation,
		dictionary.AllocationEntitlement+"="+entitlement[dictionary.SysID]+"^"+dictionary.SysID+"!="+c.sysID(), store.FindOptions{})
	if err != nil {
		return fmt.Errorf("read the allocations of an entitlement: %w", err)
	}
	for _, row := range rows {
		if row[dictionary.AllocationUser] == user[dictionary.SysID] {
			return c.refuse("Allocation", "this user has a right of the entitlement %q already", entitlement[dictionary.EntitlementDisplayName])
		}
	}
	counted := &change{before: entitlement}
	rights, _ := strconv.Atoi(entitlement[dictionary.EntitlementPurchasedRights])
	if countsRights(counted) && len(rows) >= rights {
		return c.refuse("Allocation", "all %d rights of the entitlement %q are allocated", rights, entitlement[dictionary.EntitlementDisplayName])
	}
	return nil
}

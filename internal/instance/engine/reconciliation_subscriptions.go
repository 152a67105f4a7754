package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// Subscriptions that are excluded from metering are in no figure of the licence position.
const (
	assignedSQL   = `(s.active = 1 AND s.excluded_from_metering = 0)`
	licensableSQL = `(s.active = 1 AND s.excluded_from_metering = 0 AND s.user <> '')`

	// modelsSQL selects the models of a publisher.
	modelsSQL = `(SELECT sys_id FROM cmdb_software_product_model WHERE publisher = ?1)`

	// allocatedSQL selects how many rights of a model's entitlements in force are allocated to each user.
	allocatedSQL = `SELECT e.software_model AS model, a.assigned_to AS user, count(*) AS rights
		FROM alm_entitlement_user a JOIN alm_license e ON e.sys_id = a.licensed_by
		WHERE e.license_metric = '` + dictionary.MetricUserSubscription + `' AND `
)

// countSubscriptions counts the subscriptions of every model in one pass.
func countSubscriptions(ctx context.Context, tx *store.Tx, publisher string, models map[string]*position, w witnesses) error {
	if len(models) == 0 {
		return nil
	}
	stale, args, err := staleCondition(ctx, tx, models, w)
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `SELECT s.software_model, sum(`+assignedSQL+`), sum(`+licensableSQL+`), sum(`+assignedSQL+` AND `+stale+`)
		FROM samp_sw_subscription s WHERE s.software_model IN `+modelsSQL+` GROUP BY s.software_model`, append([]any{publisher}, args...)...)
	if err != nil {
		return fmt.Errorf("count the subscriptions of software models: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var model string
		var assigned, licensable, stale int64
		if err := rows.Scan(&model, &assigned, &licensable, &stale); err != nil {
			return fmt.Errorf("count the subscriptions of software models: %w", err)
		}
		if p := models[model]; p != nil {
			p.assigned, p.subscribed, p.withoutUser, p.stale = assigned, licensable, assigned-licensable, stale
		}
	}
	return rows.Err()
}

// staleCondition is the SQL condition that a subscription fails the reclamation rule of its product, with its parameters,
// which come behind ?1.
func staleCondition(ctx context.Context, tx *store.Tx, models map[string]*position, w witnesses) (string, []any, error) {
	cutoffs := map[string]string{} // by product
	for _, p := range models {
		if _, known := cutoffs[p.product]; known || p.product == "" {
			continue
		}
		rule, err := ruleOf(ctx, tx, p.product)
		if err != nil {
			return "", nil, err
		}
		cutoffs[p.product] = ""
		if days, ok := thresholdOf(rule); ok && isTrue(rule[dictionary.RuleActive]) {
			cutoffs[p.product] = formatDate(tx.Now().AddDate(0, 0, -days))
		}
	}
	args := []any{}
	list := func(values []string) string {
		for _, v := range values {
			args = append(args, v)
		}
		return `(` + numbered(len(args)-len(values)+2, len(values)) + `)`
	}
	condition := `s.subscription_profile NOT IN ` + list(w.untold) + ` AND NOT (s.last_activity = '' AND s.subscription_profile IN ` + list(w.blind) + `)`
	var cases strings.Builder
	for _, p := range models {
		if cutoff := cutoffs[p.product]; cutoff != "" {
			args = append(args, p.id, cutoff)
			fmt.Fprintf(&cases, " WHEN ?%d THEN %s", len(args), unseenSince(fmt.Sprintf("?%d", len(args)+1)))
		}
	}
	if cases.Len() == 0 {
		return `0`, nil, nil
	}
	return `(` + condition + ` AND CASE s.software_model` + cases.String() + ` ELSE 0 END)`, args, nil
}

// witnesses tells of which profiles the activity says nothing against a person.
type witnesses struct {
	untold []string // activity is not pulled, or was never pulled completely: nobody can be told idle
	blind  []string // who was never seen active may have been all the same
}

func (e *Engine) witnesses(ctx context.Context, tx *store.Tx) (witnesses, error) {
	var w witnesses
	profiles, err := tx.Find(ctx, dictionary.TableProfile, "", store.FindOptions{})
	if err != nil {
		return w, fmt.Errorf("read the integration profiles: %w", err)
	}
	for _, profile := range profiles {
		t, _ := dictionary.ProfileTypeByValue(e.opt.ReleaseFamily, profile[dictionary.ProfileType_])
		if !t.ActivitySubflow {
			continue
		}
		var complete, blind bool
		err := tx.QueryRow(ctx, `SELECT max(complete), max(blind_spot) FROM
			(SELECT complete, blind_spot FROM snsam_activity WHERE profile = ? UNION ALL SELECT 0, 0)`, profile[dictionary.SysID]).Scan(&complete, &blind)
		if err != nil {
			return w, fmt.Errorf("read how far the activity was pulled: %w", err)
		}
		if !complete || !pullsActivity(profile, t) {
			w.untold = append(w.untold, profile[dictionary.SysID])
		}
		if blind {
			w.blind = append(w.blind, profile[dictionary.SysID])
		}
	}
	return w, nil
}

// numbered is a list of n numbered parameters.
func numbered(from, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("?%d", from+i)
	}
	return strings.Join(list, ",")
}

// countAllocations counts the rights that are allocated, and those whose users have no subscription for them.
func countAllocations(ctx context.Context, tx *store.Tx, publisher string, models map[string]*position) error {
	rows, err := tx.Query(ctx, `WITH allocated AS (`+allocatedSQL+store.InForce("e", tx.Now())+` AND e.software_model IN `+modelsSQL+` GROUP BY 1, 2),
		subscribed AS (SELECT s.software_model AS model, s.user AS user, count(*) AS subscriptions FROM samp_sw_subscription s
			WHERE `+licensableSQL+` AND s.software_model IN `+modelsSQL+` AND s.user IN (SELECT user FROM allocated) GROUP BY 1, 2)
		SELECT a.model, sum(a.rights), sum(max(a.rights - coalesce(s.subscriptions, 0), 0))
		FROM allocated a LEFT JOIN subscribed s ON s.model = a.model AND s.user = a.user GROUP BY a.model`, publisher)
	if err != nil {
		return fmt.Errorf("count the allocated rights: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var model string
		var allocated, idle int64
		if err := rows.Scan(&model, &allocated, &idle); err != nil {
			return fmt.Errorf("count the allocated rights: %w", err)
		}
		if p := models[model]; p != nil {
			p.allocated, p.idle = allocated, idle
		}
	}
	return rows.Err()
}

// markSubscriptions gives the rights of each model to its subscriptions: first to users with an allocation, then to the
// rest, the oldest subscription first. Who gets none is unlicensed. Rows that are marked so already are not written.
func markSubscriptions(ctx context.Context, tx *store.Tx, publisher string, models []*position) error {
	var values []string
	args := []any{publisher}
	for _, m := range models {
		values = append(values, `(`+numbered(len(args)+1, 5)+`)`)
		args = append(args, m.id, m.forSubscriptions(), m.metricResult, m.productResult, m.modelResult)
	}
	if len(models) == 0 {
		return unmark(ctx, tx, publisher, `1`)
	}
	_, err := tx.Exec(ctx, `WITH figures(model, rights, metric, product, result) AS (VALUES `+strings.Join(values, ",")+`),
		allocated AS (`+allocatedSQL+store.InForce("e", tx.Now())+` AND e.software_model IN `+modelsSQL+` GROUP BY 1, 2),
		nth AS (SELECT s.rowid AS id, row_number() OVER (PARTITION BY s.software_model, s.user ORDER BY s.sys_created_on, s.sys_id) > a.rights AS beyond
			FROM allocated a CROSS JOIN samp_sw_subscription s ON s.software_model = a.model AND s.user = a.user WHERE `+licensableSQL+`),
		ranked AS (SELECT s.rowid AS id, s.software_model AS model,
				row_number() OVER (PARTITION BY s.software_model ORDER BY coalesce(n.beyond, 1), s.sys_created_on, s.sys_id) AS place
			FROM samp_sw_subscription s LEFT JOIN nth n ON n.id = s.rowid
			WHERE `+licensableSQL+` AND s.software_model IN (SELECT model FROM figures))
		UPDATE samp_sw_subscription SET is_reconciled = 1, unlicensed_subscription = r.place > f.rights,
			license_metric_result = f.metric, product_result = f.product, software_model_result = f.result
		FROM ranked r JOIN figures f ON f.model = r.model
		WHERE samp_sw_subscription.rowid = r.id AND (is_reconciled <> 1 OR unlicensed_subscription <> (r.place > f.rights)
			OR license_metric_result <> f.metric OR product_result <> f.product OR software_model_result <> f.result)`, args...)
	if err != nil {
		return fmt.Errorf("mark the subscriptions: %w", err)
	}
	ids := make([]string, len(models))
	for i, m := range models {
		ids[i] = "'" + m.id + "'"
	}
	return unmark(ctx, tx, publisher, `NOT (`+licensableSQL+` AND s.software_model IN (`+strings.Join(ids, ",")+`))`)
}

// unmark takes the marks off the subscriptions of a publisher that take no right any more.
func unmark(ctx context.Context, tx *store.Tx, publisher, condition string) error {
	_, err := tx.Exec(ctx, unmarkSQL+`s.software_model IN `+modelsSQL+` AND `+condition, publisher)
	if err != nil {
		return fmt.Errorf("take the marks off subscriptions: %w", err)
	}
	return nil
}

const unmarkSQL = `UPDATE samp_sw_subscription AS s SET is_reconciled = 0, unlicensed_subscription = 0, license_metric_result = '',
	product_result = '', software_model_result = '' WHERE (s.is_reconciled = 1 OR s.unlicensed_subscription = 1 OR s.license_metric_result <> '') AND `

// markWithoutModel takes the marks off subscriptions that belong to no software model, and counts those that are assigned.
func markWithoutModel(ctx context.Context, tx *store.Tx) (int, error) {
	if _, err := tx.Exec(ctx, unmarkSQL+`s.software_model NOT IN (SELECT sys_id FROM cmdb_software_product_model)`); err != nil {
		return 0, fmt.Errorf("take the marks off subscriptions: %w", err)
	}
	var n int
	err := tx.QueryRow(ctx, `SELECT count(*) FROM samp_sw_subscription s WHERE s.software_model = '' AND `+assignedSQL).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the subscriptions without a software model: %w", err)
	}
	return n, nil
}

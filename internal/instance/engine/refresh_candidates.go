package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// unseenSince is the condition that a person was neither active nor, as a new account, came to be on a day or later
// (reclamation-rules.md: the account's creation protects new users), and that no reclaim was undone since. Of whom neither
// activity nor creation is known, the day on which the vendor first listed the person stands in. The day is a parameter,
// which occurs unseenParameters times; a date-time of it sorts behind it.
func unseenSince(day string) string {
	return strings.ReplaceAll(`(s.last_activity < @ AND s.external_created < @ AND s.restored_on < @
		AND (s.last_activity <> '' OR s.external_created <> '' OR s.sys_created_on < @))`, "@", day)
}

const unseenParameters = 4

// idPrefix is how much of a sys_id the candidates that are opened together have in common. The rest counts them, so that
// they are appended to the index.
const idPrefix = 24

// updateCandidates applies the reclamation rules to the subscriptions of the profile, set by set: candidates whose user
// came back are canceled, stale subscriptions without an open candidate get one. What an incomplete list does not tell is
// no evidence against anybody, so that candidates are then only canceled.
//
// Where the vendor can answer for named people, those who would become candidates are looked at once more in between.
func (f *refresh) updateCandidates(ctx context.Context) error {
	var openings []opening
	_, confirms := f.vendor.(connector.ActivityConfirmer)
	err := f.run.update(ctx, func(tx *store.Tx) error {
		excluded, err := markExcluded(ctx, tx, f.profile)
		if err != nil {
			return err
		}
		f.outcome.RowsWritten += excluded
		canceled, err := f.cancelActive(ctx, tx)
		if err != nil {
			return err
		}
		f.outcome.CandidatesCanceled = canceled
		aged, err := f.ageCandidates(ctx, tx)
		if err != nil {
			return err
		}
		valued, err := f.revalue(ctx, tx)
		if err != nil {
			return err
		}
		filled, err := f.fillCandidateUsers(ctx, tx)
		if err != nil {
			return err
		}
		f.outcome.RowsWritten += canceled + aged + valued + filled
		if err := f.openRestricted(ctx, tx); err != nil {
			return err
		}
		if openings, err = f.openings(ctx, tx, confirms); err != nil || confirms {
			return err
		}
		return f.openAll(ctx, tx, openings)
	})
	if err != nil || !confirms || len(openings) == 0 {
		return err
	}
	if err := f.confirm(ctx, openings); err != nil {
		return err
	}
	return f.run.update(ctx, func(tx *store.Tx) error { return f.openAll(ctx, tx, openings) })
}

// openRestricted opens the candidates of restricted software, where the vendor's list can be trusted.
func (f *refresh) openRestricted(ctx context.Context, tx *store.Tx) error {
	if f.listed && (!f.walk.Complete || f.held) {
		return nil
	}
	opened, err := f.engine.openRestricted(ctx, tx, f.profileID)
	f.outcome.CandidatesOpened += opened
	f.outcome.RowsWritten += 2 * opened // each with its message
	return err
}

// fillCandidateUsers gives open candidates without a user the one of their subscription, once that is known. Those that
// required attention because nobody could be asked are Ready then.
func (f *refresh) fillCandidateUsers(ctx context.Context, tx *store.Tx) (int, error) {
	const known = `subscription_profile = ? AND user = '' AND EXISTS (SELECT 1 FROM samp_sw_subscription s
		WHERE s.sys_id = samp_sw_reclamation_candidate.user_subscription AND s.user <> '')`
	_, err := transitAll(ctx, tx, mass{
		event: eventResume, note: "'The user of the subscription is known now.'", condition: known + " AND error_message = ''", args: []any{f.profileID},
	})
	if err != nil {
		return 0, err
	}
	res, err := tx.Exec(ctx, `UPDATE samp_sw_reclamation_candidate SET user = (SELECT s.user FROM samp_sw_subscription s WHERE s.sys_id = user_subscription)
		WHERE active = 1 AND `+known, f.profileID)
	if err != nil {
		return 0, fmt.Errorf("fill in the users of candidates: %w", err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}

func (f *refresh) openAll(ctx context.Context, tx *store.Tx, openings []opening) error {
	for _, o := range openings {
		opened, err := f.openCandidates(ctx, tx, o)
		if err != nil {
			return err
		}
		f.outcome.CandidatesOpened += opened
		f.outcome.RowsWritten += opened
	}
	return nil
}

// opening is a product whose stale subscriptions become candidates.
type opening struct {
	product   product
	rule      store.Row
	threshold int    // days
	cutoff    string // first day on which a user counts as active
	blind     bool   // who has no sign of activity may have some that the vendor does not show
}

// staleSQL selects the stale subscriptions that have no open candidate; its parameters are profile, product and cutoff.
func (o opening) staleSQL() string {
	seen := ""
	if o.blind {
		seen = " AND s.last_activity <> ''"
	}
	return `FROM samp_sw_subscription s INDEXED BY ix_subscription_profile WHERE s.subscription_profile = ?1 AND s.product = ?2 AND ` + unseenSince("?3") + seen + `
		AND NOT EXISTS (SELECT 1 FROM samp_sw_reclamation_candidate c WHERE c.user_subscription = s.sys_id AND c.active = 1)`
}

// openings finds the products whose rules open candidates, and warns of what stands against it.
func (f *refresh) openings(ctx context.Context, tx *store.Tx, confirms bool) ([]opening, error) {
	t := f.access.vendor
	products := slices.SortedFunc(maps.Values(f.products), func(a, b product) int { return strings.Compare(a.identifier, b.identifier) })
	warnings, err := thresholdWarnings(ctx, tx, f.profile, t, products)
	if err != nil {
		return nil, err
	}
	f.outcome.Warnings = append(f.outcome.Warnings, warnings...)
	if f.listed && (!f.walk.Complete || f.held) {
		f.warn("no removal candidates were opened, because the vendor's list could not be trusted")
		return nil, nil
	}
	if f.listed && f.walk.NoActivity {
		f.warn("no removal candidates were opened, because the vendor told the last activity of nobody at all, which is rather a change there than an idle organisation. " +
			"Look at the vendor's list, then run the refresh again")
		return nil, nil
	}
	if t.ActivitySubflow && !pullsActivity(f.profile, t) {
		f.warn("no removal candidates were opened, because Download activity is off, so that nobody can be told idle")
		return nil, nil
	}
	state, err := readActivityState(ctx, tx, f.profileID, f.access.source)
	if err != nil {
		return nil, err
	}
	var openings []opening
	for _, p := range products {
		o, ok, err := f.openingOf(ctx, tx, p)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if t.ActivitySubflow {
			o.blind = state.blindSpot
			if gap := state.gap(tx.Now(), o.cutoff, confirms); gap != "" {
				f.warn("no removal candidates were opened for %s: %s", p.name, gap)
				continue
			}
		}
		openings = append(openings, o)
	}
	return openings, nil
}

// openingOf reads the rule of a product; false where it opens no candidates.
func (f *refresh) openingOf(ctx context.Context, tx *store.Tx, p product) (opening, bool, error) {
	rule, err := ruleOf(ctx, tx, p.id)
	if err != nil || rule == nil || !isTrue(rule[dictionary.RuleActive]) || !isTrue(rule[dictionary.RuleCreateCandidate]) {
		return opening{}, false, err
	}
	threshold, ok := thresholdOf(rule)
	if !ok {
		f.warn("the reclamation rule %q has no usable last activity threshold; no candidates were opened for %s", rule[dictionary.RuleName], p.name)
		return opening{}, false, nil
	}
	return opening{product: p, rule: rule, threshold: threshold, cutoff: formatDate(tx.Now().AddDate(0, 0, -threshold))}, true, nil
}

// cancelActive closes the candidates of people who are not stale by the threshold of their rule any more, and those whose
// rule is gone. A candidate that a person made by hand is closed by activity since the day on which it was opened.
func (f *refresh) cancelActive(ctx context.Context, tx *store.Tx) (int, error) {
	cutoffs, err := f.cutoffs(ctx, tx)
	if err != nil {
		return 0, err
	}
	const subscription = `FROM samp_sw_subscription s INDEXED BY ix_subscription_profile
		WHERE s.subscription_profile = samp_sw_reclamation_candidate.subscription_profile AND s.sys_id = samp_sw_reclamation_candidate.user_subscription`
	canceled := 0
	for rule, cutoff := range cutoffs {
		m := mass{
			event: eventActive,
			note:  `'The user counts as active: last activity on ' || (SELECT s.last_activity ` + subscription + `) || '.'`,
			condition: `subscription_profile = ? AND reclamation_rule = ? AND user_subscription <> '' AND ` + judgedByActivity + `
				AND (SELECT NOT ` + unseenSince("?") + ` ` + subscription + `)`,
			args: append([]any{f.profileID, rule}, slices.Repeat([]any{cutoff}, unseenParameters)...),
		}
		if rule == "" {
			m.condition = `subscription_profile = ? AND reclamation_rule = '' AND user_subscription <> '' AND ` + judgedByActivity + `
				AND (SELECT s.last_activity >= substr(opened_at, 1, 10) ` + subscription + `)`
			m.args = []any{f.profileID}
		}
		if rule != "" && cutoff == "" {
			m = mass{
				event: eventReasonGone, note: "'Closed because the reclamation rule is gone or has no usable threshold.'",
				condition: "subscription_profile = ? AND reclamation_rule = ?", args: []any{f.profileID, rule},
			}
		}
		n, err := transitAll(ctx, tx, m)
		if err != nil {
			return canceled, err
		}
		canceled += n
	}
	return canceled, nil
}

// judgedByActivity is the condition on a candidate that activity cancels, see informedOnly.
const judgedByActivity = "justification NOT IN ('" + dictionary.JustificationRestricted + "', '" + dictionary.JustificationUnlicensed + "')"

// cutoffs maps the rules of open candidates to the first day on which a user of them counts as active; empty where nobody
// can say, because the rule is gone.
func (f *refresh) cutoffs(ctx context.Context, tx *store.Tx) (map[string]string, error) {
	rows, err := tx.Query(ctx, `SELECT DISTINCT c.reclamation_rule,
			CASE WHEN r.last_activity_threshold BETWEEN ? AND ? THEN date(?, '-' || r.last_activity_threshold || ' days') ELSE '' END
		FROM samp_sw_reclamation_candidate c INDEXED BY ix_candidate_open LEFT JOIN samp_sw_reclamation_rule r ON r.sys_id = c.reclamation_rule
		WHERE c.subscription_profile = ? AND c.active = 1`, dictionary.MinThresholdDays, dictionary.MaxThresholdDays, formatDate(tx.Now()), f.profileID)
	if err != nil {
		return nil, fmt.Errorf("read the rules of open candidates: %w", err)
	}
	defer func() { _ = rows.Close() }()
	cutoffs := map[string]string{}
	for rows.Next() {
		var rule, cutoff string
		if err := rows.Scan(&rule, &cutoff); err != nil {
			return nil, fmt.Errorf("read the rules of open candidates: %w", err)
		}
		cutoffs[rule] = cutoff
	}
	return cutoffs, rows.Err()
}

// ageCandidates keeps the inactive days of open candidates right. They are no change of the record that people see, so
// that the time of its last change stays.
func (f *refresh) ageCandidates(ctx context.Context, tx *store.Tx) (int, error) {
	const days = `CAST(julianday(?1) - julianday(s.last_activity) AS INTEGER)`
	res, err := tx.Exec(ctx, `UPDATE samp_sw_reclamation_candidate AS c INDEXED BY ix_candidate_open SET inactive_days = `+days+`
		FROM samp_sw_subscription s INDEXED BY ix_subscription_profile
		WHERE s.subscription_profile = c.subscription_profile AND s.sys_id = c.user_subscription AND s.last_activity <> ''
		AND c.subscription_profile = ?2 AND c.active = 1 AND c.justification = ?3 AND c.inactive_days IS NOT `+days,
		formatDate(tx.Now()), f.profileID, dictionary.JustificationLowUsage)
	if err != nil {
		return 0, fmt.Errorf("update the inactive days of candidates: %w", err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// openCandidates makes a candidate of every stale subscription of a product that has none open.
func (f *refresh) openCandidates(ctx context.Context, tx *store.Tx, o opening) (int, error) {
	p, rule := o.product, o.rule
	prefix := tx.NewID()[:idPrefix]
	last, err := takeNumbers(ctx, tx, candidatePrefix, 0)
	if err != nil {
		return 0, err
	}
	savings, err := potentialSavings(ctx, tx, p.model)
	if err != nil {
		return 0, err
	}
	notify := 0
	if isTrue(rule[dictionary.RuleNotifyUser]) {
		notify = 1
	}
	res, err := tx.Exec(ctx, `INSERT INTO samp_sw_reclamation_candidate (sys_id, number, state, active, sys_class_name, justification, applies_to,
			user_subscription, user, reclamation_rule, notify_user, days_before_auto_reclamation, assignment_group, inactive_days, potential_savings,
			software_model, product, publisher, subscription_profile, short_description, opened_at, work_notes,
			sys_created_on, sys_updated_on, sys_created_by, sys_updated_by)
		SELECT printf('%s%08x', ?4, row_number() OVER ()), ?5 || printf('%07d', ?6 + row_number() OVER ()),
			CASE WHEN ?7 = 1 AND s.user = '' THEN ?8 ELSE ?9 END, 1, ?10, ?11, ?12,
			s.sys_id, s.user, ?13, ?7, ?21, ?14,
			CASE s.last_activity WHEN '' THEN NULL ELSE CAST(julianday(?15) - julianday(s.last_activity) AS INTEGER) END,
			CASE s.excluded_from_metering WHEN 1 THEN '0.00' ELSE ?16 END,
			s.software_model, s.product, s.publisher, s.subscription_profile, 'Reclaim ' || s.display_name || ' from ' || s.user_principal_name, ?17,
			?18 || CASE s.last_activity WHEN '' THEN 'No activity is known' ELSE 'Last activity on ' || s.last_activity END
				|| CASE s.external_created WHEN '' THEN '' ELSE ', account created on ' || substr(s.external_created, 1, 10) END || '. ' || ?19 || char(10),
			?17, ?17, ?20, ?20 `+o.staleSQL(),
		f.profileID, p.id, o.cutoff, prefix, candidatePrefix, last, notify, dictionary.StateAttentionRequired, dictionary.StateReady,
		dictionary.TableCandidate, dictionary.JustificationLowUsage, dictionary.AppliesToSubscription, rule[dictionary.SysID], rule[dictionary.RuleAssignmentGroup],
		formatDate(tx.Now()), savings, formatDateTime(tx.Now()), noteHeading(tx.Now()),
		fmt.Sprintf("The rule %q calls a user stale after %d days.", rule[dictionary.RuleName], o.threshold), systemUser, answerDays(rule))
	if err != nil {
		return 0, fmt.Errorf("open removal candidates for %s: %w", p.name, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, err
	}
	_, err = takeNumbers(ctx, tx, candidatePrefix, int(n))
	return int(n), err
}

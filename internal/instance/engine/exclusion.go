package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// exclusionRules check the rules that keep subscriptions out of metering, and mark those that they are about.
func (e *Engine) exclusionRules() tableRules {
	return tableRules{
		beforeInsert: e.checkExclusion, beforeUpdate: e.checkExclusion,
		afterInsert: markAllExcluded, afterUpdate: markAllExcluded, afterDelete: markAllExcluded,
	}
}

// exclusionKey is the column that says what a rule is about.
func exclusionKey(table string) string {
	if table == dictionary.TableUserExclusion {
		return dictionary.ExclusionUser
	}
	return dictionary.ExclusionIdentifier
}

func (e *Engine) checkExclusion(ctx context.Context, c *change) error {
	if e.opt.ReleaseFamily == dictionary.WashingtonDC {
		return c.refuse("This release has no exclusion rules", "exclusion rules came with the release Zurich; this instance behaves as %s", e.opt.ReleaseFamily)
	}
	key := exclusionKey(c.table)
	if value, written := c.values[key]; written {
		c.values[key] = strings.TrimSpace(value)
	}
	profileType := c.after(dictionary.ExclusionProfileType)
	switch {
	case c.after(key) == "":
		return c.refuse("An exclusion rule names what it excludes", "%s is mandatory", key)
	case profileType == "" && c.table == dictionary.TableIdentifierExclusion:
		return c.refuse("An identifier belongs to a profile type", "profile_type is mandatory: an identifier means something to one vendor only")
	case profileType != "" && !isChoice(c.table, dictionary.ExclusionProfileType, profileType):
		return c.refuse("Unknown profile type", "there is no profile type %q", profileType)
	}
	return c.checkOnlyExclusion(ctx, key)
}

func isChoice(table, column, value string) bool {
	definition, _ := dictionary.ColumnOf(table, column)
	return slices.ContainsFunc(definition.Choices, func(c dictionary.ChoiceValue) bool { return c.Value == value })
}

// checkOnlyExclusion refuses a rule that is there already, active or not: switched off, the other one would still exclude.
func (c *change) checkOnlyExclusion(ctx context.Context, key string) error {
	var equal string
	err := c.tx.QueryRow(ctx, `SELECT coalesce(max(sys_id), '') FROM `+c.table+` WHERE `+key+` = ? COLLATE NOCASE AND profile_type = ? AND sys_domain = ? AND sys_id <> ?`,
		c.after(key), c.after(dictionary.ExclusionProfileType), c.domain(), c.sysID()).Scan(&equal)
	if err != nil {
		return fmt.Errorf("look up equal exclusion rules: %w", err)
	}
	if equal != "" {
		return c.refuse("One exclusion rule for the same", "an equal exclusion rule exists already (sys_id %s): import that one, or leave this one out", equal)
	}
	return nil
}

// domain is the one that the row will have.
func (c *change) domain() string {
	if domain := c.after(dictionary.SysDomain); domain != "" {
		return domain
	}
	return dictionary.DomainGlobal
}

// markAllExcluded brings the marks of all subscriptions up to date after a change of a rule, and what depends on them: a
// right that is in no cost figure saves nothing when it is freed.
func markAllExcluded(ctx context.Context, c *change) error {
	profiles, err := c.tx.Find(ctx, dictionary.TableProfile, "", store.FindOptions{})
	if err != nil {
		return fmt.Errorf("read the profiles that exclusion rules are for: %w", err)
	}
	for _, profile := range profiles {
		marked, err := markProfile(ctx, c.tx, profile)
		if err != nil {
			return err
		}
		if marked == 0 {
			continue
		}
		if err := revalueProfile(ctx, c.tx, profile[dictionary.SysID]); err != nil {
			return err
		}
	}
	return nil
}

func revalueProfile(ctx context.Context, tx *store.Tx, profile string) error {
	models, err := texts(ctx, tx, `SELECT DISTINCT software_model FROM samp_sw_reclamation_candidate INDEXED BY ix_candidate_open
		WHERE subscription_profile = ? AND active = 1 AND software_model <> ''`, profile)
	if err != nil {
		return fmt.Errorf("read the software models of open candidates: %w", err)
	}
	for _, model := range models {
		if _, err := revalueCandidates(ctx, tx, model); err != nil {
			return err
		}
	}
	return nil
}

// texts reads a column of texts.
func texts(ctx context.Context, tx *store.Tx, query string, args ...any) ([]string, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var values []string
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return values, rows.Err()
}

// markExcluded brings the marks of a profile up to date after its refresh. Without a rule there is nothing to look at: the
// last one took its marks with it.
func markExcluded(ctx context.Context, tx *store.Tx, profile store.Row) (int, error) {
	var rules bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM samp_sw_subscription_identifier_exclusion_rule WHERE active = 1)
		OR EXISTS (SELECT 1 FROM samp_sw_subscription_user_exclusion_rule WHERE active = 1)`).Scan(&rules)
	if err != nil {
		return 0, fmt.Errorf("look up exclusion rules: %w", err)
	}
	if !rules {
		return 0, nil
	}
	return markProfile(ctx, tx, profile)
}

// markProfile marks the subscriptions of a profile that an active rule excludes, unmarks the others, and writes only
// rows whose mark changes. An identifier rule is for its profile type. A user rule is for all profiles, or those of its type;
// it names a user principal name, or the mail address or user id of the person (subscription-exclusions.md: user name or
// email). Rules of the global domain are for all domains, others for profiles of their own; that is assumed.
func markProfile(ctx context.Context, tx *store.Tx, profile store.Row) (int, error) {
	const inDomain = `active = 1 AND sys_domain IN ('global', ?3)`
	res, err := tx.Exec(ctx, `WITH named (name) AS (
			SELECT lower(user_principal_name) FROM samp_sw_subscription_user_exclusion_rule WHERE profile_type IN ('', ?2) AND `+inDomain+`),
		person (id) AS (
			SELECT u.sys_id FROM named CROSS JOIN sys_user u WHERE u.email = named.name COLLATE NOCASE
			UNION SELECT u.sys_id FROM named CROSS JOIN sys_user u WHERE u.user_name = named.name COLLATE NOCASE)
		UPDATE samp_sw_subscription AS s SET excluded_from_metering = 1 - excluded_from_metering,
			sys_updated_on = ?4, sys_updated_by = ?5, sys_mod_count = sys_mod_count + 1
		WHERE s.subscription_profile = ?1 AND s.excluded_from_metering <> (
			lower(s.subscription_identifier) IN (SELECT lower(subscription_identifier) FROM samp_sw_subscription_identifier_exclusion_rule WHERE profile_type = ?2 AND `+inDomain+`)
			OR lower(s.user_principal_name) IN (SELECT name FROM named)
			OR lower(s.vendor_user_name) IN (SELECT name FROM named)
			OR s.user IN (SELECT id FROM person))`,
		profile[dictionary.SysID], profile[dictionary.ProfileType_], profile[dictionary.SysDomain], formatDateTime(tx.Now()), systemUser)
	if err != nil {
		return 0, fmt.Errorf("mark the subscriptions that exclusion rules exclude: %w", err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}

package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// resolutionRule finds the user of a person in another way than by mail address and user id (map-user-data.md).
type resolutionRule struct {
	source    string // dictionary.SubscriptionUPN or SubscriptionExternalUserID
	lookup    string // column of sys_user
	transform string
	from, to  string // domains, for dictionary.TransformReplaceDomain
}

// key is what to look for in the look-up field; empty where the rule does not apply to the person.
func (r resolutionRule) key(p person) string {
	value := p.principal
	if r.source == dictionary.SubscriptionExternalUserID {
		value = p.externalID
	}
	value = strings.ToLower(value)
	name, domain, hasDomain := strings.Cut(value, "@")
	switch r.transform {
	case dictionary.TransformRemoveDomain:
		return name
	case dictionary.TransformReplaceDomain:
		if !hasDomain || r.from != "" && domain != r.from {
			return ""
		}
		return name + "@" + r.to
	}
	return value
}

// readResolution reads the active rules that apply to the profile, in their order. A rule that looks users up by a column
// without index is deactivated (map-user-data.md): with many users it would take hours.
func (f *refresh) readResolution(ctx context.Context) error {
	var slow []store.Row
	err := f.engine.db.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Find(ctx, dictionary.TableUserResolutionRule, dictionary.ResolutionActive+"=true^"+dictionary.ResolutionCategory+"="+
			dictionary.ResolutionCategorySAM+"^ORDERBY"+dictionary.ResolutionOrder+"^ORDERBY"+dictionary.SysID, store.FindOptions{})
		if err != nil || len(rows) == 0 {
			return err
		}
		indexed, err := indexedUserColumns(ctx, tx)
		if err != nil {
			return err
		}
		f.resolution = nil
		for _, row := range rows {
			profiles := row[dictionary.ResolutionProfiles]
			switch {
			case profiles != "" && !slices.Contains(strings.Split(profiles, ","), f.profileID):
			case !indexed[row[dictionary.ResolutionLookup]]:
				slow = append(slow, row)
			default:
				f.resolution = append(f.resolution, resolutionRule{
					source: row[dictionary.ResolutionSource], lookup: row[dictionary.ResolutionLookup], transform: row[dictionary.ResolutionTransform],
					from: domainOf(row[dictionary.ResolutionDomainFrom]), to: domainOf(row[dictionary.ResolutionDomainTo]),
				})
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the user resolution rules: %w", err)
	}
	if len(slow) == 0 {
		return nil
	}
	for _, rule := range slow {
		f.warn("the user resolution rule %q was deactivated: it looks users up by %s, which has no index. Let it use user_name or email",
			rule[dictionary.ResolutionName], rule[dictionary.ResolutionLookup])
	}
	return f.run.update(ctx, func(tx *store.Tx) error {
		for _, rule := range slow {
			_, _, err := tx.Update(store.WithUser(ctx, systemUser), dictionary.TableUserResolutionRule, rule[dictionary.SysID],
				store.Row{dictionary.ResolutionActive: "false"})
			if err != nil {
				return fmt.Errorf("deactivate the user resolution rule %q: %w", rule[dictionary.ResolutionName], err)
			}
			f.outcome.RowsWritten++
		}
		return nil
	})
}

func domainOf(text string) string {
	return strings.ToLower(strings.TrimPrefix(strings.TrimSpace(text), "@"))
}

// indexedUserColumns are the columns of sys_user that an index begins with.
func indexedUserColumns(ctx context.Context, tx *store.Tx) (map[string]bool, error) {
	rows, err := tx.Query(ctx, `SELECT c.name FROM pragma_index_list('sys_user') i, pragma_index_info(i.name) c WHERE c.seqno = 0`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	columns := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		columns[name] = true
	}
	return columns, rows.Err()
}

func userResolutionRules() tableRules {
	return tableRules{beforeInsert: checkUserResolution, beforeUpdate: checkUserResolution}
}

func checkUserResolution(ctx context.Context, c *change) error {
	if c.before == nil {
		c.fill(dictionary.ResolutionLookup, dictionary.UserEmail)
	}
	lookup := c.after(dictionary.ResolutionLookup)
	switch {
	case strings.TrimSpace(c.after(dictionary.ResolutionName)) == "":
		return c.refuse("Name is mandatory", "a user resolution rule needs a name")
	case !slices.ContainsFunc(dictionary.ColumnsOf(dictionary.TableUser), func(column dictionary.Column) bool { return column.Name == lookup }):
		return c.refuse("Look-up field must exist", "%s has no column %q", dictionary.TableUser, lookup)
	case c.after(dictionary.ResolutionTransform) == dictionary.TransformRunScript:
		return c.refuse("No scripts", "this instance runs no scripts; use the transform %s or %s", dictionary.TransformRemoveDomain, dictionary.TransformReplaceDomain)
	case c.after(dictionary.ResolutionTransform) == dictionary.TransformReplaceDomain && domainOf(c.after(dictionary.ResolutionDomainTo)) == "":
		return c.refuse("New domain is mandatory", "the transform %s needs %s", dictionary.TransformReplaceDomain, dictionary.ResolutionDomainTo)
	}
	if !c.changes(dictionary.ResolutionProfiles) {
		return nil
	}
	for _, id := range strings.FieldsFunc(c.values[dictionary.ResolutionProfiles], func(r rune) bool { return r == ',' }) {
		profile, err := lookUp(ctx, c.tx, dictionary.TableProfile, id)
		if err != nil {
			return err
		}
		if profile == nil {
			return c.refuse("Profiles must exist", "there is no integration profile with sys_id %s", id)
		}
	}
	return nil
}

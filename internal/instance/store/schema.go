package store

import (
	"strings"
	"sync"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

// table is a dictionary table with what is looked up often.
type table struct {
	dictionary.Table
	columns []dictionary.Column
	byName  map[string]dictionary.Column
}

var tables = sync.OnceValue(func() map[string]*table {
	all := map[string]*table{}
	for _, t := range dictionary.Tables() {
		entry := &table{Table: t, columns: dictionary.ColumnsOf(t.Name), byName: map[string]dictionary.Column{}}
		for _, c := range entry.columns {
			entry.byName[c.Name] = c
		}
		all[t.Name] = entry
	}
	return all
})

func lookUp(name string) (*table, error) {
	t, ok := tables()[name]
	if !ok {
		return nil, &InvalidTableError{Table: name}
	}
	return t, nil
}

// schema is the query.Schema of the dictionary at a point in time, on which computed columns depend.
type schema struct{ now time.Time }

func (schema) Column(table, column string) (dictionary.Column, bool) {
	t, ok := tables()[table]
	if !ok {
		return dictionary.Column{}, false
	}
	c, ok := t.byName[column]
	return c, ok
}

func (schema) Columns(table string) []dictionary.Column {
	if t, ok := tables()[table]; ok {
		return t.columns
	}
	return nil
}

func (schema) Display(table string) string {
	if t, ok := tables()[table]; ok {
		return t.Display
	}
	return ""
}

func (s schema) Expression(table, column, alias string) string {
	switch {
	case !computed(table, column):
		return ""
	case table == dictionary.TableEntitlement:
		return ActiveRights(alias, s.now)
	case table == dictionary.TableProfile:
		return activityCoverage(alias)
	}
	const days = `CASE WHEN @.last_activity = '' THEN NULL ELSE CAST(julianday('$') - julianday(substr(@.last_activity, 1, 10)) AS INTEGER) END`
	return atDate(days, alias, s.now)
}

// ActiveRights is the SQL expression of the active rights of an entitlement at a point in time: the purchased ones while it
// is in force, else 0.
func ActiveRights(alias string, now time.Time) string {
	return "CASE WHEN " + InForce(alias, now) + " THEN coalesce(" + alias + ".purchased_rights, 0) ELSE 0 END"
}

// InForce is the SQL condition that an entitlement counts at a point in time: it is in use, and the day (UTC) is within its
// dates, both included.
func InForce(alias string, now time.Time) string {
	return atDate(`(@.state = 'in_use' AND @.start_date <= '$' AND (@.end_date = '' OR @.end_date >= '$'))`, alias, now)
}

// activityCoverage is the SQL expression of whom the activity that is known of a profile tells that they are idle. Of a
// subscription without a profile the record alone speaks.
func activityCoverage(alias string) string {
	var apart []string // profile types whose activity is pulled apart from the subscriptions
	for _, family := range dictionary.ReleaseFamilies() {
		for _, t := range dictionary.ProfileTypes(family) {
			if t.ActivitySubflow {
				apart = append(apart, "'"+t.Value+"'")
			}
		}
	}
	const coverage = `CASE WHEN @.sys_id IS NULL OR @.profile_type NOT IN ($) THEN 'complete'
		WHEN @.download_activity <> 1 OR NOT EXISTS (SELECT 1 FROM snsam_activity a WHERE a.profile = @.sys_id AND a.complete = 1) THEN 'none'
		WHEN EXISTS (SELECT 1 FROM snsam_activity a WHERE a.profile = @.sys_id AND a.blind_spot = 1) THEN 'partial'
		ELSE 'complete' END`
	return strings.NewReplacer("@", alias, "$", strings.Join(apart, ", ")).Replace(coverage)
}

// atDate fills the alias and the day into an expression.
func atDate(expression, alias string, now time.Time) string {
	return strings.NewReplacer("@", alias, "$", now.UTC().Format(time.DateOnly)).Replace(expression)
}

// computed tells whether a column is computed when it is read. Two change as time passes: the inactive days of a
// subscription, of which storing them would rewrite every row daily, and the active rights of an entitlement, which end
// with its last day although nobody touches it. The activity coverage of a profile follows from what the engine keeps of it.
func computed(table, column string) bool {
	switch table {
	case dictionary.TableSubscription:
		return column == dictionary.SubscriptionInactiveDays
	case dictionary.TableEntitlement:
		return column == dictionary.EntitlementRights
	case dictionary.TableProfile:
		return column == dictionary.ProfileActivityCoverage
	}
	return false
}

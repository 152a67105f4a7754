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
	if !computed(table, column) {
		return ""
	}
	const days = `CASE WHEN @.last_activity = '' THEN NULL ELSE CAST(julianday('$') - julianday(substr(@.last_activity, 1, 10)) AS INTEGER) END`
	return strings.NewReplacer("@", alias, "$", s.now.UTC().Format(time.DateOnly)).Replace(days)
}

// computed tells whether a column is computed when it is read. The inactive days of a subscription grow every day;
// storing them would rewrite every row daily.
func computed(table, column string) bool {
	return table == dictionary.TableSubscription && column == dictionary.SubscriptionInactiveDays
}

package query_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/query"
)

// testSchema has one table with a column of every kind, which refers to itself.
type testSchema struct{}

var testColumns = []dictionary.Column{
	{Name: "sys_id", Type: dictionary.String},
	{Name: "name", Type: dictionary.String},
	{Name: "count", Type: dictionary.Integer},
	{Name: "price", Type: dictionary.Currency},
	{Name: "active", Type: dictionary.Boolean},
	{Name: "opened", Type: dictionary.DateTime},
	{Name: "day", Type: dictionary.Date},
	{Name: "parent", Type: dictionary.Reference, Reference: "thing"},
	{Name: "elsewhere", Type: dictionary.Reference, Reference: "unknown_table"},
	{Name: "secret", Type: dictionary.Password2},
}

func (testSchema) Column(table, column string) (dictionary.Column, bool) {
	for _, c := range testColumns {
		if table == "thing" && c.Name == column {
			return c, true
		}
	}
	return dictionary.Column{}, false
}

func (testSchema) Columns(table string) []dictionary.Column {
	if table == "thing" {
		return testColumns
	}
	return nil
}

func (testSchema) Display(table string) string {
	if table == "thing" {
		return "name"
	}
	return ""
}

func (testSchema) Expression(string, string, string) string { return "" }

// thing is a row of the test table in wire form.
type thing map[string]string

func newTable(t testing.TB, things ...thing) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file::memory:")
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	_, err = db.ExecContext(context.Background(), `CREATE TABLE thing (sys_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, count INTEGER, price TEXT NOT NULL,
		active INTEGER NOT NULL, opened TEXT NOT NULL, day TEXT NOT NULL, parent TEXT NOT NULL, elsewhere TEXT NOT NULL DEFAULT '', secret TEXT NOT NULL DEFAULT '')`)
	require.NoError(t, err)
	fill(t, db, things)
	return db
}

type failer interface {
	require.TestingT
	Helper()
}

func fill(t failer, db *sql.DB, things []thing) {
	t.Helper()
	_, err := db.ExecContext(context.Background(), "DELETE FROM thing")
	require.NoError(t, err)
	for _, row := range things {
		var count any
		if row["count"] != "" {
			count = row["count"]
		}
		_, err := db.ExecContext(context.Background(), "INSERT INTO thing (sys_id, name, count, price, active, opened, day, parent) VALUES (?,?,?,?,?,?,?,?)",
			row["sys_id"], row["name"], count, row["price"], row["active"] == "true", row["opened"], row["day"], row["parent"])
		require.NoError(t, err)
	}
}

// run returns the sys_ids that a query finds, in its order.
func run(t failer, db *sql.DB, encoded string) []string {
	t.Helper()
	q, _, err := query.Parse(encoded)
	require.NoError(t, err)
	s, err := query.Compile(testSchema{}, "thing", q, query.Options{Fields: []string{"sys_id"}})
	require.NoError(t, err)
	text, args := s.Select(-1, 0)
	rows, err := db.QueryContext(context.Background(), text, args...)
	require.NoError(t, err, "%s: %s", encoded, text)
	defer func() { _ = rows.Close() }()
	found := []string{}
	for rows.Next() {
		var id string
		require.NoError(t, rows.Scan(&id))
		found = append(found, id)
	}
	require.NoError(t, rows.Err())

	text, args = s.Count()
	var n int
	require.NoError(t, db.QueryRowContext(context.Background(), text, args...).Scan(&n))
	require.Len(t, found, n, "count and rows agree")
	return found
}

func names(things []thing, ids []string) string {
	var all []string
	for _, id := range ids {
		for _, row := range things {
			if row["sys_id"] == id {
				all = append(all, row["name"])
			}
		}
	}
	return strings.Join(all, " ")
}

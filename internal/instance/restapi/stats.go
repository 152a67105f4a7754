package restapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/query"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// aggregate is one figure that is asked for: a function over a column.
type aggregate struct {
	function string
	field    query.Field
}

// statistics is a request to the Aggregate API.
type statistics struct {
	count      bool
	aggregates []aggregate
	groupBy    []query.Field
}

type statsRow struct {
	Stats   map[string]any `json:"stats"`
	GroupBy []groupValue   `json:"groupby_fields,omitempty"`
}

type groupValue struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

// stats serves /api/now/stats/{table}: count, min, max, sum and avg, grouped.
func (c *call) stats(table string) {
	switch {
	case !c.accepts():
		return
	case c.method != http.MethodGet:
		c.methodNotAllowed(http.MethodGet)
		return
	case c.faults.tableMissing(table):
		c.failWith("Query", &store.InvalidTableError{Table: table})
		return
	}
	p := readParameters(c.r.URL.Query())
	var rows []statsRow
	var grouped bool
	err := c.backend.View(c.r.Context(), func(tx *store.Tx) error {
		statement, s, err := c.statistics(tx, table, p)
		if err != nil {
			return err
		}
		grouped = len(s.groupBy) > 0
		rows, err = s.read(c.r.Context(), tx, statement, p)
		return err
	})
	if err != nil {
		c.failWith("Query", err)
		return
	}
	if grouped {
		if rows == nil {
			rows = []statsRow{}
		}
		c.answer(http.StatusOK, rows)
		return
	}
	c.answer(http.StatusOK, rows[0])
}

func (c *call) statistics(tx *store.Tx, table string, p parameters) (*query.Statement, statistics, error) {
	split := func(name string) []string {
		return strings.FieldsFunc(p.values.Get(name), func(r rune) bool { return r == ',' || r == ' ' })
	}
	asked := map[string][]string{}
	names := split("sysparm_group_by")
	for _, function := range aggregateFunctions {
		asked[function] = split("sysparm_" + function + "_fields")
		names = append(names, asked[function]...)
	}
	names = append(names, dictionary.SysID) // at least one: none would mean all columns
	statement, err := tx.Compile(table, p.query(table), store.FindOptions{Fields: names, Lenient: !c.options.StrictQueries})
	if invalid := new(query.ConditionError); errors.As(err, &invalid) {
		// A strict instance matches nothing.
		statement, err = tx.Compile(table, "sys_id=none", store.FindOptions{Fields: names})
	}
	if err != nil {
		return nil, statistics{}, err
	}
	fields := map[string]query.Field{}
	for _, f := range statement.Fields {
		if f.Column.Type != dictionary.Password2 {
			fields[f.Name] = f
		}
	}
	s := statistics{count: p.is("sysparm_count")}
	for _, name := range split("sysparm_group_by") {
		if f, ok := fields[name]; ok {
			s.groupBy = append(s.groupBy, f)
		}
	}
	for _, function := range aggregateFunctions {
		for _, name := range asked[function] {
			if f, ok := fields[name]; ok {
				s.aggregates = append(s.aggregates, aggregate{function, f})
			}
		}
	}
	return statement, s, nil
}

var aggregateFunctions = []string{"min", "max", "sum", "avg"}

func (s statistics) read(ctx context.Context, tx *store.Tx, statement *query.Statement, p parameters) ([]statsRow, error) {
	expressions := []string{"count(*)"}
	for _, a := range s.aggregates {
		expressions = append(expressions, a.expression())
	}
	var groups []string
	for _, f := range s.groupBy {
		groups = append(groups, f.Value())
	}
	text, args := statement.Aggregate(expressions, groups)
	result, err := tx.Query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = result.Close() }()
	cells := make([]any, len(groups)+len(expressions))
	targets := make([]any, len(cells))
	for i := range cells {
		targets[i] = &cells[i]
	}
	var rows []statsRow
	for result.Next() {
		if err := result.Scan(targets...); err != nil {
			return nil, err
		}
		rows = append(rows, s.row(cells, p))
	}
	return rows, result.Err()
}

func (s statistics) row(cells []any, p parameters) statsRow {
	row := statsRow{Stats: map[string]any{}}
	for i, f := range s.groupBy {
		value := store.Wire(f.Column.Type, cells[i])
		if p.display != displayFalse {
			value = displayOf(f.Column, value)
		}
		row.GroupBy = append(row.GroupBy, groupValue{Field: f.Name, Value: value})
	}
	cells = cells[len(s.groupBy):]
	if s.count {
		row.Stats["count"] = store.Wire(dictionary.Integer, cells[0])
	}
	for i, a := range s.aggregates {
		figures, ok := row.Stats[a.function].(map[string]string)
		if !ok {
			figures = map[string]string{}
			row.Stats[a.function] = figures
		}
		figures[a.field.Name] = a.figure(cells[i+1])
	}
	return row
}

func (a aggregate) numeric() bool {
	switch a.field.Column.Type {
	case dictionary.Integer, dictionary.Decimal, dictionary.Currency, dictionary.Boolean:
		return true
	}
	return a.function == "sum" || a.function == "avg"
}

func (a aggregate) expression() string {
	value := "nullif(" + a.field.Value() + ", '')"
	if a.numeric() {
		value = "CAST(" + value + " AS NUMERIC)"
	}
	return a.function + "(" + value + ")"
}

// figureDigits is how many decimal places a figure has at most. A sum of amounts is exact with them, although the database
// adds binary fractions.
const figureDigits = 4

func (a aggregate) figure(stored any) string {
	if f, ok := stored.(float64); ok {
		text := strconv.FormatFloat(f, 'f', figureDigits, 64)
		return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	return store.Wire(dictionary.String, stored)
}

// answer writes a result.
func (c *call) answer(status int, result any) {
	body, err := json.Marshal(map[string]any{"result": result})
	if err != nil {
		c.unavailable(err)
		return
	}
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body)
}

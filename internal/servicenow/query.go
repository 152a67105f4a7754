package servicenow

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// maxInValues is the longest list of one IN condition: a hundred sys_ids are 3.3 kB of URL.
const maxInValues = 100

// ErrBadQuery is a condition that cannot be expressed. The encoded query has no escape for "^", and evaluates values that
// begin with "javascript:" on the server.
var ErrBadQuery = errors.New("condition cannot be expressed as an encoded query")

type operator string

const (
	opEqual        operator = "="
	opNotEqual     operator = "!="
	opLess         operator = "<"
	opLessEqual    operator = "<="
	opGreater      operator = ">"
	opGreaterEqual operator = ">="
	opStartsWith   operator = "STARTSWITH"
	opContains     operator = "LIKE"
	opEmpty        operator = "ISEMPTY"
	opNotEmpty     operator = "ISNOTEMPTY"
	opIn           operator = "IN"
)

type comparison struct {
	column string
	op     operator
	value  string
	values []string // for opIn
}

// Cond is one condition, or several of which one must hold. Make it with Eq, In, Any and so on.
type Cond struct {
	alternatives []comparison
}

func compare(column string, op operator, value string) Cond {
	return Cond{[]comparison{{column: column, op: op, value: value}}}
}

// Eq holds where the column has this value; the empty value means an empty column.
func Eq(column, value string) Cond {
	if value == "" {
		return Empty(column)
	}
	return compare(column, opEqual, value)
}

// NotEq holds where the column has another value or none.
func NotEq(column, value string) Cond {
	if value == "" {
		return NotEmpty(column)
	}
	return compare(column, opNotEqual, value)
}

// Less holds where the column is smaller.
func Less(column, value string) Cond { return compare(column, opLess, value) }

// LessEq holds where the column is smaller or equal.
func LessEq(column, value string) Cond { return compare(column, opLessEqual, value) }

// Greater holds where the column is greater.
func Greater(column, value string) Cond { return compare(column, opGreater, value) }

// GreaterEq holds where the column is greater or equal.
func GreaterEq(column, value string) Cond { return compare(column, opGreaterEqual, value) }

// StartsWith holds where the column begins with the value.
func StartsWith(column, value string) Cond { return compare(column, opStartsWith, value) }

// Contains holds where the value is somewhere in the column.
func Contains(column, value string) Cond { return compare(column, opContains, value) }

// Empty holds where the column is empty.
func Empty(column string) Cond { return compare(column, opEmpty, "") }

// NotEmpty holds where the column is not empty.
func NotEmpty(column string) Cond { return compare(column, opNotEmpty, "") }

// In holds where the column has one of the values. Without values it holds nowhere. Lists of any length are possible:
// long ones are asked for in several requests.
func In(column string, values ...string) Cond {
	return Cond{[]comparison{{column: column, op: opIn, values: values}}}
}

// Any holds where at least one of the conditions holds.
func Any(conds ...Cond) Cond {
	var all Cond
	for _, c := range conds {
		all.alternatives = append(all.alternatives, c.alternatives...)
	}
	return all
}

// Query is a set of conditions that must all hold, and an order. The zero Query matches everything.
type Query struct {
	conds  []Cond
	orders []order
}

type order struct {
	column     string
	descending bool
}

// Where makes a query.
func Where(conds ...Cond) Query { return Query{}.And(conds...) }

// And adds conditions.
func (q Query) And(conds ...Cond) Query {
	q.conds = append(q.conds[:len(q.conds):len(q.conds)], conds...)
	return q
}

// OrderBy sorts ascending. Without an order the instance promises none.
func (q Query) OrderBy(column string) Query { return q.orderBy(order{column, false}) }

// OrderByDesc sorts descending.
func (q Query) OrderByDesc(column string) Query { return q.orderBy(order{column, true}) }

func (q Query) orderBy(o order) Query {
	q.orders = append(q.orders[:len(q.orders):len(q.orders)], o)
	return q
}

// Encode gives the encoded query. Its grammar has AND of ORs only, which is what a Query is, so that "^NQ" is never needed.
func (q Query) Encode() (string, error) {
	var terms []string
	for _, c := range q.conds {
		term, err := c.encode()
		if err != nil {
			return "", err
		}
		terms = append(terms, term)
	}
	for _, o := range q.orders {
		if err := checkColumn(o.column); err != nil {
			return "", err
		}
		keyword := "ORDERBY"
		if o.descending {
			keyword = "ORDERBYDESC"
		}
		terms = append(terms, keyword+o.column)
	}
	return strings.Join(terms, "^"), nil
}

func (c Cond) encode() (string, error) {
	var terms []string
	for _, alt := range c.alternatives {
		encoded, err := alt.encode()
		if err != nil {
			return "", err
		}
		terms = append(terms, encoded...)
	}
	if len(terms) == 0 {
		return "", fmt.Errorf("%w: no alternatives", ErrBadQuery)
	}
	return strings.Join(terms, "^OR"), nil
}

// encode gives one term, or several alternatives for a list that IN cannot hold.
func (c comparison) encode() ([]string, error) {
	if err := checkColumn(c.column); err != nil {
		return nil, err
	}
	if c.op != opIn {
		if err := checkValue(c.column, c.value); err != nil {
			return nil, err
		}
		return []string{c.column + string(c.op) + c.value}, nil
	}
	return c.encodeIn()
}

func (c comparison) encodeIn() ([]string, error) {
	chain, comma := make([]string, 0, len(c.values)), false
	for _, v := range c.values {
		if err := checkValue(c.column, v); err != nil {
			return nil, err
		}
		comma = comma || strings.Contains(v, ",") || v == ""
		chain = append(chain, c.column+"="+v)
	}
	switch {
	case len(chain) == 0:
		return nil, fmt.Errorf("%w: empty list for column %q", ErrBadQuery, c.column)
	case len(chain) > maxInValues:
		return nil, fmt.Errorf("%w: %d values for column %q in one request", ErrBadQuery, len(chain), c.column)
	case comma:
		return chain, nil
	}
	return []string{c.column + "IN" + strings.Join(c.values, ",")}, nil
}

// impossible tells whether a condition holds nowhere, so that nothing needs to be asked.
func (q Query) impossible() bool {
	for _, c := range q.conds {
		if c.impossible() {
			return true
		}
	}
	return false
}

func (c Cond) impossible() bool {
	for _, alt := range c.alternatives {
		if alt.op != opIn || len(alt.values) > 0 {
			return false
		}
	}
	return true
}

// split divides a query with a long list into queries with short ones. Together they match the same records, and none
// twice.
func (q Query) split() []Query {
	for i, c := range q.conds {
		if len(c.alternatives) != 1 || c.alternatives[0].op != opIn || len(c.alternatives[0].values) <= maxInValues {
			continue
		}
		var parts []Query
		values := unique(c.alternatives[0].values)
		for start := 0; start < len(values); start += maxInValues {
			part := q
			part.conds = append([]Cond{}, q.conds...)
			part.conds[i] = In(c.alternatives[0].column, values[start:min(len(values), start+maxInValues)]...)
			parts = append(parts, part.split()...)
		}
		return parts
	}
	return []Query{q}
}

func unique(values []string) []string {
	seen := make(map[string]bool, len(values))
	var out []string
	for _, v := range values {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// columns lists the columns that conditions look at.
func (q Query) columns() []string {
	var columns []string
	for _, c := range q.conds {
		for _, alt := range c.alternatives {
			columns = append(columns, alt.column)
		}
	}
	return columns
}

var columnName = regexp.MustCompile(`^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$`)

func checkColumn(column string) error {
	if !columnName.MatchString(column) {
		return fmt.Errorf("%w: %q is not a column name", ErrBadQuery, column)
	}
	return nil
}

func checkValue(column, value string) error {
	switch {
	case strings.ContainsAny(value, "^\n\r\x00"):
		return fmt.Errorf("%w: the value for column %q contains a \"^\" or a line break, which an encoded query cannot hold", ErrBadQuery, column)
	case strings.HasPrefix(strings.ToLower(strings.TrimSpace(value)), "javascript:"):
		return fmt.Errorf("%w: the value for column %q begins with \"javascript:\", which the instance would evaluate", ErrBadQuery, column)
	}
	return nil
}

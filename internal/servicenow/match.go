package servicenow

import (
	"cmp"
	"strconv"
	"strings"
)

// verify checks that a record is one that was asked for. The instance drops conditions it does not understand, and would
// answer a filter with everything.
func (q Query) verify(table string, r Record) error {
	for _, c := range q.conds {
		if column, hidden, ok := c.matches(r); !ok {
			return &IgnoredConditionError{Table: table, Column: column, Hidden: hidden}
		}
	}
	return nil
}

// matches tells whether one alternative holds, and otherwise which column is at fault.
func (c Cond) matches(r Record) (column string, hidden, ok bool) {
	for _, alt := range c.alternatives {
		if !r.Has(alt.column) {
			column, hidden = alt.column, true
			continue
		}
		if alt.holds(r.Get(alt.column)) {
			return "", false, true
		}
		if column == "" {
			column = alt.column
		}
	}
	return column, hidden, false
}

// holds compares as the instance does: without case, numbers as numbers, dates as their text.
func (c comparison) holds(actual string) bool {
	switch c.op {
	case opEqual:
		return same(actual, c.value)
	case opNotEqual:
		return !same(actual, c.value)
	case opEmpty:
		return actual == ""
	case opNotEmpty:
		return actual != ""
	case opIn:
		for _, v := range c.values {
			if same(actual, v) {
				return true
			}
		}
		return false
	case opStartsWith:
		return strings.HasPrefix(strings.ToLower(actual), strings.ToLower(c.value))
	case opContains:
		return strings.Contains(strings.ToLower(actual), strings.ToLower(c.value))
	case opLess:
		return actual != "" && order3(actual, c.value) < 0
	case opLessEqual:
		return actual != "" && order3(actual, c.value) <= 0
	case opGreater:
		return order3(actual, c.value) > 0
	case opGreaterEqual:
		return order3(actual, c.value) >= 0
	}
	return false
}

// same tells whether two stored values are equal: text without case and surrounding space, booleans and numbers by value.
func same(a, b string) bool {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	if strings.EqualFold(a, b) {
		return true
	}
	if isBool(a) && isBool(b) {
		return (a == "true" || a == "1") == (b == "true" || b == "1")
	}
	x, y, ok := numbers(a, b)
	return ok && x == y
}

// numbers parses both texts as decimal numbers. Long ones are left alone: a sys_id may consist of digits only, and a
// float64 would take different ones for the same.
func numbers(a, b string) (x, y float64, ok bool) {
	const exact = 15
	if len(a) > exact || len(b) > exact || strings.ContainsAny(a+b, "eEpPxXiInN_") {
		return 0, 0, false
	}
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return x, y, errX == nil && errY == nil
}

func isBool(s string) bool { return s == "true" || s == "false" || s == "1" || s == "0" }

func order3(a, b string) int {
	if x, y, ok := numbers(a, b); ok {
		return cmp.Compare(x, y)
	}
	return strings.Compare(strings.ToLower(a), strings.ToLower(b))
}

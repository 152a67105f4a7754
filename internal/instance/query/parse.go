package query

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Parse reads an encoded query. It keeps every part that it understands; the parts that it does not are in problems, and
// the caller decides whether they are fatal. err is ErrTooComplex.
func Parse(encoded string) (q Query, problems []*ConditionError, err error) {
	p := parser{}
	for _, part := range strings.Split(encoded, "^") {
		p.part(part)
	}
	p.endGroup()
	if p.conditions > MaxConditions {
		return Query{}, nil, fmt.Errorf("%w: it has %d conditions, at most %d are taken", ErrTooComplex, p.conditions, MaxConditions)
	}
	return p.query, p.problems, nil
}

type parser struct {
	query      Query
	group      Group
	conditions int
	problems   []*ConditionError
	// dropped tells that the alternative before was invalid and had no valid one yet, so that a following OR must not
	// join the alternatives before it.
	dropped bool
}

func (p *parser) part(part string) {
	switch {
	case part == "" || part == "EQ" || strings.HasPrefix(part, "GROUPBY"):
	case strings.HasPrefix(part, "ORDERBYDESC"):
		p.order(part, strings.TrimPrefix(part, "ORDERBYDESC"), true)
	case strings.HasPrefix(part, "ORDERBY"):
		p.order(part, strings.TrimPrefix(part, "ORDERBY"), false)
	case strings.HasPrefix(part, "NQ"):
		p.endGroup()
		p.part(strings.TrimPrefix(part, "NQ"))
	case strings.HasPrefix(part, "OR"):
		p.condition(strings.TrimPrefix(part, "OR"), true)
	default:
		p.condition(part, false)
	}
}

func (p *parser) endGroup() {
	if len(p.group) > 0 {
		p.query.Groups = append(p.query.Groups, p.group)
	}
	p.group, p.dropped = nil, false
}

func (p *parser) order(part, column string, descending bool) {
	if !isColumn(column) {
		p.problem(part, "a column name is expected after the sort keyword")
		return
	}
	p.query.Order = append(p.query.Order, Order{Column: column, Descending: descending})
}

func (p *parser) condition(part string, or bool) {
	p.conditions++
	c, reason := parseCondition(part)
	if reason != "" {
		p.problem(part, reason)
		p.dropped = p.dropped || !or
		return
	}
	if or && len(p.group) > 0 && !p.dropped {
		last := len(p.group) - 1
		p.group[last] = append(p.group[last], c)
		return
	}
	p.group = append(p.group, Alternatives{c})
	p.dropped = false
}

func (p *parser) problem(part, reason string) {
	p.problems = append(p.problems, &ConditionError{Part: part, Reason: reason})
}

func parseCondition(part string) (c Condition, reason string) {
	end := strings.IndexFunc(part, func(r rune) bool { return !isColumnRune(r) })
	if end <= 0 || !isColumn(part[:end]) {
		return c, "a column name and an operator are expected"
	}
	op, value, spelling, ok := cutOperator(part[end:])
	switch {
	case !ok && spelling != "":
		return c, "operator " + spelling + " is not supported here"
	case !ok:
		return c, "no operator follows the column name"
	case op.unary() && value != "":
		return c, "operator " + spelling + " takes no value"
	case strings.HasPrefix(value, "javascript:"):
		return c, "scripts are not evaluated here; send the value"
	case !utf8.ValidString(value) || strings.ContainsRune(value, 0):
		return c, "the value is not text"
	}
	return Condition{Column: part[:end], Operator: op, Value: value}, ""
}

func isColumnRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' || r == '.'
}

func isColumn(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return !isColumnRune(r) }) < 0 &&
		s[0] != '.' && s[len(s)-1] != '.' && !strings.Contains(s, "..")
}

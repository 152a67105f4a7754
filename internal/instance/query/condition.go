package query

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

// kind is how the values of a column are stored and compared.
type kind int

const (
	kindText    kind = iota // compared without regard to ASCII case
	kindID                  // compared byte by byte
	kindMoment              // date or date-time, stored as text that sorts
	kindInteger             // INTEGER or NULL
	kindDecimal             // text, compared as a number
	kindBoolean             // 0 or 1
	kindSecret              // only emptiness can be asked for
)

// column is a resolved column: what the dictionary says, and the SQL expression of its stored value.
type column struct {
	dictionary.Column
	kind kind
	raw  string
}

func newColumn(c dictionary.Column, raw string) column {
	return column{Column: c, kind: kindOf(c), raw: raw}
}

func kindOf(c dictionary.Column) kind {
	if c.Name == dictionary.SysID {
		return kindID
	}
	switch c.Type {
	case dictionary.Reference, dictionary.List:
		return kindID
	case dictionary.DateTime, dictionary.Date:
		return kindMoment
	case dictionary.Integer:
		return kindInteger
	case dictionary.Decimal, dictionary.Currency:
		return kindDecimal
	case dictionary.Boolean:
		return kindBoolean
	case dictionary.Password2:
		return kindSecret
	default:
		return kindText
	}
}

// comparable is the SQL expression to compare and to sort by.
func (c column) comparable() string {
	switch c.kind {
	case kindText:
		return c.raw + " COLLATE NOCASE"
	case kindDecimal:
		return "CAST(nullif(" + c.raw + ", '') AS REAL)"
	default:
		return c.raw
	}
}

// text is the SQL expression of the value as it goes over the wire, never NULL.
func (c column) text() string {
	switch c.kind {
	case kindInteger:
		return "coalesce(CAST(" + c.raw + " AS TEXT), '')"
	case kindBoolean:
		return "CASE " + c.raw + " WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE '' END"
	default:
		return "coalesce(" + c.raw + ", '')"
	}
}

// argument converts a value of the query to what the column stores.
func (c column) argument(value string) (any, error) {
	switch c.kind {
	case kindInteger:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("column %s holds integers", c.Name)
		}
		return n, nil
	case kindDecimal:
		f, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return nil, fmt.Errorf("column %s holds numbers", c.Name)
		}
		return f, nil
	case kindBoolean:
		switch strings.ToLower(value) {
		case "true", "1":
			return 1, nil
		case "false", "0":
			return 0, nil
		}
		return nil, fmt.Errorf("column %s holds true or false", c.Name)
	case kindMoment:
		return c.moment(value)
	default:
		return value, nil
	}
}

func (c column) moment(value string) (any, error) {
	for _, layout := range []string{time.DateTime, time.DateOnly} {
		if _, err := time.Parse(layout, value); err != nil {
			continue
		}
		if c.Type == dictionary.Date {
			return value[:len(time.DateOnly)], nil
		}
		return value, nil
	}
	return nil, fmt.Errorf("column %s holds dates, written 2006-01-02 or 2006-01-02 15:04:05 in UTC", c.Name)
}

func (c *compiler) condition(condition Condition) (string, *ConditionError) {
	fail := func(err error) (string, *ConditionError) {
		return "", &ConditionError{Part: condition.String(), Reason: err.Error()}
	}
	col, err := c.column(condition.Column)
	if err != nil {
		return fail(err)
	}
	text, args, err := col.predicate(condition.Operator, condition.Value)
	if err != nil {
		return fail(err)
	}
	c.args = append(c.args, args...)
	return text, nil
}

// predicate is the SQL of one condition. Empty and NULL are the same thing to a reader: they equal "", differ from every
// value, and are neither below nor above one.
func (c column) predicate(op Operator, value string) (string, []any, error) {
	empty := "(" + c.raw + " IS NULL OR " + c.raw + " = '')"
	notEmpty := "(" + c.raw + " IS NOT NULL AND " + c.raw + " <> '')"
	switch {
	case op == Anything:
		return "1", nil, nil
	case op == IsEmpty, op == Equals && value == "":
		return empty, nil, nil
	case op == IsNotEmpty, op == NotEquals && value == "":
		return notEmpty, nil, nil
	case c.kind == kindSecret:
		return "", nil, errors.New("an encrypted column can only be asked whether it is empty")
	}
	switch op {
	case Equals, NotEquals, Less, LessEqual, Greater, GreaterEqual:
		return c.comparison(op, value)
	case Between:
		return c.between(value)
	case In, NotIn:
		return c.membership(op, value)
	case Like, NotLike, StartsWith, EndsWith:
		return c.match(op, value)
	}
	return "", nil, fmt.Errorf("operator %s is not supported here", op)
}

func (c column) comparison(op Operator, value string) (string, []any, error) {
	if value == "" && c.kind != kindText && c.kind != kindID {
		return "", nil, fmt.Errorf("operator %s needs a value", op)
	}
	if value == "" {
		return "coalesce(" + c.raw + ", '') " + string(op) + " ''", nil, nil
	}
	arg, err := c.argument(value)
	if err != nil {
		return "", nil, err
	}
	switch op {
	case NotEquals:
		return "(" + c.comparable() + " IS NOT ?)", []any{arg}, nil
	case Less, LessEqual:
		return "(" + c.comparable() + " " + string(op) + " ? AND " + c.raw + " <> '')", []any{arg}, nil
	default:
		return "(" + c.comparable() + " " + string(op) + " ?)", []any{arg}, nil
	}
}

func (c column) between(value string) (string, []any, error) {
	low, high, ok := strings.Cut(value, "@")
	if !ok || low == "" || high == "" {
		return "", nil, errors.New("BETWEEN needs two values with @ between them")
	}
	from, err := c.argument(low)
	if err != nil {
		return "", nil, err
	}
	to, err := c.argument(high)
	if err != nil {
		return "", nil, err
	}
	return "(" + c.comparable() + " BETWEEN ? AND ?)", []any{from, to}, nil
}

// membership passes the whole list as one JSON argument: a list may be longer than SQLite takes arguments.
func (c column) membership(op Operator, value string) (string, []any, error) {
	list := []any{}
	withEmpty := false
	for _, element := range strings.Split(value, ",") {
		if element == "" {
			withEmpty = true
			continue
		}
		arg, err := c.argument(element)
		if err != nil {
			return "", nil, err
		}
		list = append(list, arg)
	}
	encoded, err := json.Marshal(list)
	if err != nil {
		return "", nil, err
	}
	text := c.comparable() + " IN (SELECT value FROM json_each(?))"
	if withEmpty {
		text = "(" + text + " OR coalesce(" + c.raw + ", '') = '')"
	}
	if op == NotIn {
		text = "NOT coalesce(" + text + ", 0)"
	}
	return "(" + text + ")", []any{string(encoded)}, nil
}

// match compares parts of the text. It avoids LIKE, whose wildcards would have to be escaped and whose patterns are
// limited in length.
func (c column) match(op Operator, value string) (string, []any, error) {
	text := c.text()
	length := utf8.RuneCountInString(value)
	switch {
	case length == 0 && op == NotLike:
		return "0", nil, nil
	case length == 0:
		return "1", nil, nil
	}
	switch op {
	case StartsWith:
		return "(substr(" + text + ", 1, ?) = ? COLLATE NOCASE)", []any{length, value}, nil
	case EndsWith:
		return "(substr(" + text + ", ?) = ? COLLATE NOCASE)", []any{-length, value}, nil
	case NotLike:
		return "(instr(lower(" + text + "), lower(?)) = 0)", []any{value}, nil
	default:
		return "(instr(lower(" + text + "), lower(?)) > 0)", []any{value}, nil
	}
}

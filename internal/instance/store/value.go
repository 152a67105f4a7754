package store

import (
	"strconv"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

// encode converts a value in wire form to what its column stores.
func encode(table string, c dictionary.Column, value string) (any, error) {
	fail := func(reason string) (any, error) {
		return nil, &ValueError{Table: table, Column: c.Name, Reason: strconv.Quote(value) + " " + reason}
	}
	switch c.Type {
	case dictionary.Boolean:
		switch strings.ToLower(value) {
		case "true", "1":
			return int64(1), nil
		case "false", "0", "":
			return int64(0), nil
		}
		return fail("is neither true nor false")
	case dictionary.Integer:
		if value == "" {
			return nil, nil
		}
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return fail("is not an integer")
		}
		return n, nil
	case dictionary.Decimal, dictionary.Currency:
		if _, err := strconv.ParseFloat(value, 64); value != "" && err != nil {
			return fail("is not a number")
		}
	case dictionary.DateTime:
		return moment(value, time.DateTime, time.DateOnly, fail)
	case dictionary.Date:
		return moment(value, time.DateOnly, time.DateTime, fail)
	}
	return value, nil
}

// moment normalises a date or date-time, either of which may be given for the other, to the first layout.
func moment(value, layout, other string, fail func(string) (any, error)) (any, error) {
	if value == "" {
		return value, nil
	}
	for _, l := range []string{layout, other} {
		if t, err := time.Parse(l, value); err == nil {
			return t.Format(layout), nil
		}
	}
	return fail("is not a date, written 2006-01-02 or 2006-01-02 15:04:05 in UTC")
}

// Wire converts a stored value to wire form.
func Wire(t dictionary.Type, stored any) string {
	switch v := stored.(type) {
	case string:
		return v
	case int64:
		if t != dictionary.Boolean {
			return strconv.FormatInt(v, 10)
		}
		if v != 0 {
			return "true"
		}
		return "false"
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []byte:
		return string(v)
	default:
		return ""
	}
}

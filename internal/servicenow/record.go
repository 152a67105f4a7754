package servicenow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Layouts of dates on the wire. Date-times are UTC.
const (
	DateTimeLayout = time.DateTime
	DateLayout     = time.DateOnly
)

// Value is one column of a record as it arrived.
type Value struct {
	Value   string
	Display string // filled only when display values were asked for
}

// UnmarshalJSON accepts every shape the Table API uses for a column: a string, a reference object with value and link or
// display_value and link, a pair of value and display_value, and bare numbers and booleans.
func (v *Value) UnmarshalJSON(data []byte) error {
	switch {
	case len(data) == 0 || bytes.Equal(data, []byte("null")):
		*v = Value{}
	case data[0] == '"':
		return v.unmarshalString(data)
	case data[0] == '{':
		var pair struct {
			Value   *Value `json:"value"`
			Display *Value `json:"display_value"`
		}
		if err := json.Unmarshal(data, &pair); err != nil {
			return err
		}
		*v = Value{}
		if pair.Display != nil {
			v.Value, v.Display = pair.Display.Value, pair.Display.Value
		}
		if pair.Value != nil {
			v.Value = pair.Value.Value
		}
	case data[0] == '[':
		return fmt.Errorf("a column holds a JSON array, which the Table API does not use: %.40s", data)
	default:
		*v = Value{Value: string(data)}
	}
	return nil
}

func (v *Value) unmarshalString(data []byte) error {
	if bytes.IndexByte(data, '\\') < 0 {
		*v = Value{Value: string(data[1 : len(data)-1])}
		return nil
	}
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	*v = Value{Value: text}
	return nil
}

// Record is a row by column name. A column that an access rule hides is absent, which is not the same as empty.
type Record map[string]Value

// Get is the stored value of a column; empty when the column is empty or absent.
func (r Record) Get(column string) string { return r[column].Value }

// Has tells whether the instance returned the column at all.
func (r Record) Has(column string) bool {
	_, ok := r[column]
	return ok
}

// Display is the display value of a column, or its stored value where no display value came.
func (r Record) Display(column string) string {
	if v := r[column]; v.Display != "" {
		return v.Display
	}
	return r[column].Value
}

// ID is the sys_id.
func (r Record) ID() string { return r.Get("sys_id") }

// Bool is true for "true" and "1".
func (r Record) Bool(column string) bool {
	v := r.Get(column)
	return v == "true" || v == "1"
}

// Int is the number in a column and whether there is one.
func (r Record) Int(column string) (int, bool) {
	n, err := strconv.Atoi(r.Get(column))
	return n, err == nil
}

// Time is a date-time or date in UTC; zero when the column is empty or holds neither.
func (r Record) Time(column string) time.Time {
	text := r.Get(column)
	for _, layout := range []string{DateTimeLayout, DateLayout} {
		if len(text) != len(layout) {
			continue
		}
		if t, err := time.Parse(layout, text); err == nil {
			return t
		}
	}
	return time.Time{}
}

// FormatTime is a time as a date-time column takes it; the zero time clears the column.
func FormatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(DateTimeLayout)
}

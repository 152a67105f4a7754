package query_test

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/query"
)

// TestSQLAgreesWithPlainEvaluation compares what SQLite finds with an evaluator that walks over the rows.
func TestSQLAgreesWithPlainEvaluation(t *testing.T) {
	t.Parallel()
	db := newTable(t)
	rapid.Check(t, func(t *rapid.T) {
		rows := drawThings(t)
		fill(t, db, rows)
		encoded := drawQuery(t)
		q, problems, err := query.Parse(encoded)
		require.NoError(t, err)
		require.Empty(t, problems)
		e := evaluator{rows: map[string]thing{}}
		for _, row := range rows {
			e.rows[row["sys_id"]] = row
		}
		want := []string{}
		for _, row := range rows {
			if e.matches(q, row) {
				want = append(want, row["sys_id"])
			}
		}
		slices.Sort(want)
		require.Equal(t, want, run(t, db, encoded+"^ORDERBYsys_id"), encoded)

		sorted := run(t, db, encoded+"^ORDERBYname^ORDERBYDESCsys_id")
		slices.SortFunc(want, func(a, b string) int {
			return cmp.Or(strings.Compare(lower(e.rows[a]["name"]), lower(e.rows[b]["name"])), strings.Compare(b, a))
		})
		require.Equal(t, want, sorted, names(rows, sorted))
	})
}

var (
	texts   = rapid.SampledFrom([]string{"", "a", "A", "ab", "aB", "b%", "_", "é", "É", "a'b", `"`, `\`, "10", "true", " a "})
	numbers = rapid.SampledFrom([]string{"", "-3", "0", "3", "12"})
	prices  = rapid.SampledFrom([]string{"", "0", "3", "3.0", "3.5", "-1.25", "12"})
	bools   = rapid.SampledFrom([]string{"true", "false"})
	moments = rapid.SampledFrom([]string{"", "2026-01-01 00:00:00", "2026-01-01 12:30:00", "2026-03-01 00:00:00"})
	days    = rapid.SampledFrom([]string{"", "2026-01-01", "2026-03-01"})
	ids     = rapid.SampledFrom([]string{"", idA, idB, idC, "0000000000000000000000000000000d"})
)

func drawThings(t *rapid.T) []thing {
	var rows []thing
	for _, id := range []string{idA, idB, idC, "0000000000000000000000000000000d"} {
		rows = append(rows, thing{
			"sys_id": id, "name": texts.Draw(t, "name"), "count": numbers.Draw(t, "count"), "price": prices.Draw(t, "price"),
			"active": bools.Draw(t, "active"), "opened": moments.Draw(t, "opened"), "day": days.Draw(t, "day"), "parent": ids.Draw(t, "parent"),
		})
	}
	return rows
}

func drawQuery(t *rapid.T) string {
	var parts []string
	for range rapid.IntRange(0, 6).Draw(t, "conditions") {
		joint := rapid.SampledFrom([]string{"", "", "OR", "NQ"}).Draw(t, "joint")
		parts = append(parts, joint+drawCondition(t))
	}
	return strings.Join(parts, "^")
}

func drawCondition(t *rapid.T) string {
	column := rapid.SampledFrom([]string{"sys_id", "name", "count", "price", "active", "opened", "day", "parent"}).Draw(t, "column")
	values := map[string]*rapid.Generator[string]{
		"sys_id": ids, "name": texts, "count": numbers, "price": prices, "active": bools, "opened": moments, "day": days, "parent": ids,
	}[column]
	op := rapid.SampledFrom([]string{
		"=", "!=", "<", "<=", ">", ">=", "IN", "NOT IN", "LIKE", "NOT LIKE", "STARTSWITH", "ENDSWITH", "ISEMPTY", "ISNOTEMPTY", "BETWEEN", "ANYTHING",
	}).Draw(t, "operator")
	value := ""
	switch op {
	case "ISEMPTY", "ISNOTEMPTY", "ANYTHING":
	case "IN", "NOT IN":
		value = strings.Join(rapid.SliceOfN(values, 1, 3).Draw(t, "values"), ",")
	case "BETWEEN":
		value = values.Draw(t, "low") + "@" + values.Draw(t, "high")
	case "LIKE", "NOT LIKE", "STARTSWITH", "ENDSWITH":
		value = rapid.OneOf(texts, values).Draw(t, "part")
	default:
		value = rapid.OneOf(values, texts).Draw(t, "value")
	}
	return rapid.SampledFrom([]string{"", "", "parent.", "parent.parent."}).Draw(t, "path") + column + op + value
}

// evaluator says what a query means, row by row.
type evaluator struct{ rows map[string]thing }

func (e evaluator) matches(q query.Query, row thing) bool {
	restricted := false
	for _, group := range q.Groups {
		holds, valid := e.group(group, row)
		if holds && valid {
			return true
		}
		restricted = restricted || valid
	}
	return !restricted
}

// group tells whether a group holds; valid is false when all of its conditions are dropped.
func (e evaluator) group(g query.Group, row thing) (holds, valid bool) {
	holds = true
	for _, alternatives := range g {
		some, known := false, false
		for _, c := range alternatives {
			yes, ok := e.condition(c, row)
			some, known = some || yes && ok, known || ok
		}
		if known {
			valid = true
			holds = holds && some
		}
	}
	return holds, valid
}

func (e evaluator) condition(c query.Condition, row thing) (holds, valid bool) {
	path := strings.Split(c.Column, ".")
	for range path[1:] {
		row = e.rows[row["parent"]]
	}
	column := path[len(path)-1]
	return holds1(column, c.Operator, row[column], c.Value)
}

// holds1 compares one stored value, "" where there is none.
func holds1(column string, op query.Operator, stored, value string) (holds, valid bool) {
	switch op {
	case query.Anything:
		return true, true
	case query.IsEmpty:
		return stored == "", true
	case query.IsNotEmpty:
		return stored != "", true
	case query.Like:
		return strings.Contains(lower(stored), lower(value)), true
	case query.NotLike:
		return !strings.Contains(lower(stored), lower(value)), true
	case query.StartsWith:
		return strings.HasPrefix(lower(stored), lower(value)), true
	case query.EndsWith:
		return strings.HasSuffix(lower(stored), lower(value)), true
	case query.In, query.NotIn:
		found := false
		for _, element := range strings.Split(value, ",") {
			c, ok := compare(column, stored, element)
			if !ok && element != "" {
				return false, false
			}
			found = found || c == 0 && (stored == "") == (element == "")
		}
		return found == (op == query.In), true
	case query.Between:
		low, high, _ := strings.Cut(value, "@")
		c1, ok1 := compare(column, stored, low)
		c2, ok2 := compare(column, stored, high)
		return stored != "" && c1 >= 0 && c2 <= 0, ok1 && ok2 && low != "" && high != ""
	}
	text := column == "name" || column == "sys_id" || column == "parent"
	equality := op == query.Equals || op == query.NotEquals
	c, ok := compare(column, stored, value)
	if value == "" {
		ok = text || equality
	}
	if stored == "" || value == "" {
		// Nothing is below or above what is empty; everything is above the empty text.
		c = map[bool]int{true: 0, false: 1}[stored == ""]
		if value != "" {
			return op == query.NotEquals, ok
		}
	}
	switch op {
	case query.Equals:
		return c == 0, ok
	case query.NotEquals:
		return c != 0, ok
	case query.Less:
		return c < 0, ok
	case query.LessEqual:
		return c <= 0, ok
	case query.Greater:
		return c > 0, ok
	default:
		return c >= 0, ok
	}
}

// compare orders a stored value and one of the query; ok is false when the latter is no value of the column.
func compare(column, stored, value string) (order int, ok bool) {
	switch column {
	case "name":
		return strings.Compare(lower(stored), lower(value)), true
	case "count":
		v, err := strconv.ParseInt(value, 10, 64)
		s, _ := strconv.ParseInt(stored, 10, 64)
		return cmp.Compare(s, v), err == nil
	case "price":
		v, err := strconv.ParseFloat(value, 64)
		s, _ := strconv.ParseFloat(stored, 64)
		return cmp.Compare(s, v), err == nil
	case "active":
		if value == "1" || value == "0" {
			value = map[string]string{"1": "true", "0": "false"}[value]
		}
		return strings.Compare(stored, lower(value)), lower(value) == "true" || lower(value) == "false"
	case "opened", "day":
		_, err1 := time.Parse(time.DateTime, value)
		_, err2 := time.Parse(time.DateOnly, value)
		if column == "day" && err1 == nil {
			value = value[:10]
		}
		return strings.Compare(stored, value), err1 == nil || err2 == nil
	default:
		return strings.Compare(stored, value), true
	}
}

func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

func ExampleCondition_String() {
	fmt.Println(query.Condition{Column: "profile.display_name", Operator: query.StartsWith, Value: "Trello"})
	// Output: profile.display_nameSTARTSWITHTrello
}

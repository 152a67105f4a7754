package removalcandidate

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// columns are those of csv and markdown. They name nobody: user_mark tells people apart and is of no use without the vendor's
// user id.
var columns = []struct {
	name, heading string
	value         func(candidateModel) string
}{
	{"number", "Candidate", func(c candidateModel) string { return c.Number.ValueString() }},
	{"user_mark", "", func(c candidateModel) string { return c.UserMark.ValueString() }},
	{"product", "Product", func(c candidateModel) string { return c.Product.ValueString() }},
	{"justification", "Justification", func(c candidateModel) string { return c.Justification.ValueString() }},
	{"inactive_days", "Inactive days", func(c candidateModel) string { return number(c.InactiveDays) }},
	{"leaver", "Left", func(c candidateModel) string { return fmt.Sprint(c.Leaver.ValueBool()) }},
	{"potential_savings", "Potential savings", func(c candidateModel) string { return c.PotentialSavings.ValueString() }},
}

func number(n types.Int64) string {
	if n.IsNull() {
		return ""
	}
	return fmt.Sprint(n.ValueInt64())
}

// inOrder sorts as a plan does: people who left first, then by number.
func inOrder(candidates []candidateModel) []candidateModel {
	return slices.SortedFunc(slices.Values(candidates), func(a, b candidateModel) int {
		if a.Leaver.ValueBool() != b.Leaver.ValueBool() {
			if a.Leaver.ValueBool() {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Number.ValueString(), b.Number.ValueString())
	})
}

// csvOf is a file to review: a row per candidate, with a heading.
func csvOf(candidates []candidateModel) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	var heading []string
	for _, column := range columns {
		heading = append(heading, column.name)
	}
	_ = w.Write(heading) // to memory
	for _, c := range inOrder(candidates) {
		var row []string
		for _, column := range columns {
			row = append(row, plain(column.value(c)))
		}
		_ = w.Write(row) // as above
	}
	w.Flush()
	return b.String()
}

// plain keeps a spreadsheet from reading a text as a formula.
func plain(text string) string {
	if strings.ContainsAny(text[:min(len(text), 1)], "=+-@\t\r") {
		return "'" + text
	}
	return text
}

// markdownOf is the same as a table for the text of a pull request.
func markdownOf(candidates []candidateModel) string {
	var b strings.Builder
	heading, rule := "|", "|"
	for _, column := range columns {
		if column.heading != "" {
			heading += " " + column.heading + " |"
			rule += " --- |"
		}
	}
	b.WriteString(heading + "\n" + rule + "\n")
	for _, c := range inOrder(candidates) {
		b.WriteString("|")
		for _, column := range columns {
			if column.heading != "" {
				b.WriteString(" " + cell.Replace(column.value(c)) + " |")
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// cell keeps a text within its cell, and from being read as mark-up.
var cell = strings.NewReplacer("|", `\|`, "\r", " ", "\n", " ", "<", "&lt;", "`", "\\`", "[", `\[`, "*", `\*`, "_", `\_`)

package restapi

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// defaultLimit is how many rows a list has unless sysparm_limit says otherwise.
const defaultLimit = 10000

type displayMode int

const (
	displayFalse displayMode = iota // stored values
	displayTrue                     // display values
	displayAll                      // both
)

// parameters are the sysparm_ parameters of a read or of the answer to a write.
type parameters struct {
	values        url.Values
	fields        []string
	limit, offset int
	display       displayMode
	excludeLink   bool
}

func readParameters(values url.Values) parameters {
	p := parameters{values: values, limit: defaultLimit, excludeLink: values.Get("sysparm_exclude_reference_link") == "true"}
	for _, field := range strings.Split(values.Get("sysparm_fields"), ",") {
		if field = strings.TrimSpace(field); field != "" {
			p.fields = append(p.fields, field)
		}
	}
	if n, err := strconv.Atoi(values.Get("sysparm_limit")); err == nil && n > 0 {
		p.limit = n
	}
	if n, err := strconv.Atoi(values.Get("sysparm_offset")); err == nil && n > 0 {
		p.offset = n
	}
	switch values.Get("sysparm_display_value") {
	case "true":
		p.display = displayTrue
	case "all":
		p.display = displayAll
	}
	return p
}

func (p parameters) is(name string) bool { return p.values.Get(name) == "true" }

// query is the encoded query of a list: sysparm_query, or else the column=value pairs.
func (p parameters) query(table string) string {
	if q, ok := p.values["sysparm_query"]; ok {
		return q[0]
	}
	var conditions []string
	for name, values := range p.values {
		if strings.HasPrefix(name, "sysparm_") || strings.Contains(values[0], "^") {
			continue
		}
		conditions = append(conditions, pair(table, name, values[0]))
	}
	return strings.Join(conditions, "^")
}

// pair is a column=value pair as a condition. Such a pair takes display values of choices and references too.
func pair(table, name, value string) string {
	column, ok := dictionary.ColumnOf(table, name)
	if !ok {
		return name + "=" + value
	}
	if column.Type == dictionary.Reference && value != "" && !store.IsSysID(value) {
		if target, ok := dictionary.TableByName(column.Reference); ok && target.Display != "" {
			return name + "." + target.Display + "=" + value
		}
	}
	return name + "=" + choiceValue(column, value)
}

// choiceValue is the stored value for a stored value or label of a choice.
func choiceValue(column dictionary.Column, value string) string {
	for _, c := range column.Choices {
		if c.Value == value {
			return value
		}
	}
	for _, c := range column.Choices {
		if strings.EqualFold(c.Label, value) {
			return c.Value
		}
	}
	return value
}

package confluence

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// query is what the double understands of CQL: the fields that the connector uses, joined by "and".
type query struct {
	from, to     uint32 // last change, from inclusive, to exclusive
	types        uint8  // bits of contentTypes; 0 means all
	contributors []uint32
	creators     []uint32
	people       bool // contributors or creators are asked for, known ones or not
	descending   bool
}

var (
	cqlOrder  = regexp.MustCompile(`(?i)^(.*?)(?:\s+order\s+by\s+lastmodified(?:\s+(asc|desc))?)?$`)
	cqlAnd    = regexp.MustCompile(`(?i)\s+and\s+`)
	cqlClause = regexp.MustCompile(`(?i)^(type|lastmodified|contributor|creator)\s*(>=|<=|>|<|=|in)\s*(.+)$`)
	cqlDates  = []string{"2006-01-02 15:04", "2006/01/02 15:04", "2006-01-02", "2006/01/02"}
)

// parseCQL understands a query or says why not. Dates are of the caller's time zone and to the minute, as
// developer.atlassian.com/cloud/confluence/cql-fields says.
func (d *Double) parseCQL(text string) (query, error) {
	q := query{to: ^uint32(0)}
	text = strings.TrimSpace(text)
	ordered := cqlOrder.FindStringSubmatch(text)
	if text == "" || ordered == nil {
		return q, fmt.Errorf("could not parse cql: %s", text)
	}
	q.descending = strings.EqualFold(ordered[2], "desc")
	for _, clause := range cqlAnd.Split(ordered[1], -1) {
		parts := cqlClause.FindStringSubmatch(strings.TrimSpace(clause))
		if parts == nil {
			return q, fmt.Errorf("could not parse cql: %s", clause)
		}
		field, operator := strings.ToLower(parts[1]), strings.ToLower(parts[2])
		values, err := cqlValues(parts[3], operator)
		if err != nil {
			return q, err
		}
		switch field {
		case "type":
			err = q.addTypes(values, operator)
		case "lastmodified":
			err = q.addDate(values[0], operator, d.zone)
		default:
			err = d.addPeople(&q, field, operator, values)
		}
		if err != nil {
			return q, err
		}
	}
	return q, nil
}

func cqlValues(text, operator string) ([]string, error) {
	text = strings.TrimSpace(text)
	if operator != "in" {
		return []string{strings.Trim(text, `"`)}, nil
	}
	inner, opens := strings.CutPrefix(text, "(")
	inner, closes := strings.CutSuffix(inner, ")")
	if !opens || !closes || inner == "" {
		return nil, fmt.Errorf("could not parse cql list: %s", text)
	}
	var values []string
	for value := range strings.SplitSeq(inner, ",") {
		values = append(values, strings.Trim(strings.TrimSpace(value), `"`))
	}
	return values, nil
}

func (q *query) addTypes(values []string, operator string) error {
	if operator != "in" && operator != "=" {
		return fmt.Errorf("operator %s does not fit type", operator)
	}
	for _, value := range values {
		i := slices.Index(contentTypes[:], strings.ToLower(value))
		if i < 0 && value != "space" {
			return fmt.Errorf("there is no type %s", value)
		}
		if i >= 0 {
			q.types |= 1 << i
		}
	}
	return nil
}

func (q *query) addDate(value, operator string, zone *time.Location) error {
	for _, layout := range cqlDates {
		at, err := time.ParseInLocation(layout, value, zone)
		if err != nil {
			continue
		}
		seconds := uint32(at.Unix())
		switch operator {
		case ">=":
			q.from = max(q.from, seconds)
		case ">":
			q.from = max(q.from, seconds+1)
		case "<":
			q.to = min(q.to, seconds)
		case "<=":
			q.to = min(q.to, seconds+1)
		default:
			return fmt.Errorf("operator %s does not fit lastmodified", operator)
		}
		return nil
	}
	return fmt.Errorf("could not parse date %s", value)
}

func (d *Double) addPeople(q *query, field, operator string, values []string) error {
	if operator != "in" && operator != "=" {
		return fmt.Errorf("operator %s does not fit %s", operator, field)
	}
	q.people = true
	for _, value := range values {
		index, ok := d.indexOf(value)
		switch {
		case !ok:
		case field == "creator":
			q.creators = append(q.creators, uint32(index))
		default:
			q.contributors = append(q.contributors, uint32(index))
		}
	}
	return nil
}

// matching are the positions of the contents that a query finds, in its order. Callers hold the lock.
func (d *Double) matching(q query) []int {
	positions := []int{}
	for i := d.firstSince(q.from); i < len(d.contents) && d.contents[i].modified < q.to; i++ {
		c := d.contents[i]
		if q.types != 0 && q.types&(1<<c.kind) == 0 {
			continue
		}
		if q.people && !slices.ContainsFunc(q.contributors, c.contributor) && !slices.Contains(q.creators, c.creator) {
			continue
		}
		positions = append(positions, i)
	}
	if q.descending {
		slices.Reverse(positions)
	}
	return positions
}

package servicenow

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Count counts the records that match, hidden ones included. It reads one of them to notice a filter that was ignored.
func (c *Client) Count(ctx context.Context, table string, q Query) (int, error) {
	if q.impossible() {
		return 0, nil
	}
	total := 0
	for _, part := range q.split() {
		p, err := c.page(ctx, table, part, ListOptions{ReadOptions: ReadOptions{Fields: []string{"sys_id"}}, Limit: 1}, true)
		if err != nil {
			return 0, err
		}
		if p.total < 0 {
			return 0, fmt.Errorf("count %s: the instance did not send X-Total-Count; a proxy may strip it", table)
		}
		total += p.total
	}
	return total, nil
}

// CountBy counts the records that match per stored value of a column, with the Aggregate API. The query cannot be checked
// against the answer; count first with Count where an ignored condition would matter.
func (c *Client) CountBy(ctx context.Context, table string, q Query, column string) (map[string]int, error) {
	groups, err := c.Aggregate(ctx, table, q, Aggregation{GroupBy: []string{column}})
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for _, group := range groups {
		counts[group.By[0]] += group.Count
	}
	return counts, nil
}

// Aggregation says how to group records and what to add up of each group.
type Aggregation struct {
	GroupBy []string // at least one column; dot-walking is possible
	Sum     []string // numeric columns
}

// Group is the records that have the same values in the columns that they are grouped by.
type Group struct {
	By    []string // stored values, in the order of Aggregation.GroupBy
	Count int
	Sums  []string // decimals, in the order of Aggregation.Sum; empty where no record has a value
}

// Aggregate groups the records that match, hidden ones included, with the Aggregate API (c_AggregateAPI). The same values
// may come in several groups: empty ones of different origin do, and a long list of a query is asked for in parts. The query
// cannot be checked against the answer, see CountBy.
func (c *Client) Aggregate(ctx context.Context, table string, q Query, by Aggregation) ([]Group, error) {
	if len(by.GroupBy) == 0 {
		return nil, fmt.Errorf("group %s: %w: no column to group by", table, ErrBadQuery)
	}
	for _, column := range append(by.GroupBy[:len(by.GroupBy):len(by.GroupBy)], by.Sum...) {
		if err := checkColumn(column); err != nil {
			return nil, fmt.Errorf("group %s: %w", table, err)
		}
	}
	if q.impossible() {
		return nil, nil
	}
	var groups []Group
	for _, part := range q.split() {
		some, err := c.aggregate(ctx, table, part, by)
		if err != nil {
			return nil, err
		}
		groups = append(groups, some...)
	}
	return groups, nil
}

func (c *Client) aggregate(ctx context.Context, table string, q Query, by Aggregation) ([]Group, error) {
	if _, err := tablePath(table); err != nil {
		return nil, err
	}
	encoded, err := q.Encode()
	if err != nil {
		return nil, fmt.Errorf("group %s: %w", table, err)
	}
	query := url.Values{"sysparm_query": {encoded}, "sysparm_count": {"true"}, "sysparm_group_by": {strings.Join(by.GroupBy, ",")}}
	if len(by.Sum) > 0 {
		query.Set("sysparm_sum_fields", strings.Join(by.Sum, ","))
	}
	a, err := c.do(ctx, request{method: http.MethodGet, table: table, path: "/api/now/stats/" + table, replayable: true, query: query})
	if err != nil {
		return nil, err
	}
	var answers []groupAnswer
	if err := json.Unmarshal(a.result, &answers); err != nil {
		return nil, fmt.Errorf("decode groups of %s: %w", table, err)
	}
	groups := make([]Group, 0, len(answers))
	for _, answer := range answers {
		group, err := answer.group(by)
		if err != nil {
			return nil, fmt.Errorf("decode groups of %s: %w", table, err)
		}
		groups = append(groups, group)
	}
	return groups, nil
}

// groupAnswer is a group as the Aggregate API sends it.
type groupAnswer struct {
	Stats struct {
		Count Value            `json:"count"`
		Sum   map[string]Value `json:"sum"`
	} `json:"stats"`
	By []groupedBy `json:"groupby_fields"`
}

type groupedBy struct {
	Field string `json:"field"`
	Value Value  `json:"value"`
}

// group puts the values in the order in which they were asked for. A column that the instance left out would merge what
// belongs apart.
func (a groupAnswer) group(asked Aggregation) (Group, error) {
	n, err := strconv.Atoi(a.Stats.Count.Value)
	if err != nil {
		return Group{}, err
	}
	group := Group{Count: n}
	for _, column := range asked.GroupBy {
		i := slices.IndexFunc(a.By, func(by groupedBy) bool { return by.Field == column })
		if i < 0 {
			return Group{}, fmt.Errorf("the instance did not group by column %q: it does not exist, or the user may not read it", column)
		}
		group.By = append(group.By, a.By[i].Value.Value)
	}
	for _, column := range asked.Sum {
		sum, ok := a.Stats.Sum[column]
		if !ok {
			return Group{}, fmt.Errorf("the instance did not add up column %q: it does not exist, or the user may not read it", column)
		}
		group.Sums = append(group.Sums, sum.Value)
	}
	return group, nil
}

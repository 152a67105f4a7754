package servicenow

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
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
	counts := map[string]int{}
	if q.impossible() {
		return counts, nil
	}
	if err := checkColumn(column); err != nil {
		return nil, fmt.Errorf("count %s: %w", table, err)
	}
	for _, part := range q.split() {
		if err := c.countBy(ctx, table, part, column, counts); err != nil {
			return nil, err
		}
	}
	return counts, nil
}

func (c *Client) countBy(ctx context.Context, table string, q Query, column string, counts map[string]int) error {
	if _, err := tablePath(table); err != nil {
		return err
	}
	encoded, err := q.Encode()
	if err != nil {
		return fmt.Errorf("count %s: %w", table, err)
	}
	a, err := c.do(ctx, request{
		method: http.MethodGet, table: table, path: "/api/now/stats/" + table, replayable: true,
		query: url.Values{"sysparm_query": {encoded}, "sysparm_count": {"true"}, "sysparm_group_by": {column}},
	})
	if err != nil {
		return err
	}
	var groups []struct {
		Stats struct {
			Count Value `json:"count"`
		} `json:"stats"`
		By []struct {
			Field string `json:"field"`
			Value Value  `json:"value"`
		} `json:"groupby_fields"`
	}
	if err := json.Unmarshal(a.result, &groups); err != nil {
		return fmt.Errorf("decode counts of %s: %w", table, err)
	}
	for _, group := range groups {
		n, err := strconv.Atoi(group.Stats.Count.Value)
		if err != nil {
			return fmt.Errorf("decode counts of %s: %w", table, err)
		}
		for _, by := range group.By {
			if by.Field == column {
				counts[by.Value.Value] += n
			}
		}
	}
	return nil
}

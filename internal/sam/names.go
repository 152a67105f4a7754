package sam

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// names resolves references to the few models, products and publishers that thousands of subscriptions share. Asking for
// each once is cheaper than joining three tables for every row.
type names struct {
	rest  *servicenow.Client
	known map[string]string // by table and sys_id
}

func newNames(rest *servicenow.Client) *names {
	return &names{rest: rest, known: map[string]string{}}
}

// of is the display value of a referenced record. A record that is gone or hidden has the empty name.
func (n *names) of(ctx context.Context, table, sysID string) (string, error) {
	if sysID == "" {
		return "", nil
	}
	key := table + " " + sysID
	if name, ok := n.known[key]; ok {
		return name, nil
	}
	definition, ok := dictionary.TableByName(table)
	if !ok {
		return "", fmt.Errorf("table %s is not in the dictionary", table)
	}
	record, err := n.rest.Get(ctx, table, sysID, servicenow.ReadOptions{Fields: []string{definition.Display}})
	if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrDenied) {
		return "", fmt.Errorf("look up the name of %s %s: %w", table, sysID, err)
	}
	n.known[key] = record.Get(definition.Display)
	return n.known[key], nil
}

// named reads columns of the records with these sys_ids, in one walk. Records that are gone or hidden are absent, and a table
// that the user may not read has none: a name is then missing, and nothing else.
func (c *Client) named(ctx context.Context, table string, sysIDs []string, columns ...string) (map[string]servicenow.Record, error) {
	wanted := slices.DeleteFunc(slices.Clone(sysIDs), func(id string) bool { return id == "" })
	slices.Sort(wanted)
	rows := map[string]servicenow.Record{}
	records := c.rest.All(ctx, table, servicenow.Where(servicenow.In(dictionary.SysID, wanted...)), servicenow.WalkOptions{
		ReadOptions: servicenow.ReadOptions{Fields: columns},
	})
	for record, err := range records {
		switch {
		case errors.Is(err, ErrDenied):
			return rows, nil
		case err != nil:
			return nil, fmt.Errorf("look up the names of %s: %w", table, err)
		}
		rows[record.ID()] = record
	}
	return rows, nil
}

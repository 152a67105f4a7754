package sam

import (
	"context"
	"errors"
	"fmt"

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

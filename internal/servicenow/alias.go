package servicenow

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
)

// CreateChild makes a child of an alias over the companion routes, which take care of the parent's template. ErrNoRoute
// means that the companion app is not installed.
func (c *Client) CreateChild(ctx context.Context, parent string, r companion.ChildRequest) (companion.Alias, error) {
	var alias companion.Alias
	a, err := c.do(ctx, request{method: http.MethodPost, path: companion.ChildrenPath(parent), body: r})
	if err != nil {
		return alias, err
	}
	if err := json.Unmarshal(a.result, &alias); err != nil {
		return alias, fmt.Errorf("decode the child alias: %w", err)
	}
	return alias, nil
}

// Groups lists the groups of the vendor behind an alias. ErrNoRoute means that the companion app is not installed.
func (c *Client) Groups(ctx context.Context, alias string) ([]companion.Group, error) {
	a, err := c.do(ctx, request{method: http.MethodGet, path: companion.GroupsPath(alias), replayable: true})
	if err != nil {
		return nil, err
	}
	var list companion.GroupList
	if err := json.Unmarshal(a.result, &list); err != nil {
		return nil, fmt.Errorf("decode the groups: %w", err)
	}
	return list.Groups, nil
}

package sam

import (
	"context"
	"fmt"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// Group is a user group of the instance.
type Group struct {
	SysID string
	Name  string
}

// Group finds a user group by its name, or ErrNotFound. Case does not count; two of the name are ErrAmbiguous.
func (c *Client) Group(ctx context.Context, name string) (Group, error) {
	record, err := c.rest.Find(ctx, dictionary.TableUserGroup, servicenow.Where(servicenow.Eq(dictionary.GroupName, name)), groupOptions)
	if err != nil {
		return Group{}, fmt.Errorf("find the user group %q: %w", name, err)
	}
	return decodeGroup(record), nil
}

// GroupByID reads a user group by its sys_id, or ErrNotFound.
func (c *Client) GroupByID(ctx context.Context, sysID string) (Group, error) {
	record, err := c.rest.Get(ctx, dictionary.TableUserGroup, sysID, groupOptions)
	if err != nil {
		return Group{}, fmt.Errorf("read the user group %s: %w", sysID, err)
	}
	return decodeGroup(record), nil
}

var groupOptions = servicenow.ReadOptions{Fields: []string{dictionary.GroupName}}

func decodeGroup(r servicenow.Record) Group {
	return Group{SysID: r.ID(), Name: r.Get(dictionary.GroupName)}
}

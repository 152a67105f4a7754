package sam

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// GroupsNamed finds groups by name or sys_id, in any case. Unknown are the names that no group has, or none that this user may
// see.
func (c *Client) GroupsNamed(ctx context.Context, names []string) (sysIDs, unknown []string, err error) {
	for _, name := range names {
		name = strings.TrimSpace(name)
		query := servicenow.Where(servicenow.Any(servicenow.Eq(dictionary.GroupName, name), servicenow.Eq(dictionary.SysID, name)))
		before := len(sysIDs)
		for r, err := range c.rest.All(ctx, dictionary.TableUserGroup, query, servicenow.WalkOptions{
			ReadOptions: servicenow.ReadOptions{Fields: []string{dictionary.GroupName}},
		}) {
			if err != nil {
				return nil, nil, fmt.Errorf("look up the group %q: %w", name, err)
			}
			sysIDs = append(sysIDs, r.ID())
		}
		if len(sysIDs) == before {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return sysIDs, slices.Compact(unknown), nil
}

// MembersAmong tells which of the users (sys_ids) are direct members of at least one of the groups (sys_ids). Where the
// instance hides memberships from this user, it is an error: nobody may be taken for a stranger.
func (c *Client) MembersAmong(ctx context.Context, groups, users []string) (map[string]bool, error) {
	hidden := 0
	members := map[string]bool{}
	for _, group := range groups {
		query := servicenow.Where(servicenow.Eq(dictionary.MemberGroup, group), servicenow.In(dictionary.MemberUser, users...))
		for r, err := range c.rest.All(ctx, dictionary.TableGroupMember, query, servicenow.WalkOptions{
			ReadOptions: servicenow.ReadOptions{Fields: []string{dictionary.MemberUser}},
			OnHidden:    func(rows int) { hidden += rows },
		}) {
			if err != nil {
				return nil, fmt.Errorf("read the members of group %s: %w", group, err)
			}
			members[r.Get(dictionary.MemberUser)] = true
		}
	}
	if hidden > 0 {
		return nil, fmt.Errorf("the instance hides %d memberships of the groups from this user, who needs to read %s to tell who is "+
			"a member: %w", hidden, dictionary.TableGroupMember, ErrDenied)
	}
	return members, nil
}

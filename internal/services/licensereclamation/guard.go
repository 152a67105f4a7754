package licensereclamation

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// verdict is what the policy says of a person.
type verdict int

const (
	free verdict = iota
	protected
	doubtful // who it is cannot be told, so that the policy may mean this person
)

// guard knows whom the policy protects among the people of some candidates.
type guard struct {
	people        map[string]sam.User // by sys_id
	users         []string            // of the policy
	groups        []string            // of the policy
	members       map[string]bool     // sys_ids of users who are members of one of the groups
	unknownGroups []string
}

func newGuard(ctx context.Context, client *sam.Client, meta *tfkit.Meta, candidates []sam.Candidate) (guard, error) {
	now := meta.Now()
	g := guard{users: meta.Policy.ProtectedUsers(now), groups: meta.Policy.ProtectedGroups(now)}
	var ids []string
	var err error
	if len(g.groups) > 0 {
		if ids, g.unknownGroups, err = client.GroupsNamed(ctx, g.groups); err != nil {
			return g, err
		}
	}
	if len(candidates) == 0 {
		return g, nil
	}
	if g.people, err = usersOf(ctx, client, candidates); err != nil {
		return g, err
	}
	g.members, err = client.MembersAmong(ctx, ids, holders(candidates))
	return g, err
}

func (g guard) judge(c sam.Candidate) verdict {
	holder := c.Holder()
	who := identify(c, g.people[holder])
	switch {
	case who.ProtectedBy(g.users) != "" || g.members[holder]:
		return protected
	case who.MayHideFrom(g.users) || holder == "" && len(g.groups) > 0:
		return doubtful
	}
	return free
}

// warnDoubtful warns of people who are left alone because nobody can say that the policy does not mean them.
func warnDoubtful(n int) diag.Diagnostics {
	if n == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Some people cannot be told apart from protected users", fmt.Sprintf(
		"The provider's reclamation_policy protects people by mail address or by group, and of the people behind %d of the removal "+
			"candidates the vendor hides the address, or no user record is known. They are treated as protected. To reclaim from them, "+
			"list protected users by the vendor's user name or user id, and fill in the user of their subscriptions.", n))}
}

// strangers warns of protected users who hold no licence of the profile: a misspelt entry protects nobody.
func strangers(ctx context.Context, client *sam.Client, profileSysID string, protected []string) diag.Diagnostics {
	if len(protected) == 0 {
		return nil
	}
	people, err := client.Subscriptions.PeopleNamed(ctx, profileSysID, protected)
	if err != nil {
		return diag.Diagnostics{diag.NewWarningDiagnostic("Protected users were not looked up", fmt.Sprintf(
			"It could not be checked whether each entry of protected_users names somebody: %s", err))}
	}
	var unknown []string
	for _, entry := range protected {
		found := false
		for _, p := range people {
			found = found || p.ProtectedBy([]string{entry}) != ""
		}
		if !found {
			unknown = append(unknown, fmt.Sprintf("  %q", entry))
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Protected users who hold no licence here", fmt.Sprintf(
		"These entries of protected_users match nobody who holds a licence of this integration profile, so that they protect nobody "+
			"here. That is right for people of other profiles, and wrong for an entry that is misspelt:\n%s", strings.Join(unknown, "\n")))}
}

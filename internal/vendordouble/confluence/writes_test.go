package confluence_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

func TestRemovingIsIdempotentAndGuarded(t *testing.T) {
	t.Parallel()
	d := newDouble(confluence.Options{Members: 60})
	who := d.Members(1, confluence.IdleSince(noon.AddDate(0, 0, -60)))[0]
	users, synced := groupID(t, d, "confluence-users-brightwater"), groupID(t, d, "okta-engineering")
	remove := func(group, account string, headers ...string) int {
		return api(t, d, "DELETE", "/group/userByGroupId?groupId="+group+"&accountId="+account, headers...).Code
	}
	header := []string{"X-Atlassian-Token", "no-check"}
	require.Equal(t, 403, remove(users, who.ID), "the check against forged requests")
	require.Equal(t, 204, remove(users, who.ID, header...))
	require.Equal(t, 204, remove(users, who.ID, header...), "also for somebody who is no member")
	require.Equal(t, 403, remove(synced, who.ID, header...))
	require.Equal(t, 404, remove("nothing", who.ID, header...))
	require.Equal(t, 404, remove(users, "nobody", header...))
	require.Equal(t, 400, remove(users, "", header...))
	require.NoError(t, d.Inject(confluence.Injection{Fault: confluence.FaultNotSiteAdmin}))
	require.Equal(t, 403, remove(users, who.ID, header...))
	require.Len(t, d.Requests().Writes, 2)

	groups := func() int { return len(api(t, d, "GET", "/user/memberof?accountId="+who.ID).results()) }
	before := groups()
	require.NoError(t, d.Inject(confluence.Injection{Fault: confluence.FaultStaleReads}))
	require.Equal(t, before+1, groups(), "reads lag behind")
}

func TestAddingIsGuarded(t *testing.T) {
	t.Parallel()
	d := newDouble(confluence.Options{Members: 60})
	who := d.Members(1, confluence.IdleSince(noon.AddDate(0, 0, -60)))[0]
	users, contractors := groupID(t, d, "confluence-users-brightwater"), groupID(t, d, "contractors")
	add := func(group, body string, headers ...string) int {
		path := "/wiki/rest/api/group/userByGroupId?groupId=" + group
		return callWith(t, d, "POST", "/ex/confluence/"+d.CloudID()+path, strings.NewReader(body),
			append(headers, "Authorization", "Bearer "+d.Token())...).Code
	}
	header := []string{"X-Atlassian-Token", "no-check"}
	member := `{"accountId":"` + who.ID + `"}`
	require.Equal(t, 403, add(contractors, member), "the check against forged requests")
	for range 2 {
		require.Equal(t, 201, add(contractors, member, header...))
	}
	after, _ := d.Find(who.ID)
	require.Contains(t, after.Groups, "contractors")
	require.Equal(t, 404, add("nothing", member, header...))
	require.Equal(t, 404, add(contractors, `{"accountId":"nobody"}`, header...))
	require.Equal(t, 400, add(contractors, `{}`, header...))
	require.Equal(t, 400, add(contractors, `no JSON`, header...))
	require.Equal(t, 403, add(groupID(t, d, "okta-engineering"), member, header...))

	require.True(t, d.DeleteGroup(contractors))
	require.Equal(t, 404, add(contractors, member, header...))
	require.Equal(t, 404, api(t, d, "GET", "/group/by-id?id="+contractors).Code)
	after, _ = d.Find(who.ID)
	require.NotContains(t, after.Groups, "contractors")

	require.NoError(t, d.Inject(confluence.Injection{Fault: confluence.FaultRefuseMembers}, confluence.Injection{Fault: confluence.FaultNoSeats}))
	require.Equal(t, 400, add(users, member, header...), "a member")
	require.True(t, d.SetMember(who.ID, users, false))
	require.Equal(t, 400, add(users, member, header...), "no seat")
}

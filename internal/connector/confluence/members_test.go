package confluence_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

const minute = time.Minute

func TestSubscriptionsTellWhoHoldsASeat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 500)
	all, walk, err := list(t.Context(), w.connect(t))
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.Empty(t, walk.Warnings)
	require.Equal(t, -1, walk.Total)
	require.Len(t, all, 500)
	for id, s := range all {
		m, ok := w.Find(id)
		require.True(t, ok)
		require.True(t, m.Seat, "%+v", m)
		require.Equal(t, "Confluence Cloud", s.Identifier)
		require.Equal(t, m.Email, s.Email)
		require.Equal(t, m.FullName, s.FullName)
		require.Zero(t, s.ExternalCreated, "Confluence tells no date of creation")
		require.Zero(t, s.LastActivity, "activity comes apart from the list")
		if m.Email == "" {
			require.Equal(t, m.FullName+" ["+id+"]", s.UserPrincipalName)
		} else {
			require.Equal(t, m.Email, s.UserPrincipalName)
		}
	}
}

func TestGuestsAreListedWhereTheyAreWanted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 120)
	guests := len(w.Members(0, func(m double.Member) bool { return m.Guest }))
	require.Positive(t, guests)
	all, _, err := list(t.Context(), w.connect(t, option("include_guests", "true")))
	require.NoError(t, err)
	require.Len(t, all, 120+guests)
}

func TestOnlyTheChosenGroupsAreRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 500)
	id := w.groupID(t, "contractors")
	all, walk, err := list(t.Context(), w.connect(t, option("group_ids", " "+id+","+id)))
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.Len(t, all, 100, "a fifth of the people")
	require.Zero(t, w.Requests().ByRoute[double.RouteGroups])
}

func TestAnUnknownGroupIsNoEmptyGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 50)
	c := w.connect(t, option("group_ids", w.groupID(t, "contractors")+",3f1c2f5e-0000-4000-8000-000000000001"))
	_, walk, err := list(t.Context(), c)
	var failure *connector.Error
	require.ErrorAs(t, err, &failure)
	require.Equal(t, connector.KindConfig, failure.Kind)
	require.Contains(t, err.Error(), "3f1c2f5e-0000-4000-8000-000000000001")
	require.Contains(t, err.Error(), "group_ids")
	require.False(t, walk.Complete)
}

func TestTheGroupsOfOtherSitesAreLeftOut(t *testing.T) {
	t.Parallel()
	pages := map[string]any{
		"user": groupList(group("g1", "confluence-users-example"), group("g2", "confluence-users-other"), group("g3", "staff")),
		"g1":   members(0, 0, "a"), "g2": members(0, 0, "b"), "g3": members(0, 0, "c"),
	}
	all, _, err := list(t.Context(), answers(t, pages))
	require.NoError(t, err)
	require.Contains(t, all, "a")
	require.NotContains(t, all, "b", "the other site's people hold no seat on this one")
	require.Contains(t, all, "c")
}

func TestShortAndEmptyPagesSkipNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 900, double.Injection{Fault: double.FaultSmallPages})
	all, walk, err := list(t.Context(), w.connect(t))
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.Len(t, all, 900)
	// The second page holds suspended people only, whom no page shows.
	var many []string
	for i := range 150 {
		many = append(many, fmt.Sprint("first-", i))
	}
	pages := map[string]any{
		"user": groupList(group("g", "staff")),
		"g":    members(450, 200, many...), "g?200": members(450, 400), "g?400": members(450, 0, "last"),
	}
	all, walk, err = list(t.Context(), answers(t, pages))
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.Len(t, all, 151)
}

func TestAListThatBreaksOffIsNotComplete(t *testing.T) {
	t.Parallel()
	pages := map[string]any{"user": groupList(group("g", "staff")), "g": members(450, 0, "a", "b")}
	all, walk, err := list(t.Context(), answers(t, pages))
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.False(t, walk.Complete)
	require.NotEmpty(t, walk.Warnings)
}

func TestWhoMovesBetweenGroupsIsNotLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 400)
	from, to := w.groupID(t, "contractors"), w.groupID(t, "confluence-users-brightwater")
	who := w.Members(1, func(m double.Member) bool { return len(m.Groups) == 1 && m.Groups[0] == "contractors" })[0].ID
	moved := false
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		// After the large group is read, and before the other one is.
		if strings.Contains(r.URL.Path, from) && !moved {
			moved = true
			w.SetMember(who, from, false)
			w.SetMember(who, to, true)
		}
		w.ServeHTTP(rw, r)
	}))
	defer server.Close()
	all, walk, err := list(t.Context(), w.connect(t, option("group_ids", to+","+from), at(w, server)))
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.Contains(t, all, who)
}

func at(w *world, server *httptest.Server) func(*connector.Config) {
	return func(c *connector.Config) { c.BaseURL = server.URL + "/ex/confluence/" + w.CloudID() }
}

func TestWhoHoldsNoSeatIsLeftOut(t *testing.T) {
	t.Parallel()
	person := func(id string, more object) object {
		more["accountId"] = id
		return more
	}
	page := members(0, 0)
	page["results"] = []object{
		person("typeless", object{"type": "known"}),
		person("app", object{"type": "known", "accountType": "app"}),
		person("customer", object{"type": "known", "accountType": "customer"}),
		person("novel", object{"type": "known", "accountType": "something new"}),
		person("guest", object{"type": "known", "accountType": "atlassian", "isExternalCollaborator": true}),
		person("disabled", object{"type": "known", "accountType": "atlassian", "operations": []object{}}),
		person("null", object{"type": "user", "accountType": "atlassian", "operations": nil, "email": nil, "publicName": "Nil"}),
		person("unknown", object{"type": "unknown"}),
		person("", object{"type": "anonymous"}),
	}
	all, walk, err := list(t.Context(), answers(t, map[string]any{"user": groupList(group("g", "staff")), "g": page}))
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.Len(t, all, 2)
	require.Equal(t, "typeless", all["typeless"].UserPrincipalName)
	require.Equal(t, "Nil [null]", all["null"].UserPrincipalName)
}

func TestAnAdminKeyTellsWhatPeopleHide(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 250)
	all, walk, err := list(t.Context(), w.connect(t, w.withAdminKey))
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.Len(t, all, 250)
	for id, s := range all {
		m, _ := w.Find(id)
		require.NotEmpty(t, s.Email)
		require.Equal(t, s.Email, s.UserPrincipalName)
		require.Equal(t, m.Created, s.ExternalCreated)
	}
}

func (w *world) withAdminKey(c *connector.Config) {
	c.Secrets["admin_api_key"] = connector.NewSecret(w.AdminKey())
	c.Options["organization_id"] = w.OrganizationID()
}

func TestNoMoreRequestsThanNeeded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 4000)
	id := w.groupID(t, "confluence-users-brightwater")
	c := w.connect(t, option("group_ids", id))
	_, walk, err := list(t.Context(), c)
	require.NoError(t, err)
	require.True(t, walk.Complete)
	size := 0
	for _, g := range w.Groups() {
		if g.ID == id {
			size = g.Members
		}
	}
	pages := (size + 199) / 200
	require.Equal(t, pages+1, c.Requests(), "every page once, and one look whether the group changed")
	require.Equal(t, c.Requests(), w.Requests().Total)
}

type object = map[string]any

func group(id, name string) object { return object{"type": "group", "id": id, "name": name} }

func groupList(groups ...object) object {
	return object{"results": groups, "_links": object{"base": "https://example.atlassian.net/wiki"}}
}

func members(total, next int, ids ...string) object {
	results := []object{}
	for _, id := range ids {
		results = append(results, object{"type": "known", "accountId": id, "accountType": "atlassian", "publicName": id})
	}
	links := object{"base": "https://example.atlassian.net/wiki", "context": "/wiki"}
	if next > 0 {
		links["next"] = fmt.Sprintf("/rest/api/group/g/membersByGroupId?limit=200&start=%d", next)
	}
	if total == 0 {
		total = len(ids)
	}
	return object{"results": results, "totalSize": total, "_links": links}
}

// answers is a Confluence that says what the test says, for shapes that the double does not have: the lists of groups by
// level, and the pages of a group by id and offset.
func answers(t *testing.T, pages map[string]any) connector.Connector {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, start := r.FormValue("accessType"), r.FormValue("start")
		if _, path, ok := strings.Cut(r.URL.Path, "/rest/api/group/"); ok {
			name, _, _ = strings.Cut(path, "/")
		}
		answer, ok := pages[name+"?"+start]
		if !ok && (start == "" || start == "0") {
			answer, ok = pages[name]
		}
		if !ok {
			answer = object{"results": []object{}, "_links": object{}}
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(server.Close)
	return connectTo(t, server.URL)
}

package trello_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/trello"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

func TestTheRouteDependsOnTheNumberOfMembers(t *testing.T) {
	t.Parallel()
	for members, offset := range map[int]bool{9900: true, 9901: false} {
		w := newWorld(t, members)
		all, walk, err := list(t.Context(), w.connect(t))
		require.NoError(t, err)
		require.True(t, walk.Complete)
		require.Len(t, all, members)
		require.Equal(t, offset, w.Requests().ByRoute[double.RouteMembers] > 0)
		require.Equal(t, offset, w.Requests().ByRoute[double.RouteQuery] == 0)
	}
}

func TestCursorsAreFoundWhereverTheyAre(t *testing.T) {
	t.Parallel()
	for _, fault := range []double.Fault{double.FaultCursorEnvelope, double.FaultCursorLink, double.FaultReorder} {
		w := newWorld(t, 10_200, double.Injection{Fault: fault})
		all, walk, err := list(t.Context(), w.connect(t))
		require.NoError(t, err, fault)
		require.True(t, walk.Complete, fault)
		require.Len(t, all, 10_200, fault)
	}
}

func TestAFullPageWithoutCursorIsNoSuccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10_200, double.Injection{Fault: double.FaultCursorMissing})
	_, walk, err := list(t.Context(), w.connect(t))
	require.ErrorContains(t, err, "no cursor")
	require.False(t, walk.Complete)
}

func TestShortPagesSkipNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 430, double.Injection{Fault: double.FaultSmallPages})
	all, walk, err := list(t.Context(), w.connect(t))
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.Len(t, all, 430)
}

func TestADateThatCannotBeReadIsNotInactivity(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30, double.Injection{Fault: double.FaultBadDate})
	_, walk, err := list(t.Context(), w.connect(t))
	require.ErrorContains(t, err, "cannot be read")
	require.False(t, walk.Complete)
}

// answers is a Trello that says what the test says, for shapes that the double does not have.
func answers(t *testing.T, routes map[string]any) connector.Connector {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, ok := routes[r.URL.Path]
		if next, isList := routes[r.URL.Path+"?"+r.URL.Query().Get("startIndex")+r.URL.Query().Get("cursor")]; isList {
			answer, ok = next, true
		}
		if !ok {
			_, _ = w.Write([]byte(`[]`))
			return
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(server.Close)
	c, err := trello.New(connector.Config{
		BaseURL: server.URL, Unlimited: true, Now: func() time.Time { return noon },
		Secrets: map[string]connector.Secret{"api_key": connector.NewSecret("akey"), "api_token": connector.NewSecret("atoken")},
	})
	require.NoError(t, err)
	return c
}

const ent = "65a0000000000000000000e1"

type object = map[string]any

func enterpriseWith(total any) map[string]any {
	return map[string]any{
		"/1/members/me":         object{"id": "5f3c2a10aaaaaaaaaaaaaaa1", "username": "opsbot", "idEnterprisesAdmin": []string{ent}},
		"/1/enterprises/" + ent: object{"id": ent, "licenses": object{"totalMembers": total}, "idAdmins": []string{}},
	}
}

func TestWhatTrelloLeavesOutIsUnknown(t *testing.T) {
	t.Parallel()
	routes := enterpriseWith(nil)
	routes["/1/enterprises/"+ent+"/members?1"] = []object{
		{"id": "646e92a0a016198d3cf81e8a", "username": "aquill", "fullName": "Ada Quill", "memberEmail": "ada@example.com",
			"dateLastAccessed": "2026-01-02T22:41:36.406Z", "dateLastActive": "2026-03-02T01:00:00+01:00", "dateLastImpression": nil,
			"somethingNew": object{}},
		{"id": "66b2f0a1b016198d3cf80001", "username": "breed", "memberEmail": nil},
		{"id": "66b2f0a1b016198d3cf80002", "fullName": "Cleo Day"},
		{"id": "66b2f0a1b016198d3cf80003"},
		{"id": "66b2f0a1b016198d3cf80004", "username": "gone", "idEnterprisesDeactivated": []string{ent}},
		{"id": "66b2f0a1b016198d3cf80005", "username": "here", "idEnterprisesDeactivated": []string{"65a0000000000000000000ff"}},
	}
	all, walk, err := list(t.Context(), answers(t, routes))
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.Equal(t, -1, walk.Total)
	require.Empty(t, walk.Warnings)
	var names []string
	for _, s := range all {
		names = append(names, s.UserPrincipalName)
	}
	require.Equal(t, []string{
		"ada@example.com", "breed (66b2f0a1b016198d3cf80001)", "Cleo Day (66b2f0a1b016198d3cf80002)",
		"66b2f0a1b016198d3cf80003", "here (66b2f0a1b016198d3cf80005)",
	}, names)
	require.Equal(t, time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), all[0].LastActivity, "the latest of all dates, though it is old")
	require.Equal(t, time.Date(2023, 5, 24, 22, 41, 36, 0, time.UTC), all[0].ExternalCreated)
	require.Zero(t, all[1].LastActivity)
	require.False(t, walk.NoActivity, "one told date shows that Trello tells them")
	require.Equal(t, []string{"aquill", "breed", "", "", "here"}, userNames(all))
}

func userNames(all []connector.Subscription) []string {
	var names []string
	for _, s := range all {
		names = append(names, s.UserName)
	}
	return names
}

func TestANullIsNobodysActivityAndAGapIsUnknown(t *testing.T) {
	t.Parallel()
	const id = "66b2f0a1b016198d3cf80001"
	for name, c := range map[string]struct {
		dates object
		told  bool
	}{
		"null":           {object{"dateLastAccessed": nil}, true},
		"another's null": {object{"lastActive": nil}, true},
		"nothing":        {object{}, false},
	} {
		m := object{"id": id, "username": "breed"}
		for key, value := range c.dates {
			m[key] = value
		}
		routes := enterpriseWith(1)
		routes["/1/enterprises/"+ent+"/members?1"] = []object{m}
		routes["/1/enterprises/"+ent+"/members/"+id] = m
		vendor := answers(t, routes)
		all, walk, err := list(t.Context(), vendor)
		require.NoError(t, err, name)
		require.True(t, walk.Complete, name)
		require.Zero(t, all[0].LastActivity, name)
		require.Equal(t, !c.told, walk.NoActivity, name)
		last, err := vendor.(connector.ActivityReader).LastActivity(t.Context(), id)
		require.Zero(t, last)
		if c.told {
			require.NoError(t, err, name)
		} else {
			require.ErrorContains(t, err, "no date of the last activity", name)
		}
	}

	routes := enterpriseWith(2)
	never, seen := object{"id": id}, object{"id": "66b2f0a1b016198d3cf80002", "dateLastAccessed": "2026-11-02T22:41:36.406Z"}
	routes["/1/enterprises/"+ent+"/members?1"] = []object{never, seen}
	routes["/1/enterprises/"+ent+"/members/"+id] = never
	last, err := answers(t, routes).(connector.ActivityReader).LastActivity(t.Context(), id)
	require.NoError(t, err, "Trello leaves the date out for who was never seen")
	require.Zero(t, last)
	_, walk, err := list(t.Context(), answers(t, enterpriseWith(0)))
	require.NoError(t, err)
	require.False(t, walk.NoActivity, "an empty list tells nothing about dates")
}

func TestMembersQueryIsFilteredHereToo(t *testing.T) {
	t.Parallel()
	entry := func(n int, with object) object {
		with["member"] = object{"id": fmt.Sprintf("66b2f0a1b016198d3cf800%02d", n), "fullname": "Somebody"}
		return with
	}
	routes := enterpriseWith(10_000)
	routes["/1/enterprises/"+ent+"/members/query?"] = object{"data": []object{
		entry(1, object{"licensed": true, "lastActive": "2026-11-02T22:41:36.406Z"}),
		entry(2, object{"licensed": false}),
		entry(3, object{"licensed": true, "deactivated": true}),
	}, "nextCursor": "more"}
	routes["/1/enterprises/"+ent+"/members/query?more"] = []object{entry(4, object{})}
	all, walk, err := list(t.Context(), answers(t, routes))
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, time.Date(2026, 11, 2, 22, 41, 36, 406e6, time.UTC), all[0].LastActivity)
	require.Equal(t, "Somebody", all[0].FullName)
	require.Equal(t, "66b2f0a1b016198d3cf80004", all[1].ExternalUserID)
	require.False(t, walk.Complete, "two people for ten thousand licences are not all")
	require.Contains(t, walk.Warnings[0], "10000 used licences but lists only 2")
}

func TestTheOffsetsEndAndTheCursorGoesOn(t *testing.T) {
	t.Parallel()
	// The enterprise says that it is small, and the list does not end at 9,999.
	w := newWorld(t, 10_150)
	d := w.Double
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/1/enterprises/"+d.EnterpriseID() {
			_ = json.NewEncoder(rw).Encode(object{"id": d.EnterpriseID(), "licenses": object{"totalMembers": 9000}})
			return
		}
		d.ServeHTTP(rw, r)
	}))
	defer server.Close()
	all, walk, err := list(t.Context(), w.connect(t, func(c *connector.Config) { c.BaseURL = server.URL }))
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.Len(t, all, 10_150)
	require.Contains(t, walk.Warnings[0], "counts 9000 used licences and lists 10150")
}

func TestAMemberWithoutIDIsABadAnswer(t *testing.T) {
	t.Parallel()
	routes := enterpriseWith(1)
	routes["/1/enterprises/"+ent+"/members?1"] = []object{{"fullName": "Nobody"}}
	_, _, err := list(t.Context(), answers(t, routes))
	require.ErrorContains(t, err, "has no id")
}

func TestRateLimitHeadersAreHonoured(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 500, double.Injection{Fault: double.FaultNoBudgets})
	var left atomic.Int64
	left.Store(3)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("X-Rate-Limit-Api-Token-Remaining", fmt.Sprint(max(left.Add(-1), 0)))
		w.ServeHTTP(rw, r)
	}))
	defer server.Close()
	_, _, err := list(t.Context(), w.connect(t, func(c *connector.Config) { c.BaseURL = server.URL }))
	require.NoError(t, err)
	require.GreaterOrEqual(t, w.clock.Slept(), 10*time.Second, "with nothing remaining the next window has to come")
}

func TestASubRequestThatFailedIsTriedOnceMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30, double.Injection{Fault: double.Fault449, Times: 1})
	_, walk, err := list(t.Context(), w.connect(t))
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.NoError(t, w.Inject(double.Injection{Fault: double.Fault449}))
	_, _, err = list(t.Context(), w.connect(t))
	require.ErrorContains(t, err, "answered 449")
}

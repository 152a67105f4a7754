package confluence_test

import (
	"encoding/json"
	"io"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

type object = map[string]any

func newDouble(o confluence.Options) *confluence.Double {
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	o.Seed = 5
	return confluence.New(o)
}

type response struct {
	*httptest.ResponseRecorder
	t testing.TB
}

func (r response) object() object {
	r.t.Helper()
	var o object
	require.NoError(r.t, json.Unmarshal(r.Body.Bytes(), &o), r.Body.String())
	return o
}

func (r response) results() []any {
	r.t.Helper()
	results, ok := r.object()["results"].([]any)
	require.True(r.t, ok, r.Body.String())
	return results
}

func (r response) next() string {
	r.t.Helper()
	links, ok := r.object()["_links"].(object)
	require.True(r.t, ok)
	next, _ := links["next"].(string)
	return next
}

func call(t testing.TB, d *confluence.Double, method, path string, headers ...string) response {
	t.Helper()
	return callWith(t, d, method, path, nil, headers...)
}

func callWith(t testing.TB, d *confluence.Double, method, path string, body io.Reader, headers ...string) response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, body)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return response{w, t}
}

// api calls a route of version 1 through the gateway.
func api(t testing.TB, d *confluence.Double, method, path string, headers ...string) response {
	t.Helper()
	headers = append([]string{"Authorization", "Bearer " + d.Token()}, headers...)
	return call(t, d, method, "/ex/confluence/"+d.CloudID()+"/wiki/rest/api"+path, headers...)
}

func groupID(t testing.TB, d *confluence.Double, name string) string {
	t.Helper()
	for _, g := range d.Groups() {
		if g.Name == name {
			return g.ID
		}
	}
	require.FailNow(t, name)
	return ""
}

func TestAuthenticationAnswersAsAtlassianDoes(t *testing.T) {
	t.Parallel()
	d := newDouble(confluence.Options{Members: 3})
	gateway, site := "/ex/confluence/"+d.CloudID()+"/wiki/rest/api/user/current", "/wiki/rest/api/user/current"
	basic := func(name, token string) string {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		r.SetBasicAuth(name, token)
		return r.Header.Get("Authorization")
	}
	mail, token := d.Basic()
	granted := d.Grant("read:confluence-user").Access
	for _, c := range []struct {
		path, authorization string
		status              int
		says                string
	}{
		{gateway, "", 401, `"message":"Unauthorized"`},
		{gateway, "Bearer wrong", 401, `"message":"Unauthorized"`},
		{gateway, "Bearer " + d.Token(), 200, "Ops Bot"},
		{gateway, "Bearer " + granted, 200, "Ops Bot"},
		{gateway, basic(mail, token), 200, "Ops Bot"},
		{gateway, basic(mail, "wrong"), 401, "Unauthorized"},
		{site, basic(mail, token), 200, "Ops Bot"},
		{site, "Bearer " + d.Token(), 401, "Unauthorized"},
		{site, "Bearer " + granted, 401, "Unauthorized"},
		{strings.Replace(gateway, d.CloudID(), "11111111-2222-4333-8444-555555555555", 1), "Bearer " + d.Token(), 404, "Not Found"},
		{strings.Replace(gateway, "user/current", "group", 1), "Bearer " + granted, 401, "scope does not match"},
	} {
		resp := call(t, d, "GET", c.path, "Authorization", c.authorization)
		require.Equal(t, c.status, resp.Code, "%s %s", c.path, c.authorization)
		require.Contains(t, resp.Body.String(), c.says)
		require.Contains(t, resp.Header().Get("Content-Type"), "application/json")
	}
}

func TestRequestsAreCheckedAsConfluenceDoes(t *testing.T) {
	t.Parallel()
	d := newDouble(confluence.Options{Members: 30})
	users := groupID(t, d, "confluence-users-brightwater")
	const unknown = "11111111-2222-4333-8444-555555555555"
	search := func(cql string) string { return "/search?cql=" + url.QueryEscape(cql) }
	for path, status := range map[string]int{
		"/group?limit=201":                                400,
		"/group?start=x":                                  400,
		"/group?accessType=owner":                         400,
		"/group/by-id?id=" + users:                        200,
		"/group/by-id?id=" + unknown:                      404,
		"/group/" + users + "/membersByGroupId?limit=201": 400,
		"/group/" + unknown + "/membersByGroupId":         200,
		"/user/memberof?accountId=nobody":                 404,
		search("type = page"):                             200,
		search("type=page"):                               200,
		search(`lastmodified >= "2026/11/01" order by lastmodified desc`): 200,
		search("type = spaceship"):                                        400,
		search("user.fullname = x"):                                       400,
		search("lastmodified >= yesterday"):                               400,
		search("lastmodified in (2026-11-01)"):                            400,
		search("contributor > x"):                                         400,
		search("contributor in ()"):                                       400,
		search("type = page or type = comment"):                           400,
		search(""):                                                        400,
		search("type = page") + "&cursor=guess":                           400,
		search("type = page") + "&limit=x":                                400,
		"/nothing":                                                        404,
	} {
		require.Equal(t, status, api(t, d, "GET", path).Code, path)
	}
	require.Empty(t, api(t, d, "GET", "/group/"+unknown+"/membersByGroupId").results())
}

func TestMembersArePagedAndSuspendedPeopleLeftOut(t *testing.T) {
	t.Parallel()
	d := newDouble(confluence.Options{Members: 500})
	path := "/group/" + groupID(t, d, "confluence-users-brightwater") + "/membersByGroupId"
	first := api(t, d, "GET", path+"?shouldReturnTotalSize=true")
	require.Len(t, first.results(), 200)
	total, ok := first.object()["totalSize"].(float64)
	require.True(t, ok)
	require.NotContains(t, api(t, d, "GET", path).object(), "totalSize", "only on request")
	listed, kinds := 0, map[any]int{}
	for next := "?limit=200"; next != ""; {
		page := api(t, d, "GET", path+next)
		listed += len(page.results())
		for _, r := range page.results() {
			user, ok := r.(object)
			require.True(t, ok)
			kinds[user["accountType"]]++
			require.NotContains(t, user, "operations", "only on request")
		}
		link := page.next()
		require.False(t, strings.HasPrefix(link, "/wiki"), "relative to the base, which is the site")
		_, query, more := strings.Cut(link, "?")
		if next = ""; more {
			next = "?" + query
		}
	}
	suspended := len(d.Members(0, func(m confluence.Member) bool { return m.Suspended }))
	require.Positive(t, suspended)
	require.Equal(t, int(total)-suspended, listed)
	require.Positive(t, kinds["app"])
	require.Positive(t, kinds["customer"])
	require.Contains(t, api(t, d, "GET", path+"?expand=operations").Body.String(), `"operations":[{"operation":"use"`)
}

func TestGroupsAreOfLevels(t *testing.T) {
	t.Parallel()
	d := newDouble(confluence.Options{Members: 30, ExtraGroups: 250})
	require.Len(t, api(t, d, "GET", "/group").results(), 200)
	require.NotEmpty(t, api(t, d, "GET", "/group").next())
	for level, count := range map[string]int{"user": 3, "admin": 1, "site-admin": 2} {
		require.Len(t, api(t, d, "GET", "/group?accessType="+level).results(), count)
	}
}

func TestSearchPagesByCursorOnly(t *testing.T) {
	t.Parallel()
	d := newDouble(confluence.Options{Members: 300})
	cql := url.QueryEscape(`lastmodified >= "2026-09-01" order by lastmodified asc`)
	first := api(t, d, "GET", "/search?limit=100&expand=content.version,content.history&cql="+cql)
	require.Len(t, first.results(), 100)
	total, ok := first.object()["totalSize"].(float64)
	require.True(t, ok)
	_, query, _ := strings.Cut(first.next(), "?")
	next, err := url.ParseQuery(query)
	require.NoError(t, err)
	cursor := url.QueryEscape(next.Get("cursor"))
	require.Equal(t, 400, api(t, d, "GET", "/search?cql=type=page&cursor="+cursor).Code, "a cursor belongs to its query")
	again := api(t, d, "GET", "/search?limit=1000&start=5&cql="+cql+"&cursor="+cursor)
	require.Len(t, again.results(), int(total)-100, "start is not looked at")
	require.Len(t, api(t, d, "GET", "/search?limit=1000&expand=content.version&cql="+cql).results(), 200, "expanding caps the page")
	require.NotContains(t, again.Body.String(), "createdBy")
}

func TestSearchReadsDatesInTheTimeZoneOfTheCaller(t *testing.T) {
	t.Parallel()
	count := func(zone *time.Location, from, to string) float64 {
		d := newDouble(confluence.Options{Members: 1, TimeZone: zone})
		d.EditAt(d.Members(1, nil)[0].ID, noon.Add(-10*time.Hour))
		cql := `type=page and lastmodified < "2026-11-24 ` + to + `" and lastmodified >= "2026-11-24 ` + from + `"`
		total, ok := api(t, d, "GET", "/search?cql="+url.QueryEscape(cql)).object()["totalSize"].(float64)
		require.True(t, ok)
		return total
	}
	east := time.FixedZone("east", 3600)
	require.InDelta(t, 1, count(time.UTC, "02:00", "02:05"), 0)
	require.InDelta(t, 0, count(time.UTC, "02:01", "02:05"), 0)
	require.InDelta(t, 0, count(time.UTC, "01:55", "02:00"), 0)
	require.InDelta(t, 1, count(east, "03:00", "03:05"), 0)
	require.InDelta(t, 0, count(east, "02:00", "02:05"), 0)
}

func TestPointsAreSpentByTheHour(t *testing.T) {
	t.Parallel()
	now := noon
	d := newDouble(confluence.Options{Members: 60, PointsPerHour: 10, Now: func() time.Time { return now }})
	access := d.Grant("read:confluence-user").Access
	ask := func() response {
		return call(t, d, "GET", "/ex/confluence/"+d.CloudID()+"/wiki/rest/api/user/current", "Authorization", "Bearer "+access)
	}
	for left := 7; left >= 0; left -= 3 {
		resp := ask()
		require.Equal(t, 200, resp.Code)
		require.Equal(t, map[int]string{7: "7", 4: "4", 1: "1"}[left], resp.Header().Get("X-RateLimit-Remaining"))
		require.Equal(t, "2026-11-24T13:00:00Z", resp.Header().Get("X-RateLimit-Reset"))
	}
	require.Equal(t, 200, ask().Code)
	refused := ask()
	require.Equal(t, 429, refused.Code)
	require.Equal(t, "confluence-quota-global-based", refused.Header().Get("RateLimit-Reason"))
	require.Equal(t, "3601", refused.Header().Get("Retry-After"))
	require.Equal(t, 1, d.Requests().Refused)
	require.Equal(t, 200, api(t, d, "GET", "/user/current").Code, "API tokens spend none")
	now = now.Add(time.Hour)
	access = d.Grant("read:confluence-user").Access
	require.Equal(t, 200, ask().Code)
}

func TestBurstsAreRefused(t *testing.T) {
	t.Parallel()
	d := newDouble(confluence.Options{Members: 3})
	for range 100 {
		require.Equal(t, 200, api(t, d, "GET", "/user/current").Code)
	}
	refused := api(t, d, "GET", "/user/current")
	require.Equal(t, 429, refused.Code)
	require.Equal(t, "confluence-burst-based", refused.Header().Get("RateLimit-Reason"))
	require.Equal(t, 200, api(t, d, "GET", "/group").Code, "each endpoint has a limit of its own")
}

func TestTheAdminAPITellsVisits(t *testing.T) {
	t.Parallel()
	d := newDouble(confluence.Options{Members: 120})
	admin := func(path, key string) response {
		return call(t, d, "GET", "/admin"+path, "Authorization", "Bearer "+key)
	}
	who := d.Members(1, func(m confluence.Member) bool { return m.LastVisit != nil && m.LastEdit == nil })[0]
	path := "/v1/orgs/" + d.OrganizationID() + "/directory/users/" + who.ID + "/last-active-dates"
	require.Contains(t, admin(path, d.AdminKey()).Body.String(), who.LastVisit.Format(time.RFC3339))
	require.Equal(t, 401, admin(path, d.Token()).Code)
	require.Equal(t, 404, admin(strings.Replace(path, who.ID, "nobody", 1), d.AdminKey()).Code)
	users := "/v2/orgs/" + d.OrganizationID() + "/directories/-/users"
	first := admin(users, d.AdminKey()).object()
	require.Len(t, first["data"], 100)
	links, ok := first["links"].(object)
	require.True(t, ok)
	next, ok := links["next"].(string)
	require.True(t, ok)
	require.NotEmpty(t, admin(users+"?cursor="+next, d.AdminKey()).object()["data"])
	require.Equal(t, 400, admin(users+"?cursor=x", d.AdminKey()).Code)
	require.Equal(t, 404, admin("/v2/orgs/other/directories/-/users", d.AdminKey()).Code)
}

func TestEqualSeedsMakeEqualSites(t *testing.T) {
	t.Parallel()
	a, b := newDouble(confluence.Options{Members: 90}), newDouble(confluence.Options{Members: 90})
	require.Equal(t, a.Members(0, nil), b.Members(0, nil))
	require.Equal(t, a.Groups(), b.Groups())
	require.Equal(t, a.Token(), b.Token())
	seats, readers, overwritten := 0, 0, 0
	for _, m := range a.Members(0, nil) {
		found, ok := a.Find(m.ID)
		require.True(t, ok)
		require.Equal(t, m, found)
		if m.Seat {
			seats++
			require.False(t, m.Guest || m.Suspended)
		}
		if m.LastVisit != nil && m.LastEdit == nil {
			readers++
		}
		if m.Overwritten {
			overwritten++
		}
	}
	require.Equal(t, 90, seats)
	require.Positive(t, readers)
	require.Positive(t, overwritten)
}

func TestTheDoubleIsSteeredOverHTTP(t *testing.T) {
	t.Parallel()
	d := newDouble(confluence.Options{Members: 60})
	post := func(path, body string) response { return callWith(t, d, "POST", path, strings.NewReader(body)) }
	require.Equal(t, 200, post("/_double/faults", `{"fault":"status_503","route":"me","times":1}`).Code)
	require.Equal(t, 200, post("/_double/faults", `[{"fault":"html","route":"search"},{"fault":"slow","delay_ms":1}]`).Code)
	require.Equal(t, 400, post("/_double/faults", `{"fault":"earthquake"}`).Code)
	require.Equal(t, 400, post("/_double/faults", `nonsense`).Code)
	require.Equal(t, 503, api(t, d, "GET", "/user/current").Code)
	require.Equal(t, 200, api(t, d, "GET", "/user/current").Code)
	require.Equal(t, 204, call(t, d, "DELETE", "/_double/faults").Code)

	var idle []confluence.Member
	require.NoError(t, json.Unmarshal(call(t, d, "GET", "/_double/members?seat=true&idle_days=60&limit=2").Body.Bytes(), &idle))
	require.Len(t, idle, 2)
	require.Equal(t, 400, call(t, d, "GET", "/_double/members?limit=x").Code)
	edited := post("/_double/members/"+idle[0].ID+"/edit", "").object()
	require.Equal(t, noon.Format(time.RFC3339), edited["last_edit"])
	require.Equal(t, 404, post("/_double/members/nobody/visit", "").Code)
	require.Contains(t, call(t, d, "GET", "/_double/groups").Body.String(), "confluence-users-brightwater")
	require.Contains(t, call(t, d, "GET", "/_double/requests").Body.String(), `"me":2`)
}

func TestManyPeopleAreMadeQuickly(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("makes 100,000 people; run without -short")
	}
	d := newDouble(confluence.Options{Members: 100_000})
	require.Len(t, d.Members(0, func(m confluence.Member) bool { return m.Seat }), 100_000)
}

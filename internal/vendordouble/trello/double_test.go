package trello_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func newDouble(members int) *trello.Double {
	return trello.New(trello.Options{Members: members, Seed: 5, Now: func() time.Time { return noon }, NoBudgets: true})
}

// response is an answer that was read to its end.
type response struct {
	StatusCode int
	Header     http.Header
}

// call sends a request and returns its answer and the body of that.
func call(t testing.TB, d http.Handler, method, path string, headers ...string) (response, string) {
	t.Helper()
	var body io.Reader
	if at, ok := strings.CutPrefix(method, "POST "); ok {
		method, body = http.MethodPost, strings.NewReader(at)
	}
	r := httptest.NewRequest(method, path, body)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return response{w.Code, w.Header()}, w.Body.String()
}

func signedIn(d *trello.Double) []string {
	return []string{"Authorization", `OAuth oauth_consumer_key="` + d.Key() + `", oauth_token="` + d.Token() + `"`}
}

func get(t testing.TB, d *trello.Double, path string, into any) http.Header {
	t.Helper()
	resp, body := call(t, d, "GET", path, signedIn(d)...)
	require.Equal(t, http.StatusOK, resp.StatusCode, body)
	require.NoError(t, json.Unmarshal([]byte(body), into))
	return resp.Header
}

func TestAuthenticationAnswersAsTrelloDoes(t *testing.T) {
	t.Parallel()
	d := newDouble(3)
	for query, says := range map[string]string{
		"":                                       "unauthorized permission requested",
		"key=" + d.Key():                         "missing scopes",
		"token=" + d.Token():                     "invalid key",
		"key=wrong&token=" + d.Token():           "invalid key",
		"key=" + d.Key() + "&token=wrong":        "invalid token",
		"key=" + d.Key() + "&token=" + d.Token(): "",
	} {
		resp, body := call(t, d, "GET", "/1/members/me?fields=id&"+query)
		if says == "" {
			require.Equal(t, http.StatusOK, resp.StatusCode, body)
			continue
		}
		require.Equal(t, http.StatusUnauthorized, resp.StatusCode, query)
		require.Equal(t, says, body)
		require.Contains(t, resp.Header.Get("Content-Type"), "text/plain")
	}
}

func TestIdsAreCheckedAsTrelloDoes(t *testing.T) {
	t.Parallel()
	d := newDouble(3)
	const unknown = "0123456789abcdef01234567"
	base := "/1/enterprises/" + d.EnterpriseID()
	for path, status := range map[string]int{
		"/1/enterprises/nonsense":                400,
		"/1/enterprises/" + unknown:              404,
		"/1/enterprises/brightwater":             200,
		base + "/members/nonsense":               400,
		base + "/members/" + unknown:             404,
		base + "/members?count=101":              400,
		base + "/members?startIndex=x":           400,
		base + "/members?startIndex=10000":       400,
		base + "/members?startIndex=9999":        200,
		base + "/members/query?cursor=~":         400,
		base + "/members/query?licensed=perhaps": 400,
		base + "/members/query?licensed=false":   400,
		base + "/members/query?activeSince=now":  400,
		"/1/nothing":                             404,
		"/1/tokens/wrong":                        404,
	} {
		resp, body := call(t, d, "GET", path, signedIn(d)...)
		require.Equal(t, status, resp.StatusCode, "%s: %s", path, body)
	}
}

func TestEqualSeedsMakeEqualEnterprises(t *testing.T) {
	t.Parallel()
	one, same := newDouble(40).Members(0, nil), newDouble(40).Members(0, nil)
	require.Equal(t, one, same)
	other := trello.New(trello.Options{Members: 40, Seed: 6, Now: func() time.Time { return noon }}).Members(0, nil)
	require.NotEqual(t, one, other)
}

func TestTheEnterpriseIsBelievable(t *testing.T) {
	t.Parallel()
	const members = 5000
	d := newDouble(members)
	ids, mails := map[string]bool{}, map[string]bool{}
	kinds := map[string]int{}
	sixty := noon.AddDate(0, 0, -60)
	for _, m := range d.Members(0, nil) {
		require.False(t, ids[m.ID], "ids are unique")
		ids[m.ID] = true
		seconds, err := strconv.ParseInt(m.ID[:8], 16, 64)
		require.NoError(t, err)
		require.Equal(t, m.Created, time.Unix(seconds, 0).UTC(), "an id tells when it was made")
		require.False(t, m.Created.After(noon))
		if m.Email != "" {
			require.False(t, mails[m.Email], "mail addresses are unique: %s", m.Email)
			mails[m.Email] = true
			require.True(t, strings.HasSuffix(m.Email, "@example.com") || strings.HasSuffix(m.Email, "@example.org"))
		}
		if m.LastSeen != nil {
			require.False(t, m.LastSeen.After(noon))
			require.False(t, m.LastSeen.Before(m.Created), "nobody is seen before they exist")
		}
		for name, is := range map[string]bool{
			"licensed": m.Licensed, "deactivated": m.Deactivated, "guest": m.Guest, "admin": m.Admin,
			"hidden": m.Licensed && m.Email == "", "ghost": !m.Confirmed, "idle": trello.IdleSince(sixty)(m),
			"never": m.Licensed && m.LastSeen == nil, "new": m.Licensed && m.Created.After(sixty),
		} {
			if is {
				kinds[name]++
			}
		}
	}
	require.Equal(t, members, kinds["licensed"])
	require.Equal(t, 2, kinds["admin"])
	require.Equal(t, members/20, kinds["deactivated"])
	require.Equal(t, members/12, kinds["guest"])
	for name, share := range map[string][2]int{"idle": {15, 30}, "never": {8, 16}, "new": {8, 16}, "hidden": {8, 16}, "ghost": {3, 6}} {
		require.GreaterOrEqual(t, 100*kinds[name], share[0]*members, name)
		require.LessOrEqual(t, 100*kinds[name], share[1]*members, name)
	}
}

func TestFieldsAreHonoured(t *testing.T) {
	t.Parallel()
	d := newDouble(10)
	base := "/1/enterprises/" + d.EnterpriseID() + "/members"
	var page []map[string]any
	get(t, d, base+"?associationTypes=licensed&count=2", &page)
	require.Len(t, page, 2)
	require.Len(t, page[0], 4, "id, full name, initials and user name are the default")
	page = nil
	get(t, d, base+"?associationTypes=licensed&fields=id,dateLastAccessed", &page)
	withoutDate := 0
	for _, m := range page {
		date, told := m["dateLastAccessed"]
		if !told {
			withoutDate++
			continue
		}
		require.NotEmpty(t, date, "an absent date is left out, because clients read a null as 1970")
	}
	require.Positive(t, withoutDate)
	require.NoError(t, d.Inject(trello.Injection{Fault: trello.FaultNoDates}))
	page = nil
	get(t, d, base+"?associationTypes=licensed&fields=id,dateLastAccessed", &page)
	for _, m := range page {
		require.NotContains(t, m, "dateLastAccessed")
	}
}

func TestListsHoldWhomTheyShould(t *testing.T) {
	t.Parallel()
	d := newDouble(240)
	base := "/1/enterprises/" + d.EnterpriseID() + "/members"
	for query, want := range map[string]int{"licensed": 240, "managedFree": 24} {
		total := 0
		for start := 1; ; start += 100 {
			var page []map[string]any
			get(t, d, base+"?associationTypes="+query+"&startIndex="+strconv.Itoa(start), &page)
			if len(page) == 0 {
				break
			}
			total += len(page)
		}
		require.Equal(t, want, total)
	}
	ask := func(q url.Values) int {
		total := 0
		for {
			var page []map[string]any
			header := get(t, d, base+"/query?"+q.Encode(), &page)
			require.LessOrEqual(t, len(page), 100)
			total += len(page)
			if q.Set("cursor", header.Get("X-Trello-Cursor")); q.Get("cursor") == "" {
				return total
			}
		}
	}
	everybody := ask(url.Values{})
	require.Equal(t, 240+24+20+12, everybody)
	require.Equal(t, 240, ask(url.Values{"licensed": {"true"}, "deactivated": {"false"}}))
	require.Equal(t, 12, ask(url.Values{"deactivated": {"true"}}))
	require.Equal(t, 20, ask(url.Values{"collaborator": {"true"}}))
	require.Equal(t, 2, ask(url.Values{"admin": {"true"}}))
	since := noon.AddDate(0, 0, -60).Format(time.DateOnly)
	active, inactive := ask(url.Values{"activeSince": {since}}), ask(url.Values{"inactiveSince": {since}})
	require.Equal(t, everybody, active+inactive)
	require.Greater(t, active, inactive)
	require.Equal(t, 1, ask(url.Values{"search": {"ops b"}}))
	require.Equal(t, everybody, ask(url.Values{"managed": {"true"}})+ask(url.Values{"managed": {"false"}}))
}

func TestTheLimitsAreTrellos(t *testing.T) {
	t.Parallel()
	now := noon
	d := trello.New(trello.Options{Members: 3, Now: func() time.Time { return now }})
	path := "/1/enterprises/" + d.EnterpriseID()
	limited := func(path string) string {
		resp, body := call(t, d, "GET", path, signedIn(d)...)
		if resp.StatusCode == http.StatusOK {
			return ""
		}
		require.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
		var failure struct{ Error string }
		require.NoError(t, json.Unmarshal([]byte(body), &failure))
		return failure.Error
	}
	for range 100 {
		require.Empty(t, limited(path))
	}
	require.Equal(t, "API_TOKEN_LIMIT_EXCEEDED", limited(path))
	now = now.Add(10 * time.Second)
	require.Empty(t, limited(path))

	// More than 200 refusals in one window block the key for the rest of a window.
	for range 99 {
		limited(path)
	}
	for range 200 {
		require.NotEmpty(t, limited(path))
	}
	require.Equal(t, "API_TOKEN_LIMIT_EXCEEDED", limited(path))
	now = now.Add(9 * time.Second)
	require.Equal(t, "API_KEY_LIMIT_EXCEEDED", limited(path))

	now = now.Add(time.Hour)
	for range 10 {
		for range 10 {
			require.Empty(t, limited("/1/members/me"))
		}
		now = now.Add(10 * time.Second)
	}
	require.Equal(t, "MEMBER_LIMIT_EXCEEDED", limited("/1/members/me"))
	require.Empty(t, limited(path))
	require.Positive(t, d.Requests().Refused)
}

func TestTheStoryCanBeToldOverHTTP(t *testing.T) {
	t.Parallel()
	d := newDouble(30)
	var idle []trello.Member
	get(t, d, "/_double/members?licensed=true&idle_days=60&limit=3", &idle)
	require.Len(t, idle, 3)
	resp, body := call(t, d, "POST ", "/_double/members/"+idle[0].ID+"/login")
	require.Equal(t, http.StatusOK, resp.StatusCode, body)
	m, _ := d.Find(idle[0].ID)
	require.Equal(t, noon, *m.LastSeen)

	resp, _ = call(t, d, `POST [{"fault":"status_503","route":"me","times":1}]`, "/_double/faults")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	resp, _ = call(t, d, "GET", "/1/members/me", signedIn(d)...)
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	resp, _ = call(t, d, "GET", "/1/members/me", signedIn(d)...)
	require.Equal(t, http.StatusOK, resp.StatusCode)

	call(t, d, `POST {"fault":"admin_hub"}`, "/_double/faults")
	_, body = call(t, d, "GET", "/_double/faults")
	require.Contains(t, body, `"active":[{"fault":"admin_hub"}]`)
	call(t, d, "DELETE", "/_double/faults")
	_, body = call(t, d, "GET", "/_double/faults")
	require.Contains(t, body, `"active":[]`)

	var requests trello.Requests
	get(t, d, "/_double/requests", &requests)
	require.Equal(t, 2, requests.ByRoute[trello.RouteMe])

	for _, bad := range []string{`{"fault":"nonsense"}`, `{"fault":"slow","route":"nowhere"}`, `nonsense`} {
		resp, _ = call(t, d, "POST "+bad, "/_double/faults")
		require.Equal(t, http.StatusBadRequest, resp.StatusCode)
	}
	resp, _ = call(t, d, "POST ", "/_double/members/nobody/login")
	require.Equal(t, http.StatusNotFound, resp.StatusCode)
	resp, _ = call(t, d, "GET", "/_double/members?limit=-1")
	require.Equal(t, http.StatusBadRequest, resp.StatusCode)
}

func TestAnEmptyEnterpriseHasItsAdmin(t *testing.T) {
	t.Parallel()
	d := newDouble(0)
	var page []any
	get(t, d, "/1/enterprises/"+d.EnterpriseID()+"/members?associationTypes=licensed", &page)
	require.Empty(t, page)
	var me struct{ IDEnterprisesAdmin []string }
	get(t, d, "/1/members/me", &me)
	require.Equal(t, []string{d.EnterpriseID()}, me.IDEnterprisesAdmin)
}

func BenchmarkPage(b *testing.B) {
	d := newDouble(100_000)
	path := "/1/enterprises/" + d.EnterpriseID() + "/members/query?licensed=true"
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Authorization", signedIn(d)[1])
	var sink discard
	b.ReportAllocs()
	for b.Loop() {
		d.ServeHTTP(&sink, r)
	}
	require.Equal(b, http.StatusOK, sink.status)
}

type discard struct {
	header http.Header
	status int
	bytes.Buffer
}

func (d *discard) Header() http.Header {
	if d.header == nil {
		d.header = http.Header{}
	}
	return d.header
}

func (d *discard) WriteHeader(status int) { d.status = status }

func (d *discard) Write(p []byte) (int, error) {
	if d.status == 0 {
		d.status = http.StatusOK
	}
	return len(p), nil
}

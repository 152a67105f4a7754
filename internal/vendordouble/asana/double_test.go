package asana_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// ticking is a clock that a test moves.
type ticking struct {
	mu  sync.Mutex
	now time.Time
}

func (c *ticking) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *ticking) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type world struct {
	*asana.Double
	clock *ticking
	token string
}

func newWorld(t *testing.T, o asana.Options, faults ...asana.Fault) *world {
	t.Helper()
	clock := &ticking{now: noon}
	o.Now, o.Seed = clock.Now, 5
	d := asana.New(o)
	for _, f := range faults {
		require.NoError(t, d.Inject(asana.Injection{Fault: f}))
	}
	return &world{Double: d, clock: clock, token: d.Token()}
}

// answer is any answer in Asana's envelope.
type answer struct {
	status int
	header http.Header
	body   string
	Data   json.RawMessage
	Next   *struct{ Offset, Path, URI string } `json:"next_page"`
	Errors []struct{ Message, Help, Phrase string }
}

func (w *world) ask(t *testing.T, method, path string, body ...string) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://127.0.0.1"+path, strings.NewReader(strings.Join(body, "")))
	if strings.HasPrefix(path, "/-/") {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else if strings.HasPrefix(path, "/api/") {
		r.Header.Set("Authorization", "Bearer "+w.token)
	}
	recorder := httptest.NewRecorder()
	w.ServeHTTP(recorder, r)
	a := answer{status: recorder.Code, header: recorder.Header(), body: recorder.Body.String()}
	_ = json.Unmarshal(recorder.Body.Bytes(), &a)
	return a
}

func (a answer) list(t *testing.T) []map[string]any {
	t.Helper()
	var list []map[string]any
	require.NoError(t, json.Unmarshal(a.Data, &list), a.body)
	return list
}

func (w *world) path(rest string) string { return "/api/1.0/workspaces/" + w.WorkspaceID() + rest }

func TestEqualSeedsMakeEqualOrganisations(t *testing.T) {
	t.Parallel()
	a, b := newWorld(t, asana.Options{Members: 300}), newWorld(t, asana.Options{Members: 300})
	require.Equal(t, a.Members(0, nil), b.Members(0, nil))
	require.Equal(t, a.Token(), b.Token())
	seats := a.Members(0, func(m asana.Member) bool { return m.Seat })
	require.Len(t, seats, 300)
	mails := map[string]bool{}
	for _, m := range seats {
		if m.Email == "" {
			continue
		}
		require.Regexp(t, `@example\.(com|org)$`, m.Email)
		require.False(t, mails[m.Email], "mail addresses are unique")
		mails[m.Email] = true
	}
	require.Less(t, len(mails), 300, "some are hidden")
}

func TestRecordsAreCompactUnlessFieldsAreAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, asana.Options{Members: 30})
	row := w.ask(t, "GET", w.path("/workspace_memberships?limit=1")).list(t)[0]
	require.NotContains(t, row, "is_active")
	require.NotContains(t, row["user"], "email")
	row = w.ask(t, "GET", w.path("/workspace_memberships?limit=1&opt_fields=is_active,user.email")).list(t)[0]
	require.Equal(t, true, row["is_active"])
	require.Contains(t, row["user"], "email")
	require.NotContains(t, row, "is_admin")
	require.NotContains(t, w.ask(t, "GET", w.path("/tasks/search")).list(t)[0], "modified_at")
	require.Equal(t, "1210000000000000", w.ask(t, "GET", "/api/1.0/users?limit=5&workspace="+w.WorkspaceID()).list(t)[0]["gid"])
}

func TestPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, asana.Options{Members: 30})
	const list = "/workspace_memberships"
	for _, limit := range []string{"0", "101", "-1", "many"} {
		a := w.ask(t, "GET", w.path(list+"?limit="+limit))
		require.Equal(t, 400, a.status)
		require.Contains(t, a.Errors[0].Message, "limit")
		require.NotEmpty(t, a.Errors[0].Help)
	}
	all := w.ask(t, "GET", w.path(list))
	require.NotContains(t, all.body, "next_page", "only who sets a limit is told of pages")

	seen := map[any]bool{}
	next := "/workspaces/" + w.WorkspaceID() + list + "?limit=7"
	for next != "" {
		page := w.ask(t, "GET", "/api/1.0"+next)
		require.Equal(t, 200, page.status, page.body)
		for _, row := range page.list(t) {
			require.False(t, seen[row["gid"]])
			seen[row["gid"]] = true
		}
		next = ""
		if page.Next != nil {
			next = page.Next.Path
			require.Equal(t, "https://app.asana.com/api/1.0"+next, page.Next.URI)
		} else {
			require.Contains(t, page.body, `"next_page":null`)
		}
	}
	require.Len(t, seen, len(all.list(t)))

	first := w.ask(t, "GET", w.path(list+"?limit=7"))
	require.Contains(t, w.ask(t, "GET", w.path(list+"?limit=7&offset=forged")).Errors[0].Message, "invalid")
	w.clock.pass(901 * time.Second)
	a := w.ask(t, "GET", w.path(list+"?limit=7&offset="+first.Next.Offset))
	require.Equal(t, 400, a.status)
	require.Contains(t, a.Errors[0].Message, "offset: Your pagination token has expired")
}

func TestFormerMembershipsStandBesideTheNewOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, asana.Options{Members: 60})
	back := w.Members(1, func(m asana.Member) bool { return m.Returned })[0]
	rows := w.ask(t, "GET", w.path("/workspace_memberships?limit=100&opt_fields=is_active,created_at&user="+back.GID)).list(t)
	require.Len(t, rows, 2)
	require.Equal(t, false, rows[0]["is_active"])
	require.Equal(t, true, rows[1]["is_active"])
	require.Less(t, rows[0]["created_at"], rows[1]["created_at"])
}

func TestSearchHasNoPagesAndNoFixedOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, asana.Options{Members: 60}, asana.FaultCrowd)
	at := noon.AddDate(0, 0, -10)
	q := fmt.Sprintf("/tasks/search?limit=100&opt_fields=modified_at&modified_at.before=%s&modified_at.after=%s",
		at.Add(time.Millisecond).Format(time.RFC3339Nano), at.Add(-time.Millisecond).Format(time.RFC3339Nano))
	one, two := w.ask(t, "GET", w.path(q)), w.ask(t, "GET", w.path(q))
	require.Len(t, one.list(t), 100)
	require.NotContains(t, one.body, "next_page")
	require.NotEqual(t, one.body, two.body)

	sorted := w.ask(t, "GET", w.path("/tasks/search?limit=100&opt_fields=modified_at")).list(t)
	for i := range sorted[1:] {
		require.GreaterOrEqual(t, sorted[i]["modified_at"], sorted[i+1]["modified_at"])
	}
	require.Equal(t, 400, w.ask(t, "GET", w.path("/tasks/search?modified_at.after=yesterday")).status)
	require.Equal(t, 402, newWorld(t, asana.Options{}, asana.FaultFreePlan).ask(t, "GET", w.path("/tasks/search")).status)
}

func TestPrivateTasksAreForServiceAccounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, asana.Options{Members: 60})
	shy := w.Members(1, func(m asana.Member) bool { return m.Secretive })[0]
	q := "/api/1.0/tasks?limit=100&workspace=" + w.WorkspaceID() + "&assignee=" + shy.GID
	require.Empty(t, w.ask(t, "GET", q).list(t))
	w.token = w.ServiceToken()
	tasks := w.ask(t, "GET", q).list(t)
	require.NotEmpty(t, tasks)
	stories := fmt.Sprintf("/api/1.0/tasks/%s/stories?limit=100", tasks[0]["gid"])
	require.NotEmpty(t, w.ask(t, "GET", stories).list(t))
	w.token = w.Token()
	require.Equal(t, 404, w.ask(t, "GET", stories).status)
}

func TestTheAuditLogNeverEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, asana.Options{Members: 30})
	require.Equal(t, 403, w.ask(t, "GET", w.path("/audit_log_events?limit=1")).status)
	w.token = w.ServiceToken()
	page := w.ask(t, "GET", w.path("/audit_log_events?limit=100&event_type=user_login_succeeded&start_at=2026-11-20T00:00:00Z"))
	events := page.list(t)
	require.NotEmpty(t, events)
	for i := range events[1:] {
		require.LessOrEqual(t, events[i]["created_at"], events[i+1]["created_at"])
		require.Equal(t, "user_login_succeeded", events[i]["event_type"])
	}
	last := w.ask(t, "GET", w.path("/audit_log_events?limit=100&event_type=user_login_succeeded&offset="+page.Next.Offset))
	require.Empty(t, last.list(t))
	require.NotNil(t, last.Next, "whoever waits for more can ask on")
	none := w.ask(t, "GET", w.path("/audit_log_events?limit=100&start_at=2026-11-24T12:00:00Z"))
	require.Empty(t, none.list(t))
	require.Nil(t, none.Next)
}

func TestRemovalEndsTheMembershipAndTheAssignments(t *testing.T) {
	t.Parallel()
	w := newWorld(t, asana.Options{Members: 60})
	who := w.Members(1, func(m asana.Member) bool { return m.Seat && !m.Admin && m.Email != "" && m.LastSeen != nil })[0]
	assigned := "/api/1.0/tasks?limit=100&workspace=" + w.WorkspaceID() + "&assignee=" + who.GID
	require.NotEmpty(t, w.ask(t, "GET", assigned).list(t))
	remove := func(user string) answer {
		return w.ask(t, "POST", w.path("/removeUser"), fmt.Sprintf(`{"data":{"user":%q}}`, user))
	}
	a := remove(who.Email)
	require.Equal(t, 200, a.status)
	require.JSONEq(t, `{"data":{}}`, a.body)
	after, _ := w.Find(who.GID)
	require.False(t, after.Active)
	require.Empty(t, w.ask(t, "GET", assigned).list(t))
	require.Equal(t, 400, remove(who.GID).status)
	require.Equal(t, 404, remove("42").status)
	require.Equal(t, 400, remove("").status)
	require.Equal(t, 400, w.ask(t, "POST", w.path("/removeUser"), "{").status)
	require.NoError(t, w.Inject(asana.Injection{Fault: asana.FaultNonAdmin}))
	require.Equal(t, 403, remove("1210000000000003").status)
}

func TestAnExportTakesItsTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, asana.Options{Members: 30})
	const begin = `{"data":{"workspace":"1200000000000001","export_request_parameters":[{"resource_type":"task","fields":["gid","stories"]}]}}`
	require.Equal(t, 403, w.ask(t, "POST", "/api/1.0/exports/resource", begin).status)
	w.token = w.ServiceToken()
	var job struct {
		GID    string
		Status string
		Export struct {
			DownloadURL string `json:"download_url"`
		} `json:"new_resource_export"`
	}
	a := w.ask(t, "POST", "/api/1.0/exports/resource", begin)
	require.Equal(t, 201, a.status)
	require.NoError(t, json.Unmarshal(a.Data, &job))
	require.Equal(t, "not_started", job.Status)
	require.Equal(t, 403, w.ask(t, "POST", "/api/1.0/exports/resource", begin).status, "one at a time")
	for _, want := range []string{"in_progress", "succeeded"} {
		w.clock.pass(11 * time.Second)
		require.NoError(t, json.Unmarshal(w.ask(t, "GET", "/api/1.0/jobs/"+job.GID).Data, &job))
		require.Equal(t, want, job.Status)
	}
	file := strings.TrimPrefix(job.Export.DownloadURL, "http://127.0.0.1")
	unzipped, err := gzip.NewReader(strings.NewReader(w.ask(t, "GET", file).body))
	require.NoError(t, err)
	lines, seen, twice := bufio.NewScanner(unzipped), map[string]bool{}, false
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var task struct {
			GID     string
			Stories []any
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &task))
		require.NotEmpty(t, task.Stories)
		twice = twice || seen[task.GID]
		seen[task.GID] = true
	}
	require.NoError(t, lines.Err())
	require.True(t, twice, "some records come twice")
	require.Equal(t, 403, w.ask(t, "GET", file+"0").status)
	w.clock.pass(6 * time.Minute)
	require.Equal(t, 403, w.ask(t, "GET", file).status, "the address is good for five minutes")
}

func TestLimitsAndFailures(t *testing.T) {
	t.Parallel()
	w := newWorld(t, asana.Options{Members: 3})
	refused := 0
	for range 200 {
		a := w.ask(t, "GET", "/api/1.0/users/me")
		if a.status == 429 {
			refused++
			require.NotEmpty(t, a.header.Get("Retry-After"))
			require.Contains(t, a.Errors[0].Message, "too many requests")
		}
	}
	require.Equal(t, 50, refused, "the quota is looked at more often than once a minute")
	require.Equal(t, 50, w.Requests().Refused)
	w.clock.pass(time.Minute)
	searches := 0
	for range 70 {
		w.clock.pass(100 * time.Millisecond)
		if w.ask(t, "GET", w.path("/tasks/search")).status == 200 {
			searches++
		}
	}
	require.Equal(t, 60, searches)

	w = newWorld(t, asana.Options{Members: 3, NoBudgets: true})
	w.token = "wrong"
	a := w.ask(t, "GET", "/api/1.0/users/me")
	require.Equal(t, 401, a.status)
	require.Equal(t, "Not Authorized", a.Errors[0].Message)
	w.token, _ = w.Grant()
	require.Equal(t, 200, w.ask(t, "GET", "/api/1.0/users/me").status)
	w.clock.pass(61 * time.Minute)
	a = w.ask(t, "GET", "/api/1.0/users/me")
	require.Equal(t, 401, a.status)
	require.Contains(t, a.Errors[0].Message, "The bearer token has expired")

	require.NoError(t, w.Inject(asana.Injection{Fault: asana.Fault500, Times: 1}))
	a = w.ask(t, "GET", "/api/1.0/users/me")
	require.Equal(t, 500, a.status)
	require.NotEmpty(t, a.Errors[0].Phrase)
	require.Equal(t, 404, w.ask(t, "GET", "/api/1.0/nothing").status)
	require.Error(t, w.Inject(asana.Injection{Fault: "gremlins"}))
	require.Error(t, w.Inject(asana.Injection{Fault: asana.Fault500, Route: "nowhere"}))
}

func TestOnlySoManyRequestsAreUnderWay(t *testing.T) {
	t.Parallel()
	server, err := asana.Start(asana.Options{Members: 3, Seed: 5})
	require.NoError(t, err)
	defer server.Close()
	require.NoError(t, server.Inject(asana.Injection{Fault: asana.FaultSlow, DelayMS: 300}))
	statuses := make(chan int)
	for range 60 {
		go func() {
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/api/1.0/users/me", nil)
			req.Header.Set("Authorization", "Bearer "+server.Token())
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				statuses <- 0
				return
			}
			_ = resp.Body.Close()
			statuses <- resp.StatusCode
		}()
	}
	count := map[int]int{}
	for range 60 {
		count[<-statuses]++
	}
	require.Equal(t, map[int]int{200: 50, 429: 10}, count)
}

func TestItsOwnRoutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, asana.Options{Members: 60})
	var idle []asana.Member
	require.NoError(t, json.Unmarshal([]byte(w.ask(t, "GET", "/_double/members?seat=true&idle_days=60&limit=3").body), &idle))
	require.Len(t, idle, 3)
	for _, act := range []string{"act", "login"} {
		var after asana.Member
		require.NoError(t, json.Unmarshal([]byte(w.ask(t, "POST", "/_double/members/"+idle[0].GID+"/"+act).body), &after))
		seen := map[string]*time.Time{"act": after.LastSeen, "login": after.LastLogin}[act]
		require.Equal(t, noon, *seen)
	}
	require.Equal(t, 404, w.ask(t, "POST", "/_double/members/42/act").status)
	require.Equal(t, 400, w.ask(t, "GET", "/_double/members?limit=some").status)

	require.Equal(t, 200, w.ask(t, "POST", "/_double/faults", `[{"fault":"status_503","route":"me","times":1}]`).status)
	require.Contains(t, w.ask(t, "GET", "/_double/faults").body, `"fault":"status_503"`)
	require.Equal(t, 503, w.ask(t, "GET", "/api/1.0/users/me").status)
	require.Equal(t, 200, w.ask(t, "POST", "/_double/faults", `{"fault":"status_500"}`).status)
	require.Equal(t, 400, w.ask(t, "POST", "/_double/faults", `{"fault":"gremlins"}`).status)
	require.Equal(t, 400, w.ask(t, "POST", "/_double/faults", `nothing`).status)
	require.Equal(t, 204, w.ask(t, "DELETE", "/_double/faults").status)
	require.Equal(t, 200, w.ask(t, "GET", "/api/1.0/users/me").status)
	require.Contains(t, w.ask(t, "GET", "/_double/requests").body, `"me":2`)
}

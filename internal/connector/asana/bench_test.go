package asana_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/asana"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
)

const benchMembers = 100_000

func benchDouble(b *testing.B, o double.Options) *double.Server {
	b.Helper()
	o.Seed, o.NoBudgets = 1, true
	server, err := double.Start(o)
	require.NoError(b, err)
	b.Cleanup(server.Close)
	return server
}

func benchConnector(b *testing.B, server *double.Server, change ...func(*connector.Config)) *asana.Asana {
	b.Helper()
	cfg := connector.Config{
		BaseURL: server.URL, Unlimited: true, Options: map[string]string{"workspace_id": server.WorkspaceID()},
		Secrets: map[string]connector.Secret{"token": connector.NewSecret(server.ServiceToken())},
	}
	for _, c := range change {
		c(&cfg)
	}
	c, err := asana.New(cfg)
	require.NoError(b, err)
	connected, ok := c.(*asana.Asana)
	require.True(b, ok)
	return connected
}

func reportRate(b *testing.B, n int, unit string) {
	b.Helper()
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), unit)
}

// BenchmarkFloor fetches and decodes the pages of 100,000 members with nothing around it, the least that any refresh
// must do.
func BenchmarkFloor(b *testing.B) {
	server := benchDouble(b, double.Options{Members: benchMembers, TasksPerMember: 1})
	b.ReportAllocs()
	requests := 0
	for b.Loop() {
		seats, pages := floor(b, server)
		require.Equal(b, benchMembers, seats)
		requests = pages
	}
	b.ReportMetric(float64(requests), "requests")
	reportRate(b, benchMembers, "members/s")
}

func floor(b *testing.B, server *double.Server) (seats, pages int) {
	b.Helper()
	type row struct {
		IsActive  bool   `json:"is_active"`
		IsGuest   bool   `json:"is_guest"`
		CreatedAt string `json:"created_at"`
		User      struct{ GID, Name, Email string }
	}
	var page struct {
		Data []row
		Next *struct{ Offset string } `json:"next_page"`
	}
	for offset := ""; ; offset = page.Next.Offset {
		q := url.Values{"limit": {"100"}, "opt_fields": {"is_active,is_guest,created_at,user.name,user.email"}}
		if offset != "" {
			q.Set("offset", offset)
		}
		req, err := http.NewRequestWithContext(b.Context(), http.MethodGet,
			server.URL+"/api/1.0/workspaces/"+server.WorkspaceID()+"/workspace_memberships?"+q.Encode(), nil)
		require.NoError(b, err)
		req.Header.Set("Authorization", "Bearer "+server.ServiceToken())
		resp, err := http.DefaultClient.Do(req)
		require.NoError(b, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(b, err)
		_ = resp.Body.Close()
		clear(page.Data[:cap(page.Data)])
		page.Data, page.Next = page.Data[:0], nil
		require.NoError(b, json.Unmarshal(body, &page))
		pages++
		for i := range page.Data {
			// Two agents are no people.
			if r := &page.Data[i]; r.IsActive && !r.IsGuest {
				seats++
			}
		}
		if page.Next == nil {
			return seats - 2, pages
		}
	}
}

// BenchmarkSubscriptions lists the same members through the connector and stores nothing.
func BenchmarkSubscriptions(b *testing.B) {
	server := benchDouble(b, double.Options{Members: benchMembers, TasksPerMember: 1})
	b.ReportAllocs()
	requests := 0
	for b.Loop() {
		c := benchConnector(b, server)
		listed := 0
		walk, err := c.Subscriptions(b.Context(), func(page []connector.Subscription) error {
			listed += len(page)
			return nil
		})
		require.NoError(b, err)
		require.True(b, walk.Complete)
		require.Equal(b, benchMembers, listed)
		requests = c.Requests()
	}
	b.ReportMetric(float64(requests), "requests")
	reportRate(b, benchMembers, "members/s")
}

// BenchmarkActivity reads sixty days of a whole organisation, without limits and latency, and tells the requests made.
func BenchmarkActivity(b *testing.B) {
	for _, c := range []struct {
		method  string
		members int
	}{{"export", 20_000}, {"audit_log", 20_000}, {"stories", 2000}} {
		b.Run(c.method, func(b *testing.B) {
			server := benchDouble(b, double.Options{Members: c.members, ExportTakes: time.Nanosecond})
			b.ReportAllocs()
			requests := 0
			for b.Loop() {
				connected := benchConnector(b, server, option("activity_method", c.method))
				_, walk, err := pull(b.Context(), connected, time.Now().AddDate(0, 0, -60), nil)
				require.NoError(b, err)
				require.True(b, walk.Complete)
				requests = connected.Requests()
			}
			b.ReportMetric(float64(requests), "requests")
			reportRate(b, c.members, "members/s")
		})
	}
}

// hasty is the machine's clock, so many times as fast.
type hasty struct {
	start time.Time
	times int64
}

func (h hasty) Now() time.Time {
	return h.start.Add(time.Duration(int64(time.Since(h.start)) * h.times))
}

func (h hasty) Sleep(ctx context.Context, d time.Duration) error {
	return connector.SystemClock{}.Sleep(ctx, d/time.Duration(h.times))
}

// BenchmarkAllowedRate reads stories and searches side by side from a double that keeps Asana's limits and answers after
// 0.3 seconds, all of it ten times as fast, and tells how much of the allowed rate was used.
func BenchmarkAllowedRate(b *testing.B) {
	const times = 10
	var used float64
	for b.Loop() {
		clock := hasty{start: time.Now(), times: times}
		server, err := double.Start(double.Options{Members: 130, TasksPerMember: 30, Seed: 1, Now: clock.Now})
		require.NoError(b, err)
		require.NoError(b, server.Inject(double.Injection{Fault: double.FaultSlow, DelayMS: 300 / times}))
		c := benchConnector(b, server, option("activity_method", "stories"), func(cfg *connector.Config) {
			cfg.Clock, cfg.Now, cfg.Unlimited = clock, clock.Now, false
		})
		begin := clock.Now()
		_, walk, err := pull(b.Context(), c, begin.AddDate(0, 0, -60), nil)
		took := clock.Now().Sub(begin)
		require.NoError(b, err)
		require.True(b, walk.Complete)
		require.Zero(b, server.Requests().Refused)
		used = float64(c.Requests()) / (1500 * took.Minutes())
		server.Close()
	}
	b.ReportMetric(100*used, "%-of-allowed-rate")
}

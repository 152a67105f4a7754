package confluence_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/confluence"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

const benchMembers = 100_000

func benchDouble(b *testing.B, o double.Options) *double.Server {
	b.Helper()
	o.Members, o.Seed, o.NoBudgets = benchMembers, 1, true
	server, err := double.Start(o)
	require.NoError(b, err)
	b.Cleanup(server.Close)
	return server
}

// delayed makes every answer come later, as over a network.
type delayed struct{ by time.Duration }

func (d delayed) RoundTrip(r *http.Request) (*http.Response, error) {
	timer := time.NewTimer(d.by)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	return http.DefaultTransport.RoundTrip(r)
}

func benchConnect(b *testing.B, server *double.Server, transport http.RoundTripper) vendor {
	b.Helper()
	c, err := confluence.New(connector.Config{
		BaseURL: server.GatewayURL(), Unlimited: true, Transport: transport,
		Secrets: map[string]connector.Secret{"token": connector.NewSecret(server.Token())},
	})
	require.NoError(b, err)
	connected, ok := c.(vendor)
	require.True(b, ok)
	return connected
}

// minimumPages is how many pages the groups have that give access.
func minimumPages(server *double.Server) (pages int) {
	for _, g := range server.Groups() {
		if g.Access {
			pages += (g.Members + 199) / 200
		}
	}
	return pages
}

// BenchmarkFloor fetches and decodes the pages of the groups with nothing around it, the least that any refresh must do.
func BenchmarkFloor(b *testing.B) {
	server := benchDouble(b, double.Options{})
	b.ReportAllocs()
	for b.Loop() {
		pages := 0
		for _, g := range server.Groups() {
			if g.Access {
				pages += floor(b, server, g.ID)
			}
		}
		require.Equal(b, minimumPages(server), pages)
	}
	b.ReportMetric(float64(benchMembers)*float64(b.N)/b.Elapsed().Seconds(), "seats/s")
}

func floor(b *testing.B, server *double.Server, group string) (pages int) {
	b.Helper()
	var page struct {
		Results []struct {
			AccountID, AccountType, Email, DisplayName string
			IsGuest                                    bool
			Operations                                 []struct{ Operation string }
		}
		Links struct{ Next string } `json:"_links"`
	}
	for start := 0; ; start += 200 {
		body := get(b, server, fmt.Sprintf("/group/%s/membersByGroupId?limit=200&start=%d&expand=operations", group, start))
		clear(page.Results[:cap(page.Results)])
		page.Results, page.Links.Next = page.Results[:0], ""
		require.NoError(b, json.Unmarshal(body, &page))
		pages++
		if page.Links.Next == "" {
			return pages
		}
	}
}

func get(b *testing.B, server *double.Server, path string) []byte {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.GatewayURL()+"/wiki/rest/api"+path, nil)
	require.NoError(b, err)
	req.Header.Set("Authorization", "Bearer "+server.Token())
	resp, err := http.DefaultClient.Do(req)
	require.NoError(b, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(b, err)
	return body
}

// changes is how many contents were changed since a date.
func changes(b *testing.B, server *double.Server, since time.Time) int {
	b.Helper()
	var page struct{ TotalSize int }
	cql := url.QueryEscape(`lastmodified >= "` + since.UTC().Format("2006-01-02 15:04") + `"`)
	require.NoError(b, json.Unmarshal(get(b, server, "/search?limit=1&cql="+cql), &page))
	return page.TotalSize
}

// BenchmarkSubscriptions lists the same people through the connector and stores nothing; with latency, against the floor
// of pages × latency ÷ requests in flight.
func BenchmarkSubscriptions(b *testing.B) {
	for name, latency := range map[string]time.Duration{"local": 0, "100ms": 100 * time.Millisecond} {
		b.Run(name, func(b *testing.B) {
			server := benchDouble(b, double.Options{})
			var transport http.RoundTripper
			if latency > 0 {
				transport = delayed{latency}
			}
			b.ReportAllocs()
			requests := 0
			for b.Loop() {
				c := benchConnect(b, server, transport)
				_, walk, err := list(b.Context(), c)
				require.NoError(b, err)
				require.True(b, walk.Complete)
				requests = c.Requests()
			}
			b.ReportMetric(float64(benchMembers)*float64(b.N)/b.Elapsed().Seconds(), "seats/s")
			b.ReportMetric(float64(requests), "requests")
			b.ReportMetric(float64(minimumPages(server)), "min-requests")
			if latency > 0 {
				least := float64(minimumPages(server)) * latency.Seconds() / 8
				b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/least, "×floor")
			}
		})
	}
}

// BenchmarkActivity walks the changes of sixty days from nothing, and those of one day.
func BenchmarkActivity(b *testing.B) {
	for name, back := range map[string]int{"sixty_days": 60, "one_day": 1} {
		b.Run(name, func(b *testing.B) {
			server := benchDouble(b, double.Options{ContentsPerPerson: 5})
			now := time.Now()
			b.ReportAllocs()
			events, requests := 0, 0
			for b.Loop() {
				c := benchConnect(b, server, nil)
				events = 0
				walk, err := c.Activity(b.Context(), now.AddDate(0, 0, -back), nil, func(e []connector.Event) error {
					events += len(e)
					return nil
				})
				require.NoError(b, err)
				require.True(b, walk.Complete)
				requests = c.Requests()
			}
			b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(requests), "requests")
			b.ReportMetric(float64(changes(b, server, now.AddDate(0, 0, -back))+199)/200, "min-requests")
		})
	}
}

package trello_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/trello"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

const benchMembers = 100_000

func benchDouble(b *testing.B, members int) *double.Server {
	b.Helper()
	server, err := double.Start(double.Options{Members: members, Seed: 1, NoBudgets: true})
	require.NoError(b, err)
	b.Cleanup(server.Close)
	return server
}

func reportRate(b *testing.B, members int) {
	b.Helper()
	b.ReportMetric(float64(members)*float64(b.N)/b.Elapsed().Seconds(), "members/s")
}

// BenchmarkFloor fetches and decodes the pages of 100,000 members with nothing around it, the least that any refresh
// must do.
func BenchmarkFloor(b *testing.B) {
	server := benchDouble(b, benchMembers)
	b.ReportAllocs()
	for b.Loop() {
		require.Equal(b, benchMembers, floor(b, server))
	}
	reportRate(b, benchMembers)
}

func floor(b *testing.B, server *double.Server) int {
	b.Helper()
	type entry struct {
		Licensed, Deactivated bool
		Member                struct {
			ID, Username, FullName, Email, DateLastImpression string
		}
	}
	var page []entry
	total := 0
	for cursor := ""; ; {
		url := fmt.Sprintf("%s/1/enterprises/%s/members/query?licensed=true&cursor=%s&key=%s&token=%s",
			server.URL, server.EnterpriseID(), cursor, server.Key(), server.Token())
		resp, err := http.Get(url)
		require.NoError(b, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(b, err)
		_ = resp.Body.Close()
		clear(page[:cap(page)])
		page = page[:0]
		require.NoError(b, json.Unmarshal(body, &page))
		total += len(page)
		if cursor = resp.Header.Get("X-Trello-Cursor"); cursor == "" {
			return total
		}
	}
}

// BenchmarkSubscriptions lists the same members through the connector and stores nothing.
func BenchmarkSubscriptions(b *testing.B) {
	for name, members := range map[string]int{"cursor": benchMembers, "offset": 9900} {
		b.Run(name, func(b *testing.B) {
			server := benchDouble(b, members)
			b.ReportAllocs()
			for b.Loop() {
				c, err := trello.New(connector.Config{
					BaseURL: server.URL, Unlimited: true,
					Secrets: map[string]connector.Secret{
						"api_key": connector.NewSecret(server.Key()), "api_token": connector.NewSecret(server.Token()),
					},
				})
				require.NoError(b, err)
				listed := 0
				walk, err := c.Subscriptions(b.Context(), func(page []connector.Subscription) error {
					listed += len(page)
					return nil
				})
				require.NoError(b, err)
				require.True(b, walk.Complete)
				require.Equal(b, members, listed)
			}
			reportRate(b, members)
		})
	}
}

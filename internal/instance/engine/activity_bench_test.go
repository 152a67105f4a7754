package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/confluence"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	confluencedouble "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

// BenchmarkActivity measures a pull of the activity of 100,000 people at Confluence, beside its floor: the same walk without
// storing anything. The double runs in the same process, in all.
func BenchmarkActivity(b *testing.B) {
	w := newVendorWorld(b)
	site := w.confluence(confluencedouble.Options{Members: benchmarkMembers, ContentsPerPerson: 1})
	w.connection(confluenceBoth, site.GatewayURL(), w.bearer(site.Token()))
	w.draftOf(dictionary.TypeConfluence, nil)
	require.True(b, w.validate().Valid)
	w.republish()
	w.refreshWith(companion.RefreshRequest{What: []string{"subscriptions"}})

	b.Run("floor", func(b *testing.B) {
		c, err := confluence.New(connector.Config{
			BaseURL: site.GatewayURL(), Secrets: map[string]connector.Secret{"token": connector.NewSecret(site.Token())}, Now: w.clock.Now, Unlimited: true,
		})
		require.NoError(b, err)
		for b.Loop() {
			walk, err := c.(connector.ActivitySource).Activity(b.Context(), w.daysAgo(60), nil, func([]connector.Event) error { return nil })
			require.NoError(b, err)
			require.True(b, walk.Complete)
		}
	})
	activity := companion.RefreshRequest{What: []string{"activity"}}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			o := w.refreshWith(activity)
			b.ReportMetric(float64(o.RowsWritten), "rows")
			b.ReportMetric(float64(o.Requests), "requests")
		}
	})
	b.Run("daily", func(b *testing.B) {
		for b.Loop() {
			o := w.refreshWith(activity)
			b.ReportMetric(float64(o.RowsWritten), "rows")
			b.ReportMetric(float64(o.Requests), "requests")
		}
	})
}

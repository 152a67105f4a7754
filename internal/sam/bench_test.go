package sam_test

import (
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

// BenchmarkReadSubscriptions walks all subscriptions of a profile. Rows per second should not depend on how many there
// are, and the memory in use should be that of a page.
func BenchmarkReadSubscriptions(b *testing.B) {
	for _, members := range []int{10_000, 100_000} {
		for name, tcp := range map[string]bool{"memory": false, "tcp": true} {
			b.Run(strconv.Itoa(members)+"/"+name, func(b *testing.B) { benchmarkRead(b, members, tcp) })
		}
	}
}

func benchmarkRead(b *testing.B, members int, tcp bool) {
	w := newWorld(b, worldOptions{members: members, tcp: tcp})
	profile := w.published(b)
	w.double.Close()
	runtime.GC()
	var base runtime.MemStats
	runtime.ReadMemStats(&base)
	peak := base.HeapAlloc
	b.ReportAllocs()
	b.ResetTimer()
	start := time.Now()
	for range b.N {
		n := 0
		for _, err := range w.sam.Subscriptions.All(b.Context(), sam.SubscriptionFilter{ProfileSysID: profile.SysID}) {
			require.NoError(b, err)
			if n++; n%5000 == 0 {
				var now runtime.MemStats
				runtime.ReadMemStats(&now)
				peak = max(peak, now.HeapAlloc)
			}
		}
		require.Equal(b, members, n)
	}
	b.ReportMetric(float64(members*b.N)/time.Since(start).Seconds(), "rows/s")
	b.ReportMetric(float64(peak-base.HeapAlloc)/(1<<20), "MB-heap-growth")
}

package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

const benchmarkMembers = 100_000

// BenchmarkRefresh measures a refresh of 100,000 members over real HTTP, without rate limits, beside its floor: fetching
// and decoding the same pages and storing nothing. The double runs in the same process, in all three.
func BenchmarkRefresh(b *testing.B) {
	server, err := double.Start(double.Options{Members: benchmarkMembers, Seed: 1, NoBudgets: true})
	require.NoError(b, err)
	defer server.Close()

	var floor cost
	b.Run("floor", func(b *testing.B) {
		var m meter
		for b.Loop() {
			m.start(b)
			fetch(b, server)
			m.stop()
		}
		floor = m.mean()
		report(b, 0, floor, floor)
	})
	b.Run("first", func(b *testing.B) {
		var m meter
		rows := 0
		for b.Loop() {
			b.StopTimer()
			w := benchmarkWorld(b, server)
			b.StartTimer()
			m.start(b)
			o := w.refresh()
			m.stop()
			require.Equal(b, benchmarkMembers, o.Created)
			rows = o.RowsWritten
			b.StopTimer()
			require.NoError(b, w.Close(context.Background()))
			require.NoError(b, w.db.Close())
			b.StartTimer()
		}
		report(b, rows, m.mean(), floor)
	})
	b.Run("unchanged", func(b *testing.B) {
		var m meter
		w := benchmarkWorld(b, server)
		w.refresh()
		rows := 0
		for b.Loop() {
			m.start(b)
			o := w.refresh()
			m.stop()
			require.Equal(b, benchmarkMembers, o.Unchanged)
			rows += o.RowsWritten
		}
		require.Zero(b, rows)
		report(b, rows, m.mean(), floor)
	})
}

// cost is what a refresh takes: time on the clock and time of processors.
type cost struct{ wall, cpu time.Duration }

// meter adds up what the refreshes of a benchmark cost.
type meter struct {
	sum     cost
	runs    int
	started time.Time
	cpu     time.Duration // at the start
}

// start begins a measurement without the garbage of what came before it.
func (m *meter) start(b *testing.B) {
	b.StopTimer()
	runtime.GC()
	b.StartTimer()
	m.started, m.cpu = time.Now(), cpuTime()
}

func (m *meter) stop() {
	m.sum.wall += time.Since(m.started)
	m.sum.cpu += cpuTime() - m.cpu
	m.runs++
}

func (m *meter) mean() cost {
	return cost{m.sum.wall / time.Duration(m.runs), m.sum.cpu / time.Duration(m.runs)}
}

func benchmarkWorld(b *testing.B, server *double.Server) *world {
	clock := &clock{now: time.Now().UTC()}
	w := &world{t: b, clock: clock, trello: server, url: "sqlite:" + filepath.Join(b.TempDir(), "sam.db")}
	w.open()
	w.publish()
	return w
}

func fetch(b *testing.B, server *double.Server) {
	c, err := unlimited(connector.Config{BaseURL: server.URL, Secrets: map[string]connector.Secret{
		"api_key": connector.NewSecret(server.Key()), "api_token": connector.NewSecret(server.Token()),
	}})
	require.NoError(b, err)
	n := 0
	walk, err := c.Subscriptions(context.Background(), func(page []connector.Subscription) error {
		n += len(page)
		return nil
	})
	require.NoError(b, err)
	require.True(b, walk.Complete)
	require.Equal(b, benchmarkMembers, n)
}

func report(b *testing.B, rows int, c, floor cost) {
	b.ReportMetric(benchmarkMembers/c.wall.Seconds(), "members/s")
	b.ReportMetric(float64(rows), "rows")
	b.ReportMetric(float64(c.wall)/float64(floor.wall), "x_floor")
	b.ReportMetric(c.cpu.Seconds(), "cpu_s")
	if floor.cpu > 0 {
		b.ReportMetric(float64(c.cpu)/float64(floor.cpu), "x_floor_cpu")
	}
	b.ReportMetric(peakMemory(b), "peak_MB")
}

// peakMemory is the largest resident set of the process until now, the double included.
func peakMemory(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.Sys) / (1 << 20)
	}
	_, line, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes, err := strconv.Atoi(strings.Fields(line)[0])
	require.NoError(b, err)
	return float64(kilobytes) / 1024
}

package asana_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/asana"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
)

// lookback is since when activity counts.
var lookback = noon.AddDate(0, 0, -60)

// pull collects the latest sign of each person.
func pull(ctx context.Context, c *asana.Asana, since time.Time, from connector.Watermark) (map[string]time.Time, connector.ActivityWalk, error) {
	latest := map[string]time.Time{}
	walk, err := c.Activity(ctx, since, from, func(events []connector.Event) error {
		for _, e := range events {
			if e.At.After(latest[e.ExternalUserID]) {
				latest[e.ExternalUserID] = e.At
			}
		}
		return nil
	})
	return latest, walk, err
}

// truth is when seat holders last worked on something that counts, since the look-back.
func (w *world) truth(keep func(double.Member) bool) map[string]time.Time {
	truth := map[string]time.Time{}
	for _, m := range w.Members(0, func(m double.Member) bool { return m.Seat && m.LastSeen != nil && !m.LastSeen.Before(lookback) }) {
		if keep == nil || keep(m) {
			truth[m.GID] = *m.LastSeen
		}
	}
	return truth
}

func (w *world) requireSeats(t *testing.T, want, got map[string]time.Time) {
	t.Helper()
	for gid := range got {
		if m, ok := w.Find(gid); !ok || !m.Seat {
			delete(got, gid)
		}
	}
	var wrong []string
	for gid, at := range want {
		if !got[gid].Equal(at) {
			wrong = append(wrong, fmt.Sprintf("%s at %s, found %s", gid, at, got[gid]))
		}
	}
	for gid, at := range got {
		if want[gid].IsZero() {
			wrong = append(wrong, fmt.Sprintf("%s not at all, found %s", gid, at))
		}
	}
	require.Empty(t, wrong)
}

func everyone(double.Member) bool           { return true }
func openly(m double.Member) bool           { return !m.Secretive }
func warns(w connector.ActivityWalk) string { return strings.Join(w.Warnings, "; ") }

func TestEachMethodFindsWhatItCanSee(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*world, *connector.Config)
		faults []double.Injection
		sees   func(double.Member) bool
		method string
		blind  bool
		warns  string
	}{
		"a service account exports": {sees: everyone, method: "resource export"},
		"an export that is not compressed": {
			faults: []double.Injection{{Fault: double.FaultExportPlain}}, sees: everyone, method: "resource export",
		},
		"stories of a service account": {
			change: func(_ *world, c *connector.Config) { c.Options["activity_method"] = "stories" },
			sees:   everyone, method: "tasks and stories",
		},
		"stories where an export is refused": {
			faults: []double.Injection{{Fault: double.FaultNoExport}},
			sees:   everyone, method: "audit log and tasks and stories", warns: "refuses a resource export",
		},
		"an admin's stories": {
			change: func(w *world, c *connector.Config) { w.asAdmin(c) },
			sees:   openly, method: "tasks and stories", blind: true, warns: "private tasks",
		},
		"an admin's stories with inclusive bounds": {
			change: func(w *world, c *connector.Config) { w.asAdmin(c) },
			faults: []double.Injection{{Fault: double.FaultInclusiveSearch}},
			sees:   openly, method: "tasks and stories", blind: true, warns: "private tasks",
		},
		"project by project": {
			change: func(w *world, c *connector.Config) { w.asAdmin(c) },
			faults: []double.Injection{{Fault: double.FaultFreePlan}},
			sees:   openly, method: "tasks and stories by project", blind: true, warns: "private tasks",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 130, c.faults...)
			connected := w.connect(t, func(cfg *connector.Config) {
				if c.change != nil {
					c.change(w, cfg)
				}
			})
			got, walk, err := pull(t.Context(), connected, lookback, nil)
			require.NoError(t, err)
			require.True(t, walk.Complete)
			require.Equal(t, c.method, walk.Method)
			require.Equal(t, c.blind, walk.BlindSpot)
			require.Contains(t, warns(walk), c.warns)
			require.NotEmpty(t, walk.Watermark)
			w.requireSeats(t, w.truth(c.sees), got)
		})
	}
}

func TestTheAuditLogTellsLogins(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 130)
	got, walk, err := pull(t.Context(), w.connect(t, option("activity_method", "audit_log")), lookback, nil)
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.True(t, walk.BlindSpot, "who never logs in anew is unknown, not idle")
	require.Equal(t, "audit log", walk.Method)
	want := map[string]time.Time{}
	for _, m := range w.Members(0, func(m double.Member) bool { return m.LastLogin != nil && !m.LastLogin.Before(lookback) }) {
		want[m.GID] = *m.LastLogin
	}
	require.Equal(t, want, got)
	require.NotEqual(t, len(want), len(w.truth(everyone)))
}

func TestTheLaterOfTwoSourcesCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60, double.Injection{Fault: double.FaultNoExport})
	idle := w.Members(2, double.IdleSince(lookback))
	require.True(t, w.Login(idle[0].GID, noon.Add(-time.Hour)))
	require.True(t, w.Login(idle[1].GID, noon.Add(-3*time.Hour)))
	require.True(t, w.Act(idle[1].GID, noon.Add(-2*time.Hour)))
	got, _, err := pull(t.Context(), w.connect(t), lookback, nil)
	require.NoError(t, err)
	require.Equal(t, noon.Add(-time.Hour), got[idle[0].GID])
	require.Equal(t, noon.Add(-2*time.Hour), got[idle[1].GID])
}

// methodsUnderTest are connectors that use each of the ways to read activity.
var methodsUnderTest = map[string]func(*world, *connector.Config){
	"export":    func(*world, *connector.Config) {},
	"stories":   func(_ *world, c *connector.Config) { c.Options["activity_method"] = "stories" },
	"audit_log": func(_ *world, c *connector.Config) { c.Options["activity_method"] = "audit_log" },
	"projects": func(w *world, c *connector.Config) {
		w.asAdmin(c)
		_ = w.Inject(double.Injection{Fault: double.FaultFreePlan})
	},
}

func eachMethod(t *testing.T, test func(t *testing.T, w *world, connect func() *asana.Asana)) {
	t.Helper()
	for name, change := range methodsUnderTest {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 60)
			test(t, w, func() *asana.Asana {
				return w.connect(t, func(c *connector.Config) { change(w, c) })
			})
		})
	}
}

func (w *world) do(gid string, at time.Time) { _ = w.Act(gid, at) && w.Login(gid, at) }

func TestTheLookBackIsExactToTheMoment(t *testing.T) {
	t.Parallel()
	eachMethod(t, func(t *testing.T, w *world, connect func() *asana.Asana) {
		idle := w.Members(3, double.IdleSince(lookback.AddDate(0, 0, -5)))
		w.do(idle[0].GID, lookback)
		w.do(idle[1].GID, lookback.Add(-time.Millisecond))
		w.do(idle[2].GID, noon)
		got, _, err := pull(t.Context(), connect(), lookback, nil)
		require.NoError(t, err)
		require.Equal(t, lookback, got[idle[0].GID])
		require.NotContains(t, got, idle[1].GID)
		require.Equal(t, noon, got[idle[2].GID])
	})
}

func TestALaterWalkReadsWhatIsNew(t *testing.T) {
	t.Parallel()
	eachMethod(t, func(t *testing.T, w *world, connect func() *asana.Asana) {
		_, walk, err := pull(t.Context(), connect(), lookback, nil)
		require.NoError(t, err)
		first := w.Requests()

		require.NoError(t, w.clock.Sleep(t.Context(), 26*time.Hour))
		now := w.clock.Now()
		idle := w.Members(3, double.IdleSince(lookback))
		w.do(idle[0].GID, now.Add(-time.Hour))
		w.do(idle[1].GID, now.Add(-25*time.Hour))
		require.True(t, w.Comment(idle[2].GID, now.Add(-3*time.Hour)))
		require.True(t, w.Login(idle[2].GID, now.Add(-3*time.Hour)))
		since := now.AddDate(0, 0, -60)
		got, walk, err := pull(t.Context(), connect(), since, walk.Watermark)
		require.NoError(t, err)
		require.True(t, walk.Complete)
		require.Equal(t, now.Add(-time.Hour), got[idle[0].GID].Truncate(time.Second))
		require.Equal(t, now.Add(-25*time.Hour), got[idle[1].GID].Truncate(time.Second))
		require.Equal(t, now.Add(-3*time.Hour), got[idle[2].GID].Truncate(time.Second))
		require.LessOrEqual(t, w.Requests().Total-first.Total, first.Total)
		require.NotContains(t, w.Requests().ByRoute, double.RouteRemove)
	})
}

func TestAWatermarkOfAnotherOrganisationOrALongerLookBackBeginsAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	c := w.connect(t, option("activity_method", "stories"))
	_, walk, err := pull(t.Context(), c, noon.AddDate(0, 0, -7), nil)
	require.NoError(t, err)

	got, longer, err := pull(t.Context(), c, lookback, walk.Watermark)
	require.NoError(t, err)
	require.True(t, longer.Complete)
	early := map[string]time.Time{}
	for gid, at := range w.truth(everyone) {
		if at.Before(noon.AddDate(0, 0, -7)) {
			early[gid] = at
		}
	}
	require.NotEmpty(t, early)
	for gid, at := range early {
		require.Equal(t, at, got[gid])
	}
	for _, strange := range []string{
		strings.Replace(string(longer.Watermark), w.WorkspaceID(), "1200000000000077", 1), "{", "null",
	} {
		got, _, err = pull(t.Context(), c, lookback, connector.Watermark(strange))
		require.NoError(t, err)
		w.requireSeats(t, w.truth(everyone), got)
	}
}

func TestATaskThatMovesDuringTheWalkIsNotLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 130, double.Injection{Fault: double.FaultTouch, Route: double.RouteSearch, After: 1})
	c := w.connect(t, option("activity_method", "stories"), func(cfg *connector.Config) {
		cfg.Transport = counting(func() { _ = w.clock.Sleep(context.Background(), 10*time.Second) })
	})
	truth := w.truth(everyone)
	got, walk, err := pull(t.Context(), c, lookback, nil)
	require.NoError(t, err)
	require.True(t, walk.Complete)
	w.requireSeats(t, truth, got)
}

func TestACrowdInOneMillisecondIsPassedAndTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60, double.Injection{Fault: double.FaultCrowd})
	got, walk, err := pull(t.Context(), w.connect(t, option("activity_method", "stories")), lookback, nil)
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.True(t, walk.BlindSpot)
	require.Contains(t, warns(walk), "busy moment")
	w.requireSeats(t, w.truth(everyone), got)
}

// TestTheWalkEndsWhenNothingCanBeNews gives everybody something recent, so that old tasks cannot matter.
func TestTheWalkEndsWhenNothingCanBeNews(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 130)
	c := func() *asana.Asana { return w.connect(t, option("activity_method", "stories")) }
	_, _, err := pull(t.Context(), c(), lookback, nil)
	require.NoError(t, err)
	whole := w.Requests().ByRoute[double.RouteStories]
	for _, m := range w.Members(0, func(m double.Member) bool { return m.Seat }) {
		require.True(t, w.Act(m.GID, noon.Add(-time.Minute)))
	}
	got, walk, err := pull(t.Context(), c(), lookback, nil)
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.Len(t, got, 130)
	pruned := w.Requests().ByRoute[double.RouteStories] - whole
	// How many stories are already under way when the end is known depends on how far the search has read ahead.
	require.Less(t, pruned, whole*3/4)
}

func TestSomethingThatDisappearsIsPassedOver(t *testing.T) {
	t.Parallel()
	for fault, blind := range map[double.Fault]bool{double.Fault403: true} {
		w := newWorld(t, 60, double.Injection{Fault: fault, Route: double.RouteStories, Times: 3})
		_, walk, err := pull(t.Context(), w.connect(t, option("activity_method", "stories")), lookback, nil)
		require.NoError(t, err)
		require.True(t, walk.Complete)
		require.Equal(t, blind, walk.BlindSpot)
	}
}

func TestStoriesWhoseOffsetExpiresAreReadAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 130, double.Injection{Fault: double.FaultStaleOffset, Route: double.RouteStories, Times: 1})
	got, _, err := pull(t.Context(), w.connect(t, option("activity_method", "stories")), lookback, nil)
	require.NoError(t, err)
	w.requireSeats(t, w.truth(everyone), got)
}

func TestMethodsThatCannotBeUsedSaySo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method string
		fault  double.Fault
		admin  bool
		says   string
	}{
		"export, no service account":    {"export", "", true, "need the token of a service account"},
		"export, refused":               {"export", double.FaultNoExport, false, "need the token of a service account"},
		"audit log, no service account": {"audit_log", "", true, "service account"},
		"audit log, free plan":          {"audit_log", double.FaultFreePlan, false, "plan does not include this"},
	} {
		var faults []double.Injection
		if c.fault != "" {
			faults = append(faults, double.Injection{Fault: c.fault})
		}
		w := newWorld(t, 12, faults...)
		_, walk, err := pull(t.Context(), w.connect(t, option("activity_method", c.method), func(cfg *connector.Config) {
			if c.admin {
				w.asAdmin(cfg)
			}
		}), lookback, nil)
		require.Equal(t, connector.KindPermission, connector.KindOf(err), "%s: %v", name, err)
		require.ErrorContains(t, err, c.says, name)
		require.False(t, walk.Complete)
	}
	_, _, err := pull(t.Context(), newWorld(t, 3).connect(t), noon.AddDate(0, 0, 1), nil)
	require.Equal(t, connector.KindConfig, connector.KindOf(err), fmt.Sprint(err))
}

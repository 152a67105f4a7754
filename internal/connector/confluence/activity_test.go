package confluence_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

var since = noon.AddDate(0, 0, -60)

// collected is the latest event of each person.
type collected map[string]connector.Event

func (c collected) add(events []connector.Event) error {
	for _, e := range events {
		if e.At.After(c[e.ExternalUserID].At) {
			c[e.ExternalUserID] = e
		}
	}
	return nil
}

func activity(ctx context.Context, c connector.ActivitySource, since time.Time, from connector.Watermark) (collected, connector.ActivityWalk, error) {
	seen := collected{}
	walk, err := c.Activity(ctx, since, from, seen.add)
	return seen, walk, err
}

func requireActivity(t *testing.T, w *world, seen collected) {
	t.Helper()
	active := 0
	for _, m := range w.Members(0, nil) {
		if m.LastEdit == nil || m.LastEdit.Before(since) || m.Overwritten {
			require.NotContains(t, seen, m.ID, "%+v", m)
			continue
		}
		active++
		require.Equal(t, *m.LastEdit, seen[m.ID].At, "%+v", m)
		require.False(t, seen[m.ID].Imprecise)
	}
	require.Positive(t, active)
}

func TestActivityTellsWhatPeopleDid(t *testing.T) {
	t.Parallel()
	for _, zone := range []*time.Location{
		time.UTC, time.FixedZone("far west", -12*3600), time.FixedZone("far east", 14*3600),
	} {
		w := newWorldWith(t, double.Options{Members: 300, TimeZone: zone})
		seen, walk, err := activity(t.Context(), w.connect(t), since, nil)
		require.NoError(t, err)
		require.True(t, walk.Complete)
		require.False(t, walk.BlindSpot)
		require.NotEmpty(t, walk.Method)
		require.NotEmpty(t, walk.Watermark)
		requireActivity(t, w, seen)
	}
}

func TestTheLookBackEndsToTheSecond(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	people := w.Members(2, double.IdleSince(since))
	at := since.Add(17 * time.Second)
	w.EditAt(people[0].ID, at)
	w.EditAt(people[1].ID, at.Add(-time.Second))
	seen, _, err := activity(t.Context(), w.connect(t), at, nil)
	require.NoError(t, err)
	require.Equal(t, at, seen[people[0].ID].At)
	require.NotContains(t, seen, people[1].ID)

	confirmed := collected{}
	require.NoError(t, w.connect(t).ConfirmActivity(t.Context(), []string{people[0].ID, people[1].ID}, at, confirmed.add))
	require.Len(t, confirmed, 1)
	require.Equal(t, at, confirmed[people[0].ID].At)
	require.False(t, confirmed[people[0].ID].Imprecise)
}

func TestTheNextWalkGoesOnWhereTheLastOneEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2000)
	c := w.connect(t)
	_, first, err := activity(t.Context(), c, since, nil)
	require.NoError(t, err)
	whole := w.Requests().ByRoute[double.RouteSearch]

	someone := w.Members(1, double.IdleSince(since))[0].ID
	require.NoError(t, w.clock.Sleep(t.Context(), 24*time.Hour))
	w.Edit(someone)
	seen, second, err := activity(t.Context(), c, since.AddDate(0, 0, 1), first.Watermark)
	require.NoError(t, err)
	require.True(t, second.Complete)
	require.Equal(t, w.clock.Now().Truncate(time.Second), seen[someone].At)
	require.Less(t, w.Requests().ByRoute[double.RouteSearch]-whole, whole/10)

	before := w.Requests().ByRoute[double.RouteSearch]
	_, _, err = activity(t.Context(), c, since.AddDate(0, 0, -30), second.Watermark)
	require.NoError(t, err)
	require.Greater(t, w.Requests().ByRoute[double.RouteSearch]-before, whole, "a longer look-back was not seen yet")

	for _, foreign := range []string{`{"source":"admin","after":"x"}`, `garbage`, `{}`} {
		before := w.Requests().ByRoute[double.RouteSearch]
		_, walk, err := activity(t.Context(), c, since, connector.Watermark(foreign))
		require.NoError(t, err)
		require.True(t, walk.Complete)
		require.GreaterOrEqual(t, w.Requests().ByRoute[double.RouteSearch]-before, whole-1)
	}
}

func TestAWalkThatRunsOutOfTimeIsContinued(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2000)
	c := w.connect(t)
	all := collected{}
	var mark connector.Watermark
	rounds := 0
	for complete := false; !complete; rounds++ {
		require.Less(t, rounds, 10)
		w.ClearFaults()
		// The quota is spent after some days, and its next hour comes too late.
		require.NoError(t, w.Inject(double.Injection{Fault: double.FaultQuotaGlobal, Route: double.RouteSearch, After: 30}))
		ctx, cancel := context.WithTimeout(t.Context(), minute)
		seen, walk, err := activity(ctx, c, since, mark)
		cancel()
		require.NoError(t, err, "the end of the time is no error")
		for _, e := range seen {
			require.NoError(t, all.add([]connector.Event{e}))
		}
		complete, mark = walk.Complete, walk.Watermark
		// So that the limiter's hold on this connector passes.
		require.NoError(t, w.clock.Sleep(t.Context(), time.Hour))
	}
	require.Greater(t, rounds, 1)
	requireActivity(t, w, all)
}

func TestAnInterruptedWalkIsAnError(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := w.connect(t).Activity(ctx, since, nil, func([]connector.Event) error {
		cancel()
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	stop := context.DeadlineExceeded
	_, err = w.connect(t).Activity(t.Context(), since, nil, func([]connector.Event) error { return stop })
	require.ErrorIs(t, err, stop, "the caller's error comes back, whatever it is")
}

func TestALongDayIsHalved(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, double.Options{Members: 300, ContentsPerPerson: 200})
	seen, walk, err := activity(t.Context(), w.connect(t), since, nil)
	require.NoError(t, err)
	require.True(t, walk.Complete)
	requireActivity(t, w, seen)

	busy := newWorld(t, 30)
	someone := busy.Members(1, double.IdleSince(since))[0].ID
	for i := range 9000 {
		busy.EditAt(someone, noon.Add(-time.Duration(i)*time.Second))
	}
	before := busy.Requests().ByRoute[double.RouteSearch]
	seen, _, err = activity(t.Context(), busy.connect(t), since, nil)
	require.NoError(t, err)
	require.Equal(t, noon, seen[someone].At)
	require.LessOrEqual(t, busy.Requests().ByRoute[double.RouteSearch]-before, 9000/200+62+12, "few pages are read twice")
}

func TestASearchThatFindsNothingProvesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	w.clock.Sleep(t.Context(), 100*24*time.Hour) //nolint:errcheck // it cannot fail
	recent := w.clock.Now().AddDate(0, 0, -60)
	_, walk, err := activity(t.Context(), w.connect(t), recent, nil)
	require.NoError(t, err)
	require.True(t, walk.BlindSpot)
	require.NotEmpty(t, walk.Warnings)
	_, walk, err = activity(t.Context(), w.connect(t), recent, walk.Watermark)
	require.NoError(t, err)
	require.True(t, walk.BlindSpot, "a blind walk does not open the eyes of the next")
}

func TestConfirmationFindsWhomALaterEditorHides(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 500)
	c := w.connect(t)
	seen, _, err := activity(t.Context(), c, since, nil)
	require.NoError(t, err)
	var silent []string
	hidden := 0
	for _, m := range w.Members(0, func(m double.Member) bool { return m.Seat }) {
		if _, active := seen[m.ID]; !active {
			silent = append(silent, m.ID)
			if m.Overwritten {
				hidden++
			}
		}
	}
	require.Positive(t, hidden)
	before := w.Requests().ByRoute[double.RouteSearch]
	confirmed := collected{}
	require.NoError(t, c.ConfirmActivity(t.Context(), append(silent, silent[0]), since, confirmed.add))
	require.Len(t, confirmed, hidden)
	for id, e := range confirmed {
		m, _ := w.Find(id)
		require.True(t, m.Overwritten)
		require.True(t, e.Imprecise)
		require.False(t, e.At.Before(*m.LastEdit), "an imprecise date errs towards active")
	}
	require.Less(t, w.Requests().ByRoute[double.RouteSearch]-before, len(silent), "people are asked about by the fifty")
}

func TestNobodyToConfirmIsOneRequestForFifty(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1000)
	var ids []string
	for _, m := range w.Members(100, double.IdleSince(since)) {
		if !m.Overwritten {
			ids = append(ids, m.ID)
		}
	}
	require.Greater(t, len(ids), 50)
	require.NoError(t, w.connect(t).ConfirmActivity(t.Context(), ids, since, collected{}.add))
	require.Equal(t, (len(ids)+49)/50, w.Requests().ByRoute[double.RouteSearch])

	err := w.connect(t).ConfirmActivity(t.Context(), []string{`x" or creator = "y`}, since, collected{}.add)
	require.ErrorContains(t, err, "no account id")
}

package conformance

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// requireListed is require.Contains without printing, or walking over, thousands of people.
func requireListed(t *testing.T, all map[string]connector.Subscription, id string) {
	t.Helper()
	if _, ok := all[id]; !ok {
		require.Failf(t, "somebody is missing", "%s holds a licence and was not listed", id)
	}
}

func everybodyOnce(t *testing.T, s Subject) {
	sizes := append([]int{0, 1, s.PageSize - 1, s.PageSize, s.PageSize + 1, 3*s.PageSize - 1, 3 * s.PageSize}, s.Listings...)
	for _, size := range sizes {
		f, _ := s.start(t, size)
		all, walk, err := collect(t.Context(), f.Connect(nil))
		require.NoError(t, err, "%d people", size)
		require.True(t, walk.Complete, "%d people: %v", size, walk.Warnings)
		require.Empty(t, walk.Warnings)
		holders := f.Holders()
		require.Len(t, all, len(holders))
		for id := range holders {
			requireListed(t, all, id)
		}
	}
}

func disorder(t *testing.T, s Subject) {
	for _, size := range append([]int{3 * s.PageSize}, s.Listings...) {
		for _, trouble := range []Trouble{Duplicates, Reordered} {
			f, _ := s.start(t, size)
			f.Inject(t, trouble, 0)
			all, walk, err := collect(t.Context(), f.Connect(nil))
			require.NoError(t, err, trouble)
			require.True(t, walk.Complete, trouble)
			require.Len(t, all, size, trouble)
		}
	}
}

// drift: everybody who held a licence before and after the walk is in it, or the walk says that it is not complete.
func drift(t *testing.T, s Subject) {
	for _, size := range append([]int{3 * s.PageSize}, s.Listings...) {
		for _, trouble := range []Trouble{Shrinking, Growing} {
			for _, times := range []int{1, 3} {
				f, _ := s.start(t, size)
				before := f.Holders()
				f.Inject(t, trouble, times)
				all, walk, err := collect(t.Context(), f.Connect(nil))
				require.NoError(t, err)
				after := f.Holders()
				require.NotEqual(t, len(before), len(after), "the trouble must have happened")
				if !walk.Complete {
					require.NotEmpty(t, walk.Warnings)
					continue
				}
				for id := range before {
					if _, still := after[id]; still {
						requireListed(t, all, id)
					}
				}
			}
		}
	}
}

func hiddenMail(t *testing.T, s Subject) {
	f, _ := s.start(t, 3*s.PageSize)
	all, _, err := collect(t.Context(), f.Connect(nil))
	require.NoError(t, err)
	hidden, names := 0, map[string]bool{}
	for id, mail := range f.Holders() {
		require.Equal(t, mail, all[id].Email)
		require.NotEmpty(t, all[id].UserPrincipalName)
		require.NotEmpty(t, all[id].Identifier)
		require.False(t, names[all[id].UserPrincipalName], "principal names tell people apart")
		names[all[id].UserPrincipalName] = true
		if mail == "" {
			hidden++
		}
	}
	require.Positive(t, hidden, "the double must hide somebody's mail address")
}

func limits(t *testing.T, s Subject) {
	for _, limit := range s.Limits {
		f, clock := s.start(t, 3*s.PageSize)
		f.Inject(t, limit, 1)
		all, walk, err := collect(t.Context(), f.Connect(nil))
		require.NoError(t, err, limit)
		require.True(t, walk.Complete, limit)
		require.Len(t, all, 3*s.PageSize)
		require.GreaterOrEqual(t, clock.Slept(), 5*time.Second, limit)

		f.Inject(t, limit, 0)
		_, walk, err = collect(t.Context(), f.Connect(nil))
		require.Equal(t, connector.KindRateLimited, connector.KindOf(err), limit)
		require.False(t, walk.Complete)
	}
}

func limitsKept(t *testing.T, s Subject) {
	clock := NewClock(noon)
	f := s.Start(t, Options{Members: 40, Clock: clock, Limited: true})
	c := f.Connect(nil)
	// One request after the other, since the clock jumps: a request that is under way during a jump would seem late.
	for range 130 {
		_, walk, err := collect(t.Context(), c)
		require.NoError(t, err)
		require.True(t, walk.Complete)
	}
	require.Positive(t, clock.Slept(), "so many requests cannot fit the limits without a wait")
	require.Zero(t, f.Refusals())
}

func loops(t *testing.T, s Subject) {
	for _, size := range append([]int{3 * s.PageSize}, s.Listings...) {
		f, _ := s.start(t, size)
		f.Inject(t, PageTwice, 1)
		_, walk, err := collect(t.Context(), f.Connect(nil))
		require.Equal(t, connector.KindLoop, connector.KindOf(err), "%d people: %v", size, err)
		require.False(t, walk.Complete)
	}
	largest := s.Listings[len(s.Listings)-1]
	f, _ := s.start(t, largest)
	f.Inject(t, Endless, 0)
	_, walk, err := collect(t.Context(), f.Connect(nil))
	require.Equal(t, connector.KindLoop, connector.KindOf(err), "%v", err)
	require.False(t, walk.Complete)
}

func nobody(t *testing.T, s Subject) {
	f, _ := s.start(t, 3*s.PageSize)
	f.Inject(t, Nobody, 0)
	all, walk, err := collect(t.Context(), f.Connect(nil))
	require.NoError(t, err)
	require.Empty(t, all)
	require.False(t, walk.Complete)
	require.NotEmpty(t, walk.Warnings)
}

func passingTrouble(t *testing.T, s Subject) {
	for _, trouble := range []Trouble{Down, Down503, HTML, Truncated, CutOff} {
		f, _ := s.start(t, 3*s.PageSize)
		f.Inject(t, trouble, 1)
		all, walk, err := collect(t.Context(), f.Connect(nil))
		require.NoError(t, err, trouble)
		require.True(t, walk.Complete)
		require.Len(t, all, 3*s.PageSize)
	}
}

func lastingTrouble(t *testing.T, s Subject) {
	for trouble, kind := range map[Trouble]connector.Kind{
		Down: connector.KindUnavailable, Down503: connector.KindUnavailable, CutOff: connector.KindUnavailable,
		HTML: connector.KindBadAnswer, Truncated: connector.KindBadAnswer,
	} {
		f, _ := s.start(t, 3*s.PageSize)
		f.Inject(t, trouble, 0)
		_, walk, err := collect(t.Context(), f.Connect(nil))
		require.Equal(t, kind, connector.KindOf(err), "%s: %v", trouble, err)
		require.False(t, walk.Complete)
	}
}

func ending(t *testing.T, s Subject) {
	f, _ := s.start(t, 5*s.PageSize)
	stop := errors.New("enough")
	walk, err := f.Connect(nil).Subscriptions(t.Context(), func([]connector.Subscription) error { return stop })
	require.Equal(t, stop, err, "the caller's error comes back as it is")
	require.False(t, walk.Complete)

	ctx, cancel := context.WithCancel(t.Context())
	walk, err = f.Connect(nil).Subscriptions(ctx, func([]connector.Subscription) error {
		cancel()
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, walk.Complete)
}

// memory compares what is alive early in a long walk with what is alive late in it. What may grow is the memory of whom
// was listed: some hundred bytes for each person, not their subscription.
func memory(t *testing.T, s Subject) {
	if testing.Short() {
		t.Skip("lists 100,000 people, which takes seconds; run without -short")
	}
	const people, perPerson = 100_000, 200
	f, _ := s.start(t, people)
	pages, listed := 0, 0
	var early, late uint64
	alive := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	walk, err := f.Connect(nil).Subscriptions(t.Context(), func(page []connector.Subscription) error {
		pages++
		listed += len(page)
		switch pages {
		case 10:
			early = alive()
		case people/s.PageSize - 10:
			late = alive()
		}
		return nil
	})
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.Equal(t, people, listed)
	require.Less(t, int64(late)-int64(early), int64(people*perPerson))
}

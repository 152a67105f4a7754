package asana

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestCoverageKnowsEverySecond compares the record with a plain list of seconds.
func TestCoverageKnowsEverySecond(t *testing.T) {
	t.Parallel()
	epoch := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	at := func(second int) time.Time { return epoch.Add(time.Duration(second) * time.Second) }
	dice := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		const length = 40
		var seen [length]bool
		var c coverage
		for range 1 + dice.IntN(6) {
			from := dice.IntN(length)
			to := from + dice.IntN(length-from)
			c = c.add(span{From: at(from), To: at(to)})
			for s := from; s < to; s++ {
				seen[s] = true
			}
		}
		from := dice.IntN(length / 2)
		if dice.IntN(3) == 0 {
			c = c.trim(at(from))
		}
		to := from + dice.IntN(length-from)
		var missing [length]bool
		var previous time.Time
		for _, gap := range c.missing(span{From: at(from), To: at(to)}) {
			require.True(t, gap.To.After(gap.From))
			require.True(t, previous.IsZero() || gap.To.Before(previous), "the newest come first, and apart")
			previous = gap.From
			for s := range length {
				missing[s] = missing[s] || !at(s).Before(gap.From) && at(s).Before(gap.To)
			}
		}
		for s := range length {
			require.Equal(t, s >= from && s < to && !seen[s], missing[s], "%d in %v", s, c)
		}
		for i := range c {
			require.True(t, i == 0 || c[i].To.Before(c[i-1].From), "%v", c)
		}
	}
}

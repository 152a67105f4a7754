package connector_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// collector emits pages of strings once each and remembers their order.
type collector struct {
	seen *connector.Seen
	got  []string
}

func newCollector() *collector { return &collector{seen: connector.NewSeen(0)} }

func (c *collector) take(page []string) (fresh int, err error) {
	for _, item := range page {
		isFresh, isNew := c.seen.Add(item)
		if isFresh {
			fresh++
		}
		if isNew {
			c.got = append(c.got, item)
		}
	}
	return fresh, nil
}

func numbers(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = strconv.Itoa(i)
	}
	return list
}

func TestOffsetsReadEverythingInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		list := numbers(rapid.IntRange(0, 60).Draw(t, "items"))
		o := connector.Offsets{
			First: rapid.IntRange(0, 1).Draw(t, "first"), Size: rapid.IntRange(1, 12).Draw(t, "size"),
			Expected: rapid.IntRange(0, 80).Draw(t, "expected"), Ahead: rapid.IntRange(0, 6).Draw(t, "ahead"),
		}
		given := min(o.Size, rapid.IntRange(1, 12).Draw(t, "given")) // a vendor may give less than asked for
		c := newCollector()
		err := connector.WalkOffsets(context.Background(), o, func(_ context.Context, offset int) ([]string, int, error) {
			from := min(offset-o.First, len(list))
			page := list[from:min(from+given, len(list))]
			return page, len(page), nil
		}, c.take)
		require.NoError(t, err)
		require.Equal(t, list, append([]string{}, c.got...))
	})
}

func TestOffsetsStopWhereTheListRepeats(t *testing.T) {
	t.Parallel()
	err := connector.WalkOffsets(t.Context(), connector.Offsets{First: 1, Size: 2, Ahead: 3, Expected: 10},
		func(context.Context, int) ([]string, int, error) { return []string{"a", "b"}, 2, nil }, newCollector().take)
	require.ErrorIs(t, err, connector.ErrLoop)
}

func TestOffsetsStopWhereTheVendorsReachEnds(t *testing.T) {
	t.Parallel()
	var highest atomic.Int64
	c := newCollector()
	err := connector.WalkOffsets(t.Context(), connector.Offsets{First: 1, Size: 2, Last: 7, Ahead: 4, Expected: 100},
		func(_ context.Context, offset int) ([]string, int, error) {
			highest.Store(max(highest.Load(), int64(offset)))
			return []string{strconv.Itoa(offset), strconv.Itoa(offset + 1)}, 2, nil
		}, c.take)
	require.ErrorIs(t, err, connector.ErrOffsetsEnd)
	require.Len(t, c.got, 8)
	require.EqualValues(t, 7, highest.Load())
}

func TestAnErrorEndsTheWalk(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	fetch := func(_ context.Context, offset int) ([]string, int, error) {
		if offset == 5 {
			return nil, 0, boom
		}
		return []string{strconv.Itoa(offset)}, 1, nil
	}
	c := newCollector()
	require.ErrorIs(t, connector.WalkOffsets(t.Context(), connector.Offsets{Size: 1, Ahead: 3, Expected: 9}, fetch, c.take), boom)
	require.Equal(t, numbers(5), c.got)
	require.ErrorIs(t, connector.WalkOffsets(t.Context(), connector.Offsets{Size: 1}, fetch,
		func([]string) (int, error) { return 0, boom }), boom)
	require.ErrorIs(t, connector.WalkCursor(t.Context(), func(context.Context, string) (connector.CursorPage[[]string], error) {
		return connector.CursorPage[[]string]{}, boom
	}, c.take), boom)
	require.ErrorIs(t, connector.WalkCursor(t.Context(), func(context.Context, string) (connector.CursorPage[[]string], error) {
		return connector.CursorPage[[]string]{Page: []string{"a"}, Items: 1, Next: "n"}, nil
	}, func([]string) (int, error) { return 0, boom }), boom)
}

// cursors serves pages by number; the cursor of a page is its number.
func cursors(pages [][]string, next func(int) string) func(context.Context, string) (connector.CursorPage[[]string], error) {
	return func(_ context.Context, cursor string) (connector.CursorPage[[]string], error) {
		n, _ := strconv.Atoi(cursor)
		page := pages[min(n, len(pages)-1)]
		return connector.CursorPage[[]string]{Page: page, Items: len(page), Next: next(n)}, nil
	}
}

func TestCursorsReadEverythingInOrder(t *testing.T) {
	t.Parallel()
	pages := [][]string{{"a", "b"}, {"b", "c"}, {}, {"d"}}
	c := newCollector()
	require.NoError(t, connector.WalkCursor(t.Context(), cursors(pages, func(n int) string {
		if n == len(pages)-1 {
			return ""
		}
		return strconv.Itoa(n + 1)
	}), c.take))
	require.Equal(t, []string{"a", "b", "c", "d"}, c.got)
}

func TestCursorsStopWhereTheyDoNotEnd(t *testing.T) {
	t.Parallel()
	onward := func(n int) string { return strconv.Itoa(n + 1) }
	for name, c := range map[string]struct {
		pages [][]string
		next  func(int) string
		says  string
	}{
		"the same cursor again": {[][]string{{"a"}, {"b"}, {"c"}}, func(int) string { return "1" }, "used before"},
		"the same page again":   {[][]string{{"a"}}, onward, "nobody new"},
		"empty pages":           {[][]string{{"a"}, {}}, onward, "empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := connector.WalkCursor(t.Context(), cursors(c.pages, c.next), newCollector().take)
			require.ErrorIs(t, err, connector.ErrLoop)
			require.ErrorContains(t, err, c.says)
		})
	}
}

func TestSeenCountsPerPassAndAltogether(t *testing.T) {
	t.Parallel()
	seen := connector.NewSeen(-1)
	tell := func(id string) string {
		fresh, isNew := seen.Add(id)
		return fmt.Sprint(fresh, isNew)
	}
	require.Equal(t, "true true", tell("a"))
	require.Equal(t, "false false", tell("a"))
	seen.NextPass()
	require.Equal(t, "true false", tell("a"))
	require.Equal(t, "false false", tell("a"))
	require.Equal(t, "true true", tell("b"))
	require.Equal(t, 2, seen.Len())
}

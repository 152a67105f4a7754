package servicenow_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// listOf serves rows as the Table API does: the limit applies before hidden rows are taken out, and they count.
func listOf(rows []string, hidden map[string]bool) http.HandlerFunc {
	after := regexp.MustCompile(`sys_id>([0-9a-f]+)`)
	return func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		var matching []string
		last := ""
		if m := after.FindStringSubmatch(query.Get("sysparm_query")); m != nil {
			last = m[1]
		}
		for _, row := range rows {
			if row > last {
				matching = append(matching, row)
			}
		}
		slices.Sort(matching)
		if query.Get("sysparm_no_count") != "true" {
			w.Header().Set("X-Total-Count", strconv.Itoa(len(matching)))
		}
		offset, _ := strconv.Atoi(query.Get("sysparm_offset"))
		limit, _ := strconv.Atoi(query.Get("sysparm_limit"))
		page := []map[string]string{}
		for _, row := range matching[min(offset, len(matching)):min(offset+limit, len(matching))] {
			if !hidden[row] {
				page = append(page, map[string]string{"sys_id": row})
			}
		}
		answerResult(w, http.StatusOK, page)
	}
}

func rowName(i int) string { return fmt.Sprintf("%032x", i+1) }

func TestAllStepsOverHiddenPages(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(rt, "rows")
		size := rapid.IntRange(1, 10).Draw(rt, "page size")
		var rows, visible []string
		hidden := map[string]bool{}
		for i := range n {
			rows = append(rows, rowName(i))
			if rapid.Bool().Draw(rt, "hidden") {
				hidden[rowName(i)] = true
				continue
			}
			visible = append(visible, rowName(i))
		}
		s := serve(t, listOf(rows, hidden))
		defer s.Close()
		var got []string
		reported := 0
		for record, err := range s.client(t).All(context.Background(), table, servicenow.Where(), servicenow.WalkOptions{
			PageSize: size, OnHidden: func(rows int) { reported = rows },
		}) {
			require.NoError(rt, err)
			got = append(got, record.ID())
		}
		require.Equal(rt, visible, got)
		require.Equal(rt, len(hidden), reported)
	})
}

func TestAllAsksOnceForWhatFitsOnePage(t *testing.T) {
	t.Parallel()
	s := serve(t, listOf([]string{rowName(1), rowName(2)}, nil))
	n := 0
	for _, err := range s.client(t).All(context.Background(), table, servicenow.Where(), servicenow.WalkOptions{}) {
		require.NoError(t, err)
		n++
	}
	require.Equal(t, 2, n)
	require.Len(t, s.seen(), 1)
}

func TestAllStopsWhenItsReaderStops(t *testing.T) {
	t.Parallel()
	s := serve(t, listOf([]string{rowName(1), rowName(2), rowName(3)}, nil))
	for _, err := range s.client(t).All(context.Background(), table, servicenow.Where(), servicenow.WalkOptions{PageSize: 1}) {
		require.NoError(t, err)
		break
	}
	require.Len(t, s.seen(), 1)
}

func TestLongListsAreAskedForInParts(t *testing.T) {
	t.Parallel()
	var most int
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		most = max(most, len(r.URL.RawQuery))
		w.Header().Set("X-Total-Count", "0")
		answerResult(w, http.StatusOK, []any{})
	})
	var ids []string
	for i := range 250 {
		ids = append(ids, rowName(i), rowName(i))
	}
	for _, err := range s.client(t).All(context.Background(), table, servicenow.Where(servicenow.In("sys_id", ids...)), servicenow.WalkOptions{}) {
		require.NoError(t, err)
	}
	require.Len(t, s.seen(), 3)
	require.Less(t, most, 5000)
}

func TestEmptyListMatchesNothingAndAsksNothing(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		answerResult(w, 200, []any{map[string]string{"sys_id": rowID}})
	})
	for _, err := range s.client(t).All(context.Background(), table, servicenow.Where(servicenow.In("sys_id")), servicenow.WalkOptions{}) {
		require.NoError(t, err)
		t.Fatal("an empty list must not turn into no filter")
	}
	n, err := s.client(t).Count(context.Background(), table, servicenow.Where(servicenow.In("sys_id")))
	require.NoError(t, err)
	require.Zero(t, n)
	require.Empty(t, s.seen())
}

func TestIgnoredConditionsAreNoticed(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Total-Count", "1")
		answerResult(w, http.StatusOK, []any{map[string]string{"sys_id": rowID, "status": "published"}})
	})
	for _, c := range []struct {
		query  servicenow.Query
		hidden bool
	}{
		{servicenow.Where(servicenow.Eq("status", "draft")), false},
		{servicenow.Where(servicenow.Eq("no_such_column", "x")), true},
	} {
		for _, call := range []func() error{
			func() error {
				_, err := s.client(t).List(context.Background(), table, c.query, servicenow.ListOptions{})
				return err
			},
			func() error { _, err := s.client(t).Count(context.Background(), table, c.query); return err },
			func() error {
				for _, err := range s.client(t).All(context.Background(), table, c.query, servicenow.WalkOptions{}) {
					return err
				}
				return nil
			},
		} {
			var ignored *servicenow.IgnoredConditionError
			require.ErrorAs(t, call(), &ignored)
			require.Equal(t, c.hidden, ignored.Hidden)
		}
	}
}

func TestBadNamesAreRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	s := serve(t, good)
	client := s.client(t)
	_, err := client.Get(context.Background(), "a/../b", rowID, servicenow.ReadOptions{})
	require.ErrorContains(t, err, "not a table name")
	_, err = client.Get(context.Background(), table, "not-an-id", servicenow.ReadOptions{})
	require.ErrorContains(t, err, "32 hexadecimal digits")
	require.ErrorContains(t, client.Delete(context.Background(), table, ""), "sys_id")
	_, err = client.List(context.Background(), table, servicenow.Where(servicenow.Eq("name", "a^b")), servicenow.ListOptions{})
	require.ErrorIs(t, err, servicenow.ErrBadQuery)
	require.Empty(t, s.seen())
}

func TestDroppedColumnsAreNamed(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		answerResult(w, http.StatusOK, map[string]any{"sys_id": rowID, "display_name": "old", "status": "draft", "active": "1"})
	})
	client := s.client(t)
	for column, hidden := range map[string]bool{"display_name": false, "no_such_column": true} {
		_, err := client.Update(context.Background(), table, rowID, servicenow.Values{column: "new", "status": "draft", "active": "true"})
		var dropped *servicenow.DroppedColumnError
		require.ErrorAs(t, err, &dropped)
		require.Equal(t, column, dropped.Column)
		require.Equal(t, hidden, dropped.Hidden)
	}
	_, err := client.Update(context.Background(), table, rowID, servicenow.Values{"display_name": "new"}, "display_name")
	require.NoError(t, err, "a column that the instance rewrites may differ")
}

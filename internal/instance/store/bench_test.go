package store_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// BenchmarkFirstViewAbsent is what a plan before the first apply pays: a seeded database in memory.
func BenchmarkFirstViewAbsent(b *testing.B) {
	file := path(b)
	for b.Loop() {
		d, err := store.New("sqlite:"+file, store.Options{})
		require.NoError(b, err)
		require.NoError(b, d.View(b.Context(), func(*store.Tx) error { return nil }))
		require.NoError(b, d.Close())
	}
}

// BenchmarkFirstViewExisting is what every start of a provider pays.
func BenchmarkFirstViewExisting(b *testing.B) {
	file := path(b)
	create(b, open(b, file))
	for b.Loop() {
		d, err := store.New("sqlite:"+file, store.Options{})
		require.NoError(b, err)
		require.NoError(b, d.View(b.Context(), func(*store.Tx) error { return nil }))
		require.NoError(b, d.Close())
	}
}

// BenchmarkFirstUpdateExisting is what every start of a provider that writes pays.
func BenchmarkFirstUpdateExisting(b *testing.B) {
	file := path(b)
	create(b, open(b, file))
	for b.Loop() {
		d, err := store.New("sqlite:"+file, store.Options{})
		require.NoError(b, err)
		require.NoError(b, d.Update(b.Context(), func(*store.Tx) error { return nil }))
		require.NoError(b, d.Close())
	}
}

// BenchmarkCreate is the first apply.
func BenchmarkCreate(b *testing.B) {
	dir := b.TempDir()
	n := 0
	for b.Loop() {
		n++
		d, err := store.New("sqlite:"+filepath.Join(dir, fmt.Sprint(n, ".db")), store.Options{})
		require.NoError(b, err)
		require.NoError(b, d.Update(b.Context(), func(*store.Tx) error { return nil }))
		require.NoError(b, d.Close())
	}
}

// BenchmarkInsert inserts rows one by one, a thousand in a transaction.
func BenchmarkInsert(b *testing.B) {
	d := created(b)
	n := 0
	for b.Loop() {
		require.NoError(b, d.Update(b.Context(), func(tx *store.Tx) error {
			for range 1000 {
				n++
				if _, err := tx.Insert(b.Context(), dictionary.TableUser, store.Row{"user_name": fmt.Sprint("user", n), "email": fmt.Sprint(n, "@example.com")}); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
}

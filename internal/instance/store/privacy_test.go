package store_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// The database holds personal data, so only its owner may read it.
func TestDatabase_isItsOwnersAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sam.db")
	db, err := store.New("sqlite:"+path, store.Options{})
	require.NoError(t, err)
	require.NoError(t, db.Update(t.Context(), func(*store.Tx) error { return nil }))
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), suffix)
	}
	require.NoError(t, db.Close())
}

func TestCompact_leavesNoByteOfWhatWasDeleted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sam.db")
	db, err := store.New("sqlite:"+path, store.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	var id string
	require.NoError(t, db.Update(t.Context(), func(tx *store.Tx) error {
		row, err := tx.Insert(t.Context(), "sys_user", store.Row{"name": "Wilhelmine Unverwechselbar"})
		id = row["sys_id"]
		return err
	}))
	inFiles := func() bool {
		for _, suffix := range []string{"", "-wal"} {
			content, err := os.ReadFile(path + suffix)
			require.NoError(t, err)
			if bytes.Contains(content, []byte("Unverwechselbar")) {
				return true
			}
		}
		return false
	}
	require.True(t, inFiles())
	require.NoError(t, db.Update(t.Context(), func(tx *store.Tx) error { return tx.Delete(t.Context(), "sys_user", id) }))
	require.True(t, inFiles(), "the log still has it")
	require.NoError(t, db.Compact(t.Context()))
	require.False(t, inFiles())
}

package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

func nothing(*store.Tx) error { return nil }

// raw runs SQL on a database file without the store.
func raw(t *testing.T, file, text string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), text)
	require.NoError(t, err)
	require.NoError(t, db.Close())
}

func requireUnavailable(t *testing.T, err error, reason string) {
	t.Helper()
	var unavailable *store.UnavailableError
	require.ErrorAs(t, err, &unavailable)
	require.ErrorContains(t, err, reason)
	require.NotEmpty(t, unavailable.Advice)
}

func TestMissingDirectory(t *testing.T) {
	t.Parallel()
	d := open(t, filepath.Join(t.TempDir(), "no", "sam.db"))
	require.NoError(t, d.View(t.Context(), nothing), "a plan before the directory exists")
	requireUnavailable(t, d.Update(t.Context(), nothing), "does not exist")
}

func TestPathIsADirectory(t *testing.T) {
	t.Parallel()
	d := open(t, t.TempDir())
	requireUnavailable(t, d.View(t.Context(), nothing), "is a directory")
	requireUnavailable(t, d.Update(t.Context(), nothing), "is a directory")
}

func TestFileIsNoDatabase(t *testing.T) {
	t.Parallel()
	file := path(t)
	text := []byte("# a text file that somebody took for a database\n")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	requireUnavailable(t, open(t, file).View(t.Context(), nothing), "not an SQLite database")
	requireUnavailable(t, open(t, file).Update(t.Context(), nothing), "not an SQLite database")
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, text, after)
	require.Equal(t, []string{"sam.db"}, names(t, filepath.Dir(file)), "no key was made for it")
}

func TestDatabaseOfAnotherProgram(t *testing.T) {
	t.Parallel()
	file := path(t)
	raw(t, file, "CREATE TABLE invoices (id INTEGER)")
	requireUnavailable(t, open(t, file).View(t.Context(), nothing), "another program")
	requireUnavailable(t, open(t, file).Update(t.Context(), nothing), "another program")
}

func TestDatabaseFromANewerVersion(t *testing.T) {
	t.Parallel()
	file := path(t)
	d := open(t, file)
	create(t, d)
	require.NoError(t, d.Close())
	raw(t, file, "PRAGMA user_version = 99")
	for name, use := range map[string]func(*store.Database) error{
		"view":   func(d *store.Database) error { return d.View(t.Context(), nothing) },
		"update": func(d *store.Database) error { return d.Update(t.Context(), nothing) },
	} {
		var version *store.VersionError
		err := use(open(t, file))
		require.ErrorAs(t, err, &version, name)
		require.Equal(t, int64(99), version.Have)
		require.ErrorContains(t, err, "Upgrade the provider")
	}
}

func TestReadOnlyFile(t *testing.T) {
	t.Parallel()
	file := path(t)
	d := open(t, file)
	create(t, d)
	require.NoError(t, d.Close())
	require.NoError(t, os.Chmod(file, 0o400))

	d = open(t, file)
	id, err := d.InstanceID(t.Context())
	require.NoError(t, err, "a plan works")
	require.NotEmpty(t, id)
	requireUnavailable(t, d.Update(t.Context(), nothing), "read-only")
	require.Equal(t, []string{"sam.db", "sam.db.key"}, names(t, filepath.Dir(file)), "reading left nothing behind")
}

func TestReadOnlyDirectory(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	file := path(t)
	d := open(t, file)
	create(t, d)
	require.NoError(t, d.Close())
	require.NoError(t, os.Chmod(filepath.Dir(file), 0o500))       //nolint:gosec // a directory
	t.Cleanup(func() { _ = os.Chmod(filepath.Dir(file), 0o700) }) //nolint:gosec // a directory
	require.NoError(t, open(t, file).View(t.Context(), nothing), "a plan works")
	requireUnavailable(t, open(t, file).Update(t.Context(), nothing), "")
}

func TestCreationLeavesNothingWhenItFails(t *testing.T) {
	t.Parallel()
	file := path(t)
	require.NoError(t, os.Mkdir(file+".key", 0o700)) // the key cannot be made
	var key *store.KeyError
	require.ErrorAs(t, open(t, file).Update(t.Context(), nothing), &key)
	exists, err := open(t, file).Exists(t.Context())
	require.NoError(t, err)
	require.False(t, exists)
	require.NoError(t, os.Remove(file+".key"))
	create(t, open(t, file))
}

func TestOddPaths(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"with space.db", "100%.db", "what?.db", "a#b.db", "ümlaut.db"} {
		file := filepath.Join(t.TempDir(), name)
		d := open(t, file)
		create(t, d)
		require.NoError(t, d.View(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Count(t.Context(), dictionary.TableUser, "")
			return err
		}), name)
		require.NoError(t, d.Close())
		require.Equal(t, []string{name, name + ".key"}, names(t, filepath.Dir(file)))
	}
}

func TestClosedDatabase(t *testing.T) {
	t.Parallel()
	d := created(t)
	require.NoError(t, d.Close())
	require.ErrorContains(t, d.View(t.Context(), nothing), "closed")
	require.ErrorContains(t, d.Update(t.Context(), nothing), "closed")
}

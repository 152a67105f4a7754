package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func open(t testing.TB, path string, change ...func(*store.Options)) *store.Database {
	t.Helper()
	o := store.Options{Now: func() time.Time { return noon }}
	for _, c := range change {
		c(&o)
	}
	d, err := store.New("sqlite:"+path, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	return d
}

func path(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "sam.db")
}

func created(t testing.TB) *store.Database {
	t.Helper()
	d := open(t, path(t))
	create(t, d)
	return d
}

func create(t testing.TB, d *store.Database) {
	t.Helper()
	require.NoError(t, d.Update(t.Context(), func(*store.Tx) error { return nil }))
}

func TestNewRefusesWhatIsNotASQLiteFile(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"postgres://u@h/db": "PostgreSQL is not supported in this version",
		"sam.db":            "expected sqlite:PATH",
		"":                  "expected sqlite:PATH",
		"sqlite:":           "path of a file",
		"sqlite::memory:":   "path of a file",
	} {
		_, err := store.New(url, store.Options{})
		require.ErrorContains(t, err, want, url)
	}
	_, err := store.New("sqlite:x", store.Options{EncryptionKey: "short"})
	var keyError *store.KeyError
	require.ErrorAs(t, err, &keyError)
}

func TestViewOfAnAbsentDatabaseIsSeededAndWritesNothing(t *testing.T) {
	t.Parallel()
	file := path(t)
	d := open(t, file)
	seed := dictionary.Seeds()[0]
	id := dictionary.SeedID(seed.Table, seed.Key)

	require.NoError(t, d.View(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Get(t.Context(), seed.Table, id)
		return err
	}))
	instance, err := d.InstanceID(t.Context())
	require.NoError(t, err)
	require.Empty(t, instance)
	require.Error(t, d.View(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), "CREATE TABLE x (y)")
		return err
	}), "a view cannot write")
	entries, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	require.Empty(t, entries, "nothing was created")

	create(t, d)
	instance, err = d.InstanceID(t.Context())
	require.NoError(t, err)
	require.Len(t, instance, 36)
	require.NoError(t, d.View(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Get(t.Context(), seed.Table, id)
		return err
	}), "the created database has the same ids")
}

func TestEmptyFileReadsAsNew(t *testing.T) {
	t.Parallel()
	file := path(t)
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	d := open(t, file)
	exists, err := d.Exists(t.Context())
	require.NoError(t, err)
	require.False(t, exists)
	create(t, d)
	exists, err = d.Exists(t.Context())
	require.NoError(t, err)
	require.True(t, exists)
}

func TestCloseLeavesOnlyDatabaseAndKey(t *testing.T) {
	t.Parallel()
	file := path(t)
	d := open(t, file)
	create(t, d)
	_, err := d.InstanceID(t.Context())
	require.NoError(t, err)
	require.NoError(t, d.Close())
	require.Equal(t, []string{"sam.db", "sam.db.key"}, names(t, filepath.Dir(file)))

	info, err := os.Stat(file + ".key")
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func names(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestRowsRoundTrip(t *testing.T) {
	t.Parallel()
	d := created(t)
	ctx := store.WithUser(t.Context(), "ann")
	var id string
	require.NoError(t, d.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.Insert(ctx, dictionary.TableUser, store.Row{"user_name": "bob", "email": "Bob@Example.com", "active": "false"})
		require.NoError(t, err)
		id = row[dictionary.SysID]
		require.True(t, store.IsSysID(id))
		require.Equal(t, "false", row["active"])
		require.Equal(t, "2026-11-02 12:00:00", row[dictionary.SysCreatedOn])
		require.Equal(t, "ann", row[dictionary.SysCreatedBy])
		require.Equal(t, "0", row[dictionary.SysModCount])
		read, err := tx.Get(ctx, dictionary.TableUser, id)
		require.NoError(t, err)
		require.Equal(t, read, row, "Insert returns what is stored")
		return nil
	}))
	require.NoError(t, d.Update(ctx, func(tx *store.Tx) error {
		row, changed, err := tx.Update(ctx, dictionary.TableUser, id, store.Row{"active": "1", "sys_mod_count": "9"})
		require.NoError(t, err)
		require.True(t, changed)
		require.Equal(t, "true", row["active"])
		require.Equal(t, "1", row[dictionary.SysModCount])
		row, changed, err = tx.Update(ctx, dictionary.TableUser, id, store.Row{"active": "true"})
		require.NoError(t, err)
		require.False(t, changed)
		require.Equal(t, "1", row[dictionary.SysModCount], "nothing changed, nothing counted")
		return nil
	}))
	require.NoError(t, d.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Find(ctx, dictionary.TableUser, "email=bob@example.COM", store.FindOptions{Fields: []string{"user_name"}})
		require.NoError(t, err)
		require.Equal(t, []store.Row{{"user_name": "bob"}}, rows)
		n, err := tx.Count(ctx, dictionary.TableUser, "sys_id="+id)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		_, err = tx.Find(ctx, dictionary.TableUser, "nosuch=1", store.FindOptions{})
		require.ErrorContains(t, err, `no column "nosuch"`)
		return nil
	}))
	require.NoError(t, d.Update(ctx, func(tx *store.Tx) error {
		require.NoError(t, tx.Delete(ctx, dictionary.TableUser, id))
		require.ErrorIs(t, tx.Delete(ctx, dictionary.TableUser, id), store.ErrNotFound)
		_, err := tx.Get(ctx, dictionary.TableUser, id)
		require.ErrorIs(t, err, store.ErrNotFound)
		return nil
	}))
}

func TestInsertHonoursSysIDAndReportsConflicts(t *testing.T) {
	t.Parallel()
	d := created(t)
	ctx := t.Context()
	const id = "0123456789abcdef0123456789abcdef"
	require.NoError(t, d.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.Insert(ctx, dictionary.TableProfile, store.Row{"sys_id": id, "display_name": "Trello"})
		require.NoError(t, err)
		require.Equal(t, id, row[dictionary.SysID])
		var conflict *store.ConflictError
		_, err = tx.Insert(ctx, dictionary.TableProfile, store.Row{"display_name": "TRELLO"})
		require.ErrorAs(t, err, &conflict)
		require.Equal(t, []string{"display_name"}, conflict.Columns)
		_, err = tx.Insert(ctx, dictionary.TableProfile, store.Row{"sys_id": id, "display_name": "Other"})
		require.ErrorAs(t, err, &conflict)
		require.Equal(t, []string{"sys_id"}, conflict.Columns)
		return nil
	}))
}

func TestWritesThatCannotBe(t *testing.T) {
	t.Parallel()
	d := created(t)
	ctx := t.Context()
	require.NoError(t, d.Update(ctx, func(tx *store.Tx) error {
		var table *store.InvalidTableError
		_, err := tx.Insert(ctx, "no_such_table", nil)
		require.ErrorAs(t, err, &table)
		var column *store.InvalidColumnError
		_, err = tx.Insert(ctx, dictionary.TableUser, store.Row{"no_such_column": "x"})
		require.ErrorAs(t, err, &column)
		var denied *store.DeniedError
		_, err = tx.Insert(ctx, dictionary.TableTask, store.Row{})
		require.ErrorAs(t, err, &denied)
		for column, value := range map[string]string{"inactive_days": "many", "notify_user": "perhaps", "opened_at": "soon"} {
			var bad *store.ValueError
			_, err = tx.Insert(ctx, dictionary.TableCandidate, store.Row{column: value})
			require.ErrorAs(t, err, &bad, column)
			require.Equal(t, column, bad.Column)
		}
		return nil
	}))
}

func TestBaseClassesAreReadable(t *testing.T) {
	t.Parallel()
	d := created(t)
	ctx := t.Context()
	require.NoError(t, d.Update(ctx, func(tx *store.Tx) error {
		c, err := tx.Insert(ctx, dictionary.TableHTTPConnection, store.Row{"name": "Trello", "active": "true", "sys_class_name": "task"})
		require.NoError(t, err)
		row, err := tx.Get(ctx, dictionary.TableConnection, c[dictionary.SysID])
		require.NoError(t, err)
		require.Equal(t, "Trello", row["name"])
		require.Equal(t, "true", row["active"])
		require.Equal(t, dictionary.TableHTTPConnection, row[dictionary.SysClassName])
		return nil
	}))
}

func TestDotWalk(t *testing.T) {
	t.Parallel()
	d := created(t)
	ctx := t.Context()
	require.NoError(t, d.Update(ctx, func(tx *store.Tx) error {
		u, err := tx.Insert(ctx, dictionary.TableUser, store.Row{"user_name": "ann", "name": "Ann", "email": "ann@example.com"})
		require.NoError(t, err)
		s, err := tx.Insert(ctx, dictionary.TableSubscription, store.Row{"external_user_id": "1", "user": u["sys_id"]})
		require.NoError(t, err)
		_, err = tx.Insert(ctx, dictionary.TableCandidate, store.Row{"number": "RCC1", "user_subscription": s["sys_id"]})
		require.NoError(t, err)
		rows, err := tx.Find(ctx, dictionary.TableCandidate, "user_subscription.user.email=ann@example.com^ORDERBYuser_subscription.user.name",
			store.FindOptions{Fields: []string{"number", "user_subscription.user.name"}})
		require.NoError(t, err)
		require.Equal(t, []store.Row{{"number": "RCC1", "user_subscription.user.name": "Ann"}}, rows)
		return nil
	}))
}

func TestInactiveDaysFollowTheClock(t *testing.T) {
	t.Parallel()
	file := path(t)
	d := open(t, file)
	ctx := t.Context()
	var id string
	require.NoError(t, d.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.Insert(ctx, dictionary.TableSubscription, store.Row{"external_user_id": "1", "last_activity": "2026-10-30 23:59:59"})
		require.NoError(t, err)
		require.Equal(t, "3", row["inactive_days"])
		id = row["sys_id"]
		row, err = tx.Insert(ctx, dictionary.TableSubscription, store.Row{"external_user_id": "2"})
		require.NoError(t, err)
		require.Empty(t, row["inactive_days"])
		return nil
	}))
	later := open(t, file, func(o *store.Options) { o.Now = func() time.Time { return noon.AddDate(0, 0, 60) } })
	require.NoError(t, later.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Get(ctx, dictionary.TableSubscription, id)
		require.NoError(t, err)
		require.Equal(t, "63", row["inactive_days"])
		n, err := tx.Count(ctx, dictionary.TableSubscription, "inactive_days>60")
		require.NoError(t, err)
		require.Equal(t, 1, n)
		return nil
	}))
}

func TestUpdateRollsBack(t *testing.T) {
	t.Parallel()
	d := created(t)
	ctx := t.Context()
	boom := errors.New("boom")
	require.ErrorIs(t, d.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Insert(ctx, dictionary.TableUser, store.Row{"user_name": "ann"})
		require.NoError(t, err)
		return boom
	}), boom)
	require.NoError(t, d.View(ctx, func(tx *store.Tx) error {
		n, err := tx.Count(ctx, dictionary.TableUser, "user_name=ann")
		require.NoError(t, err)
		require.Zero(t, n)
		return nil
	}))
}

func TestCancellationIsTheError(t *testing.T) {
	t.Parallel()
	d := created(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := d.Update(ctx, func(tx *store.Tx) error {
		cancel()
		_, err := tx.Insert(ctx, dictionary.TableUser, store.Row{"user_name": "ann"})
		return err
	})
	require.ErrorIs(t, err, context.Canceled)
	create(t, d) // the connection is fit for use again
}

func TestManyStartAtOnce(t *testing.T) {
	t.Parallel()
	file := path(t)
	const n = 8
	ids := make([]string, n)
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		d := open(t, file)
		wg.Go(func() {
			errs[i] = d.Update(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Insert(t.Context(), dictionary.TableUser, store.Row{"user_name": fmt.Sprint("user", i)})
				return err
			})
			if errs[i] == nil {
				ids[i], errs[i] = d.InstanceID(t.Context())
			}
		})
	}
	wg.Wait()
	for i := range n {
		require.NoError(t, errs[i])
		require.Equal(t, ids[0], ids[i])
	}
	require.NoError(t, open(t, file).View(t.Context(), func(tx *store.Tx) error {
		count, err := tx.Count(t.Context(), dictionary.TableUser, "user_nameSTARTSWITHuser")
		require.NoError(t, err)
		require.Equal(t, n, count)
		return nil
	}))
}

func TestSecretsAreSealed(t *testing.T) {
	t.Parallel()
	file := path(t)
	d := open(t, file)
	ctx := t.Context()
	const secret = "ATTAtopsecret-0123456789"
	var id, sealed string
	require.NoError(t, d.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.Insert(ctx, dictionary.TableAPIKeyCredential, store.Row{"name": "Trello", "api_key": secret})
		require.NoError(t, err)
		id, sealed = row["sys_id"], row["api_key"]
		clear, err := tx.Unseal(dictionary.TableAPIKeyCredential, id, "api_key", sealed)
		require.NoError(t, err)
		require.Equal(t, secret, clear)
		_, err = tx.Unseal(dictionary.TableAPIKeyCredential, id, "api_token", sealed)
		require.Error(t, err, "a sealed value opens only in its own column")
		again, changed, err := tx.Update(ctx, dictionary.TableAPIKeyCredential, id, store.Row{"api_key": secret})
		require.NoError(t, err)
		require.True(t, changed)
		require.NotEqual(t, sealed, again["api_key"])
		own, err := tx.Seal(dictionary.TableAPIKeyCredential, id, "api_token", "token-token")
		require.NoError(t, err)
		row, _, err = tx.Update(ctx, dictionary.TableAPIKeyCredential, id, store.Row{"api_token": own})
		require.NoError(t, err)
		require.Equal(t, own, row["api_token"], "what the caller has sealed is stored as it is")
		return nil
	}))
	for _, name := range names(t, filepath.Dir(file)) {
		raw, err := os.ReadFile(filepath.Join(filepath.Dir(file), name))
		require.NoError(t, err)
		require.NotContains(t, string(raw), secret, name)
	}
	require.NotContains(t, sealed, secret)
}

func TestWrongKey(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	file := path(t)
	first := func(o *store.Options) { o.EncryptionKey = "correct horse battery" }
	second := func(o *store.Options) { o.EncryptionKey = "another horse battery" }
	create(t, open(t, file, first))
	require.Equal(t, []string{"sam.db"}, withoutLogs(names(t, filepath.Dir(file))), "a configured key makes no key file")

	var keyError *store.KeyError
	require.ErrorAs(t, open(t, file, second).View(ctx, func(*store.Tx) error { return nil }), &keyError)
	require.ErrorAs(t, open(t, file, second).Update(ctx, func(*store.Tx) error { return nil }), &keyError)
	require.ErrorAs(t, open(t, file).Update(ctx, func(*store.Tx) error { return nil }), &keyError)
	require.ErrorContains(t, keyError, "does not exist and no encryption_key is set")
	require.NoError(t, open(t, file).View(ctx, func(*store.Tx) error { return nil }), "reading needs no key")
	create(t, open(t, file, first))
}

func withoutLogs(files []string) []string {
	var kept []string
	for _, f := range files {
		if !strings.HasSuffix(f, "-wal") && !strings.HasSuffix(f, "-shm") {
			kept = append(kept, f)
		}
	}
	return kept
}

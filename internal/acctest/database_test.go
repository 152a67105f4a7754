package acctest_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

// files are the names in the folder of the database.
func files(t *testing.T, w *acctest.World) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(w.Database))
	require.NoError(t, err)
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// moveDatabase moves every file of a database to another folder.
func moveDatabase(t *testing.T, from, to string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(from, "*"))
	require.NoError(t, err)
	for _, name := range names {
		require.NoError(t, os.Rename(name, filepath.Join(to, filepath.Base(name))))
	}
}

// pragma runs SQL on the database file, without the store.
func pragma(t *testing.T, w *acctest.World, text string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+w.Database)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), text)
	require.NoError(t, err)
	require.NoError(t, db.Close())
}

// A lost disk must not empty the state, whatever the command, and bringing the disk back cures it.
func TestAccDatabase_lost(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := complete(t, w)
	numbers := planned(t, root.MustPlan(t))
	attic := t.TempDir()
	moveDatabase(t, filepath.Dir(w.Database), attic)

	for name, command := range map[string]func() acctest.Result{
		"plan":         func() acctest.Result { return root.Plan(t).Result },
		"refresh-only": func() acctest.Result { return root.Plan(t, "-refresh-only").Result },
		"apply":        func() acctest.Result { return root.Apply(t) },
		"destroy":      func() acctest.Result { return root.Destroy(t) },
	} {
		result := command()
		require.Equal(t, 1, result.Code, name)
		requireAll(t, result.Errors(), "Could not check the instance of", "its database does not exist here",
			"Nothing was removed from the state", "Restore the database, or correct database_url", "terraform state rm")
		require.Empty(t, files(t, w), "%s made a database", name)
	}
	requireKept(t, root, everything...)
	require.Empty(t, w.Double.Requests().Writes)

	moveDatabase(t, attic, filepath.Dir(w.Database))
	require.Equal(t, numbers, planned(t, root.MustPlan(t)))
	root.MustApply(t)
	root.RequireEmptyPlan(t)
}

// A new database in the place of the lost one is not the same one.
func TestAccDatabase_new(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := complete(t, w)
	numbers := planned(t, root.MustPlan(t))
	attic := t.TempDir()
	moveDatabase(t, filepath.Dir(w.Database), attic)
	other := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync())
	other.MustApply(t)

	for name, command := range map[string]func() acctest.Result{
		"plan":    func() acctest.Result { return root.Plan(t).Result },
		"destroy": func() acctest.Result { return root.Destroy(t) },
	} {
		result := command()
		require.Equal(t, 1, result.Code, name)
		requireAll(t, result.Errors(), "Could not check the instance of", "the state belongs to instance", "answers",
			"Point the provider at the instance that the state was made with")
	}
	requireKept(t, root, everything...)
	other.RequireEmptyPlan(t)

	second := t.TempDir()
	moveDatabase(t, filepath.Dir(w.Database), second)
	moveDatabase(t, attic, filepath.Dir(w.Database))
	require.Equal(t, numbers, planned(t, root.MustPlan(t)))
}

// A saved plan that meets another database does nothing there.
func TestAccDatabase_swappedBetweenPlanAndApply(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := complete(t, w)
	plan := root.MustPlan(t)
	require.NotEmpty(t, planned(t, plan))
	attic := t.TempDir()
	moveDatabase(t, filepath.Dir(w.Database), attic)
	result := plan.Apply(t)
	require.Equal(t, 1, result.Code)
	requireAll(t, result.Errors(), "its database does not exist here")
	require.NotContains(t, result.Errors(), "inconsistent")
	require.Empty(t, w.Double.Requests().Writes)
	require.Empty(t, files(t, w))

	moveDatabase(t, attic, filepath.Dir(w.Database))
	result = root.Apply(t)
	require.Zero(t, result.Code, result.Errors())
	root.RequireEmptyPlan(t)
}

func TestAccDatabase_newerVersion(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := synced(t, w)
	var version int64
	db, err := sql.Open("sqlite", "file:"+w.Database)
	require.NoError(t, err)
	require.NoError(t, db.QueryRowContext(t.Context(), "PRAGMA user_version").Scan(&version))
	require.NoError(t, db.Close())
	pragma(t, w, "PRAGMA user_version = 9999")

	for _, result := range []acctest.Result{root.Plan(t).Result, root.Apply(t), root.Destroy(t)} {
		require.Equal(t, 1, result.Code)
		requireAll(t, result.Errors(), w.Database, "newer version", "9999", "Upgrade the provider, or restore a backup")
	}
	requireKept(t, root, alias, profile, refresh)
	fresh := w.Root(t, w.ProviderBlock(), w.Alias()).Apply(t)
	require.Equal(t, 1, fresh.Code)
	require.Contains(t, fresh.Errors(), "Upgrade the provider")

	pragma(t, w, fmt.Sprintf("PRAGMA user_version = %d", version))
	root.RequireEmptyPlan(t)
}

func TestAccDatabase_readOnly(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := synced(t, w)
	before := known(t, w)
	pragma(t, w, "PRAGMA wal_checkpoint(TRUNCATE)")
	require.NoError(t, os.Chmod(w.Database, 0o400))
	root.RequireEmptyPlan(t)

	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(`reclaim_subscriptions = false`), w.Sync(trigger(2)))
	require.Equal(t, 2, root.MustPlan(t).Code)
	failed := root.Apply(t)
	require.Equal(t, 1, failed.Code)
	requireAll(t, failed.Errors(), w.Database, "read-only", "Make the file writable, or name another database_url", "plans work with a read-only database")
	requireKept(t, root, alias, profile)

	require.NoError(t, os.Chmod(w.Database, 0o600))
	root.MustApply(t)
	require.Equal(t, before, known(t, w))
	root.RequireEmptyPlan(t)
}

// A user who may read the database and nothing else, as a drift job should be, plans and cannot apply.
func TestAccDatabase_otherUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root may start terraform as another user; TestAccDatabase_readOnly covers the rest")
	}
	const nobody = 65534
	w := acctest.NewWorld(t, acctest.Options{})
	root := synced(t, w)
	pragma(t, w, "PRAGMA wal_checkpoint(TRUNCATE)")
	for _, dir := range []string{filepath.Dir(w.Database), root.Dir} {
		require.NoError(t, os.Chmod(filepath.Dir(dir), 0o755)) //nolint:gosec // others must get to what is in it
		require.NoError(t, os.Chmod(dir, 0o755))               //nolint:gosec // as above
	}
	require.NoError(t, os.Chmod(w.Database, 0o644)) //nolint:gosec // others read it
	root.UseBinary(t)
	own, err := filepath.Glob(filepath.Join(root.Dir, "*"))
	require.NoError(t, err)
	for _, path := range append(own, root.Dir) {
		require.NoError(t, os.Chown(path, nobody, nobody))
	}
	run := func(args ...string) acctest.Result {
		cmd, output, done := root.Command(t, args...)
		defer done()
		cmd.Env = append(cmd.Env, "HOME="+root.Dir, "TMPDIR="+root.Dir)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		_ = cmd.Run() // the exit code tells
		return acctest.NewResult(cmd.ProcessState.ExitCode(), output.String())
	}
	plan := run("plan", "-json", "-detailed-exitcode", "-input=false")
	require.Zero(t, plan.Code, plan.Output)

	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(`reclaim_subscriptions = false`), w.Sync(trigger(1)))
	failed := run("apply", "-json", "-auto-approve", "-input=false")
	require.Equal(t, 1, failed.Code, failed.Output)
	requireAll(t, failed.Errors(), "Could not update integration profile", w.Database, "read-only", "writable for this user")

	for _, path := range append(own, root.Dir) {
		require.NoError(t, os.Chown(path, 0, 0))
	}
	root.MustApply(t)
	root.RequireEmptyPlan(t)
}

func TestAccDatabase_unusable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	require.NoError(t, os.WriteFile(text, []byte("not a database, and precious\n"), 0o600))
	for name, c := range map[string]struct {
		url   string
		wants []string
	}{
		"text file":    {"sqlite:" + text, []string{"not an SQLite database", "Name another path in database_url"}},
		"folder":       {"sqlite:" + dir, []string{"it is a directory", "Name a file in database_url"}},
		"no folder":    {"sqlite:" + filepath.Join(dir, "missing", "sam.db"), []string{"does not exist", "Create the directory"}},
		"no scheme":    {"sam.db", []string{"expected sqlite:PATH"}},
		"another kind": {"mysql://localhost/sam", []string{"expected sqlite:PATH"}},
		"PostgreSQL":   {"postgres://localhost/sam", []string{"PostgreSQL is not supported in this version", "sqlite:PATH"}},
		"no file":      {"sqlite:", []string{"path of a file"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, acctest.Options{})
			root := w.Root(t, fmt.Sprintf("provider \"servicenowsam\" {\n  embedded = { database_url = %q }\n}\n", c.url), w.Alias())
			failed := root.Apply(t)
			require.Equal(t, 1, failed.Code)
			requireAll(t, failed.Errors(), c.wants...)

			root.Write(t, w.ProviderBlock(), w.Alias())
			root.MustApply(t)
			root.RequireEmptyPlan(t)
		})
	}
	t.Cleanup(func() {
		content, err := os.ReadFile(text) //nolint:gosec // the file of this test
		require.NoError(t, err)
		require.Equal(t, "not a database, and precious\n", string(content))
	})
}

func TestAccDatabase_encryptionKey(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	block := func(key string) string {
		return fmt.Sprintf("provider \"servicenowsam\" {\n  embedded = { database_url = %q, encryption_key = %q }\n}\n", w.DatabaseURL(), key)
	}
	const right, wrong = "the right key of this test", "another key of this test"
	root := w.Root(t, block("short"), w.Alias(), w.Profile())
	failed := root.Apply(t)
	require.Equal(t, 1, failed.Code)
	requireAll(t, failed.Errors(), "fewer than 16 characters", "long random text")

	root.Write(t, block(right), w.Alias(), w.Profile())
	root.MustApply(t)
	require.NotContains(t, files(t, w), filepath.Base(w.Database)+".key")
	for provider, advice := range map[string]string{
		block(wrong):      "Set encryption_key to the former value",
		w.ProviderBlock(): "or set encryption_key to what the database was created with",
	} {
		root.Write(t, provider, w.Alias(), w.Profile(), w.Sync())
		failed = root.Apply(t)
		require.Equal(t, 1, failed.Code)
		requireAll(t, failed.Errors(), "encryption key", advice)
		require.NotContains(t, failed.Output, right)
		require.NotContains(t, failed.Output, wrong)
		requireKept(t, root, alias, profile)
	}
	root.Write(t, block(right), w.Alias(), w.Profile(), w.Sync())
	root.MustApply(t)
	root.RequireEmptyPlan(t)
}

func TestAccDatabase_keyFileLost(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := synced(t, w)
	before, id := known(t, w), root.Attribute(t, profile, "id")
	attic := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.Rename(w.Database+".key", attic))
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(trigger(2)))
	failed := root.Apply(t)
	require.Equal(t, 1, failed.Code)
	requireAll(t, failed.Errors(), w.Database+".key", "does not exist", "Put the key file back from the backup")
	require.NoFileExists(t, w.Database+".key", "a new key could not open what the old one sealed")

	require.NoError(t, os.Rename(attic, w.Database+".key"))
	root.MustApply(t)
	require.Equal(t, before, known(t, w))
	require.Equal(t, dictionary.ProfileStatusPublished, w.Get(t, dictionary.TableProfile, id)[dictionary.ProfileStatus])
	root.RequireEmptyPlan(t)
}

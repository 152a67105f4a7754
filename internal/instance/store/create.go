package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"sync/atomic"

	"github.com/pressly/goose/v3"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

//go:embed migrations/*.sql
var migrations embed.FS

const (
	metaInstanceID = "instance_id"
	metaKeyCheck   = "key_check"
)

// writable returns the connection that writes, after making sure that the database exists and is up to date.
func (d *Database) writable(ctx context.Context) (*sql.DB, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, errClosed
	}
	if d.writer != nil {
		return d.writer, nil
	}
	path, err := d.file()
	if err != nil {
		return nil, err
	}
	db, err := openWriter(path)
	if err != nil {
		return nil, err
	}
	if err := d.prepare(ctx, db, path); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	d.writer = db
	return db, nil
}

// prepare creates or migrates the database where that is needed, and checks the encryption key.
func (d *Database) prepare(ctx context.Context, db *sql.DB, path string) error {
	version, err := schemaVersion(ctx, db, path)
	switch {
	case err != nil:
		return err
	case version > latestVersion:
		return &VersionError{Path: path, Have: version, Known: latestVersion}
	case version < latestVersion:
		if err := d.create(ctx, db, path); err != nil {
			return err
		}
	}
	key, err := d.keyFor(path, false)
	if err != nil {
		return err
	}
	return key.check(ctx, db)
}

func (d *Database) create(ctx context.Context, db *sql.DB, path string) error {
	err := d.whileBusy(ctx, func() error {
		// Larger pages make the trees of large tables lower; the size of a database is fixed when it is made.
		_, err := db.ExecContext(ctx, "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL")
		return err
	})
	if err != nil {
		return err
	}
	key, err := d.keyFor(path, true)
	if err != nil {
		return err
	}
	return d.migrate(ctx, db, path, func(tx *Tx) error {
		id := newUUID()
		check, err := key.seal(keyCheckContext, keyCheckText)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "INSERT INTO snsam_meta (key, value) VALUES (?, ?), (?, ?)", metaInstanceID, id, metaKeyCheck, check); err != nil {
			return err
		}
		d.options.Log.InfoContext(ctx, "created the database of the embedded instance", "path", path, "instance_id", id)
		return nil
	})
}

// standIn is the seeded database in memory that stands in for one that does not exist yet.
func (d *Database) standIn(ctx context.Context) (*sql.DB, error) {
	if d.unborn != nil {
		return d.unborn, nil
	}
	name := "file:/snsam-" + strconv.FormatInt(standIns.Add(1), 10) + "?vfs=memdb"
	maker, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	if err := d.migrate(ctx, maker, "in memory", func(*Tx) error { return nil }); err != nil {
		return nil, errors.Join(err, maker.Close())
	}
	db, err := openPool(ctx, name+"&_pragma=query_only(1)")
	if err != nil {
		return nil, errors.Join(err, maker.Close())
	}
	// The database lives as long as a connection to it, and the pool drops connections whose call was canceled.
	d.keeper = maker
	d.unborn = db
	return db, nil
}

// standIns numbers the databases in memory, which share a name space in the process.
var standIns atomic.Int64

// migrate runs the missing migrations, seeds a new database and runs born on it, all in one transaction that holds the
// write lock: of several processes one creates the database, and a process that is killed leaves no half of one. For that
// db is limited to one connection; goose then works inside the transaction that was begun on it.
func (d *Database) migrate(ctx context.Context, db *sql.DB, path string, born func(*Tx) error) (err error) {
	db.SetMaxOpenConns(1)
	err = d.whileBusy(ctx, func() error {
		_, err := db.ExecContext(ctx, "BEGIN IMMEDIATE")
		return err
	})
	if err != nil {
		return err
	}
	end := "ROLLBACK"
	defer func() {
		if _, endErr := db.ExecContext(context.WithoutCancel(ctx), end); endErr != nil && err == nil {
			err = endErr
		}
	}()
	version, err := schemaVersion(ctx, db, path)
	switch {
	case err != nil:
		return err
	case version == latestVersion: // another process was faster
		return nil
	case version > latestVersion:
		return &VersionError{Path: path, Have: version, Known: latestVersion}
	}
	if err := runMigrations(ctx, db); err != nil {
		return fmt.Errorf("creating the tables of %s: %w", path, err)
	}
	if version == 0 {
		tx := d.newTx(db)
		if err := seed(ctx, tx); err != nil {
			return err
		}
		if err := born(tx); err != nil {
			return err
		}
	}
	_, err = db.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, latestVersion))
	if err == nil {
		end = "COMMIT"
	}
	return err
}

func runMigrations(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files,
		goose.WithIsolateDDL(true), // no transactions of its own
		goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return err
	}
	reached, err := provider.GetDBVersion(ctx)
	if err == nil && reached != latestVersion {
		err = fmt.Errorf("the migrations reached version %d, not %d", reached, latestVersion)
	}
	return err
}

// seed inserts what every instance ships with.
func seed(ctx context.Context, tx *Tx) error {
	for _, s := range dictionary.Seeds() {
		row := Row{dictionary.SysID: dictionary.SeedID(s.Table, s.Key)}
		for column, value := range s.Values {
			row[column] = value
		}
		if _, err := tx.Insert(WithUser(ctx, "system"), s.Table, row); err != nil {
			return fmt.Errorf("seeding %s %q: %w", s.Table, s.Key, err)
		}
	}
	return nil
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // registers the driver
	sqlite3 "modernc.org/sqlite/lib"
)

// applicationID marks our databases in the header of the file ("SNSA").
const applicationID = 0x534e5341

// latestVersion is the schema version that this program knows: the number of the last migration.
const latestVersion = 2

// How long the driver itself waits for a lock, in milliseconds. It ignores contexts while it does, so a writer waits only
// shortly and begin does the long waiting. Readers wait for nobody but a process that recovers or removes the log.
const (
	readerBusy = "busy_timeout(5000)"
	writerBusy = "busy_timeout(250)"
)

// What the writer may use: 16 MB of cached pages, which take twice as much memory, so that a refresh does not read the
// pages of its indexes again and again; and 32 MB of log before it is copied into the database, so that pages that are
// written often are copied once. A commit is as durable as before.
const (
	writerCache = "cache_size(-16384)"
	writerLog   = "wal_autocheckpoint(4000)"
)

// dsn is the name of a database file for the driver.
func dsn(path string, parameters url.Values, pragmas ...string) string {
	for _, p := range pragmas {
		parameters.Add("_pragma", p)
	}
	return "file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() + "?" + parameters.Encode()
}

// openReader opens an existing file for reading. In WAL mode even a reader has to make the shared-memory file, which is
// unwanted beside a read-only file and impossible in a read-only directory; such a database is read as it lies there, if no
// log is left beside it.
func openReader(ctx context.Context, path string) (*sql.DB, error) {
	readOnly := isReadOnly(path)
	log, err := os.Stat(path + "-wal")
	hasLog := err == nil && log.Size() > 0
	asItLies := func() (*sql.DB, error) {
		return openPool(ctx, dsn(path, url.Values{"mode": {"ro"}, "immutable": {"1"}}, readerBusy, "query_only(1)"))
	}
	mode := "rw"
	switch {
	case readOnly && !hasLog:
		return asItLies()
	case readOnly:
		mode = "ro"
	}
	db, err := openPool(ctx, dsn(path, url.Values{"mode": {mode}}, readerBusy, "query_only(1)"))
	if code := sqliteCode(err); !hasLog && (code == sqlite3.SQLITE_CANTOPEN || code == sqlite3.SQLITE_READONLY) {
		return asItLies()
	}
	return db, err
}

func isReadOnly(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().Perm()&0o222 == 0
}

// openPool opens a pool of readers and proves that it can read.
func openPool(ctx context.Context, name string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	db.SetMaxIdleConns(4)
	var n int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE 0").Scan(&n); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// openWriter opens the one connection that writes. What it deletes, it overwrites.
func openWriter(path string) (*sql.DB, error) {
	if err := checkWritable(path); err != nil {
		return nil, err
	}
	makePrivate(path)
	db, err := sql.Open("sqlite", dsn(path, url.Values{"mode": {"rwc"}, "_txlock": {"immediate"}}, writerBusy, "synchronous(NORMAL)", "foreign_keys(0)", "secure_delete(1)", writerCache, writerLog))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// makePrivate makes a file that is not there yet, for its owner alone: the database holds personal data. SQLite gives its log
// the same mode. Where that fails, opening the file says why.
func makePrivate(path string) {
	if file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil { //nolint:gosec // the configured path
		_ = file.Close()
	}
}

func checkWritable(path string) error {
	directory := filepath.Dir(path)
	switch info, err := os.Stat(directory); {
	case errors.Is(err, fs.ErrNotExist):
		return &UnavailableError{Path: path, Op: "create", Reason: "directory " + directory + " does not exist", Advice: "Create the directory, or name another path in database_url"}
	case err == nil && !info.IsDir():
		return &UnavailableError{Path: path, Op: "create", Reason: directory + " is not a directory", Advice: "Name another path in database_url"}
	}
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return isDirectory(path)
	case isReadOnly(path):
		// Root could write all the same, but somebody took the permission away on purpose.
		return &UnavailableError{Path: path, Op: "write", Reason: "the file is read-only", Advice: "Make the file writable, or name another database_url; plans work with a read-only database"}
	}
	return nil
}

// rowQueryer is what a pool, a connection and a transaction have in common.
type rowQueryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// schemaVersion reads the header of a database: 0 means that it is empty. A database of another program is an error.
func schemaVersion(ctx context.Context, q rowQueryer, path string) (int64, error) {
	var application, version, objects int64
	err := q.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version),
		(SELECT count(*) FROM (SELECT 1 FROM sqlite_master LIMIT 1))`).Scan(&application, &version, &objects)
	switch {
	case err != nil:
		return 0, fmt.Errorf("reading the header of %s: %w", path, err)
	case application == applicationID:
		return version, nil
	case objects == 0:
		return 0, nil
	}
	return 0, &UnavailableError{Path: path, Op: "open", Reason: "it is a database of another program", Advice: "Name another path in database_url; this file was not touched"}
}

// begin starts a transaction that holds the write lock, waiting for other processes as long as BusyTimeout and the
// context allow.
func (d *Database) begin(ctx context.Context, db *sql.DB) (*sql.Tx, error) {
	var sqlTx *sql.Tx
	err := d.whileBusy(ctx, func() (err error) {
		sqlTx, err = db.BeginTx(ctx, nil)
		return err
	})
	return sqlTx, err
}

// whileBusy repeats attempt while another process holds the lock.
func (d *Database) whileBusy(ctx context.Context, attempt func() error) error {
	deadline := time.Now().Add(d.options.BusyTimeout)
	pause := time.Millisecond
	for {
		err := attempt()
		if !isBusy(err) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause = min(2*pause, 50*time.Millisecond)
	}
}

// explain gives an error its words. After a cancellation the database reports all kinds of errors; the cancellation is
// what matters.
func (d *Database) explain(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	if cause := ctx.Err(); cause != nil {
		if errors.Is(err, cause) {
			return err
		}
		return fmt.Errorf("%w (%s database: %w)", cause, op, err)
	}
	return translate(d.path, op, err)
}

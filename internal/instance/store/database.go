// Package store is the database of the embedded instance: the tables of the dictionary in SQLite, read and written as
// ServiceNow rows, with secrets sealed at rest.
//
// A database that does not exist reads like a new one, with what an instance ships, and is created by the first Update.
// View never writes: no creation, no migration. Several processes may share a database.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Row is a row, or the columns of one, in wire form: booleans "true" and "false", integers decimal, date-times
// "2006-01-02 15:04:05" in UTC, dates "2006-01-02", and "" for empty. A password2 column holds its sealed value.
type Row map[string]string

// WriteOptions tells how the values of a write are to be understood.
type WriteOptions struct {
	// InputDisplayValue tells that the values are display values; password2 columns are written only then.
	InputDisplayValue bool
}

// Options of New.
type Options struct {
	Now func() time.Time // nil means time.Now
	// EncryptionKey seals secrets: any text of at least 16 characters. Empty means the key file beside the database, which
	// is made with the database.
	EncryptionKey string
	Log           *slog.Logger // nil discards
	// BusyTimeout is how long a write waits for another process; zero means 30 seconds.
	BusyTimeout time.Duration
}

// Database is one database. It is safe for concurrent use.
type Database struct {
	path    string
	options Options

	mu       sync.Mutex
	absolute string
	reader   *sql.DB // over the file; nil until it is known to exist
	unborn   *sql.DB // the seeded stand-in of a database that does not exist
	keeper   *sql.DB // keeps unborn alive
	writer   *sql.DB
	keys     keyring
	closed   bool
}

// New names a database, as sqlite:PATH. It does no I/O.
func New(databaseURL string, o Options) (*Database, error) {
	scheme, path, ok := strings.Cut(databaseURL, ":")
	switch {
	case ok && (scheme == "postgres" || scheme == "postgresql"):
		return nil, errors.New("database_url: PostgreSQL is not supported in this version; use sqlite:PATH")
	case !ok || scheme != "sqlite":
		return nil, errors.New("database_url: expected sqlite:PATH, such as sqlite:./sam.db")
	case path == "" || strings.Contains(path, ":memory:") || strings.ContainsRune(path, 0):
		return nil, errors.New("database_url: sqlite: must be followed by the path of a file")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.BusyTimeout == 0 {
		o.BusyTimeout = 30 * time.Second
	}
	if o.EncryptionKey != "" && len(o.EncryptionKey) < minKeyLength {
		return nil, &KeyError{
			Reason: fmt.Sprintf("it has fewer than %d characters", minKeyLength),
			Advice: "Use a long random text, such as the output of: openssl rand -base64 32",
		}
	}
	return &Database{path: path, options: o}, nil
}

// View runs fn on a snapshot. Where the database does not exist yet, that is a seeded one with the ids a new database
// will have.
func (d *Database) View(ctx context.Context, fn func(*Tx) error) error {
	db, err := d.readable(ctx)
	if err != nil {
		return d.explain(ctx, "open", err)
	}
	sqlTx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return d.explain(ctx, "read", err)
	}
	defer func() { _ = sqlTx.Rollback() }()
	return d.explain(ctx, "read", fn(d.newTx(sqlTx)))
}

// Update runs fn in a transaction that holds the write lock from its start, and commits unless fn fails. The first Update
// creates the database, or brings it up to date.
func (d *Database) Update(ctx context.Context, fn func(*Tx) error) error {
	db, err := d.writable(ctx)
	if err != nil {
		return d.explain(ctx, "open", err)
	}
	sqlTx, err := d.begin(ctx, db)
	if err != nil {
		return d.explain(ctx, "write", err)
	}
	defer func() { _ = sqlTx.Rollback() }()
	if err := fn(d.newTx(sqlTx)); err != nil {
		return d.explain(ctx, "write", err)
	}
	return d.explain(ctx, "write", sqlTx.Commit())
}

// InstanceID is the UUID that the database got when it was created; empty while it does not exist.
func (d *Database) InstanceID(ctx context.Context) (string, error) {
	var id string
	err := d.View(ctx, func(tx *Tx) error {
		err := tx.QueryRow(ctx, "SELECT value FROM snsam_meta WHERE key = ?", metaInstanceID).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return id, err
}

// Exists tells whether the database has been created.
func (d *Database) Exists(ctx context.Context) (bool, error) {
	id, err := d.InstanceID(ctx)
	return id != "", err
}

// Compact rewrites the database file and empties its log, so that nothing is left of what was deleted. It waits for readers
// for a few seconds, and fails where one stays.
func (d *Database) Compact(ctx context.Context) error {
	db, err := d.writable(ctx)
	if err != nil {
		return d.explain(ctx, "open", err)
	}
	err = d.whileBusy(ctx, func() error {
		_, err := db.ExecContext(ctx, "VACUUM")
		return err
	})
	if err != nil {
		return d.explain(ctx, "compact", err)
	}
	for attempt := 0; ; attempt++ {
		var busy, pages, copied int
		if err := db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &copied); err != nil {
			return d.explain(ctx, "compact", err)
		}
		if busy == 0 {
			return nil
		}
		if attempt == compactAttempts {
			return errors.New("another process reads the database, so that its log cannot be emptied. Stop it, then run this again")
		}
	}
}

// compactAttempts is how often Compact tries to empty the log; each try waits as long as the driver waits for a lock.
const compactAttempts = 20

// Close releases everything. Calls in progress may fail.
func (d *Database) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	var errs []error
	for _, db := range []*sql.DB{d.reader, d.unborn, d.keeper, d.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	d.reader, d.unborn, d.keeper, d.writer = nil, nil, nil, nil
	return errors.Join(errs...)
}

// errClosed is the use of a closed database.
var errClosed = errors.New("the database is closed")

// file is the absolute path, so that a later change of directory does not change the database.
func (d *Database) file() (string, error) {
	if d.absolute == "" {
		absolute, err := filepath.Abs(d.path)
		if err != nil {
			return "", &UnavailableError{Path: d.path, Op: "open", Reason: "the working directory is not known", Advice: "Use an absolute path", Err: err}
		}
		d.absolute = absolute
	}
	return d.absolute, nil
}

// readable returns the pool that View reads from.
func (d *Database) readable(ctx context.Context) (*sql.DB, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, errClosed
	}
	if d.reader != nil {
		return d.reader, nil
	}
	path, err := d.file()
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return d.standIn(ctx)
	case err != nil:
		return nil, &UnavailableError{Path: path, Op: "open", Reason: "it cannot be looked at", Advice: "Check the path and its permissions", Err: err}
	case info.IsDir():
		return nil, isDirectory(path)
	case info.Size() == 0:
		return d.standIn(ctx)
	}
	db, err := openReader(ctx, path)
	if err != nil {
		return nil, err
	}
	version, err := schemaVersion(ctx, db, path)
	switch {
	case err != nil:
		return nil, errors.Join(err, db.Close())
	case version == 0: // another process is creating it just now
		if err := db.Close(); err != nil {
			return nil, err
		}
		return d.standIn(ctx)
	case version != latestVersion:
		return nil, errors.Join(&VersionError{Path: path, Have: version, Known: latestVersion}, db.Close())
	}
	if err := d.checkConfiguredKey(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	d.reader = db
	return db, nil
}

func isDirectory(path string) error {
	return &UnavailableError{Path: path, Op: "open", Reason: "it is a directory", Advice: "Name a file in database_url, such as sqlite:" + filepath.Join(path, "sam.db")}
}

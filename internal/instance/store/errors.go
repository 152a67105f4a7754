package store

import (
	"errors"
	"fmt"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrNotFound is a row that does not exist.
var ErrNotFound = errors.New("no such record")

// InvalidTableError is a table that this instance does not have.
type InvalidTableError struct{ Table string }

// Error implements error.
func (e *InvalidTableError) Error() string { return "Invalid table " + e.Table }

// InvalidColumnError is a column that a table does not have.
type InvalidColumnError struct{ Table, Column string }

// Error implements error.
func (e *InvalidColumnError) Error() string {
	return fmt.Sprintf("table %s has no column %q", e.Table, e.Column)
}

// ValueError is a value that a column cannot hold.
type ValueError struct{ Table, Column, Reason string }

// Error implements error.
func (e *ValueError) Error() string {
	return fmt.Sprintf("column %s of table %s: %s", e.Column, e.Table, e.Reason)
}

// ConflictError is a write that would break a unique index.
type ConflictError struct {
	Table   string
	Columns []string
	Err     error
}

// Error implements error.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("another record of table %s has the same %s", e.Table, strings.Join(e.Columns, ", "))
}

// Unwrap returns the error of the database.
func (e *ConflictError) Unwrap() error { return e.Err }

// BusinessRuleError is a write that a business rule aborted.
type BusinessRuleError struct {
	Table   string
	Rule    string // name of the rule, such as "SaaS profile: download subscriptions cannot be cleared"
	SysID   string // sys_id of the rule; empty means dictionary.SeedID("sys_script", Rule)
	Message string // what the rule tells people
}

// Error implements error.
func (e *BusinessRuleError) Error() string {
	return fmt.Sprintf("table %s: business rule %q: %s", e.Table, e.Rule, e.Message)
}

// DeniedError is an operation that nobody may do.
type DeniedError struct{ Table, Operation, Reason string }

// Error implements error.
func (e *DeniedError) Error() string {
	return fmt.Sprintf("%s on table %s is denied: %s", e.Operation, e.Table, e.Reason)
}

// VersionError is a database whose schema this program does not know.
type VersionError struct {
	Path        string
	Have, Known int64 // schema version of the database, and the newest one this program knows
}

// Error implements error.
func (e *VersionError) Error() string {
	if e.Have < e.Known {
		return fmt.Sprintf("database %s has schema version %d; this program reads version %d. Run an apply, or serve, once: it brings the database up to date",
			e.Path, e.Have, e.Known)
	}
	return fmt.Sprintf("database %s was written by a newer version of this program: its schema version is %d, the newest known here is %d. Upgrade the provider, or restore a backup made before the upgrade",
		e.Path, e.Have, e.Known)
}

// KeyError is an encryption key that is missing, unfit or not the one the secrets of the database were sealed with.
type KeyError struct {
	Reason string
	Advice string
	Err    error
}

// Error implements error.
func (e *KeyError) Error() string {
	text := "encryption key: " + e.Reason
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text + ". " + e.Advice
}

// Unwrap returns the cause.
func (e *KeyError) Unwrap() error { return e.Err }

// UnavailableError is a database that cannot be opened, read or written.
type UnavailableError struct {
	Path   string
	Op     string // open, read, write
	Reason string
	Advice string
	Err    error
}

// Error implements error.
func (e *UnavailableError) Error() string {
	text := fmt.Sprintf("%s database %s: %s", e.Op, e.Path, e.Reason)
	if e.Err != nil {
		text += " (" + e.Err.Error() + ")"
	}
	return text + ". " + e.Advice
}

// Unwrap returns the error of the database or the file system.
func (e *UnavailableError) Unwrap() error { return e.Err }

// sqliteCode is the primary result code of an SQLite error, or 0.
func sqliteCode(err error) int {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return 0
	}
	return e.Code() & 0xff
}

func isBusy(err error) bool {
	code := sqliteCode(err)
	return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED
}

// translate gives the errors of SQLite that a person can do something about their words. Others pass unchanged.
func translate(path, op string, err error) error {
	unavailable := func(reason, advice string) error {
		return &UnavailableError{Path: path, Op: op, Reason: reason, Advice: advice, Err: err}
	}
	switch sqliteCode(err) {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return unavailable("another process is writing to it and did not finish in time", "Wait for the other run to end, then run this again")
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return unavailable("it is read-only", "Make the file and its directory writable for this user, or name another database_url")
	case sqlite3.SQLITE_CANTOPEN:
		return unavailable("it cannot be opened", "Check that the path names a file and that this user may write to its directory")
	case sqlite3.SQLITE_NOTADB:
		return unavailable("the file is not an SQLite database", "Name another path in database_url, or move the file away")
	case sqlite3.SQLITE_CORRUPT:
		return unavailable("the file is damaged", "Restore it from a backup")
	case sqlite3.SQLITE_FULL:
		return unavailable("the disk is full", "Free some space and run this again; what was committed is kept")
	case sqlite3.SQLITE_IOERR:
		return unavailable("the file system reports an error", "Check the disk; a database must not be on a network share")
	}
	return err
}

// conflict turns a broken unique index into a *ConflictError.
func conflict(table string, err error) error {
	const prefix = "UNIQUE constraint failed: "
	if sqliteCode(err) != sqlite3.SQLITE_CONSTRAINT {
		return err
	}
	_, list, ok := strings.Cut(err.Error(), prefix)
	if !ok {
		return err
	}
	list, _, _ = strings.Cut(list, " (")
	var columns []string
	for _, name := range strings.Split(list, ", ") {
		columns = append(columns, strings.TrimPrefix(name, table+"."))
	}
	return &ConflictError{Table: table, Columns: columns, Err: err}
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

// Tx is a transaction: a snapshot in View, the holder of the write lock in Update. It is for one goroutine.
type Tx struct {
	database *Database
	conn     connection
	now      time.Time
}

// connection is what a transaction and the connection of a migration have in common.
type connection interface {
	rowQueryer
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func (d *Database) newTx(c connection) *Tx {
	return &Tx{database: d, conn: c, now: d.options.Now().UTC()}
}

// Now is the time of the transaction, in UTC. It stands still.
func (tx *Tx) Now() time.Time { return tx.now }

// NewID makes a sys_id for a row to be inserted.
func (tx *Tx) NewID() string { return NewSysID(tx.now) }

// Exec runs SQL that returns no rows.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return tx.conn.ExecContext(ctx, query, args...)
}

// Query runs SQL that returns rows.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return tx.conn.QueryContext(ctx, query, args...)
}

// QueryRow runs SQL that returns at most one row.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return tx.conn.QueryRowContext(ctx, query, args...)
}

// Prepare compiles SQL that is run many times. It is released with the transaction; Close releases it earlier.
func (tx *Tx) Prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	p, ok := tx.conn.(interface {
		PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
	})
	if !ok {
		return nil, errors.New("this transaction prepares no statements")
	}
	return p.PrepareContext(ctx, query)
}

// Seal encrypts a secret for a column of a row.
func (tx *Tx) Seal(table, sysID, column, clear string) (string, error) {
	k, err := tx.key()
	if err != nil {
		return "", err
	}
	return k.seal(place(table, sysID, column), clear)
}

// Unseal decrypts what Seal made for the same column of the same row.
func (tx *Tx) Unseal(table, sysID, column, sealed string) (string, error) {
	k, err := tx.key()
	if err != nil {
		return "", err
	}
	clear, err := k.open(place(table, sysID, column), sealed)
	if err != nil {
		return "", fmt.Errorf("column %s of %s %s: %w", column, table, sysID, err)
	}
	return clear, nil
}

// Mark is what a text is known by without being told, for a place of the caller's choice. It needs the key of the database.
func (tx *Tx) Mark(place, text string) (string, error) {
	k, err := tx.key()
	if err != nil {
		return "", err
	}
	return k.mark(place, text), nil
}

func (tx *Tx) key() (*key, error) {
	d := tx.database
	d.mu.Lock()
	defer d.mu.Unlock()
	path, err := d.file()
	if err != nil {
		return nil, err
	}
	known := d.keys.key != nil
	k, err := d.keyFor(path, false)
	if err != nil || known {
		return k, err
	}
	if err := k.check(context.Background(), tx.conn); err != nil {
		d.keys.key = nil
		return nil, err
	}
	return k, nil
}

func place(table, sysID, column string) string { return table + "/" + sysID + "/" + column }

type userKey struct{}

// WithUser names the user in whose name rows are written: sys_created_by and sys_updated_by.
func WithUser(ctx context.Context, user string) context.Context {
	return context.WithValue(ctx, userKey{}, user)
}

// UserOf is the user in whose name rows are written.
func UserOf(ctx context.Context) string {
	if user, ok := ctx.Value(userKey{}).(string); ok {
		return user
	}
	return "admin"
}

// stamp is a date-time in wire form.
func stamp(t time.Time) string { return t.UTC().Format(time.DateTime) }

// systemColumn tells whether the server maintains the column: writes of updates to it are ignored.
func systemColumn(name string) bool {
	switch name {
	case dictionary.SysID, dictionary.SysCreatedOn, dictionary.SysCreatedBy, dictionary.SysUpdatedOn, dictionary.SysUpdatedBy,
		dictionary.SysModCount, dictionary.SysClassName:
		return true
	}
	return false
}

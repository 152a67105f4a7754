// Package engine does what Software Asset Management does behind its forms and buttons: business rules on every write,
// Validate Connection, Publish, the refresh job, removal candidates, Reclaim and the standing jobs.
//
// Long work is a run: a row of the execution tracker with heartbeat, progress and typed outcome. A lease with a fencing
// epoch lets one run at a time work on a profile, over all processes that share the database. A process may be killed at
// any point: the next run finds the dead lease, marks what it left and takes over.
package engine

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

const (
	defaultLeaseTTL           = 10 * time.Second
	defaultMaxRemovalFraction = 0.5
)

// Options of an engine. The zero value works; it has no connectors.
type Options struct {
	// Connectors by vendor (dictionary.ProfileType.Vendor). A profile type whose connector is missing is "not installed".
	Connectors map[string]connector.Factory
	Now        func() time.Time // nil means time.Now
	Log        *slog.Logger     // nil discards
	// ReleaseFamily to behave as; empty means australia.
	ReleaseFamily dictionary.ReleaseFamily
	// LeaseTTL is how long a run may be silent before others take its profile over; 0 means 10 s.
	LeaseTTL time.Duration
	// KeepUsers leaves sys_user to people and an HR feed. Otherwise a refresh makes a user per mail address that nobody has.
	KeepUsers bool
	Retention Retention
	// DefaultMaxRemovalFraction is the guard of a refresh that names none; 0 means 0.5.
	DefaultMaxRemovalFraction float64
	// Notifications tells that somebody delivers the messages of the outbox and says so.
	Notifications bool
	// Currency in which amounts are to be kept (ISO 4217); empty means that of the database.
	Currency string
	// Version that capabilities report.
	Version string
}

// Engine is safe for concurrent use, also by several processes on one database.
type Engine struct {
	db  *store.Database
	opt Options
	log *slog.Logger

	lifetime context.Context
	end      context.CancelCauseFunc
	running  sync.WaitGroup

	starting sync.Mutex // held while a run starts, and while Close forbids new ones
	mu       sync.Mutex
	runs     map[string]*run
}

// New makes an engine over a database. It does no I/O.
func New(db *store.Database, opt Options) *Engine {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.ReleaseFamily == "" {
		opt.ReleaseFamily = dictionary.Australia
	}
	if opt.LeaseTTL <= 0 {
		opt.LeaseTTL = defaultLeaseTTL
	}
	if opt.DefaultMaxRemovalFraction <= 0 {
		opt.DefaultMaxRemovalFraction = defaultMaxRemovalFraction
	}
	if opt.Version == "" {
		opt.Version = "dev"
	}
	lifetime, end := context.WithCancelCause(context.Background())
	return &Engine{db: db, opt: opt, log: opt.Log, lifetime: lifetime, end: end, runs: map[string]*run{}}
}

// Close cancels every run of this engine and waits until each has stored its outcome and released its lease, or until
// ctx ends. It leaves the database open.
func (e *Engine) Close(ctx context.Context) error {
	e.starting.Lock()
	e.end(errClosed)
	e.starting.Unlock()
	ended := make(chan struct{})
	go func() {
		e.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// View runs a read-only function on the database.
func (e *Engine) View(ctx context.Context, fn func(*store.Tx) error) error { return e.db.View(ctx, fn) }

func (e *Engine) now() time.Time { return e.opt.Now().UTC() }

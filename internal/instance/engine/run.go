package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

var (
	errCanceled = errors.New("canceled on request")
	errClosed   = errors.New("interrupted: the process that ran it is ending. Start it again; it resumes")
)

const (
	// leasePoll is how often a run that waits for its turn looks again.
	leasePoll = 200 * time.Millisecond
	// lastWords is how long a run may take to store its outcome once it has ended.
	lastWords = 5 * time.Second
	// callGrace is how long a vendor call in hand may go on after its run was canceled.
	callGrace = 700 * time.Millisecond

	cancelRequested = "cancel requested"
	interrupted     = "interrupted: the process that ran it died. What it had stored is kept; the next run goes on from there"
)

// operation is what a run does.
type operation struct {
	name string // for people, such as "Refresh of Trello Enterprise"
	kind string // validate, publish, refresh or reclaim
	// profile it works for; empty where it works for several.
	profile string
	// key of the caller; a start with the same kind, profile and key is a repetition.
	key string
	// request that the key stands for; a repetition must ask for the same.
	request any
	// check refuses the start; it runs in the transaction that creates the run.
	check func(context.Context, *store.Tx) error
	// work does it. The outcome is stored also when it comes with an error.
	work func(context.Context, *run) (outcome any, err error)
}

func (op operation) source() string {
	if op.key == "" {
		return ""
	}
	return op.kind + ":" + op.profile + ":" + op.key
}

// requestMark tells two requests apart that come with the same key.
func (op operation) requestMark() (string, error) {
	raw, err := json.Marshal(op.request)
	if err != nil {
		return "", fmt.Errorf("start %s: %w", op.name, err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8]), nil
}

// run is one operation from its start to its stored outcome.
type run struct {
	engine *Engine
	id     string
	user   string          // in whose name it was started
	ctx    context.Context //nolint:containedctx // the lifetime of the run, not of a call
	cancel context.CancelCauseFunc
	ended  chan struct{}

	mu       sync.Mutex
	progress companion.Progress
	lease    *lease
}

// start stores a new run and begins it, or answers with the run that an earlier call with the same key began. A run that
// was canceled or interrupted is begun anew.
func (e *Engine) start(ctx context.Context, op operation) (companion.Progress, error) {
	e.starting.Lock()
	defer e.starting.Unlock()
	if e.lifetime.Err() != nil {
		return companion.Progress{}, fmt.Errorf("start %s: %w", op.name, errClosed)
	}
	var earlier *companion.Progress
	var id string
	mark, err := op.requestMark()
	if err != nil {
		return companion.Progress{}, err
	}
	err = e.db.Update(ctx, func(tx *store.Tx) error {
		if op.check != nil {
			if err := op.check(ctx, tx); err != nil {
				return err
			}
		}
		var err error
		if earlier, err = e.startedBefore(ctx, tx, op, mark); err != nil || earlier != nil {
			return err
		}
		row, err := tx.Insert(ctx, dictionary.TableExecutionTracker, store.Row{
			dictionary.TrackerName: op.name, dictionary.TrackerSource: op.source(), dictionary.TrackerState: companion.StatusRunning,
			dictionary.TrackerPercent: "0", dictionary.TrackerWork: op.kind + " " + mark, dictionary.TrackerProfile: op.profile,
			dictionary.TrackerStarted: formatDateTime(tx.Now()),
		})
		id = row[dictionary.SysID]
		return err
	})
	if err != nil {
		return companion.Progress{}, err
	}
	if earlier != nil {
		return *earlier, nil
	}
	runCtx, cancel := context.WithCancelCause(e.lifetime)
	r := &run{engine: e, id: id, user: store.UserOf(ctx), ctx: runCtx, cancel: cancel, ended: make(chan struct{})}
	r.progress = newProgress(id, companion.StatusRunning, op.name)
	e.mu.Lock()
	e.runs[id] = r
	e.mu.Unlock()
	e.running.Go(func() { r.do(op) })
	return r.snapshot(), nil
}

// startedBefore finds the run of an earlier start with the same key; nil where there is none to answer with. The run may be
// another process's, as long as that lives.
func (e *Engine) startedBefore(ctx context.Context, tx *store.Tx, op operation, mark string) (*companion.Progress, error) {
	source := op.source()
	if source == "" {
		return nil, nil
	}
	rows, err := tx.Query(ctx, `SELECT sys_id FROM sys_execution_tracker WHERE source = ? ORDER BY rowid DESC LIMIT 1`, source)
	if err != nil {
		return nil, fmt.Errorf("look up an earlier run: %w", err)
	}
	defer rows.Close()
	var id string
	for rows.Next() {
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("look up an earlier run: %w", err)
		}
	}
	if err := rows.Err(); err != nil || id == "" {
		return nil, err
	}
	row, err := tx.Get(ctx, dictionary.TableExecutionTracker, id)
	if err != nil {
		return nil, err
	}
	if row[dictionary.TrackerWork] != op.kind+" "+mark {
		return nil, &store.BusinessRuleError{
			Table: dictionary.TableExecutionTracker, Rule: "One key, one request",
			Message: fmt.Sprintf("the idempotency key of this call was used for another request of the operation %s; use a new key", op.name),
		}
	}
	if r := e.local(id); r != nil {
		p := r.snapshot()
		return &p, nil
	}
	p := e.progressSeen(row)
	if p.Status == companion.StatusCanceled {
		return nil, nil
	}
	return &p, nil
}

func (r *run) do(op operation) {
	ctx := r.ctx
	defer close(r.ended)
	beating, stop := context.WithCancel(context.WithoutCancel(ctx))
	var heart sync.WaitGroup
	heart.Go(func() { r.beat(beating) })

	outcome, err := op.work(ctx, r)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w (%w)", context.Cause(ctx), err)
	}
	stop()
	heart.Wait()
	r.finish(context.WithoutCancel(ctx), op, outcome, err)
	r.cancel(nil)
}

// beat shows that the run lives, stores its progress, and notices that it was canceled by another process or lost its
// lease.
func (r *run) beat(ctx context.Context) {
	ticker := time.NewTicker(r.engine.opt.LeaseTTL / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := r.heartbeat(ctx)
		switch {
		case errors.Is(err, errLeaseLost), errors.Is(err, errCanceled):
			r.cancel(err)
		case err != nil && ctx.Err() == nil:
			r.engine.log.WarnContext(ctx, "heartbeat failed", "run", r.id, "error", err)
		}
	}
}

func (r *run) heartbeat(ctx context.Context) error {
	return r.update(ctx, func(tx *store.Tx) error {
		row, err := tx.Get(ctx, dictionary.TableExecutionTracker, r.id)
		if err != nil {
			return err
		}
		if row[dictionary.TrackerDetail] == cancelRequested {
			return errCanceled
		}
		p := r.snapshot()
		_, err = tx.Exec(ctx, `UPDATE sys_execution_tracker SET percent_complete = ?, message = ?, sys_updated_on = ? WHERE sys_id = ?`,
			p.PercentComplete, p.StatusMessage, formatDateTime(tx.Now()), r.id)
		if err != nil {
			return fmt.Errorf("store progress: %w", err)
		}
		return nil
	})
}

// update runs a write transaction that commits only while the run still holds its lease.
func (r *run) update(ctx context.Context, fn func(*store.Tx) error) error {
	l := r.held()
	return r.engine.db.Update(ctx, func(tx *store.Tx) error {
		if l != nil {
			if err := l.renew(ctx, tx, r.engine.opt.LeaseTTL); err != nil {
				return err
			}
		}
		return fn(tx)
	})
}

// finalUpdate is update for what must be stored although the run was canceled.
func (r *run) finalUpdate(ctx context.Context, fn func(context.Context, *store.Tx) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	return r.update(ctx, func(tx *store.Tx) error { return fn(ctx, tx) })
}

func (r *run) held() *lease {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lease
}

// withProfile does fn while the run holds the lease of a profile, waiting for its turn first.
func (r *run) withProfile(ctx context.Context, profile string, fn func() error) error {
	return r.withLease(ctx, profileLease(profile), "waiting for another run on this profile to end", func(ctx context.Context, tx *store.Tx, dead string) error {
		return buryRun(ctx, tx, dead, profile)
	}, fn)
}

// withLease does fn while the run holds a lease, waiting for its turn first. Bury marks what the run left open that let the
// lease expire; dead is empty where there was none.
func (r *run) withLease(ctx context.Context, name, waiting string, bury func(ctx context.Context, tx *store.Tx, dead string) error, fn func() error) error {
	if err := r.acquire(ctx, name, waiting, bury); err != nil {
		return err
	}
	defer r.release(ctx)
	return fn()
}

func (r *run) acquire(ctx context.Context, name, waiting string, bury func(ctx context.Context, tx *store.Tx, dead string) error) error {
	for told := false; ; told = true {
		var l lease
		var ok bool
		err := r.engine.db.Update(ctx, func(tx *store.Tx) error {
			var dead string
			var err error
			if l, dead, ok, err = takeLease(ctx, tx, name, r.id, r.engine.opt.LeaseTTL); err != nil || !ok {
				return err
			}
			return bury(ctx, tx, dead)
		})
		if err != nil {
			return err
		}
		if ok {
			r.mu.Lock()
			r.lease = &l
			r.mu.Unlock()
			return nil
		}
		if !told {
			r.report(0, waiting)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(leasePoll):
		}
	}
}

func (r *run) release(ctx context.Context) {
	l := r.held()
	if l == nil {
		return
	}
	err := r.finalUpdate(ctx, func(ctx context.Context, tx *store.Tx) error { return l.release(ctx, tx) })
	if err != nil && !errors.Is(err, errLeaseLost) {
		r.engine.log.WarnContext(ctx, "lease not released; it expires by itself", "lease", l.name, "error", err)
	}
	r.mu.Lock()
	r.lease = nil
	r.mu.Unlock()
}

// buryTracker marks a run interrupted that let its lease expire; an empty id is none.
func buryTracker(ctx context.Context, tx *store.Tx, id string) error {
	if id == "" {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE sys_execution_tracker SET state = ?, detail_message = ?, sys_updated_on = ?
		WHERE sys_id = ? AND state IN (?, ?)`,
		companion.StatusCanceled, interrupted, formatDateTime(tx.Now()), id, companion.StatusPending, companion.StatusRunning)
	if err != nil {
		return fmt.Errorf("mark run %s interrupted: %w", id, err)
	}
	return nil
}

// buryRun marks what a run left open on a profile that let its lease expire.
func buryRun(ctx context.Context, tx *store.Tx, id, profile string) error {
	if err := buryTracker(ctx, tx, id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE samp_job_log SET status = ?, message = ?, sys_updated_on = ?
		WHERE subscription_profile = ? AND status = ?`,
		dictionary.JobLogFailed, interrupted, formatDateTime(tx.Now()), profile, dictionary.JobLogInProgress)
	if err != nil {
		return fmt.Errorf("mark job results of profile %s interrupted: %w", profile, err)
	}
	return nil
}

// finish stores the outcome. The run stays in memory when the database refuses it, so that its poller learns the end.
func (r *run) finish(ctx context.Context, op operation, outcome any, err error) {
	p := r.snapshot()
	p.Status, p.PercentComplete = companion.StatusSuccessful, 100
	switch {
	case errors.Is(err, errCanceled), errors.Is(err, errClosed), errors.Is(err, errLeaseLost):
		p.Status, p.Error = companion.StatusCanceled, err.Error()
	case err != nil:
		p.Status, p.Error = companion.StatusFailed, err.Error()
	}
	p.StatusLabel = statusLabel(p.Status)
	if outcome != nil {
		if p.Outcome, err = json.Marshal(outcome); err != nil {
			r.engine.log.ErrorContext(ctx, "outcome not stored", "run", r.id, "error", err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, lastWords)
	defer cancel()
	err = r.engine.db.Update(ctx, func(tx *store.Tx) error {
		_, _, err := tx.Update(ctx, dictionary.TableExecutionTracker, r.id, store.Row{
			dictionary.TrackerState: p.Status, dictionary.TrackerPercent: strconv.Itoa(p.PercentComplete),
			dictionary.TrackerMessage: p.StatusMessage, dictionary.TrackerDetail: p.Error,
			dictionary.TrackerResult: string(p.Outcome), dictionary.TrackerFinished: formatDateTime(tx.Now()),
		})
		return err
	})
	r.mu.Lock()
	r.progress = p
	r.mu.Unlock()
	if err != nil {
		r.engine.log.ErrorContext(ctx, "outcome not stored", "run", r.id, "operation", op.name, "error", err)
		return
	}
	r.engine.mu.Lock()
	delete(r.engine.runs, r.id)
	r.engine.mu.Unlock()
}

// canceled tells whether the run was asked to end.
func (r *run) canceled() bool { return r.ctx.Err() != nil }

// report tells pollers where the run is.
func (r *run) report(percent int, message string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.progress.PercentComplete, r.progress.StatusMessage = percent, message
}

func (r *run) snapshot() companion.Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.progress
}

package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// cancelWait is how long Cancel waits for the run to end.
const cancelWait = time.Second

var statusLabels = map[string]string{
	companion.StatusPending:    "Pending",
	companion.StatusRunning:    "Running",
	companion.StatusSuccessful: "Successful",
	companion.StatusFailed:     "Failed",
	companion.StatusCanceled:   "Canceled",
}

func statusLabel(status string) string { return statusLabels[status] }

func newProgress(id, status, message string) companion.Progress {
	path := companion.ProgressPath(id)
	return companion.Progress{
		Links:         companion.Links{Progress: companion.Link{ID: id, URL: path}, Results: companion.Link{ID: id, URL: path}},
		Status:        status,
		StatusLabel:   statusLabel(status),
		StatusMessage: message,
	}
}

func progressOf(row store.Row) companion.Progress {
	p := newProgress(row[dictionary.SysID], row[dictionary.TrackerState], row[dictionary.TrackerMessage])
	p.PercentComplete, _ = strconv.Atoi(row[dictionary.TrackerPercent])
	if p.Done() {
		p.Error = row[dictionary.TrackerDetail]
		if row[dictionary.TrackerResult] != "" {
			p.Outcome = json.RawMessage(row[dictionary.TrackerResult])
		}
	}
	return p
}

// Progress tells where a run is. A run of a process that died is reported as canceled.
func (e *Engine) Progress(ctx context.Context, id string) (companion.Progress, error) {
	if r := e.local(id); r != nil {
		return r.snapshot(), nil
	}
	var p companion.Progress
	err := e.db.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Get(ctx, dictionary.TableExecutionTracker, id)
		if err != nil {
			return fmt.Errorf("read progress of run %s: %w", id, err)
		}
		p = e.progressSeen(row)
		return nil
	})
	return p, err
}

// progressSeen is the progress that a row tells of; a run that shows no sign of life was interrupted.
func (e *Engine) progressSeen(row store.Row) companion.Progress {
	p := progressOf(row)
	if beat, ok := parseDateTime(row[dictionary.SysUpdatedOn]); ok && !p.Done() && e.now().Sub(beat) > 2*e.opt.LeaseTTL {
		p.Status, p.StatusLabel, p.Error = companion.StatusCanceled, statusLabel(companion.StatusCanceled), interrupted
	}
	return p
}

// Cancel asks a run to end: it finishes the vendor call in hand and stores what it did. Cancel returns once the run has
// ended or a second has passed. A run of another process is asked through the database.
func (e *Engine) Cancel(ctx context.Context, id string) (companion.Progress, error) {
	if r := e.local(id); r != nil {
		r.cancel(errCanceled)
		select {
		case <-r.ended:
		case <-time.After(cancelWait):
		case <-ctx.Done():
		}
		return r.snapshot(), nil
	}
	p, err := e.Progress(ctx, id)
	if err != nil || p.Done() {
		return p, err
	}
	err = e.db.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE sys_execution_tracker SET detail_message = ? WHERE sys_id = ? AND state IN (?, ?)`,
			cancelRequested, id, companion.StatusPending, companion.StatusRunning)
		return err
	})
	if err != nil {
		return p, fmt.Errorf("cancel run %s: %w", id, err)
	}
	return e.Progress(ctx, id)
}

func (e *Engine) local(id string) *run {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.runs[id]
}

// wait returns the progress of a local run once it has ended.
func (e *Engine) wait(ctx context.Context, id string, say func(companion.Progress)) (companion.Progress, error) {
	ticker := time.NewTicker(leasePoll)
	defer ticker.Stop()
	var ended chan struct{} // of a run that has ended already, nobody needs to be told
	if r := e.local(id); r != nil {
		ended = r.ended
	}
	for {
		p, err := e.Progress(ctx, id)
		if err != nil || p.Done() {
			return p, err
		}
		say(p)
		select {
		case <-ctx.Done():
			return e.Cancel(context.WithoutCancel(ctx), id)
		case <-ended:
			ended = nil
		case <-ticker.C:
		}
	}
}

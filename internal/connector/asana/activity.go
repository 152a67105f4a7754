package asana

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// method is a way to learn when people were active. Asana has no call that tells it per user.
type method string

const (
	methodAuto    method = "auto"
	methodExport  method = "export"
	methodStories method = "stories"
	methodAudit   method = "audit_log"
)

var methods = []method{methodAuto, methodExport, methodStories, methodAudit}

const (
	// lag is how far a walk's record stays behind its start: searches see a change 10 to 60 seconds late, and the clocks of
	// two machines differ.
	lag = 2 * time.Minute
	// fresh is how close to the present a walk must have come to be complete.
	fresh = 15 * time.Minute
	// passes is how often a walk goes back for what happened while it was under way. Each pass is much shorter than the one
	// before.
	passes = 3
)

const adviceLoginsOnly = "The audit log tells logins and administration but no work on tasks, and sessions last for weeks: people without a sign of activity count as unknown rather than idle"

// Activity implements connector.ActivitySource. The method is the one that is configured, and by default a resource
// export where the token may make one, else tasks with their stories, together with the audit log where it is readable.
// Signs of activity are stories and tasks created or completed, as ServiceNow's spoke counts them ("Look up Stories
// Stream").
func (a *Asana) Activity(ctx context.Context, since time.Time, from connector.Watermark, emit func([]connector.Event) error) (connector.ActivityWalk, error) {
	since = since.UTC()
	result := connector.ActivityWalk{Watermark: from}
	if since.After(a.now()) {
		return result, configError(fmt.Errorf("activity is asked for since %s, which has not come yet", since.Format(time.RFC3339)))
	}
	gid, err := a.workspaceID(ctx)
	if err != nil {
		return a.ended(ctx, result, err)
	}
	w := &activityWalk{
		asana: a, workspace: gid, since: since, mark: readWatermark(from, gid), ledger: newLedger(since, emit),
		result: result,
	}
	err = w.run(ctx)
	w.noteSilence()
	if w.changed {
		w.result.Watermark = w.mark.store(since)
	}
	// What was found before an interruption is as true as what comes later.
	if flushErr := w.ledger.flush(); flushErr != nil {
		w.result.Complete = false
		return w.result, flushErr
	}
	return a.ended(ctx, w.result, err)
}

// ended turns the end of the time into a walk that goes on another day.
func (a *Asana) ended(ctx context.Context, w connector.ActivityWalk, err error) (connector.ActivityWalk, error) {
	if err == nil {
		return w, nil
	}
	w.Complete = false
	outOfTime := errors.Is(ctx.Err(), context.DeadlineExceeded) || ctx.Err() == nil && errors.Is(err, connector.ErrWaitTooLong)
	if !outOfTime {
		return w, err
	}
	w.Warnings = append(w.Warnings, "The time was over before all activity was read; the next run goes on from there")
	return w, nil
}

// activityWalk is one call of Activity.
type activityWalk struct {
	asana     *Asana
	workspace string
	since     time.Time
	mark      *watermark
	changed   bool // the watermark has moved
	ledger    *ledger
	trail     trail
	hidden    atomic.Bool // something could not be read
	byProject bool        // there is no search on this plan
	result    connector.ActivityWalk
}

func (w *activityWalk) run(ctx context.Context) error {
	if w.asana.method != methodAudit {
		var err error
		if w.trail, err = w.asana.probeTrail(ctx, w.workspace); err != nil {
			return err
		}
	}
	switch w.asana.method {
	case methodExport:
		return w.byExport(ctx)
	case methodAudit:
		return w.byAudit(ctx)
	case methodStories:
		return w.byStories(ctx)
	}
	if w.trail != trailReadable {
		return w.byStories(ctx)
	}
	err := w.byExport(ctx)
	if !exportRefused(err) {
		return err
	}
	w.warn("Asana refuses a resource export, so activity comes from tasks, their stories and the audit log: " + err.Error())
	if err := w.byAudit(ctx); err != nil {
		return err
	}
	return w.byStories(ctx)
}

// exportRefused tells whether an export is not to be had at all.
func exportRefused(err error) bool {
	failure := asError(err)
	return failure != nil && failure.Op == opExport &&
		(failure.Status == http.StatusForbidden || failure.Status == http.StatusPaymentRequired)
}

// noteSilence takes it for a blind spot when nobody at all was ever active: that is rather a credential that sees nothing,
// or an export of nothing, than an organisation where everybody is idle.
func (w *activityWalk) noteSilence() {
	if len(w.ledger.latest) > 0 && !w.mark.Seen {
		w.mark.Seen, w.changed = true, true
	}
	if w.result.Complete && !w.mark.Seen {
		w.result.BlindSpot = true
		w.warn("Asana shows no activity of anybody, so nobody is taken for idle; check what the credential can see")
	}
}

func (w *activityWalk) warn(message string) { w.result.Warnings = append(w.result.Warnings, message) }

// used notes how far a method came.
func (w *activityWalk) used(name string, complete, blind bool) {
	if w.result.Method == "" {
		w.result.Method, w.result.Complete = name, complete
	} else {
		w.result.Method += " and " + name
		w.result.Complete = w.result.Complete && complete
	}
	w.result.BlindSpot = blind
	if !complete {
		w.warn("Activity came in faster than it could be read; the next run goes on from there")
	}
}

// cover calls read for what is missing from a record of covered times, the newest first, until the record comes close to
// the present. read keeps the record.
func (w *activityWalk) cover(ctx context.Context, record *coverage, read func(ctx context.Context, start time.Time, gaps []span) error) (complete bool, err error) {
	for pass := range passes + 1 {
		start := w.asana.now().UTC().Truncate(time.Millisecond)
		until := later(start.Add(-lag), w.since)
		gaps := record.missing(span{From: w.since, To: until})
		switch {
		case pass == 0 && (len(gaps) == 0 || gaps[0].To.Before(until)):
			gaps = append([]span{{From: until, To: until}}, gaps...)
		case pass > 0 && (len(gaps) == 0 || gaps[0].To.Sub(gaps[len(gaps)-1].From) < fresh):
			return true, nil
		case pass == passes:
			return false, nil
		}
		if err := read(ctx, start, gaps); err != nil {
			return false, err
		}
		if err := w.ledger.flush(); err != nil {
			return false, err
		}
	}
	return false, nil
}

// eachGap reads one gap after the other, and puts into the record what was covered.
func (w *activityWalk) eachGap(record *coverage, read func(ctx context.Context, gap span, covered func(span)) error) func(context.Context, time.Time, []span) error {
	return func(ctx context.Context, start time.Time, gaps []span) error {
		for i, gap := range gaps {
			wanted := gap
			if i == 0 {
				// What is newest is read up to the present, though the record stays behind it.
				wanted.To = start.Add(time.Millisecond)
			}
			err := read(ctx, wanted, func(s span) {
				*record = record.add(span{From: s.From, To: earlier(s.To, gap.To)})
				w.changed = true
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// sweep reads a span piece by piece.
func (w *activityWalk) sweep(ctx context.Context, within span, s sweep, covered func(span)) error {
	s.ledger, s.covered = w.ledger, covered
	s.progress = func(pieces int, floor time.Time) {
		w.asana.log.InfoContext(ctx, "reading activity", "pieces", pieces, "down to", floor, "of", within.From)
	}
	return s.run(ctx, within)
}

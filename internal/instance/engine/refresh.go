package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

const (
	// batchSize is how many subscriptions are compared with the database at once.
	batchSize = 1000
	// batchesAhead is how far the vendor's pages may be ahead of the database.
	batchesAhead = 16
	// writeSize is how many new and changed subscriptions are stored in one transaction. Every transaction writes most
	// pages of the indexes anew, so that many small ones cost several times as much.
	writeSize = 20_000
)

// refresh is one run of a profile's jobs: its subscriptions, its activity, or both.
type refresh struct {
	engine             *Engine
	run                *run
	profileID          string
	due                store.Row // the job that is due; nil for a refresh on request
	what               []string  // empty means everything that the profile has switched on
	maxRemovalFraction float64
	maxDuration        time.Duration // of the pull of activity; 0 means no limit

	profile    store.Row
	access     access
	vendor     connector.Connector
	log        companion.Ref      // of the part at work
	products   map[string]product // by subscription identifier
	resolution []resolutionRule
	forgotten  map[string]bool // marks of accounts to leave out; true once the vendor listed one
	listed     bool            // the vendor's list was asked for
	known      *known
	pending    pending
	walk       connector.Walk
	held       bool // removals were held, because the vendor's list cannot be trusted
	activity   activityState
	outcome    companion.RefreshOutcome
}

// part is one of the profile's jobs.
type part struct {
	job     func(displayName string) string // its name
	log     *companion.Ref                  // where the outcome tells of its result
	work    func(context.Context) error
	summary func() string
}

func (f *refresh) parts() []part {
	wants := func(what string) bool { return len(f.what) == 0 || slices.Contains(f.what, what) }
	t, _ := dictionary.ProfileTypeByValue(f.engine.opt.ReleaseFamily, f.profile[dictionary.ProfileType_])
	pulls := pullsActivity(f.profile, t)
	var parts []part
	if wants(refreshSubscriptions) || !pulls {
		parts = append(parts, part{refreshJobName, &f.outcome.JobLog, f.pullSubscriptions, f.subscriptionSummary})
	}
	if wants(refreshActivity) && pulls {
		parts = append(parts, part{activityJobName, &f.outcome.ActivityJobLog, f.pullActivity, f.activitySummary})
	}
	return parts
}

func (f *refresh) do(ctx context.Context) error {
	if err := f.begin(ctx); err != nil {
		return err
	}
	defer func() {
		if f.outcome.JobLog == (companion.Ref{}) {
			f.outcome.JobLog = f.outcome.ActivityJobLog
		}
		if counter, ok := f.vendor.(connector.RequestCounter); ok {
			f.outcome.Requests = counter.Requests()
		}
	}()
	parts := f.parts()
	for i, p := range parts {
		if err := f.doPart(ctx, p, i == len(parts)-1); err != nil {
			return err
		}
	}
	f.retain(ctx)
	return nil
}

// begin reads the profile and checks that the job is still due.
func (f *refresh) begin(ctx context.Context) error {
	return f.engine.db.View(ctx, func(tx *store.Tx) error {
		var err error
		if f.profile, err = publishedProfile(ctx, tx, f.profileID); err != nil || f.due == nil {
			return err
		}
		job, err := lookUp(ctx, tx, dictionary.TableScheduledJob, f.due[dictionary.SysID])
		if err != nil {
			return err
		}
		if job[dictionary.JobNextRun] != f.due[dictionary.JobNextRun] {
			return errNotDue
		}
		return nil
	})
}

// doPart runs one job, with a result of its own. The last one ends with the removal candidates.
func (f *refresh) doPart(ctx context.Context, p part, last bool) error {
	err := f.run.update(ctx, func(tx *store.Tx) (err error) {
		f.log, err = openJobLog(ctx, tx, p.job(f.displayName()), f.profileID)
		*p.log = f.log
		return err
	})
	if err != nil {
		return err
	}
	warned := len(f.outcome.Warnings)
	err = f.connect(ctx)
	if err == nil {
		err = p.work(ctx)
	}
	if err == nil && last {
		f.run.report(95, "computing removal candidates")
		err = f.updateCandidates(ctx)
	}
	message := strings.Join(slices.Concat([]string{p.summary()}, f.outcome.Warnings[warned:]), "\n")
	return errors.Join(err, f.close(ctx, p, message, err))
}

// connect makes the vendor's connector, once per refresh.
func (f *refresh) connect(ctx context.Context) error {
	if f.vendor != nil {
		return nil
	}
	var err error
	if f.access, f.vendor, err = f.engine.connect(ctx, f.profileID); err != nil {
		return err
	}
	if f.access.vendor.ActivitySubflow { // activity is of an organisation, and another credential may lead to another one
		where, _, err := askTenant(ctx, f.vendor)
		if err != nil {
			return fmt.Errorf("ask where the connection of integration profile %q leads: %w", f.displayName(), err)
		}
		f.access.source += " " + where.id
	}
	return f.readProducts(ctx)
}

func (f *refresh) displayName() string { return f.profile[dictionary.ProfileDisplayName] }

// pullSubscriptions makes the stored subscriptions what the vendor lists.
func (f *refresh) pullSubscriptions(ctx context.Context) error {
	f.listed = true
	source, known, err := askTenant(ctx, f.vendor)
	if err != nil {
		return fmt.Errorf("download the subscriptions of integration profile %q: ask where its connection leads: %w", f.displayName(), err)
	}
	for _, step := range []func(context.Context) error{f.readResolution, f.readForgotten} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if err := f.download(ctx, f.vendor); err != nil {
		return fmt.Errorf("download the subscriptions of integration profile %q: %w", f.displayName(), err)
	}
	f.checkCounts(ctx)
	f.run.report(90, fmt.Sprintf("%d subscriptions downloaded; looking for people who left", f.outcome.Downloaded))
	if err := f.removeVanished(ctx); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{f.recognize, f.fillUsers, f.countWithoutUser, f.dropMarks} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if !known || !f.walk.Complete || f.held {
		return nil
	}
	return f.moveTo(ctx, source)
}

func (f *refresh) readKnown(ctx context.Context) error {
	return f.engine.db.View(ctx, func(tx *store.Tx) (err error) {
		f.known, err = readKnown(ctx, tx, f.profileID)
		return err
	})
}

// download walks the vendor's list and stores it. The next pages are fetched while what is known is read and one is stored.
func (f *refresh) download(ctx context.Context, vendor connector.Connector) error {
	batches := make(chan []connector.Subscription, batchesAhead)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(batches)
		batch := make([]connector.Subscription, 0, batchSize)
		send := func() error {
			select {
			case batches <- batch:
				batch = make([]connector.Subscription, 0, batchSize)
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		var err error
		f.walk, err = vendor.Subscriptions(ctx, func(page []connector.Subscription) error {
			batch = append(batch, page...)
			if len(batch) < batchSize {
				return nil
			}
			return send()
		})
		if len(batch) > 0 && err == nil {
			err = send()
		}
		return err
	})
	g.Go(func() error {
		if err := f.readKnown(ctx); err != nil {
			return err
		}
		for batch := range batches {
			if err := f.take(ctx, batch); err != nil {
				return err
			}
			f.reportDownload()
		}
		return f.write(ctx)
	})
	err := g.Wait()
	f.outcome.Warnings = append(f.outcome.Warnings, f.walk.Warnings...)
	f.outcome.Complete = err == nil && f.walk.Complete
	return err
}

func (f *refresh) reportDownload() {
	percent := 0
	if f.known.count > 0 {
		percent = min(89, 89*f.outcome.Downloaded/f.known.count)
	}
	f.run.report(percent, fmt.Sprintf("%d subscriptions downloaded", f.outcome.Downloaded))
}

// checkCounts looks whether everybody whom the vendor listed is accounted for. Anything else is a fault in the refresh
// itself, which must not pass for a good run.
func (f *refresh) checkCounts(ctx context.Context) {
	o := f.outcome
	if o.Created+o.Updated+o.Unchanged+o.Forgotten == o.Downloaded {
		return
	}
	f.engine.log.ErrorContext(ctx, "a refresh does not account for everybody", "run", f.run.id, "profile", f.profileID,
		"downloaded", o.Downloaded, "created", o.Created, "updated", o.Updated, "unchanged", o.Unchanged)
	f.warn("%d subscriptions were downloaded, but %d created, %d updated and %d unchanged do not add up to that. This is a fault of the "+
		"embedded instance: run the refresh again, and report it with the log", o.Downloaded, o.Created, o.Updated, o.Unchanged)
}

// close stores how a job ended and when it runs next. An interrupted job stays due.
func (f *refresh) close(ctx context.Context, p part, message string, failure error) error {
	status := dictionary.JobLogCompleted
	interrupted := failure != nil && ctx.Err() != nil
	if failure != nil {
		status, message = dictionary.JobLogFailed, failure.Error()
		if interrupted {
			message = context.Cause(ctx).Error()
		}
	} else {
		f.run.report(100, message)
	}
	return f.run.finalUpdate(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := closeJobLog(ctx, tx, f.log, status, message); err != nil {
			return err
		}
		if interrupted {
			return nil
		}
		return scheduleJobs(ctx, tx, f.profileID, p.job(f.displayName()), f.due[dictionary.SysID])
	})
}

func (f *refresh) subscriptionSummary() string {
	o := f.outcome
	text := fmt.Sprintf("%d downloaded: %d created, %d updated, %d unchanged, %d removed; ", o.Downloaded, o.Created, o.Updated, o.Unchanged, o.Removed)
	if o.Unrecognized > 0 {
		text += fmt.Sprintf("%d with an unrecognized identifier; ", o.Unrecognized)
	}
	if o.WithoutUser > 0 {
		text += fmt.Sprintf("%d without user, %d of them ambiguous; ", o.WithoutUser, o.AmbiguousUsers)
	}
	return text + f.candidateSummary()
}

func (f *refresh) activitySummary() string {
	o := f.outcome
	return fmt.Sprintf("%d signs of activity by %s, %d users moved forward; ", o.ActivityEvents, cmp.Or(o.ActivityMethod, "no method"), o.ActivityUpdated) +
		f.candidateSummary()
}

func (f *refresh) candidateSummary() string {
	return fmt.Sprintf("%d candidates opened, %d canceled", f.outcome.CandidatesOpened, f.outcome.CandidatesCanceled)
}

func (f *refresh) warn(format string, args ...any) {
	f.outcome.Warnings = append(f.outcome.Warnings, fmt.Sprintf(format, args...))
}

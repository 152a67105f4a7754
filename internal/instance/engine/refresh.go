package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// What a refresh can be asked for.
const (
	refreshSubscriptions = "subscriptions"
	refreshActivity      = "activity"
)

const (
	// batchSize is how many subscriptions are compared with the database at once.
	batchSize = 1000
	// batchesAhead is how far the vendor's pages may be ahead of the database.
	batchesAhead = 4
	// writeSize is how many new and changed subscriptions are stored in one transaction. Every transaction writes most
	// pages of the indexes anew, so that many small ones cost several times as much.
	writeSize = 20_000
)

// StartRefresh begins the refresh job of a published profile.
func (e *Engine) StartRefresh(ctx context.Context, profile string, request companion.RefreshRequest, idempotencyKey string) (companion.Progress, error) {
	return e.startRefresh(ctx, profile, request, idempotencyKey, nil)
}

// startRefresh is StartRefresh, for a person or, with due, for a job: then only if the job is still due when its turn comes.
func (e *Engine) startRefresh(ctx context.Context, profile string, request companion.RefreshRequest, idempotencyKey string, due store.Row) (companion.Progress, error) {
	return e.start(ctx, operation{
		name: "Refresh", kind: "refresh", profile: profile, key: idempotencyKey,
		check: func(ctx context.Context, tx *store.Tx) error {
			if err := checkRefreshRequest(request); err != nil {
				return err
			}
			_, err := publishedProfile(ctx, tx, profile)
			return err
		},
		work: func(ctx context.Context, r *run) (any, error) {
			f := &refresh{engine: e, run: r, profileID: profile, due: due, maxRemovalFraction: request.MaxRemovalFraction}
			if f.maxRemovalFraction == 0 {
				f.maxRemovalFraction = e.opt.DefaultMaxRemovalFraction
			}
			f.outcome.Warnings = []string{}
			err := r.withProfile(ctx, profile, func() error { return f.do(ctx) })
			if errors.Is(err, errNotDue) {
				r.report(100, err.Error())
				err = nil
			}
			return f.outcome, err
		},
	})
}

// errNotDue is a job that another process has run in the meantime.
var errNotDue = errors.New("another process has run this job just now")

func checkRefreshRequest(request companion.RefreshRequest) error {
	refuse := func(format string, args ...any) error {
		return &store.BusinessRuleError{Table: dictionary.TableProfile, Rule: "Refresh request", Message: fmt.Sprintf(format, args...)}
	}
	if f := request.MaxRemovalFraction; f < 0 || f > 1 {
		return refuse("max_removal_fraction is between 0 and 1, not %v", f)
	}
	for _, what := range request.What {
		if what != refreshSubscriptions && what != refreshActivity {
			return refuse("a refresh is of %s or %s, not of %q", refreshSubscriptions, refreshActivity, what)
		}
	}
	return nil
}

func publishedProfile(ctx context.Context, tx *store.Tx, id string) (store.Row, error) {
	profile, err := tx.Get(ctx, dictionary.TableProfile, id)
	if err != nil {
		return nil, fmt.Errorf("read integration profile %s: %w", id, err)
	}
	if profile[dictionary.ProfileStatus] != dictionary.ProfileStatusPublished {
		return nil, &store.BusinessRuleError{
			Table: dictionary.TableProfile, Rule: "Only a published profile has jobs",
			Message: fmt.Sprintf("the integration profile %q is in Draft; validate its connection and publish it first", profile[dictionary.ProfileDisplayName]),
		}
	}
	return profile, nil
}

// refresh is one run of a profile's refresh job.
type refresh struct {
	engine             *Engine
	run                *run
	profileID          string
	due                store.Row // the job that is due; nil for a refresh on request
	maxRemovalFraction float64

	profile  store.Row
	log      companion.Ref
	products map[string]product // by subscription identifier
	known    *known
	pending  pending
	walk     connector.Walk
	outcome  companion.RefreshOutcome
}

func (f *refresh) do(ctx context.Context) error {
	if err := f.open(ctx); err != nil {
		return err
	}
	err := f.steps(ctx)
	return errors.Join(err, f.close(ctx, err))
}

// open stores that the job has begun.
func (f *refresh) open(ctx context.Context) error {
	return f.run.update(ctx, func(tx *store.Tx) error {
		var err error
		if f.profile, err = publishedProfile(ctx, tx, f.profileID); err != nil {
			return err
		}
		if f.due != nil {
			job, err := lookUp(ctx, tx, dictionary.TableScheduledJob, f.due[dictionary.SysID])
			if err != nil {
				return err
			}
			if job[dictionary.JobNextRun] != f.due[dictionary.JobNextRun] {
				return errNotDue
			}
		}
		f.log, err = openJobLog(ctx, tx, refreshJobName(f.profile[dictionary.ProfileDisplayName]), f.profileID)
		f.outcome.JobLog = f.log
		return err
	})
}

func (f *refresh) steps(ctx context.Context) error {
	a, vendor, err := f.engine.connect(ctx, f.profileID)
	if err != nil {
		return err
	}
	if counter, ok := vendor.(connector.RequestCounter); ok {
		defer func() { f.outcome.Requests = counter.Requests() }()
	}
	if err := f.prepare(ctx, a.vendor); err != nil {
		return err
	}
	if err := f.download(ctx, vendor); err != nil {
		return fmt.Errorf("download the subscriptions of integration profile %q: %w", f.profile[dictionary.ProfileDisplayName], err)
	}
	f.run.report(90, fmt.Sprintf("%d subscriptions downloaded; looking for people who left", f.outcome.Downloaded))
	if err := f.removeVanished(ctx); err != nil {
		return err
	}
	f.run.report(95, "computing removal candidates")
	return f.updateCandidates(ctx)
}

func (f *refresh) prepare(ctx context.Context, t dictionary.ProfileType) error {
	return f.engine.db.View(ctx, func(tx *store.Tx) error {
		products, err := productsOf(ctx, tx, t)
		if err != nil {
			return err
		}
		f.products = map[string]product{}
		for _, p := range products {
			f.products[p.identifier] = p
		}
		f.known, err = readKnown(ctx, tx, f.profileID)
		return err
	})
}

// download walks the vendor's list and stores it. The next pages are fetched while one is stored.
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

// close stores how the job ended and when it runs next. An interrupted job stays due.
func (f *refresh) close(ctx context.Context, failure error) error {
	status, message := dictionary.JobLogCompleted, f.summary()
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
		return scheduleProfileJobs(ctx, tx, f.profileID)
	})
}

func (f *refresh) summary() string {
	o := f.outcome
	lines := []string{fmt.Sprintf("%d downloaded: %d created, %d updated, %d unchanged, %d removed; %d candidates opened, %d canceled",
		o.Downloaded, o.Created, o.Updated, o.Unchanged, o.Removed, o.CandidatesOpened, o.CandidatesCanceled)}
	return strings.Join(slices.Concat(lines, o.Warnings), "\n")
}

func (f *refresh) warn(format string, args ...any) {
	f.outcome.Warnings = append(f.outcome.Warnings, fmt.Sprintf(format, args...))
}

package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

var errNoDatabase = errors.New("run the jobs that are due: the database does not exist, so nothing was run or created. " +
	"Look at the path; the first terraform apply creates the database")

// NothingDue is what RunDue says where no job's time has come.
const NothingDue = "no job is due"

// RunDue runs every active job whose time has come, one after the other, and tells say what happens. It goes on after a
// job that failed; the errors come joined. Several processes may call it: a job runs in one of them.
func (e *Engine) RunDue(ctx context.Context, say func(string)) error {
	exists, err := e.db.Exists(ctx)
	if err != nil {
		return err
	}
	if !exists {
		return errNoDatabase
	}
	due, err := e.dueJobs(ctx)
	if err != nil {
		return err
	}
	if len(due) == 0 {
		say(NothingDue)
	}
	var failed []error
	for _, job := range due {
		if ctx.Err() != nil {
			return errors.Join(append(failed, ctx.Err())...)
		}
		if err := e.runJob(ctx, job, say); err != nil {
			failed = append(failed, fmt.Errorf("job %q: %w", job[dictionary.JobName], err))
		}
	}
	return errors.Join(failed...)
}

func (e *Engine) dueJobs(ctx context.Context) ([]store.Row, error) {
	var due []store.Row
	err := e.db.View(ctx, func(tx *store.Tx) error {
		jobs, err := tx.Find(ctx, dictionary.TableScheduledJob, dictionary.JobActive+"=true^ORDERBY"+dictionary.JobName, store.FindOptions{})
		if err != nil {
			return fmt.Errorf("read the scheduled jobs: %w", err)
		}
		due = slices.DeleteFunc(jobs, func(job store.Row) bool {
			at, ok := dueAt(job)
			return !ok || at.After(tx.Now())
		})
		slices.SortStableFunc(due, func(a, b store.Row) int { return rank(a) - rank(b) })
		return nil
	})
	return due, err
}

// rank puts jobs in order. Activity is of people who are known: a profile's subscriptions come first. The standing jobs
// judge by what the vendors tell now, and not by what they told yesterday. Metering counts what the others found.
func rank(job store.Row) int {
	switch {
	case job[dictionary.JobName] == dictionary.JobMetering:
		return 3
	case job[dictionary.JobProfile] == "":
		return 2
	case isActivityJob(job):
		return 1
	}
	return 0
}

func (e *Engine) runJob(ctx context.Context, job store.Row, say func(string)) error {
	if job[dictionary.JobProfile] != "" {
		return e.runProfileJob(ctx, job, say)
	}
	name := job[dictionary.JobName]
	if name == dictionary.JobReconciliation {
		return e.runReconciliation(ctx, job, say)
	}
	work, ok := e.standingJobs()[name]
	if !ok {
		say(name + ": this instance does not run this job; skipped")
		return nil
	}
	return e.runStanding(ctx, job, work, say)
}

// standingJob is the work of a job that every instance has, in one transaction; its message says what it did.
type standingJob func(context.Context, *store.Tx) (message string, err error)

func (e *Engine) standingJobs() map[string]standingJob {
	return map[string]standingJob{
		dictionary.JobUpdateCandidates:   updateExistingCandidates,
		dictionary.JobRestrictedSoftware: e.identifyRestricted,
		dictionary.JobAutoReclamation:    endUnanswered,
		dictionary.JobMetering:           meterResources,
		dictionary.JobRetention:          e.retain,
	}
}

// runProfileJob refreshes a profile. Another process that runs the same job at the same time is waited for; the job is then
// not due any more.
func (e *Engine) runProfileJob(ctx context.Context, job store.Row, say func(string)) error {
	name, profile := job[dictionary.JobName], job[dictionary.JobProfile]
	draft := false
	err := e.db.View(ctx, func(tx *store.Tx) error {
		row, err := lookUp(ctx, tx, dictionary.TableProfile, profile)
		draft = row[dictionary.ProfileStatus] != dictionary.ProfileStatusPublished
		return err
	})
	if err != nil {
		return err
	}
	if draft {
		say(name + ": the profile is not published; skipped")
		return nil
	}
	say(name + ": started")
	what := refreshSubscriptions
	if isActivityJob(job) {
		what = refreshActivity
	}
	started, err := e.startRefresh(ctx, profile, companion.RefreshRequest{What: []string{what}}, "", job)
	if err != nil {
		return err
	}
	return e.followJob(ctx, name, started, say)
}

// runReconciliation reconciles all publishers. As with a profile, another process may have done so just now.
func (e *Engine) runReconciliation(ctx context.Context, job store.Row, say func(string)) error {
	name := job[dictionary.JobName]
	say(name + ": started")
	started, err := e.startReconcile(ctx, companion.ReconcileRequest{}, "", job)
	if err != nil {
		return err
	}
	return e.followJob(ctx, name, started, say)
}

// followJob waits for the run of a job, and tells what it reports.
func (e *Engine) followJob(ctx context.Context, name string, started companion.Progress, say func(string)) error {
	last := ""
	p, err := e.wait(ctx, started.Links.Progress.ID, func(p companion.Progress) {
		if p.StatusMessage != last {
			last = p.StatusMessage
			say(name + ": " + last)
		}
	})
	if err != nil {
		return err
	}
	if p.Status != companion.StatusSuccessful {
		return fmt.Errorf("%s: %s", strings.ToLower(p.StatusLabel), cmp.Or(p.Error, p.StatusMessage))
	}
	say(name + ": " + p.StatusMessage)
	return nil
}

// runStanding does a standing job in one transaction, so that two processes cannot both do it.
func (e *Engine) runStanding(ctx context.Context, job store.Row, work standingJob, say func(string)) error {
	name := job[dictionary.JobName]
	return e.db.Update(ctx, func(tx *store.Tx) error {
		current, err := lookUp(ctx, tx, dictionary.TableScheduledJob, job[dictionary.SysID])
		if err != nil || current[dictionary.JobNextRun] != job[dictionary.JobNextRun] {
			return err
		}
		log, err := openJobLog(ctx, tx, name, "")
		if err != nil {
			return err
		}
		message, err := work(ctx, tx)
		if err != nil {
			return err
		}
		if err := closeJobLog(ctx, tx, log, dictionary.JobLogCompleted, message); err != nil {
			return err
		}
		say(name + ": " + message)
		return scheduleNext(ctx, tx, current)
	})
}

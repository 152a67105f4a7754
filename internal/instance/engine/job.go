package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// Names of a profile's jobs (map-user-data.md, KB3024110).
func refreshJobName(displayName string) string {
	return "SAM - Refresh " + displayName + " Subscriptions"
}
func activityJobName(displayName string) string {
	return "SAM - Refresh " + displayName + activitySuffix
}

const activitySuffix = " Activity"

// ensureJob finds a profile's job or makes it, daily and due now.
func ensureJob(ctx context.Context, tx *store.Tx, profile, name string) (store.Row, error) {
	job, err := findJob(ctx, tx, profile, name)
	if err != nil || job != nil {
		return job, err
	}
	return tx.Insert(ctx, dictionary.TableScheduledJob, store.Row{
		dictionary.JobName:    name,
		dictionary.JobActive:  "true",
		dictionary.JobRunType: dictionary.JobRunDaily,
		dictionary.JobNextRun: formatDateTime(tx.Now()),
		dictionary.JobProfile: profile,
	})
}

func findJob(ctx context.Context, tx *store.Tx, profile, name string) (store.Row, error) {
	jobs, err := tx.Find(ctx, dictionary.TableScheduledJob, dictionary.JobProfile+"="+profile, store.FindOptions{})
	if err != nil {
		return nil, fmt.Errorf("look up the jobs of profile %s: %w", profile, err)
	}
	for _, job := range jobs {
		if job[dictionary.JobName] == name {
			return job, nil
		}
	}
	return nil, nil
}

func renameJobs(ctx context.Context, tx *store.Tx, profile, from, to string) error {
	for _, name := range []func(string) string{refreshJobName, activityJobName} {
		job, err := findJob(ctx, tx, profile, name(from))
		if err != nil {
			return err
		}
		if job == nil {
			continue
		}
		if _, _, err := tx.Update(ctx, dictionary.TableScheduledJob, job[dictionary.SysID], store.Row{dictionary.JobName: name(to)}); err != nil {
			return err
		}
	}
	return nil
}

func deleteJob(ctx context.Context, tx *store.Tx, profile, name string) error {
	job, err := findJob(ctx, tx, profile, name)
	if err != nil || job == nil {
		return err
	}
	return tx.Delete(ctx, dictionary.TableScheduledJob, job[dictionary.SysID])
}

// period is the time between two runs of a job; 0 for a job that runs on demand only.
func period(job store.Row) time.Duration {
	switch job[dictionary.JobRunType] {
	case dictionary.JobRunDaily:
		return 24 * time.Hour
	case dictionary.JobRunWeekly:
		return 7 * 24 * time.Hour
	case dictionary.JobRunMonthly:
		return 30 * 24 * time.Hour
	}
	return 0
}

// dueAt is when a job should run next; false where it never runs by itself.
func dueAt(job store.Row) (time.Time, bool) {
	if !isTrue(job[dictionary.JobActive]) || period(job) == 0 {
		return time.Time{}, false
	}
	if next, ok := parseDateTime(job[dictionary.JobNextRun]); ok {
		return next, true
	}
	created, ok := parseDateTime(job[dictionary.SysCreatedOn])
	return created.Add(period(job)), ok
}

// scheduleNext moves a job to its next run after now, at the time of day it had.
func scheduleNext(ctx context.Context, tx *store.Tx, job store.Row) error {
	next, ok := dueAt(job)
	if !ok {
		return nil
	}
	for !next.After(tx.Now()) {
		next = next.Add(period(job))
	}
	_, _, err := tx.Update(ctx, dictionary.TableScheduledJob, job[dictionary.SysID], store.Row{dictionary.JobNextRun: formatDateTime(next)})
	return err
}

// isActivityJob tells the activity job of a profile from that of its subscriptions.
func isActivityJob(job store.Row) bool {
	return strings.HasSuffix(job[dictionary.JobName], activitySuffix)
}

// scheduleJobs moves the job of a profile on that was done, by its name, and the one that was due.
func scheduleJobs(ctx context.Context, tx *store.Tx, profile, name, due string) error {
	jobs, err := tx.Find(ctx, dictionary.TableScheduledJob, dictionary.JobProfile+"="+profile, store.FindOptions{})
	if err != nil {
		return fmt.Errorf("look up the jobs of profile %s: %w", profile, err)
	}
	for _, job := range jobs {
		if job[dictionary.JobName] != name && job[dictionary.SysID] != due {
			continue
		}
		if err := scheduleNext(ctx, tx, job); err != nil {
			return err
		}
	}
	return nil
}

package sam

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// Jobs are the scheduled jobs and their results.
type Jobs struct{ c *Client }

// Job is a scheduled job.
type Job struct {
	SysID        string
	Name         string
	Active       bool
	RunType      string
	NextRun      time.Time // zero where unknown, as on ServiceNow
	ProfileSysID string
	Overdue      bool // active, and NextRun has passed
}

// JobResult is one run of a job.
type JobResult struct {
	SysID        string
	Number       string
	Name         string
	Status       string // dictionary.JobLogCompleted, JobLogFailed or JobLogInProgress
	Message      string
	ProfileSysID string
	StartedAt    time.Time
	UpdatedAt    time.Time
}

// Scheduled lists the jobs of a profile, or all jobs of SAM when profileSysID is empty, in the order of their names.
func (j *Jobs) Scheduled(ctx context.Context, profileSysID string, now time.Time) ([]Job, error) {
	conds, err := j.ofProfile(ctx, profileSysID, dictionary.JobProfile, dictionary.JobName)
	if err != nil {
		return nil, err
	}
	records := j.c.rest.All(ctx, dictionary.TableScheduledJob, servicenow.Where(conds...), servicenow.WalkOptions{
		ReadOptions: servicenow.ReadOptions{Fields: []string{
			dictionary.JobName, dictionary.JobActive, dictionary.JobRunType, dictionary.JobNextRun, dictionary.JobProfile,
		}},
	})
	var jobs []Job
	for r, err := range records {
		if err != nil {
			return nil, err
		}
		job := Job{
			SysID: r.ID(), Name: r.Get(dictionary.JobName), Active: r.Bool(dictionary.JobActive), RunType: r.Get(dictionary.JobRunType),
			NextRun: r.Time(dictionary.JobNextRun), ProfileSysID: r.Get(dictionary.JobProfile),
		}
		job.Overdue = job.Active && !job.NextRun.IsZero() && job.NextRun.Before(now)
		jobs = append(jobs, job)
	}
	slices.SortFunc(jobs, func(a, b Job) int { return strings.Compare(a.Name, b.Name) })
	return jobs, nil
}

// Results lists the latest results of the jobs of a profile, or of all jobs when profileSysID is empty, newest first.
func (j *Jobs) Results(ctx context.Context, profileSysID string, limit int) ([]JobResult, error) {
	conds, err := j.ofProfile(ctx, profileSysID, dictionary.JobLogProfile, dictionary.JobLogName)
	if err != nil {
		return nil, err
	}
	query := servicenow.Where(conds...).OrderByDesc(dictionary.SysCreatedOn).OrderByDesc(dictionary.JobLogNumber)
	records, err := j.c.rest.List(ctx, dictionary.TableJobLog, query, servicenow.ListOptions{
		Limit: limit,
		ReadOptions: servicenow.ReadOptions{Fields: []string{
			dictionary.JobLogNumber, dictionary.JobLogName, dictionary.JobLogStatus, dictionary.JobLogMessage, dictionary.JobLogProfile,
			dictionary.SysCreatedOn, dictionary.SysUpdatedOn,
		}},
	})
	if err != nil {
		return nil, explain(dictionary.TableJobLog, err)
	}
	results := make([]JobResult, 0, len(records))
	for _, r := range records {
		results = append(results, JobResult{
			SysID: r.ID(), Number: r.Get(dictionary.JobLogNumber), Name: r.Get(dictionary.JobLogName), Status: r.Get(dictionary.JobLogStatus),
			Message: r.Get(dictionary.JobLogMessage), ProfileSysID: r.Get(dictionary.JobLogProfile),
			StartedAt: r.Time(dictionary.SysCreatedOn), UpdatedAt: r.Time(dictionary.SysUpdatedOn),
		})
	}
	return results, nil
}

// jobSuffixes end the names of a profile's jobs (map-user-data.md; Events instead of Activity for some vendors).
var jobSuffixes = []string{"Subscriptions", "Activity", "Events", "Consumption"}

// ofProfile narrows to the jobs of a profile: by reference where the instance has one, else by the documented job names.
func (j *Jobs) ofProfile(ctx context.Context, profileSysID, reference, name string) ([]servicenow.Cond, error) {
	if profileSysID == "" {
		return []servicenow.Cond{servicenow.StartsWith(name, "SAM")}, nil
	}
	embedded, err := j.c.embedded(ctx)
	if err != nil {
		return nil, err
	}
	if embedded {
		return []servicenow.Cond{servicenow.Eq(reference, profileSysID)}, nil
	}
	profile, err := j.c.Profiles.Get(ctx, profileSysID)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, suffix := range jobSuffixes {
		names = append(names, "SAM - Refresh "+profile.DisplayName+" "+suffix)
	}
	return []servicenow.Cond{servicenow.In(name, names...)}, nil
}

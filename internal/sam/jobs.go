package sam

import (
	"context"
	"time"
)

// Jobs are the scheduled jobs and their results.
type Jobs struct{ c *Client }

// Job is a scheduled job.
type Job struct {
	SysID        string
	Name         string
	Active       bool
	RunType      string
	NextRun      time.Time // zero where unknown
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

// Scheduled lists the jobs of a profile, or of all profiles when profileSysID is empty, in the order of their names.
func (j *Jobs) Scheduled(ctx context.Context, profileSysID string, now time.Time) ([]Job, error) {
	return nil, errSkeleton
}

// Results lists the latest results of the jobs of a profile, or of all profiles when profileSysID is empty, newest first.
func (j *Jobs) Results(ctx context.Context, profileSysID string, limit int) ([]JobResult, error) {
	return nil, errSkeleton
}

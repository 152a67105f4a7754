package engine

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// Retention is for how many days data about people is kept that is not needed any more. 0 means for ever.
type Retention struct {
	Days         int // closed candidates with names, job results, run records, sent messages, undo records, users without subscription
	EvidenceDays int // the append-only record of reclaims, which names who approved them
}

// retain is the daily job that deletes what is older than the retention, or takes the names out of it.
func (e *Engine) retain(ctx context.Context, tx *store.Tx) (string, error) {
	r := e.opt.Retention
	if r.Days == 0 && r.EvidenceDays == 0 {
		return "no retention is set, so everything is kept; set retention_days", nil
	}
	var did []string
	tell := func(n int, what string) {
		if n > 0 {
			did = append(did, fmt.Sprintf("%d %s", n, what))
		}
	}
	if r.Days > 0 {
		if err := expirePeople(ctx, tx, formatDateTime(tx.Now().AddDate(0, 0, -r.Days)), tell); err != nil {
			return "", err
		}
	}
	if r.EvidenceDays > 0 {
		n, err := expireEvidence(ctx, tx, formatDateTime(tx.Now().Add(-time.Duration(r.EvidenceDays)*24*time.Hour)))
		if err != nil {
			return "", err
		}
		tell(n, "rows of evidence deleted")
	}
	return cmp.Or(strings.Join(did, ", "), "nothing is old enough"), nil
}

// retain runs the daily job after a refresh, since a provider process runs no jobs by the clock. The refresh is done: what goes
// wrong here is a remark.
func (f *refresh) retain(ctx context.Context) {
	if err := f.engine.retainIfDue(ctx); err != nil {
		f.engine.log.ErrorContext(ctx, "the job failed", "job", dictionary.JobRetention, "err", err)
		f.warn("the job %q failed: %v. The next refresh, or run-due, tries it again", dictionary.JobRetention, err)
	}
}

func (e *Engine) retainIfDue(ctx context.Context) error {
	if e.opt.Retention == (Retention{}) {
		return nil
	}
	var job store.Row
	err := e.db.View(ctx, func(tx *store.Tx) (err error) {
		job, err = findOne(ctx, tx, dictionary.TableScheduledJob, dictionary.JobName+"="+dictionary.JobRetention)
		return err
	})
	if err != nil {
		return fmt.Errorf("look up the job %q: %w", dictionary.JobRetention, err)
	}
	if at, ok := dueAt(job); !ok || at.After(e.now()) {
		return nil
	}
	return e.runStanding(ctx, job, e.retain, func(string) {})
}

// expirePeople does away with what tells about people and ended before a time. An undo that is in use stays, and so
// does what a user was told whose licence may still go.
func expirePeople(ctx context.Context, tx *store.Tx, before string, tell func(n int, what string)) error {
	closed, err := pseudonymize(ctx, tx, "active = 0 AND closed_at <> '' AND closed_at < ?", before)
	if err != nil {
		return err
	}
	tell(closed, "closed candidates without their names")
	for _, d := range []struct {
		what, sql string
		args      []any
	}{
		{"undo records deleted", `DELETE FROM snsam_undo WHERE used_at = '' AND taken_at < ?`, []any{before}},
		{"messages deleted", `DELETE FROM sys_email WHERE sys_created_on < ? AND (type <> ? OR instance IN
			(SELECT sys_id FROM samp_sw_reclamation_candidate WHERE active = 0))
			AND instance NOT IN (SELECT sys_id FROM samp_sw_reclamation_candidate WHERE active = 1)`, []any{before, dictionary.EmailReady}},
		{"job results deleted", `DELETE FROM samp_job_log WHERE sys_created_on < ? AND status <> ?`, []any{before, dictionary.JobLogInProgress}},
		{"run records deleted", `DELETE FROM sys_execution_tracker WHERE sys_created_on < ? AND state > 1`, []any{before}},
		{"users without subscription deleted", `DELETE FROM sys_user WHERE source = ? AND sys_updated_on < ?
			AND NOT EXISTS (SELECT 1 FROM sys_user_grmember m WHERE m."user" = sys_user.sys_id)
			AND sys_id NOT IN (SELECT user FROM samp_sw_subscription) AND sys_id NOT IN (SELECT user FROM samp_sw_reclamation_candidate)`,
			[]any{userSourceIntegration, before}},
	} {
		res, err := tx.Exec(ctx, d.sql, d.args...)
		if err != nil {
			return fmt.Errorf("retention: %s: %w", d.what, err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		tell(int(n), d.what)
	}
	return nil
}

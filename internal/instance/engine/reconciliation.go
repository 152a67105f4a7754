package engine

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strconv"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// reconciliationLease lets one reconciliation run at a time: two would mark the same subscriptions.
const reconciliationLease = "reconciliation"

// StartReconcile begins the software license reconciliation of one publisher or of all.
func (e *Engine) StartReconcile(ctx context.Context, request companion.ReconcileRequest, idempotencyKey string) (companion.Progress, error) {
	return e.startReconcile(ctx, request, idempotencyKey, nil)
}

// startReconcile is StartReconcile, for a person or, with due, for a job: then only if the job is still due when its turn
// comes.
func (e *Engine) startReconcile(ctx context.Context, request companion.ReconcileRequest, idempotencyKey string, due store.Row) (companion.Progress, error) {
	return e.start(ctx, operation{
		name: "Software License Reconciliation", kind: "reconcile", key: idempotencyKey, request: request,
		check: func(ctx context.Context, tx *store.Tx) error {
			if request.Publisher == "" {
				return nil
			}
			if _, err := tx.Get(ctx, dictionary.TablePublisher, request.Publisher); err != nil {
				return fmt.Errorf("read the publisher to reconcile: %w", err)
			}
			return nil
		},
		work: func(ctx context.Context, r *run) (any, error) {
			rc := &reconciliation{
				engine: e, run: r, request: request, due: due,
				trueUp: new(big.Rat), overLicensed: new(big.Rat), spend: new(big.Rat),
			}
			err := r.withLease(ctx, reconciliationLease, "waiting for another reconciliation to end", buryTracker, func() error { return rc.do(ctx) })
			if errors.Is(err, errNotDue) {
				r.report(100, err.Error())
				err = nil
			}
			return rc.outcome, err
		},
	})
}

// reconciliation is one run. Each publisher is reconciled in a transaction of its own: one that fails leaves the results of
// its last reconciliation, and the others go on.
type reconciliation struct {
	engine  *Engine
	run     *run
	request companion.ReconcileRequest
	due     store.Row

	publishers []companion.Ref
	failed     int
	log        companion.Ref
	outcome    companion.ReconcileOutcome

	trueUp, overLicensed, spend *big.Rat
}

func (rc *reconciliation) do(ctx context.Context) error {
	if err := rc.run.update(ctx, func(tx *store.Tx) error { return rc.begin(ctx, tx) }); err != nil {
		return err
	}
	err := rc.reconcileAll(ctx)
	if err == nil && rc.failed > 0 && rc.failed == len(rc.publishers) {
		err = fmt.Errorf("no publisher could be reconciled: %s", rc.outcome.Warnings[0])
	}
	return errors.Join(err, rc.run.finalUpdate(ctx, func(ctx context.Context, tx *store.Tx) error { return rc.end(ctx, tx, err) }))
}

// begin stores that the run goes on, and marks those that never came to their end: nobody else holds the lease.
func (rc *reconciliation) begin(ctx context.Context, tx *store.Tx) error {
	if rc.due != nil {
		job, err := lookUp(ctx, tx, dictionary.TableScheduledJob, rc.due[dictionary.SysID])
		if err != nil {
			return err
		}
		if job[dictionary.JobNextRun] != rc.due[dictionary.JobNextRun] {
			return errNotDue
		}
	}
	if err := buryReconciliations(ctx, tx); err != nil {
		return err
	}
	var err error
	if rc.publishers, err = publishersToReconcile(ctx, tx, rc.request.Publisher); err != nil {
		return err
	}
	if rc.outcome.Currency, err = rc.engine.settleCurrency(ctx, tx); err != nil {
		return err
	}
	number, err := takeNumber(ctx, tx, reconcilePrefix)
	if err != nil {
		return err
	}
	row, err := tx.Insert(ctx, dictionary.TableReconciliation, store.Row{
		dictionary.ReconciliationNumber: number, dictionary.ReconciliationStatus: dictionary.ReconciliationInProgress,
		dictionary.ReconciliationPublisher: rc.request.Publisher, dictionary.ReconciliationProgress: "0",
		dictionary.ReconciliationTotal: strconv.Itoa(len(rc.publishers)), dictionary.ReconciliationProcessed: "0",
	})
	if err != nil {
		return fmt.Errorf("store the reconciliation: %w", err)
	}
	rc.outcome.Result = ref(row, dictionary.ReconciliationNumber)
	rc.log, err = openJobLog(ctx, tx, dictionary.JobReconciliation, "")
	return err
}

func buryReconciliations(ctx context.Context, tx *store.Tx) error {
	now := formatDateTime(tx.Now())
	_, err := tx.Exec(ctx, `UPDATE samp_reconciliation_result SET status = ?, recon_progress_summary = ?, sys_updated_on = ? WHERE status = ?`,
		dictionary.ReconciliationFailed, interrupted, now, dictionary.ReconciliationInProgress)
	if err == nil {
		_, err = tx.Exec(ctx, `UPDATE samp_job_log SET status = ?, message = ?, sys_updated_on = ? WHERE name = ? AND status = ?`,
			dictionary.JobLogFailed, interrupted, now, dictionary.JobReconciliation, dictionary.JobLogInProgress)
	}
	if err != nil {
		return fmt.Errorf("mark interrupted reconciliations: %w", err)
	}
	return nil
}

// publishersToReconcile lists those with software models, or with results of models that they have no more, by name. A
// model may have no publisher; then the sys_id is empty.
func publishersToReconcile(ctx context.Context, tx *store.Tx, only string) ([]companion.Ref, error) {
	rows, err := tx.Query(ctx, `SELECT u.publisher, coalesce(p.name, '') FROM
			(SELECT publisher FROM cmdb_software_product_model UNION SELECT publisher FROM samp_license_metric_result WHERE latest = 1) u
			LEFT JOIN samp_sw_publisher p ON p.sys_id = u.publisher
		WHERE ?1 = '' OR u.publisher = ?1 ORDER BY 2, 1`, only)
	if err != nil {
		return nil, fmt.Errorf("list the publishers to reconcile: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var publishers []companion.Ref
	for rows.Next() {
		var p companion.Ref
		if err := rows.Scan(&p.SysID, &p.Name); err != nil {
			return nil, fmt.Errorf("list the publishers to reconcile: %w", err)
		}
		if p.Name == "" {
			p.Name = "(no publisher)"
		}
		publishers = append(publishers, p)
	}
	return publishers, rows.Err()
}

func (rc *reconciliation) reconcileAll(ctx context.Context) error {
	for i, p := range rc.publishers {
		percent := 100 * i / len(rc.publishers)
		rc.run.report(percent, fmt.Sprintf("reconciling %s, %d of %d publishers", p.Name, i+1, len(rc.publishers)))
		var result publisherResult
		err := rc.run.update(ctx, func(tx *store.Tx) error {
			var err error
			result, err = rc.engine.reconcilePublisher(ctx, tx, p)
			return err
		})
		switch {
		case err == nil:
			rc.add(result)
		case ctx.Err() != nil || errors.Is(err, errLeaseLost):
			return err
		default:
			rc.failed++
			rc.warn("%s was not reconciled, and its results are the former ones: %v", p.Name, err)
		}
		if err := rc.run.update(ctx, func(tx *store.Tx) error { return rc.progress(ctx, tx, i+1) }); err != nil {
			return err
		}
	}
	if rc.request.Publisher != "" {
		return nil
	}
	return rc.run.update(ctx, func(tx *store.Tx) error {
		unknown, err := markWithoutModel(ctx, tx)
		if unknown > 0 {
			rc.warn("%d subscriptions have no software model, so that no entitlement counts for them; assign one to their identifiers", unknown)
		}
		return err
	})
}

func (rc *reconciliation) warn(format string, args ...any) {
	rc.outcome.Warnings = append(rc.outcome.Warnings, fmt.Sprintf(format, args...))
}

func (rc *reconciliation) add(r publisherResult) {
	o := &rc.outcome
	if len(r.models) == 0 {
		return
	}
	o.Publishers++
	o.Products += r.products
	o.Compliant += r.compliant
	for _, m := range r.models {
		o.RightsOwned += int(m.owned.rights)
		o.RightsUsed += int(m.used())
		o.Unlicensed += int(m.needed())
		o.WithoutUser += int(m.withoutUser)
		if m.needed() > 0 && m.owned.price().Sign() == 0 {
			rc.warn("%s lacks %d rights, whose price nobody knows: no entitlement with a cost is in force. They are in no true-up cost", m.name, m.needed())
		}
	}
	rc.trueUp.Add(rc.trueUp, r.trueUp)
	rc.overLicensed.Add(rc.overLicensed, r.overLicensed)
	rc.spend.Add(rc.spend, r.spend)
}

func (rc *reconciliation) progress(ctx context.Context, tx *store.Tx, processed int) error {
	_, err := tx.Exec(ctx, `UPDATE samp_reconciliation_result SET progress = ?, current_processed = ?, progress_step = ?, sys_updated_on = ? WHERE sys_id = ?`,
		100*processed/len(rc.publishers), processed, rc.publishers[processed-1].Name, formatDateTime(tx.Now()), rc.outcome.Result.SysID)
	if err != nil {
		return fmt.Errorf("store the progress of the reconciliation: %w", err)
	}
	return nil
}

// end stores how the run went.
func (rc *reconciliation) end(ctx context.Context, tx *store.Tx, failure error) error {
	o := &rc.outcome
	o.TrueUpCost, o.OverLicensed, o.TotalSpend = formatAmount(rc.trueUp), formatAmount(rc.overLicensed), formatAmount(rc.spend)
	o.ReconciledAt = tx.Now()
	o.Status = dictionary.ReconciliationCompleted
	message := fmt.Sprintf("%d of %d products are compliant; %d rights owned, %d used, %d subscriptions without a right", o.Compliant, o.Products,
		o.RightsOwned, o.RightsUsed, o.Unlicensed)
	log := dictionary.JobLogCompleted
	switch {
	case failure != nil:
		o.Status, message, log = dictionary.ReconciliationFailed, failure.Error(), dictionary.JobLogFailed
	case rc.failed > 0:
		o.Status = dictionary.ReconciliationPartial
		message += fmt.Sprintf("; %d publishers failed", rc.failed)
	}
	values := store.Row{
		dictionary.ReconciliationStatus: o.Status, dictionary.ReconciliationSummary: message, dictionary.ReconciliationLast: formatDateTime(tx.Now()),
	}
	if failure == nil {
		values[dictionary.ReconciliationProgress] = "100"
	}
	if _, _, err := tx.Update(ctx, dictionary.TableReconciliation, o.Result.SysID, values); err != nil {
		return fmt.Errorf("store the end of the reconciliation: %w", err)
	}
	if err := closeJobLog(ctx, tx, rc.log, log, message); err != nil {
		return err
	}
	rc.run.report(100, message)
	if failure == nil && rc.request.Publisher == "" {
		return scheduleReconciliation(ctx, tx)
	}
	return nil
}

// scheduleReconciliation moves the weekly job on: it was done, on demand or not.
func scheduleReconciliation(ctx context.Context, tx *store.Tx) error {
	job, err := findOne(ctx, tx, dictionary.TableScheduledJob, dictionary.JobName+"="+dictionary.JobReconciliation)
	if err != nil || job == nil {
		return err
	}
	return scheduleNext(ctx, tx, job)
}

package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

func (w *world) startReconcile(publisher string) companion.Progress {
	w.t.Helper()
	p, err := w.StartReconcile(w.t.Context(), companion.ReconcileRequest{Publisher: publisher}, "")
	require.NoError(w.t, err)
	return p
}

func (w *world) reconcile(publisher string) companion.ReconcileOutcome {
	w.t.Helper()
	return outcome[companion.ReconcileOutcome](w, w.startReconcile(publisher), nil)
}

// people gives a model subscriptions: count of users named by a prefix.
func (w *world) people(model, prefix string, count int) {
	w.t.Helper()
	require.NoError(w.t, w.db.Update(w.t.Context(), func(tx *store.Tx) error {
		for i := range count {
			user, err := tx.Insert(w.t.Context(), dictionary.TableUser, store.Row{dictionary.UserUserName: fmt.Sprint(prefix, i)})
			if err != nil {
				return err
			}
			_, err = tx.Insert(w.t.Context(), dictionary.TableSubscription, store.Row{
				dictionary.SubscriptionExternalUserID: fmt.Sprint(prefix, i), dictionary.SubscriptionUser: user["sys_id"],
				dictionary.SubscriptionSoftwareModel: model, dictionary.SubscriptionUPN: fmt.Sprint(prefix, i),
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

func (w *world) metric(model string) store.Row {
	w.t.Helper()
	rows := w.find(dictionary.TableMetricResult, "latest=true^software_model="+model)
	require.Len(w.t, rows, 1)
	return rows[0]
}

func TestReconciliationGivesRightsToAllocatedUsersFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	publisher, _, model := w.model("Contoso")
	w.people(model, "person", 4)
	subscriptions := w.find(dictionary.TableSubscription, "ORDERBYsys_created_on^ORDERBYsys_id")
	e := w.insert(dictionary.TableEntitlement, entitlement(model, store.Row{"purchased_rights": "3"}))["sys_id"]
	idle := w.insert(dictionary.TableUser, store.Row{dictionary.UserUserName: "idle"})["sys_id"]
	for _, user := range []string{idle, subscriptions[3]["user"]} {
		w.insert(dictionary.TableUserAllocation, store.Row{"licensed_by": e, "assigned_to": user})
	}
	o := w.reconcile(publisher)
	require.Equal(t, 5, o.RightsUsed, "the allocated user without a subscription uses a right as well")
	require.Equal(t, 2, o.Unlicensed)
	for i, unlicensed := range []string{"false", "true", "true", "false"} {
		s := w.get(dictionary.TableSubscription, subscriptions[i]["sys_id"])
		require.Equal(t, unlicensed, s["unlicensed_subscription"], i)
		require.Equal(t, "true", s["is_reconciled"])
		require.Equal(t, w.metric(model)["sys_id"], s["license_metric_result"])
	}
}

func TestReconciliationLeavesOutWhatTakesNoRight(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	publisher, _, model := w.model("Contoso")
	w.people(model, "person", 4)
	w.insert(dictionary.TableEntitlement, entitlement(model, nil))
	require.Equal(t, 4, w.reconcile(publisher).RightsUsed)
	subscriptions := w.find(dictionary.TableSubscription, "ORDERBYsys_id")
	require.NoError(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
		for i, change := range []store.Row{{"user": ""}, {"active": "false"}, {"excluded_from_metering": "true"}} {
			if _, _, err := tx.Update(t.Context(), dictionary.TableSubscription, subscriptions[i]["sys_id"], change); err != nil {
				return err
			}
		}
		return nil
	}))
	o := w.reconcile(publisher)
	require.Equal(t, 1, o.RightsUsed)
	require.Equal(t, 1, o.WithoutUser)
	require.Equal(t, "45.00", o.OverLicensed, "9 unused rights at 5.00")
	require.Equal(t, 1, w.count(dictionary.TableSubscription, "is_reconciled=true"))
	require.Equal(t, 1, w.count(dictionary.TableSubscription, "license_metric_resultISNOTEMPTY"))

	w.update(dictionary.TableSoftwareModel, model, store.Row{"license_under_management": "false"})
	require.Zero(t, w.reconcile(publisher).Products)
	require.Zero(t, w.count(dictionary.TableSubscription, "is_reconciled=true"))
	require.Zero(t, w.count(dictionary.TablePublisherResult, "latest=true"))
}

func TestReconciliationResultsBecomeHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	publisher, product, model := w.model("Contoso")
	w.people(model, "person", 12)
	e := w.insert(dictionary.TableEntitlement, entitlement(model, nil))["sys_id"]
	w.reconcile(publisher)
	first := w.metric(model)
	require.Equal(t, 1, w.count(dictionary.TableRemediation, "software_model="+model+"^rights=2^cost=10.00"))

	w.clock.advance(day)
	w.reconcile(publisher)
	require.Equal(t, first["sys_id"], w.metric(model)["sys_id"], "the same figures are the same row")
	require.Equal(t, "2026-11-25 10:00:00", w.metric(model)["sys_updated_on"])

	w.update(dictionary.TableEntitlement, e, store.Row{"purchased_rights": "20"})
	w.reconcile(publisher)
	require.NotEqual(t, first["sys_id"], w.metric(model)["sys_id"])
	require.Equal(t, "-2", w.get(dictionary.TableMetricResult, first["sys_id"])["licenses_available"])
	for _, table := range []string{dictionary.TablePublisherResult, dictionary.TableProductResult, dictionary.TableSoftwareModelResult} {
		latest := w.find(table, "latest=true^publisher="+publisher)
		require.Len(t, latest, 1, table)
		require.Equal(t, dictionary.ResultCompliant, latest[0]["status"])
		require.Equal(t, 1, w.count(table, "latest=false^status=not_compliant"), table)
	}
	require.Equal(t, 1, w.count(dictionary.TableProductResult, "latest=true^product="+product))
	require.Zero(t, w.count(dictionary.TableRemediation, ""), "nothing to purchase any more")
	require.Zero(t, w.count(dictionary.TableSubscription, "unlicensed_subscription=true"))
	require.Equal(t, 3, w.count(dictionary.TableReconciliation, "status=completed"))

	require.NoError(t, w.Delete(t.Context(), dictionary.TableEntitlement, e))
	for _, s := range w.find(dictionary.TableSubscription, "") {
		require.NoError(t, w.Delete(t.Context(), dictionary.TableSubscription, s["sys_id"]))
	}
	w.reconcile("")
	require.Zero(t, w.count(dictionary.TableMetricResult, "latest=true"))
	require.Zero(t, w.count(dictionary.TableUsageSummary, ""))
}

func TestReconciliationOfUnlimitedAndEnterpriseAgreements(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	publisher, product, enterprise := w.model("Contoso")
	unlimited := w.modelOf(publisher, product, "Contoso Unlimited")
	w.people(enterprise, "person", 12)
	w.people(unlimited, "other", 5)
	w.insert(dictionary.TableEntitlement, entitlement(enterprise, store.Row{"agreement_type": "enterprise"}))
	w.insert(dictionary.TableEntitlement, entitlement(unlimited, store.Row{"unlimited_license": "true", "purchased_rights": "1", "unit_cost": "900"}))
	o := w.reconcile(publisher)
	require.Equal(t, 1, o.Compliant)
	require.Equal(t, "950.00", o.TotalSpend)
	require.Equal(t, "10.00", o.TrueUpCost)
	require.Equal(t, dictionary.ResultCompliant, w.metric(enterprise)["status"], "forced")
	require.Equal(t, "2", w.metric(enterprise)["rights_needed"], "and yet two lack a right")
	require.Equal(t, "0", w.metric(unlimited)["rights_needed"])
	require.Equal(t, "0", w.metric(unlimited)["unused_rights"])
	require.Equal(t, "5", w.metric(unlimited)["rights_used"])
}

func TestReconciliationCountsNoExpiredRights(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	publisher, _, model := w.model("Contoso")
	w.people(model, "person", 2)
	w.insert(dictionary.TableEntitlement, entitlement(model, store.Row{"end_date": "2026-11-24"}))
	require.Equal(t, 10, w.reconcile(publisher).RightsOwned)
	w.clock.advance(day)
	o := w.reconcile(publisher)
	require.Zero(t, o.RightsOwned)
	require.Equal(t, 2, o.Unlicensed)
	require.Equal(t, "0.00", o.TrueUpCost)
	require.Equal(t, "0.00", o.TotalSpend)
	require.Len(t, o.Warnings, 1)
	require.Contains(t, o.Warnings[0], "Contoso lacks 2 rights, whose price nobody knows")
}

func TestPublisherThatFailsLeavesTheOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	_, _, good := w.model("Good")
	bad, _, broken := w.model("Bad")
	for _, model := range []string{good, broken} {
		w.people(model, model, 2)
		w.insert(dictionary.TableEntitlement, entitlement(model, nil))
	}
	require.Equal(t, dictionary.ReconciliationCompleted, w.reconcile("").Status)
	before := w.metric(broken)
	breakCost := func(cost string) {
		require.NoError(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE alm_license SET unit_cost = ? WHERE software_model = ?`, cost, broken)
			return err
		}))
	}
	breakCost("a lot")
	w.people(good, "more", 1)
	o := w.reconcile("")
	require.Equal(t, dictionary.ReconciliationPartial, o.Status)
	require.Equal(t, 1, o.Publishers)
	require.Len(t, o.Warnings, 1)
	require.Contains(t, o.Warnings[0], `Bad was not reconciled, and its results are the former ones: the unit cost of the entitlement "Bad from 2026-01-01"`)
	require.Equal(t, "3", w.metric(good)["rights_used"])
	require.Equal(t, before, w.metric(broken))
	require.Equal(t, 1, w.count(dictionary.TableReconciliation, "status=partially_completed"))

	p := w.ended(w.startReconcile(bad), nil)
	require.Equal(t, companion.StatusFailed, p.Status)
	require.Contains(t, p.Error, "no publisher could be reconciled")
	require.Equal(t, 1, w.count(dictionary.TableReconciliation, "status=failed"))
	breakCost("5.00")
	require.Equal(t, dictionary.ReconciliationCompleted, w.reconcile("").Status)
}

func TestReconciliationOfAnUnknownPublisher(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	_, err := w.StartReconcile(t.Context(), companion.ReconcileRequest{Publisher: store.NewSysID(w.clock.Now())}, "")
	require.ErrorIs(t, err, store.ErrNotFound)
	require.Zero(t, w.count(dictionary.TableReconciliation, ""))
	require.Equal(t, dictionary.ReconciliationCompleted, w.reconcile("").Status, "nothing to do is no failure")
}

func TestWeeklyReconciliation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	_, _, model := w.model("Contoso")
	w.people(model, "person", 2)
	w.insert(dictionary.TableEntitlement, entitlement(model, nil))
	run := func() []string {
		var said []string
		require.NoError(t, w.RunDue(t.Context(), func(line string) { said = append(said, line) }))
		return said
	}
	run()
	require.Zero(t, w.count(dictionary.TableReconciliation, ""), "not due yet")
	w.clock.advance(7 * day)
	require.Contains(t, strings.Join(run(), "\n"), "SAM - Software License Reconciliation: 1 of 1 products are compliant; 10 rights owned, 2 used, 0 subscriptions without a right")
	require.Equal(t, 1, w.count(dictionary.TableReconciliation, "status=completed"))
	run()
	require.Equal(t, 1, w.count(dictionary.TableReconciliation, ""))
	w.clock.advance(6 * day)
	w.reconcile("")
	w.clock.advance(day)
	run()
	require.Equal(t, 3, w.count(dictionary.TableReconciliation, "status=completed"), "the weekly rhythm stays")
}

func TestRefreshAfterReconciliationWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 200)
	w.publish()
	w.refresh()
	model := w.find(dictionary.TableSoftwareModel, "")[0]["sys_id"]
	w.insert(dictionary.TableEntitlement, entitlement(model, store.Row{"purchased_rights": "150"}))
	o := w.reconcile("")
	require.Equal(t, 150, o.RightsOwned)
	require.Equal(t, o.RightsUsed-150, o.Unlicensed)
	require.Positive(t, o.Unlicensed)
	usage := w.find(dictionary.TableUsageSummary, "")[0]
	require.Equal(t, fmt.Sprint(w.count(dictionary.TableCandidate, "active=true")), usage["stale_rights"], "stale are those who became candidates")
	r := w.refresh()
	require.Zero(t, r.RowsWritten)
	require.Equal(t, r.Downloaded, r.Unchanged)
}

func TestReconciliationBesideARefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 250)
	w.publish()
	at := newBarrier()
	slow := w.reopen(stoppingAt(at, nil))
	refresh := slow.startRefresh()
	<-at.reached
	require.Equal(t, dictionary.ReconciliationCompleted, w.reconcile("").Status, "it does not wait for the vendor")
	close(at.release)
	require.Equal(t, companion.StatusSuccessful, slow.ended(refresh, nil).Status)
	o := w.reconcile("")
	require.Equal(t, 250, o.Unlicensed+o.WithoutUser)
}

func TestKilledReconciliationIsMarked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	require.NoError(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Insert(t.Context(), dictionary.TableReconciliation, store.Row{"number": "REC0000000", "status": dictionary.ReconciliationInProgress})
		if err == nil {
			_, err = tx.Insert(t.Context(), dictionary.TableJobLog, store.Row{"name": dictionary.JobReconciliation, "status": dictionary.JobLogInProgress})
		}
		return err
	}))
	w.reconcile("")
	require.Equal(t, 1, w.count(dictionary.TableReconciliation, "status=failed^recon_progress_summaryLIKEinterrupted"))
	require.Equal(t, 1, w.count(dictionary.TableJobLog, "name="+dictionary.JobReconciliation+"^status="+dictionary.JobLogFailed))
}

func TestTwoReconciliationsTakeTurns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	_, _, model := w.model("Contoso")
	w.people(model, "person", 300)
	w.insert(dictionary.TableEntitlement, entitlement(model, nil))
	other := w.reopen(unlimited)
	var started []companion.Progress
	for _, e := range []*engine.Engine{w.Engine, other.Engine} {
		p, err := e.StartReconcile(context.WithoutCancel(t.Context()), companion.ReconcileRequest{}, "")
		require.NoError(t, err)
		started = append(started, p)
	}
	require.Equal(t, companion.StatusSuccessful, w.ended(started[0], nil).Status)
	require.Equal(t, companion.StatusSuccessful, other.ended(started[1], nil).Status)
	require.Equal(t, 1, w.count(dictionary.TableMetricResult, ""))
	require.Equal(t, 2, w.count(dictionary.TableReconciliation, "status=completed"))
}

// forbidMarks makes every further change of a subscription fail.
func (w *world) forbidMarks() {
	w.t.Helper()
	require.NoError(w.t, w.db.Update(w.t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(w.t.Context(), `CREATE TRIGGER forbid_marks BEFORE UPDATE ON samp_sw_subscription BEGIN SELECT RAISE(ABORT, 'a subscription was written'); END`)
		return err
	}))
}

func TestUnchangedReconciliationWritesNoSubscription(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	_, _, model := w.model("Contoso")
	w.people(model, "person", 12)
	w.insert(dictionary.TableEntitlement, entitlement(model, nil))
	w.reconcile("")
	w.forbidMarks()
	w.clock.advance(day)
	require.Equal(t, dictionary.ReconciliationCompleted, w.reconcile("").Status)
	w.insert(dictionary.TableEntitlement, entitlement(model, nil))
	require.Contains(t, w.ended(w.startReconcile(""), nil).Error, "a subscription was written", "the trigger works")
}

func TestCanceledReconciliation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	require.NoError(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO snsam_lease (name, owner, epoch, expires_at) VALUES ('reconciliation', 'another run', 1, ?)`,
			w.clock.Now().Add(9*time.Second).UnixMilli())
		return err
	}))
	started := w.startReconcile("")
	p, err := w.Cancel(t.Context(), started.Links.Progress.ID)
	require.NoError(t, err)
	require.Equal(t, companion.StatusCanceled, p.Status)
	require.Zero(t, w.count(dictionary.TableReconciliation, ""), "it never had its turn")
	w.clock.advance(10 * time.Second)
	require.Equal(t, dictionary.ReconciliationCompleted, w.reconcile("").Status, "the other run is silent for too long")
}

package reconciliation_test

import (
	"database/sql"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
)

const (
	typeName = "servicenowsam_reconciliation"
	run      = typeName + ".weekly"
)

// reconciliation is a run after the sync and the entitlement; inner is added to it.
func reconciliation(inner ...string) string {
	return acctest.Resource("reconciliation", "weekly", append([]string{
		"depends_on = [servicenowsam_subscription_sync.trello, servicenowsam_software_entitlement.bought]",
	}, inner...)...)
}

func entitlement(rights int) string {
	return acctest.Resource("software_entitlement", "bought", "depends_on = [servicenowsam_integration_profile.trello]",
		`product = "Trello Enterprise"`, fmt.Sprintf("purchased_rights = %d", rights), "unit_cost = 12.5", `start_date = "2026-01-01"`)
}

// withUser counts the subscriptions that need a right: those of a known user.
func withUser(t *testing.T, w *acctest.World) int {
	t.Helper()
	return len(w.Find(t, dictionary.TableSubscription, dictionary.SubscriptionUser+"ISNOTEMPTY"))
}

func everything(w *acctest.World, inner ...string) []string {
	return []string{w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(), entitlement(10), reconciliation(inner...)}
}

func TestAccReconciliation_lifecycle(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, everything(w)...)
	root.MustApply(t)
	first := root.Attributes(t, run)
	people := withUser(t, w)
	require.Equal(t, "completed", first["status"])
	require.Nil(t, first["publisher_id"])
	for attribute, want := range map[string]int{
		"publishers": 1, "products": 1, "compliant_products": 0, "rights_owned": 10, "rights_used": people, "unlicensed": people - 10, "without_user": len(w.Find(t, dictionary.TableSubscription, "")) - people,
	} {
		require.EqualValues(t, want, first[attribute], attribute)
	}
	require.Equal(t, strconv.FormatFloat(12.5*float64(people-10), 'f', -1, 64), first["true_up_cost"])
	require.Equal(t, "0", first["over_licensed_amount"])
	require.Equal(t, "125", first["total_spend"])
	require.Equal(t, "USD", first["currency"])
	require.Len(t, w.Find(t, dictionary.TableSubscription, dictionary.SubscriptionUnlicensed+"=true"), people-10)
	root.RequireEmptyPlan(t)

	root.Write(t, everything(w, `max_age = "1000h"`)...)
	root.MustApply(t)
	require.Equal(t, first["result_id"], root.Attribute(t, run, "result_id"), "another attribute must not run anything")
	root.RequireEmptyPlan(t)

	root.Write(t, everything(w, `triggers = { quarter = "4" }`)...)
	require.True(t, root.MustPlan(t).Change(run).Actions.Replace())
	root.MustApply(t)
	require.NotEqual(t, first["result_id"], root.Attribute(t, run, "result_id"))
	root.RequireEmptyPlan(t)

	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(), entitlement(10))
	root.MustApply(t)
	require.Len(t, w.Find(t, dictionary.TableReconciliation, ""), 2, "destroying it only forgets")
}

func TestAccReconciliation_publisher(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, everything(w, `publisher = "Atlassian"`, `max_age = "1h"`)...)
	root.MustApply(t)
	state := root.Attributes(t, run)
	require.EqualValues(t, 1, state["publishers"])
	require.Equal(t, w.Find(t, dictionary.TablePublisher, "name=Atlassian")[0]["sys_id"], state["publisher_id"])
	require.Equal(t, state["publisher_id"], w.Find(t, dictionary.TableReconciliation, "")[0][dictionary.ReconciliationPublisher])
	root.RequireEmptyPlan(t)

	root.Write(t, everything(w, `publisher = "Nobody"`)...)
	applied := root.Apply(t)
	require.Equal(t, 1, applied.Code)
	require.Contains(t, applied.Errors(), "No such publisher")
}

func TestAccReconciliation_maxAge(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, everything(w, `max_age = "1ns"`)...)
	root.MustApply(t)
	first := root.Attributes(t, run)
	plan := root.MustPlan(t)
	require.True(t, plan.Change(run).Actions.Update())
	applied := plan.ApplyInAnotherWorld(t, func() {
		w.Change(t, dictionary.TableEntitlement, root.Attribute(t, "servicenowsam_software_entitlement.bought", "id"), map[string]string{"purchased_rights": "50"})
	})
	require.Zero(t, applied.Code, applied.Errors())
	second := root.Attributes(t, run)
	require.Equal(t, first["id"], second["id"])
	require.NotEqual(t, first["result_id"], second["result_id"])
	require.EqualValues(t, 1, second["compliant_products"])
	require.Equal(t, strconv.FormatFloat(12.5*float64(50-withUser(t, w)), 'f', -1, 64), second["over_licensed_amount"])
}

// A good run of the instance's own, of all publishers, is as good as ours.
func TestAccReconciliation_instancesOwnRun(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, everything(w, `publisher = "Atlassian"`, `max_age = "1000h"`)...)
	root.MustApply(t)
	ours := root.Attribute(t, run, "result_id")
	root.RequireEmptyPlan(t)
	_, diagnostics := w.Protocol(t, nil).Invoke(t, typeName, acctest.Values{})
	require.Empty(t, acctest.Errors(diagnostics))
	root.RequireEmptyPlan(t)
	require.Equal(t, ours, root.Attribute(t, run, "result_id"))
}

// broken makes a publisher that cannot be reconciled, because the cost of its entitlement is no number. Mended, it can.
func broken(t *testing.T, w *acctest.World) (mend func()) {
	t.Helper()
	publisher := w.Insert(t, dictionary.TablePublisher, map[string]string{"name": "Contoso"})
	product := w.Insert(t, dictionary.TableProduct, map[string]string{"name": "Contoso Desk", "publisher": publisher})
	model := w.Insert(t, dictionary.TableSoftwareModel, map[string]string{
		"name": "Contoso Desk", "display_name": "Contoso Desk", "product": product, "publisher": publisher,
	})
	entitlement := w.Insert(t, dictionary.TableEntitlement, map[string]string{
		"software_model": model, "state": dictionary.EntitlementInUse, "start_date": "2026-01-01", "purchased_rights": "1",
	})
	cost := func(text string) {
		db, err := sql.Open("sqlite", "file:"+w.Database)
		require.NoError(t, err)
		defer func() { require.NoError(t, db.Close()) }()
		_, err = db.ExecContext(t.Context(), "UPDATE alm_license SET unit_cost = ? WHERE sys_id = ?", text, entitlement)
		require.NoError(t, err)
	}
	cost("much")
	return func() { cost("1") }
}

func TestAccReconciliation_failedRunIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile()).MustApply(t)
	mend := broken(t, w)
	root := w.Root(t, w.ProviderBlock(), acctest.Resource("reconciliation", "weekly", `publisher = "Contoso"`))
	failed := root.Apply(t)
	require.Equal(t, 1, failed.Code)
	require.Contains(t, failed.Errors(), "Could not reconcile the software licenses of publisher \"Contoso\"")
	require.Equal(t, "failed", root.Attribute(t, run, "status"))

	mend()
	require.True(t, root.MustPlan(t).Change(run).Actions.Replace())
	root.MustApply(t)
	require.Equal(t, "completed", root.Attribute(t, run, "status"))
	root.RequireEmptyPlan(t)
}

func TestAccReconciliation_partial(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	base := everything(w)[:5]
	root := w.Root(t, base...)
	root.MustApply(t)
	mend := broken(t, w)
	root.Write(t, append(base, reconciliation(`max_age = "1000h"`))...)
	applied := root.MustApply(t)
	require.Contains(t, applied.Warnings(), "Contoso was not reconciled")
	state := root.Attributes(t, run)
	require.Equal(t, "partially_completed", state["status"])
	require.EqualValues(t, 10, state["rights_owned"], "of the publisher that could be reconciled")

	mend()
	require.True(t, root.MustPlan(t).Change(run).Actions.Update(), "a run that left something out is not a good one")
	root.MustApply(t)
	require.Equal(t, "completed", root.Attribute(t, run, "status"))
	require.EqualValues(t, 11, root.Attributes(t, run)["rights_owned"])
	root.RequireEmptyPlan(t)
}

func TestAccReconciliation_tableMode(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(), entitlement(10)).MustApply(t)
	faults := new(restapi.Faults)
	faults.RemoveCompanion()
	block := acctest.RemoteBlock(w.Remote(t, faults))
	root := w.Root(t, block, acctest.Resource("reconciliation", "weekly"))
	result := root.Apply(t)
	require.Equal(t, 1, result.Code)
	require.Contains(t, result.Errors(), "companion app")
	require.Nil(t, root.Attributes(t, run))
	require.Empty(t, w.Find(t, dictionary.TableReconciliation, ""))
}

func TestReconciliationAction(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(), entitlement(10)).MustApply(t)
	p := w.Protocol(t, nil)
	require.Empty(t, p.PlanAction(t, typeName, acctest.Values{"publisher": "Atlassian"}))
	require.Contains(t, acctest.Errors(p.PlanAction(t, typeName, acctest.Values{"publisher": "Nobody"})), "No such publisher")
	require.Empty(t, w.Find(t, dictionary.TableReconciliation, ""), "a plan runs nothing")

	people := withUser(t, w)
	for range 2 {
		progress, diagnostics := p.Invoke(t, typeName, acctest.Values{"publisher": "Atlassian"})
		require.Empty(t, acctest.Errors(diagnostics))
		require.Contains(t, progress[len(progress)-1], fmt.Sprintf(
			"0 of 1 products compliant; 10 rights owned, %d used, %d subscriptions without a right; true-up cost %.2f USD",
			people, people-10, 12.5*float64(people-10)))
	}
	_, diagnostics := p.Invoke(t, typeName, acctest.Values{"publisher": "Nobody"})
	require.Contains(t, acctest.Errors(diagnostics), "No such publisher")
}

func TestReconciliationAction_tableMode(t *testing.T) {
	t.Parallel()
	faults := new(restapi.Faults)
	faults.RemoveCompanion()
	p := acctest.NewWorld(t, acctest.Options{Faults: faults}).Protocol(t, nil)
	require.Contains(t, acctest.Errors(p.PlanAction(t, typeName, nil)), "companion app")
}

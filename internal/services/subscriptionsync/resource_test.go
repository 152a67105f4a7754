package subscriptionsync_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

const sync = "servicenowsam_subscription_sync.trello"

// licensed counts the people who hold a licence at the vendor.
func licensed(w *acctest.World) int {
	return len(w.Double.Members(0, func(m trello.Member) bool { return m.Licensed && !m.Deactivated }))
}

func TestAccSync_lifecycle(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync())
	root.MustApply(t)
	first := root.Attributes(t, sync)
	require.Equal(t, "completed", first["status"])
	require.EqualValues(t, licensed(w), first["downloaded"])
	require.EqualValues(t, licensed(w), first["created"])
	require.EqualValues(t, 0, first["removed"])
	require.Equal(t, true, first["complete"])
	require.Positive(t, first["candidates_opened"])
	require.NotContains(t, root.RequireEmptyPlan(t).Warnings(), "overdue")
	walks := w.Double.Requests().Total

	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(`max_removal_fraction = 0.9`, `max_age = "1000h"`))
	root.MustApply(t)
	require.Equal(t, first["run_id"], root.Attribute(t, sync, "run_id"), "another attribute must not run anything")
	require.Equal(t, walks, w.Double.Requests().Total)
	root.RequireEmptyPlan(t)

	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(`triggers = { review = "2" }`))
	require.True(t, root.MustPlan(t).Change(sync).Actions.Replace())
	root.MustApply(t)
	second := root.Attributes(t, sync)
	require.NotEqual(t, first["run_id"], second["run_id"])
	require.EqualValues(t, licensed(w), second["unchanged"])
	require.EqualValues(t, 0, second["created"])
	root.RequireEmptyPlan(t)

	calls := w.Double.Requests().Total
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile())
	root.MustApply(t)
	require.Equal(t, calls, w.Double.Requests().Total, "destroying a sync only forgets")
	require.Len(t, w.Find(t, dictionary.TableSubscription, ""), licensed(w))
}

func TestAccSync_maxAge(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(`max_age = "1ns"`))
	root.MustApply(t)
	first := root.Attributes(t, sync)

	plan := root.MustPlan(t)
	require.True(t, plan.Change(sync).Actions.Update(), "%v", plan.Change(sync).Actions)
	applied := plan.Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	second := root.Attributes(t, sync)
	require.Equal(t, first["id"], second["id"])
	require.NotEqual(t, first["run_id"], second["run_id"])

	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(`max_age = "1000h"`))
	root.MustApply(t)
	root.RequireEmptyPlan(t)
}

func TestAccSync_failedRunIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync())
	root.MustApply(t, "-target=servicenowsam_integration_profile.trello")
	require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.FaultExpiredToken}))
	failed := root.Apply(t)
	require.Equal(t, 1, failed.Code)
	require.Contains(t, failed.Errors(), "expired")
	require.Equal(t, "failed", root.Attribute(t, sync, "status"))

	w.Double.ClearFaults()
	require.True(t, root.MustPlan(t).Change(sync).Actions.Replace())
	root.MustApply(t)
	require.Equal(t, "completed", root.Attribute(t, sync, "status"))
	root.RequireEmptyPlan(t)
}

func TestAccSync_vendorListsNobody(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync())
	root.MustApply(t)
	known := licensed(w)
	require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.FaultNoMembers}))
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(`triggers = { again = "1" }`))
	result := root.Apply(t)
	require.Len(t, w.Find(t, dictionary.TableSubscription, ""), known, "nobody may be removed")
	require.Contains(t, result.Warnings()+result.Errors(), "kept")
	require.EqualValues(t, known, root.Attributes(t, sync)["removals_held"])
}

func TestAccSync_tableMode(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	faults := new(restapi.Faults)
	faults.RemoveCompanion()
	root := w.Root(t, acctest.RemoteBlock(w.Remote(t, faults)), w.Alias(), w.Profile(), w.Sync())
	result := root.Apply(t)
	require.Equal(t, 1, result.Code)
	require.Contains(t, result.Errors(), "companion app")
	require.Nil(t, root.Attributes(t, sync))
}

func TestAccSync_savedPlanInAChangedWorld(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(`max_age = "1ns"`))
	root.MustApply(t)
	plan := root.MustPlan(t)
	require.True(t, plan.Change(sync).Actions.Update())
	gone := w.Double.Members(1, func(m trello.Member) bool { return m.Licensed && !m.Admin && !m.Deactivated })
	applied := plan.ApplyInAnotherWorld(t, func() { w.Double.SetLicence(gone[0].ID, false) })
	require.Zero(t, applied.Code, applied.Errors())
	require.EqualValues(t, 1, root.Attributes(t, sync)["removed"])
}

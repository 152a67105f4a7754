package integrationprofile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

const profile = "servicenowsam_integration_profile.trello"

func TestAccProfile_lifecycle(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile())

	created := root.MustApply(t)
	require.Contains(t, created.Warnings(), "A new embedded database was created")
	state := root.Attributes(t, profile)
	require.Equal(t, "published", state["status"])
	require.Equal(t, true, state["download_subscriptions"])
	require.Equal(t, false, state["download_activity"])
	require.Equal(t, true, state["reclaim_subscriptions"])
	require.Equal(t, []any{"SAM - Refresh Trello Subscriptions"}, state["job_names"])
	require.NotEmpty(t, state["validated_at"])
	require.Contains(t, state["subflows"], "download_subscriptions")

	second := root.RequireEmptyPlan(t)
	require.Contains(t, second.Warnings(), "Scheduled jobs are overdue")
	require.NotContains(t, second.Warnings(), "A new embedded database was created")

	id := root.Attribute(t, profile, "id")
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(`reclaim_subscriptions = false`))
	change := root.MustPlan(t).Change(profile)
	require.True(t, change.Actions.Update())
	require.Empty(t, change.AfterUnknown, "a toggle that changes nothing else must not make noise")
	root.MustApply(t)
	require.Equal(t, id, root.Attribute(t, profile, "id"))
	require.Equal(t, "false", w.Get(t, dictionary.TableProfile, id)[dictionary.ProfileReclaim])
	root.RequireEmptyPlan(t)

	gone := root.Destroy(t)
	require.Zero(t, gone.Code, gone.Errors())
	require.Contains(t, gone.Warnings(), "Destroying a published integration profile")
	require.Nil(t, w.Get(t, dictionary.TableProfile, id))
}

func TestAccProfile_drift(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile())
	root.MustApply(t)
	id := root.Attribute(t, profile, "id")
	other := w.Insert(t, dictionary.TableAlias, map[string]string{"name": "Other", "type": "connection"})

	for _, change := range []struct {
		column, value string // what somebody clicked
		attribute     string // what the plan names
		now, planned  any
	}{
		{dictionary.ProfileDisplayName, "Renamed", "display_name", "Renamed", "Trello"},
		{dictionary.ProfileReclaim, "false", "reclaim_subscriptions", false, true},
		{dictionary.ProfileStatus, "draft", "status", "draft", "published"},
		{dictionary.ProfileAlias, other, "connection_alias_id", other, nil},
	} {
		w.Change(t, dictionary.TableProfile, id, map[string]string{change.column: change.value})
		plan := root.MustPlan(t)
		require.Equal(t, 2, plan.Code, "a changed %s is no drift", change.column)
		planned := plan.Change(profile)
		require.True(t, planned.Actions.Update(), "%s: %v", change.column, planned.Actions)
		require.Equal(t, change.now, planned.Before.(map[string]any)[change.attribute])
		if change.planned != nil {
			require.Equal(t, change.planned, planned.After.(map[string]any)[change.attribute])
		}
		applied := plan.Apply(t)
		require.Zero(t, applied.Code, applied.Errors())
		root.RequireEmptyPlan(t)
		require.Equal(t, "published", w.Get(t, dictionary.TableProfile, id)[dictionary.ProfileStatus])
	}
}

func TestAccProfile_disappears(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile())
	root.MustApply(t)
	w.Delete(t, dictionary.TableProfile, root.Attribute(t, profile, "id"))
	require.True(t, root.MustPlan(t).Change(profile).Actions.Create())
	root.MustApply(t)
	root.RequireEmptyPlan(t)
}

func TestAccProfile_import(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	first := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile())
	first.MustApply(t)
	sysID := first.Attribute(t, profile, "id")
	alias := first.Attribute(t, "servicenowsam_connection_alias.trello", "id")
	literal := `resource "servicenowsam_integration_profile" "trello" {
  display_name        = "Trello"
  profile_type        = "trello_enterprise_subscription"
  connection_alias_id = "` + alias + `"
}
`
	for _, id := range []string{sysID, "name:Trello"} {
		root := w.Root(t, w.ProviderBlock(), literal)
		imported := root.Import(t, profile, id)
		require.Zero(t, imported.Code, imported.Output)
		root.RequireEmptyPlan(t)
	}
	for id, complaint := range map[string]string{
		"name:Nobody":                      "no such record",
		"Trello":                           "neither a sys_id",
		"00000000000000000000000000000000": "no such record",
	} {
		imported := w.Root(t, w.ProviderBlock(), literal).Import(t, profile, id)
		require.NotZero(t, imported.Code)
		require.Contains(t, imported.Text(), complaint)
	}
}

package acctest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

const dataSources = `
data "servicenowsam_software_subscriptions" "all" {
  profile_id = servicenowsam_subscription_sync.trello.profile_id
}
data "servicenowsam_software_subscriptions" "idle" {
  profile_id        = servicenowsam_subscription_sync.trello.profile_id
  min_inactive_days = 60
  active            = true
  limit             = 2
  redact_users      = true
}
data "servicenowsam_software_subscriptions" "counts" {
  profile_id = servicenowsam_subscription_sync.trello.profile_id
  limit      = 0
}
data "servicenowsam_removal_candidates" "open" {
  profile_id = servicenowsam_subscription_sync.trello.profile_id
}
data "servicenowsam_removal_candidates" "closed" {
  profile_id = servicenowsam_subscription_sync.trello.profile_id
  states     = ["closed_complete"]
}
data "servicenowsam_removal_candidates" "redacted" {
  profile_id   = servicenowsam_subscription_sync.trello.profile_id
  states       = ["ready"]
  redact_users = true
  limit        = 1
}
data "servicenowsam_integration_profile" "by_id" {
  id = servicenowsam_subscription_sync.trello.profile_id
}
data "servicenowsam_integration_profile" "by_name" {
  display_name = "Trello"
  depends_on   = [servicenowsam_integration_profile.trello]
}
data "servicenowsam_integration_profiles" "published" {
  status     = "published"
  depends_on = [servicenowsam_integration_profile.trello]
}
data "servicenowsam_connection_alias" "by_alias" {
  alias_id   = "sn_trello_spoke.Trello_Alias"
  depends_on = [servicenowsam_connection_alias.trello]
}
data "servicenowsam_connection_alias" "by_id" {
  id = servicenowsam_connection_alias.trello.id
}
data "servicenowsam_scheduled_jobs" "jobs" {
  profile_id = servicenowsam_subscription_sync.trello.profile_id
}
data "servicenowsam_scheduled_job_results" "results" {
  profile_id = servicenowsam_subscription_sync.trello.profile_id
}
data "servicenowsam_profile_types" "all" {}
`

func TestAccDataSources(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(), dataSources)
	root.MustApply(t)
	root.RequireEmptyPlan(t)
	data := func(name string) map[string]any {
		attributes := root.Attributes(t, "data.servicenowsam_"+name)
		require.NotNil(t, attributes, name)
		return attributes
	}

	licensed := len(w.Double.Members(0, func(m trello.Member) bool { return m.Licensed && !m.Deactivated }))
	all := data("software_subscriptions.all")
	rows := all["subscriptions"].([]any)
	require.EqualValues(t, licensed, all["total_count"])
	require.Len(t, rows, licensed)
	sum := 0.0
	for _, n := range all["buckets"].(map[string]any) {
		sum += n.(float64)
	}
	require.EqualValues(t, licensed, sum, "every subscription is in one bucket")
	for _, row := range rows {
		r := row.(map[string]any)
		require.NotEmpty(t, r["user_principal_name"])
		require.Equal(t, r["user_id"] == nil, r["user_name"] == nil, "who is resolved has a name: %v", r)
		require.Equal(t, "Trello Enterprise", r["product"])
	}

	idle := data("software_subscriptions.idle")
	require.Len(t, idle["subscriptions"], 2)
	require.Greater(t, idle["total_count"], 2.0, "the limit does not limit the count")
	for _, row := range idle["subscriptions"].([]any) {
		r := row.(map[string]any)
		for _, personal := range []string{"user_principal_name", "external_user_id", "user_id", "user_name"} {
			require.Nil(t, r[personal], personal)
		}
		if days, seen := r["inactive_days"].(float64); seen {
			require.GreaterOrEqual(t, days, 60.0)
		}
	}
	require.Empty(t, data("software_subscriptions.counts")["subscriptions"])

	open := data("removal_candidates.open")
	require.Positive(t, open["total_count"])
	require.Equal(t, open["total_count"], open["counts"].(map[string]any)["ready"])
	candidate := open["candidates"].([]any)[0].(map[string]any)
	require.Equal(t, "ready", candidate["state"])
	require.Equal(t, true, candidate["open"])
	require.Regexp(t, `^RCC\d+$`, candidate["number"])
	require.NotEmpty(t, candidate["user_principal_name"])
	require.EqualValues(t, 0, data("removal_candidates.closed")["total_count"])
	redacted := data("removal_candidates.redacted")["candidates"].([]any)
	require.Len(t, redacted, 1)
	require.Nil(t, redacted[0].(map[string]any)["user_principal_name"])

	require.Equal(t, data("integration_profile.by_id"), data("integration_profile.by_name"))
	require.Equal(t, "sn_trello_spoke.Trello_Alias", data("integration_profile.by_id")["connection_alias"])
	require.Len(t, data("integration_profiles.published")["profiles"], 1)
	require.Equal(t, data("connection_alias.by_id"), data("connection_alias.by_alias"))
	require.Equal(t, w.Double.URL, data("connection_alias.by_id")["connection_url"])
	require.EqualValues(t, 0, data("scheduled_jobs.jobs")["overdue_count"])
	require.Len(t, data("scheduled_jobs.jobs")["jobs"], 1)
	results := data("scheduled_job_results.results")["results"].([]any)
	require.Len(t, results, 1)
	require.Equal(t, "completed", results[0].(map[string]any)["status"])
	for _, row := range data("profile_types.all")["profile_types"].([]any) {
		profileType := row.(map[string]any)
		require.Equal(t, profileType["value"] != dictionary.TypeCustom, profileType["installed"], profileType["value"])
	}
}

func TestAccDataSources_noDatabaseReadsAsEmpty(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), `
data "servicenowsam_software_subscriptions" "all" {}
data "servicenowsam_integration_profiles" "all" {}
data "servicenowsam_removal_candidates" "all" {}
`)
	root.MustApply(t)
	require.EqualValues(t, 0, root.Attributes(t, "data.servicenowsam_software_subscriptions.all")["total_count"])
	require.Empty(t, root.Attributes(t, "data.servicenowsam_integration_profiles.all")["profiles"])
	require.NoFileExists(t, w.Database)
}

func TestAccDataSources_refused(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	for config, want := range map[string]string{
		`data "servicenowsam_integration_profile" "x" {}`:                                          "Missing Attribute Configuration",
		`data "servicenowsam_integration_profile" "x" { display_name = "Nobody" }`:                 "no such record",
		`data "servicenowsam_connection_alias" "x" { alias_id = "sn_nothing.Here" }`:               "no such record",
		`data "servicenowsam_software_subscriptions" "x" { profile_id = "Trello" }`:                "must be a sys_id",
		`data "servicenowsam_removal_candidates" "x" { states = ["Ready"] }`:                       "ready",
		`data "servicenowsam_software_subscriptions" "x" { user = "a^ORactive=true" }`:             "^",
		`data "servicenowsam_integration_profile" "x" { id = "00000000000000000000000000000000" }`: "no such record",
	} {
		plan := w.Root(t, w.ProviderBlock(), config).Plan(t)
		require.Equal(t, 1, plan.Code, config)
		require.Contains(t, plan.Errors(), want, config)
	}
}

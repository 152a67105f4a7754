package integrationprofile_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

const (
	asanaProfile      = "servicenowsam_integration_profile.asana"
	confluenceProfile = "servicenowsam_integration_profile.confluence"
	bothAlias         = "sn_conflunce_spoke.confluence_subscription_activity_reclaim"
)

func asanaAlias(d *asana.Server, credential string) string {
	return acctest.Resource("connection_alias", "asana", `adopt = "sn_asana_spoke.Asana"`,
		fmt.Sprintf("connection_url = %q", d.URL), credential)
}

func asanaConfig(inner ...string) string {
	return acctest.Resource("integration_profile", "asana", append([]string{
		`display_name = "Asana"`, `profile_type = "asana_subscription"`,
		`connection_alias_id = servicenowsam_connection_alias.asana.id`,
	}, inner...)...)
}

func confluenceAlias(d *confluence.Server, id, credential string) string {
	return acctest.Resource("connection_alias", "confluence", fmt.Sprintf("adopt = %q", id),
		fmt.Sprintf("connection_url = %q", d.GatewayURL()), credential)
}

func confluenceConfig(inner ...string) string {
	return acctest.Resource("integration_profile", "confluence", append([]string{
		`display_name = "Confluence"`, `profile_type = "confluence_cloud_subscription"`,
	}, inner...)...)
}

// asanaRoot is a root with a published Asana profile.
func asanaRoot(t *testing.T, inner ...string) (w *acctest.World, d *asana.Server, alias string, root *acctest.Root) {
	t.Helper()
	w = acctest.NewWorld(t, acctest.Options{})
	d = w.Asana(t, asana.Options{})
	alias = asanaAlias(d, acctest.BearerToken(d.Token(), 1))
	root = w.Root(t, w.ProviderBlock(), alias, asanaConfig(inner...))
	root.MustApply(t)
	root.RequireEmptyPlan(t)
	return w, d, alias, root
}

func TestAccProfile_asana(t *testing.T) {
	t.Parallel()
	w, _, alias, root := asanaRoot(t, `activity_lookback_days = 30`)
	state := root.Attributes(t, asanaProfile)
	require.Equal(t, "published", state["status"])
	require.Equal(t, true, state["download_activity"])
	require.Equal(t, []any{"SAM - Refresh Asana Activity", "SAM - Refresh Asana Subscriptions"}, state["job_names"])
	require.NotEmpty(t, state["analyze_activity_from"])

	root.Write(t, w.ProviderBlock(), alias, asanaConfig(`activity_lookback_days = 30`, `download_activity = false`))
	plan := root.MustPlan(t)
	require.Contains(t, plan.Warnings(), "goes through Draft")
	require.Contains(t, plan.Change(asanaProfile).AfterUnknown, "job_names")
	applied := plan.Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	state = root.Attributes(t, asanaProfile)
	require.Equal(t, "published", state["status"])
	require.Equal(t, []any{"SAM - Refresh Asana Subscriptions"}, state["job_names"])
	root.RequireEmptyPlan(t)

	root.Write(t, w.ProviderBlock(), alias, asanaConfig(`activity_lookback_days = 30`))
	root.MustApply(t)
	require.Len(t, root.Attributes(t, asanaProfile)["job_names"], 2)
	root.RequireEmptyPlan(t)
}

func TestAccProfile_lookback(t *testing.T) {
	t.Parallel()
	w, _, alias, root := asanaRoot(t)
	id := root.Attribute(t, asanaProfile, "id")
	from := time.Now().UTC().AddDate(0, 0, -10).Truncate(time.Second)
	elsewhere := from.In(time.FixedZone("", 2*60*60)).Format(time.RFC3339)
	root.Write(t, w.ProviderBlock(), alias, asanaConfig(fmt.Sprintf("analyze_activity_from = %q", elsewhere)))
	require.Empty(t, root.MustPlan(t).Change(asanaProfile).AfterUnknown)
	root.MustApply(t)
	root.RequireEmptyPlan(t)
	require.Equal(t, from.Format(time.DateTime), w.Get(t, dictionary.TableProfile, id)[dictionary.ProfileAnalyzeFrom])

	root.Write(t, w.ProviderBlock(), alias, asanaConfig(`activity_lookback_days = 20`))
	root.MustApply(t)
	root.RequireEmptyPlan(t)
	require.Contains(t, w.Get(t, dictionary.TableProfile, id)[dictionary.ProfileCustomProperties], `"activity_lookback_days":20`)
	reader := w.Root(t, w.ProviderBlock(), fmt.Sprintf(`data "servicenowsam_integration_profile" "asana" { id = %q }`, id))
	reader.MustApply(t)
	require.EqualValues(t, 20, reader.Attributes(t, "data.servicenowsam_integration_profile.asana")["activity_lookback_days"])
	root.Write(t, w.ProviderBlock(), alias, asanaConfig())
	root.MustApply(t)
	root.RequireEmptyPlan(t)
	require.NotContains(t, w.Get(t, dictionary.TableProfile, id)[dictionary.ProfileCustomProperties], "activity_lookback_days")
}

func TestAccProfile_asanaSettings(t *testing.T) {
	t.Parallel()
	w, d, alias, root := asanaRoot(t)
	root.Write(t, w.ProviderBlock(), alias, asanaConfig(fmt.Sprintf(
		"vendor_config = { asana = { workspace_id = %q, include_guests = false, activity_method = \"stories\" } }", d.WorkspaceID())))
	plan := root.MustPlan(t)
	require.Contains(t, plan.Change(asanaProfile).AfterUnknown, "validated_at")
	require.Zero(t, plan.Apply(t).Code)
	root.RequireEmptyPlan(t)
	reader := w.Root(t, w.ProviderBlock(), `data "servicenowsam_integration_profile" "asana" { display_name = "Asana" }`,
		`data "servicenowsam_integration_profiles" "all" {}`)
	reader.MustApply(t)
	shown := reader.Attributes(t, "data.servicenowsam_integration_profile.asana")
	require.Equal(t, map[string]any{"activity_method": "stories", "include_guests": "false", "workspace_id": d.WorkspaceID()}, shown["vendor_config"])
	require.Nil(t, shown["activity_lookback_days"])
	require.Equal(t, shown["vendor_config"],
		reader.Attributes(t, "data.servicenowsam_integration_profiles.all")["profiles"].([]any)[0].(map[string]any)["vendor_config"])

	w.Change(t, dictionary.TableProfile, root.Attribute(t, asanaProfile, "id"), map[string]string{
		dictionary.ProfileCustomProperties: `{"vendor_config":{"activity_method":"auto"}}`,
	})
	drift := root.MustPlan(t).Change(asanaProfile)
	before := drift.Before.(map[string]any)["vendor_config"].(map[string]any)["asana"].(map[string]any)
	require.Equal(t, "auto", before["activity_method"])
	require.Nil(t, before["workspace_id"])
	root.MustApply(t)
	root.RequireEmptyPlan(t)
	root.Write(t, w.ProviderBlock(), alias, asanaConfig())
	root.MustApply(t)
	root.RequireEmptyPlan(t)
}

func TestAccProfile_consentPending(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	d := w.Asana(t, asana.Options{})
	alias := asanaAlias(d, acctest.AsanaApp(d))
	root := w.Root(t, w.ProviderBlock(), alias, asanaConfig())
	created := root.MustApply(t)
	for _, part := range []string{
		"rests in Draft until somebody consents",
		"terraform-provider-servicenowsam authorize --alias sn_asana_spoke.Asana --database sqlite:" + w.Database,
	} {
		require.Contains(t, created.Warnings(), part)
	}
	require.Equal(t, "draft", root.Attribute(t, asanaProfile, "status"))
	app := root.Attributes(t, "servicenowsam_connection_alias.asana")["oauth"].(map[string]any)
	require.Equal(t, "pending", app["token_status"])
	require.Equal(t, "https://localhost:8765/oauth_redirect.do", app["redirect_url"])
	require.Contains(t, root.RequireEmptyPlan(t).Warnings(), "rests in Draft until somebody consents")

	w.Consent(t, "sn_asana_spoke.Asana")
	plan := root.MustPlan(t)
	require.Equal(t, "published", plan.Change(asanaProfile).After.(map[string]any)["status"])
	applied := plan.Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	require.NotContains(t, applied.Warnings(), "consents")
	require.Equal(t, "published", root.Attribute(t, asanaProfile, "status"))
	root.RequireEmptyPlan(t)
	app = root.Attributes(t, "servicenowsam_connection_alias.asana")["oauth"].(map[string]any)
	require.Equal(t, "authorized", app["token_status"])
	gone := root.Destroy(t)
	require.Zero(t, gone.Code, gone.Errors())
	for _, table := range []string{
		dictionary.TableOAuthEntity, dictionary.TableOAuthEntityProfile, dictionary.TableOAuthToken, dictionary.TableOAuthCredential,
	} {
		require.Empty(t, w.Find(t, table, ""), "%s is left behind", table)
	}
}

func TestAccProfile_confluence(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	d := w.Confluence(t, confluence.Options{})
	aliases := confluenceAlias(d, bothAlias, acctest.BearerToken(d.Token(), 1)) +
		acctest.Resource("connection_alias", "activity", `adopt = "sn_conflunce_spoke.confluence_subscription_activity"`,
			`connection_name = "Confluence without reclaim"`, fmt.Sprintf("connection_url = %q", d.GatewayURL()),
			acctest.BearerToken(d.Token(), 1))
	const wait = `depends_on = [servicenowsam_connection_alias.confluence, servicenowsam_connection_alias.activity]`
	root := w.Root(t, w.ProviderBlock(), aliases, confluenceConfig(wait))
	root.MustApply(t)
	state := root.Attributes(t, confluenceProfile)
	require.Equal(t, "published", state["status"])
	require.NotEmpty(t, state["resolved_group_ids"])
	require.Equal(t, root.Attribute(t, "servicenowsam_connection_alias.confluence", "id"), state["connection_alias_id"])
	root.RequireEmptyPlan(t)

	root.Write(t, w.ProviderBlock(), aliases, confluenceConfig(wait, `reclaim_subscriptions = false`))
	plan := root.MustPlan(t)
	other := root.Attribute(t, "servicenowsam_connection_alias.activity", "id")
	require.Equal(t, other, plan.Change(confluenceProfile).After.(map[string]any)["connection_alias_id"])
	applied := plan.Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	require.Equal(t, other, root.Attribute(t, confluenceProfile, "connection_alias_id"))
	root.RequireEmptyPlan(t)

	chosen := `connection_alias_id = servicenowsam_connection_alias.confluence.id`
	root.Write(t, w.ProviderBlock(), aliases, confluenceConfig(wait, chosen, `reclaim_subscriptions = false`))
	root.MustApply(t)
	root.RequireEmptyPlan(t)
	root.Write(t, w.ProviderBlock(), aliases, confluenceConfig(wait, chosen, `download_activity = false`))
	root.MustApply(t)
	require.Equal(t, root.Attribute(t, "servicenowsam_connection_alias.confluence", "id"),
		root.Attribute(t, confluenceProfile, "connection_alias_id"))
	root.RequireEmptyPlan(t)

	groups := `data "servicenowsam_confluence_groups" "all" {
  connection_alias_id = servicenowsam_connection_alias.confluence.id
  access_only         = true
}
`
	one := `vendor_config = { confluence = { group_ids = slice(sort(data.servicenowsam_confluence_groups.all.groups[*].id), 0, 1) } }`
	root.Write(t, w.ProviderBlock(), aliases, groups, confluenceConfig(wait, one))
	root.MustApply(t)
	require.Nil(t, root.Attributes(t, confluenceProfile)["resolved_group_ids"])
	root.RequireEmptyPlan(t)
}

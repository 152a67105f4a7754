package childalias_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

const child = "servicenowsam_child_alias.second"

func childOf(w *acctest.World, inner ...string) string {
	return acctest.Resource("child_alias", "second", append([]string{
		`name = "Trello_Second"`, fmt.Sprintf("connection_url = %q", w.Double.URL), w.Credential(),
	}, inner...)...)
}

func secondProfile(inner ...string) string {
	return acctest.Resource("integration_profile", "second", append([]string{
		`display_name = "Second"`, `profile_type = "trello_enterprise_subscription"`,
		`connection_alias_id = servicenowsam_child_alias.second.id`,
	}, inner...)...)
}

const ofTrello = `parent = "sn_trello_spoke.Trello_Alias"`

func TestAccChildAlias_lifecycle(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), childOf(w, ofTrello), secondProfile())
	root.MustApply(t)
	state := root.Attributes(t, child)
	parent := root.Attribute(t, "servicenowsam_connection_alias.trello", "id")
	require.Equal(t, parent, state["parent_id"])
	require.Equal(t, "sn_trello_spoke.Trello_Alias", state["parent_alias_id"])
	require.Equal(t, "sn_trello_spoke.Trello_Second", state["alias_id"])
	require.Equal(t, "Trello", state["configuration_template"])
	require.Equal(t, "http_connection", state["connection_type"])
	require.Equal(t, "published", root.Attribute(t, "servicenowsam_integration_profile.second", "status"))
	root.RequireEmptyPlan(t)

	// The parent by its other name is the same parent.
	id := root.Attribute(t, child, "id")
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), secondProfile(),
		childOf(w, `parent = servicenowsam_connection_alias.trello.id`, `active = true`))
	require.False(t, root.MustPlan(t).Change(child).Actions.Replace())
	root.MustApply(t)
	require.Equal(t, id, root.Attribute(t, child, "id"))
	root.RequireEmptyPlan(t)

	// A changed parent flows to the child, and is no noise.
	policy := w.Insert(t, dictionary.TableRetryPolicy, map[string]string{"name": "Patient"})
	w.Change(t, dictionary.TableAlias, parent, map[string]string{dictionary.AliasRetryPolicy: policy})
	root.RequireEmptyPlan(t)
	root.MustApply(t)
	require.Equal(t, policy, w.Get(t, dictionary.TableAlias, id)[dictionary.AliasRetryPolicy])

	// In use, it stays.
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(),
		"removed {\n  from = servicenowsam_integration_profile.second\n  lifecycle {\n    destroy = false\n  }\n}\n")
	refused := root.Apply(t)
	require.Equal(t, 1, refused.Code)
	require.Contains(t, refused.Errors(), "The connection alias is in use")
	require.NotNil(t, w.Get(t, dictionary.TableAlias, id))
	require.Len(t, w.Find(t, dictionary.TableHTTPConnection, "connection_alias="+id), 1, "nothing was deleted")
}

func TestAccChildAlias_destroy(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), childOf(w, ofTrello))
	root.MustApply(t)
	id := root.Attribute(t, child, "id")
	gone := root.Destroy(t)
	require.Zero(t, gone.Code, gone.Errors())
	require.Nil(t, w.Get(t, dictionary.TableAlias, id))
	require.Empty(t, w.Find(t, dictionary.TableHTTPConnection, ""))
	require.Empty(t, w.Find(t, dictionary.TableAPIKeyCredential, ""))
}

func TestAccChildAlias_import(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	first := w.Root(t, w.ProviderBlock(), childOf(w, ofTrello))
	first.MustApply(t)
	for _, id := range []string{first.Attribute(t, child, "id"), "sn_trello_spoke.Trello_Second"} {
		root := w.Root(t, w.ProviderBlock(), childOf(w, ofTrello))
		imported := root.Import(t, child, id)
		require.Zero(t, imported.Code, imported.Output)
		require.False(t, root.MustPlan(t).Change(child).Actions.Replace())
		root.MustApply(t)
		root.RequireEmptyPlan(t)
	}
	top := w.Root(t, w.ProviderBlock(), childOf(w, ofTrello)).Import(t, child, "sn_trello_spoke.Trello_Alias")
	require.NotZero(t, top.Code)
	require.Contains(t, top.Text(), "it has no parent")
}

func TestAccChildAlias_refused(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	w.Root(t, w.ProviderBlock(), childOf(w, ofTrello)).MustApply(t)
	other := func(inner ...string) string {
		return acctest.Resource("child_alias", "second", append([]string{fmt.Sprintf("connection_url = %q", w.Double.URL)}, inner...)...)
	}
	for name, c := range map[string]struct{ config, want string }{
		"a child of a child":   {other(`name = "Third"`, `parent = "sn_trello_spoke.Trello_Second"`, w.Credential()), "A child alias cannot have children"},
		"no such parent":       {other(`name = "Third"`, `parent = "sn_trello_spoke.Nothing"`, w.Credential()), "No such connection alias"},
		"a name that is taken": {childOf(w, ofTrello), "exists already"},
		"another vendor's parent": {
			other(`name = "Third"`, `parent = "sn_asana_spoke.Asana"`, `profile_type = "trello_enterprise_subscription"`, w.Credential()),
			"The parent is another vendor's",
		},
		"another vendor's credential": {
			other(`name = "Third"`, `parent = "sn_asana_spoke.Asana"`, w.Credential()), "Set oauth or token instead",
		},
		"a name with a blank": {other(`name = "Third one"`, ofTrello, w.Credential()), "letters, digits and underscores"},
		"two credentials": {
			other(`name = "Third"`, `parent = "sn_asana_spoke.Asana"`, w.Credential(), acctest.BearerToken("x", 1)), "api_key",
		},
		"a profile of another vendor": {
			other(`name = "Third"`, `parent = "sn_asana_spoke.Asana"`, acctest.BearerToken("x", 1)) + secondProfile(),
			"the instance refused",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := w.Root(t, w.ProviderBlock(), c.config).Apply(t)
			require.Equal(t, 1, result.Code)
			require.Contains(t, result.Errors(), c.want)
		})
	}
}

// Two Confluence profiles with different toggles have the same parent, whose template decides what a child's dialog asks.
func TestAccChildAlias_confluenceTemplates(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	d := w.Confluence(t, confluence.Options{})
	config := ""
	for name, toggles := range map[string]string{"both": "", "download": "download_activity = false\nreclaim_subscriptions = false"} {
		config += acctest.Resource("child_alias", name, fmt.Sprintf("name = \"Confluence_%s\"", name), toggles,
			`parent = "sn_conflunce_spoke.Confluence_Cloud"`, fmt.Sprintf("connection_url = %q", d.GatewayURL()), acctest.BearerToken(d.Token(), 1))
	}
	root := w.Root(t, w.ProviderBlock(), config)
	root.MustApply(t)
	require.Equal(t, "Confluence Subscription Activity and Reclaim", root.Attribute(t, "servicenowsam_child_alias.both", "configuration_template"))
	require.Equal(t, "Confluence Subscription", root.Attribute(t, "servicenowsam_child_alias.download", "configuration_template"))
	root.RequireEmptyPlan(t)
}

func TestAccChildAlias_tableMode(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	faults := new(restapi.Faults)
	faults.RemoveCompanion()
	root := w.Root(t, acctest.RemoteBlock(w.Remote(t, faults)), childOf(w, ofTrello))
	root.MustApply(t)
	require.Equal(t, "Trello", root.Attribute(t, child, "configuration_template"))
	root.RequireEmptyPlan(t)
	gone := root.Destroy(t)
	require.Zero(t, gone.Code, gone.Errors())
}

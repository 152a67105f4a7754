package engine_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

var (
	confluenceParent = dictionary.SeedID(dictionary.TableAlias, dictionary.ConfluenceParentAlias)
	asanaAlias       = dictionary.SeedID(dictionary.TableAlias, dictionary.AsanaAlias)
)

func templateID(name string) string { return dictionary.SeedID(dictionary.TableAliasTemplate, name) }

func TestChildAliasInheritsFromItsParent(t *testing.T) {
	t.Parallel()
	w := newVendorWorld(t)
	child, err := w.CreateChild(t.Context(), dictionary.AsanaAlias, companion.ChildRequest{Name: " emea "})
	require.NoError(t, err)
	require.Equal(t, companion.Alias{SysID: child.SysID, ID: "sn_asana_spoke.emea", Name: "emea", Parent: asanaAlias}, child)
	inherited := []string{"type", "connection_type", "configuration_template", "retry_policy", "multiple_connections"}
	same := func() {
		t.Helper()
		parent, row := w.get(dictionary.TableAlias, asanaAlias), w.get(dictionary.TableAlias, child.SysID)
		for _, column := range inherited {
			require.Equal(t, parent[column], row[column], column)
		}
	}
	same()
	w.update(dictionary.TableAlias, asanaAlias, store.Row{"configuration_template": templateID("OAuth Authorization Code"), "multiple_connections": "true"})
	require.Equal(t, "true", w.get(dictionary.TableAlias, child.SysID)["multiple_connections"])
	same()
	w.update(dictionary.TableAlias, child.SysID, store.Row{"multiple_connections": "false", "description": "Sales"})
	require.Equal(t, "Sales", w.get(dictionary.TableAlias, child.SysID)["description"])
	same()
}

func TestConfluenceChildGetsTheTemplateOfItsToggles(t *testing.T) {
	t.Parallel()
	w := newVendorWorld(t)
	off := false
	shipped := w.get(dictionary.TableAlias, confluenceBoth)["configuration_template"]
	requests := map[string]companion.ChildRequest{
		"Confluence Subscription Activity and Reclaim": {Name: "both"},
		"Confluence Subscription and Activity":         {Name: "activity", ReclaimSubscriptions: &off},
		"Confluence Subscription and Reclaim":          {Name: "reclaim", DownloadActivity: &off},
		"Confluence Subscription":                      {Name: "neither", DownloadActivity: &off, ReclaimSubscriptions: &off},
	}
	engines := []*world{w, w.another()}
	var all sync.WaitGroup
	for _, request := range requests { // at the same time, by two processes, with one parent
		for i, e := range engines {
			mine := request
			mine.Name += []string{"_a", "_b"}[i]
			all.Go(func() {
				_, err := e.CreateChild(t.Context(), confluenceParent, mine)
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	for template, request := range requests {
		children := w.find(dictionary.TableAlias, "nameSTARTSWITH"+request.Name+"_")
		require.Len(t, children, 2)
		for _, child := range children {
			require.Equal(t, templateID(template), child["configuration_template"], request.Name)
		}
	}
	require.Equal(t, shipped, w.get(dictionary.TableAlias, confluenceBoth)["configuration_template"])
}

func TestChildAliasIsRefused(t *testing.T) {
	t.Parallel()
	w := newVendorWorld(t)
	create := func(parent, name string) error {
		_, err := w.CreateChild(t.Context(), parent, companion.ChildRequest{Name: name})
		return err
	}
	require.ErrorIs(t, create("sn_asana_spoke.None", "a"), store.ErrNotFound)
	refused(t, create(dictionary.AsanaAlias, "not good"), "letters, digits and underscore")
	refused(t, create(confluenceBoth, "grandchild"), "use its parent sn_conflunce_spoke.Confluence_Cloud")
	require.NoError(t, create(dictionary.AsanaAlias, "emea"))
	var conflict *store.ConflictError
	require.ErrorAs(t, create(dictionary.AsanaAlias, "emea"), &conflict)

	child := w.find(dictionary.TableAlias, "name=emea")[0]
	_, err := w.Insert(t.Context(), dictionary.TableProfile, store.Row{
		"display_name": "Trello", "profile_type": dictionary.TypeTrello, "connection_credential": child["sys_id"],
	}, store.WriteOptions{})
	refused(t, err, "is one of Asana, and the integration profile is for Trello Enterprise")
	_, err = w.Update(t.Context(), dictionary.TableAlias, child["sys_id"], store.Row{"parent": trelloAlias}, store.WriteOptions{})
	refused(t, err, "cannot be changed")

	w.draftOf(dictionary.TypeAsana, store.Row{"connection_credential": child["sys_id"]})
	refused(t, w.Delete(t.Context(), dictionary.TableAlias, child["sys_id"]), `used by the integration profile "Profile"`)
	require.NoError(t, w.Delete(t.Context(), dictionary.TableProfile, w.profile))
	require.NoError(t, w.Delete(t.Context(), dictionary.TableAlias, child["sys_id"]))
}

func TestTwoSitesThroughChildAliases(t *testing.T) {
	t.Parallel()
	w := newVendorWorld(t)
	first, err := w.CreateChild(t.Context(), confluenceParent, companion.ChildRequest{Name: "first_site"})
	require.NoError(t, err)
	second, err := w.CreateChild(t.Context(), confluenceParent, companion.ChildRequest{Name: "second_site"})
	require.NoError(t, err)
	profiles := map[string]int{}
	for members, alias := range map[int]companion.Alias{5: first, 8: second} {
		site := w.confluence(confluenceOptions(members))
		w.connection(alias.SysID, site.GatewayURL(), w.bearer(site.Token()))
		w.draftOf(dictionary.TypeConfluence, store.Row{"display_name": alias.Name, "connection_credential": alias.SysID})
		w.publishNow()
		require.Equal(t, members, w.refresh().Downloaded)
		profiles[w.profile] = members
	}
	for profile, members := range profiles {
		require.Equal(t, members, w.count(dictionary.TableSubscription, "subscription_profile="+profile))
	}
}

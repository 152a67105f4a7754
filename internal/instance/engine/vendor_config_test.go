package engine_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
	confluencedouble "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

func TestLookbackIsChecked(t *testing.T) {
	t.Parallel()
	w := newVendorWorld(t)
	insert := func(profileType string, values store.Row) error {
		row := store.Row{"display_name": "P", "profile_type": profileType}
		maps.Copy(row, values)
		_, err := w.Insert(t.Context(), dictionary.TableProfile, row, store.WriteOptions{})
		return err
	}
	refused(t, insert(dictionary.TypeAsana, store.Row{"analyze_activity_from": "2026-11-24 10:00:01"}), "lies in the future")
	refused(t, insert(dictionary.TypeAsana, store.Row{"analyze_activity_from": "2026-09-24 00:00:00"}), "at most 60 days back")
	refused(t, insert(dictionary.TypeAsana, store.Row{"custom_properties": `{"activity_lookback_days":61}`}), "between 1 and 60")
	refused(t, insert(dictionary.TypeAsana, store.Row{"custom_properties": `{"activity_lookback_days":-1}`}), "between 1 and 60")
	refused(t, insert(dictionary.TypeTrello, store.Row{"custom_properties": `{"activity_lookback_days":30}`}), "has no activity subflow")
	require.NoError(t, insert(dictionary.TypeAsana, store.Row{"analyze_activity_from": "2026-11-24 10:00:00"}))
	profile := w.find(dictionary.TableProfile, "")[0]
	w.clock.advance(100 * day)
	w.update(dictionary.TableProfile, profile["sys_id"], store.Row{"analyze_activity_from": "2026-11-24 10:00:00", "display_name": "Aged"})
	_, err := w.Update(t.Context(), dictionary.TableProfile, profile["sys_id"], store.Row{"custom_properties": `{"activity_lookback_days":99}`}, store.WriteOptions{})
	refused(t, err, "between 1 and 60")
	w.update(dictionary.TableProfile, profile["sys_id"], store.Row{"custom_properties": `{"activity_lookback_days":7}`})
}

func TestConfluenceGroups(t *testing.T) {
	t.Parallel()
	w, site := newConfluence(t, 40, "30", nil)
	named := map[string]confluencedouble.Group{}
	for _, g := range site.Groups() {
		named[g.Name] = g
	}
	v := w.validate()
	var found []string
	for _, g := range v.Groups {
		require.True(t, g.Access)
		found = append(found, g.Name)
	}
	require.ElementsMatch(t, []string{"confluence-users-brightwater", "contractors", "okta-engineering"}, found)
	properties := w.get(dictionary.TableProfile, w.profile)["custom_properties"]
	require.Contains(t, properties, `"resolved_group_ids":"`)
	require.NotContains(t, properties, "vendor_config", "what was found is not what was chosen")
	all := w.refresh().Downloaded

	p := w.update(dictionary.TableProfile, w.profile, store.Row{"custom_properties": `{"vendor_config":{"group_ids":"` + named["contractors"].ID + `"}}`})
	require.Equal(t, dictionary.ProfileStatusDraft, p["status"])
	require.NotContains(t, p["custom_properties"], "resolved_group_ids")
	v = w.validate()
	require.Len(t, v.Groups, 1)
	require.Equal(t, "contractors", v.Groups[0].Name)
	w.republish()
	o := w.refreshWith(companion.RefreshRequest{MaxRemovalFraction: 1})
	require.Less(t, o.Downloaded, all)

	w.update(dictionary.TableProfile, w.profile, store.Row{"custom_properties": `{"vendor_config":{"group_ids":"99999999-0000-4000-8000-000000000000"}}`})
	v = w.validate()
	require.False(t, v.Valid)
	require.Contains(t, messages(v), "99999999-0000-4000-8000-000000000000")

	w.draft()
	_, err := w.Groups(t.Context(), trelloAlias)
	refused(t, err, "Create the connection")
}

func TestMissingScopeIsNamed(t *testing.T) {
	t.Parallel()
	w := newVendorWorld(t)
	site := w.confluence(confluencedouble.Options{Members: 5})
	entity := w.confluenceGrant(site, confluenceBoth)
	w.draftOf(dictionary.TypeConfluence, nil)
	grant := site.Grant("read:confluence-groups", "read:confluence-user", "write:confluence-groups", "offline_access")
	w.insert(dictionary.TableOAuthToken, store.Row{"type": "refresh_token", "peer": entity["sys_id"], "token": grant.Refresh})
	v := w.validate()
	require.False(t, v.Valid)
	require.Contains(t, messages(v), "search:confluence")

	p := w.update(dictionary.TableProfile, w.profile, store.Row{"download_activity": "false", "reclaim_subscriptions": "false"})
	w.update(dictionary.TableHTTPConnection, w.find(dictionary.TableHTTPConnection, "")[0]["sys_id"], store.Row{"connection_alias": p["connection_credential"]})
	v = w.validate()
	require.True(t, v.Valid, "%+v", v.Checks)
	require.Contains(t, strings.Join(v.Warnings, "\n"), "write:confluence-groups")
}

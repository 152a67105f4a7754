package integrationprofile_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
)

const profileType = "servicenowsam_integration_profile"

// drafts is a root with a published profile "Trello" and drafts of other names.
func drafts(t *testing.T, w *acctest.World, names ...string) *acctest.Root {
	t.Helper()
	config := []string{w.ProviderBlock(), w.Alias(), w.Profile()}
	for i, name := range names {
		config = append(config, fmt.Sprintf("resource \"servicenowsam_connection_alias\" \"draft%[1]d\" {\n  name = \"Draft%[1]d\"\n"+
			"  profile_type = \"trello_enterprise_subscription\"\n  connection_name = \"Draft %[1]d\"\n  connection_url = %[3]q\n%[4]s}\n"+
			"resource \"servicenowsam_integration_profile\" \"draft%[1]d\" {\n  display_name = %[2]q\n"+
			"  profile_type = \"trello_enterprise_subscription\"\n  publish = false\n"+
			"  connection_alias_id = servicenowsam_connection_alias.draft%[1]d.id\n}\n", i, name, w.Double.URL, w.Credential()))
	}
	root := w.Root(t, config...)
	root.MustApply(t)
	return root
}

func names(t *testing.T, listed []acctest.Listed) []string {
	t.Helper()
	var names []string
	for _, l := range listed {
		require.Empty(t, l.Diagnostics)
		names = append(names, l.DisplayName)
	}
	return names
}

func TestProfileList_filters(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := drafts(t, w, "Trello EMEA", "Boards")
	p := w.Protocol(t, nil)
	for name, c := range map[string]struct {
		config acctest.Values
		want   []string
	}{
		"everything":   {nil, []string{"Trello", "Trello EMEA", "Boards"}},
		"by status":    {acctest.Values{"status": "draft"}, []string{"Trello EMEA", "Boards"}},
		"by name":      {acctest.Values{"name_contains": "trello"}, []string{"Trello", "Trello EMEA"}},
		"by type":      {acctest.Values{"profile_type": "trello_enterprise_subscription"}, []string{"Trello", "Trello EMEA", "Boards"}},
		"another type": {acctest.Values{"profile_type": "asana_subscription"}, nil},
		"by several":   {acctest.Values{"name_contains": "TRELLO", "status": "published"}, []string{"Trello"}},
	} {
		require.ElementsMatch(t, c.want, names(t, p.List(t, profileType, c.config, 100, false)), name)
	}

	published := p.List(t, profileType, acctest.Values{"status": "published"}, 100, false)[0]
	require.Equal(t, root.Attribute(t, "servicenowsam_integration_profile.trello", "id"), published.Identity["sys_id"])
	require.NotEmpty(t, published.Identity["instance"])
	require.Nil(t, published.Resource)

	invalid := p.List(t, profileType, acctest.Values{"status": "live"}, 100, false)
	require.Contains(t, acctest.Errors(invalid[0].Diagnostics), "draft")
}

func TestProfileList_limit(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	drafts(t, w, "One", "Two")
	p := w.Protocol(t, nil)
	require.Len(t, p.List(t, profileType, nil, 2, false), 2)
	require.Len(t, p.List(t, profileType, nil, 3, false), 3)
	require.Len(t, p.List(t, profileType, nil, 0, false), 3, "no limit")
}

// TestProfileList_resourceIsWhatAnImportReads keeps the list and Read from drifting apart.
func TestProfileList_resourceIsWhatAnImportReads(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := drafts(t, w)
	state := root.Attributes(t, "servicenowsam_integration_profile.trello")
	listed := w.Protocol(t, nil).List(t, profileType, nil, 100, true)
	require.Len(t, listed, 1)
	require.Empty(t, listed[0].Diagnostics)
	for name, value := range listed[0].Resource {
		if value.Type().Is(tftypes.String) {
			want, _ := state[name].(string)
			require.Equal(t, want, acctest.Text(t, value), name)
		}
		require.Equal(t, state[name] == nil, value.IsNull(), name)
	}

	configuration := fmt.Sprintf("import {\n  to = servicenowsam_integration_profile.trello\n  id = %q\n}\n", listed[0].Identity["sys_id"])
	imported := w.Root(t, w.ProviderBlock(), "variable \"alias\" { default = \""+acctest.Text(t, listed[0].Resource["connection_alias_id"])+"\" }",
		"resource \"servicenowsam_integration_profile\" \"trello\" {\n  display_name = \"Trello\"\n"+
			"  profile_type = \"trello_enterprise_subscription\"\n  connection_alias_id = var.alias\n}\n", configuration)
	imported.MustApply(t)
	imported.RequireEmptyPlan(t)
}

func TestProfileList_errorIsAResult(t *testing.T) {
	t.Parallel()
	faults := new(restapi.Faults)
	w := acctest.NewWorld(t, acctest.Options{Faults: faults})
	drafts(t, w)
	p := w.Protocol(t, nil)
	faults.Inject(restapi.Fault{Kind: restapi.FaultForbidden, Path: "samp_sw_subscription_profile"})
	listed := p.List(t, profileType, nil, 100, false)
	require.Len(t, listed, 1)
	require.Contains(t, acctest.Errors(listed[0].Diagnostics), "Could not list integration profiles")
}

func TestProfileList_withoutADatabase(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	require.Empty(t, w.Protocol(t, nil).List(t, profileType, nil, 100, true))
	require.NoFileExists(t, w.Database)
}

func TestProfileList_unknownProviderConfiguration(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	p := w.Protocol(t, acctest.Values{"embedded": acctest.Values{"database_url": acctest.Unknown}})
	listed := p.List(t, profileType, nil, 100, false)
	require.Len(t, listed, 1)
	require.Contains(t, acctest.Errors(listed[0].Diagnostics), "database_url")
}

package connectionalias_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
)

const aliasType = "servicenowsam_connection_alias"

func ids(t *testing.T, listed []acctest.Listed) []string {
	t.Helper()
	var ids []string
	for _, l := range listed {
		require.Empty(t, l.Diagnostics)
		ids = append(ids, l.DisplayName)
	}
	return ids
}

// ownAlias is an alias that no spoke ships; profileType may be empty.
func ownAlias(w *acctest.World, name, profileType string) string {
	if profileType != "" {
		profileType = fmt.Sprintf("  profile_type = %q\n", profileType)
	}
	return fmt.Sprintf("resource \"servicenowsam_connection_alias\" %[1]q {\n  name = %[1]q\n  connection_name = %[1]q\n%[2]s"+
		"  connection_url = %[3]q\n%[4]s}\n", name, profileType, w.Double.URL, w.Credential())
}

func TestAliasList(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), ownAlias(w, "Boards", "trello_enterprise_subscription"), ownAlias(w, "Elsewhere", ""))
	root.MustApply(t)
	boards := root.Attribute(t, "servicenowsam_connection_alias.Boards", "alias_id")
	elsewhere := root.Attribute(t, "servicenowsam_connection_alias.Elsewhere", "alias_id")
	shipped := root.Attribute(t, "servicenowsam_connection_alias.trello", "alias_id")
	second := w.Insert(t, dictionary.TableHTTPConnection, map[string]string{
		dictionary.ConnectionName: "Second", dictionary.ConnectionURL: w.Double.URL, dictionary.ConnectionActive: "false",
		dictionary.ConnectionAlias: root.Attribute(t, "servicenowsam_connection_alias.trello", "id"),
	})
	p := w.Protocol(t, nil)

	for name, c := range map[string]struct {
		config acctest.Values
		want   []string
	}{
		"those with a connection, each once":   {nil, []string{shipped, boards, elsewhere}},
		"by type":                              {acctest.Values{"profile_type": "trello_enterprise_subscription"}, []string{shipped, boards}},
		"another type":                         {acctest.Values{"profile_type": "asana_subscription"}, nil},
		"by name":                              {acctest.Values{"name_contains": "board"}, []string{boards}},
		"by the scope that is in the full id":  {acctest.Values{"name_contains": "sn_trello_spoke"}, []string{shipped}},
		"by type and name, none of which fits": {acctest.Values{"profile_type": "trello_enterprise_subscription", "name_contains": "Elsewhere"}, nil},
	} {
		require.ElementsMatch(t, c.want, ids(t, p.List(t, aliasType, c.config, 100, false)), name)
	}
	require.Len(t, p.List(t, aliasType, nil, 2, false), 2)

	unknown := p.List(t, aliasType, acctest.Values{"profile_type": "trelo"}, 100, false)
	require.Len(t, unknown, 1)
	require.Contains(t, acctest.Errors(unknown[0].Diagnostics), "trello_enterprise_subscription")

	w.Delete(t, dictionary.TableHTTPConnection, second)
	for _, listed := range p.List(t, aliasType, nil, 100, true) {
		require.Empty(t, listed.Diagnostics)
		for _, address := range []string{"trello", "Boards", "Elsewhere"} {
			state := root.Attributes(t, "servicenowsam_connection_alias."+address)
			if state["id"] == listed.Identity["sys_id"] {
				requireSame(t, state, listed.Resource)
			}
		}
	}
}

// requireSame compares with what is in the state, apart from what is in the configuration alone.
func requireSame(t *testing.T, state map[string]any, resource map[string]tftypes.Value) {
	t.Helper()
	for name, value := range resource {
		if name == "api_key" || name == "profile_type" {
			require.True(t, value.IsNull(), name)
			continue
		}
		require.Equal(t, state[name] == nil, value.IsNull(), name)
		if want, ok := state[name].(string); ok {
			require.Equal(t, want, acctest.Text(t, value), name)
		}
	}
}

func TestAliasList_errorIsAResult(t *testing.T) {
	t.Parallel()
	faults := new(restapi.Faults)
	w := acctest.NewWorld(t, acctest.Options{Faults: faults})
	w.Root(t, w.ProviderBlock(), w.Alias()).MustApply(t)
	p := w.Protocol(t, nil)
	faults.Inject(restapi.Fault{Kind: restapi.FaultForbidden, Path: dictionary.TableHTTPConnection})
	for _, includeResource := range []bool{false, true} {
		listed := p.List(t, aliasType, nil, 100, includeResource)
		require.Len(t, listed, 1)
		require.Contains(t, acctest.Errors(listed[0].Diagnostics), "Could not list connection aliases")
	}

	faults.Clear()
	faults.Inject(restapi.Fault{Kind: restapi.FaultForbidden, Path: dictionary.TableAPIKeyCredential})
	listed := p.List(t, aliasType, nil, 100, true)
	require.Len(t, listed, 1)
	require.Contains(t, acctest.Errors(listed[0].Diagnostics), "sn_trello_spoke.Trello_Alias")
}

func TestAliasList_withoutADatabase(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	require.Empty(t, w.Protocol(t, nil).List(t, aliasType, nil, 100, true), "aliases that spokes ship are not set up")
	require.NoFileExists(t, w.Database)
}

package exclusionrule_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
)

// rules is a world with two rules of each kind, one of which is switched off.
func rules(t *testing.T, o acctest.Options) *acctest.World {
	t.Helper()
	w := acctest.NewWorld(t, o)
	for table, key := range map[string]string{
		dictionary.TableIdentifierExclusion: dictionary.ExclusionIdentifier, dictionary.TableUserExclusion: dictionary.ExclusionUser,
	} {
		w.Insert(t, table, map[string]string{key: "on", dictionary.ExclusionProfileType: dictionary.TypeTrello})
		w.Insert(t, table, map[string]string{key: "off", dictionary.ExclusionProfileType: dictionary.TypeAsana, dictionary.ExclusionActive: "false"})
	}
	return w
}

func TestAccExclusionRules_dataSource(t *testing.T) {
	t.Parallel()
	w := rules(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(),
		"data \"servicenowsam_subscription_identifier_exclusion_rules\" \"all\" {}\n",
		"data \"servicenowsam_subscription_identifier_exclusion_rules\" \"on\" {\n  active = true\n}\n",
		"data \"servicenowsam_subscription_user_exclusion_rules\" \"all\" {}\n",
		"data \"servicenowsam_subscription_user_exclusion_rules\" \"asana\" {\n  profile_type = \"asana_subscription\"\n  include_personal_data = true\n}\n")
	root.MustApply(t)
	list := func(address string) []any {
		return root.Attributes(t, "data.servicenowsam_subscription_"+address)["rules"].([]any)
	}
	require.Len(t, list("identifier_exclusion_rules.all"), 2)
	on := list("identifier_exclusion_rules.on")
	require.Len(t, on, 1)
	require.Equal(t, map[string]any{
		"id": on[0].(map[string]any)["id"], "subscription_identifier": "on", "profile_type": dictionary.TypeTrello, "domain": "global", "active": true,
	}, on[0])
	for _, rule := range list("user_exclusion_rules.all") {
		require.Nil(t, rule.(map[string]any)["user_principal_name"], "names stay out of the state unless they are asked for")
	}
	asana := list("user_exclusion_rules.asana")
	require.Len(t, asana, 1)
	require.Equal(t, "off", asana[0].(map[string]any)["user_principal_name"])
	require.Equal(t, false, asana[0].(map[string]any)["active"])
}

func TestExclusionRuleList(t *testing.T) {
	t.Parallel()
	faults := new(restapi.Faults)
	w := rules(t, acctest.Options{Faults: faults})
	p := w.Protocol(t, nil)
	for typeName, key := range map[string]string{identifierType: "subscription_identifier", userType: "user_principal_name"} {
		require.Len(t, p.List(t, typeName, nil, 100, false), 2)
		require.Len(t, p.List(t, typeName, acctest.Values{"profile_type": dictionary.TypeTrello}, 100, false), 1)
		listed := p.List(t, typeName, acctest.Values{"active": false}, 100, true)
		require.Len(t, listed, 1)
		require.Empty(t, listed[0].Diagnostics)
		require.Equal(t, "off", listed[0].DisplayName)
		require.Equal(t, "off", acctest.Text(t, listed[0].Resource[key]))
		require.Equal(t, listed[0].Identity["sys_id"], acctest.Text(t, listed[0].Resource["id"]))
	}
	faults.Inject(restapi.Fault{Kind: restapi.FaultForbidden, Path: dictionary.TableUserExclusion})
	failed := p.List(t, userType, nil, 100, true)
	require.Len(t, failed, 1)
	require.Contains(t, acctest.Errors(failed[0].Diagnostics), "Could not list subscription user exclusion rules")
}

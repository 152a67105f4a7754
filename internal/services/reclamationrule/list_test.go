package reclamationrule_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
)

func TestRuleList(t *testing.T) {
	t.Parallel()
	w := published(t)
	w.Insert(t, dictionary.TableReclamationRule, map[string]string{
		dictionary.RuleName: "Desktops", dictionary.RuleAppliesTo: "Installed Software",
	})
	p := w.Protocol(t, nil)
	listed := p.List(t, ruleType, nil, 100, true)
	require.Len(t, listed, 1, "rules for installed software are no concern of this resource")
	require.Empty(t, listed[0].Diagnostics)
	require.Equal(t, "Trello Enterprise", listed[0].DisplayName)
	require.Equal(t, "Trello Enterprise", acctest.Text(t, listed[0].Resource["product"]))
	require.Equal(t, "trello_enterprise_subscription", acctest.Text(t, listed[0].Resource["profile_type"]))
	require.Equal(t, "Software managers", acctest.Text(t, listed[0].Resource["assignment_group"]))
	require.Empty(t, p.List(t, ruleType, acctest.Values{"name_contains": "Asana"}, 100, false))
	require.Len(t, p.List(t, ruleType, acctest.Values{"name_contains": "trello"}, 100, false), 1)
}

func TestRuleList_errorIsAResult(t *testing.T) {
	t.Parallel()
	faults := new(restapi.Faults)
	w := acctest.NewWorld(t, acctest.Options{Faults: faults})
	faults.Inject(restapi.Fault{Kind: restapi.FaultForbidden, Path: dictionary.TableReclamationRule})
	listed := w.Protocol(t, nil).List(t, ruleType, nil, 100, true)
	require.Len(t, listed, 1)
	require.Contains(t, acctest.Errors(listed[0].Diagnostics), "Could not list reclamation rules")
}

func TestAccReclamationRule_dataSource(t *testing.T) {
	t.Parallel()
	w := published(t)
	root := w.Root(t, w.ProviderBlock(),
		"data \"servicenowsam_reclamation_rule\" \"name\" {\n  product = \"Trello Enterprise\"\n}\n",
		"data \"servicenowsam_reclamation_rule\" \"type\" {\n  profile_type = \"trello_enterprise_subscription\"\n}\n",
		"data \"servicenowsam_reclamation_rule\" \"id\" {\n  id = data.servicenowsam_reclamation_rule.name.id\n}\n")
	root.MustApply(t)
	for _, name := range []string{"name", "type", "id"} {
		got := root.Attributes(t, "data.servicenowsam_reclamation_rule."+name)
		require.Equal(t, theRule(t, w)["sys_id"], got["id"], name)
		require.Equal(t, "Trello Enterprise", got["product"], name)
		require.EqualValues(t, 60, got["last_activity_threshold"], name)
		require.Equal(t, true, got["create_reclamation_candidate"], name)
	}
	root.Write(t, w.ProviderBlock(), "data \"servicenowsam_reclamation_rule\" \"name\" {\n  product = \"Asana\"\n}\n")
	require.Contains(t, root.Plan(t).Errors(), "Could not find reclamation rule")
}

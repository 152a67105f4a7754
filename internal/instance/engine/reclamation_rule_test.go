package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

func TestProductHasOneReclamationRule(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5)
	w.publish()
	link := w.find(dictionary.TableRuleProduct, "")[0]
	first := w.get(dictionary.TableReclamationRule, link[dictionary.RuleProductRule])
	attach := func(rule store.Row) error {
		_, err := w.Insert(t.Context(), dictionary.TableRuleProduct, store.Row{
			dictionary.RuleProductRule: rule["sys_id"], dictionary.RuleProductProduct: link[dictionary.RuleProductProduct],
		}, store.WriteOptions{})
		return err
	}

	second := w.insert(dictionary.TableReclamationRule, store.Row{dictionary.RuleName: "Trello again"})
	refused(t, attach(second), first["sys_id"])
	installed := w.insert(dictionary.TableReclamationRule, store.Row{
		dictionary.RuleName: "Desktops", dictionary.RuleAppliesTo: "Installed Software",
	})
	require.NoError(t, attach(installed), "a rule for installed software is another matter")
	_, err := w.Update(t.Context(), dictionary.TableReclamationRule, installed["sys_id"],
		store.Row{dictionary.RuleAppliesTo: dictionary.AppliesToSubscription}, store.WriteOptions{})
	refused(t, err, first["sys_id"])

	// Once the first one is gone, with its products, there is room for another.
	require.NoError(t, w.Delete(t.Context(), dictionary.TableReclamationRule, first["sys_id"]))
	require.Zero(t, w.count(dictionary.TableRuleProduct, dictionary.RuleProductRule+"="+first["sys_id"]))
	require.NoError(t, attach(second))
	require.Equal(t, second["sys_id"], w.republish().Rules[0].SysID)
}

func TestReclamationRuleRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5)
	w.publish()
	rule := w.find(dictionary.TableReclamationRule, "")[0]["sys_id"]
	write := func(column, value string) error {
		_, err := w.Update(t.Context(), dictionary.TableReclamationRule, rule, store.Row{column: value}, store.WriteOptions{})
		return err
	}
	for _, days := range []string{"", "0", "3651", "soon"} {
		refused(t, write(dictionary.RuleThresholdDays, days), "from 1 to 3650")
	}
	for _, days := range []string{"-1", "366", "soon"} {
		refused(t, write(dictionary.RuleDaysBeforeAuto, days), "from 0 to 365")
	}
	require.NoError(t, write(dictionary.RuleDaysBeforeAuto, ""))

	require.NoError(t, write(dictionary.RuleManagedBy, "one"))
	require.NoError(t, write(dictionary.RuleManagedBy, "one"))
	refused(t, write(dictionary.RuleManagedBy, "other"), "is managed by one")
	require.NoError(t, write(dictionary.RuleManagedBy, ""))
	require.NoError(t, write(dictionary.RuleManagedBy, "other"))
}

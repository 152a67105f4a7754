package engine

import (
	"context"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

func reclamationRuleRules() tableRules {
	return tableRules{beforeInsert: checkReclamationRule, beforeUpdate: checkReclamationRule}
}

func checkReclamationRule(_ context.Context, c *change) error {
	if c.after(dictionary.RuleName) == "" {
		return c.refuse("Name is mandatory", "a reclamation rule needs a name")
	}
	days, written := c.values[dictionary.RuleThresholdDays]
	if !written || (c.before == nil && days == "") {
		return nil
	}
	if _, ok := thresholdOf(store.Row{dictionary.RuleThresholdDays: days}); !ok {
		return c.refuse("Last activity threshold", "last_activity_threshold is a number of days from %d to %d, not %q", minThreshold, maxThreshold, days)
	}
	return nil
}

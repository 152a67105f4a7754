package engine

import (
	"context"
	"strconv"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
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
	if n, err := strconv.Atoi(days); err != nil || n < 1 {
		return c.refuse("Last activity threshold", "last_activity_threshold is a number of days of at least 1, not %q", days)
	}
	return nil
}

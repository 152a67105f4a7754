package engine

import (
	"context"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

func subscriptionRules() tableRules {
	return tableRules{
		beforeInsert: func(_ context.Context, c *change) error {
			c.fill(dictionary.SubscriptionUserSource, userSourceManual)
			c.fill(dictionary.SubscriptionActive, "true")
			return nil
		},
		afterDelete: func(ctx context.Context, c *change) error {
			_, err := c.tx.Exec(ctx, `UPDATE samp_sw_reclamation_candidate SET user_subscription = '' WHERE user_subscription = ?`, c.sysID())
			return err
		},
	}
}

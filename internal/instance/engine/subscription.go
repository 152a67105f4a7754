package engine

import (
	"context"
	"errors"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

func subscriptionRules() tableRules {
	return tableRules{
		beforeInsert: func(_ context.Context, c *change) error {
			c.values[dictionary.SubscriptionUserSource] = userSourceManual
			c.fill(dictionary.SubscriptionActive, "true")
			c.values[dictionary.SubscriptionUserOverridden] = boolean(c.values[dictionary.SubscriptionUser] != "")
			return nil
		},
		beforeUpdate: func(_ context.Context, c *change) error {
			if err := c.keep("User source is the instance's", "it tells who maintains the subscription", dictionary.SubscriptionUserSource); err != nil {
				return err
			}
			dropReadOnly(c)
			if c.changes(dictionary.SubscriptionUser) {
				c.values[dictionary.SubscriptionUserOverridden] = boolean(c.values[dictionary.SubscriptionUser] != "")
			}
			if c.before[dictionary.SubscriptionUserSource] == userSourceManual {
				return nil
			}
			return c.keep("The integration maintains it", "the vendor says whose licence this is, and since when; make a subscription of your own instead",
				dictionary.SubscriptionExternalUserID, dictionary.SubscriptionProfile, dictionary.SubscriptionIdentifier,
				dictionary.SubscriptionUPN, dictionary.SubscriptionLastActivity, dictionary.SubscriptionExternalCreated)
		},
		afterDelete: func(ctx context.Context, c *change) error { return releaseCandidates(ctx, c.tx, c.sysID()) },
	}
}

// deleteSubscription removes a subscription; one that is gone already is no error.
func deleteSubscription(ctx context.Context, tx *store.Tx, id string) error {
	if err := releaseCandidates(ctx, tx, id); err != nil {
		return err
	}
	if err := tx.Delete(ctx, dictionary.TableSubscription, id); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return nil
}

// releaseCandidates empties the user subscription of the candidates of one that goes.
func releaseCandidates(ctx context.Context, tx *store.Tx, id string) error {
	if id == "" {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE samp_sw_reclamation_candidate SET user_subscription = '' WHERE user_subscription = ?`, id)
	return err
}

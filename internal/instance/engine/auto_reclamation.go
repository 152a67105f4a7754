package engine

import (
	"context"
	"fmt"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// endUnanswered is the job that ends the wait for users who did not answer: their candidates are Awaiting Revocation once
// the days have passed that they were given, counted from the delivery of the question. It writes nothing at a vendor.
func endUnanswered(ctx context.Context, tx *store.Tx) (string, error) {
	now := formatDateTime(tx.Now())
	moved, err := transitAll(ctx, tx, mass{
		event: eventNoAnswer,
		note:  `'The user was told on ' || notified_on || ' and did not answer within ' || days_before_auto_reclamation || ' days.'`,
		condition: `notified_on <> '' AND days_before_auto_reclamation > 0
			AND datetime(notified_on, '+' || days_before_auto_reclamation || ' days') < ?`,
		args: []any{now},
	})
	return fmt.Sprintf("%d candidates without an answer await their revocation", moved), err
}

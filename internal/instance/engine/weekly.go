package engine

import (
	"context"
	"fmt"
	"strconv"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

const defaultErrorTimeoutDays = 30

// updateExistingCandidates is the weekly job "SAM — Updating Existing Reclamation Candidates": it closes candidates whose
// subscription is gone, and those that needed attention for too long.
func updateExistingCandidates(ctx context.Context, tx *store.Tx) (string, error) {
	days, err := errorTimeoutDays(ctx, tx)
	if err != nil {
		return "", err
	}
	closed := 0
	for _, m := range []mass{
		{
			event: eventSubscriptionGone, note: "'Closed because the user subscription is gone.'",
			condition: "user_subscription = '' AND applies_to = ?", args: []any{dictionary.AppliesToSubscription},
		},
		{
			event: eventErrorTimeout, note: "?", condition: "sys_updated_on < ?",
			args: []any{
				fmt.Sprintf("Closed because it required attention for %d days without a change.", days),
				formatDateTime(tx.Now().AddDate(0, 0, -days)),
			},
		},
	} {
		n, err := transitAll(ctx, tx, m)
		if err != nil {
			return "", err
		}
		closed += n
	}
	return fmt.Sprintf("%d candidates closed", closed), nil
}

func errorTimeoutDays(ctx context.Context, tx *store.Tx) (int, error) {
	property, err := findOne(ctx, tx, dictionary.TableProperty, dictionary.PropertyName+"="+dictionary.PropertyErrorTimeout)
	if err != nil {
		return 0, err
	}
	days, _ := strconv.Atoi(property[dictionary.PropertyValue])
	if days < 1 {
		days = defaultErrorTimeoutDays
	}
	return days, nil
}

package engine

import (
	"context"
	"fmt"
	"strconv"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// meterResources is the daily licensing job: it counts the people with an active subscription by distinct user principal
// name, whatever number of vendors they have licences of, without those whose every subscription is excluded. 15 of them are
// one subscription unit (managed-it-resource-types.md). That part of a unit is kept as two decimals is assumed.
func meterResources(ctx context.Context, tx *store.Tx) (message string, err error) {
	var all, counted int
	err = tx.QueryRow(ctx, `SELECT count(DISTINCT lower(user_principal_name)),
			count(DISTINCT CASE excluded_from_metering WHEN 0 THEN lower(user_principal_name) END)
		FROM samp_sw_subscription WHERE active = 1 AND user_principal_name <> ''`).Scan(&all, &counted)
	if err != nil {
		return "", fmt.Errorf("count the people with a subscription: %w", err)
	}
	_, err = tx.Insert(ctx, dictionary.TableMetering, store.Row{
		dictionary.MeteringApplication: dictionary.MeteringSAM,
		dictionary.MeteringCategory:    dictionary.MeteringSaaSUser,
		dictionary.MeteringCount:       strconv.Itoa(counted),
		dictionary.MeteringRatio:       strconv.Itoa(dictionary.UsersPerUnit),
		dictionary.MeteringUnits:       strconv.FormatFloat(float64(counted)/dictionary.UsersPerUnit, 'f', 2, 64),
		dictionary.MeteringAggregated:  "true",
		dictionary.MeteringStatus:      dictionary.MeteringCompleted,
		dictionary.MeteringExcluded:    strconv.Itoa(all - counted),
	})
	if err != nil {
		return "", fmt.Errorf("store the count of licensing resources: %w", err)
	}
	return fmt.Sprintf("%d users counted, %d excluded", counted, all-counted), nil
}

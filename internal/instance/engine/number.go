package engine

import (
	"context"
	"fmt"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// Prefixes of generated numbers.
const (
	candidatePrefix = "RCC"
	jobPrefix       = "JOB"
	runPrefix       = "RUN"
	reconcilePrefix = "REC"
)

// takeNumbers reserves count numbers of a prefix and returns the last that was given before. A number is never given
// twice, also when its row is deleted.
func takeNumbers(ctx context.Context, tx *store.Tx, prefix string, count int) (int64, error) {
	var last int64
	err := tx.QueryRow(ctx, `INSERT INTO snsam_meta (key, value) VALUES (?, ?)
		ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + excluded.value RETURNING value`, "number:"+prefix, count).Scan(&last)
	if err != nil {
		return 0, fmt.Errorf("take a number %s: %w", prefix, err)
	}
	return last - int64(count), nil
}

// takeNumber reserves one number.
func takeNumber(ctx context.Context, tx *store.Tx, prefix string) (string, error) {
	last, err := takeNumbers(ctx, tx, prefix, 1)
	return formatNumber(prefix, last+1), err
}

func formatNumber(prefix string, n int64) string { return fmt.Sprintf("%s%07d", prefix, n) }

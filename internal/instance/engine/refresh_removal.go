package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// removalChunk is how many subscriptions are removed in one transaction.
const removalChunk = 500

// removeVanished removes the subscriptions that the vendor does not list any more, if the list can be trusted.
func (f *refresh) removeVanished(ctx context.Context) error {
	vanished, err := f.vanished(ctx)
	if err != nil || len(vanished) == 0 {
		return err
	}
	if reason := f.reasonToHold(len(vanished)); reason != "" {
		f.outcome.RemovalsHeld = len(vanished)
		f.warn("%d of %d known subscriptions were not listed by the vendor, but nothing was removed: %s", len(vanished), f.known.count, reason)
		return nil
	}
	for chunk := range slices.Chunk(vanished, removalChunk) {
		err := f.run.update(ctx, func(tx *store.Tx) error { return f.remove(ctx, tx, chunk) })
		if err != nil {
			return err
		}
		f.outcome.Removed += len(chunk)
		f.outcome.RowsWritten += len(chunk)
	}
	return nil
}

// vanished lists the row ids of integrated subscriptions that the profile had when this run began and the vendor did not
// list. Those that people made by hand are theirs to remove.
func (f *refresh) vanished(ctx context.Context) ([]int64, error) {
	unseen := f.known.unseen()
	if len(unseen) == 0 {
		return nil, nil
	}
	var vanished []int64
	err := f.engine.db.View(ctx, func(tx *store.Tx) error {
		for chunk := range slices.Chunk(unseen, removalChunk) {
			err := eachRowID(ctx, tx, func(row int64) { vanished = append(vanished, row) },
				`SELECT rowid FROM samp_sw_subscription WHERE user_source <> '`+userSourceManual+`' AND rowid IN (`+placeholders(len(chunk))+`)`, anys(chunk)...)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return vanished, err
}

func eachRowID(ctx context.Context, tx *store.Tx, visit func(int64), query string, args ...any) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("list subscriptions: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var row int64
		if err := rows.Scan(&row); err != nil {
			return fmt.Errorf("list subscriptions: %w", err)
		}
		visit(row)
	}
	return rows.Err()
}

// reasonToHold tells why the vendor's list is not to be trusted with removals; empty when it is.
func (f *refresh) reasonToHold(vanished int) string {
	fraction := float64(vanished) / float64(f.known.count)
	switch {
	case f.outcome.Downloaded == 0:
		return "the vendor listed nobody at all, which is rather a fault there than an empty organisation. Check the vendor, then run the refresh again"
	case !f.walk.Complete:
		return "the vendor's list was not read to its end. Run the refresh again"
	case f.walk.Total >= 0 && f.outcome.Downloaded < f.walk.Total:
		return fmt.Sprintf("the vendor listed %d people but reports %d licences in use. Run the refresh again; if the difference stays, ask the vendor",
			f.outcome.Downloaded, f.walk.Total)
	case fraction > f.maxRemovalFraction:
		return fmt.Sprintf("that is %.0f %%, more than max_removal_fraction allows (%.0f %%). If so many people really left, run the refresh once with a higher max_removal_fraction",
			100*fraction, 100*f.maxRemovalFraction)
	}
	return ""
}

// remove deletes subscriptions and records the cause on their open candidates, which the weekly job then closes.
func (f *refresh) remove(ctx context.Context, tx *store.Tx, rows []int64) error {
	gone := `(SELECT sys_id FROM samp_sw_subscription WHERE rowid IN (` + placeholders(len(rows)) + `))`
	now := formatDateTime(tx.Now())
	note := "The vendor does not list this user any more. The subscription was removed by " + f.log.Name + "."
	for _, statement := range []struct {
		sql  string
		args []any
	}{
		{`UPDATE samp_sw_reclamation_candidate SET work_notes = ` + noteSQL("?") + `, sys_updated_on = ?, sys_updated_by = ?, sys_mod_count = sys_mod_count + 1
			WHERE active = 1 AND user_subscription IN ` + gone, []any{noteHeading(tx.Now()), note, now, systemUser}},
		{`UPDATE samp_sw_reclamation_candidate SET user_subscription = '' WHERE user_subscription IN ` + gone, nil},
		{`DELETE FROM samp_sw_subscription WHERE rowid IN (` + placeholders(len(rows)) + `)`, nil},
	} {
		if _, err := tx.Exec(ctx, statement.sql, append(statement.args, anys(rows)...)...); err != nil {
			return fmt.Errorf("remove vanished subscriptions: %w", err)
		}
	}
	return nil
}

func anys[T any](list []T) []any {
	args := make([]any, len(list))
	for i, v := range list {
		args[i] = v
	}
	return args
}

package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// removalChunk is how many subscriptions are removed in one transaction.
const removalChunk = 500

// absentee is a stored subscription that the vendor did not list.
type absentee struct {
	row            int64
	externalUserID string
	identifier     string
}

// removeVanished removes the subscriptions that the vendor does not list any more, if the list can be trusted.
func (f *refresh) removeVanished(ctx context.Context) error {
	vanished, integrated, err := f.vanished(ctx)
	if err != nil || len(vanished) == 0 {
		return err
	}
	gone := vanished
	reason := f.reasonToHold(len(vanished), integrated)
	if reason == "" {
		if gone, reason, err = f.confirmVanished(ctx, vanished); err != nil {
			return err
		}
	}
	if reason != "" {
		f.held = true
		f.outcome.RemovalsHeld = len(vanished)
		f.warn("%d of %d known subscriptions were not listed by the vendor, but nothing was removed: %s", len(vanished), integrated, reason)
		return nil
	}
	if kept := len(vanished) - len(gone); kept > 0 {
		f.outcome.RemovalsHeld = kept
		f.warn("%d subscriptions were missing from the vendor's list, and asked about once more are still there or cannot be told: the list "+
			"shifted while it was read. They were kept", kept)
	}
	for chunk := range slices.Chunk(gone, removalChunk) {
		if err := f.run.update(ctx, func(tx *store.Tx) error { return f.remove(ctx, tx, rowsOf(chunk)) }); err != nil {
			return err
		}
		f.outcome.Removed += len(chunk)
		f.outcome.RowsWritten += len(chunk)
	}
	return nil
}

func rowsOf(list []absentee) []int64 {
	rows := make([]int64, len(list))
	for i, a := range list {
		rows[i] = a.row
	}
	return rows
}

// vanished lists the integrated subscriptions that the profile had when this run began and the vendor did not list, and
// counts all that it had. Those that people made by hand are theirs to remove.
func (f *refresh) vanished(ctx context.Context) (vanished []absentee, integrated int, err error) {
	unseen := f.known.unseen()
	if len(unseen) == 0 {
		return nil, f.known.count, nil
	}
	err = f.engine.db.View(ctx, func(tx *store.Tx) error {
		manual := 0
		err := tx.QueryRow(ctx, `SELECT count(*) FROM samp_sw_subscription WHERE subscription_profile = ? AND user_source = ?`,
			f.profileID, userSourceManual).Scan(&manual)
		if err != nil {
			return fmt.Errorf("count the subscriptions made by hand: %w", err)
		}
		integrated = f.known.count - manual
		for chunk := range slices.Chunk(unseen, removalChunk) {
			if vanished, err = appendAbsentees(ctx, tx, vanished, chunk); err != nil {
				return err
			}
		}
		return nil
	})
	return vanished, integrated, err
}

func appendAbsentees(ctx context.Context, tx *store.Tx, list []absentee, rowIDs []int64) ([]absentee, error) {
	rows, err := tx.Query(ctx, `SELECT rowid, external_user_id, subscription_identifier FROM samp_sw_subscription
		WHERE user_source <> '`+userSourceManual+`' AND rowid IN (`+placeholders(len(rowIDs))+`)`, anys(rowIDs)...)
	if err != nil {
		return list, fmt.Errorf("list vanished subscriptions: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var a absentee
		if err := rows.Scan(&a.row, &a.externalUserID, &a.identifier); err != nil {
			return list, fmt.Errorf("list vanished subscriptions: %w", err)
		}
		list = append(list, a)
	}
	return list, rows.Err()
}

// reasonToHold tells why the vendor's list is not to be trusted with removals; empty when it is.
func (f *refresh) reasonToHold(vanished, integrated int) string {
	fraction := float64(vanished) / float64(max(integrated, 1))
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

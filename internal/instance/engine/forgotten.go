package engine

import (
	"context"
	"fmt"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// readForgotten reads the marks of the accounts that the refresh leaves out.
func (f *refresh) readForgotten(ctx context.Context) error {
	f.forgotten = map[string]bool{}
	return f.engine.db.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, `SELECT mark FROM snsam_forgotten WHERE profile = ?`, f.profileID)
		if err != nil {
			return fmt.Errorf("read which accounts were to be forgotten: %w", err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var mark string
			if err := rows.Scan(&mark); err != nil {
				return fmt.Errorf("read which accounts were to be forgotten: %w", err)
			}
			f.forgotten[mark] = false
		}
		return rows.Err()
	})
}

// withoutForgotten takes the accounts of forgotten people out of a batch.
func (f *refresh) withoutForgotten(ctx context.Context, batch []connector.Subscription) ([]connector.Subscription, error) {
	if len(f.forgotten) == 0 {
		return batch, nil
	}
	kept := batch[:0]
	err := f.engine.db.View(ctx, func(tx *store.Tx) error {
		for _, s := range batch {
			mark, err := tx.Mark(accountPlace(f.profileID), s.ExternalUserID)
			if err != nil {
				return err
			}
			if _, ok := f.forgotten[mark]; !ok {
				kept = append(kept, s)
				continue
			}
			f.forgotten[mark] = true
			f.outcome.Forgotten++
		}
		return nil
	})
	return kept, err
}

// dropMarks drops the marks of accounts that the vendor does not list any more, by a list that can be trusted: who comes
// back is a new account.
func (f *refresh) dropMarks(ctx context.Context) error {
	var gone []string
	for mark, listed := range f.forgotten {
		if !listed {
			gone = append(gone, mark)
		}
	}
	if len(gone) == 0 || !f.walk.Complete || f.held || f.outcome.Downloaded == 0 {
		return nil
	}
	return f.run.update(ctx, func(tx *store.Tx) error {
		for _, mark := range gone {
			if _, err := tx.Exec(ctx, `DELETE FROM snsam_forgotten WHERE profile = ? AND mark = ?`, f.profileID, mark); err != nil {
				return fmt.Errorf("drop the mark of a forgotten account: %w", err)
			}
			f.outcome.RowsWritten++
		}
		return nil
	})
}

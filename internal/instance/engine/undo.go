package engine

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

const tableUndo = "snsam_undo"

// undo is what is needed to give a licence back after its reclaim. It holds personal data, so it is sealed at rest.
type undo struct {
	ExternalUserID string          `json:"external_user_id"`
	Snapshot       json.RawMessage `json:"snapshot"`     // means nothing but to the vendor's connector
	Subscription   store.Row       `json:"subscription"` // the row that the reclaim deletes

	usedAt string // when a restore began that has not ended; empty otherwise
}

// store keeps an undo for a candidate. One that is there already stays: it was taken before an earlier try, which may have
// taken a part of the access.
func (u undo) store(ctx context.Context, tx *store.Tx, candidate store.Row) error {
	fail := func(err error) error {
		return fmt.Errorf("store what is needed to undo the reclaim of %s: %w", candidate[dictionary.CandidateNumber], err)
	}
	clear, err := json.Marshal(u)
	if err != nil {
		return fail(err)
	}
	id := candidate[dictionary.SysID]
	sealed, err := tx.Seal(tableUndo, id, "content", string(clear))
	if err != nil {
		return fail(err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO snsam_undo (candidate, profile, content, taken_at) VALUES (?, ?, ?, ?) ON CONFLICT (candidate) DO NOTHING`,
		id, candidate[dictionary.CandidateProfile], sealed, formatDateTime(tx.Now()))
	if err != nil {
		return fail(err)
	}
	return nil
}

// readUndo reads the undo of a candidate; nil where there is none.
func readUndo(ctx context.Context, tx *store.Tx, candidate string) (*undo, error) {
	var u undo
	var sealed string
	err := tx.QueryRow(ctx, `SELECT content, used_at FROM snsam_undo WHERE candidate = ?`, candidate).Scan(&sealed, &u.usedAt)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	fail := func(err error) (*undo, error) {
		return nil, fmt.Errorf("read what is needed to undo the reclaim of candidate %s: %w", candidate, err)
	}
	if err != nil {
		return fail(err)
	}
	clear, err := tx.Unseal(tableUndo, candidate, "content", sealed)
	if err != nil {
		return fail(err)
	}
	if err := json.Unmarshal([]byte(clear), &u); err != nil {
		return fail(err)
	}
	return &u, nil
}

// useUndo marks that a restore begins or, with an empty time, that it ended without giving the licence back.
func useUndo(ctx context.Context, tx *store.Tx, candidate, at string) error {
	if _, err := tx.Exec(ctx, `UPDATE snsam_undo SET used_at = ? WHERE candidate = ?`, at, candidate); err != nil {
		return fmt.Errorf("mark the undo of candidate %s: %w", candidate, err)
	}
	return nil
}

// dropUndo removes an undo that nobody needs: nothing was taken, or it was given back.
func dropUndo(ctx context.Context, tx *store.Tx, candidate string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM snsam_undo WHERE candidate = ?`, candidate); err != nil {
		return fmt.Errorf("remove the undo of candidate %s: %w", candidate, err)
	}
	return nil
}

// snapshot reads what is needed to undo the reclaim. An item means that it could not be read, and nothing may be written.
// No undo without an item means that there is nothing to store: the vendor cannot give licences back, has none for the
// person, or an earlier try has stored it.
func (rc *reclaim) snapshot(ctx context.Context, w worker, t target) (*undo, *companion.ReclaimItem, error) {
	if w.restorer == nil {
		return nil, nil, nil
	}
	var earlier *undo
	err := rc.engine.db.View(ctx, func(tx *store.Tx) (err error) {
		earlier, err = readUndo(ctx, tx, t.candidate[dictionary.SysID])
		return err
	})
	if err != nil || earlier != nil {
		return nil, nil, err
	}
	u := undo{ExternalUserID: t.subscription[dictionary.SubscriptionExternalUserID]}
	u.Snapshot, err = w.restorer.Snapshot(ctx, u.ExternalUserID)
	switch {
	case err == nil:
		return &u, nil, nil
	case connector.KindOf(err) == connector.KindNotFound:
		return nil, nil, nil
	case ctx.Err() != nil:
		return nil, nil, ctx.Err()
	}
	item, err := rc.fail(ctx, t, companion.OutcomeFailed, "What is needed to undo the reclaim could not be read, so nothing was reclaimed. "+err.Error())
	return nil, item, err
}

// mayHaveTaken tells whether we may have taken the licence or a part of the access.
func mayHaveTaken(t target, outcome companion.Outcome, callErr error) bool {
	if t.resumed || callErr != nil && !nothingSent(callErr) {
		return true
	}
	return callErr == nil && (outcome == companion.OutcomeDone || outcome == companion.OutcomeFailed)
}

package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// restoreLimit is how long a vendor may take to give one licence back and read it back.
const restoreLimit = 2 * time.Minute

// StartRestore begins to give back the licences that the named candidates' reclaims took.
func (e *Engine) StartRestore(ctx context.Context, request companion.RestoreRequest, idempotencyKey string) (companion.Progress, error) {
	return e.start(ctx, operation{
		name: "Restore", kind: "restore", key: idempotencyKey, request: request,
		check: func(context.Context, *store.Tx) error { return checkNamed("restore", request.Candidates) },
		work: func(ctx context.Context, r *run) (any, error) {
			rs := &restore{engine: e, run: r, request: request, total: len(request.Candidates)}
			rs.evidence = evidence{kind: dictionary.RunKindRestore, key: request.RunKey, total: request.RunTotal, who: request.Evidence}
			rs.outcome.Items = []companion.RestoreItem{}
			err := rs.do(ctx)
			return rs.outcome, err
		},
	})
}

// restore is one run that gives licences back.
type restore struct {
	engine  *Engine
	run     *run
	request companion.RestoreRequest
	total   int

	evidence evidence // of the profile that is worked on

	mu      sync.Mutex
	outcome companion.RestoreOutcome
}

// giver is what giving licences back needs of the vendor of a profile.
type giver struct {
	restorer  connector.Restorer
	preflight func(context.Context) error
}

func (rs *restore) do(ctx context.Context) error {
	byProfile, profiles, unknown, err := rs.engine.groupCandidates(ctx, rs.request.Candidates)
	if err != nil {
		return err
	}
	for _, id := range unknown {
		rs.done(companion.RestoreItem{Candidate: id, Outcome: companion.RestoreNotPossible, Message: noSuchCandidate})
	}
	for _, profile := range profiles {
		err := rs.run.withProfile(ctx, profile, func() error { return rs.ofProfile(ctx, profile, byProfile[profile]) })
		if err != nil {
			return err
		}
	}
	rs.run.report(100, fmt.Sprintf("%d of %d candidates done", len(rs.outcome.Items), rs.total))
	return nil
}

// ofProfile gives back the licences of one profile, under its lease.
func (rs *restore) ofProfile(ctx context.Context, profileID string, candidates []string) error {
	if err := rs.evidence.open(ctx, rs.run, profileID, len(candidates), len(candidates) == rs.total); err != nil {
		return err
	}
	rs.outcome.Run = rs.evidence.row
	g, blocked, err := rs.open(ctx, profileID)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(reclaimsAtOnce)
	for _, id := range candidates {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return rs.one(ctx, g, blocked, id)
		})
	}
	return group.Wait()
}

// open prepares the vendor. What stands against every restore of the profile is returned as blocked.
func (rs *restore) open(ctx context.Context, profileID string) (g giver, blocked *companion.RestoreItem, err error) {
	a, vendor, err := rs.engine.connect(ctx, profileID)
	block := func(outcome companion.Restoration, format string, args ...any) (giver, *companion.RestoreItem, error) {
		return giver{}, &companion.RestoreItem{Outcome: outcome, Message: fmt.Sprintf(format, args...)}, nil
	}
	if a.profile != nil {
		if obstacle := rs.engine.writeObstacle(a.profile, "restore"); obstacle != "" {
			return block(companion.RestoreFailed, "%s", obstacle)
		}
	}
	var setup *setupError
	switch {
	case errors.As(err, &setup):
		return block(companion.RestoreFailed, "%s", setup.message)
	case errors.Is(err, store.ErrNotFound):
		return block(companion.RestoreNotPossible, "The candidate's integration profile does not exist any more. Give the licence back at the vendor by hand.")
	case err != nil:
		return g, nil, err
	}
	restorer, ok := vendor.(connector.Restorer)
	if !ok {
		return block(companion.RestoreNotPossible, "%s offers no way to give a licence back. Give it back there by hand.", a.vendor.Label)
	}
	g.restorer = restorer
	g.preflight = once(func(ctx context.Context) error {
		if err := rs.engine.checkTenant(ctx, a, vendor); err != nil {
			return err
		}
		reclaimer, ok := vendor.(connector.Reclaimer)
		if !ok {
			return nil
		}
		report, err := reclaimer.Preflight(ctx)
		if err != nil {
			return err
		}
		rs.mu.Lock()
		rs.outcome.Warnings = append(rs.outcome.Warnings, report.Warnings...)
		rs.mu.Unlock()
		return refusal(report)
	})
	return g, nil, nil
}

// one gives back one licence: everything is checked, the intent is stored, the vendor is called, the outcome is stored. A
// run that dies in between leaves the undo marked as used, from where the next one resumes.
func (rs *restore) one(ctx context.Context, g giver, blocked *companion.RestoreItem, id string) error {
	item := blocked
	if item == nil {
		var err error
		if item, err = rs.checkPreflight(ctx, g); err != nil {
			return err
		}
	}
	var back *returning
	err := rs.run.update(ctx, func(tx *store.Tx) error {
		var err error
		if back, item, err = rs.begin(ctx, tx, id, item); err != nil || item == nil {
			return err
		}
		return rs.record(ctx, tx, back, *item)
	})
	if err != nil {
		return err
	}
	if item != nil {
		rs.done(*item)
		return nil
	}
	result, callErr := rs.call(ctx, g, back)
	done, err := rs.storeOutcome(ctx, back, result, callErr)
	if err != nil {
		return err
	}
	rs.done(done)
	return ctx.Err()
}

// returning is a licence on its way back.
type returning struct {
	candidate store.Row
	undo      *undo
	resumed   bool // an earlier run was interrupted while it gave the licence back
}

func (b *returning) item(outcome companion.Restoration, format string, args ...any) companion.RestoreItem {
	return companion.RestoreItem{
		Candidate: b.candidate[dictionary.SysID], Number: b.candidate[dictionary.CandidateNumber],
		Outcome: outcome, Message: fmt.Sprintf(format, args...),
	}
}

// checkPreflight asks once per run and profile whether the vendor would take it at all, before the first write.
func (rs *restore) checkPreflight(ctx context.Context, g giver) (*companion.RestoreItem, error) {
	err := g.preflight(ctx)
	var refused *errPreflight
	switch {
	case err == nil:
		return nil, nil
	case errors.As(err, &refused):
		return &companion.RestoreItem{Outcome: companion.RestoreFailed, Message: refused.message}, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	return &companion.RestoreItem{
		Outcome: companion.RestoreFailed, Message: "The connection could not be checked, so nothing was given back. " + err.Error(),
	}, nil
}

// begin stores the intent. An item means that it ends here: because of the candidate, or because of what is blocked for all.
func (rs *restore) begin(ctx context.Context, tx *store.Tx, id string, blocked *companion.RestoreItem) (*returning, *companion.RestoreItem, error) {
	candidate, err := tx.Get(ctx, dictionary.TableCandidate, id)
	if err != nil {
		return nil, nil, err
	}
	b := &returning{candidate: candidate}
	end := func(outcome companion.Restoration, format string, args ...any) (*returning, *companion.RestoreItem, error) {
		item := b.item(outcome, format, args...)
		return b, &item, nil
	}
	if restored := candidate[dictionary.CandidateRestoredOn]; restored != "" {
		return end(companion.RestoreAlreadyHeld, "The licence was given back before, on %s.", restored)
	}
	if candidate[dictionary.CandidateState] != dictionary.StateClosedComplete {
		return end(companion.RestoreNotPossible, "The candidate is %s: its licence was not reclaimed, so there is nothing to give back.",
			dictionary.CandidateStateLabel(candidate[dictionary.CandidateState]))
	}
	if b.undo, err = readUndo(ctx, tx, id); err != nil {
		return nil, nil, err
	}
	switch {
	case b.undo == nil:
		return end(companion.RestoreNotPossible, "Nothing is stored by which the licence could be given back: this instance did not take it, "+
			"the vendor cannot give licences back, or retention removed it. Give the licence back at the vendor by hand.")
	case blocked != nil:
		return end(blocked.Outcome, "%s", blocked.Message)
	}
	b.resumed = b.undo.usedAt != ""
	if err := useUndo(ctx, tx, id, formatDateTime(tx.Now())); err != nil {
		return nil, nil, err
	}
	intent := "Giving the licence back" + rs.evidence.note() + "."
	if b.resumed {
		intent = "Resumed after an interruption. " + intent
	}
	b.candidate, err = addNote(ctx, tx, candidate, intent, store.Row{})
	return b, nil, err
}

// call gives the licence back. A canceled run lets the call in hand finish, within callGrace.
func (rs *restore) call(ctx context.Context, g giver, b *returning) (connector.Restored, error) {
	callCtx, cancel := inHand(ctx, restoreLimit)
	defer cancel()
	result, err := g.restorer.Restore(callCtx, b.undo.ExternalUserID, b.undo.Snapshot)
	if err == nil && b.resumed && result.Outcome == companion.RestoreAlreadyHeld {
		result.Outcome = companion.RestoreDone
		result.Message = "An earlier run was interrupted while it gave the licence back, and the person holds it now. What did not come back with it is not known"
	}
	return result, err
}

// storeOutcome stores what the vendor answered. With the licence, the person's subscription is back.
func (rs *restore) storeOutcome(ctx context.Context, b *returning, result connector.Restored, callErr error) (companion.RestoreItem, error) {
	item := b.item(result.Outcome, "%s", result.Message)
	item.Lost = result.Lost
	switch {
	case nothingSent(callErr):
		item = b.item(companion.RestoreFailed, "The licence was not given back: %v. Run the restore again.", callErr)
	case callErr != nil:
		item = b.item(companion.RestoreFailed, "It is not known whether the licence was given back: %v. Run the restore again; it asks the vendor first.", callErr)
	}
	err := rs.run.finalUpdate(ctx, func(ctx context.Context, tx *store.Tx) error {
		candidate, err := tx.Get(ctx, dictionary.TableCandidate, b.candidate[dictionary.SysID])
		if err != nil {
			return err
		}
		changes := store.Row{}
		switch {
		case callErr != nil && (b.resumed || !nothingSent(callErr)): // the undo stays marked
		case callErr == nil && item.Outcome.Held():
			changes[dictionary.CandidateRestoredOn] = formatDateTime(tx.Now())
			if err := putBack(ctx, tx, b.undo.Subscription, item.Outcome); err != nil {
				return err
			}
			if err := dropUndo(ctx, tx, candidate[dictionary.SysID]); err != nil {
				return err
			}
		default:
			if err := useUndo(ctx, tx, candidate[dictionary.SysID], ""); err != nil {
				return err
			}
		}
		if _, err := addNote(ctx, tx, candidate, restoreNote(item), changes); err != nil {
			return err
		}
		return rs.record(ctx, tx, b, item)
	})
	return item, err
}

// restoreNote is what the candidate's work notes say of a restore.
func restoreNote(item companion.RestoreItem) string {
	head := map[companion.Restoration]string{
		companion.RestoreDone: "Given back.", companion.RestorePartial: "Given back in part.", companion.RestoreAlreadyHeld: "Nothing to give back.",
	}[item.Outcome]
	if head == "" {
		head = "Not given back."
	}
	note := head + " " + item.Message
	for _, lost := range item.Lost {
		note += "\nLost: " + lost
	}
	return note
}

// putBack stores the subscription of a person who holds the licence again. That counts as a sign of life: the person is no
// candidate again at once. A row that a refresh stored in the meantime stays, and is only marked where we gave the licence.
func putBack(ctx context.Context, tx *store.Tx, row store.Row, outcome companion.Restoration) error {
	now := formatDateTime(tx.Now())
	known, err := subscriptionByKey(ctx, tx, row)
	if err != nil {
		return err
	}
	if known != nil {
		if outcome == companion.RestoreAlreadyHeld {
			return nil
		}
		_, _, err := tx.Update(ctx, dictionary.TableSubscription, known[dictionary.SysID], store.Row{dictionary.SubscriptionRestoredOn: now})
		return err
	}
	user, err := lookUp(ctx, tx, dictionary.TableUser, row[dictionary.SubscriptionUser])
	if err != nil {
		return err
	}
	row[dictionary.SubscriptionUser] = user[dictionary.SysID]
	row[dictionary.SubscriptionRestoredOn] = now
	for _, column := range []string{dictionary.SysUpdatedOn, dictionary.SysUpdatedBy, dictionary.SubscriptionInactiveDays} {
		delete(row, column)
	}
	_, err = tx.Insert(ctx, dictionary.TableSubscription, row)
	return err
}

// subscriptionByKey finds a subscription by its natural key; nil where there is none.
func subscriptionByKey(ctx context.Context, tx *store.Tx, row store.Row) (store.Row, error) {
	var id string
	err := tx.QueryRow(ctx, `SELECT sys_id FROM samp_sw_subscription WHERE subscription_profile = ? AND external_user_id = ? AND subscription_identifier = ?`,
		row[dictionary.SubscriptionProfile], row[dictionary.SubscriptionExternalUserID], row[dictionary.SubscriptionIdentifier]).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up the subscription of a restored licence: %w", err)
	}
	return tx.Get(ctx, dictionary.TableSubscription, id)
}

// record appends an item to the run table. Call it in the transaction that stores the outcome.
func (rs *restore) record(ctx context.Context, tx *store.Tx, b *returning, item companion.RestoreItem) error {
	h := happened{candidate: b.candidate, outcome: string(item.Outcome), message: item.Message}
	if b.undo != nil {
		s := b.undo.Subscription
		h.names = []string{s[dictionary.SubscriptionUPN], s[dictionary.SubscriptionUserName], b.undo.ExternalUserID}
	}
	return rs.evidence.append(ctx, tx, h)
}

func (rs *restore) done(item companion.RestoreItem) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.outcome.Items = append(rs.outcome.Items, item)
	n := len(rs.outcome.Items)
	rs.run.report(99*n/rs.total, fmt.Sprintf("%d of %d candidates done", n, rs.total))
}

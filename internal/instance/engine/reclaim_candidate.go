package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// one reclaims one candidate: everything is checked again, the intent is stored, the vendor is called, the outcome is
// stored. A run that dies in between leaves the candidate in Awaiting Revocation, from where the next one resumes.
func (rc *reclaim) one(ctx context.Context, w worker, id string) error {
	t, item, err := rc.check(ctx, id)
	if err != nil {
		return err
	}
	if item != nil {
		rc.done(*item)
		return nil
	}
	if item, err = rc.checkPreflight(ctx, w, t); err != nil {
		return err
	}
	checkedAt := rc.engine.wallClock()
	gone := false
	if item == nil {
		gone, item, err = rc.checkActivity(ctx, w, t)
	}
	if err != nil {
		return err
	}
	if item != nil {
		rc.done(*item)
		return nil
	}
	var u *undo
	switch {
	case gone:
		item, err = rc.storeIntent(ctx, w, &t, nil)
	case daysToAnswer(t.candidate) > 0:
		item, err = rc.ask(ctx, w, t)
	default:
		if u, item, err = rc.snapshot(ctx, w, t); err == nil && item == nil {
			item, err = rc.storeIntent(ctx, w, &t, u)
		}
	}
	if err != nil {
		return err
	}
	if item != nil {
		rc.done(*item)
		return nil
	}
	result, callErr := goneResult(t), error(nil)
	if !gone {
		result, callErr = rc.call(ctx, w, t, checkedAt)
	}
	done, err := rc.storeOutcome(ctx, t, result, callErr)
	if err != nil {
		return err
	}
	rc.done(done)
	return ctx.Err()
}

// check reads the candidate again and tells what stands against reclaiming it. An item means that it ends here.
func (rc *reclaim) check(ctx context.Context, id string) (t target, item *companion.ReclaimItem, err error) {
	err = rc.run.update(ctx, func(tx *store.Tx) error {
		if t, err = readTarget(ctx, tx, id); err != nil {
			return err
		}
		if rc.reclaimable(t.candidate) {
			item, err = rc.checkFacts(ctx, tx, t)
		} else {
			closed := closedItem(t.candidate)
			item = &closed
		}
		if err != nil {
			return err
		}
		return rc.record(ctx, tx, t, item)
	})
	return t, item, err
}

// reclaimable tells whether a candidate is in a state from which a reclaim can start or, after an interruption or a
// failure, go on. A run without a reviewer takes only what awaits its revocation, and whose user was told.
func (rc *reclaim) reclaimable(candidate store.Row) bool {
	state := candidate[dictionary.CandidateState]
	if rc.evidence.kind == dictionary.RunKindAuto {
		return state == dictionary.StateAwaitingRevocation && candidate[dictionary.CandidateNotifiedOn] != ""
	}
	return state == dictionary.StateReady || state == dictionary.StateAttentionRequired || state == dictionary.StateAwaitingRevocation
}

// checkFacts holds a candidate against what is known here, before the vendor is asked anything.
func (rc *reclaim) checkFacts(ctx context.Context, tx *store.Tx, t target) (*companion.ReclaimItem, error) {
	spare := func(o companion.Outcome, changes store.Row, format string, args ...any) (*companion.ReclaimItem, error) {
		item := t.item(o, format, args...)
		return &item, rc.note(ctx, tx, t.candidate, "Not reclaimed. "+item.Message, changes)
	}
	if t.subscription == nil {
		gone := t.item(companion.OutcomeSkippedClosed, "The user subscription was removed, so that there is nothing to reclaim by. "+
			"If the person holds a licence after all, the next refresh lists it again.")
		_, err := transit(ctx, tx, t.candidate, eventSubscriptionGone, gone.Message, store.Row{})
		return &gone, err
	}
	if !t.sameLicence(t) || !t.meets(rc.request.Expected) {
		item := t.anotherLicence()
		return &item, rc.note(ctx, tx, t.candidate, "Not reclaimed. "+item.Message, store.Row{})
	}
	if t.subscription[dictionary.SubscriptionUserSource] == userSourceManual {
		return spare(companion.OutcomeDenied, store.Row{}, "The user subscription was made by hand, so that no vendor has said whose licence "+
			"it stands for. Delete it: the next refresh stores what the vendor lists, and another candidate where there is reason to.")
	}
	if gone, err := restrictionLifted(ctx, tx, t.candidate); err != nil {
		return nil, err
	} else if gone {
		lifted := t.item(companion.OutcomeSkippedClosed, "The software model is not restricted any more.")
		_, err := transit(ctx, tx, t.candidate, eventReasonGone, "Not reclaimed. "+lifted.Message, store.Row{})
		return &lifted, err
	}
	if item, err := rc.checkPolicy(ctx, tx, t); err != nil || item != nil {
		return item, err
	}
	if days := daysToAnswer(t.candidate); days > 0 && !rc.engine.opt.Notifications {
		message := fmt.Sprintf("The user is to be notified %d days before, and this instance has no channel to deliver a message. "+
			"Say that there is one where the reclaim runs as well (notification_delivery in its embedded block, or "+
			"SERVICENOWSAM_NOTIFICATION_DELIVERY), or switch notify_user off on the candidate.", days)
		return spare(companion.OutcomeDenied, store.Row{dictionary.CandidateErrorMessage: message}, "%s", message)
	}
	return nil, nil
}

// checkPreflight asks once per run whether reclaim can work at all, before the first write.
func (rc *reclaim) checkPreflight(ctx context.Context, w worker, t target) (*companion.ReclaimItem, error) {
	err := w.preflight(ctx)
	var refused *errPreflight
	switch {
	case err == nil:
		return nil, nil
	case errors.As(err, &refused):
		return rc.fail(ctx, t, companion.OutcomeDenied, refused.message)
	case ctx.Err() != nil:
		return nil, ctx.Err()
	default:
		return rc.fail(ctx, t, companion.OutcomeFailed, "The connection could not be checked, so nothing was reclaimed. "+err.Error())
	}
}

// fail ends a candidate before anything was tried at the vendor: it keeps its state and shows why.
func (rc *reclaim) fail(ctx context.Context, t target, o companion.Outcome, message string) (*companion.ReclaimItem, error) {
	item := t.item(o, "%s", message)
	err := rc.run.update(ctx, func(tx *store.Tx) error {
		err := rc.note(ctx, tx, t.candidate, "Not reclaimed. "+message, store.Row{dictionary.CandidateErrorMessage: message})
		if err != nil {
			return err
		}
		return rc.record(ctx, tx, t, &item)
	})
	return &item, err
}

// storeIntent moves the candidate to Awaiting Revocation before the vendor is called, so that a run that dies leaves a
// trace, and keeps what is needed to undo it. An item means that something was changed since the checks.
func (rc *reclaim) storeIntent(ctx context.Context, w worker, t *target, u *undo) (*companion.ReclaimItem, error) {
	var item *companion.ReclaimItem
	intent := "Reclaiming the licence of " + t.subscription[dictionary.SubscriptionUPN] + rc.evidence.note() + "."
	err := rc.run.update(ctx, func(tx *store.Tx) error {
		now, err := readTarget(ctx, tx, t.candidate[dictionary.SysID])
		if err != nil {
			return err
		}
		if item, err = rc.checkAgain(ctx, tx, w, *t, now); err != nil || item != nil {
			return err
		}
		t.candidate = now.candidate
		if err := countRemoval(ctx, tx, t.candidate[dictionary.SysID]); err != nil {
			return err
		}
		if u != nil {
			u.Subscription = now.subscription
			if err := u.store(ctx, tx, t.candidate); err != nil {
				return err
			}
			t.undoable = true
		}
		begun := store.Row{dictionary.CandidateErrorMessage: "", dictionary.CandidateRevocationBegun: formatDateTime(tx.Now())}
		if t.candidate[dictionary.CandidateState] == dictionary.StateAwaitingRevocation {
			t.resumed = t.candidate[dictionary.CandidateRevocationBegun] != ""
			t.waited = !t.resumed
			resumption := ""
			if t.resumed {
				resumption = "Resumed after an interruption. "
			}
			return rc.note(ctx, tx, t.candidate, resumption+intent, begun)
		}
		if err := rc.tryAgain(ctx, tx, t); err != nil {
			return err
		}
		if t.candidate, err = transit(ctx, tx, t.candidate, eventReclaim, intent, begun); err != nil {
			return err
		}
		if informedOnly(t.candidate) && t.candidate[dictionary.CandidateNotice] == "" {
			return rc.engine.inform(ctx, tx, *t)
		}
		return nil
	})
	return item, err
}

// tryAgain makes a candidate Ready that required attention.
func (rc *reclaim) tryAgain(ctx context.Context, tx *store.Tx, t *target) (err error) {
	if t.candidate[dictionary.CandidateState] == dictionary.StateAttentionRequired {
		t.candidate, err = transit(ctx, tx, t.candidate, eventResume, "Trying again.", store.Row{dictionary.CandidateErrorMessage: ""})
	}
	return err
}

// checkAgain holds a candidate against changes and the policy in the transaction that goes on with it, whether that asks the
// user or takes the licence. An item means that it ends here.
func (rc *reclaim) checkAgain(ctx context.Context, tx *store.Tx, w worker, then, now target) (*companion.ReclaimItem, error) {
	item, err := rc.changedSince(ctx, tx, w, then, now)
	if err == nil && item == nil {
		item, err = rc.checkPolicy(ctx, tx, now)
	}
	if err != nil || item == nil {
		return nil, err
	}
	return item, rc.record(ctx, tx, now, item)
}

// changedSince tells what was changed on a candidate, its profile or connection while the checks were made.
func (rc *reclaim) changedSince(ctx context.Context, tx *store.Tx, w worker, then, now target) (*companion.ReclaimItem, error) {
	if !rc.reclaimable(now.candidate) {
		item := closedItem(now.candidate)
		return &item, nil
	}
	if !now.sameLicence(then) || !now.meets(rc.request.Expected) {
		item := now.anotherLicence()
		return &item, rc.note(ctx, tx, now.candidate, "Not reclaimed. "+item.Message, store.Row{})
	}
	a, err := rc.engine.profileAccess(ctx, tx, w.profileID)
	var setup *setupError
	message := ""
	switch {
	case daysToAnswer(now.candidate) != daysToAnswer(then.candidate):
		message = "Whether the user is asked was changed during the run. Review the candidate, then reclaim again."
	case errors.As(err, &setup):
		message = setup.message
	case err != nil:
		return nil, err
	case a.revision != w.revision:
		message = "The connection was changed during the run. Validate it, then reclaim again."
	default:
		message = rc.engine.reclaimObstacle(a.profile)
	}
	if message == "" {
		return nil, nil
	}
	item := now.item(companion.OutcomeDenied, "%s", message)
	return &item, rc.note(ctx, tx, now.candidate, "Not reclaimed. "+message, store.Row{dictionary.CandidateErrorMessage: message})
}

// call takes the licence, unless what was checked has grown old by now. A canceled run lets the call in hand finish, within
// callGrace.
func (rc *reclaim) call(ctx context.Context, w worker, t target, checkedAt time.Time) (connector.Result, error) {
	age := rc.engine.wallClock().Sub(checkedAt)
	if age < 0 || age >= checkLife {
		return connector.Result{}, fmt.Errorf("the checks before the reclaim are %s old, and count for %s: %w", age.Round(time.Second), checkLife, connector.ErrNothingSent)
	}
	callCtx, cancel := inHand(ctx, checkLife-age)
	defer cancel()
	return w.reclaimer.Reclaim(callCtx, t.subscription[dictionary.SubscriptionExternalUserID])
}

// inHand is the context of a vendor call in hand: it outlives the end of ctx by callGrace, and lasts no longer than limit.
func inHand(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	callCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(callGrace, cancel)
		context.AfterFunc(callCtx, func() { timer.Stop() })
	})
	return callCtx, func() { stop(); cancel() }
}

// checkLife is how soon after the check of somebody's activity the licence must be taken. Later it is not.
const checkLife = 30 * time.Second

// wallClock is the time by the calendar: unlike Go's monotonic reading it goes on while the machine sleeps.
func (e *Engine) wallClock() time.Time { return e.now().Round(0) }

// nothingSent tells whether a failed call left everything at the vendor as it was.
func nothingSent(err error) bool { return errors.Is(err, connector.ErrNothingSent) }

// storeOutcome stores what the vendor answered.
func (rc *reclaim) storeOutcome(ctx context.Context, t target, result connector.Result, callErr error) (companion.ReclaimItem, error) {
	item := t.item(result.Outcome, "%s", result.Message)
	switch {
	case nothingSent(callErr):
		item = t.item(companion.OutcomeFailed, "The licence was not touched: %v. Reclaim again.", callErr)
	case callErr != nil:
		item = t.item(companion.OutcomeFailed, "It is not known whether the licence was taken: %v", callErr)
	}
	err := rc.run.finalUpdate(ctx, func(ctx context.Context, tx *store.Tx) error {
		candidate, err := tx.Get(ctx, dictionary.TableCandidate, t.candidate[dictionary.SysID])
		if err != nil {
			return err
		}
		if !mayHaveTaken(t, result.Outcome, callErr) {
			if err := discountRemoval(ctx, tx, candidate[dictionary.SysID]); err != nil {
				return err
			}
			if t.undoable {
				if err := dropUndo(ctx, tx, candidate[dictionary.SysID]); err != nil {
					return err
				}
			}
		}
		if err := rc.conclude(ctx, tx, t, candidate, item, callErr); err != nil {
			return err
		}
		item.Message = withoutNames(item.Message, t.names())
		h := happened{candidate: candidate, outcome: string(item.Outcome), message: item.Message}
		if item.Outcome == companion.OutcomeDone || item.Outcome == companion.OutcomeAlreadyGone {
			h.savings = candidate[dictionary.CandidatePotentialSavings]
		}
		return rc.evidence.append(ctx, tx, h)
	})
	return item, err
}

// conclude leaves the candidate as the vendor call found it, or moves it on.
func (rc *reclaim) conclude(ctx context.Context, tx *store.Tx, t target, candidate store.Row, item companion.ReclaimItem, callErr error) error {
	switch open := candidate[dictionary.CandidateState] == dictionary.StateAwaitingRevocation; {
	case nothingSent(callErr) && open && t.waited:
		return rc.note(ctx, tx, candidate, item.Message,
			store.Row{dictionary.CandidateErrorMessage: item.Message, dictionary.CandidateRevocationBegun: ""})
	case nothingSent(callErr) && open && !t.resumed:
		_, err := transit(ctx, tx, candidate, eventNotTried, item.Message, store.Row{dictionary.CandidateErrorMessage: item.Message})
		return err
	case callErr != nil && (rc.run.canceled() || nothingSent(callErr)):
		return rc.note(ctx, tx, candidate, item.Message+" The next run asks the vendor again.", store.Row{})
	}
	return rc.settle(ctx, tx, t, candidate, item)
}

// settle moves the candidate to where the outcome leads.
func (rc *reclaim) settle(ctx context.Context, tx *store.Tx, t target, candidate store.Row, item companion.ReclaimItem) error {
	if candidate[dictionary.CandidateState] != dictionary.StateAwaitingRevocation {
		return rc.note(ctx, tx, candidate, item.Message, store.Row{}) // closed by hand while the vendor was called
	}
	switch item.Outcome {
	case companion.OutcomeDone, companion.OutcomeAlreadyGone:
		if _, err := transit(ctx, tx, candidate, eventRevoked, item.Message, store.Row{dictionary.CandidateSubscription: ""}); err != nil {
			return err
		}
		return deleteSubscription(ctx, tx, t.subscription[dictionary.SysID])
	case companion.OutcomeSkippedSelf, companion.OutcomeSkippedAdmin, companion.OutcomeSkippedProtected:
		_, err := transit(ctx, tx, candidate, eventSpared, "Not reclaimed. "+item.Message, store.Row{})
		return err
	default:
		_, err := transit(ctx, tx, candidate, eventRevokeFailed, item.Message, store.Row{dictionary.CandidateErrorMessage: item.Message})
		return err
	}
}

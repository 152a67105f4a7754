package engine

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// target is a candidate with what must be known before its licence is taken.
type target struct {
	candidate    store.Row
	subscription store.Row
	user         store.Row
}

func (t target) item(o companion.Outcome, format string, args ...any) companion.ReclaimItem {
	return companion.ReclaimItem{
		Candidate: t.candidate[dictionary.SysID], Number: t.candidate[dictionary.CandidateNumber],
		Outcome: o, Message: fmt.Sprintf(format, args...),
	}
}

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
	if item, err = rc.checkActivity(ctx, w, t); err != nil {
		return err
	}
	if item == nil {
		item, err = rc.checkPreflight(ctx, w, t)
	}
	if err != nil {
		return err
	}
	if item != nil {
		rc.done(*item)
		return nil
	}
	if item, err = rc.storeIntent(ctx, &t); err != nil {
		return err
	}
	if item != nil {
		rc.done(*item)
		return nil
	}
	result, callErr := rc.call(ctx, w, t)
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
		if t.candidate, err = tx.Get(ctx, dictionary.TableCandidate, id); err != nil {
			return err
		}
		if !reclaimable(t.candidate) {
			closed := closedItem(t.candidate)
			item = &closed
			return nil
		}
		if t.subscription, err = lookUp(ctx, tx, dictionary.TableSubscription, t.candidate[dictionary.CandidateSubscription]); err != nil {
			return err
		}
		if t.user, err = lookUp(ctx, tx, dictionary.TableUser, t.subscription[dictionary.SubscriptionUser]); err != nil {
			return err
		}
		item, err = rc.checkFacts(ctx, tx, t)
		return err
	})
	return t, item, err
}

// reclaimable tells whether a candidate is in a state from which a reclaim can start or, after an interruption or a
// failure, go on.
func reclaimable(candidate store.Row) bool {
	switch candidate[dictionary.CandidateState] {
	case dictionary.StateReady, dictionary.StateAttentionRequired, dictionary.StateAwaitingRevocation:
		return true
	}
	return false
}

// checkFacts holds a candidate against what is known here, before the vendor is asked anything.
func (rc *reclaim) checkFacts(ctx context.Context, tx *store.Tx, t target) (*companion.ReclaimItem, error) {
	spare := func(o companion.Outcome, changes store.Row, format string, args ...any) (*companion.ReclaimItem, error) {
		item := t.item(o, format, args...)
		return &item, rc.note(ctx, tx, t.candidate, "Not reclaimed. "+item.Message, changes)
	}
	if t.subscription == nil {
		gone := t.item(companion.OutcomeAlreadyGone, "The user subscription is gone: the vendor did not list this user any more.")
		_, err := transit(ctx, tx, t.candidate, eventSubscriptionGone, gone.Message, store.Row{})
		return &gone, err
	}
	if name := rc.protected(t); name != "" {
		return spare(companion.OutcomeSkippedProtected, store.Row{}, "%s is on the list of protected users.", name)
	}
	days, err := noticeDays(ctx, tx, t.candidate)
	if err != nil || days == 0 {
		return nil, err
	}
	message := fmt.Sprintf("The user is to be notified %d days before, and this instance has no channel to deliver a message. "+
		"Switch notify_user off on the candidate, or set days_before_auto_reclamation of its rule to 0.", days)
	return spare(companion.OutcomeDenied, store.Row{dictionary.CandidateErrorMessage: message}, "%s", message)
}

// noticeDays is how long the user of a candidate has to answer before the licence is taken; 0 where nobody is notified.
func noticeDays(ctx context.Context, tx *store.Tx, candidate store.Row) (int, error) {
	if !isTrue(candidate[dictionary.CandidateNotifyUser]) {
		return 0, nil
	}
	rule, err := lookUp(ctx, tx, dictionary.TableReclamationRule, candidate[dictionary.CandidateRule])
	days, _ := strconv.Atoi(rule[dictionary.RuleDaysBeforeAuto])
	return days, err
}

// protected returns the entry of the protected list that names the user, by mail address, user principal name, user id or
// the vendor's id.
func (rc *reclaim) protected(t target) string {
	for _, p := range rc.request.Protected {
		for _, name := range []string{
			t.subscription[dictionary.SubscriptionUPN], t.subscription[dictionary.SubscriptionExternalUserID],
			t.user[dictionary.UserEmail], t.user[dictionary.UserUserName],
		} {
			if name != "" && strings.EqualFold(strings.TrimSpace(p), name) {
				return p
			}
		}
	}
	return ""
}

// checkActivity asks the vendor when the person was last seen, and spares one who came back.
func (rc *reclaim) checkActivity(ctx context.Context, w worker, t target) (*companion.ReclaimItem, error) {
	last, known, err := rc.askActivity(ctx, w, t)
	switch {
	case connector.KindOf(err) == connector.KindNotFound:
		return nil, nil // no licence any more: the reclaim finds that and closes the candidate
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return rc.fail(ctx, t, companion.OutcomeFailed, "The last activity could not be read again, so nothing was reclaimed. "+err.Error())
	}
	var item *companion.ReclaimItem
	err = rc.run.update(ctx, func(tx *store.Tx) error {
		stored := t.subscription[dictionary.SubscriptionLastActivity]
		latest := max(stored, formatDate(last))
		if known && latest != stored {
			change := store.Row{dictionary.SubscriptionLastActivity: latest}
			if _, _, err := tx.Update(ctx, dictionary.TableSubscription, t.subscription[dictionary.SysID], change); err != nil {
				return err
			}
		}
		idle, err := idleBy(ctx, tx, t, latest)
		if err != nil || idle {
			return err
		}
		message := "The user is active again: last activity on " + latest + "."
		if _, err := transit(ctx, tx, t.candidate, eventActive, message, store.Row{}); err != nil {
			return err
		}
		spared := t.item(companion.OutcomeSkippedActive, "%s", message)
		item = &spared
		return nil
	})
	return item, err
}

// askActivity asks the vendor when a person was last active, in the way it can; known is false where it tells nothing.
func (rc *reclaim) askActivity(ctx context.Context, w worker, t target) (last time.Time, known bool, err error) {
	id := t.subscription[dictionary.SubscriptionExternalUserID]
	if w.activity != nil {
		last, err = w.activity.LastActivity(ctx, id)
		return last, err == nil, err
	}
	if w.confirmer == nil {
		return last, false, nil
	}
	since, err := rc.idleSince(ctx, t)
	if err != nil {
		return last, false, err
	}
	err = w.confirmer.ConfirmActivity(ctx, []string{id}, since, func(events []connector.Event) error {
		for _, e := range events {
			if e.ExternalUserID == id && e.At.After(last) {
				last = e.At
			}
		}
		return nil
	})
	return last, !last.IsZero(), err
}

// idleSince is the day from which on activity speaks against a candidate: by the threshold of its rule, or since somebody
// made it by hand.
func (rc *reclaim) idleSince(ctx context.Context, t target) (time.Time, error) {
	now := rc.engine.now()
	days := -1
	err := rc.engine.db.View(ctx, func(tx *store.Tx) error {
		rule, err := lookUp(ctx, tx, dictionary.TableReclamationRule, t.candidate[dictionary.CandidateRule])
		if n, parseErr := strconv.Atoi(rule[dictionary.RuleThresholdDays]); parseErr == nil {
			days = n
		}
		return err
	})
	if opened, ok := parseDateTime(t.candidate[dictionary.CandidateOpenedAt]); days < 0 && ok {
		return opened, err
	}
	return now.AddDate(0, 0, -max(days, 0)).Truncate(24 * time.Hour), err
}

// idleBy tells whether the person of a candidate is still stale, by the rule of the candidate. One that a person made by
// hand is about a user who has not been active since.
func idleBy(ctx context.Context, tx *store.Tx, t target, lastActivity string) (bool, error) {
	ruleID := t.candidate[dictionary.CandidateRule]
	if ruleID == "" {
		opened := t.candidate[dictionary.CandidateOpenedAt]
		return len(opened) < len(dateLayout) || lastActivity <= opened[:len(dateLayout)], nil
	}
	seen := max(lastActivity, leading(t.subscription[dictionary.SubscriptionExternalCreated], len(dateLayout)))
	if seen == "" { // then the day on which the vendor first listed the person stands in
		seen = leading(t.subscription[dictionary.SysCreatedOn], len(dateLayout))
	}
	var idle bool
	err := tx.QueryRow(ctx, `SELECT coalesce((SELECT ?1 < date(?2, '-' || last_activity_threshold || ' days')
		FROM samp_sw_reclamation_rule WHERE sys_id = ?3), 1)`,
		seen, formatDate(tx.Now()), ruleID).Scan(&idle)
	if err != nil {
		return false, fmt.Errorf("check the idleness of candidate %s: %w", t.candidate[dictionary.CandidateNumber], err)
	}
	return idle, nil
}

func leading(s string, n int) string { return s[:min(n, len(s))] }

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
		return rc.note(ctx, tx, t.candidate, "Not reclaimed. "+message, store.Row{dictionary.CandidateErrorMessage: message})
	})
	return &item, err
}

// storeIntent moves the candidate to Awaiting Revocation before the vendor is called, so that a run that dies leaves a
// trace. An item means that somebody closed the candidate in the meantime.
func (rc *reclaim) storeIntent(ctx context.Context, t *target) (*companion.ReclaimItem, error) {
	var item *companion.ReclaimItem
	intent := "Reclaiming the licence of " + t.subscription[dictionary.SubscriptionUPN] + rc.evidence() + "."
	err := rc.run.update(ctx, func(tx *store.Tx) error {
		var err error
		if t.candidate, err = tx.Get(ctx, dictionary.TableCandidate, t.candidate[dictionary.SysID]); err != nil {
			return err
		}
		switch t.candidate[dictionary.CandidateState] {
		case dictionary.StateAwaitingRevocation:
			return rc.note(ctx, tx, t.candidate, "Resumed after an interruption. "+intent, store.Row{})
		case dictionary.StateAttentionRequired:
			if t.candidate, err = transit(ctx, tx, t.candidate, eventResume, "Trying again.", store.Row{}); err != nil {
				return err
			}
		case dictionary.StateReady:
		default:
			closed := closedItem(t.candidate)
			item = &closed
			return nil
		}
		t.candidate, err = transit(ctx, tx, t.candidate, eventReclaim, intent, store.Row{dictionary.CandidateErrorMessage: ""})
		return err
	})
	return item, err
}

// evidence renders who decided and why, for the work notes.
func (rc *reclaim) evidence() string {
	var b strings.Builder
	e := rc.request.Evidence
	for _, part := range []struct{ label, value string }{
		{"reason", e.Reason}, {"change", e.ChangeReference}, {"approved by", e.ApprovedBy}, {"run", e.RunURL},
	} {
		if part.value != "" {
			fmt.Fprintf(&b, "; %s: %s", part.label, part.value)
		}
	}
	return b.String()
}

// call takes the licence. A canceled run lets the call in hand finish, within callGrace.
func (rc *reclaim) call(ctx context.Context, w worker, t target) (connector.Result, error) {
	callCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(callGrace, cancel)
		context.AfterFunc(callCtx, func() { timer.Stop() })
	})
	defer stop()
	return w.reclaimer.Reclaim(callCtx, t.subscription[dictionary.SubscriptionExternalUserID])
}

// storeOutcome stores what the vendor answered.
func (rc *reclaim) storeOutcome(ctx context.Context, t target, result connector.Result, callErr error) (companion.ReclaimItem, error) {
	item := t.item(result.Outcome, "%s", result.Message)
	if callErr != nil {
		item = t.item(companion.OutcomeFailed, "It is not known whether the licence was taken: %v", callErr)
	}
	err := rc.run.finalUpdate(ctx, func(ctx context.Context, tx *store.Tx) error {
		candidate, err := tx.Get(ctx, dictionary.TableCandidate, t.candidate[dictionary.SysID])
		if err != nil {
			return err
		}
		if callErr != nil && rc.run.canceled() {
			return rc.note(ctx, tx, candidate, item.Message+" The next run asks the vendor again.", store.Row{})
		}
		return rc.settle(ctx, tx, t, candidate, item)
	})
	return item, err
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
		if _, err := tx.Exec(ctx, `UPDATE samp_sw_reclamation_candidate SET user_subscription = '' WHERE user_subscription = ?`,
			t.subscription[dictionary.SysID]); err != nil {
			return err
		}
		err := tx.Delete(ctx, dictionary.TableSubscription, t.subscription[dictionary.SysID])
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	case companion.OutcomeSkippedSelf, companion.OutcomeSkippedAdmin, companion.OutcomeSkippedProtected:
		_, err := transit(ctx, tx, candidate, eventSpared, "Not reclaimed. "+item.Message, store.Row{})
		return err
	default:
		_, err := transit(ctx, tx, candidate, eventRevokeFailed, item.Message, store.Row{dictionary.CandidateErrorMessage: item.Message})
		return err
	}
}

package engine

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// checkActivity asks the vendor when the person was last seen, and spares one who came back. gone means that the vendor
// says in two ways that the person holds no licence any more, so that nothing needs to be written there.
func (rc *reclaim) checkActivity(ctx context.Context, w worker, t target) (gone bool, item *companion.ReclaimItem, err error) {
	last, known, err := rc.askActivity(ctx, w, t)
	if connector.KindOf(err) == connector.KindNotFound {
		if gone, item, err = rc.checkPresence(ctx, w, t); err != nil || item != nil || gone {
			return gone, item, err
		}
	}
	if err != nil {
		item, err = rc.unread(ctx, t, err)
		return false, item, err
	}
	err = rc.run.update(ctx, func(tx *store.Tx) error {
		stored := t.subscription[dictionary.SubscriptionLastActivity]
		latest := max(stored, formatDate(last))
		if known && latest != stored {
			change := store.Row{dictionary.SubscriptionLastActivity: latest}
			if _, _, err := tx.Update(ctx, dictionary.TableSubscription, t.subscription[dictionary.SysID], change); err != nil {
				return err
			}
		}
		if item, err = rc.checkIdle(ctx, tx, t, latest); err != nil {
			return err
		}
		return rc.record(ctx, tx, t, item)
	})
	return false, item, err
}

// checkPresence asks about a person whom the vendor does not know as the holder of a licence any more. A vendor that
// cannot be asked leaves it to what is known here.
func (rc *reclaim) checkPresence(ctx context.Context, w worker, t target) (gone bool, item *companion.ReclaimItem, err error) {
	if w.presence == nil {
		return false, nil, nil
	}
	holds, err := w.presence.Holds(ctx, t.subscription[dictionary.SubscriptionExternalUserID])
	switch {
	case err != nil:
		item, err = rc.unread(ctx, t, err)
	case holds:
		item, err = rc.fail(ctx, t, companion.OutcomeFailed, "The vendor contradicts itself: it lists the licence, and knows no such person "+
			"when asked for the last activity. Nothing was reclaimed.")
	}
	return err == nil && item == nil, item, err
}

func (rc *reclaim) unread(ctx context.Context, t target, err error) (*companion.ReclaimItem, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return rc.fail(ctx, t, companion.OutcomeFailed, "The last activity could not be read again, so nothing was reclaimed. "+err.Error())
}

// checkIdle spares a person who is not stale any more. Without a rule nobody can say so, and nothing is reclaimed.
func (rc *reclaim) checkIdle(ctx context.Context, tx *store.Tx, t target, latest string) (*companion.ReclaimItem, error) {
	if informedOnly(t.candidate) {
		return nil, nil
	}
	idle, err := idleness(ctx, tx, t, latest)
	var noRule *noRuleError
	switch {
	case errors.As(err, &noRule):
		item := t.item(companion.OutcomeDenied, "%s", noRule.Error())
		return &item, rc.note(ctx, tx, t.candidate, "Not reclaimed. "+item.Message, store.Row{dictionary.CandidateErrorMessage: item.Message})
	case err != nil || idle:
		return nil, err
	}
	message := "The user counts as active: last activity on " + latest + "."
	if restored := dayOf(t.subscription[dictionary.SubscriptionRestoredOn]); restored > latest {
		message = "The licence was given back on " + restored + ", which counts as a sign of life."
	}
	_, err = transit(ctx, tx, t.candidate, eventActive, message, store.Row{})
	item := t.item(companion.OutcomeSkippedActive, "%s", message)
	return &item, err
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

// idleSince is the day from which on activity speaks against a candidate.
func (rc *reclaim) idleSince(ctx context.Context, t target) (day time.Time, err error) {
	err = rc.engine.db.View(ctx, func(tx *store.Tx) error {
		cutoff, err := cutoffOf(ctx, tx, t.candidate)
		if err != nil {
			return err
		}
		day, err = time.Parse(dateLayout, cutoff)
		return err
	})
	var noRule *noRuleError
	if errors.As(err, &noRule) { // what it is held against does not matter then: it is refused
		return rc.engine.now(), nil
	}
	return day, err
}

// noRuleError is a candidate of which nobody can say any more whether its user is stale.
type noRuleError struct{ reason string }

func (e *noRuleError) Error() string {
	return "The reclamation rule of the candidate " + e.reason + ", so that nobody can say whether the user is still stale. " +
		"Close the candidate; the next refresh opens one by the rule that holds now."
}

// thresholdOf reads the last activity threshold of a rule; false for one that cannot be used.
func thresholdOf(rule store.Row) (days int, ok bool) {
	days, err := strconv.Atoi(rule[dictionary.RuleThresholdDays])
	return days, err == nil && days >= dictionary.MinThresholdDays && days <= dictionary.MaxThresholdDays
}

// cutoffOf is the first day on which the user of a candidate counts as active: by the threshold of its rule, or since the day
// on which a person made it by hand. It fails with a noRuleError where its rule is gone.
func cutoffOf(ctx context.Context, tx *store.Tx, candidate store.Row) (string, error) {
	id := candidate[dictionary.CandidateRule]
	if id == "" {
		opened := candidate[dictionary.CandidateOpenedAt]
		if _, ok := parseDateTime(opened); !ok {
			return "", &noRuleError{"is none, and the day on which it was opened is unknown"}
		}
		return opened[:len(dateLayout)], nil
	}
	rule, err := lookUp(ctx, tx, dictionary.TableReclamationRule, id)
	if err != nil {
		return "", fmt.Errorf("read the rule of candidate %s: %w", candidate[dictionary.CandidateNumber], err)
	}
	if rule == nil {
		return "", &noRuleError{"is gone"}
	}
	days, ok := thresholdOf(rule)
	if !ok {
		return "", &noRuleError{"has no usable last activity threshold"}
	}
	return formatDate(tx.Now().AddDate(0, 0, -days)), nil
}

// idleness tells whether the person of a candidate is still stale. The creation of the account protects new users, and the
// undo of a reclaim protects whom it gave the licence back; of whom neither activity nor creation is known, the day on which
// the vendor first listed the person stands in. A candidate that a person made by hand
// is about a user who has not been active since.
func idleness(ctx context.Context, tx *store.Tx, t target, lastActivity string) (bool, error) {
	cutoff, err := cutoffOf(ctx, tx, t.candidate)
	if err != nil {
		return false, err
	}
	seen := lastActivity
	if t.candidate[dictionary.CandidateRule] != "" {
		seen = max(lastActivity, dayOf(t.subscription[dictionary.SubscriptionExternalCreated]))
		if seen == "" {
			seen = dayOf(t.subscription[dictionary.SysCreatedOn])
		}
		seen = max(seen, dayOf(t.subscription[dictionary.SubscriptionRestoredOn]))
	}
	return seen < cutoff, nil
}

// dayOf is the date of a date-time; the empty string of an empty one.
func dayOf(dateTime string) string { return dateTime[:min(len(dateLayout), len(dateTime))] }

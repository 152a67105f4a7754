package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// checkPolicy holds a candidate against what the request says of whom to spare and how much to take. It is asked twice:
// before the vendor is asked anything, and in the transaction that asks the user or stores the intent. An item means that the
// licence stays.
func (rc *reclaim) checkPolicy(ctx context.Context, tx *store.Tx, t target) (*companion.ReclaimItem, error) {
	protection, err := rc.protection(ctx, tx, t)
	if err == nil && protection != nil {
		return protection, rc.note(ctx, tx, t.candidate, "Not reclaimed. "+protection.Message, store.Row{})
	}
	if err != nil {
		return nil, err
	}
	if told, err := rc.told(ctx, tx, t); err != nil {
		return nil, err
	} else if !told {
		item := t.item(companion.OutcomeDenied, "The message did not go to the address of the user whose licence this is, so that it does not go "+
			"without a review. Reclaim it by a reviewed run, or close the candidate.")
		return &item, rc.note(ctx, tx, t.candidate, "Not reclaimed. "+item.Message, store.Row{})
	}
	return rc.deferred(ctx, tx, t)
}

// told tells whether the person whose licence it is was told, where a run has no reviewer: a candidate may name another user to
// ask, and an address may have been another when the message was written.
func (rc *reclaim) told(ctx context.Context, tx *store.Tx, t target) (bool, error) {
	if rc.evidence.kind != dictionary.RunKindAuto {
		return true, nil
	}
	notice, err := lookUp(ctx, tx, dictionary.TableEmail, t.candidate[dictionary.CandidateNotice])
	address := addressOf(t.user)
	return notice[dictionary.EmailType] == dictionary.EmailSent && address != "" && strings.EqualFold(notice[dictionary.EmailRecipients], address), err
}

// protection tells who on the lists of the request the person is, or may be.
func (rc *reclaim) protection(ctx context.Context, tx *store.Tx, t target) (*companion.ReclaimItem, error) {
	spare := func(o companion.Outcome, format string, args ...any) (*companion.ReclaimItem, error) {
		item := t.item(o, format, args...)
		return &item, nil
	}
	if name := t.person().ProtectedBy(rc.request.Protected); name != "" {
		return spare(companion.OutcomeSkippedProtected, "%s is on the list of protected users.", name)
	}
	if t.person().MayHideFrom(rc.request.Protected) {
		return spare(companion.OutcomeSkippedProtected, "The list of protected users has mail addresses, and the vendor hides "+
			"the one of this person, who cannot be told apart from them. List protected users by user name or vendor id.")
	}
	user := t.user[dictionary.SysID]
	for _, group := range rc.request.ProtectedGroups {
		group = strings.TrimSpace(group)
		exists, member, err := membership(ctx, tx, group, user)
		switch {
		case err != nil:
			return nil, err
		case !exists:
			return spare(companion.OutcomeDenied, "The protected group %q does not exist, so that nobody can say who is in it. Correct "+
				"protected_groups.", group)
		case member:
			return spare(companion.OutcomeSkippedProtected, "The user is a member of the protected group %q.", group)
		}
	}
	if user == "" && len(rc.request.ProtectedGroups) > 0 {
		return spare(companion.OutcomeSkippedProtected, "The subscription has no user, so that nobody can say whether the person is a member of a "+
			"protected group. Fill in the user of the subscription.")
	}
	return nil, nil
}

// membership tells whether a group, by name or sys_id, exists and has the user as a member.
func membership(ctx context.Context, tx *store.Tx, group, user string) (exists, member bool, err error) {
	err = tx.QueryRow(ctx, `SELECT count(*) > 0, coalesce(max(EXISTS (SELECT 1 FROM sys_user_grmember m WHERE m."group" = g.sys_id AND m."user" = ?1)), 0)
		FROM sys_user_group g WHERE g.sys_id = ?2 OR g.name = ?2 COLLATE NOCASE`, user, group).Scan(&exists, &member)
	if err != nil {
		err = fmt.Errorf("look up the members of group %q: %w", group, err)
	}
	return exists, member && user != "", err
}

// deferred tells whether the daily maximum is reached. The candidate then stays as it is, for another day.
func (rc *reclaim) deferred(ctx context.Context, tx *store.Tx, t target) (*companion.ReclaimItem, error) {
	if rc.request.DailyMaximum == 0 {
		return nil, nil
	}
	today := formatDate(tx.Now())
	gone, err := goneOn(ctx, tx, today, t.candidate[dictionary.SysID])
	if err != nil || gone < rc.request.DailyMaximum {
		return nil, err
	}
	item := t.item(companion.OutcomeDeferred, "%d licences went on %s (UTC), and the daily maximum is %d. The licence waits for another day.",
		gone, today, rc.request.DailyMaximum)
	return &item, nil
}

// goneOn counts the licences that went on a day, whoever took them: those of which the vendor or a person said so, and
// those of which a run began to take them and nobody knows yet. One candidate is left out.
func goneOn(ctx context.Context, tx *store.Tx, day, except string) (n int, err error) {
	err = tx.QueryRow(ctx, `SELECT count(*) FROM (
			SELECT candidate FROM snsam_removal WHERE day = ?1
			UNION SELECT sys_id FROM samp_sw_reclamation_candidate WHERE state = ?2 AND closed_at >= ?1
		) WHERE candidate <> ?3`, day, dictionary.StateClosedComplete, except).Scan(&n)
	if err != nil {
		err = fmt.Errorf("count the licences that went today: %w", err)
	}
	return n, err
}

// countRemoval counts a licence as gone today, before the vendor is asked to take it.
func countRemoval(ctx context.Context, tx *store.Tx, candidate string) error {
	today := formatDate(tx.Now())
	if _, err := tx.Exec(ctx, `DELETE FROM snsam_removal WHERE day < ?`, today); err != nil {
		return fmt.Errorf("forget the removals of former days: %w", err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO snsam_removal (candidate, day) VALUES (?, ?) ON CONFLICT (candidate) DO UPDATE SET day = excluded.day`,
		candidate, today); err != nil {
		return fmt.Errorf("count the removal: %w", err)
	}
	return nil
}

// discountRemoval takes back what countRemoval counted, of a licence that certainly was not taken.
func discountRemoval(ctx context.Context, tx *store.Tx, candidate string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM snsam_removal WHERE candidate = ?`, candidate); err != nil {
		return fmt.Errorf("take back the count of a removal: %w", err)
	}
	return nil
}

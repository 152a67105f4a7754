package engine

import (
	"context"
	"strconv"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// informedOnly tells whether the user of a candidate is informed and not asked, and activity does not matter: nobody may use
// restricted software, or software beyond the rights bought, however often they do (removal candidate pages).
func informedOnly(candidate store.Row) bool {
	switch candidate[dictionary.CandidateJustification] {
	case dictionary.JustificationRestricted, dictionary.JustificationUnlicensed:
		return true
	}
	return false
}

// daysToAnswer is how long the user of a candidate still has to be given to answer before the licence may be taken; 0 where
// nobody is asked, or was asked before.
func daysToAnswer(candidate store.Row) int {
	asked := candidate[dictionary.CandidateNotifiedOn] != "" || candidate[dictionary.CandidateAnswer] != ""
	switch candidate[dictionary.CandidateState] {
	case dictionary.StateReady, dictionary.StateAttentionRequired:
		if asked || informedOnly(candidate) || !isTrue(candidate[dictionary.CandidateNotifyUser]) {
			return 0
		}
		days, _ := strconv.Atoi(candidate[dictionary.CandidateDaysBeforeAuto])
		return days
	}
	return 0
}

// ask puts the question to the user in the outbox instead of taking the licence. Nothing is written at the vendor.
func (rc *reclaim) ask(ctx context.Context, w worker, t target) (*companion.ReclaimItem, error) {
	var item *companion.ReclaimItem
	err := rc.run.update(ctx, func(tx *store.Tx) error {
		now, err := readTarget(ctx, tx, t.candidate[dictionary.SysID])
		if err != nil {
			return err
		}
		if item, err = rc.checkAgain(ctx, tx, w, t, now); err != nil || item != nil {
			return err
		}
		notice, err := rc.engine.queueQuestion(ctx, tx, now)
		if err != nil {
			return err
		}
		if notice == "" {
			failed := now.item(companion.OutcomeFailed, "The user is to be asked, and the candidate has no user with a mail address. "+
				"Choose whom to ask, then reclaim again.")
			item = &failed
			err = rc.note(ctx, tx, now.candidate, "Not reclaimed. "+failed.Message, store.Row{dictionary.CandidateErrorMessage: failed.Message})
		} else {
			item, err = rc.await(ctx, tx, now, notice)
		}
		if err != nil {
			return err
		}
		return rc.record(ctx, tx, now, item)
	})
	return item, err
}

// await moves a candidate to Awaiting User, with the message that asks.
func (rc *reclaim) await(ctx context.Context, tx *store.Tx, t target, notice string) (*companion.ReclaimItem, error) {
	if err := rc.tryAgain(ctx, tx, &t); err != nil {
		return nil, err
	}
	asked := t.item(companion.OutcomeAwaitingUser, "A message waits that asks the user, who has %d days from its delivery to answer.", daysToAnswer(t.candidate))
	_, err := transit(ctx, tx, t.candidate, eventAsk, "Asking the user before the licence is taken"+rc.evidence.note()+". "+asked.Message,
		store.Row{dictionary.CandidateNotice: notice, dictionary.CandidateErrorMessage: ""})
	return &asked, err
}

// queueQuestion puts the question to the user of a candidate in the outbox and returns its sys_id; empty where the user
// cannot be reached.
func (e *Engine) queueQuestion(ctx context.Context, tx *store.Tx, t target) (string, error) {
	user, err := lookUp(ctx, tx, dictionary.TableUser, t.candidate[dictionary.CandidateUser])
	address := addressOf(user)
	if err != nil || address == "" {
		return "", err
	}
	days, _ := strconv.Atoi(t.candidate[dictionary.CandidateDaysBeforeAuto])
	m, err := e.question(ctx, tx, t, address, days)
	if err != nil {
		return "", err
	}
	return m.queue(ctx, tx)
}

// answerDays is how long a rule gives users to answer.
func answerDays(rule store.Row) int {
	days, _ := strconv.Atoi(rule[dictionary.RuleDaysBeforeAuto])
	return days
}

// checkAnswerDays holds the days to answer to what can be counted.
func checkAnswerDays(c *change, column string) error {
	value, written := c.values[column]
	if !written || value == "" {
		return nil
	}
	if days, err := strconv.Atoi(value); err != nil || days < 0 || days > dictionary.MaxDaysBeforeAuto {
		return c.refuse("Days before auto-reclamation", "%s is a number of days from 0 to %d, not %q", column, dictionary.MaxDaysBeforeAuto, value)
	}
	return nil
}

// checkNotice refuses a rule whose notices nobody would ever get.
func (e *Engine) checkNotice(c *change) error {
	days := answerDays(store.Row{dictionary.RuleDaysBeforeAuto: c.after(dictionary.RuleDaysBeforeAuto)})
	touched := c.before == nil || c.changes(dictionary.RuleNotifyUser) || c.changes(dictionary.RuleDaysBeforeAuto)
	if e.opt.Notifications || !touched || days == 0 || !isTrue(c.after(dictionary.RuleNotifyUser)) {
		return nil
	}
	return c.refuse("A notice needs a delivery channel", "users are to be notified %d days before, and this instance has no channel to "+
		"deliver a message: nobody could ever answer. Set the instance's notification delivery, or switch notify_user off", days)
}

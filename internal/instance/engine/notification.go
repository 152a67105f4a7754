package engine

import (
	"cmp"
	"context"
	"fmt"
	"net/mail"
	"strings"
	"unicode"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// message is a text for the outbox, about a candidate.
type message struct {
	candidate  string // sys_id
	recipients []string
	subject    string
	body       string
}

// queue stores the message for the delivery channel and returns its sys_id. The subject becomes one line, whatever names are
// in it: a channel that writes mail headers has no line to take for another header.
func (m message) queue(ctx context.Context, tx *store.Tx) (string, error) {
	row, err := tx.Insert(store.WithUser(ctx, systemUser), dictionary.TableEmail, store.Row{
		dictionary.EmailRecipients: strings.Join(m.recipients, ","), dictionary.EmailSubject: oneLine(m.subject), dictionary.EmailBody: m.body,
		dictionary.EmailTargetTable: dictionary.TableCandidate, dictionary.EmailTarget: m.candidate,
	})
	if err != nil {
		return "", fmt.Errorf("queue a message: %w", err)
	}
	return row[dictionary.SysID], nil
}

// withdrawMessages takes the messages about a candidate that wait for delivery out of the outbox.
func withdrawMessages(ctx context.Context, tx *store.Tx, candidate string) error {
	return withdraw(ctx, tx, "instance = ?", candidate)
}

// withdrawMessagesOfClosed does so for all candidates that were closed without a reclaim.
func withdrawMessagesOfClosed(ctx context.Context, tx *store.Tx) error {
	return withdraw(ctx, tx, `target_table = ? AND EXISTS (SELECT 1 FROM samp_sw_reclamation_candidate c
		WHERE c.sys_id = sys_email.instance AND c.active = 0 AND c.state <> ?)`, dictionary.TableCandidate, dictionary.StateClosedComplete)
}

func withdraw(ctx context.Context, tx *store.Tx, condition string, args ...any) error {
	args = append([]any{dictionary.EmailIgnored, formatDateTime(tx.Now()), systemUser, dictionary.EmailReady}, args...)
	_, err := tx.Exec(ctx, `UPDATE sys_email SET type = ?, sys_updated_on = ?, sys_updated_by = ?, sys_mod_count = sys_mod_count + 1
		WHERE type = ? AND `+condition, args...)
	if err != nil {
		return fmt.Errorf("withdraw messages: %w", err)
	}
	return nil
}

func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, unicode.IsControl), " ")
}

// addressOf is where a user gets mail; empty where nobody knows.
func addressOf(user store.Row) string {
	for _, address := range []string{user[dictionary.UserEmail], user[dictionary.UserUserName]} {
		if isAddress(address) {
			return address
		}
	}
	return ""
}

// isAddress tells whether a text is one bare mail address, which can be listed with others and stand in a header.
func isAddress(text string) bool {
	a, err := mail.ParseAddress(text)
	separates := func(r rune) bool { return r == ',' || r == ';' || unicode.IsSpace(r) || unicode.IsControl(r) }
	return err == nil && a.Address == text && !strings.ContainsFunc(text, separates)
}

// question asks the user of a candidate whether the licence may go.
func (e *Engine) question(ctx context.Context, tx *store.Tx, t target, address string, days int) (message, error) {
	effect, err := e.reclaimEffect(ctx, tx, t.candidate)
	if err != nil {
		return message{}, err
	}
	software, number := t.software(), t.candidate[dictionary.CandidateNumber]
	used := "no use of it is known"
	if last := t.subscription[dictionary.SubscriptionLastActivity]; last != "" {
		used = "it was last used on " + last
	}
	return message{
		candidate: t.candidate[dictionary.SysID], recipients: []string{address}, subject: fmt.Sprintf("Do you still need %s? (%s)", software, number),
		body: fmt.Sprintf("You (%s) have a licence of %s, and %s.\n\nAnswer release if you do not need it any more, or keep if you do, and name the number %s. "+
			"Without an answer within %d days of this message the licence is taken back.\n\nWhat that means: %s.\n",
			t.subscription[dictionary.SubscriptionUPN], software, used, number, days, effect),
	}, nil
}

// information tells the user of a candidate that the licence goes, and asks nothing.
func (e *Engine) information(ctx context.Context, tx *store.Tx, t target, address string) (message, error) {
	effect, err := e.reclaimEffect(ctx, tx, t.candidate)
	if err != nil {
		return message{}, err
	}
	why := "is restricted software, which may not be used here"
	if t.candidate[dictionary.CandidateJustification] == dictionary.JustificationUnlicensed {
		why = "is used beyond the rights that were bought"
	}
	software, number := t.software(), t.candidate[dictionary.CandidateNumber]
	return message{
		candidate: t.candidate[dictionary.SysID], recipients: []string{address}, subject: fmt.Sprintf("Your licence of %s is going to be taken back (%s)", software, number),
		body: fmt.Sprintf("You (%s) have a licence of %s, which %s. It is going to be taken back; you need not do anything.\n\nWhat that means: %s.\n",
			t.subscription[dictionary.SubscriptionUPN], software, why, effect),
	}, nil
}

// inform queues the information about a candidate whose user is not asked, and notes it on the candidate. A user without
// an address is not informed, and the note says so.
func (e *Engine) inform(ctx context.Context, tx *store.Tx, t target) error {
	user, err := lookUp(ctx, tx, dictionary.TableUser, t.candidate[dictionary.CandidateUser])
	if err != nil {
		return err
	}
	change := store.Row{}
	note := "Nobody was informed: the candidate has no user with a mail address."
	if address := addressOf(user); address != "" {
		m, err := e.information(ctx, tx, t, address)
		if err != nil {
			return err
		}
		if change[dictionary.CandidateNotice], err = m.queue(ctx, tx); err != nil {
			return err
		}
		note = "A message waits that informs the user."
	}
	change[dictionary.CandidateWorkNotes] = appendNote(t.candidate[dictionary.CandidateWorkNotes], tx.Now(), note)
	_, _, err = tx.Update(store.WithUser(ctx, systemUser), dictionary.TableCandidate, t.candidate[dictionary.SysID], change)
	return err
}

// reclaimEffect is what a reclaim does to the user, in words.
func (e *Engine) reclaimEffect(ctx context.Context, tx *store.Tx, candidate store.Row) (string, error) {
	profile, err := lookUp(ctx, tx, dictionary.TableProfile, candidate[dictionary.CandidateProfile])
	if err != nil {
		return "", err
	}
	t, _ := dictionary.ProfileTypeByValue(e.opt.ReleaseFamily, profile[dictionary.ProfileType_])
	return cmp.Or(strings.TrimSuffix(t.ReclaimEffect, "."), "the licence is removed at the vendor"), nil
}

// emailRules let a delivery channel say what became of a message, and nothing else.
func emailRules() tableRules {
	return tableRules{
		beforeInsert: func(_ context.Context, c *change) error {
			return &store.DeniedError{Table: c.table, Operation: "insert", Reason: "the instance writes the messages that it has to say"}
		},
		beforeUpdate: beforeEmailUpdate,
		afterUpdate:  afterEmailUpdate,
		beforeDelete: func(_ context.Context, c *change) error {
			if c.before[dictionary.EmailType] != dictionary.EmailReady {
				return nil
			}
			return c.refuse("A message that waits is kept", "the message waits for delivery, and somebody waits for the answer; "+
				"close its candidate, which withdraws it")
		},
	}
}

func beforeEmailUpdate(_ context.Context, c *change) error {
	err := c.keep("A message says what it says", "it is evidence of what a user was told",
		dictionary.EmailSubject, dictionary.EmailBody, dictionary.EmailRecipients, dictionary.EmailTargetTable, dictionary.EmailTarget)
	if err != nil {
		return err
	}
	delete(c.values, dictionary.EmailSentOn)
	if !c.changes(dictionary.EmailType) {
		return nil
	}
	from, to := c.before[dictionary.EmailType], c.values[dictionary.EmailType]
	if from != dictionary.EmailReady || to != dictionary.EmailSent && to != dictionary.EmailFailed {
		return c.refuse("A message is delivered once", "a message of type %s cannot become %s: one that is %s becomes %s or %s, once",
			from, to, dictionary.EmailReady, dictionary.EmailSent, dictionary.EmailFailed)
	}
	if to == dictionary.EmailSent {
		c.values[dictionary.EmailSentOn] = formatDateTime(c.tx.Now())
	}
	return nil
}

// afterEmailUpdate starts the clock of an answer when its question was delivered.
func afterEmailUpdate(ctx context.Context, c *change) error {
	if !c.changes(dictionary.EmailType) || c.before[dictionary.EmailTargetTable] != dictionary.TableCandidate {
		return nil
	}
	candidate, err := lookUp(ctx, c.tx, dictionary.TableCandidate, c.before[dictionary.EmailTarget])
	if err != nil || candidate[dictionary.CandidateNotice] != c.sysID() || !isTrue(candidate[dictionary.CandidateActive]) {
		return err
	}
	sent := c.values[dictionary.EmailType] == dictionary.EmailSent
	if !sent && candidate[dictionary.CandidateState] == dictionary.StateAwaitingUser {
		reason := "The notice to the user could not be delivered. Correct the user's mail address or choose another user, then reclaim again."
		_, err := transit(ctx, c.tx, candidate, eventNoticeFailed, reason, store.Row{dictionary.CandidateErrorMessage: reason})
		return err
	}
	note, values := "The message to the user could not be delivered.", store.Row{}
	if sent {
		note = "The message to the user was delivered."
		values[dictionary.CandidateNotifiedOn] = formatDateTime(c.tx.Now())
	}
	values[dictionary.CandidateWorkNotes] = appendNote(candidate[dictionary.CandidateWorkNotes], c.tx.Now(), note)
	_, _, err = c.tx.Update(ctx, dictionary.TableCandidate, candidate[dictionary.SysID], values)
	return err
}

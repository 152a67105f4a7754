package engine

import (
	"cmp"
	"context"
	"maps"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// systemUser writes what no person wrote.
const systemUser = "system"

// candidateRules are those of removal candidates.
func (e *Engine) candidateRules() tableRules {
	return tableRules{
		beforeInsert: beforeCandidateInsert, afterInsert: e.afterCandidateInsert, beforeUpdate: e.beforeCandidateUpdate, afterUpdate: e.afterCandidateUpdate,
		beforeDelete: beforeCandidateDelete, afterDelete: afterCandidateDelete,
	}
}

// dropReadOnly leaves out what only the instance writes.
func dropReadOnly(c *change) {
	for _, column := range dictionary.ColumnsOf(c.table) {
		if column.ReadOnly {
			delete(c.values, column.Name)
		}
	}
}

// beforeCandidateInsert completes a candidate that a person makes by hand: number and facts are generated.
func beforeCandidateInsert(ctx context.Context, c *change) error {
	dropReadOnly(c)
	subscription, err := lookUp(ctx, c.tx, dictionary.TableSubscription, c.values[dictionary.CandidateSubscription])
	if err != nil {
		return err
	}
	if subscription == nil {
		return c.refuse("User subscription must exist", "a candidate of %s needs an existing user subscription, not %q",
			dictionary.AppliesToSubscription, c.values[dictionary.CandidateSubscription])
	}
	open, err := findOne(ctx, c.tx, dictionary.TableCandidate,
		dictionary.CandidateSubscription+"="+subscription[dictionary.SysID]+"^"+dictionary.CandidateActive+"=true")
	if err != nil {
		return err
	}
	if open != nil {
		return c.refuse("One open candidate per subscription", "the subscription of %s has the open candidate %s already",
			subscription[dictionary.SubscriptionUPN], open[dictionary.CandidateNumber])
	}
	if err := checkAnswerDays(c, dictionary.CandidateDaysBeforeAuto); err != nil {
		return err
	}
	number, err := takeNumber(ctx, c.tx, candidatePrefix)
	if err != nil {
		return err
	}
	given := maps.Clone(c.values)
	facts, err := candidateOf(ctx, c.tx, subscription)
	if err != nil {
		return err
	}
	other, err := lookUp(ctx, c.tx, dictionary.TableUser, given[dictionary.CandidateUser])
	if err != nil {
		return err
	}
	maps.Copy(c.values, facts)
	c.values[dictionary.CandidateNumber] = number
	c.values[dictionary.CandidateUser] = cmp.Or(other[dictionary.SysID], facts[dictionary.CandidateUser])
	c.values[dictionary.CandidateShortDescription] = cmp.Or(given[dictionary.CandidateShortDescription], facts[dictionary.CandidateShortDescription])
	if cmp.Or(given[dictionary.CandidateJustification], dictionary.JustificationLowUsage) == dictionary.JustificationLowUsage {
		c.values[dictionary.CandidateInactiveDays] = subscription[dictionary.SubscriptionInactiveDays]
	}
	c.values[dictionary.CandidateState] = dictionary.StateReady
	if isTrue(c.values[dictionary.CandidateNotifyUser]) && c.values[dictionary.CandidateUser] == "" {
		c.values[dictionary.CandidateState] = dictionary.StateAttentionRequired
	}
	if note := c.values[dictionary.CandidateWorkNotes]; note != "" {
		c.values[dictionary.CandidateWorkNotes] = appendNote("", c.tx.Now(), note)
	}
	return nil
}

// afterCandidateInsert informs the user of a candidate who is not asked, as soon as there is one (removal candidate pages).
func (e *Engine) afterCandidateInsert(ctx context.Context, c *change) error {
	candidate, err := findOne(ctx, c.tx, dictionary.TableCandidate, dictionary.CandidateNumber+"="+c.values[dictionary.CandidateNumber])
	if err != nil || !informedOnly(candidate) {
		return err
	}
	t, err := readTarget(ctx, c.tx, candidate[dictionary.SysID])
	if err != nil {
		return err
	}
	return e.inform(ctx, c.tx, t)
}

// candidateOf is what a candidate takes from its subscription.
func candidateOf(ctx context.Context, tx *store.Tx, subscription store.Row) (store.Row, error) {
	savings, err := savingsOf(ctx, tx, subscription)
	if err != nil {
		return nil, err
	}
	candidate := store.Row{
		dictionary.CandidateActive:           "true",
		dictionary.CandidateAppliesTo:        dictionary.AppliesToSubscription,
		dictionary.CandidateSubscription:     subscription[dictionary.SysID],
		dictionary.CandidateUser:             subscription[dictionary.SubscriptionUser],
		dictionary.CandidateShortDescription: "Reclaim " + subscription[dictionary.SubscriptionDisplayName] + " from " + subscription[dictionary.SubscriptionUPN],
		dictionary.CandidateOpenedAt:         formatDateTime(tx.Now()),
		dictionary.CandidatePotentialSavings: savings,
	}
	for _, column := range []string{dictionary.CandidateProfile, dictionary.CandidateSoftwareModel, dictionary.CandidateProduct, dictionary.CandidatePublisher} {
		candidate[column] = subscription[column]
	}
	return candidate, nil
}

// beforeCandidateUpdate lets people do what the form's buttons do, and nothing else to the state.
func (e *Engine) beforeCandidateUpdate(ctx context.Context, c *change) error {
	err := c.keep("A candidate is about one licence", "somebody may have approved that this candidate's licence goes; close it and make another one",
		dictionary.CandidateSubscription, dictionary.CandidateProfile, dictionary.CandidateRule, dictionary.CandidateOpenedAt,
		dictionary.CandidateNumber, dictionary.CandidateAppliesTo, dictionary.CandidateJustification, dictionary.CandidateProduct,
		dictionary.CandidatePublisher, dictionary.CandidateSoftwareModel)
	if err != nil {
		return err
	}
	dropReadOnly(c)
	delete(c.values, dictionary.CandidateActive)
	delete(c.values, dictionary.CandidateClosedAt)
	if err := checkAnswerDays(c, dictionary.CandidateDaysBeforeAuto); err != nil {
		return err
	}
	if note, ok := c.values[dictionary.CandidateWorkNotes]; ok {
		delete(c.values, dictionary.CandidateWorkNotes)
		if note != "" {
			c.addNote(note)
		}
	}
	if c.before[dictionary.CandidateState] == dictionary.StateAwaitingUser {
		if err := e.beforeAskedUpdate(ctx, c); err != nil {
			return err
		}
	}
	if !c.changes(dictionary.CandidateState) && waitedForUser(c) {
		c.values[dictionary.CandidateState] = dictionary.StateReady
		c.addNote("The user was filled in.")
	}
	if !c.changes(dictionary.CandidateState) {
		return nil
	}
	from, to := c.before[dictionary.CandidateState], c.values[dictionary.CandidateState]
	if _, ok := eventOfWrite(from, to); !ok {
		return c.refuse("State changes by its buttons", "a candidate in state %s cannot be set to %s by hand",
			dictionary.CandidateStateLabel(from), dictionary.CandidateStateLabel(to))
	}
	c.values[dictionary.CandidateActive] = boolean(dictionary.CandidateOpen(to))
	if dictionary.CandidateOpen(to) {
		c.values[dictionary.CandidateErrorMessage] = ""
		return nil
	}
	c.values[dictionary.CandidateClosedAt] = formatDateTime(c.tx.Now())
	return nil
}

// addNote adds to the work notes that a change writes.
func (c *change) addNote(note string) {
	c.values[dictionary.CandidateWorkNotes] = appendNote(c.after(dictionary.CandidateWorkNotes), c.tx.Now(), note)
}

// waitedForUser tells whether a change fills in the user for which a candidate required attention.
func waitedForUser(c *change) bool {
	return c.before[dictionary.CandidateState] == dictionary.StateAttentionRequired && c.before[dictionary.CandidateErrorMessage] == "" &&
		c.before[dictionary.CandidateUser] == "" && c.after(dictionary.CandidateUser) != ""
}

// beforeAskedUpdate keeps what the user of a candidate was promised. Another user is asked anew.
func (e *Engine) beforeAskedUpdate(ctx context.Context, c *change) error {
	err := c.keep("A question that was asked stands", "the user was asked, and told how many days there are to answer",
		dictionary.CandidateNotifyUser, dictionary.CandidateDaysBeforeAuto)
	if err != nil || !c.changes(dictionary.CandidateUser) {
		return err
	}
	t, err := readTarget(ctx, c.tx, c.sysID())
	if err != nil {
		return err
	}
	t.candidate = maps.Clone(t.candidate)
	t.candidate[dictionary.CandidateUser] = c.values[dictionary.CandidateUser]
	if err := withdrawMessages(ctx, c.tx, c.sysID()); err != nil {
		return err
	}
	notice, err := e.queueQuestion(ctx, c.tx, t)
	if err != nil {
		return err
	}
	if notice == "" {
		return c.refuse("A user who is asked can be reached", "the new user has no mail address, so that nobody could be asked; choose another one")
	}
	c.values[dictionary.CandidateNotice] = notice
	c.values[dictionary.CandidateNotifiedOn] = ""
	c.addNote("Another user is asked. A new message waits, and the days to answer begin when it is delivered.")
	return nil
}

// afterCandidateUpdate carries on what Close Skipped means: nobody needs to be asked any more. Where the vendor takes no licences back over an API,
// it is the end of a removal by hand, and the subscription goes with it (removal candidate pages).
func (e *Engine) afterCandidateUpdate(ctx context.Context, c *change) error {
	if !c.changes(dictionary.CandidateState) || c.values[dictionary.CandidateState] != dictionary.StateClosedSkipped {
		return nil
	}
	if err := withdrawMessages(ctx, c.tx, c.sysID()); err != nil {
		return err
	}
	profile, err := lookUp(ctx, c.tx, dictionary.TableProfile, c.before[dictionary.CandidateProfile])
	if err != nil || profile == nil || profile[dictionary.ProfileReclaimSubflow] != "" {
		return err
	}
	return deleteSubscription(ctx, c.tx, c.before[dictionary.CandidateSubscription])
}

// beforeCandidateDelete keeps the trace of a reclaim whose outcome is open.
func beforeCandidateDelete(ctx context.Context, c *change) error {
	if c.before[dictionary.CandidateState] != dictionary.StateAwaitingRevocation || c.before[dictionary.CandidateRevocationBegun] == "" {
		return withdrawMessages(ctx, c.tx, c.sysID())
	}
	return c.refuse("A reclaim in progress leaves a trace", "the licence of the candidate %s is being reclaimed, and the outcome is open; "+
		"reclaim again or close the candidate, then delete it", c.before[dictionary.CandidateNumber])
}

// afterCandidateDelete drops what nobody can use any more: a restore names its candidate.
func afterCandidateDelete(ctx context.Context, c *change) error {
	return dropUndo(ctx, c.tx, c.sysID())
}

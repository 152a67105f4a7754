package engine

import (
	"cmp"
	"context"
	"fmt"

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
	resumed      bool // an earlier run was interrupted while it took the licence
	undoable     bool // this try stored what is needed to undo it
	waited       bool // the candidate was Awaiting Revocation before, and nothing was begun at the vendor
}

// goneResult is the result of a licence that the vendor does not know any more. It was there when an interrupted run began
// to take it, so that this run is the one that did.
func goneResult(t target) connector.Result {
	if t.resumed {
		return connector.Result{Outcome: companion.OutcomeDone, Message: "An earlier run was interrupted while it took the licence, and the vendor has none for this user now"}
	}
	return connector.Result{Outcome: companion.OutcomeAlreadyGone, Message: "The vendor has no licence for this user any more. Nothing was written there"}
}

func readTarget(ctx context.Context, tx *store.Tx, id string) (t target, err error) {
	if t.candidate, err = tx.Get(ctx, dictionary.TableCandidate, id); err != nil {
		return t, err
	}
	if t.subscription, err = lookUp(ctx, tx, dictionary.TableSubscription, t.candidate[dictionary.CandidateSubscription]); err != nil {
		return t, err
	}
	t.user, err = lookUp(ctx, tx, dictionary.TableUser, t.subscription[dictionary.SubscriptionUser])
	return t, err
}

// sameLicence tells whether two readings of a candidate are about the same licence.
func (t target) sameLicence(other target) bool {
	for _, column := range []string{dictionary.SysID, dictionary.SubscriptionExternalUserID, dictionary.SubscriptionProfile} {
		if t.subscription[column] != other.subscription[column] {
			return false
		}
	}
	return t.subscription[dictionary.SubscriptionProfile] == t.candidate[dictionary.CandidateProfile]
}

// meets tells whether the candidate stands for the licence that was reviewed, where the reviewer said so.
func (t target) meets(expected map[string]companion.Expected) bool {
	id := t.candidate[dictionary.SysID]
	e, ok := expected[id]
	if !ok {
		return true
	}
	return e.Subscription == t.subscription[dictionary.SysID] &&
		e.User == companion.UserMark(id, t.subscription[dictionary.SubscriptionExternalUserID])
}

// anotherLicence is the item of a candidate that was changed after it was reviewed.
func (t target) anotherLicence() companion.ReclaimItem {
	return t.item(companion.OutcomeSkippedClosed, "The candidate does not stand for the licence that was reviewed any more: its user "+
		"subscription, or the user of that, was changed. Look at who changed it, and review the candidates again.")
}

// software names what the licence is of.
func (t target) software() string {
	return cmp.Or(t.subscription[dictionary.SubscriptionDisplayName], "a product")
}

func (t target) person() companion.Person {
	return companion.Person{
		UserPrincipalName: t.subscription[dictionary.SubscriptionUPN],
		ExternalUserID:    t.subscription[dictionary.SubscriptionExternalUserID],
		VendorUserName:    t.subscription[dictionary.SubscriptionUserName],
		Mail:              t.user[dictionary.UserEmail],
		UserName:          t.user[dictionary.UserUserName],
	}
}

// names are what a message may call the person.
func (t target) names() []string {
	p := t.person()
	return []string{p.UserPrincipalName, p.Mail, p.UserName, p.VendorUserName, p.ExternalUserID, t.user[dictionary.UserName]}
}

func (t target) item(o companion.Outcome, format string, args ...any) companion.ReclaimItem {
	return companion.ReclaimItem{
		Candidate: t.candidate[dictionary.SysID], Number: t.candidate[dictionary.CandidateNumber],
		Outcome: o, Message: fmt.Sprintf(format, args...),
	}
}

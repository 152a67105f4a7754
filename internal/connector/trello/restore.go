package trello

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

const opRestore = "give an enterprise member the licence back"

// snapshot is what is needed to give a licence back. The member's id is all that Trello asks for besides.
type snapshot struct {
	Enterprise string `json:"enterprise"`
}

// Snapshot implements connector.Restorer.
func (t *Trello) Snapshot(ctx context.Context, externalUserID string) (json.RawMessage, error) {
	e, err := t.theEnterprise(ctx)
	if err != nil {
		return nil, err
	}
	if _, known := t.members.Peek(externalUserID, t.clock.Now()); !known {
		if _, err := t.readHolder(ctx, e.ID, externalUserID); err != nil {
			return nil, err
		}
	}
	return json.Marshal(snapshot{Enterprise: e.ID})
}

const byHand = "Give the person a licence in Trello's enterprise dashboard or, where that shows no licences, at https://admin.atlassian.com"

// lostBoards is what removing a licence costs besides (support.atlassian.com/trello, removing an Enterprise license).
const lostBoards = "Boards and cards of the enterprise that the person was a member of may have lost them: whoever manages a board invites them again."

// Restore implements connector.Restorer.
func (t *Trello) Restore(ctx context.Context, externalUserID string, taken json.RawMessage) (connector.Restored, error) {
	var s snapshot
	if err := json.Unmarshal(taken, &s); err != nil || s.Enterprise == "" {
		return notPossible("The record of what was taken cannot be read. " + byHand), nil //nolint:nilerr // the answer is that it cannot be undone
	}
	e, err := t.theEnterprise(ctx)
	if err != nil {
		return connector.Unsettled(fmt.Errorf("%w: %w", connector.ErrNothingSent, err))
	}
	if e.ID != s.Enterprise {
		return notPossible(fmt.Sprintf(
			"The licence was taken in the enterprise %s, and the connection leads to %s by now. %s", s.Enterprise, e.label(), byHand)), nil
	}
	m, err := t.readMember(ctx, e.ID, externalUserID)
	switch {
	case connector.KindOf(err) == connector.KindNotFound:
		return hasLeft(e), nil
	case err != nil:
		return connector.Unsettled(fmt.Errorf("%w: %w", connector.ErrNothingSent, err))
	}
	return t.giveLicence(ctx, e, externalUserID, !m.deactivatedIn(e.ID))
}

func notPossible(message string) connector.Restored {
	return connector.Restored{Outcome: companion.RestoreNotPossible, Message: message}
}

func hasLeft(e *enterprise) connector.Restored {
	return notPossible(fmt.Sprintf(
		"The person has left the enterprise %s. Invite them to one of its workspaces, which gives them a licence", e.label()))
}

// giveLicence writes, and reads back whatever the answer left open. Somebody who was active all along may hold a licence
// or a free account, which reading does not tell apart; the write is harmless to the former.
func (t *Trello) giveLicence(ctx context.Context, e *enterprise, id string, wasActive bool) (connector.Restored, error) {
	var lost error
	for range writeTries {
		err := t.relicense(ctx, e, id)
		switch {
		case err == nil:
			return restored(wasActive, lost != nil), nil
		case lost == nil && errors.Is(err, connector.ErrNothingSent):
			return connector.Unsettled(err)
		case !connector.CannotTell(err):
			return t.notRestored(ctx, e, err)
		case ctx.Err() != nil:
			return connector.Unsettled(inDoubt(err))
		}
		lost = err
		gone, readErr := t.licenceGone(ctx, e.ID, id)
		if readErr != nil {
			return connector.Unsettled(inDoubt(fmt.Errorf("%w; reading the member back failed too: %w", err, readErr)))
		}
		if !gone && !wasActive {
			return restored(false, true), nil
		}
		if errors.Is(err, connector.ErrNothingSent) {
			break
		}
	}
	return connector.Restored{
		Outcome: companion.RestoreFailed,
		Message: lost.Error() + " (read back: the licence did not come back). Restore again",
	}, nil
}

func restored(wasActive, afterLoss bool) connector.Restored {
	if wasActive {
		return connector.Restored{
			Outcome: companion.RestoreAlreadyHeld,
			Message: "The member was active in the enterprise already, and Trello confirmed the licence",
		}
	}
	message := "Trello gave the licence back and the member is active in the enterprise again"
	if afterLoss {
		message = "Trello's answer was lost, but reading back shows that the member is active in the enterprise again"
	}
	return connector.Restored{Outcome: companion.RestorePartial, Message: message, Lost: []string{lostBoards}}
}

var errStillDeactivated = errors.New("Trello answered that it did so, but the member is still deactivated in the enterprise") //nolint:staticcheck // begins with a name

// relicense gives the licence and, where that leaves the member deactivated, ends the deactivation too.
func (t *Trello) relicense(ctx context.Context, e *enterprise, id string) error {
	m, err := t.write(ctx, e, id, opRestore, "licensed", true)
	if err != nil {
		return err
	}
	if m.IDEnterprisesDeactivated == nil {
		if m, err = t.readMember(ctx, e.ID, id); err != nil {
			return inDoubt(err)
		}
	}
	if !m.deactivatedIn(e.ID) {
		return nil
	}
	if _, err := t.write(ctx, e, id, opRestore, "deactivated", false); err != nil {
		if connector.CannotTell(err) {
			return inDoubt(err)
		}
		return err
	}
	gone, err := t.licenceGone(ctx, e.ID, id)
	switch {
	case err != nil:
		return inDoubt(err)
	case gone:
		return &connector.Error{
			Vendor: vendorName, Op: opRestore, Object: "member " + id, Kind: connector.KindRefused, Err: errStillDeactivated,
			Advice: "Look at the member in Trello; if the enterprise is linked to an Atlassian organisation, licences are managed there",
		}
	}
	return nil
}

// notRestored finds out why Trello refused: no seat is free, the person has left, or somebody else manages licences.
func (t *Trello) notRestored(ctx context.Context, e *enterprise, refusal error) (connector.Restored, error) {
	kind := connector.KindOf(refusal)
	switch {
	case kind == connector.KindCredentials, errors.Is(refusal, errStillDeactivated):
		return connector.Unsettled(refusal)
	case kind == connector.KindManagedElsewhere:
		return notPossible(refusal.Error()), nil
	case kind == connector.KindNotFound:
		return hasLeft(e), nil
	}
	now, err := t.readEnterprise(ctx, e.ID)
	switch {
	case connector.CannotTell(err):
		return connector.Unsettled(err)
	case err == nil && now.full():
		return notPossible(fmt.Sprintf(
			"All %d seats of the enterprise %s are in use, and Trello refused another: %s. Free a seat or buy one, then restore again",
			*now.Licenses.MaxMembers, e.label(), refusal)), nil
	case e.linkedToAtlassian() && (kind == connector.KindRefused || connector.StatusOf(refusal) == http.StatusForbidden):
		return notPossible(fmt.Sprintf("%s. The enterprise belongs to an Atlassian organisation: %s", refusal, lowerFirst(adviceElsewhere))), nil
	}
	return connector.Unsettled(refusal)
}

// full tells whether every seat that was bought is in use. Trello does not tell it for every enterprise.
func (e *enterprise) full() bool {
	return e.Licenses.MaxMembers != nil && *e.Licenses.MaxMembers > 0 && e.total() >= *e.Licenses.MaxMembers
}

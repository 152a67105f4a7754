package asana

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

const opRestore = "add a user to the workspace"

// snapshot is what is needed to add somebody again. It holds no mail address: Asana takes the id, which stays theirs,
// while an address could be somebody else's by then.
type snapshot struct {
	Workspace string `json:"workspace"`
	ViewOnly  bool   `json:"view_only,omitempty"`
}

// Snapshot implements connector.Restorer.
func (a *Asana) Snapshot(ctx context.Context, externalUserID string) (json.RawMessage, error) {
	noSeat := &connector.Error{
		Vendor: vendorName, Op: opMembership, Object: "user " + externalUserID, Kind: connector.KindNotFound,
		Advice: "The person holds no seat in the organisation",
	}
	if !isGID(externalUserID) {
		return nil, noSeat
	}
	workspace, err := a.workspaceID(ctx)
	if err != nil {
		return nil, err
	}
	begin := a.clock.Now()
	held, err := a.seatOf(ctx, workspace, externalUserID)
	switch {
	case err != nil:
		return nil, err
	case !held.active || held.guest:
		return nil, noSeat
	}
	a.read.Put(externalUserID, held, begin)
	return json.Marshal(snapshot{Workspace: workspace, ViewOnly: held.viewOnly})
}

const byHand = "Invite the person in Asana's admin console"

// Restore implements connector.Restorer. It adds the person to the organisation again, which Asana calls an invitation;
// it is sent once, since each may send a mail.
func (a *Asana) Restore(ctx context.Context, externalUserID string, taken json.RawMessage) (connector.Restored, error) {
	var s snapshot
	if err := json.Unmarshal(taken, &s); err != nil || s.Workspace == "" || !isGID(externalUserID) {
		return notPossible("The record of what was taken cannot be read. " + byHand), nil //nolint:nilerr // the answer is that it cannot be undone
	}
	workspace, err := a.workspaceID(ctx)
	if err != nil {
		return connector.Unsettled(beforeWriting(err))
	}
	if workspace != s.Workspace {
		return notPossible(fmt.Sprintf("The person was removed from the organisation %s, and the connection leads to %s by now. %s",
			s.Workspace, workspace, byHand)), nil
	}
	held, err := a.seatOf(ctx, workspace, externalUserID)
	switch {
	case err != nil:
		return connector.Unsettled(beforeWriting(err))
	case held.active && held.guest:
		return notPossible("The person is a guest of the organisation by now: make them a member in Asana's admin console"), nil
	case held.active:
		return alreadyHeld(), nil
	}
	if err := ctx.Err(); err != nil {
		return connector.Unsettled(beforeWriting(err))
	}
	return a.add(ctx, externalUserID, s)
}

func notPossible(message string) connector.Restored {
	return connector.Restored{Outcome: companion.RestoreNotPossible, Message: message}
}

func alreadyHeld() connector.Restored {
	return connector.Restored{Outcome: companion.RestoreAlreadyHeld, Message: "The person is a member of the organisation already"}
}

// add writes once and reads back.
func (a *Asana) add(ctx context.Context, gid string, s snapshot) (connector.Restored, error) {
	err := a.change(ctx, s.Workspace, gid, "addUser", opRestore)
	if connector.KindOf(err) == connector.KindCredentials || errors.Is(err, connector.ErrNothingSent) {
		return connector.Unsettled(err)
	}
	held, readErr := a.readBack(ctx, s.Workspace, gid)
	open := connector.CannotTell(err)
	switch {
	case readErr != nil && err == nil:
		// The read-back only confirms what Asana said.
		return restored(s, seat{active: true, viewOnly: s.ViewOnly}, false), nil
	case readErr != nil && !open:
		return refused(err)
	case readErr != nil:
		return connector.Restored{Outcome: companion.RestoreFailed, Message: err.Error()},
			fmt.Errorf("%w; reading the member back failed too: %w", err, readErr)
	case held.active && (err == nil || open):
		return restored(s, held, open), nil //nolint:nilerr // reading back settled it
	case held.active:
		return alreadyHeld(), nil
	case err == nil:
		return connector.Restored{
			Outcome: companion.RestoreFailed,
			Message: "Asana answered that it did so, but the person is still no member of the organisation; look at the member in Asana's admin console",
		}, nil
	case !open:
		return refused(err)
	case ctx.Err() != nil:
		// The write may still be on its way.
		return connector.Unsettled(err)
	}
	return connector.Restored{
		Outcome: companion.RestoreFailed,
		Message: err.Error() + " (read back: the person is still no member). Restore again",
	}, nil
}

// refused tells what an answer against adding somebody means. What Asana refuses a good credential, it will refuse again.
func refused(err error) (connector.Restored, error) {
	switch {
	case connector.KindOf(err) == connector.KindNotFound:
		return notPossible(fmt.Sprintf("Asana knows the person no more (%s). %s by mail address", err, byHand)), nil
	case connector.KindOf(err) == connector.KindRefused, connector.StatusOf(err) == http.StatusPaymentRequired:
		return notPossible(fmt.Sprintf("%s. %s; where no seat is free, free or buy one first", err, byHand)), nil
	}
	return connector.Unsettled(err)
}

// restored tells what came back and what did not (help.asana.com, user deprovisioning).
func restored(s snapshot, now seat, afterLoss bool) connector.Restored {
	r := connector.Restored{
		Outcome: companion.RestorePartial,
		Message: "Asana added the person to the organisation again",
		Lost: []string{
			"Asana calls this an invitation: the person may have to accept it before they can sign in.",
			"Tasks that were assigned to the person stay without an assignee; whoever got what they owned finds them in the private project \"Previously assigned tasks\".",
			"What the person owned, such as rules, templates and bundles, stays with its new owner.",
			"Memberships of teams and projects have to be given again.",
		},
	}
	if afterLoss {
		r.Message = "Asana's answer was lost, but reading back shows that the person is a member of the organisation again"
	}
	if now.guest {
		r.Lost = append(r.Lost, "The person came back as a guest: make them a member in Asana's admin console.")
	}
	if s.ViewOnly && !now.viewOnly {
		r.Lost = append(r.Lost, "The person had a view-only licence and came back without that limit: set it in Asana's admin console.")
	}
	return r
}

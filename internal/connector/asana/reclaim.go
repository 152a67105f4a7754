package asana

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

const (
	opReclaim    = "remove a user from the workspace"
	opMembership = "read a user's membership"
	// writeTries is how often a write is sent whose effect was unclear and then read back as absent.
	writeTries = 3
)

// seat is what a person has in the workspace, former memberships aside.
type seat struct{ active, admin, guest, viewOnly bool }

// Reclaim implements connector.Reclaimer. It removes the person from the organisation: all access ends, tasks stay and
// lose their assignee. It spends two reads beside the write, the first to spare admins, the second to be sure.
func (a *Asana) Reclaim(ctx context.Context, externalUserID string) (connector.Result, error) {
	// "me" and mail addresses would be understood as well, and could hit somebody else by now.
	if !isGID(externalUserID) {
		return connector.Result{
			Outcome: companion.OutcomeFailed,
			Message: fmt.Sprintf("%q is not the id of an Asana user, which has digits only; refresh the subscriptions", externalUserID),
		}, nil
	}
	me, err := a.self(ctx)
	if err != nil {
		return settle(beforeWriting(err))
	}
	workspace, err := a.workspaceID(ctx)
	if err != nil {
		return settle(beforeWriting(err))
	}
	if externalUserID == me.GID {
		return connector.Result{
			Outcome: companion.OutcomeSkippedSelf,
			Message: "This is the account of the connection itself. Without it the connection would stop working; remove it by hand if you must",
		}, nil
	}
	held, known := a.read.Take(externalUserID, a.clock.Now())
	if !known {
		held, err = a.seatOf(ctx, workspace, externalUserID)
	}
	switch {
	case err != nil:
		return settle(beforeWriting(err))
	case !held.active:
		return alreadyGone(), nil
	case held.guest:
		return connector.Result{
			Outcome: companion.OutcomeAlreadyGone,
			Message: "The person is a guest, and guests hold no seat: there is nothing to take",
		}, nil
	case held.admin:
		return connector.Result{
			Outcome: companion.OutcomeSkippedAdmin,
			Message: "The member is an admin of the organisation. Take the admin role away in Asana first if the seat shall go",
		}, nil
	}
	return a.remove(ctx, workspace, externalUserID)
}

// beforeWriting marks an error of what is read before the write.
func beforeWriting(err error) error { return fmt.Errorf("%w: %w", connector.ErrNothingSent, err) }

func alreadyGone() connector.Result {
	return connector.Result{Outcome: companion.OutcomeAlreadyGone, Message: "The person is no member of the organisation any more"}
}

// remove writes and reads back.
func (a *Asana) remove(ctx context.Context, workspace, gid string) (connector.Result, error) {
	var lost error
	for range writeTries {
		if err := ctx.Err(); err != nil {
			if lost == nil {
				return settle(beforeWriting(err))
			}
			break
		}
		err := a.change(ctx, workspace, gid, "removeUser", opReclaim)
		if connector.KindOf(err) == connector.KindCredentials || lost == nil && errors.Is(err, connector.ErrNothingSent) {
			return settle(err)
		}
		held, readErr := a.readBack(ctx, workspace, gid)
		switch {
		case readErr != nil && err == nil:
			// The read-back only confirms what Asana said.
			return done(false), nil
		case readErr != nil && !connector.CannotTell(readErr) && !connector.CannotTell(err):
			return settle(err)
		case readErr != nil:
			return connector.Result{Outcome: companion.OutcomeFailed, Message: err.Error()},
				fmt.Errorf("%w; reading the member back failed too: %w", err, readErr)
		case !held.active && (err == nil || connector.CannotTell(err)):
			return done(err != nil || lost != nil), nil //nolint:nilerr // reading back settled it
		case !held.active:
			return alreadyGone(), nil
		case err == nil:
			return connector.Result{
				Outcome: companion.OutcomeFailed,
				Message: "Asana answered that it did so, but the person is still a member of the organisation; look at the member in Asana's admin console",
			}, nil
		case !connector.CannotTell(err):
			return settle(err)
		case ctx.Err() != nil:
			// The write may still be on its way.
			return settle(err)
		}
		lost = err
		if connector.KindOf(err) == connector.KindRateLimited {
			break
		}
	}
	return connector.Result{
		Outcome: companion.OutcomeFailed,
		Message: lost.Error() + " (read back: the person is still a member)",
	}, nil
}

func done(afterLoss bool) connector.Result {
	message := "Asana removed the person from the organisation. Their tasks stay, without an assignee. If an identity provider provisions people, take the person out there too, or it may add them again"
	if afterLoss {
		message = "Asana's answer was lost, but reading back shows that the person is no member of the organisation any more"
	}
	return connector.Result{Outcome: companion.OutcomeDone, Message: message}
}

// change sends a change of the workspace's members once.
func (a *Asana) change(ctx context.Context, workspace, gid, action, op string) error {
	body, err := json.Marshal(map[string]any{"data": map[string]string{"user": gid}})
	if err != nil {
		return fmt.Errorf("write the request about user %s: %w", gid, err)
	}
	err = a.do(ctx, connector.Request{
		Method: http.MethodPost,
		Path:   "/workspaces/" + workspace + "/" + action,
		Body:   body,
		Op:     op,
		Object: "user " + gid,
		Once:   true,
		Decode: connector.Into(new(one[json.RawMessage])),
	})
	if failure := asError(err); failure != nil && failure.Kind == connector.KindBadAnswer {
		// The write may have taken effect behind an answer that cannot be read.
		failure.Kind = connector.KindUnavailable
	}
	return err
}

// readBack looks at what became of a write. It takes its time even where the caller's is over: what was written is written.
func (a *Asana) readBack(ctx context.Context, workspace, gid string) (seat, error) {
	const longest = 90 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longest)
	defer cancel()
	return a.seatOf(ctx, workspace, gid)
}

// Holds implements connector.PresenceChecker.
func (a *Asana) Holds(ctx context.Context, externalUserID string) (bool, error) {
	if !isGID(externalUserID) {
		return false, nil
	}
	workspace, err := a.workspaceID(ctx)
	if err != nil {
		return false, err
	}
	held, err := a.seatOf(ctx, workspace, externalUserID)
	return held.active && (a.guests || !held.guest), err
}

// seatOf reads the memberships of one person. A person whom Asana does not know has none.
func (a *Asana) seatOf(ctx context.Context, workspace, gid string) (seat, error) {
	var rows list[membership]
	err := a.do(ctx, connector.Request{
		Path:   "/workspaces/" + workspace + "/workspace_memberships",
		Query:  url.Values{"user": {gid}, "limit": {"100"}, "opt_fields": {"is_active,is_admin,is_guest,is_view_only,user"}},
		Op:     opMembership,
		Object: "user " + gid,
		Decode: connector.Into(&rows),
	})
	if connector.KindOf(err) == connector.KindNotFound {
		return seat{}, nil
	}
	if err != nil {
		return seat{}, err
	}
	var held seat
	for _, m := range rows.Data {
		switch {
		case m.User.GID != gid:
			return seat{}, badAnswer(opMembership, "user "+gid, "the answer is about another user")
		case m.IsActive:
			held = seat{active: true, admin: held.admin || m.IsAdmin, guest: m.IsGuest, viewOnly: m.IsViewOnly}
		}
	}
	return held, nil
}

// settle makes a result of an error that is an answer, and passes on one that leaves the outcome open.
func settle(err error) (connector.Result, error) {
	result := connector.Result{Outcome: companion.OutcomeFailed, Message: err.Error()}
	if connector.CannotTell(err) {
		return result, err
	}
	switch connector.KindOf(err) {
	case connector.KindPermission, connector.KindCredentials:
		result.Outcome = companion.OutcomeDenied
	}
	return result, nil
}

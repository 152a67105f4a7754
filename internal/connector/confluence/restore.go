package confluence

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

const opAdd = "add a user to a group"

// snapshot is the groups that a reclaim takes somebody out of. Their ids are unique beyond the site.
type snapshot struct {
	Groups []takenGroup `json:"groups"`
}

type takenGroup struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Snapshot implements connector.Restorer. The snapshot of somebody who keeps the seat by groups that are not the profile's
// is empty, since a reclaim takes them out of none.
func (c *Confluence) Snapshot(ctx context.Context, externalUserID string) (json.RawMessage, error) {
	h, known := c.holdings.Peek(externalUserID, c.clock.Now())
	if !known {
		var err error
		if h, err = c.readHolding(ctx, externalUserID); err != nil {
			return nil, err
		}
	}
	if len(h.chosen) == 0 && len(h.access) == 0 {
		return nil, &connector.Error{
			Vendor: vendorName, Op: opMemberOf, Object: "user " + externalUserID, Kind: connector.KindNotFound,
			Advice: "The person is in none of the groups that give access",
		}
	}
	s := snapshot{Groups: []takenGroup{}}
	for _, g := range h.chosen {
		s.Groups = append(s.Groups, takenGroup{ID: g.ID, Name: g.Name})
	}
	return json.Marshal(s)
}

// Restore implements connector.Restorer. It puts the person into every group of the snapshot, also into those that they
// seem to be in: reads lag behind a removal by minutes, and adding a member once more changes nothing.
func (c *Confluence) Restore(ctx context.Context, externalUserID string, taken json.RawMessage) (connector.Restored, error) {
	var s snapshot
	if err := json.Unmarshal(taken, &s); err != nil || s.Groups == nil {
		return notPossible("The record of what was taken cannot be read. Add the person to a group that gives access at https://admin.atlassian.com"), nil //nolint:nilerr // the answer is that it cannot be undone
	}
	if len(s.Groups) == 0 {
		return notPossible("Nothing was taken: the person was in none of the profile's groups"), nil
	}
	before, err := c.memberOf(ctx, externalUserID)
	switch {
	case connector.KindOf(err) == connector.KindNotFound:
		return notPossible(fmt.Sprintf("Confluence knows the person no more. Invite them at https://admin.atlassian.com, then add them to the group %s",
			names(s.all()))), nil
	case err != nil:
		return connector.Unsettled(beforeWriting(err))
	}
	u := undo{confluence: c, accountID: externalUserID, before: before}
	open, err := u.sort(ctx, s)
	if err != nil {
		return connector.Unsettled(beforeWriting(err))
	}
	for i, g := range open {
		if err := u.add(ctx, g); err != nil {
			return u.brokenOff(open[i:], err)
		}
	}
	return u.outcome(), nil
}

func (s snapshot) all() []group {
	var all []group
	for _, g := range s.Groups {
		all = append(all, group{ID: g.ID, Name: g.Name})
	}
	return all
}

func notPossible(message string) connector.Restored {
	return connector.Restored{Outcome: companion.RestoreNotPossible, Message: message}
}

// undo is one restore under way.
type undo struct {
	confluence *Confluence
	accountID  string
	before     []group
	back       []group
	shown      []group // those of back that rest on a read alone, because adding was refused
	lost       []string
}

// sort reads the groups anew and keeps those that people can be added to. It writes nothing.
func (u *undo) sort(ctx context.Context, s snapshot) (open []group, err error) {
	admins, err := u.confluence.adminGroups(ctx)
	if err != nil {
		return nil, err
	}
	for _, was := range s.all() {
		g, err := u.confluence.readGroup(ctx, was.ID)
		switch {
		case connector.KindOf(err) == connector.KindNotFound:
			u.vanished(was)
		case err != nil:
			return nil, err
		case g.external():
			u.synced(g)
		case isAdminGroup(g, admins) && !u.confluence.options.adminGroups:
			u.lost = append(u.lost, fmt.Sprintf(
				"The group %s makes its members admins, so that the person was not added; add them at https://admin.atlassian.com if they shall be one.", g.label()))
		default:
			open = append(open, g)
		}
	}
	return open, nil
}

func (u *undo) vanished(g group) {
	u.lost = append(u.lost, fmt.Sprintf("The group %s does not exist any more: add the person to one that gives access.", g.label()))
}

func (u *undo) synced(g group) {
	u.lost = append(u.lost, fmt.Sprintf("The group %s is synced from an identity provider: add the person there.", g.label()))
}

func holdsGroup(groups []group, g group) bool {
	return slices.ContainsFunc(groups, func(other group) bool { return other.ID == g.ID })
}

// add puts the person into a group. What Confluence answers about somebody who is in it already is not documented, so a
// refusal is compared with their groups. The header is against its check for forged requests.
func (u *undo) add(ctx context.Context, g group) error {
	c := u.confluence
	body, err := json.Marshal(map[string]string{"accountId": u.accountID})
	if err != nil {
		return fmt.Errorf("write the request to add user %s: %w", u.accountID, err)
	}
	err = c.do(ctx, call{
		Request: connector.Request{
			Method: http.MethodPost, Path: "/group/userByGroupId",
			Query: url.Values{"groupId": {g.ID}}, Body: body,
			Header: http.Header{"X-Atlassian-Token": {"no-check"}},
			Op:     opAdd, Object: fmt.Sprintf("user %s, group %s", u.accountID, g.label()), Limits: only(c.limits.remove),
		},
		scope: scopeWriteGroups, cost: costPlain,
	})
	switch connector.KindOf(err) {
	case connector.KindRefused:
		now, readErr := c.memberOf(ctx, u.accountID)
		switch {
		case connector.CannotTell(readErr):
			return readErr
		case readErr == nil && holdsGroup(now, g):
			u.shown = append(u.shown, g)
			err = nil
		default:
			u.lost = append(u.lost, fmt.Sprintf("Confluence refused to add the person to the group %s (%s): where no seat is free, free or buy one first.", g.label(), err))
			return nil
		}
	case connector.KindNotFound:
		u.vanished(g)
		return nil
	case connector.KindManagedElsewhere:
		u.synced(g)
		return nil
	}
	if err == nil {
		u.back = append(u.back, g)
	}
	return err
}

// brokenOff is the outcome of a restore that ended before its end. A second one does the rest.
func (u *undo) brokenOff(left []group, err error) (connector.Restored, error) {
	r, unknown := connector.Unsettled(err)
	r.Lost = u.lost
	if len(u.back) > 0 {
		r.Message = fmt.Sprintf("Added to the group %s, and not to %s: %s. Restore again to do the rest", names(u.back), names(left), r.Message)
		unknown = afterSome(unknown)
	}
	return r, unknown
}

func (u *undo) outcome() connector.Restored {
	if len(u.back) == 0 {
		return notPossible(strings.Join(u.lost, " "))
	}
	r := connector.Restored{
		Outcome: companion.RestoreDone, Lost: u.lost,
		Message: "Added to the group " + names(u.back) + ". The person has access to the site again; lists may show it some minutes later",
	}
	switch isNew := func(g group) bool { return !holdsGroup(u.before, g) }; {
	case len(u.lost) > 0:
		r.Outcome, r.Message = companion.RestorePartial, "Added to the group "+names(u.back)
	case !slices.ContainsFunc(u.back, isNew):
		r.Outcome, r.Message = companion.RestoreAlreadyHeld, "The person was in the group "+names(u.back)+" already"
	}
	if len(u.shown) > 0 {
		r.Message += fmt.Sprintf(". Confluence refused to add them to %s once more, where its lists show them; these can be some minutes old", names(u.shown))
	}
	return r
}

package confluence

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

const opRemove = "remove a user from a group"

// holding is the groups of one person, read afresh.
type holding struct {
	all    []group
	chosen []group // those of the profile
	access []group // those that give access and are not of the profile
}

// held reads the groups of a person. Somebody whom Confluence does not know is in none.
func (c *Confluence) held(ctx context.Context, accountID string) (holding, error) {
	var h holding
	chosen, err := c.chosenGroups(ctx)
	if err != nil {
		return h, err
	}
	access, err := c.accessGroups(ctx)
	if err != nil {
		return h, err
	}
	if h.all, err = c.memberOf(ctx, accountID); connector.KindOf(err) == connector.KindNotFound {
		return h, nil
	} else if err != nil {
		return h, err
	}
	for _, g := range h.all {
		is := func(other group) bool { return other.ID == g.ID }
		switch {
		case slices.ContainsFunc(chosen, is):
			if known := slices.IndexFunc(access.groups, is); known >= 0 && g.ManagedBy == "" {
				g.ManagedBy = access.groups[known].ManagedBy
			}
			h.chosen = append(h.chosen, g)
		case slices.ContainsFunc(access.groups, is):
			h.access = append(h.access, g)
		}
	}
	return h, nil
}

// readHolding is held that keeps what it read for the reclaim that may follow.
func (c *Confluence) readHolding(ctx context.Context, accountID string) (holding, error) {
	begin := c.clock.Now()
	h, err := c.held(ctx, accountID)
	if err == nil {
		c.holdings.Put(accountID, h, begin)
	}
	return h, err
}

// Reclaim implements connector.Reclaimer. It removes a person from all groups of the profile that they are in now. What
// they wrote stays.
func (c *Confluence) Reclaim(ctx context.Context, externalUserID string) (connector.Result, error) {
	me, err := c.self(ctx)
	if err != nil {
		return notBegun(err)
	}
	if externalUserID == me.AccountID {
		return connector.Result{
			Outcome: companion.OutcomeSkippedSelf,
			Message: "This is the account of the connection itself. Without its seat the connection would stop working; reclaim it by hand if you must",
		}, nil
	}
	h, known := c.holdings.Take(externalUserID, c.clock.Now())
	if !known {
		if h, err = c.held(ctx, externalUserID); err != nil {
			return notBegun(err)
		}
	}
	spared, err := c.spared(ctx, h)
	if err != nil {
		return notBegun(err)
	}
	if spared != nil {
		return *spared, nil
	}
	if len(h.chosen) == 0 {
		return h.nothingLeft(), nil
	}
	return c.removeFrom(ctx, externalUserID, h)
}

// spared tells why a person must keep the seat, before anything is written; nil where nothing stands against it.
func (c *Confluence) spared(ctx context.Context, h holding) (*connector.Result, error) {
	var protected, external, administered []group
	admins, err := c.adminGroups(ctx)
	if err != nil {
		return nil, err
	}
	for _, g := range h.all {
		if slices.Contains(c.options.protected, g.ID) {
			protected = append(protected, g)
		}
		if isAdminGroup(g, admins) {
			administered = append(administered, g)
		}
	}
	for _, g := range h.chosen {
		if g.external() {
			external = append(external, g)
		}
	}
	switch {
	case len(protected) > 0:
		return &connector.Result{
			Outcome: companion.OutcomeSkippedProtected,
			Message: "The person is in a group that is protected from reclaiming: " + names(protected),
		}, nil
	case len(administered) > 0 && !c.options.adminGroups:
		return &connector.Result{
			Outcome: companion.OutcomeSkippedAdmin,
			Message: fmt.Sprintf("The person is an admin by the group %s. Remove them there first, or set vendor_config.confluence.allow_admin_groups if the seat shall go all the same", names(administered)),
		}, nil
	case len(external) > 0:
		return &connector.Result{
			Outcome: companion.OutcomeManagedElsewhere,
			Message: fmt.Sprintf("The seat comes from the group %s, which is synced from an identity provider and would come back from there: remove the person there. Nothing was changed", names(external)),
		}, nil
	}
	return nil, nil
}

// nothingLeft is the result for somebody who is in none of the profile's groups.
func (h holding) nothingLeft() connector.Result {
	if len(h.access) > 0 {
		return connector.Result{Outcome: companion.OutcomeFailed, Message: "The person is in none of the profile's groups. " + h.stillAccess()}
	}
	return connector.Result{
		Outcome: companion.OutcomeAlreadyGone,
		Message: "The person is in none of the profile's groups any more",
	}
}

func (h holding) stillAccess() string {
	return fmt.Sprintf("They keep the seat by the group %s, which gives access and is not among the profile's groups: add it to vendor_config.confluence.group_ids, or remove the person there", names(h.access))
}

// removeFrom takes a person out of the groups one by one. It stops where Confluence refuses, as it would refuse the rest.
// A second call does what the first one left.
func (c *Confluence) removeFrom(ctx context.Context, accountID string, h holding) (connector.Result, error) {
	for i, g := range h.chosen {
		err := c.remove(ctx, accountID, g)
		if err != nil {
			return partial(h.chosen[:i], h.chosen[i:], err)
		}
	}
	done := "Removed from the group " + names(h.chosen)
	if len(h.access) > 0 {
		return connector.Result{Outcome: companion.OutcomeFailed, Message: done + ". " + h.stillAccess()}, nil
	}
	return connector.Result{
		Outcome: companion.OutcomeDone,
		Message: done + ". The person loses access to the site; what they wrote stays",
	}, nil
}

// partial is the result of a removal that ended before its end.
func partial(done, left []group, err error) (connector.Result, error) {
	result, unknown := settle(err)
	if len(done) == 0 {
		return result, unknown
	}
	result.Outcome = companion.OutcomeFailed
	result.Message = fmt.Sprintf("Removed from the group %s, and not from %s: %s. Reclaim again to do the rest", names(done), names(left), result.Message)
	return result, afterSome(unknown)
}

// afterSome makes an error that came after something was changed look like nothing else: the last write may have been
// turned away, and those before were not.
func afterSome(err error) error {
	if !errors.Is(err, connector.ErrNothingSent) {
		return err
	}
	changed := &connector.Error{
		Vendor: vendorName, Op: "change the groups of a user", Kind: connector.KindOf(err), Err: errors.New(err.Error()),
		Advice: "Run again; that does the rest",
	}
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, ended) {
			changed.Err = fmt.Errorf("%w: %w", ended, changed.Err)
		}
	}
	return changed
}

// remove takes a person out of a group. Confluence answers the same to somebody who is not in it, so that the call can be
// repeated. The header is against its check for forged requests.
func (c *Confluence) remove(ctx context.Context, accountID string, g group) error {
	err := c.do(ctx, call{
		Request: connector.Request{
			Method: http.MethodDelete, Path: "/group/userByGroupId",
			Query:  url.Values{"groupId": {g.ID}, "accountId": {accountID}},
			Header: http.Header{"X-Atlassian-Token": {"no-check"}},
			Op:     opRemove, Object: fmt.Sprintf("user %s, group %s", accountID, g.label()), Limits: only(c.limits.remove),
		},
		scope: scopeWriteGroups, cost: costPlain,
	})
	if connector.KindOf(err) != connector.KindNotFound {
		return err
	}
	// No such group or no such person: the latter has lost the seat, and the former cannot give one.
	now, readErr := c.memberOf(ctx, accountID)
	switch {
	case connector.KindOf(readErr) == connector.KindNotFound:
		return nil
	case readErr != nil:
		return readErr
	case slices.ContainsFunc(now, func(other group) bool { return other.ID == g.ID }):
		return err
	}
	return nil
}

// notBegun makes a result of an error before the write.
func notBegun(err error) (connector.Result, error) {
	result, unknown := settle(err)
	if unknown != nil {
		unknown = beforeWriting(unknown)
	}
	return result, unknown
}

// beforeWriting marks an error of what is read before the write.
func beforeWriting(err error) error { return fmt.Errorf("%w: %w", connector.ErrNothingSent, err) }

// settle makes a result of an error that is an answer, and passes on one that leaves the outcome open.
func settle(err error) (connector.Result, error) {
	result := connector.Result{Outcome: companion.OutcomeFailed, Message: err.Error()}
	if connector.CannotTell(err) {
		return result, err
	}
	switch connector.KindOf(err) {
	case connector.KindPermission, connector.KindCredentials:
		result.Outcome = companion.OutcomeDenied
	case connector.KindManagedElsewhere:
		result.Outcome = companion.OutcomeManagedElsewhere
	}
	return result, nil
}

func names(groups []group) string {
	var list []string
	for _, g := range groups {
		list = append(list, g.label())
	}
	return strings.Join(list, ", ")
}

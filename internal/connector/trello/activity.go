package trello

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// LastActivity implements connector.ActivityReader with one read of the member inside the enterprise. That route is not
// under /1/members and so outside its small budget.
func (t *Trello) LastActivity(ctx context.Context, externalUserID string) (time.Time, error) {
	e, err := t.theEnterprise(ctx)
	if err != nil {
		return time.Time{}, err
	}
	m, err := t.readHolder(ctx, e.ID, externalUserID)
	if err != nil {
		return time.Time{}, err
	}
	last, told, err := m.lastActivity(date{})
	if err != nil {
		return time.Time{}, t.badAnswer(opReadMember, "member "+externalUserID, err.Error())
	}
	if told {
		return last, nil
	}
	// Trello leaves the date out for who was never seen, and would for everybody if it stopped telling dates.
	tells, err := t.tellsActivity(ctx, e.ID)
	if err != nil {
		return time.Time{}, err
	}
	if !tells {
		return time.Time{}, t.badAnswer(opReadMember, "member "+externalUserID,
			"the answer holds no date of the last activity, and neither do those about others, so the member may be active")
	}
	return time.Time{}, nil
}

// tellsActivity tells whether Trello gives dates of activity at all, by a page of members. It is asked once.
func (t *Trello) tellsActivity(ctx context.Context, enterpriseID string) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.tells {
		return true, nil
	}
	var members []member
	_, err := t.client.Do(ctx, connector.Request{
		Path: "/enterprises/" + url.PathEscape(enterpriseID) + "/members",
		Query: url.Values{
			"associationTypes": {"licensed"}, "fields": {memberFields},
			"count": {strconv.Itoa(pageSize)}, "startIndex": {strconv.Itoa(firstIndex)},
		},
		Op: opList, Object: "enterprise " + enterpriseID, Decode: connector.Into(&members),
	})
	if err != nil {
		return false, err
	}
	for i := range members {
		if _, told, err := members[i].lastActivity(date{}); err == nil && told {
			t.tells = true
		}
	}
	return t.tells, nil
}

// Holds implements connector.PresenceChecker with one read of the member. Only what Trello says takes somebody for gone:
// that the enterprise has no such member, or has deactivated them, which is what losing the licence does.
func (t *Trello) Holds(ctx context.Context, externalUserID string) (bool, error) {
	e, err := t.theEnterprise(ctx)
	if err != nil {
		return false, err
	}
	gone, err := t.licenceGone(ctx, e.ID, externalUserID)
	return err == nil && !gone, err
}

const opReadMember = "read an enterprise member"

func (t *Trello) readMember(ctx context.Context, enterpriseID, id string) (*member, error) {
	var m member
	_, err := t.client.Do(ctx, connector.Request{
		Path:   memberPath(enterpriseID, id),
		Query:  url.Values{"fields": {memberFields + ",dateLastImpression,idEnterprisesAdmin"}},
		Op:     opReadMember,
		Object: "member " + id,
		Decode: connector.Into(&m),
	})
	if err != nil {
		return nil, err
	}
	if m.ID != id {
		return nil, t.badAnswer(opReadMember, "member "+id, "the answer is about another member")
	}
	return &m, nil
}

// readHolder reads a member who holds a licence, and keeps it for the reclaim that may follow. Whoever holds none is an
// *connector.Error of KindNotFound.
func (t *Trello) readHolder(ctx context.Context, enterpriseID, id string) (*member, error) {
	begin := t.clock.Now()
	m, err := t.readMember(ctx, enterpriseID, id)
	if err != nil {
		return nil, err
	}
	if m.deactivatedIn(enterpriseID) {
		return nil, &connector.Error{
			Vendor: vendorName, Op: opReadMember, Object: "member " + id, Kind: connector.KindNotFound,
			Advice: "The member is deactivated in the enterprise and holds no licence any more",
		}
	}
	t.members.Put(id, m, begin)
	return m, nil
}

func memberPath(enterpriseID, id string) string {
	return "/enterprises/" + url.PathEscape(enterpriseID) + "/members/" + url.PathEscape(id)
}

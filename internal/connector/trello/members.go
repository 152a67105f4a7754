package trello

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

const (
	pageSize     = 100
	firstIndex   = 1
	highestIndex = 9999
	// offsetReach is how many members the offset route lists for certain, with the empty page that confirms the end.
	offsetReach = 9900
	readAhead   = 4

	memberFields = "id,fullName,username,memberEmail,dateLastAccessed,idEnterprisesDeactivated"

	opList = "list enterprise members"
)

// page is one page of either member list.
type page struct {
	members []membership
	decoded []member
}

var pages = sync.Pool{New: func() any { return new(page) }}

// Subscriptions implements connector.Connector. It lists the enterprise's members who hold a licence. Free managed
// accounts, guests and deactivated members hold none.
func (t *Trello) Subscriptions(ctx context.Context, emit func([]connector.Subscription) error) (connector.Walk, error) {
	walk := connector.Walk{Total: -1}
	e, err := t.theEnterprise(ctx)
	if err != nil {
		return walk, err
	}
	walk.Total = e.total()
	l := &listing{trello: t, enterprise: e, emit: emit, seen: connector.NewSeen(max(walk.Total, 0))}
	if err := l.pass(ctx); err != nil {
		return walk, l.explain(err)
	}
	after, err := t.readEnterprise(ctx, e.ID)
	if err != nil {
		return walk, err
	}
	walk.Complete = true
	if after.total() < walk.Total || after.total() > walk.Total && l.emitted < after.total() {
		// Pages shift when somebody leaves, and whoever was to be first on the next page slips to the one already read.
		if after, walk.Complete, err = l.again(ctx, after); err != nil {
			return walk, l.explain(err)
		}
		if !walk.Complete {
			walk.Warnings = append(walk.Warnings,
				"Trello's member list kept changing while it was read, so somebody may be missing; nobody is taken for gone because of this run")
		}
	}
	walk.Total = after.total()
	l.compare(&walk)
	if walk.NoActivity = l.emitted > 0 && !l.told; walk.NoActivity {
		walk.Warnings = append(walk.Warnings, "Trello told nobody's last activity, so nobody is taken for idle because of this run")
	}
	return walk, nil
}

// listing is one walk over the members.
type listing struct {
	trello     *Trello
	enterprise *enterprise
	emit       func([]connector.Subscription) error
	seen       *connector.Seen
	batch      []connector.Subscription
	emitted    int
	told       bool // Trello told somebody's last activity, if only as null
}

// pass reads the list once, over the route that reaches all of it.
func (l *listing) pass(ctx context.Context) error {
	if l.enterprise.total() > offsetReach {
		return l.byCursor(ctx)
	}
	err := l.byOffset(ctx)
	if errors.Is(err, connector.ErrOffsetsEnd) {
		l.seen.NextPass()
		return l.byCursor(ctx)
	}
	return err
}

// again reads the list a second time for those whom the first pass missed. The walk is complete when the second pass
// found nobody new, or nothing changed during it.
func (l *listing) again(ctx context.Context, before *enterprise) (after *enterprise, complete bool, err error) {
	known := l.seen.Len()
	l.seen.NextPass()
	l.enterprise = before
	if err := l.pass(ctx); err != nil {
		return before, false, err
	}
	if after, err = l.trello.readEnterprise(ctx, before.ID); err != nil {
		return before, false, err
	}
	return after, l.seen.Len() == known || after.total() == before.total(), nil
}

// compare checks the number of people against the only total that Trello gives.
func (l *listing) compare(walk *connector.Walk) {
	switch {
	case walk.Total < 0 || walk.Total == l.emitted:
	case 2*l.emitted < walk.Total:
		walk.Complete = false
		walk.Warnings = append(walk.Warnings, fmt.Sprintf(
			"Trello counts %d used licences but lists only %d members with one; the list is not taken for complete, and nobody for gone",
			walk.Total, l.emitted))
	default:
		walk.Warnings = append(walk.Warnings, fmt.Sprintf(
			"Trello counts %d used licences and lists %d members with one", walk.Total, l.emitted))
	}
}

func (l *listing) explain(err error) error {
	if !errors.Is(err, connector.ErrLoop) {
		return err
	}
	return &connector.Error{
		Vendor: vendorName, Op: opList, Object: "enterprise " + l.enterprise.ID, Kind: connector.KindLoop, Err: err,
		Advice: "Nobody is taken for gone because of this run; run again, and report it if it stays",
	}
}

func (l *listing) byOffset(ctx context.Context) error {
	o := connector.Offsets{
		First: firstIndex, Size: pageSize, Last: highestIndex, Expected: l.enterprise.total(), Ahead: readAhead,
	}
	return connector.WalkOffsets(ctx, o, func(ctx context.Context, offset int) (*page, int, error) {
		return l.trello.pageByOffset(ctx, l.enterprise.ID, offset)
	}, l.take)
}

func (l *listing) byCursor(ctx context.Context) error {
	cursors := 0
	return connector.WalkCursor(ctx, func(ctx context.Context, cursor string) (connector.CursorPage[*page], error) {
		p, next, err := l.trello.pageByCursor(ctx, l.enterprise.ID, cursor)
		if err != nil {
			return connector.CursorPage[*page]{}, err
		}
		if next != "" {
			cursors++
		} else if len(p.members) >= pageSize && cursors == 0 {
			// Where the next cursor stands is not documented. A full page without one, when none was ever found, is not
			// the end but a place that we do not know.
			return connector.CursorPage[*page]{}, l.trello.badAnswer(opList, "enterprise "+l.enterprise.ID,
				"the first page is full, but the answer holds no cursor for the next one")
		}
		return connector.CursorPage[*page]{Page: p, Items: len(p.members), Next: next}, nil
	}, l.take)
}

// take emits the new licence holders of a page and tells how many of its people were not listed before.
func (l *listing) take(p *page) (fresh int, err error) {
	defer pages.Put(p)
	l.batch = l.batch[:0]
	for i := range p.members {
		entry := &p.members[i]
		m := &entry.Member
		if m.ID == "" {
			return 0, l.trello.badAnswer(opList, "enterprise "+l.enterprise.ID, "a member has no id")
		}
		isFresh, isNew := l.seen.Add(m.ID)
		if isFresh {
			fresh++
		}
		if !isNew || !entry.holdsLicence(l.enterprise.ID) {
			continue
		}
		last, told, err := m.lastActivity(entry.LastActive)
		if err != nil {
			return 0, l.trello.badAnswer(opList, "enterprise "+l.enterprise.ID, err.Error())
		}
		l.told = l.told || told
		l.batch = append(l.batch, connector.Subscription{
			ExternalUserID:    m.ID,
			UserPrincipalName: m.principal(),
			UserName:          m.Username,
			Email:             m.email(),
			FullName:          m.FullName,
			Identifier:        identifier,
			ExternalCreated:   created(m.ID),
			LastActivity:      last,
		})
	}
	l.emitted += len(l.batch)
	if len(l.batch) == 0 {
		return fresh, nil
	}
	return fresh, l.emit(l.batch)
}

func (e *membership) holdsLicence(enterpriseID string) bool {
	if e.Licensed != nil && !*e.Licensed || e.Deactivated != nil && *e.Deactivated {
		return false
	}
	return !e.Member.deactivatedIn(enterpriseID)
}

// pageByOffset reads GET /1/enterprises/{id}/members. associationTypes and most fields are not in the documentation;
// scripts of Trello's own staff use them.
func (t *Trello) pageByOffset(ctx context.Context, enterpriseID string, index int) (*page, int, error) {
	p := pages.Get().(*page)
	_, err := t.client.Do(ctx, connector.Request{
		Path: "/enterprises/" + enterpriseID + "/members",
		Query: url.Values{
			"associationTypes": {"licensed"},
			"fields":           {memberFields},
			"count":            {strconv.Itoa(pageSize)},
			"startIndex":       {strconv.Itoa(index)},
		},
		Op:     opList,
		Object: fmt.Sprintf("enterprise %s, from position %d", enterpriseID, index),
		Decode: p.decodeMembers,
	})
	return p, len(p.members), err
}

// pageByCursor reads GET /1/enterprises/{id}/members/query. Only licensed is sent: a filter that is false makes Trello
// answer "At least one association must be specified" (jira.atlassian.com/browse/TRELLO-1112), so deactivated members
// are left out here instead.
func (t *Trello) pageByCursor(ctx context.Context, enterpriseID, cursor string) (*page, string, error) {
	p := pages.Get().(*page)
	query := url.Values{"licensed": {"true"}}
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	var next string
	header, err := t.client.Do(ctx, connector.Request{
		Path:   "/enterprises/" + enterpriseID + "/members/query",
		Query:  query,
		Op:     opList,
		Object: "enterprise " + enterpriseID,
		Decode: func(body []byte) error {
			var err error
			next, err = p.decodeQuery(body)
			return err
		},
	})
	if err != nil {
		return nil, "", err
	}
	if next == "" {
		next = headerCursor(header)
	}
	return p, next, nil
}

func (p *page) decodeMembers(body []byte) error {
	// Unmarshal leaves fields of reused elements as they are where the JSON has no value.
	clear(p.decoded[:cap(p.decoded)])
	p.decoded, p.members = p.decoded[:0], p.members[:0]
	if err := json.Unmarshal(body, &p.decoded); err != nil {
		return err
	}
	for i := range p.decoded {
		p.members = append(p.members, membership{Member: p.decoded[i]})
	}
	return nil
}

// decodeQuery reads a page of members/query. The documentation speaks of a cursor "in the response" and gives a bare
// array as the schema, so an object around the array is understood as well.
func (p *page) decodeQuery(body []byte) (next string, err error) {
	clear(p.members[:cap(p.members)])
	p.members = p.members[:0]
	if bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("[")) {
		return "", json.Unmarshal(body, &p.members)
	}
	var envelope struct {
		Members, Memberships, Users, Data []membership
		Cursor, NextCursor                string
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return "", err
	}
	for _, list := range [][]membership{envelope.Members, envelope.Memberships, envelope.Users, envelope.Data} {
		if list != nil {
			p.members = append(p.members, list...)
			break
		}
	}
	if envelope.Cursor == "" {
		return envelope.NextCursor, nil
	}
	return envelope.Cursor, nil
}

// headerCursor finds a cursor in a header of its own or in a Link header.
func headerCursor(h http.Header) string {
	for name, values := range h {
		lower := strings.ToLower(name)
		if (lower == "cursor" || strings.HasSuffix(lower, "-cursor")) && values[0] != "" {
			return values[0]
		}
	}
	for _, link := range h.Values("Link") {
		for _, part := range strings.Split(link, ",") {
			target, params, ok := strings.Cut(strings.TrimSpace(part), ">")
			if !ok || !strings.Contains(params, `rel="next"`) && !strings.Contains(params, "rel=next") {
				continue
			}
			if u, err := url.Parse(strings.TrimPrefix(target, "<")); err == nil {
				return u.Query().Get("cursor")
			}
		}
	}
	return ""
}

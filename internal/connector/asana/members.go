package asana

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

const (
	opList = "list workspace memberships"
	// memberFields asks for user.email, which Asana answers though its description lists only user.name.
	memberFields = "is_active,is_guest,created_at,user.name,user.email"
	// listTries is how often a list is begun, because its offset grew too old in between.
	listTries = 3
)

// Subscriptions implements connector.Connector. It lists the members who hold a seat: active, and no guest. Invited people
// hold one too, and cannot be told apart.
func (a *Asana) Subscriptions(ctx context.Context, emit func([]connector.Subscription) error) (connector.Walk, error) {
	walk := connector.Walk{Total: -1}
	gid, err := a.workspaceID(ctx)
	if err != nil {
		return walk, err
	}
	agents, err := a.agents(ctx, gid)
	if err != nil {
		return walk, err
	}
	l := &listing{asana: a, workspace: gid, agents: agents, seen: connector.NewSeen(0), emit: emit}
	if err := l.walk(ctx); err != nil {
		return walk, err
	}
	// Who administers an organisation holds a seat in it, so that there is always somebody.
	walk.Complete = l.emitted > 0
	if !walk.Complete {
		walk.Warnings = append(walk.Warnings,
			"Asana lists nobody with a seat, though an organisation has at least one admin; the list is not taken for complete, and nobody for gone")
	}
	return walk, nil
}

// listing is one walk over the memberships of a workspace.
type listing struct {
	asana     *Asana
	workspace string
	agents    map[string]struct{}
	seen      *connector.Seen
	emit      func([]connector.Subscription) error
	batch     []connector.Subscription
	emitted   int
}

func (l *listing) walk(ctx context.Context) error {
	var err error
	for try := range listTries {
		if try > 0 {
			l.asana.log.InfoContext(ctx, "the member list's offset has expired, beginning again", "workspace", l.workspace)
			l.seen.NextPass()
		}
		err = connector.WalkCursor(ctx, func(ctx context.Context, offset string) (connector.CursorPage[*page], error) {
			return l.asana.page(ctx, l.workspace, offset)
		}, l.take)
		if !staleOffset(err) {
			break
		}
	}
	if errors.Is(err, connector.ErrLoop) {
		return &connector.Error{
			Vendor: vendorName, Op: opList, Object: "workspace " + l.workspace, Kind: connector.KindLoop, Err: err,
			Advice: "Nobody is taken for gone because of this run; run again, and report it if it stays",
		}
	}
	return err
}

// take emits the new seat holders of a page and tells how many of its rows were not listed before.
func (l *listing) take(p *page) (fresh int, err error) {
	defer pages.Put(p)
	l.batch = l.batch[:0]
	for i := range p.rows {
		m := &p.rows[i]
		if m.User.GID == "" {
			return 0, badAnswer(opList, "workspace "+l.workspace, "a membership has no user")
		}
		// Former memberships count as rows of their own, so that somebody removed and added again is listed by the active one.
		key := m.User.GID
		if !m.IsActive {
			key = "former " + m.GID
		}
		isFresh, isNew := l.seen.Add(key)
		if isFresh {
			fresh++
		}
		if !isNew || !l.asana.holdsSeat(m) {
			continue
		}
		if _, agent := l.agents[m.User.GID]; agent {
			continue
		}
		s, err := l.asana.subscription(m)
		if err != nil {
			return 0, badAnswer(opList, "workspace "+l.workspace, err.Error())
		}
		l.batch = append(l.batch, s)
	}
	l.emitted += len(l.batch)
	if len(l.batch) == 0 {
		return fresh, nil
	}
	return fresh, l.emit(l.batch)
}

func (a *Asana) holdsSeat(m *membership) bool { return m.IsActive && (a.guests || !m.IsGuest) }

func (a *Asana) subscription(m *membership) (connector.Subscription, error) {
	created, err := moment(m.CreatedAt)
	if err != nil {
		return connector.Subscription{}, fmt.Errorf("the date %q of membership %s cannot be read", m.CreatedAt, m.GID)
	}
	s := connector.Subscription{
		ExternalUserID:    m.User.GID,
		UserPrincipalName: m.User.principal(),
		Email:             m.User.Email,
		FullName:          m.User.Name,
		Identifier:        identifier,
		ExternalCreated:   created,
	}
	if m.IsViewOnly && a.viewOnly != "" {
		s.Identifier = a.viewOnly
	}
	return s, nil
}

// page is one page of memberships, kept for reuse.
type page struct{ rows []membership }

var pages = sync.Pool{New: func() any { return new(page) }}

func (a *Asana) page(ctx context.Context, workspace, offset string) (connector.CursorPage[*page], error) {
	p := pages.Get().(*page)
	fields := memberFields
	if a.viewOnly != "" {
		fields += ",is_view_only"
	}
	var next string
	err := a.do(ctx, connector.Request{
		Path:   "/workspaces/" + workspace + "/workspace_memberships",
		Query:  listQuery(fields, offset),
		Op:     opList,
		Object: "workspace " + workspace,
		Decode: func(body []byte) error {
			var err error
			next, err = p.decode(body)
			return err
		},
	})
	return connector.CursorPage[*page]{Page: p, Items: len(p.rows), Next: next}, err
}

func (p *page) decode(body []byte) (next string, err error) {
	// Unmarshal leaves fields of reused elements as they are where the JSON has no value.
	clear(p.rows[:cap(p.rows)])
	answer := list[membership]{Data: p.rows[:0]}
	err = json.Unmarshal(body, &answer)
	p.rows = answer.Data
	return answer.next(), err
}

// agents are the ids of the workspace's AI teammates, who hold no seat. Where Asana does not tell them, there are none to
// leave out.
func (a *Asana) agents(ctx context.Context, workspace string) (map[string]struct{}, error) {
	agents := map[string]struct{}{}
	err := connector.WalkCursor(ctx, func(ctx context.Context, offset string) (connector.CursorPage[[]user], error) {
		var page list[user]
		err := a.do(ctx, connector.Request{
			Path:   "/workspaces/" + workspace + "/agents",
			Query:  listQuery("name", offset),
			Op:     "list the AI teammates",
			Object: "workspace " + workspace,
			Decode: connector.Into(&page),
		})
		return connector.CursorPage[[]user]{Page: page.Data, Items: len(page.Data), Next: page.next()}, err
	}, func(page []user) (int, error) {
		for _, agent := range page {
			agents[agent.GID] = struct{}{}
		}
		return len(page), nil
	})
	if connector.CannotTell(err) || connector.KindOf(err) == connector.KindCredentials {
		return nil, err
	}
	if err != nil {
		a.log.InfoContext(ctx, "Asana does not tell the AI teammates", "error", err.Error())
	}
	return agents, nil
}

package confluence

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

const opList = "list the members of a group"

// groupsAhead is how many groups' first pages are read ahead.
const groupsAhead = 4

var memberPages = sync.Pool{New: func() any { return new(memberPage) }}

// Subscriptions implements connector.Connector. It lists the members of the profile's groups who take a seat, each once.
// Bots, portal customers, people without access and, unless they are asked for, guests take none. Suspended people are in
// no list.
func (c *Confluence) Subscriptions(ctx context.Context, emit func([]connector.Subscription) error) (connector.Walk, error) {
	details, err := c.directory(ctx)
	if err != nil {
		return connector.Walk{Total: -1}, err
	}
	return c.walk(ctx, details, emit)
}

func (c *Confluence) walk(ctx context.Context, details map[string]detail, emit func([]connector.Subscription) error) (connector.Walk, error) {
	walk := connector.Walk{Total: -1}
	groups, err := c.chosenGroups(ctx)
	if err != nil {
		return walk, err
	}
	l := &listing{confluence: c, emit: emit, details: details, seen: connector.NewSeen(0), left: map[standing]int{}}
	moved, err := l.pass(ctx, groups)
	if err != nil {
		return walk, err
	}
	walk.Complete = true
	if l.broken {
		moved = groups
	}
	if len(moved) > 0 {
		// Pages shift when somebody leaves, and whoever was to be first on the next page slips to the one already read.
		known := l.seen.Len()
		if moved, err = l.pass(ctx, moved); err != nil {
			return walk, err
		}
		if walk.Complete = !l.broken && (len(moved) == 0 || l.seen.Len() == known); !walk.Complete {
			walk.Warnings = append(walk.Warnings,
				"Confluence's groups kept changing while they were read, or their lists broke off, so somebody may be missing; nobody is taken for gone because of this run")
		}
	}
	if l.listed == 0 && l.told > 0 {
		walk.Complete = false
		walk.Warnings = append(walk.Warnings, fmt.Sprintf(
			"Confluence counts %d members of the groups and lists none; nobody is taken for gone because of this run", l.told))
	}
	c.log.LogAttrs(ctx, slog.LevelInfo, "listed group members", slog.Int("groups", len(groups)), slog.Int("seats", l.emitted),
		slog.Int("bots", l.left[bot]), slog.Int("guests", l.left[invited]), slog.Int("portal_customers", l.left[portal]),
		slog.Int("without_access", l.left[unlicensed]), slog.Int("deleted", l.left[nameless]), slog.Int("type_unknown", l.untyped))
	return walk, nil
}

// listing is one walk over the members of groups.
type listing struct {
	confluence *Confluence
	emit       func([]connector.Subscription) error
	seen       *connector.Seen
	details    map[string]detail // of the organisation's directory; nil without one
	batch      []connector.Subscription

	listed  int // people on all pages, whoever they are
	told    int // members that the groups say they have
	emitted int
	left    map[standing]int // left out
	untyped int
	broken  bool // the list of a group ended before its size
}

// fetched is a page that was read ahead.
type fetched struct {
	page *memberPage
	err  error
}

func (l *listing) fetch(ctx context.Context, g group, start int) chan fetched {
	result := make(chan fetched, 1)
	go func() {
		p, err := l.confluence.members(ctx, g, start, pageSize, start == 0)
		result <- fetched{p, err}
	}()
	return result
}

// pass reads groups one after the other, and returns those that changed meanwhile. Sizes are compared when all are read,
// as somebody may move from a group that comes later to one that came before.
func (l *listing) pass(ctx context.Context, groups []group) (moved []group, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l.told, l.broken = 0, false
	totals := make([]int, len(groups))
	var firsts []chan fetched
	for i, g := range groups {
		for next := i + len(firsts); len(firsts) < groupsAhead && next < len(groups); next++ {
			firsts = append(firsts, l.fetch(ctx, groups[next], 0))
		}
		first := <-firsts[0]
		firsts = firsts[1:]
		if first.err != nil {
			return nil, first.err
		}
		totals[i] = first.page.TotalSize
		l.told += totals[i]
		if err := l.group(ctx, g, first.page, totals[i]); err != nil {
			return nil, err
		}
	}
	if len(groups) == 1 && totals[0] <= pageSize && !l.broken {
		// One page is as good as one moment.
		return nil, nil
	}
	return l.confluence.changed(ctx, groups, totals)
}

// group reads the members of a group from its first page on.
func (l *listing) group(ctx context.Context, g group, first *memberPage, total int) error {
	if total == 0 && len(first.Results) == 0 {
		return l.confluence.requireGroup(ctx, g)
	}
	l.seen.NextPass()
	pages := &ahead{listing: l, group: g, total: total, upcoming: pageSize}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	offset, page := 0, first
	for {
		size := len(page.Results)
		next, err := page.next()
		if err != nil {
			return badAnswer(opList, "group "+g.label(), "the link to the next page cannot be read")
		}
		if err := l.take(g, page); err != nil {
			return err
		}
		// Suspended people leave short and even empty pages behind, so neither ends a list that goes on.
		switch {
		case next >= 0 && next <= offset:
			return loop(g, fmt.Errorf("%w: the page at %d names %d as the next", connector.ErrLoop, offset, next))
		case next < 0 && size >= pageSize:
			next = offset + size
		case next < 0, size == 0 && next >= total:
			l.broken = l.broken || offset+pageSize < total
			return nil
		}
		if page, err = pages.get(ctx, next); err != nil {
			return err
		}
		offset = next
	}
}

// ahead reads pages of a group ahead, as long as the list goes on in steps of a page.
type ahead struct {
	listing  *listing
	group    group
	total    int
	upcoming int
	queue    []chan fetched
	stepping bool // the list has turned out to have other steps
}

func (a *ahead) get(ctx context.Context, offset int) (*memberPage, error) {
	expected := a.upcoming - len(a.queue)*pageSize
	if a.stepping || offset != expected {
		a.stepping, a.queue = true, nil
		got := <-a.listing.fetch(ctx, a.group, offset)
		return got.page, got.err
	}
	for len(a.queue) == 0 || len(a.queue) < inFlight && a.upcoming < a.total {
		a.queue = append(a.queue, a.listing.fetch(ctx, a.group, a.upcoming))
		a.upcoming += pageSize
	}
	got := <-a.queue[0]
	a.queue = a.queue[1:]
	return got.page, got.err
}

// take emits those of a page who take a seat and were not listed before.
func (l *listing) take(g group, p *memberPage) error {
	defer memberPages.Put(p)
	l.batch = l.batch[:0]
	fresh := 0
	for i := range p.Results {
		u := &p.Results[i]
		l.listed++
		id := u.AccountID
		isFresh, isNew := l.seen.Add(id)
		if isFresh {
			fresh++
		}
		if !isNew {
			continue
		}
		if s := u.standing(); s != seated && (s != invited || !l.confluence.options.guests) {
			l.left[s]++
			continue
		}
		if u.AccountType == "" {
			l.untyped++
		}
		l.batch = append(l.batch, l.subscription(u))
	}
	if len(p.Results) > 0 && fresh == 0 {
		return loop(g, fmt.Errorf("%w: a page holds nobody new", connector.ErrLoop))
	}
	l.emitted += len(l.batch)
	if len(l.batch) == 0 {
		return nil
	}
	return l.emit(l.batch)
}

func (l *listing) subscription(u *user) connector.Subscription {
	email, added := u.Email, time.Time{}
	if d, ok := l.details[u.AccountID]; ok {
		added = d.added
		if email == "" {
			email = d.email
		}
	}
	return connector.Subscription{
		ExternalUserID:    u.AccountID,
		UserPrincipalName: u.principal(email),
		Email:             email,
		FullName:          u.fullName(),
		Identifier:        identifier,
		ExternalCreated:   added,
	}
}

func loop(g group, err error) error {
	return &connector.Error{
		Vendor: vendorName, Op: opList, Object: "group " + g.label(), Kind: connector.KindLoop, Err: err,
		Advice: "Nobody is taken for gone because of this run; run again, and report it if it stays",
	}
}

// members reads a page of a group. The size of the group costs Confluence some work, so only a first page asks for it.
func (c *Confluence) members(ctx context.Context, g group, start, limit int, size bool) (*memberPage, error) {
	p := memberPages.Get().(*memberPage) //nolint:forcetypeassert // the pool holds nothing else
	query := url.Values{"start": {strconv.Itoa(start)}, "limit": {strconv.Itoa(limit)}, "expand": {"operations"}}
	if size {
		query.Set("shouldReturnTotalSize", "true")
	}
	err := c.do(ctx, call{
		Request: connector.Request{
			Path: "/group/" + url.PathEscape(g.ID) + "/membersByGroupId", Query: query, Op: opList,
			Object: fmt.Sprintf("group %s, from %d", g.label(), start), Decode: p.decode,
		},
		scope: scopeGroups, cost: costPlain + limit*costUser, spent: func() int { return costPlain + len(p.Results)*costUser },
	})
	return p, err
}

// decode reads a page into one that was used before.
func (p *memberPage) decode(body []byte) error {
	// Unmarshal leaves fields of reused elements as they are where the JSON has no value.
	clear(p.Results[:cap(p.Results)])
	*p = memberPage{Results: p.Results[:0]}
	return json.Unmarshal(body, p)
}

// changed are the groups whose sizes are others now.
func (c *Confluence) changed(ctx context.Context, groups []group, before []int) (moved []group, err error) {
	now := make([]int, len(groups))
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(inFlight)
	for i, g := range groups {
		work.Go(func() error {
			p, err := c.members(ctx, g, 0, 1, true)
			now[i] = p.TotalSize
			return err
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	for i, g := range groups {
		if now[i] != before[i] {
			moved = append(moved, g)
		}
	}
	return moved, nil
}

// requireGroup makes sure that a group exists. Confluence answers with an empty list where it does not.
func (c *Confluence) requireGroup(ctx context.Context, g group) error {
	if len(c.options.groups) == 0 {
		return nil
	}
	_, err := c.readGroup(ctx, g.ID)
	var failure *connector.Error
	if errors.As(err, &failure) && failure.Kind == connector.KindNotFound {
		failure.Kind = connector.KindConfig
		failure.Advice = adviceNoGroup
	}
	return err
}

const adviceNoGroup = "There is no such group on this site: correct vendor_config.confluence.group_ids of the integration profile, which wants ids, not names"

package confluence

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

const (
	searchPageSize = 200
	// slicesAtOnce is how many days are searched side by side; within one, each page names the next.
	slicesAtOnce = 4
	// overlap is how much of the last walk is read again, because the index lags behind, and the account's time zone, in
	// which Confluence reads dates, is not known: it may be half a day away from ours.
	overlap = 24 * time.Hour
	// splitAbove is how many changes a slice may hold before it is halved, so that long days are searched side by side
	// too, and a walk that runs out of time does not begin a long day anew.
	splitAbove = 4000

	cqlMinute = "2006-01-02 15:04"
	cqlTypes  = "type in (page, blogpost, comment, attachment, space)"

	opSearch = "search for what was changed"
)

// mark is the watermark of the search for content.
type mark struct {
	Source string `json:"source"`
	// Since is the date that the walk began with, and Through what was reached: all changes between were seen.
	Since   time.Time `json:"since"`
	Through time.Time `json:"through"`
	// At is when the walk that reached Through was made.
	At time.Time `json:"at"`
	// Hits counts what was ever found.
	Hits int `json:"hits"`
}

// Activity implements connector.ActivitySource. It searches for everything that was changed since the date, day by day,
// and reports who made it and who changed it last. Who changed something before the last editor is hidden here; see
// ConfirmActivity.
func (c *Confluence) Activity(ctx context.Context, since time.Time, from connector.Watermark, emit func([]connector.Event) error) (connector.ActivityWalk, error) {
	now := c.now().UTC()
	s := &scan{confluence: c, since: since, emit: emit, mark: mark{Source: sourceContent, Since: since, Through: since, At: now}}
	begin := since.Add(-overlap)
	if earlier, ok := parseMark(from, sourceContent); ok && !earlier.Since.After(since) {
		begin = later(begin, earlier.resume())
		s.mark.Since, s.mark.Hits = earlier.Since, earlier.Hits
	}
	s.plan(begin, now)
	err := s.run(ctx)
	walk := connector.ActivityWalk{Method: "search for changed content"}
	walk.Complete = s.finish(now)
	walk.Watermark = s.mark.watermark()
	if err != nil && !(outOfTime(ctx, err)) {
		return walk, err
	}
	if walk.Complete && s.mark.Hits == 0 {
		walk.BlindSpot = true
		walk.Warnings = append(walk.Warnings,
			"the search found nothing that anybody changed: the connection's account may see no space, so nobody is taken for idle; give it access to the spaces")
	}
	return walk, nil
}

// resume is where a walk goes on.
func (m mark) resume() time.Time {
	if again := m.At.Add(-overlap); again.Before(m.Through) {
		return again
	}
	return m.Through
}

func (m mark) watermark() connector.Watermark {
	text, err := json.Marshal(m)
	if err != nil {
		return nil
	}
	return text
}

// parseMark reads a watermark. One that is not of this source, or that cannot be read, makes a walk begin anew.
func parseMark(w connector.Watermark, source string) (mark, bool) {
	var m mark
	if len(w) == 0 || json.Unmarshal(w, &m) != nil {
		return m, false
	}
	return m, m.Source == source && !m.Through.IsZero() && !m.At.IsZero()
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// outOfTime tells whether a walk ended because of its deadline.
func outOfTime(ctx context.Context, err error) bool {
	return errors.Is(err, context.DeadlineExceeded) && errors.Is(ctx.Err(), context.DeadlineExceeded) ||
		errors.Is(err, connector.ErrWaitTooLong)
}

// scan is one walk over the changes.
type scan struct {
	confluence *Confluence
	since      time.Time
	mark       mark

	mu     sync.Mutex // guards what follows
	emit   func([]connector.Event) error
	slices []*slice // in the order of time, without gaps
	events []connector.Event
	latest map[string]time.Time
}

// slice is a stretch of time, from inclusive, to exclusive; the last has no end.
type slice struct {
	from, to time.Time
	state    sliceState
}

type sliceState uint8

const (
	waiting sliceState = iota
	searching
	searched
)

// plan cuts the time into days.
func (s *scan) plan(from, now time.Time) {
	from = from.UTC().Truncate(time.Minute)
	for from.Before(now) {
		to := from.Truncate(24 * time.Hour).Add(24 * time.Hour)
		s.slices = append(s.slices, &slice{from: from, to: to})
		from = to
	}
	if len(s.slices) == 0 {
		s.slices = []*slice{{from: from}}
	}
	// Where the account's time zone is ahead, today's changes lie after today.
	s.slices[len(s.slices)-1].to = time.Time{}
}

// run searches the slices, several at the same time, the oldest first.
func (s *scan) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var workers sync.WaitGroup
	for range slicesAtOnce {
		workers.Go(func() {
			for next := s.take(); next != nil; next = s.take() {
				if err := s.search(ctx, next); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

func (s *scan) take() *slice {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, next := range s.slices {
		if next.state == waiting {
			next.state = searching
			return next
		}
	}
	return nil
}

// finish notes how far the walk came without a gap, and tells whether that is to the end.
func (s *scan) finish(now time.Time) (complete bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, next := range s.slices {
		if next.state != searched {
			s.mark.Through = next.from
			return false
		}
	}
	s.mark.Through = now
	return true
}

// search reads a slice page by page. The first page tells how long it is; a long one is halved, and what that page held
// is read once more with the first half.
func (s *scan) search(ctx context.Context, part *slice) error {
	cql := part.cql()
	used := map[string]bool{}
	for cursor := ""; ; {
		p, err := s.confluence.searchPage(ctx, cql, cursor, searchPageSize, true)
		if err != nil {
			return err
		}
		if cursor == "" && p.TotalSize > splitAbove && s.split(part) {
			return s.search(ctx, part)
		}
		if err := s.report(p.Results); err != nil {
			return err
		}
		next, more := p.Links.parameter("cursor")
		if !more || len(p.Results) == 0 {
			break
		}
		if next == "" || used[next] {
			return &connector.Error{
				Vendor: vendorName, Op: opSearch, Object: cql, Kind: connector.KindLoop, Err: connector.ErrLoop,
				Advice: "Run again, and report it if it stays",
			}
		}
		used[next] = true
		cursor = next
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	part.state = searched
	return nil
}

// split gives the second half of a slice to another worker. CQL knows no less than a minute.
func (s *scan) split(part *slice) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	to := part.to
	if to.IsZero() {
		to = later(part.from, s.mark.At).Add(overlap)
	}
	middle := part.from.Add(to.Sub(part.from) / 2).Truncate(time.Minute)
	if !middle.After(part.from) {
		return false
	}
	rest := &slice{from: middle, to: part.to}
	part.to = middle
	for i, other := range s.slices {
		if other == part {
			s.slices = append(s.slices[:i+1], append([]*slice{rest}, s.slices[i+1:]...)...)
			break
		}
	}
	return true
}

func (part *slice) cql() string {
	cql := fmt.Sprintf(`lastmodified >= "%s"`, part.from.Format(cqlMinute))
	if !part.to.IsZero() {
		cql += fmt.Sprintf(` and lastmodified < "%s"`, part.to.Format(cqlMinute))
	}
	return cql + " and " + cqlTypes + " order by lastmodified asc"
}

// report emits the latest event of each person on a page.
func (s *scan) report(hits []hit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mark.Hits += len(hits)
	if s.latest == nil {
		s.latest = map[string]time.Time{}
	}
	clear(s.latest)
	for _, h := range hits {
		for id, at := range h.authors() {
			if !at.Before(s.since) && at.After(s.latest[id]) {
				s.latest[id] = at
			}
		}
	}
	s.events = s.events[:0]
	for id, at := range s.latest {
		s.events = append(s.events, connector.Event{ExternalUserID: id, At: at})
	}
	if len(s.events) == 0 {
		return nil
	}
	return s.emit(s.events)
}

// authors are those whom a hit names, with the time of what they did: who made it and who changed it last.
func (h *hit) authors() func(yield func(string, time.Time) bool) {
	return func(yield func(string, time.Time) bool) {
		if h.Content == nil {
			return
		}
		made, changed := &h.Content.History, &h.Content.Version
		if made.CreatedDate != nil && made.CreatedBy.known() && !yield(made.CreatedBy.AccountID, made.CreatedDate.UTC()) {
			return
		}
		if changed.When != nil && changed.By.known() {
			yield(changed.By.AccountID, changed.When.UTC())
		}
	}
}

func (a author) known() bool { return a.AccountID != "" && a.AccountID != unknownAccount }

func (c *Confluence) searchPage(ctx context.Context, cql, cursor string, limit int, authors bool) (*searchPage, error) {
	query := url.Values{
		"cql": {cql}, "limit": {strconv.Itoa(limit)}, "excerpt": {"none"}, "includeArchivedSpaces": {"true"},
	}
	if authors {
		query.Set("expand", "content.version,content.history")
	}
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	var p searchPage
	err := c.do(ctx, call{
		Request: connector.Request{
			Path: "/search", Query: query, Op: opSearch, Object: cql, Limits: only(c.limits.search), Decode: connector.Into(&p),
		},
		scope: scopeSearch, cost: costPlain + limit*costHit, spent: func() int { return costPlain + len(p.Results)*costHit },
	})
	return &p, err
}

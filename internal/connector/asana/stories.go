package asana

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

const (
	opSearch  = "search tasks"
	opStories = "read the stories of a task"

	taskFields = "created_at,created_by,completed_at,completed_by,modified_at"

	// storyWorkers keep the limit on requests per minute busy as long as an answer takes less than 1.4 seconds, and leave
	// room below the limit on requests in flight.
	storyWorkers = 35
	// clockSlack is how much newer a story may be than the time of its task says.
	clockSlack = time.Minute
)

type reference struct {
	GID string `json:"gid"`
}

// task is a task with who made and who finished it, which tells two signs of activity for nothing. People who were
// deleted are null.
type task struct {
	GID         string     `json:"gid"`
	CreatedAt   time.Time  `json:"created_at"`
	CreatedBy   *reference `json:"created_by"`
	CompletedAt *time.Time `json:"completed_at"`
	CompletedBy *reference `json:"completed_by"`
	ModifiedAt  time.Time  `json:"modified_at"`
	NumSubtasks int        `json:"num_subtasks"`
}

// story is anything that was done to a task. CreatedBy is null where an automation did it.
type story struct {
	CreatedAt time.Time  `json:"created_at"`
	CreatedBy *reference `json:"created_by"`
}

func (t *task) signs() []sign {
	var signs []sign
	if t.CreatedBy != nil {
		signs = append(signs, sign{t.CreatedBy.GID, t.CreatedAt})
	}
	if t.CompletedBy != nil && t.CompletedAt != nil {
		signs = append(signs, sign{t.CompletedBy.GID, *t.CompletedAt})
	}
	return signs
}

func storySigns(stories []story) []sign {
	signs := make([]sign, 0, len(stories))
	for _, s := range stories {
		if s.CreatedBy != nil {
			signs = append(signs, sign{s.CreatedBy.GID, s.CreatedAt})
		}
	}
	return signs
}

// byStories reads every task that was modified since, from the newest on, with its stories. Adding a story modifies its
// task, so no story is newer than its task says. Hence the walk ends early when of everybody something newer is known
// than what comes next.
func (w *activityWalk) byStories(ctx context.Context) error {
	if len(w.mark.Stories) == 0 {
		// Who holds a seat matters for an early end, and a walk over a short time does not find something of everybody.
		seats, err := w.asana.seats(ctx, w.workspace)
		if err != nil {
			return err
		}
		w.ledger.seats = seats
	}
	complete, err := w.cover(ctx, &w.mark.Stories, w.eachGap(&w.mark.Stories, func(ctx context.Context, gap span, covered func(span)) error {
		err := w.sweep(ctx, gap, sweep{
			workers: storyWorkers,
			find: func(ctx context.Context, hand func(piece) error) error {
				return w.searchTasks(ctx, gap, hand)
			},
			enough: func(at time.Time) bool { return w.ledger.allFinal(at.Add(clockSlack)) },
		}, covered)
		if connector.StatusOf(err) == http.StatusPaymentRequired && asError(err).Op == opSearch {
			return w.sweepProjects(ctx, gap, covered)
		}
		return err
	}))
	if err != nil {
		return err
	}
	blind := w.trail != trailReadable || w.hidden.Load() || w.byProject
	switch {
	case w.byProject:
		w.used("tasks and stories by project", complete, blind)
	default:
		w.used("tasks and stories", complete, blind)
	}
	if w.trail != trailReadable {
		w.warn(adviceBlind)
	}
	if w.hidden.Load() {
		w.warn("Asana did not show all tasks of a busy moment or refused the stories of some; people without a sign of activity count as unknown rather than idle")
	}
	return nil
}

// seats are the ids of those who hold a seat.
func (a *Asana) seats(ctx context.Context, workspace string) (map[string]struct{}, error) {
	agents, err := a.agents(ctx, workspace)
	if err != nil {
		return nil, err
	}
	seats := map[string]struct{}{}
	l := &listing{asana: a, workspace: workspace, agents: agents, seen: connector.NewSeen(0), emit: func(page []connector.Subscription) error {
		for i := range page {
			seats[page[i].ExternalUserID] = struct{}{}
		}
		return nil
	}}
	if err := l.walk(ctx); err != nil {
		return nil, err
	}
	return seats, nil
}

// searchTasks hands over the tasks modified within a span, the newest first. A search has no pages: the next one asks for
// what is not newer than the last result. Its order is not stable, so the same times come again and are told apart by id.
func (w *activityWalk) searchTasks(ctx context.Context, within span, hand func(piece) error) error {
	before := within.To
	known, knownAt := map[string]struct{}{}, time.Time{}
	for {
		rows, err := w.search(ctx, within.From, before)
		if err != nil || len(rows) == 0 {
			return err
		}
		// Rows of equal times come in any order; what is handed over goes strictly down.
		slices.SortFunc(rows, func(a, b task) int { return b.ModifiedAt.Compare(a.ModifiedAt) })
		news := 0
		for i := range rows {
			t := &rows[i]
			if t.ModifiedAt.Before(within.From) {
				return nil
			}
			if _, again := known[t.GID]; again {
				continue
			}
			news++
			if err := hand(w.taskPiece(t)); err != nil {
				return err
			}
		}
		oldest := rows[len(rows)-1].ModifiedAt
		switch {
		case news > 0:
			before = oldest.Add(time.Millisecond)
		case len(rows) < pageSize:
			return nil
		default:
			// More tasks than a page holds were modified in this very millisecond.
			w.hidden.Store(true)
			before = earlier(oldest, before.Add(-time.Millisecond))
		}
		if !oldest.Equal(knownAt) {
			clear(known)
			knownAt = oldest
		}
		for i := range rows {
			known[rows[i].GID] = struct{}{}
		}
	}
}

// search finds at most a page of tasks modified from a time on and before another, the newest first. Whether Asana's own
// bounds are included is not documented, so the lower one is set a second too low, and who calls looks again.
func (w *activityWalk) search(ctx context.Context, from, before time.Time) ([]task, error) {
	var page list[task]
	err := w.asana.do(ctx, connector.Request{
		Path: "/workspaces/" + w.workspace + "/tasks/search",
		Query: url.Values{
			"modified_at.after":  {from.Add(-time.Second).Format(inMilliseconds)},
			"modified_at.before": {before.Format(inMilliseconds)},
			"sort_by":            {"modified_at"}, "sort_ascending": {"false"}, "limit": {"100"}, "opt_fields": {taskFields},
		},
		Op:     opSearch,
		Object: "workspace " + w.workspace,
		Limits: w.asana.limits.ofSearch(),
		Decode: connector.Into(&page),
	})
	return page.Data, err
}

func (w *activityWalk) taskPiece(t *task) piece {
	gid := t.GID
	return piece{
		// Others may have been modified in the same millisecond.
		floor: t.ModifiedAt.Add(time.Millisecond),
		signs: t.signs(),
		read: func(ctx context.Context, found func([]sign)) error {
			return w.readStories(ctx, gid, found)
		},
	}
}

// readStories reads the stories of a task. One that is gone by now has none.
func (w *activityWalk) readStories(ctx context.Context, gid string, found func([]sign)) error {
	err := w.asana.readList(ctx, func(ctx context.Context, offset string) (string, int, error) {
		var page list[story]
		err := w.asana.do(ctx, connector.Request{
			Path: "/tasks/" + gid + "/stories", Query: listQuery("created_at,created_by", offset),
			Op: opStories, Object: "task " + gid, Decode: connector.Into(&page),
		})
		if err != nil {
			return "", 0, err
		}
		if signs := storySigns(page.Data); len(signs) > 0 {
			found(signs)
		}
		return page.next(), len(page.Data), nil
	})
	return w.forgive(err)
}

// forgive passes over a task that is gone or was made private meanwhile.
func (w *activityWalk) forgive(err error) error {
	var failure *connector.Error
	switch {
	case !errors.As(err, &failure):
		return err
	case failure.Kind == connector.KindNotFound:
		return nil
	case failure.Kind == connector.KindPermission:
		w.hidden.Store(true)
		return nil
	}
	return err
}

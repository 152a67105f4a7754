package asana

import (
	"context"
	"net/url"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

const opTasks = "list tasks"

// sweepProjects reads tasks without a search, which free plans do not have: those of each project, and those assigned to
// each person, because a task may be in no project. Tasks come in no order of time, so the walk counts only as a whole;
// a free plan has few people.
func (w *activityWalk) sweepProjects(ctx context.Context, gap span, covered func(span)) error {
	w.byProject = true
	w.asana.limits.free()
	seats := w.ledger.seats
	if seats == nil {
		var err error
		if seats, err = w.asana.seats(ctx, w.workspace); err != nil {
			return err
		}
	}
	return w.sweep(ctx, gap, sweep{
		workers: storyWorkers,
		find: func(ctx context.Context, hand func(piece) error) error {
			l := &taskLister{walk: w, gap: gap, hand: hand, known: map[string]struct{}{}}
			if err := l.projects(ctx); err != nil {
				return err
			}
			for gid := range seats {
				if err := l.tasks(ctx, url.Values{"assignee": {gid}, "workspace": {w.workspace}}); err != nil {
					return err
				}
			}
			return nil
		},
	}, covered)
}

// taskLister hands over tasks that it finds in lists, each once.
type taskLister struct {
	walk  *activityWalk
	gap   span
	hand  func(piece) error
	known map[string]struct{}
}

func (l *taskLister) projects(ctx context.Context) error {
	workspace := l.walk.workspace
	return l.walk.asana.readList(ctx, func(ctx context.Context, offset string) (string, int, error) {
		var page list[reference]
		err := l.walk.asana.do(ctx, connector.Request{
			Path: "/workspaces/" + workspace + "/projects", Query: listQuery("archived", offset),
			Op: "list projects", Object: "workspace " + workspace, Decode: connector.Into(&page),
		})
		if err != nil {
			return "", 0, err
		}
		for _, project := range page.Data {
			if err := l.tasks(ctx, url.Values{"project": {project.GID}}); err != nil {
				return "", 0, err
			}
		}
		return page.next(), len(page.Data), nil
	})
}

// tasks hands over those tasks of a list that were modified within the span.
func (l *taskLister) tasks(ctx context.Context, which url.Values) error {
	which.Set("modified_since", l.gap.From.Add(-time.Second).Format(inMilliseconds))
	err := l.walk.asana.readTasks(ctx, "/tasks", which, func(t *task) error {
		if _, again := l.known[t.GID]; again || t.ModifiedAt.Before(l.gap.From) {
			return nil
		}
		l.known[t.GID] = struct{}{}
		p := l.walk.taskPiece(t)
		p.floor = l.gap.To
		gid, subtasks := t.GID, t.NumSubtasks
		p.read = func(ctx context.Context, found func([]sign)) error {
			if err := l.walk.readStories(ctx, gid, found); err != nil || subtasks == 0 {
				return err
			}
			return l.walk.readSubtasks(ctx, gid, l.gap.From, found)
		}
		return l.hand(p)
	})
	return l.walk.forgive(err)
}

// readSubtasks reads what is below a task, which is in no list of a project.
func (w *activityWalk) readSubtasks(ctx context.Context, parent string, from time.Time, found func([]sign)) error {
	err := w.asana.readTasks(ctx, "/tasks/"+parent+"/subtasks", url.Values{}, func(t *task) error {
		if !t.ModifiedAt.Before(from) {
			found(t.signs())
			if err := w.readStories(ctx, t.GID, found); err != nil {
				return err
			}
		}
		if t.NumSubtasks == 0 {
			return nil
		}
		return w.readSubtasks(ctx, t.GID, from, found)
	})
	return w.forgive(err)
}

// readTasks reads a list of tasks.
func (a *Asana) readTasks(ctx context.Context, path string, query url.Values, each func(*task) error) error {
	return a.readList(ctx, func(ctx context.Context, offset string) (string, int, error) {
		q := listQuery(taskFields+",num_subtasks", offset)
		for name, values := range query {
			q[name] = values
		}
		var page list[task]
		err := a.do(ctx, connector.Request{
			Path: path, Query: q, Op: opTasks, Object: path, Decode: connector.Into(&page),
		})
		if err != nil {
			return "", 0, err
		}
		for i := range page.Data {
			if err := each(&page.Data[i]); err != nil {
				return "", 0, err
			}
		}
		return page.next(), len(page.Data), nil
	})
}

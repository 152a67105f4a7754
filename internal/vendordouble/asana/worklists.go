package asana

import (
	"math/rand/v2"
	"net/http"
	"sort"
	"strconv"
	"time"
)

// bound reads a time of the query; absent is false.
func bound(w http.ResponseWriter, r *http.Request, name string) (ms int64, given, ok bool) {
	value := r.FormValue(name)
	if value == "" {
		return 0, false, true
	}
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		refuse(w, http.StatusBadRequest, name+": Not a valid date and time: "+value)
		return 0, false, false
	}
	return at.UnixMilli(), true, true
}

// searchTasks answers a search by time of change, the newest first. There is no next page, and equal times come in any
// order.
func (d *Double) searchTasks(w http.ResponseWriter, r *http.Request, who caller) {
	if d.faults.On(FaultFreePlan) {
		refuse(w, http.StatusPaymentRequired, "Payment Required: search is not available in this workspace")
		return
	}
	limit := 20
	if value := r.FormValue("limit"); value != "" {
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > 100 {
			refuse(w, http.StatusBadRequest, "limit: Must be between 1 and 100.")
			return
		}
		limit = n
	}
	before, hasBefore, ok := bound(w, r, "modified_at.before")
	if !ok {
		return
	}
	after, _, ok := bound(w, r, "modified_at.after")
	if !ok {
		return
	}
	if sorted := r.FormValue("sort_by"); sorted != "" && sorted != "modified_at" || r.FormValue("sort_ascending") == "true" {
		refuse(w, http.StatusBadRequest, "The double searches by modified_at only, the newest first")
		return
	}
	if d.faults.On(FaultInclusiveSearch) {
		before++
		after--
	}
	if hasBefore && d.faults.Hits(FaultTouch, RouteSearch) {
		d.touch(before)
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	start := 0
	if hasBefore {
		start = d.position(before)
	}
	want := parseFields(r)
	list := []any{}
	for i := start; i < len(d.newest) && len(list) < limit; {
		same := i
		for same < len(d.newest) && d.tasks[d.newest[same]].modified == d.tasks[d.newest[i]].modified {
			same++
		}
		if d.tasks[d.newest[i]].modified <= after {
			break
		}
		// A whole crowd is the same size for every search, but comes in another order each time.
		for _, n := range rand.Perm(same - i) {
			if id := int(d.newest[i+n]); len(list) < limit && d.visible(id, who) {
				list = append(list, d.task(id, want))
			}
		}
		i = same
	}
	d.send(w, RouteSearch, map[string]any{"data": list})
}

// touch lets an automation comment on the task that the next search would find first, so that it moves up.
func (d *Double) touch(before int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if at := d.position(before - 1); at < len(d.newest) {
		d.comment(d.newest[at], -1, d.now().UnixMilli())
	}
}

// crowd makes 150 tasks that were changed in one millisecond, ten days ago.
func (d *Double) crowd() {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := d.now().Add(-days(10)).UnixMilli()
	for range 150 {
		d.tasks = append(d.tasks, task{modified: at, last: at, author: 0})
		d.place(uint32(len(d.tasks) - 1))
	}
}

// findTask answers 404 for a task that does not exist or that the caller does not see.
func (d *Double) findTask(w http.ResponseWriter, r *http.Request, who caller) (int, bool) {
	id, ok := index(r.PathValue("task"), taskBase, len(d.tasks))
	if !ok || !d.visible(id, who) {
		unknown(w, "task", r.PathValue("task"))
		return 0, false
	}
	return id, true
}

func (d *Double) listStories(w http.ResponseWriter, r *http.Request, who caller) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	id, ok := d.findTask(w, r, who)
	if !ok {
		return
	}
	stories, want := d.stories(id), parseFields(r)
	d.sendList(w, r, RouteStories, len(stories), func(at int) any { return d.story(stories[at], id, at, want) })
}

func (d *Double) listSubtasks(w http.ResponseWriter, r *http.Request, who caller) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	id, ok := d.findTask(w, r, who)
	if !ok {
		return
	}
	below, want := d.subtasks(id), parseFields(r)
	d.sendList(w, r, RouteSubtasks, len(below), func(at int) any { return d.task(below[at], want) })
}

func (d *Double) listProjects(w http.ResponseWriter, r *http.Request, _ caller) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	want := parseFields(r)
	d.sendList(w, r, RouteProjects, d.projects(), func(at int) any {
		p := compact(gid(projectBase, at), "project")
		if len(want) == 0 || want.has("name") {
			p["name"] = "Project " + strconv.Itoa(at)
		}
		want.put(p, "archived", at%7 == 6)
		return p
	})
}

// listTasks answers GET /tasks for a project, or for an assignee in the workspace.
func (d *Double) listTasks(w http.ResponseWriter, r *http.Request, who caller) {
	since, _, ok := bound(w, r, "modified_since")
	if !ok {
		return
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	var belongs func(id int) bool
	switch project, assignee := r.FormValue("project"), r.FormValue("assignee"); {
	case project != "":
		number, known := index(project, projectBase, d.projects())
		if !known {
			unknown(w, "project", project)
			return
		}
		belongs = func(id int) bool { return d.projectOf(id) == number }
	case assignee != "" && r.FormValue("workspace") != "":
		person, known := d.find(assignee, who)
		if !known {
			unknown(w, "assignee", assignee)
			return
		}
		// Tasks of people who were removed have no assignee any more, and adding the people again brings none back.
		p := d.people[person]
		belongs = func(id int) bool {
			return int(d.tasks[id].author) == person && p.has(active) && d.tasks[id].last >= p.rejoined
		}
	default:
		refuse(w, http.StatusBadRequest, "You should specify one of project, tag, section, user_task_list, or assignee + workspace")
		return
	}
	var found []int
	end := sort.Search(len(d.newest), func(i int) bool { return d.tasks[d.newest[i]].modified < since })
	for _, id := range d.newest[:end] {
		if belongs(int(id)) && d.visible(int(id), who) {
			found = append(found, int(id))
		}
	}
	want := parseFields(r)
	d.sendList(w, r, RouteTasks, len(found), func(at int) any { return d.task(found[at], want) })
}

// listEvents answers the audit log, the oldest first. Once events matched, there is always a next page.
func (d *Double) listEvents(w http.ResponseWriter, r *http.Request, who caller) {
	switch {
	case d.faults.On(FaultFreePlan):
		refuse(w, http.StatusPaymentRequired, "Payment Required: the audit log is not available in this workspace")
		return
	case !who.service, d.faults.On(FaultNoAuditLog):
		refuse(w, http.StatusForbidden, "Forbidden")
		return
	}
	from, _, ok := bound(w, r, "start_at")
	if !ok {
		return
	}
	to, hasEnd, ok := bound(w, r, "end_at")
	if !ok {
		return
	}
	p, ok := d.parsePart(w, r, RouteAudit, 1000)
	if !ok {
		return
	}
	p.paged = true
	d.mu.RLock()
	defer d.mu.RUnlock()
	at := sort.Search(len(d.events), func(i int) bool { return d.events[i].at >= from })
	if p.offset > 0 {
		at = p.offset
	}
	list := []any{}
	kind, actor := r.FormValue("event_type"), r.FormValue("actor_gid")
	for ; at < len(d.events) && len(list) < p.limit && (!hasEnd || d.events[at].at < to); at++ {
		e := d.events[at]
		if kind != "" && kind != e.kind() || actor != "" && actor != gid(userBase, int(e.person)) {
			continue
		}
		list = append(list, d.event(at))
	}
	answer := map[string]any{"data": list, "next_page": nil}
	if len(list) > 0 || p.offset > 0 {
		answer["next_page"] = d.nextPage(r, at, p.round+1)
	}
	d.send(w, RouteAudit, answer)
}

func (e event) kind() string {
	if e.failed {
		return "user_login_failed"
	}
	return "user_login_succeeded"
}

func (d *Double) event(at int) map[string]any {
	e := d.events[at]
	who := d.user(int(e.person), fieldSet{"name": true, "email": true})
	actor := map[string]any{"actor_type": "user", "gid": who["gid"], "name": who["name"]}
	if mail, ok := who["email"]; ok {
		actor["email"] = mail
	}
	return map[string]any{
		"gid": gid(eventBase, at), "created_at": text(e.at), "event_type": e.kind(), "event_category": "logins",
		"actor": actor, "resource": who,
		"context": map[string]any{"context_type": "web", "client_ip_address": "192.0.2.7", "user_agent": "Mozilla/5.0"},
		"details": map[string]any{},
	}
}

package asana

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
)

// part is which part of a list is asked for.
type part struct {
	limit  int
	paged  bool // a limit was given, so the answer names the next page
	offset int
	round  int
}

// parsePart refuses limits out of bounds and offsets that are not good.
func (d *Double) parsePart(w http.ResponseWriter, r *http.Request, route Route, unlimited int) (part, bool) {
	p := part{limit: unlimited}
	if value := r.FormValue("limit"); value != "" {
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > 100 {
			refuse(w, http.StatusBadRequest, "limit: Must be between 1 and 100.")
			return p, false
		}
		p.limit, p.paged = n, true
	}
	var refusal string
	p.offset, p.round, refusal = d.parseOffset(r.FormValue("offset"))
	if refusal == "" && p.offset > 0 && d.faults.Hits(FaultStaleOffset, route) {
		refusal = "offset: Your pagination token has expired."
	}
	if refusal != "" {
		refuse(w, http.StatusBadRequest, refusal)
		return p, false
	}
	return p, true
}

// nextPage is what follows the data of a list.
func (d *Double) nextPage(r *http.Request, position, round int) any {
	offset := d.formatOffset(position, round)
	q := r.URL.Query()
	q.Set("offset", offset)
	path := r.URL.Path[len("/api/1.0"):] + "?" + q.Encode()
	return map[string]string{"offset": offset, "path": path, "uri": "https://app.asana.com/api/1.0" + path}
}

// sendList answers a list of size items from the part that is asked for.
func (d *Double) sendList(w http.ResponseWriter, r *http.Request, route Route, size int, render func(at int) any) {
	p, ok := d.parsePart(w, r, route, size)
	if !ok {
		return
	}
	end := min(p.offset+p.limit, size)
	list := []any{}
	for at := p.offset; at < end; at++ {
		list = append(list, render(at))
	}
	answer := map[string]any{"data": list}
	if p.paged {
		answer["next_page"] = nil
		if end < size {
			answer["next_page"] = d.nextPage(r, end, 0)
		}
	}
	d.send(w, route, answer)
}

// memberships answers the list of memberships, and those of one user, which count as different routes.
func (d *Double) memberships(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("user") != "" {
		d.api(RouteMembership, d.inWorkspace(d.userMemberships))(w, r)
		return
	}
	d.api(RouteMemberships, d.inWorkspace(d.listMemberships))(w, r)
}

func (d *Double) userMemberships(w http.ResponseWriter, r *http.Request, who caller) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	person, ok := d.find(r.FormValue("user"), who)
	if !ok {
		unknown(w, "user", r.FormValue("user"))
		return
	}
	var found []int
	for at, row := range d.rows {
		if int(row.person) == person {
			found = append(found, at)
		}
	}
	want := parseMemberFields(r)
	d.sendList(w, r, RouteMembership, len(found), func(at int) any {
		return json.RawMessage(d.appendMembership(nil, found[at], want))
	})
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 64<<10); return &b }}

func (d *Double) listMemberships(w http.ResponseWriter, r *http.Request, _ caller) {
	p, ok := d.parsePart(w, r, RouteMemberships, 1000)
	if !ok {
		return
	}
	if p.offset > 0 {
		d.drift()
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	size := len(d.rows)
	if d.faults.On(FaultNoMembers) || r.PathValue("workspace") == otherGID {
		size = 0
	}
	from := min(p.offset, size)
	end := min(from+p.limit, size)
	next, round := end, 0
	if p.offset > 0 && d.faults.Hits(FaultPageTwice, RouteMemberships) {
		from, end = max(from-p.limit, 0), from
	}
	more := next < size
	if d.faults.On(FaultEndless) {
		from, end = 0, min(p.limit, size)
		next, round, more = 1, p.round+1, true
	}
	page := make([]int, 0, p.limit+1)
	for at := from; at < end; at++ {
		page = append(page, at)
	}
	if len(page) > 0 && d.faults.Hits(FaultDuplicates, RouteMemberships) {
		page = append(page, 0)
	}
	if d.faults.Hits(FaultReorder, RouteMemberships) {
		slices.Reverse(page)
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	b := append((*buffer)[:0], `{"data":[`...)
	want := parseMemberFields(r)
	for n, at := range page {
		if n > 0 {
			b = append(b, ',')
		}
		b = d.appendMembership(b, at, want)
	}
	b = append(b, ']')
	switch {
	case !p.paged:
	case more:
		following, _ := json.Marshal(d.nextPage(r, next, round))
		b = fmt.Appendf(b, `,"next_page":%s`, following)
	default:
		b = append(b, `,"next_page":null`...)
	}
	b = append(b, '}')
	if d.faults.Hits(FaultBadDate, RouteMemberships) {
		b = badDate(b)
	}
	*buffer = b
	d.send(w, RouteMemberships, b)
}

// drift changes the list between two pages: the third member listed is removed, or somebody comes in at the end.
func (d *Double) drift() {
	shrink, grow := d.faults.Hits(FaultShrink, RouteMemberships), d.faults.Hits(FaultGrow, RouteMemberships)
	d.mu.Lock()
	defer d.mu.Unlock()
	if shrink {
		for i := 2; i < len(d.people); i++ {
			if p := &d.people[i]; p.holdsSeat() && !p.has(admin) {
				p.flags &^= active
				break
			}
		}
	}
	if grow {
		d.people = append(d.people, person{created: d.now().Unix(), flags: active})
		d.rows = append(d.rows, row{person: uint32(len(d.people) - 1)})
	}
}

// listUsers answers GET /users?workspace=: everybody active, guests included, sorted by id, without flags.
func (d *Double) listUsers(w http.ResponseWriter, r *http.Request, _ caller) {
	if !d.knowsWorkspace(r.FormValue("workspace")) {
		unknown(w, "workspace", r.FormValue("workspace"))
		return
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	var found []int
	for i, p := range d.people {
		if p.has(active) {
			found = append(found, i)
		}
	}
	want := parseFields(r)
	if len(want) == 0 {
		want = fieldSet{"name": true}
	}
	d.sendList(w, r, RouteUsers, len(found), func(at int) any { return d.user(found[at], want) })
}

func (d *Double) listAgents(w http.ResponseWriter, r *http.Request, _ caller) {
	if d.faults.On(FaultNoAgents) {
		refuse(w, http.StatusNotFound, "No matching route for request")
		return
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	var found []int
	for i, p := range d.people {
		if p.has(agent) {
			found = append(found, i)
		}
	}
	d.sendList(w, r, RouteAgents, len(found), func(at int) any {
		first, _, _ := d.name(found[at])
		a := compact(gid(userBase, found[at]), "agent")
		a["name"] = first + " (AI teammate)"
		return a
	})
}

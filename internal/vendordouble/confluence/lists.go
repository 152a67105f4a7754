package confluence

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

const pageSize = 200

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 64<<10); return &b }}

func (d *Double) getMe(w http.ResponseWriter, _ *http.Request) int {
	if d.faults.On(FaultAnonymous) {
		d.sendObject(w, RouteMe, object{"type": "anonymous", "displayName": "Anonymous"})
		return 1
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	d.send(w, RouteMe, d.appendUser(nil, 0, false))
	return 3
}

// listGroups answers GET group: groups of all sites of the organisation, by name.
func (d *Double) listGroups(w http.ResponseWriter, r *http.Request) int {
	start, limit, ok := d.span(w, r, pageSize)
	if !ok {
		return 1
	}
	level := r.FormValue("accessType")
	d.mu.RLock()
	defer d.mu.RUnlock()
	var chosen []*group
	for i := range d.groups {
		g := &d.groups[i]
		if g.gone {
			continue
		}
		switch level {
		case "":
		case "user":
			if !g.access {
				continue
			}
		case "admin":
			if !g.admin {
				continue
			}
		case "site-admin":
			if !g.siteAdmin {
				continue
			}
		default:
			return d.frame(w, http.StatusBadRequest, "invalid accessType")
		}
		chosen = append(chosen, g)
	}
	return d.sendGroups(w, RouteGroups, chosen, start, limit, "/rest/api/group", url.Values{})
}

func (d *Double) sendGroups(w http.ResponseWriter, route Route, chosen []*group, start, limit int, path string, query url.Values) int {
	slices.SortFunc(chosen, func(a, b *group) int { return strings.Compare(a.name, b.name) })
	from := min(start, len(chosen))
	to := min(from+limit, len(chosen))
	results := []object{}
	for _, g := range chosen[from:to] {
		results = append(results, d.groupObject(g))
	}
	links := object{"base": siteURL + "/wiki", "context": "/wiki", "self": siteURL + "/wiki" + path}
	if to < len(chosen) {
		query.Set("start", strconv.Itoa(to))
		query.Set("limit", strconv.Itoa(limit))
		links["next"] = path + "?" + query.Encode()
	}
	d.sendObject(w, route, object{"results": results, "start": start, "limit": limit, "size": len(results), "_links": links})
	return 1 + 2*len(results)
}

func (d *Double) groupObject(g *group) object {
	return object{
		"type": "group", "name": g.name, "id": g.id, "usageType": g.usage, "managedBy": d.managedBy(g),
		"_links": object{"self": siteURL + "/wiki/rest/api/group/by-id?id=" + g.id},
	}
}

func (d *Double) getGroup(w http.ResponseWriter, r *http.Request) int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	i, ok := d.groupIndex(r.FormValue("id"))
	if !ok {
		return d.notFound(w, "No group with id "+r.FormValue("id"))
	}
	d.sendObject(w, RouteGroup, d.groupObject(&d.groups[i]))
	return 3
}

func (d *Double) getMemberOf(w http.ResponseWriter, r *http.Request) int {
	start, limit, ok := d.span(w, r, pageSize)
	if !ok {
		return 1
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	id := r.FormValue("accountId")
	person, ok := d.indexOf(id)
	if !ok {
		return d.notFound(w, "No user with account id "+id)
	}
	var chosen []*group
	for i := range min(len(d.groups), 32) {
		_, late := d.lagging[membership{person, i}]
		if is := d.people[person].groups&(1<<i) != 0; is != (late && d.faults.On(FaultStaleReads)) {
			chosen = append(chosen, &d.groups[i])
		}
	}
	return d.sendGroups(w, RouteMemberOf, chosen, start, limit, "/rest/api/user/memberof", url.Values{"accountId": {id}})
}

// listMembers answers GET group/{id}/membersByGroupId. Suspended people are left out of the page that they would be on.
func (d *Double) listMembers(w http.ResponseWriter, r *http.Request) int {
	start, limit, ok := d.span(w, r, pageSize)
	if !ok {
		return 1
	}
	asked := limit
	if d.faults.On(FaultSmallPages) {
		limit = min(limit, pageSize/2)
	}
	d.mu.RLock()
	g, ok := d.groupIndex(r.PathValue("id"))
	d.mu.RUnlock()
	if !ok {
		// An unknown group is an empty page, as confluence.js' tests against the live API show.
		d.send(w, RouteMembers, []byte(`{"results":[],"start":0,"limit":200,"size":0,"totalSize":0,"_links":{"base":"`+siteURL+`/wiki","context":"/wiki"}}`))
		return 1
	}
	if start > 0 {
		d.drift(g)
	}
	answered := start
	if start >= limit && limit > 1 && d.faults.Hits(FaultPageTwice, RouteMembers) {
		start -= limit
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	members := d.groups[g].members
	from := min(start, len(members))
	to := min(from+limit, len(members))
	more := to < len(members)
	page := members[from:to]
	if d.faults.On(FaultEndless) && len(members) > 0 {
		page, more = members[:min(limit, len(members))], true
	}
	if d.faults.On(FaultNoMembers) {
		page, more = nil, false
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	b := append((*buffer)[:0], `{"results":[`...)
	size := 0
	for _, index := range d.disturb(g, page) {
		if d.people[index].has(suspended) {
			continue
		}
		if size > 0 {
			b = append(b, ',')
		}
		size++
		b = d.appendUser(b, int(index), strings.Contains(r.FormValue("expand"), "operations"))
	}
	b = fmt.Appendf(b, `],"start":%d,"limit":%d,"size":%d`, answered, limit, size)
	if r.FormValue("shouldReturnTotalSize") == "true" {
		b = fmt.Appendf(b, `,"totalSize":%d`, len(members))
	}
	b = append(b, `,"_links":{"base":"`+siteURL+`/wiki","context":"/wiki"`...)
	if more {
		b = fmt.Appendf(b, `,"next":"/rest/api/group/%s/membersByGroupId?limit=%d&start=%d"`, d.groups[g].id, asked, answered+limit)
	}
	b = append(b, "}}"...)
	*buffer = b
	d.send(w, RouteMembers, b)
	return 1 + 2*size
}

// disturb repeats and reorders people of a page where a fault says so.
func (d *Double) disturb(g int, page []uint32) []uint32 {
	duplicate := len(page) > 0 && d.faults.Hits(FaultDuplicates, RouteMembers)
	reorder := d.faults.Hits(FaultReorder, RouteMembers)
	if !duplicate && !reorder {
		return page
	}
	page = slices.Clone(page)
	if duplicate {
		page = append(page, d.groups[g].members[0])
	}
	if reorder {
		slices.Reverse(page)
	}
	return page
}

// drift changes a group between two pages: the third person goes, or somebody comes in at the front.
func (d *Double) drift(g int) {
	shrink, grow := d.faults.Hits(FaultShrink, RouteMembers), d.faults.Hits(FaultGrow, RouteMembers)
	if !shrink && !grow {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if members := d.groups[g].members; shrink && len(members) > 2 {
		d.leave(int(members[2]), g)
	}
	if grow {
		for i := range d.people {
			if p := d.people[i]; p.groups&(1<<g) == 0 && !d.holdsSeat(p) && p.flags&^hiddenMail == 0 {
				d.join(i, g)
				members := d.groups[g].members
				last := len(members) - 1
				d.groups[g].members = slices.Insert(members[:last], 0, uint32(i))
				return
			}
		}
	}
}

// getUsers answers GET user/bulk: at most 100 people, as repeated parameters or as a list.
func (d *Double) getUsers(w http.ResponseWriter, r *http.Request) int {
	ids := strings.Split(strings.Join(r.URL.Query()["accountId"], ","), ",")
	d.mu.RLock()
	defer d.mu.RUnlock()
	b := []byte(`{"results":[`)
	found := 0
	for _, id := range ids[:min(len(ids), 100)] {
		if index, ok := d.indexOf(id); ok {
			if found > 0 {
				b = append(b, ',')
			}
			b = d.appendUser(b, index, false)
			found++
		}
	}
	d.send(w, RouteUsers, fmt.Appendf(b, `],"start":0,"limit":100,"size":%d,"_links":{}}`, found))
	return 1 + 2*found
}

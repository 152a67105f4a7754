package trello

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const pageSize = 100

// listMembers answers GET …/members: a bare array, found by a 1-based offset.
func (d *Double) listMembers(w http.ResponseWriter, r *http.Request) {
	count, start := pageSize, 1
	for _, p := range []struct {
		name string
		into *int
		most int
	}{{"count", &count, pageSize}, {"startIndex", &start, 9999}} {
		if text := r.FormValue(p.name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 || n > p.most {
				plain(w, http.StatusBadRequest, "invalid value for "+p.name)
				return
			}
			*p.into = n
		}
	}
	if d.faults.On(FaultSmallPages) {
		count /= 2
	}
	start = max(start, 1)
	d.swapUnderPages(r.FormValue("associationTypes"))
	if start > 1 {
		d.drift(RouteMembers)
	}
	if start > count && d.faults.Hits(FaultPageTwice, RouteMembers) {
		start -= count
	}
	list := d.listBefore(start)
	d.mu.RLock()
	defer d.mu.RUnlock()
	if list == nil {
		list = d.listed(r.FormValue("associationTypes"), r.PathValue("id"))
	}
	from := min(start-1, len(list))
	d.sendMembers(w, list[from:min(from+count, len(list))], parseFields(r.FormValue("fields")))
}

// listed are the indexes of the people that an association lists. Callers hold the lock.
func (d *Double) listed(association, enterprise string) []uint32 {
	if d.faults.On(FaultNoMembers) || enterprise == d.secondEnterprise() {
		return nil
	}
	if association == "licensed" {
		return d.licensed
	}
	var list []uint32
	for i, p := range d.people {
		if association == "managedFree" && p.has(managedFree) || association == "" && !p.has(guest) {
			list = append(list, uint32(i))
		}
	}
	return list
}

func (d *Double) sendMembers(w http.ResponseWriter, page []uint32, want fields) {
	indexes := d.disturb(RouteMembers, page)
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	b := d.appendMembers((*buffer)[:0], indexes, want)
	*buffer = b
	if d.faults.Hits(FaultBadDate, RouteMembers) {
		b = []byte(strings.Replace(string(b), `"dateLastAccessed":"20`, `"dateLastAccessed":"AD 20`, 1))
	}
	d.send(w, RouteMembers, b)
}

func (d *Double) appendMembers(b []byte, indexes []int, want fields) []byte {
	b = append(b, '[')
	for n, index := range indexes {
		if n > 0 {
			b = append(b, ',')
		}
		b = d.appendMember(b, index, want)
	}
	return append(b, ']')
}

// disturb repeats and reorders people of a page where a fault says so.
func (d *Double) disturb(route Route, page []uint32) []int {
	indexes := make([]int, 0, len(page)+1)
	for _, i := range page {
		indexes = append(indexes, int(i))
	}
	if len(indexes) > 0 && d.faults.Hits(FaultDuplicates, route) {
		indexes = append(indexes, int(d.licensed[0]))
	}
	if d.faults.Hits(FaultReorder, route) {
		slices.Reverse(indexes)
	}
	return indexes
}

// swapUnderPages lets the third person listed go and somebody come in at the end. The first page still shows the list as
// it was, in whatever order the pages are asked for, so that exactly one person slips through.
func (d *Double) swapUnderPages(association string) {
	if association != "licensed" || !d.faults.Hits(FaultSwap, RouteMembers) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	joins := slices.IndexFunc(d.people, func(p person) bool { return !p.has(licensed) })
	if joins < 0 || len(d.licensed) <= pageSize {
		return
	}
	d.before = slices.Clone(d.licensed)
	d.setLicence(int(d.licensed[2]), false)
	d.setLicence(joins, true)
}

// listBefore is the list from before a swap for the first page after it, and nil otherwise.
func (d *Double) listBefore(start int) []uint32 {
	if start > 1 {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	list := d.before
	d.before = nil
	return list
}

// drift changes the list between two pages: the third person listed goes, or somebody comes in at the front.
func (d *Double) drift(route Route) {
	shrink, grow := d.faults.Hits(FaultShrink, route), d.faults.Hits(FaultGrow, route)
	if !shrink && !grow {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if shrink && len(d.licensed) > 2 {
		d.setLicence(int(d.licensed[2]), false)
	}
	if grow {
		for i := range d.people {
			if !d.people[i].has(licensed) {
				d.setLicence(i, true)
				last := len(d.licensed) - 1
				d.licensed = slices.Insert(d.licensed[:last], 0, uint32(i))
				return
			}
		}
	}
}

// memberFilter is the query of members/query.
type memberFilter struct {
	set, unset flags // what a person must have, and must not have
	managed    *bool
	activeFrom uint32
	inactiveTo uint32
	search     string
}

var associations = []struct {
	name string
	flag flags
}{{"licensed", licensed}, {"deactivated", deactivated}, {"collaborator", guest}, {"admin", admin}}

// parseFilter returns the text of a refusal where the query is wrong.
func parseFilter(q url.Values) (memberFilter, string) {
	f := memberFilter{search: strings.ToLower(q.Get("search"))}
	refused, wanted := false, false
	for _, a := range associations {
		if text := q.Get(a.name); text != "" {
			value, err := strconv.ParseBool(text)
			if err != nil {
				return f, "invalid value for " + a.name
			}
			if value {
				f.set |= a.flag
			} else {
				f.unset |= a.flag
			}
			wanted = wanted || value
			refused = refused || !value
		}
	}
	if refused && !wanted {
		// jira.atlassian.com/browse/TRELLO-1112
		return f, "At least one association must be specified"
	}
	if text := q.Get("managed"); text != "" {
		value, err := strconv.ParseBool(text)
		if err != nil {
			return f, "invalid value for managed"
		}
		f.managed = &value
	}
	for _, limit := range []struct {
		name string
		into *uint32
		add  time.Duration
	}{{"activeSince", &f.activeFrom, 0}, {"inactiveSince", &f.inactiveTo, days(1) - time.Second}} {
		if text := q.Get(limit.name); text != "" {
			at, err := time.Parse(time.DateOnly, text)
			if err != nil {
				return f, "invalid value for " + limit.name
			}
			*limit.into = uint32(at.Add(limit.add).Unix())
		}
	}
	return f, ""
}

func (d *Double) matches(index int, f memberFilter) bool {
	p := d.people[index]
	if p.flags&f.set != f.set || p.flags&f.unset != 0 {
		return false
	}
	if f.managed != nil && p.managed() != *f.managed ||
		f.activeFrom != 0 && p.lastSeen < f.activeFrom ||
		f.inactiveTo != 0 && p.lastSeen > f.inactiveTo {
		return false
	}
	if f.search == "" {
		return true
	}
	first, last, namesake := d.name(index)
	return strings.HasPrefix(strings.ToLower(first+" "+last), f.search) ||
		!p.has(hiddenMail) && strings.HasPrefix(string(appendEmail(nil, index, first, last, namesake)), f.search)
}

// queryMembers answers GET …/members/query: pages of 100 and a cursor.
func (d *Double) queryMembers(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		plain(w, http.StatusBadRequest, "invalid query")
		return
	}
	filter, refusal := parseFilter(r.Form)
	if refusal != "" {
		plain(w, http.StatusBadRequest, refusal)
		return
	}
	position, round, ok := parseCursor(r.Form.Get("cursor"))
	if !ok {
		plain(w, http.StatusBadRequest, "invalid cursor")
		return
	}
	if position > 0 {
		d.drift(RouteQuery)
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	page, next := d.collect(filter, position, r.PathValue("id"))
	if next > 0 && position > 0 && d.faults.Hits(FaultPageTwice, RouteQuery) {
		page, _ = d.collect(filter, max(position-len(page), 0), r.PathValue("id"))
	}
	cursor := ""
	if next > 0 {
		cursor = formatCursor(next, 0)
	}
	if d.faults.On(FaultEndlessCursor) {
		page, _ = d.collect(filter, 0, r.PathValue("id"))
		cursor = formatCursor(1, round+1)
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	b := (*buffer)[:0]
	envelope := d.faults.On(FaultCursorEnvelope)
	if envelope {
		b = append(b, `{"members":`...)
	}
	b = append(b, '[')
	for n, index := range d.disturb(RouteQuery, page) {
		if n > 0 {
			b = append(b, ',')
		}
		b = d.appendMembership(b, index)
	}
	b = append(b, ']')
	if envelope {
		if cursor != "" {
			b = fmt.Appendf(b, `,"cursor":%q`, cursor)
		}
		b = append(b, '}')
	}
	*buffer = b
	switch {
	case cursor == "" || envelope || d.faults.On(FaultCursorMissing):
	case d.faults.On(FaultCursorLink):
		w.Header().Set("Link", fmt.Sprintf(`<https://api.trello.com%s?cursor=%s>; rel="next"`, r.URL.Path, cursor))
	default:
		w.Header().Set("X-Trello-Cursor", cursor)
	}
	d.send(w, RouteQuery, b)
}

// collect is the page from a position among all people, and the position behind it, 0 at the end.
func (d *Double) collect(f memberFilter, position int, enterprise string) (page []uint32, next int) {
	if d.faults.On(FaultNoMembers) || enterprise == d.secondEnterprise() {
		return nil, 0
	}
	page = make([]uint32, 0, pageSize)
	for i := position; i < len(d.people); i++ {
		if !d.matches(i, f) {
			continue
		}
		if len(page) == pageSize {
			return page, i
		}
		page = append(page, uint32(i))
	}
	return page, 0
}

func formatCursor(position, round int) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d", position, round))
}

func parseCursor(cursor string) (position, round int, ok bool) {
	if cursor == "" {
		return 0, 0, true
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return 0, 0, false
	}
	n, err := fmt.Sscanf(string(text), "%d.%d", &position, &round)
	return position, round, err == nil && n == 2 && position >= 0
}

package asana

import (
	"encoding/json"
	"net/http"
)

// parseUser is the person that a write names. A refusal was answered where it is not ok. Callers hold the lock.
func (d *Double) parseUser(w http.ResponseWriter, r *http.Request, who caller) (person int, ok bool) {
	var request struct {
		Data struct {
			User string `json:"user"`
		} `json:"data"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&request); err != nil {
		refuse(w, http.StatusBadRequest, "Could not parse request data, invalid JSON")
		return 0, false
	}
	if !who.admin {
		refuse(w, http.StatusForbidden, "Forbidden")
		return 0, false
	}
	person, ok = d.find(request.Data.User, who)
	switch {
	case request.Data.User == "":
		refuse(w, http.StatusBadRequest, "user: Missing input")
		return 0, false
	case !ok:
		unknown(w, "user", request.Data.User)
	}
	return person, ok
}

// written answers a write that took effect, or breaks on the way.
func (d *Double) written(w http.ResponseWriter, route Route, person int, answer any) {
	d.log.Write(Write{At: d.now().UTC(), User: gid(userBase, person), Added: route == RouteAdd})
	switch {
	case d.faults.Hits(FaultApplyThen500, route):
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
		return
	case d.faults.Hits(FaultApplyThenDrop, route):
		panic(http.ErrAbortHandler)
	}
	d.send(w, route, data(answer))
}

// removeUser answers POST …/removeUser. That somebody was no member is refused; how Asana does so is not documented.
func (d *Double) removeUser(w http.ResponseWriter, r *http.Request, who caller) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, ok := d.parseUser(w, r, who)
	switch {
	case !ok:
		return
	case d.faults.On(FaultLastAdmin):
		refuse(w, http.StatusBadRequest, "user: Cannot remove the last admin of an organization")
		return
	case !d.people[i].has(active):
		refuse(w, http.StatusBadRequest, "user: Not a member of this workspace")
		return
	}
	if !d.faults.Hits(FaultIgnoreWrite, RouteRemove) {
		d.people[i].flags &^= active
	}
	d.written(w, RouteRemove, i, map[string]any{})
}

// addUser answers POST …/addUser. How Asana refuses for want of a seat is not documented.
func (d *Double) addUser(w http.ResponseWriter, r *http.Request, who caller) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, ok := d.parseUser(w, r, who)
	switch {
	case !ok:
		return
	case d.faults.On(FaultNoSeats) && !d.people[i].has(active):
		refuse(w, http.StatusBadRequest, "workspace: No seats are available")
		return
	}
	if !d.faults.Hits(FaultIgnoreWrite, RouteAdd) {
		d.join(i)
	}
	d.written(w, RouteAdd, i, d.user(i, fieldSet{"name": true, "email": true}))
}

// join makes somebody a member. A membership that ended stays as a row of its own, and a new one follows.
func (d *Double) join(person int) {
	p := &d.people[person]
	if p.has(active) {
		return
	}
	for at := range d.rows {
		if int(d.rows[at].person) == person {
			d.rows[at].former = true
		}
	}
	d.rows = append(d.rows, row{person: uint32(person)})
	p.created, p.rejoined = d.now().Unix(), d.now().UnixMilli()
	p.flags = p.flags&^(admin|viewOnly) | active
	if d.faults.On(FaultAddsGuests) {
		p.flags |= guest
	}
}

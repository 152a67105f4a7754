package confluence

import (
	"encoding/json"
	"net/http"
)

// removeMember answers DELETE group/userByGroupId: 204 for a member and for somebody who is none.
func (d *Double) removeMember(w http.ResponseWriter, r *http.Request) int {
	return d.change(w, r, RouteRemove, r.FormValue("accountId"), func(member membership) int {
		d.set(member, false)
		return http.StatusNoContent
	})
}

// addMember answers POST group/userByGroupId. What Atlassian answers about a member, or for want of a seat, is not
// documented.
func (d *Double) addMember(w http.ResponseWriter, r *http.Request) int {
	var body struct {
		AccountID string `json:"accountId"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&body); err != nil {
		return d.frame(w, http.StatusBadRequest, "the body is no JSON")
	}
	return d.change(w, r, RouteAdd, body.AccountID, func(member membership) int {
		is := d.people[member.person].groups&(1<<member.group) != 0
		if is && d.faults.On(FaultRefuseMembers) || !is && d.groups[member.group].access && d.faults.On(FaultNoSeats) {
			return http.StatusBadRequest
		}
		d.set(member, true)
		return http.StatusCreated
	})
}

// change checks what both changes of a group have in common, makes it, and answers with its status.
func (d *Double) change(w http.ResponseWriter, r *http.Request, route Route, accountID string, do func(membership) int) int {
	groupID := r.URL.Query().Get("groupId")
	if groupID == "" || accountID == "" {
		return d.frame(w, http.StatusBadRequest, "groupId and accountId are needed")
	}
	if r.Header.Get("X-Atlassian-Token") != "no-check" {
		return d.frame(w, http.StatusForbidden, "XSRF check failed")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	g, ok := d.groupIndex(groupID)
	if !ok {
		return d.notFound(w, "No group with id "+groupID)
	}
	person, ok := d.indexOf(accountID)
	if !ok {
		return d.notFound(w, "No user with account id "+accountID)
	}
	if d.faults.Hits(FaultNotSiteAdmin, route) {
		return d.frame(w, http.StatusForbidden, "User is not a site admin")
	}
	if d.managedBy(&d.groups[g]) == "EXTERNAL" {
		return d.frame(w, http.StatusForbidden, "Group is synced from an identity provider")
	}
	status := do(membership{person, g})
	if status >= 400 {
		return d.frame(w, status, "the member cannot be added")
	}
	d.log.Write(Write{At: d.now().UTC(), Member: accountID, Group: d.groups[g].name, Added: route == RouteAdd})
	switch {
	case d.faults.Hits(FaultApplyThen500, route):
		return d.frame(w, http.StatusInternalServerError, "Internal Server Error")
	case d.faults.Hits(FaultApplyThenDrop, route):
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(status)
	return 1
}

// set changes a membership. Reads that lag show what was before.
func (d *Double) set(member membership, is bool) {
	if was := d.people[member.person].groups&(1<<member.group) != 0; was == is {
		return
	}
	if is {
		d.join(member.person, member.group)
	} else {
		d.leave(member.person, member.group)
	}
	if _, late := d.lagging[member]; late {
		delete(d.lagging, member)
	} else {
		d.lagging[member] = struct{}{}
	}
}

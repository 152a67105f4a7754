package trello

import (
	"net/http"
	"slices"
	"strconv"
)

// write answers licensed and deactivated. Both states change together: who is deactivated holds no licence.
func (d *Double) write(route Route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		value, err := strconv.ParseBool(r.FormValue("value"))
		if err != nil {
			plain(w, http.StatusBadRequest, "invalid value for value")
			return
		}
		switch {
		case d.faults.On(FaultReadOnlyToken):
			plain(w, http.StatusUnauthorized, unauthorized)
			return
		case d.faults.On(FaultAdminHub):
			answer(w, http.StatusForbidden, map[string]string{
				"message": "This enterprise is managed in Atlassian Administration (AdminHub)", "error": "ADMINHUB_MANAGED",
			})
			return
		case d.faults.On(FaultAdminHubSilent):
			plain(w, http.StatusForbidden, "forbidden")
			return
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		index, ok := d.findMember(w, r)
		if !ok {
			return
		}
		keeps := value == (route == RouteLicensed)
		if keeps && !d.people[index].has(licensed) && len(d.licensed) >= d.seats() {
			// How Trello refuses for want of a seat is not documented.
			plain(w, http.StatusBadRequest, "no licenses available")
			return
		}
		if !d.faults.Hits(FaultIgnoreWrite, route) {
			d.setLicence(index, keeps)
			if keeps && route == RouteLicensed && d.faults.On(FaultKeepsBlocked) {
				d.people[index].flags |= deactivated
			}
		}
		d.log.Write(Write{At: d.now().UTC(), Member: d.memberID(index), Licensed: keeps})
		switch {
		case d.faults.Hits(FaultApplyThen500, route):
			answer(w, http.StatusInternalServerError, map[string]string{"message": "Internal Server Error", "error": "ERROR"})
			return
		case d.faults.Hits(FaultApplyThenDrop, route):
			panic(http.ErrAbortHandler)
		}
		d.send(w, route, d.appendMember(nil, index, fieldFullName|fieldUsername|fieldDeactivated))
	}
}

// seats is how many licences were bought.
func (d *Double) seats() int {
	if d.faults.On(FaultNoSeats) {
		return len(d.licensed)
	}
	return d.maxSeats
}

func (d *Double) setLicence(index int, keeps bool) {
	p := &d.people[index]
	if keeps {
		p.flags &^= deactivated
	}
	if p.has(licensed) == keeps {
		return
	}
	if keeps {
		p.flags = p.flags&^(managedFree|guest|left) | licensed
		d.licensed = append(d.licensed, uint32(index))
		return
	}
	p.flags = p.flags&^licensed | deactivated
	d.licensed = slices.DeleteFunc(d.licensed, func(i uint32) bool { return i == uint32(index) })
}

package trello

import (
	"io"
	"log"
	"net/http"
	"strconv"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/control"
)

// Write is a change of a licence that the double was asked for.
type Write struct {
	At       time.Time `json:"at"`
	Member   string    `json:"member"`
	Licensed bool      `json:"licensed"`
}

// Requests counts what was asked of the double.
type Requests = control.Requests[Write]

// Requests tells what was asked of Trello's routes until now.
func (d *Double) Requests() Requests { return d.log.Requests() }

// Member is somebody as the double knows them, which is more than Trello tells.
type Member struct {
	ID          string     `json:"id"`
	FullName    string     `json:"full_name"`
	Email       string     `json:"email,omitempty"` // empty where Trello hides it
	LastSeen    *time.Time `json:"last_seen"`
	Created     time.Time  `json:"created"`
	Licensed    bool       `json:"licensed"`
	Deactivated bool       `json:"deactivated"`
	Admin       bool       `json:"admin"`
	Guest       bool       `json:"guest"`
	Confirmed   bool       `json:"confirmed"`
}

func (d *Double) member(index int) Member {
	p := d.people[index]
	first, last, namesake := d.name(index)
	m := Member{
		ID: d.memberID(index), FullName: first + " " + last, Created: time.Unix(int64(p.created), 0).UTC(),
		Licensed: p.has(licensed), Deactivated: p.has(deactivated), Admin: p.has(admin), Guest: p.has(guest),
		Confirmed: !p.has(unconfirmed),
	}
	if !p.has(hiddenMail) {
		m.Email = string(appendEmail(nil, index, first, last, namesake))
	}
	if p.lastSeen != 0 {
		at := time.Unix(int64(p.lastSeen), 0).UTC()
		m.LastSeen = &at
	}
	return m
}

// Members are the people for whom keep is true, at most limit; 0 means all.
func (d *Double) Members(limit int, keep func(Member) bool) []Member {
	d.mu.RLock()
	defer d.mu.RUnlock()
	list := []Member{}
	for i := range d.people {
		if m := d.member(i); keep == nil || keep(m) {
			list = append(list, m)
			if len(list) == limit {
				break
			}
		}
	}
	return list
}

// IdleSince keeps people with a licence, no admins, whose account is older than a time and who were not seen since then.
func IdleSince(t time.Time) func(Member) bool {
	return func(m Member) bool {
		return m.Licensed && !m.Admin && m.Created.Before(t) && (m.LastSeen == nil || m.LastSeen.Before(t))
	}
}

// Find is the member with an id.
func (d *Double) Find(id string) (Member, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	index, ok := d.indexOf(id)
	if !ok {
		return Member{}, false
	}
	return d.member(index), true
}

// Login lets a person log in now.
func (d *Double) Login(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	index, ok := d.indexOf(id)
	if ok {
		d.people[index].lastSeen = uint32(d.now().Unix())
	}
	return ok
}

// SetLicence gives or takes a licence as if somebody did so on Trello's own pages.
func (d *Double) SetLicence(id string, holds bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	index, ok := d.indexOf(id)
	if ok {
		d.setLicence(index, holds)
	}
	return ok
}

// Expel removes a person from the enterprise as if somebody did so on Trello's own pages.
func (d *Double) Expel(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	index, ok := d.indexOf(id)
	if ok {
		d.setLicence(index, false)
		d.people[index].flags = d.people[index].flags&^deactivated | left
	}
	return ok
}

// adminRoutes are the double's own routes, outside of Trello's. They need no credential: the double is for this machine.
func (d *Double) adminRoutes(mux *http.ServeMux) {
	d.faults.Handle(mux, d, func() any { return d.Requests() })
	mux.HandleFunc("GET /_double/members", d.adminMembers)
	mux.HandleFunc("GET /_double/members/{id}", func(w http.ResponseWriter, r *http.Request) {
		m, ok := d.Find(r.PathValue("id"))
		if !ok {
			plain(w, http.StatusNotFound, notFound)
			return
		}
		answer(w, http.StatusOK, m)
	})
	mux.HandleFunc("POST /_double/members/{id}/login", func(w http.ResponseWriter, r *http.Request) {
		if !d.Login(r.PathValue("id")) {
			plain(w, http.StatusNotFound, notFound)
			return
		}
		m, _ := d.Find(r.PathValue("id"))
		answer(w, http.StatusOK, m)
	})
}

// adminMembers lists people: ?licensed=true, ?idle_days=60, ?limit=10.
func (d *Double) adminMembers(w http.ResponseWriter, r *http.Request) {
	numbers := map[string]int{"limit": 0, "idle_days": 0}
	for name := range numbers {
		if text := r.FormValue(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				plain(w, http.StatusBadRequest, "invalid value for "+name)
				return
			}
			numbers[name] = n
		}
	}
	idle := IdleSince(d.now().Add(-days(numbers["idle_days"])))
	answer(w, http.StatusOK, d.Members(numbers["limit"], func(m Member) bool {
		return (r.FormValue("licensed") == "" || m.Licensed == (r.FormValue("licensed") == "true")) &&
			(numbers["idle_days"] == 0 || idle(m))
	}))
}

var discardLog = log.New(io.Discard, "", 0)

package confluence

import (
	"io"
	"log"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/control"
)

// Write is a removal from a group, or an addition to one, that the double was asked for.
type Write struct {
	At     time.Time `json:"at"`
	Member string    `json:"member"`
	Group  string    `json:"group"`
	Added  bool      `json:"added,omitempty"`
}

// Requests counts what was asked of the double.
type Requests struct {
	control.Requests[Write]
	Points int `json:"points"` // spent in this hour
}

// Requests tells what was asked of the vendor's routes until now.
func (d *Double) Requests() Requests { return Requests{d.log.Requests(), d.limits.points()} }

// Member is somebody as the double knows them, which is more than Confluence tells.
type Member struct {
	ID          string     `json:"id"`
	FullName    string     `json:"full_name"`
	Email       string     `json:"email,omitempty"` // empty where Confluence hides it
	LastEdit    *time.Time `json:"last_edit"`
	LastVisit   *time.Time `json:"last_visit"`
	Created     time.Time  `json:"created"`
	Seat        bool       `json:"seat"`
	Groups      []string   `json:"groups"`
	Admin       bool       `json:"admin"`
	Synced      bool       `json:"synced"` // in a group that an identity provider manages
	Guest       bool       `json:"guest"`
	Suspended   bool       `json:"suspended"`
	Overwritten bool       `json:"overwritten"` // the last edit is hidden behind somebody else's
}

func (d *Double) member(index int) Member {
	p := d.people[index]
	first, last, _ := d.name(index)
	m := Member{
		ID: d.accountID(index), FullName: first + " " + last, Created: time.Unix(int64(p.created), 0).UTC(),
		Seat: d.holdsSeat(p), Guest: p.has(guest), Suspended: p.has(suspended), Overwritten: p.overdone, Groups: []string{},
		Synced: p.groups&(1<<groupSynced) != 0,
		Admin:  p.groups&(1<<groupConfluenceAdmins|1<<groupSiteAdmins|1<<groupOrgAdmins) != 0,
	}
	if !p.has(hiddenMail | app) {
		m.Email = string(d.appendEmail(nil, index))
	}
	for i := range min(len(d.groups), 32) {
		if p.groups&(1<<i) != 0 {
			m.Groups = append(m.Groups, d.groups[i].name)
		}
	}
	for _, date := range []struct {
		seconds uint32
		into    **time.Time
	}{{p.edited, &m.LastEdit}, {p.viewed, &m.LastVisit}} {
		if date.seconds != 0 {
			at := time.Unix(int64(date.seconds), 0).UTC()
			*date.into = &at
		}
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

// IdleSince keeps people with a seat that may be taken, whose account is older than a time and who wrote nothing since.
func IdleSince(t time.Time) func(Member) bool {
	return func(m Member) bool {
		return m.Seat && !m.Admin && !m.Synced && m.Created.Before(t) && (m.LastEdit == nil || m.LastEdit.Before(t))
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

// Group is a group as the double knows it.
type Group struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	ManagedBy string `json:"managed_by"`
	Access    bool   `json:"access"`
	Members   int    `json:"members"` // those that lists do not show included
}

// Groups are all groups.
func (d *Double) Groups() []Group {
	d.mu.RLock()
	defer d.mu.RUnlock()
	list := []Group{}
	for i := range d.groups {
		g := &d.groups[i]
		if g.gone {
			continue
		}
		list = append(list, Group{ID: g.id, Name: g.name, ManagedBy: d.managedBy(g), Access: g.access, Members: len(g.members)})
	}
	return list
}

// SetMember puts somebody into a group or takes them out of it, as if somebody did so on Atlassian's own pages.
func (d *Double) SetMember(accountID, groupID string, is bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	person, known := d.indexOf(accountID)
	g, exists := d.groupIndex(groupID)
	if !known || !exists || g >= 32 {
		return false
	}
	if is {
		d.join(person, g)
	} else {
		d.leave(person, g)
	}
	return true
}

// DeleteGroup removes a group as if somebody did so on Atlassian's own pages.
func (d *Double) DeleteGroup(groupID string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, ok := d.groupIndex(groupID)
	if !ok || i >= 32 {
		return false
	}
	for _, person := range slices.Clone(d.groups[i].members) {
		d.leave(int(person), i)
	}
	d.groups[i].gone = true
	return true
}

// controlRoutes are the double's own routes, outside of Atlassian's. They need no credential: the double is for this
// machine.
func (d *Double) controlRoutes(mux *http.ServeMux) {
	d.faults.Handle(mux, d, func() any { return d.Requests() })
	mux.HandleFunc("GET /_double/groups", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, d.Groups())
	})
	mux.HandleFunc("GET /_double/members", d.controlMembers)
	mux.HandleFunc("GET /_double/members/{id}", func(w http.ResponseWriter, r *http.Request) {
		d.answerMember(w, r.PathValue("id"))
	})
	mux.HandleFunc("POST /_double/members/{id}/edit", func(w http.ResponseWriter, r *http.Request) {
		d.Edit(r.PathValue("id"))
		d.answerMember(w, r.PathValue("id"))
	})
	mux.HandleFunc("POST /_double/members/{id}/visit", func(w http.ResponseWriter, r *http.Request) {
		d.View(r.PathValue("id"))
		d.answerMember(w, r.PathValue("id"))
	})
}

func (d *Double) answerMember(w http.ResponseWriter, id string) {
	m, ok := d.Find(id)
	if !ok {
		d.notFound(w, "no member "+id)
		return
	}
	answer(w, http.StatusOK, m)
}

// controlMembers lists people: ?seat=true, ?idle_days=60, ?limit=10.
func (d *Double) controlMembers(w http.ResponseWriter, r *http.Request) {
	numbers := map[string]int{"limit": 0, "idle_days": 0}
	for name := range numbers {
		if text := r.FormValue(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				d.frame(w, http.StatusBadRequest, "invalid value for "+name)
				return
			}
			numbers[name] = n
		}
	}
	idleSince := IdleSince(d.now().Add(-days(numbers["idle_days"])))
	answer(w, http.StatusOK, d.Members(numbers["limit"], func(m Member) bool {
		return (r.FormValue("seat") == "" || m.Seat == (r.FormValue("seat") == "true")) &&
			(numbers["idle_days"] == 0 || idleSince(m))
	}))
}

var discardLog = log.New(io.Discard, "", 0)

package asana

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/control"
)

// Write is a removal or an addition that the double was asked for.
type Write struct {
	At    time.Time `json:"at"`
	User  string    `json:"user"`
	Added bool      `json:"added,omitempty"`
}

// Requests counts what was asked of the double.
type Requests = control.Requests[Write]

// Requests tells what was asked of Asana's routes until now.
func (d *Double) Requests() Requests { return d.log.Requests() }

// Member is somebody as the double knows them, which is more than Asana tells.
type Member struct {
	GID       string     `json:"gid"`
	FullName  string     `json:"full_name"`
	Email     string     `json:"email,omitempty"` // empty where Asana hides it
	LastSeen  *time.Time `json:"last_seen"`       // last work on a task
	LastLogin *time.Time `json:"last_login"`      // in the audit log
	Created   time.Time  `json:"created"`
	Seat      bool       `json:"seat"`
	Active    bool       `json:"active"`
	Admin     bool       `json:"admin"`
	Guest     bool       `json:"guest"`
	ViewOnly  bool       `json:"view_only"`
	Secretive bool       `json:"secretive"` // works in private tasks only
	Returned  bool       `json:"returned"`  // has a former membership as well
}

// Members are the people for whom keep is true, at most limit; 0 means all.
func (d *Double) Members(limit int, keep func(Member) bool) []Member {
	d.mu.RLock()
	defer d.mu.RUnlock()
	logins := map[uint32]int64{}
	for _, e := range d.events {
		if !e.failed {
			logins[e.person] = e.at
		}
	}
	back := map[uint32]bool{}
	for _, r := range d.rows {
		if r.former {
			back[r.person] = true
		}
	}
	list := []Member{}
	for i, p := range d.people {
		first, last, _ := d.name(i)
		m := Member{
			GID: gid(userBase, i), FullName: first + " " + last, Email: d.email(i),
			LastSeen: moment(p.lastSeen), LastLogin: moment(logins[uint32(i)]),
			Created: time.Unix(p.created, int64(i%1000)*1e6).UTC(),
			Seat:    p.holdsSeat(), Active: p.has(active), Admin: p.has(admin), Guest: p.has(guest), ViewOnly: p.has(viewOnly),
			Secretive: p.has(secretive), Returned: back[uint32(i)],
		}
		if keep == nil || keep(m) {
			list = append(list, m)
			if len(list) == limit {
				break
			}
		}
	}
	return list
}

func moment(ms int64) *time.Time {
	if ms == 0 {
		return nil
	}
	at := time.UnixMilli(ms).UTC()
	return &at
}

// IdleSince keeps people with a seat, no admins, whose account is older than a time and who did nothing since then.
func IdleSince(t time.Time) func(Member) bool {
	return func(m Member) bool {
		return m.Seat && !m.Admin && m.Created.Before(t) && (m.LastSeen == nil || m.LastSeen.Before(t))
	}
}

// Find is the person with an id.
func (d *Double) Find(id string) (Member, bool) {
	found := d.Members(1, func(m Member) bool { return m.GID == id })
	if len(found) == 0 {
		return Member{}, false
	}
	return found[0], true
}

// find is the person that a request names: an id, a mail address or "me". Callers hold the lock.
func (d *Double) find(name string, who caller) (int, bool) {
	if name == "me" {
		name = who.gid
	}
	if i, ok := index(name, userBase, len(d.people)); ok {
		return i, true
	}
	if strings.Contains(name, "@") {
		for i := range d.people {
			if strings.EqualFold(d.email(i), name) {
				return i, true
			}
		}
	}
	return 0, false
}

// Act lets a person make a task at a time.
func (d *Double) Act(id string, at time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, ok := index(id, userBase, len(d.people))
	if ok {
		d.act(i, at.UnixMilli())
	}
	return ok
}

// Comment lets a person comment on somebody's task, an old one that all can see, at a time.
func (d *Double) Comment(id string, at time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, ok := index(id, userBase, len(d.people))
	if !ok {
		return false
	}
	for n := len(d.newest) - 1; n >= 0; n-- {
		task := d.newest[n]
		if t := d.tasks[task]; !t.private && int(t.author) != i && t.modified <= at.UnixMilli() {
			d.comment(task, i, at.UnixMilli())
			return true
		}
	}
	return false
}

// Login lets a person log in at a time, which only the audit log shows.
func (d *Double) Login(id string, at time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, ok := index(id, userBase, len(d.people))
	if ok {
		e := event{at: at.UnixMilli(), person: uint32(i)}
		place, _ := slices.BinarySearchFunc(d.events, e, func(a, b event) int { return int(a.at - b.at) })
		d.events = slices.Insert(d.events, place, e)
	}
	return ok
}

// Remove takes a person out of the organisation as if somebody did so in Asana's admin console.
func (d *Double) Remove(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, ok := index(id, userBase, len(d.people))
	if ok {
		d.people[i].flags &^= active
	}
	return ok
}

// Add puts a person into the organisation as if somebody did so in Asana's admin console.
func (d *Double) Add(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, ok := index(id, userBase, len(d.people))
	if ok {
		d.join(i)
	}
	return ok
}

// adminRoutes are the double's own routes, outside of Asana's. They need no credential: the double is for this machine.
func (d *Double) adminRoutes(mux *http.ServeMux) {
	d.faults.Handle(mux, d, func() any { return d.Requests() })
	mux.HandleFunc("GET /_double/members", d.adminMembers)
	mux.HandleFunc("GET /_double/members/{gid}", func(w http.ResponseWriter, r *http.Request) {
		d.answerMember(w, r.PathValue("gid"), true)
	})
	mux.HandleFunc("POST /_double/members/{gid}/act", func(w http.ResponseWriter, r *http.Request) {
		d.answerMember(w, r.PathValue("gid"), d.Act(r.PathValue("gid"), d.now()))
	})
	mux.HandleFunc("POST /_double/members/{gid}/login", func(w http.ResponseWriter, r *http.Request) {
		d.answerMember(w, r.PathValue("gid"), d.Login(r.PathValue("gid"), d.now()))
	})
}

func (d *Double) answerMember(w http.ResponseWriter, id string, did bool) {
	m, ok := d.Find(id)
	if !ok || !did {
		unknown(w, "user", id)
		return
	}
	answerJSON(w, http.StatusOK, m)
}

// adminMembers lists people: ?seat=true, ?idle_days=60, ?limit=10.
func (d *Double) adminMembers(w http.ResponseWriter, r *http.Request) {
	numbers := map[string]int{"limit": 0, "idle_days": 0}
	for name := range numbers {
		if value := r.FormValue(name); value != "" {
			n, err := strconv.Atoi(value)
			if err != nil || n < 0 {
				refuse(w, http.StatusBadRequest, "invalid value for "+name)
				return
			}
			numbers[name] = n
		}
	}
	idle := IdleSince(d.now().Add(-days(numbers["idle_days"])))
	answerJSON(w, http.StatusOK, d.Members(numbers["limit"], func(m Member) bool {
		return (r.FormValue("seat") == "" || m.Seat == (r.FormValue("seat") == "true")) &&
			(numbers["idle_days"] == 0 || idle(m))
	}))
}

// badDate spoils the first date of creation.
func badDate(b []byte) []byte {
	return bytes.Replace(b, []byte(`"created_at":"20`), []byte(`"created_at":"AD 20`), 1)
}

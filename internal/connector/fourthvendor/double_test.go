package fourthvendor_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/conformance"
)

const goodToken = "lantern-token-0123456789abcdef"

// double is Lantern on this machine.
type double struct {
	URL string

	mu      sync.Mutex
	now     func() time.Time
	limited bool
	seats   []seat
	former  []seat // given back
	trouble conformance.Trouble
	times   int // -1 is for ever
	served  []time.Time
	refused int
}

func newDouble(t testing.TB, people int, now func() time.Time) *double {
	t.Helper()
	d := &double{now: now}
	for i := range people {
		s := seat{
			ID: fmt.Sprintf("s%06d", i), Name: fmt.Sprintf("Person %d", i), Mail: fmt.Sprintf("p%d@example.com", i),
			Created: now().AddDate(-2, 0, 0), LastLogin: now().AddDate(0, 0, -1-i%28), Admin: i == 0,
		}
		if i%5 == 3 {
			s.LastLogin = now().AddDate(0, 0, -90)
		}
		if i%10 == 7 {
			s.Mail = ""
		}
		d.seats = append(d.seats, s)
	}
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	d.URL = server.URL
	return d
}

// inject switches a trouble on for so many requests, 0 for all.
func (d *double) inject(trouble conformance.Trouble, times int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.trouble, d.times = trouble, times
	if times == 0 {
		d.times = -1
	}
}

// strikes tells whether this request meets the trouble.
func (d *double) strikes(of ...conformance.Trouble) bool {
	if !slices.Contains(of, d.trouble) || d.times == 0 {
		return false
	}
	d.times--
	return true
}

func (d *double) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/v1/seats"), "/")
	switch {
	case d.overLimit(), d.strikes(limit):
		w.Header().Set("Retry-After", "6")
		http.Error(w, "slow down", http.StatusTooManyRequests)
	case r.Header.Get("Authorization") != "Bearer "+goodToken:
		http.Error(w, "who are you", http.StatusUnauthorized)
	case d.broken(w):
	case id == "":
		d.list(w, r)
	default:
		d.one(w, r, id)
	}
}

const limit conformance.Trouble = "429 of Lantern"

func (d *double) overLimit() bool {
	if !d.limited {
		return false
	}
	at := d.now()
	d.served = slices.DeleteFunc(d.served, func(t time.Time) bool { return at.Sub(t) >= 10*time.Second })
	if len(d.served) >= 100 {
		d.refused++
		return true
	}
	d.served = append(d.served, at)
	return false
}

func (d *double) broken(w http.ResponseWriter) bool {
	switch {
	case d.strikes(conformance.Down):
		http.Error(w, "oops", http.StatusInternalServerError)
	case d.strikes(conformance.Down503):
		http.Error(w, "later", http.StatusServiceUnavailable)
	case d.strikes(conformance.HTML):
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<html>"))
	case d.strikes(conformance.Truncated):
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"total": 1, "seats": [{"id"`))
	case d.strikes(conformance.CutOff):
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(`{"total"`))
	default:
		return false
	}
	return true
}

func (d *double) list(w http.ResponseWriter, r *http.Request) {
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	size, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	// By position, not by order of arrival: pages are asked for side by side, and the first one repeats none.
	later := offset > 0
	switch {
	case later && d.strikes(conformance.Shrinking):
		d.seats = d.seats[1:]
	case later && d.strikes(conformance.Growing):
		id := fmt.Sprintf("j%06d", len(d.seats))
		d.seats = append(d.seats, seat{ID: id, Name: "Joined", Mail: id + "@example.com", LastLogin: d.now()})
	case later && d.strikes(conformance.PageTwice):
		offset -= size
	case later && d.strikes(conformance.Endless):
		offset %= max(1, len(d.seats))
	}
	page := seatPage{Total: len(d.seats), Seats: []seat{}}
	if offset < len(d.seats) && !d.strikes(conformance.Nobody) {
		page.Seats = slices.Clone(d.seats[offset:min(len(d.seats), offset+size)])
	}
	if len(page.Seats) > 0 && d.strikes(conformance.Duplicates) {
		page.Seats = append(page.Seats, d.seats[0])
	}
	if d.strikes(conformance.Reordered) {
		slices.Reverse(page.Seats)
	}
	answer(w, page)
}

func (d *double) one(w http.ResponseWriter, r *http.Request, id string) {
	i := slices.IndexFunc(d.seats, func(s seat) bool { return s.ID == id })
	switch {
	case r.Method == http.MethodPut && d.giveBack(id):
	case i < 0:
		http.Error(w, "no such seat", http.StatusNotFound)
		return
	case r.Method == http.MethodDelete:
		d.former = append(d.former, d.seats[i])
		d.seats = slices.Delete(d.seats, i, i+1)
	default:
		answer(w, d.seats[i])
		return
	}
	switch {
	case d.strikes(conformance.LostAnswer):
		panic(http.ErrAbortHandler)
	case d.strikes(conformance.Lost500):
		http.Error(w, "oops", http.StatusInternalServerError)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// giveBack gives somebody who had a seat one again.
func (d *double) giveBack(id string) bool {
	i := slices.IndexFunc(d.former, func(s seat) bool { return s.ID == id })
	if i >= 0 {
		d.seats = append(d.seats, d.former[i])
		d.former = slices.Delete(d.former, i, i+1)
	}
	return i >= 0
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (d *double) holders() map[string]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := map[string]string{}
	for _, s := range d.seats {
		all[s.ID] = s.Mail
	}
	return maps.Clone(all)
}

func (d *double) login(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.seats {
		if d.seats[i].ID == id {
			d.seats[i].LastLogin = d.now()
		}
	}
}

// reclaimable is somebody who was idle and is no admin.
func (d *double) reclaimable() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.seats {
		if !s.Admin && d.now().Sub(s.LastLogin) > 60*24*time.Hour {
			return s.ID
		}
	}
	return ""
}

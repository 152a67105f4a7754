package engine_test

import (
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// TestWholeLife lets the vendor, administrators, users, jobs, runs that take and give back licences, faults, interruptions
// and processes that die act in any order, and checks after each step what must always hold.
func TestWholeLife(t *testing.T) {
	t.Parallel()
	parent, begin := t.TempDir(), published(t)
	reached := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		l := newLife(t, rt, copyOf(rt, parent, begin), reached)
		actions := map[string]func(*rapid.T){"": func(*rapid.T) { l.check() }}
		for name, action := range l.actions() {
			actions[name] = func(*rapid.T) {
				l.step = step{name: name}
				action()
			}
		}
		rt.Repeat(actions)
	})
	t.Logf("reached: %v", reached)
}

// life is a world with what was seen of it, to judge what a step changed.
type life struct {
	*world
	rt      *rapid.T
	people  []string          // their ids at the vendor
	who     map[string]string // the person whom a candidate is about
	items   map[string]store.Row
	seen    moment
	step    step
	ghosts  []*ghost
	keys    int
	faulty  bool
	days    int            // after which the instance forgets; 0 means never
	reached map[string]int // by what the sequences came to, over all
}

// step is what an action may do.
type step struct {
	name   string
	events []string // that may happen to candidates

	opens   bool            // candidates may appear
	syncs   bool            // subscriptions may come and go as the vendor says
	takes   map[string]bool // people whose licence may be taken
	named   map[string]bool // people of the candidates that a reclaim names
	gives   map[string]bool // people to whom a licence may be given back
	gone    map[string]bool // people who were without a licence at some time since a run began that was suspended
	removes map[string]bool // subscriptions that a person removes
	closes  map[string]bool // candidates that a person completes
	erases  map[string]bool // candidates that a person deletes
}

// moment is the world at the end of a step.
type moment struct {
	candidates, subscriptions, items, mails map[string]store.Row

	undos  map[string]bool          // candidates for which one is stored
	member map[string]double.Member // everybody at the vendor
	writes int                      // at the vendor
}

func newLife(t *testing.T, rt *rapid.T, dir string, reached map[string]int) *life {
	clock := newClock()
	w := &world{t: drawn{t, rt}, clock: clock, trello: enterprise(clock), url: "sqlite:" + filepath.Join(dir, "sam.db")}
	l := &life{world: w, rt: rt, who: map[string]string{}, items: map[string]store.Row{}, reached: reached}
	l.days = one(l, "retention", 0, 0, 20)
	l.restart()
	l.profile = l.find(dictionary.TableProfile, "")[0]["sys_id"]
	for _, m := range w.trello.Members(0, nil) {
		l.people = append(l.people, m.ID)
	}
	l.seen = l.look()
	for id, c := range l.seen.candidates {
		l.who[id] = l.seen.subscriptions[c["user_subscription"]]["external_user_id"]
	}
	l.begin()
	return l
}

// begin opens candidates by a rule that asks users or does not.
func (l *life) begin() {
	if rapid.Bool().Draw(l.rt, "ask") {
		rule := l.find(dictionary.TableReclamationRule, "")[0]["sys_id"]
		l.update(dictionary.TableReclamationRule, rule, store.Row{"notify_user": "true", "days_before_auto_reclamation": "7"})
	}
	l.clock.advance(one(l, "later", 0, 45*day))
	l.step = step{name: "the first refresh"}
	l.refreshNow()
	l.check()
}

// restart goes on in another process.
func (l *life) restart() {
	if l.Engine != nil {
		require.NoError(l.rt, l.Close(l.rt.Context()))
	}
	l.db, l.Engine = openEngine(l.t, l.url, l.clock, inProcess(l.trello, l.clock, nil), withNotifications, withLongLease, l.forgetful)
}

// forgetful sets the retention of the sequence. Evidence is kept for twice as long.
func (l *life) forgetful(o *engine.Options) {
	o.Retention = engine.Retention{Days: l.days, EvidenceDays: 2 * l.days}
}

// forgotten tells whether retention may have been at work on what was there at a time.
func (l *life) forgotten(since string, days int) bool {
	return l.days > 0 && l.step.syncs && since < l.clock.Now().AddDate(0, 0, -days).Format(time.DateTime)
}

func (l *life) look() moment {
	m := moment{undos: map[string]bool{}, member: map[string]double.Member{}, writes: len(l.trello.Requests().Writes)}
	ctx := l.rt.Context()
	require.NoError(l.rt, l.View(ctx, func(tx *store.Tx) error {
		for table, into := range map[string]*map[string]store.Row{
			dictionary.TableCandidate: &m.candidates, dictionary.TableSubscription: &m.subscriptions,
			dictionary.TableReclamationRunItem: &m.items, dictionary.TableEmail: &m.mails,
		} {
			rows, err := tx.Find(ctx, table, "", store.FindOptions{})
			if err != nil {
				return err
			}
			*into = make(map[string]store.Row, len(rows))
			for _, row := range rows {
				(*into)[row["sys_id"]] = row
			}
		}
		rows, err := tx.Query(ctx, "SELECT candidate FROM snsam_undo")
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			m.undos[id] = true
		}
		return rows.Err()
	}))
	for _, member := range l.trello.Members(0, nil) {
		m.member[member.ID] = member
	}
	return m
}

// person draws somebody at the vendor, and rather somebody with an open candidate. Those are drawn by their place among all
// people, so that a sequence means much the same when rapid shortens it.
func (l *life) person() string {
	at := rapid.IntRange(0, len(l.people)-1).Draw(l.rt, "person")
	if rapid.IntRange(0, 3).Draw(l.rt, "anybody") == 0 {
		return l.people[at]
	}
	for i := range l.people {
		id := l.people[(at+i)%len(l.people)]
		if l.candidateOf(id)["active"] == "true" {
			return id
		}
	}
	return l.people[at]
}

// candidateOf is the last candidate of a person; nil where there is none.
func (l *life) candidateOf(person string) (last store.Row) {
	for id, c := range l.seen.candidates {
		if l.who[id] == person && c["number"] > last["number"] {
			last = c
		}
	}
	return last
}

// subscriptionOf is the subscription of a person; nil where there is none.
func (l *life) subscriptionOf(person string) store.Row {
	for _, s := range l.seen.subscriptions {
		if s["external_user_id"] == person {
			return s
		}
	}
	return nil
}

// one draws one of a few values.
func one[T any](l *life, what string, values ...T) T {
	return rapid.SampledFrom(values).Draw(l.rt, what)
}

// refusable passes on that a business rule may refuse what was tried.
func (l *life) refusable(err error) bool {
	var rule *store.BusinessRuleError
	var conflict *store.ConflictError
	if err != nil && !errors.As(err, &rule) && !errors.As(err, &conflict) {
		require.NoError(l.rt, err)
	}
	return err == nil
}

func set(values ...string) map[string]bool {
	s := map[string]bool{}
	for _, v := range values {
		s[v] = true
	}
	return s
}

// sorted are the rows in the order of their sys_ids.
func sorted(rows map[string]store.Row) []store.Row {
	var list []store.Row
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		list = append(list, rows[id])
	}
	return list
}

package engine_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/trello"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// clock is a clock that stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

const day = 24 * time.Hour

// world is a database, an engine over it and an enterprise at Trello.
type world struct {
	*engine.Engine
	t       testing.TB
	clock   *clock
	db      *store.Database
	url     string // of the database
	trello  *double.Server
	profile string // sys_id of the profile that publish made
}

func newWorld(t testing.TB, members int) *world {
	t.Helper()
	clock := newClock()
	server, err := double.Start(double.Options{Members: members, Seed: 1, Now: clock.Now, NoBudgets: true})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	w := &world{t: t, clock: clock, trello: server, url: "sqlite:" + filepath.Join(t.TempDir(), "sam.db")}
	w.open()
	return w
}

// open makes a new engine over the world's database, as another process would.
func (w *world) open() {
	w.t.Helper()
	w.db, w.Engine = openEngine(w.t, w.url, w.clock, unlimited)
}

func openEngine(t testing.TB, url string, clock *clock, factory connector.Factory, changes ...func(*engine.Options)) (*store.Database, *engine.Engine) {
	t.Helper()
	db, err := store.New(url, store.Options{Now: clock.Now})
	require.NoError(t, err)
	o := engine.Options{Now: clock.Now, Connectors: map[string]connector.Factory{dictionary.VendorTrello: factory}}
	for _, change := range changes {
		change(&o)
	}
	e := engine.New(db, o)
	t.Cleanup(func() {
		require.NoError(t, e.Close(context.Background()))
		require.NoError(t, db.Close())
	})
	return db, e
}

// unlimited is Trello without the client's own rate limit.
func unlimited(cfg connector.Config) (connector.Connector, error) {
	cfg.Unlimited = true
	return trello.New(cfg)
}

var inClear = store.WriteOptions{InputDisplayValue: true}

func (w *world) insert(table string, values store.Row) store.Row {
	w.t.Helper()
	row, err := w.Insert(w.t.Context(), table, values, inClear)
	require.NoError(w.t, err)
	return row
}

func (w *world) update(table, id string, values store.Row) store.Row {
	w.t.Helper()
	row, err := w.Update(w.t.Context(), table, id, values, inClear)
	require.NoError(w.t, err)
	return row
}

// overwrite changes a row behind the business rules, as an administrator of the database could.
func (w *world) overwrite(table, id string, values store.Row) {
	w.t.Helper()
	require.NoError(w.t, w.db.Update(w.t.Context(), func(tx *store.Tx) error {
		_, _, err := tx.Update(w.t.Context(), table, id, values)
		return err
	}))
}

func (w *world) get(table, id string) store.Row {
	w.t.Helper()
	var row store.Row
	require.NoError(w.t, w.View(w.t.Context(), func(tx *store.Tx) error {
		var err error
		row, err = tx.Get(w.t.Context(), table, id)
		return err
	}))
	return row
}

func (w *world) find(table, query string) []store.Row {
	w.t.Helper()
	var rows []store.Row
	require.NoError(w.t, w.View(w.t.Context(), func(tx *store.Tx) error {
		var err error
		rows, err = tx.Find(w.t.Context(), table, query, store.FindOptions{})
		return err
	}))
	return rows
}

func (w *world) count(table, query string) int {
	w.t.Helper()
	n := 0
	require.NoError(w.t, w.View(w.t.Context(), func(tx *store.Tx) error {
		var err error
		n, err = tx.Count(w.t.Context(), table, query)
		return err
	}))
	return n
}

var trelloAlias = dictionary.SeedID(dictionary.TableAlias, dictionary.TrelloAlias)

// connect gives Trello's alias a connection and a credential, and returns the connection.
func (w *world) connect() store.Row {
	w.t.Helper()
	credential := w.insert(dictionary.TableAPIKeyCredential, store.Row{
		dictionary.CredentialName: "Trello key", dictionary.CredentialAPIKey: w.trello.Key(), dictionary.CredentialAPIToken: w.trello.Token(),
	})
	return w.insert(dictionary.TableHTTPConnection, store.Row{
		dictionary.ConnectionName: "Trello", dictionary.ConnectionAlias: trelloAlias, dictionary.ConnectionURL: w.trello.URL + "/",
		dictionary.ConnectionCred: credential[dictionary.SysID],
	})
}

func (w *world) draft() store.Row {
	w.t.Helper()
	row := w.insert(dictionary.TableProfile, store.Row{
		dictionary.ProfileDisplayName: "Trello Enterprise", dictionary.ProfileType_: dictionary.TypeTrello,
	})
	w.profile = row[dictionary.SysID]
	return row
}

// publish makes a connection and a published profile.
func (w *world) publish() {
	w.t.Helper()
	w.connect()
	w.draft()
	require.True(w.t, w.validate().Valid)
	w.republish()
}

func (w *world) republish() companion.PublishOutcome {
	w.t.Helper()
	p, err := w.StartPublish(w.t.Context(), w.profile, "")
	return outcome[companion.PublishOutcome](w, p, err)
}

func (w *world) validate() companion.ValidateOutcome {
	w.t.Helper()
	p, err := w.StartValidate(w.t.Context(), w.profile, "")
	return outcome[companion.ValidateOutcome](w, p, err)
}

func (w *world) refresh() companion.RefreshOutcome {
	w.t.Helper()
	p, err := w.StartRefresh(w.t.Context(), w.profile, companion.RefreshRequest{}, "")
	return outcome[companion.RefreshOutcome](w, p, err)
}

func (w *world) reclaim(request companion.ReclaimRequest) map[string]companion.ReclaimItem {
	w.t.Helper()
	p, err := w.StartReclaim(w.t.Context(), request, "")
	items := map[string]companion.ReclaimItem{}
	for _, item := range outcome[companion.ReclaimOutcome](w, p, err).Items {
		require.NotContains(w.t, items, item.Candidate)
		items[item.Candidate] = item
	}
	return items
}

// ended waits for a run.
func (w *world) ended(started companion.Progress, err error) companion.Progress {
	w.t.Helper()
	require.NoError(w.t, err)
	p, err := w.Wait(w.t.Context(), started.Links.Progress.ID)
	require.NoError(w.t, err)
	require.True(w.t, p.Done())
	return p
}

// outcome waits for a run that must succeed.
func outcome[T any](w *world, started companion.Progress, err error) T {
	w.t.Helper()
	p := w.ended(started, err)
	require.Equal(w.t, companion.StatusSuccessful, p.Status, p.Error)
	return decode[T](w.t, p)
}

func decode[T any](t testing.TB, p companion.Progress) T {
	t.Helper()
	var out T
	require.NoError(t, json.Unmarshal(p.Outcome, &out), "%+v", p)
	return out
}

// openCandidates are the candidates that a refresh found, by the external id of their user.
func (w *world) openCandidates() map[string]store.Row {
	w.t.Helper()
	open := map[string]store.Row{}
	for _, c := range w.find(dictionary.TableCandidate, "active=true^ORDERBYnumber") {
		s := w.get(dictionary.TableSubscription, c[dictionary.CandidateSubscription])
		open[s[dictionary.SubscriptionExternalUserID]] = c
	}
	return open
}

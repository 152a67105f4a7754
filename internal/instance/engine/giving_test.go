package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/trello"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// giving is a vendor that can give licences back, with the snapshots and answers of a test.
type giving struct {
	*trello.Trello
	double   *double.Server
	snapshot func(ctx context.Context, id string) (json.RawMessage, error)    // nil answers with the id
	restore  func(ctx context.Context, id string) (connector.Restored, error) // nil gives the licence back
	reclaim  func(ctx context.Context, id string) (connector.Result, error)   // nil leaves it to Trello
	given    func(snapshot json.RawMessage)                                   // sees what a restore is given; nil does not
}

func (g *giving) Reclaim(ctx context.Context, id string) (connector.Result, error) {
	if g.reclaim != nil {
		return g.reclaim(ctx, id)
	}
	return g.Trello.Reclaim(ctx, id)
}

func (g *giving) Snapshot(ctx context.Context, id string) (json.RawMessage, error) {
	if g.snapshot != nil {
		return g.snapshot(ctx, id)
	}
	return json.Marshal(map[string]string{"snapshot of": id})
}

func (g *giving) Restore(ctx context.Context, id string, snapshot json.RawMessage) (connector.Restored, error) {
	if g.given != nil {
		g.given(snapshot)
	}
	if !strings.Contains(string(snapshot), id) {
		return connector.Restored{}, errors.New("this is another person's snapshot")
	}
	if g.restore != nil {
		return g.restore(ctx, id)
	}
	return g.giveBack(id), nil
}

func (g *giving) giveBack(id string) connector.Restored {
	if m, ok := g.double.Find(id); ok && m.Licensed {
		return connector.Restored{Outcome: companion.RestoreAlreadyHeld, Message: "The member holds a licence"}
	}
	g.double.SetLicence(id, true)
	return connector.Restored{Outcome: companion.RestoreDone, Message: "Trello gave the licence back", Lost: []string{"The boards were left."}}
}

// givingBack opens the world anew with a vendor that can give licences back. Changes to g hold at once.
func (w *world) givingBack(g *giving, changes ...func(*engine.Options)) *world {
	w.t.Helper()
	g.double = w.trello
	return w.reopen(func(cfg connector.Config) (connector.Connector, error) {
		c, err := unlimited(cfg)
		if err != nil {
			return nil, err
		}
		made := *g
		made.Trello = c.(*trello.Trello)
		return &made, nil
	}, changes...)
}

func (w *world) restore(candidates ...store.Row) map[string]companion.RestoreItem {
	w.t.Helper()
	p, err := w.StartRestore(w.t.Context(), companion.RestoreRequest{Candidates: ids(candidates)}, "")
	items := map[string]companion.RestoreItem{}
	for _, item := range outcome[companion.RestoreOutcome](w, p, err).Items {
		items[item.Candidate] = item
	}
	require.Len(w.t, items, len(candidates))
	return items
}

func (w *world) restoreOne(candidate store.Row) companion.RestoreItem {
	w.t.Helper()
	return w.restore(candidate)[candidate["sys_id"]]
}

// undos counts the stored undos.
func (w *world) undos() (n int) {
	w.t.Helper()
	require.NoError(w.t, w.db.View(w.t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(w.t.Context(), "SELECT count(*) FROM snsam_undo").Scan(&n)
	}))
	return n
}

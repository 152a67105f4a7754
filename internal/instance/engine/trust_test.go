package engine_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

func TestOneKeyStandsForOneRequest(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 2)
	first := w.ended(w.StartReclaim(t.Context(), companion.ReclaimRequest{Candidates: ids(c[:1])}, "k1"))
	_, err := w.StartReclaim(t.Context(), companion.ReclaimRequest{Candidates: ids(c[1:])}, "k1")
	refused(t, err, "was used for another request")
	require.True(t, w.holds(members[1]))

	w.open()
	_, err = w.StartReclaim(t.Context(), companion.ReclaimRequest{Candidates: ids(c[1:])}, "k1")
	refused(t, err, "was used for another request")
	again, err := w.StartReclaim(t.Context(), companion.ReclaimRequest{Candidates: ids(c[:1])}, "k1")
	require.NoError(t, err)
	require.Equal(t, first.Links.Progress.ID, again.Links.Progress.ID)
}

func TestARunOfAnotherProcessAnswersForItsKey(t *testing.T) {
	t.Parallel()
	w, _, c := idle(t, 1)
	reached, goOn := make(chan struct{}), make(chan struct{})
	w.overridden(&override{lastActivity: func(ctx context.Context, _ string) (time.Time, error) {
		close(reached)
		select {
		case <-goOn:
		case <-ctx.Done():
		}
		return time.Time{}, ctx.Err()
	}})
	w.refresh()
	request := companion.ReclaimRequest{Candidates: ids(c)}
	started, err := w.StartReclaim(t.Context(), request, "k1")
	require.NoError(t, err)
	<-reached
	working := w.Engine

	w.open()
	p, err := w.StartReclaim(t.Context(), request, "k1")
	require.NoError(t, err)
	require.Equal(t, started.Links.Progress.ID, p.Links.Progress.ID)
	require.Equal(t, companion.StatusRunning, p.Status)
	close(goOn)
	ended, err := working.Wait(t.Context(), started.Links.Progress.ID)
	require.NoError(t, err)
	require.Equal(t, companion.OutcomeDone, decode[companion.ReclaimOutcome](t, ended).Items[0].Outcome)
}

func TestNobodyForgesTheRecordsOfRuns(t *testing.T) {
	t.Parallel()
	w, _, _ := idle(t, 1)
	for _, table := range []string{dictionary.TableExecutionTracker, dictionary.TableJobLog} {
		row := w.find(table, "")[0]
		_, err := w.Insert(t.Context(), table, store.Row{"name": "x"}, store.WriteOptions{})
		denied(t, err)
		_, err = w.Update(t.Context(), table, row["sys_id"], store.Row{"message": "x"}, store.WriteOptions{})
		denied(t, err)
		denied(t, w.Delete(t.Context(), table, row["sys_id"]))
		require.Equal(t, row, w.get(table, row["sys_id"]))
	}
}

func denied(t *testing.T, err error) {
	t.Helper()
	var failure *store.DeniedError
	require.True(t, errors.As(err, &failure), "%v", err)
}

func TestAConnectionURLHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	connection := w.connect()
	for _, url := range []string{
		"https://api.trello.com/?key=SECRET", "https://api.trello.com/?", "https://api.trello.com/#SECRET", "https://api.trello.com/#",
		"https://SECRET@api.trello.com/", "https://u:SECRET@api.trello.com/", "api.trello.com/?token=SECRET", "https://api.trello.com/%zz?SECRET",
	} {
		_, err := w.Update(t.Context(), dictionary.TableHTTPConnection, connection["sys_id"], store.Row{"connection_url": url}, store.WriteOptions{})
		refused(t, err, "connection URL")
		require.NotContains(t, err.Error(), "SECRET")
	}
	require.Equal(t, connection, w.get(dictionary.TableHTTPConnection, connection["sys_id"]))
}

func TestALeaseOfAClockThatWasSetBackIsDead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.publish()
	require.NoError(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO snsam_lease (name, owner, epoch, expires_at) VALUES (?, 'gone', 7, ?)
			ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at`,
			"profile:"+w.profile, w.clock.Now().Add(time.Hour).UnixMilli())
		return err
	}))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	p, err := w.StartRefresh(ctx, w.profile, companion.RefreshRequest{}, "")
	require.NoError(t, err)
	p, err = w.Wait(ctx, p.Links.Progress.ID)
	require.NoError(t, err)
	require.Equal(t, companion.StatusSuccessful, p.Status, p.Error)
}

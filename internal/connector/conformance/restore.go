package conformance

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// restorable is a connector that takes licences and gives them back.
type restorable interface {
	connector.Reclaimer
	connector.Restorer
	connector.RequestCounter
}

func restorer(t *testing.T, c connector.Connector) restorable {
	t.Helper()
	r, ok := c.(restorable)
	if !ok {
		t.Skip("this vendor cannot give a licence back")
	}
	return r
}

// take reclaims somebody's licence.
func take(t *testing.T, f Fixture) (r restorable, id string, snapshot json.RawMessage) {
	t.Helper()
	r = restorer(t, f.Connect(nil))
	id = f.Reclaimable()
	snapshot, err := r.Snapshot(t.Context(), id)
	require.NoError(t, err)
	result, err := r.Reclaim(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, companion.OutcomeDone, result.Outcome, result.Message)
	require.NotContains(t, f.Holders(), id)
	return r, id, snapshot
}

// requireBack: a licence is back, and what is not is named.
func requireBack(t *testing.T, got connector.Restored) {
	t.Helper()
	require.Contains(t, []companion.Restoration{companion.RestoreDone, companion.RestorePartial}, got.Outcome, got.Message)
	require.Equal(t, got.Outcome == companion.RestorePartial, len(got.Lost) > 0, "%+v", got)
	require.NotEmpty(t, got.Message)
}

func snapshotOnlyReads(t *testing.T, s Subject) {
	f, _ := s.start(t, 30)
	before, id := f.Holders(), f.Reclaimable()
	alone := restorer(t, f.Connect(nil))
	snapshot, err := alone.Snapshot(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, before, f.Holders())
	require.True(t, json.Valid(snapshot))
	again, err := alone.Snapshot(t.Context(), id)
	require.NoError(t, err)
	require.JSONEq(t, string(snapshot), string(again))

	for _, secret := range f.Secrets {
		require.NotContains(t, string(snapshot), secret)
	}
	all, _, err := collect(t.Context(), f.Connect(nil))
	require.NoError(t, err)
	for _, personal := range []string{all[id].Email, all[id].FullName, all[id].UserName} {
		if personal != "" {
			require.NotContains(t, string(snapshot), personal)
		}
	}
}

// snapshotIsFree: a reclaim with a snapshot before it asks the vendor no more than one without.
func snapshotIsFree(t *testing.T, s Subject) {
	cost := func(snapshot bool) int {
		f, _ := s.start(t, 60)
		r := restorer(t, f.Connect(nil))
		for range 3 {
			id := f.Reclaimable()
			if snapshot {
				_, err := r.Snapshot(t.Context(), id)
				require.NoError(t, err)
			}
			result, err := r.Reclaim(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, companion.OutcomeDone, result.Outcome, result.Message)
		}
		return r.Requests()
	}
	require.Equal(t, cost(false), cost(true))
}

func roundTrip(t *testing.T, s Subject) {
	f, _ := s.start(t, 30)
	before := f.Holders()
	r, id, snapshot := take(t, f)
	got, err := r.Restore(t.Context(), id, snapshot)
	require.NoError(t, err)
	requireBack(t, got)
	require.Equal(t, before, f.Holders())

	got, err = r.Restore(t.Context(), id, snapshot)
	require.NoError(t, err)
	require.Equal(t, companion.RestoreAlreadyHeld, got.Outcome, got.Message)
	require.Equal(t, before, f.Holders())

	second, err := r.Snapshot(t.Context(), id)
	require.NoError(t, err, "what came back can be taken, and given back, once more")
	result, err := r.Reclaim(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, companion.OutcomeDone, result.Outcome, result.Message)
	got, err = restorer(t, f.Connect(nil)).Restore(t.Context(), id, second)
	require.NoError(t, err)
	requireBack(t, got)
	require.Equal(t, before, f.Holders())
}

func restoredByOthers(t *testing.T, s Subject) {
	f, _ := s.start(t, 30)
	r, id, snapshot := take(t, f)
	f.GiveBack(id)
	before := f.Holders()
	require.Contains(t, before, id)
	got, err := r.Restore(t.Context(), id, snapshot)
	require.NoError(t, err)
	require.Equal(t, companion.RestoreAlreadyHeld, got.Outcome, got.Message)
	require.Equal(t, before, f.Holders())
}

func snapshotOfNobody(t *testing.T, s Subject) {
	f, _ := s.start(t, 30)
	r, id, _ := take(t, f)
	_, err := r.Snapshot(t.Context(), id)
	require.Equal(t, connector.KindNotFound, connector.KindOf(err), "%v", err)
}

func noRecord(t *testing.T, s Subject) {
	f, _ := s.start(t, 30)
	r, id, _ := take(t, f)
	before := f.Holders()
	for _, snapshot := range []json.RawMessage{nil, json.RawMessage(`{}`), json.RawMessage(`[1]`), json.RawMessage(`no JSON`)} {
		got, err := r.Restore(t.Context(), id, snapshot)
		require.NoError(t, err)
		require.Equal(t, companion.RestoreNotPossible, got.Outcome)
		require.NotEmpty(t, got.Message)
	}
	require.Equal(t, before, f.Holders())
}

// restoreInTrouble: whatever breaks, the outcome is what the vendor's side shows, or an error; and a second call repairs it.
func restoreInTrouble(t *testing.T, s Subject) {
	for _, trouble := range []Trouble{LostAnswer, Lost500} {
		f, _ := s.start(t, 30)
		r, id, snapshot := take(t, f)
		f.Inject(t, trouble, 1)
		got, err := r.Restore(t.Context(), id, snapshot)
		require.NoError(t, err, trouble)
		requireBack(t, got)
		require.Contains(t, f.Holders(), id, trouble)
	}
	for _, trouble := range []Trouble{Down, Down503} {
		f, _ := s.start(t, 30)
		r, id, snapshot := take(t, f)
		before := f.Holders()
		f.Inject(t, trouble, 0)
		got, err := r.Restore(t.Context(), id, snapshot)
		require.Equal(t, connector.KindUnavailable, connector.KindOf(err), "%v", err)
		require.Equal(t, companion.RestoreFailed, got.Outcome)
		require.Equal(t, before, f.Holders())
		shown := fmt.Sprintf("%+v %v %+v %#v", got, err, err, err)
		for _, secret := range f.Secrets {
			require.NotContains(t, shown, secret)
		}
		_, err = r.Snapshot(t.Context(), f.Reclaimable())
		require.Equal(t, connector.KindUnavailable, connector.KindOf(err), "%v", err)
	}
	f, _ := s.start(t, 30)
	r, id, snapshot := take(t, f)
	f.Inject(t, Down, 1)
	_, _ = r.Restore(t.Context(), id, snapshot)
	_, err := r.Restore(t.Context(), id, snapshot)
	require.NoError(t, err)
	require.Contains(t, f.Holders(), id)
}

func restoreWithAWrongCredential(t *testing.T, s Subject) {
	f, _ := s.start(t, 30)
	_, id, snapshot := take(t, f)
	before := f.Holders()
	for name := range f.Secrets {
		const wrong = "wrong-secret-0123456789"
		r := restorer(t, f.Connect(map[string]connector.Secret{name: connector.NewSecret(wrong)}))
		got, err := r.Restore(t.Context(), id, snapshot)
		require.NoError(t, err, "a refused credential is an answer")
		require.Equal(t, companion.RestoreFailed, got.Outcome)
		require.NotContains(t, got.Message, wrong)
		_, err = r.Snapshot(t.Context(), f.Reclaimable())
		require.Equal(t, connector.KindCredentials, connector.KindOf(err), "%v", err)
		require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), wrong)
	}
	require.Equal(t, before, f.Holders())
}

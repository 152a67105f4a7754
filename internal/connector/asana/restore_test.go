package asana_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
)

// taken removes somebody and returns what is needed to add them again.
func (w *world) taken(t *testing.T, id string) json.RawMessage {
	t.Helper()
	c := w.connect(t)
	snapshot, err := c.Snapshot(t.Context(), id)
	require.NoError(t, err)
	result, err := c.Reclaim(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, companion.OutcomeDone, result.Outcome, result.Message)
	return snapshot
}

func TestASnapshotIsTheReadThatReclaimNeedsAnyway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	c := w.connect(t, option("workspace_id", w.WorkspaceID()))
	for range 5 {
		id := w.idle().GID
		snapshot, err := c.Snapshot(t.Context(), id)
		require.NoError(t, err)
		require.JSONEq(t, `{"workspace":"`+w.WorkspaceID()+`"}`, string(snapshot))
		result, err := c.Reclaim(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, companion.OutcomeDone, result.Outcome)
	}
	require.Equal(t, map[double.Route]int{
		double.RouteMe: 1, double.RouteMembership: 10, double.RouteRemove: 5,
	}, w.Requests().ByRoute)
}

func TestAMemberComesBackWithWhatIsLost(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]double.Injection{
		"at once":               nil,
		"behind half an answer": {{Fault: double.FaultTruncated, Route: double.RouteAdd}},
		"behind a cut":          {{Fault: double.FaultApplyThenDrop, Route: double.RouteAdd}},
		"a 500 after the write": {{Fault: double.FaultApplyThen500, Route: double.RouteAdd}},
		"not read back":         {{Fault: double.Fault500, Route: double.RouteMembership, After: 1}},
	} {
		w := newWorld(t, 30)
		id := w.idle().GID
		snapshot := w.taken(t, id)
		require.NoError(t, w.Inject(faults...))
		got, err := w.connect(t).Restore(t.Context(), id, snapshot)
		require.NoError(t, err, name)
		require.Equal(t, companion.RestorePartial, got.Outcome, "%s: %s", name, got.Message)
		require.Len(t, got.Lost, 4, name)
		require.Contains(t, got.Lost[0], "may have to accept it")
		require.Equal(t, 1, w.Requests().ByRoute[double.RouteAdd], name)
		after, _ := w.Find(id)
		require.True(t, after.Seat && after.Returned, name)
	}
}

func TestAnInvitationIsSentOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	id := w.idle().GID
	snapshot := w.taken(t, id)
	require.NoError(t, w.Inject(double.Injection{Fault: double.Fault503, Route: double.RouteAdd}))
	got, err := w.connect(t).Restore(t.Context(), id, snapshot)
	require.NoError(t, err, "reading back settled that nothing happened")
	require.Equal(t, companion.RestoreFailed, got.Outcome)
	require.Contains(t, got.Message, "still no member")
	require.Equal(t, 1, w.Requests().ByRoute[double.RouteAdd])
}

func TestTheKindOfMembershipIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	reader := w.Members(1, func(m double.Member) bool { return m.ViewOnly && m.Seat })[0].GID
	snapshot := w.taken(t, reader)
	require.JSONEq(t, `{"workspace":"`+w.WorkspaceID()+`","view_only":true}`, string(snapshot))
	require.NoError(t, w.Inject(double.Injection{Fault: double.FaultAddsGuests}))
	got, err := w.connect(t).Restore(t.Context(), reader, snapshot)
	require.NoError(t, err)
	require.Equal(t, companion.RestorePartial, got.Outcome)
	require.Len(t, got.Lost, 6)
	require.Contains(t, got.Lost[4], "as a guest")
	require.Contains(t, got.Lost[5], "view-only")

	got, err = w.connect(t).Restore(t.Context(), reader, snapshot)
	require.NoError(t, err)
	require.Equal(t, companion.RestoreNotPossible, got.Outcome, "a guest has no seat, and adding again does not change that")
	require.Equal(t, 1, w.Requests().ByRoute[double.RouteAdd])
}

func TestRestoreTellsWhatToDo(t *testing.T) {
	t.Parallel()
	for fault, c := range map[double.Fault]struct {
		outcome companion.Restoration
		says    string
	}{
		double.FaultNoSeats:      {companion.RestoreNotPossible, "free or buy one first"},
		double.FaultNonAdmin:     {companion.RestoreFailed, "must belong to an admin"},
		double.FaultExpiredToken: {companion.RestoreFailed, "Consent again"},
		double.FaultIgnoreWrite:  {companion.RestoreFailed, "still no member"},
	} {
		w := newWorld(t, 30)
		id := w.idle().GID
		snapshot := w.taken(t, id)
		g := w.grant()
		g.refresh = "" // so that an expired access token stays expired
		require.NoError(t, w.Inject(double.Injection{Fault: fault}))
		got, err := w.connect(t, func(cfg *connector.Config) { cfg.Tokens, cfg.Secrets = g, nil }).Restore(t.Context(), id, snapshot)
		require.NoError(t, err, fault)
		require.Equal(t, c.outcome, got.Outcome, "%s: %s", fault, got.Message)
		require.Contains(t, got.Message, c.says, fault)
		after, _ := w.Find(id)
		require.False(t, after.Active)
	}
}

func TestWhomAsanaForgotIsInvitedByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	got, err := w.connect(t).Restore(t.Context(), "1210000000999999", json.RawMessage(`{"workspace":"`+w.WorkspaceID()+`"}`))
	require.NoError(t, err)
	require.Equal(t, companion.RestoreNotPossible, got.Outcome)
	require.Contains(t, got.Message, "by mail address")
}

func TestAMemberGoesBackOnlyWhereTheyWereRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	id := w.idle().GID
	good := w.taken(t, id)
	for snapshot, who := range map[string]string{
		`{"workspace":"1200000000000009"}`: id, `{}`: id, `no JSON`: id, ``: id, string(good): "ada@example.com",
	} {
		got, err := w.connect(t).Restore(t.Context(), who, json.RawMessage(snapshot))
		require.NoError(t, err)
		require.Equal(t, companion.RestoreNotPossible, got.Outcome, snapshot)
		require.Contains(t, got.Message, "Invite the person", snapshot)
	}
	require.Zero(t, w.Requests().ByRoute[double.RouteAdd])
}

func TestARestoreThatCannotTellIsAnError(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults      []double.Injection
		nothingSent bool
	}{
		"nothing can be read": {[]double.Injection{{Fault: double.Fault500, Route: double.RouteMembership}}, true},
		"a limit before":      {[]double.Injection{{Fault: double.FaultRateLimit, Route: double.RouteAdd}}, true},
		"the write is lost and cannot be read back": {[]double.Injection{
			{Fault: double.FaultApplyThenDrop, Route: double.RouteAdd}, {Fault: double.Fault500, Route: double.RouteMembership, After: 1},
		}, false},
	} {
		w := newWorld(t, 30)
		id := w.idle().GID
		snapshot := w.taken(t, id)
		require.NoError(t, w.Inject(c.faults...))
		restorer := w.connect(t)
		got, err := restorer.Restore(t.Context(), id, snapshot)
		require.Error(t, err, name)
		require.Equal(t, companion.RestoreFailed, got.Outcome, name)
		require.Equal(t, c.nothingSent, errors.Is(err, connector.ErrNothingSent), "%s: %v", name, err)
		w.ClearFaults()
		got, err = restorer.Restore(t.Context(), id, snapshot)
		require.NoError(t, err, name)
		require.Contains(t, []companion.Restoration{companion.RestorePartial, companion.RestoreAlreadyHeld}, got.Outcome, name)
		after, _ := w.Find(id)
		require.True(t, after.Seat, name)
	}
}

func TestNobodyWithoutASeatHasASnapshot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	gone := w.idle().GID
	w.taken(t, gone)
	guest := w.Members(1, func(m double.Member) bool { return m.Guest && m.Active })[0].GID
	for _, nobody := range []string{gone, guest, "42", "me", "ada@example.com"} {
		_, err := w.connect(t).Snapshot(t.Context(), nobody)
		require.Equal(t, connector.KindNotFound, connector.KindOf(err), "%v", err)
	}
}

package trello_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// taken reclaims somebody's licence and returns what is needed to give it back.
func (w *world) taken(t *testing.T) (id string, snapshot json.RawMessage) {
	t.Helper()
	c := w.connect(t)
	id = w.idle().ID
	snapshot, err := c.Snapshot(t.Context(), id)
	require.NoError(t, err)
	result, err := c.Reclaim(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, companion.OutcomeDone, result.Outcome, result.Message)
	return id, snapshot
}

// One read serves the look at the activity, the snapshot and the checks before the write.
func TestASnapshotIsTheReadThatReclaimNeedsAnyway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	c := w.connect(t)
	for range 5 {
		id := w.idle().ID
		_, err := c.LastActivity(t.Context(), id)
		require.NoError(t, err)
		snapshot, err := c.Snapshot(t.Context(), id)
		require.NoError(t, err)
		require.JSONEq(t, `{"enterprise":"`+w.EnterpriseID()+`"}`, string(snapshot))
		result, err := c.Reclaim(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, companion.OutcomeDone, result.Outcome)
	}
	require.Equal(t, map[double.Route]int{
		double.RouteMe: 1, double.RouteEnterprise: 1, double.RouteMember: 5, double.RouteLicensed: 5,
		double.RouteMembers: 1, // whether Trello tells activity at all
	}, w.Requests().ByRoute)
}

func TestALicenceComesBackWithWhatIsLost(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]double.Injection{
		"at once":               nil,
		"with a second write":   {{Fault: double.FaultKeepsBlocked}},
		"at the third try":      {{Fault: double.Fault500, Route: double.RouteLicensed, Times: 2}},
		"behind a web page":     {{Fault: double.FaultTruncated, Route: double.RouteLicensed, Times: 1}},
		"behind a cut":          {{Fault: double.FaultApplyThenDrop, Route: double.RouteLicensed, Times: 1}},
		"a 500 after the write": {{Fault: double.FaultApplyThen500, Route: double.RouteLicensed, Times: 1}},
	} {
		w := newWorld(t, 30)
		id, snapshot := w.taken(t)
		require.NoError(t, w.Inject(faults...))
		got, err := w.connect(t).Restore(t.Context(), id, snapshot)
		require.NoError(t, err, name)
		require.Equal(t, companion.RestorePartial, got.Outcome, "%s: %s", name, got.Message)
		require.Len(t, got.Lost, 1)
		after, _ := w.Find(id)
		require.True(t, after.Licensed && !after.Deactivated, name)
	}
}

func TestRestoreTellsWhatToDo(t *testing.T) {
	t.Parallel()
	for fault, c := range map[double.Fault]struct {
		outcome companion.Restoration
		says    string
	}{
		double.FaultNoSeats:        {companion.RestoreNotPossible, "Free a seat or buy one"},
		double.FaultAdminHub:       {companion.RestoreNotPossible, "change the person's Trello access at https://admin.atlassian.com"},
		double.FaultAdminHubSilent: {companion.RestoreNotPossible, "https://admin.atlassian.com"},
		double.FaultReadOnlyToken:  {companion.RestoreFailed, "write scope"},
		double.FaultExpiredToken:   {companion.RestoreFailed, "has expired"},
		double.FaultIgnoreWrite:    {companion.RestoreFailed, "still deactivated"},
	} {
		w := newWorld(t, 30)
		id, snapshot := w.taken(t)
		require.NoError(t, w.Inject(double.Injection{Fault: fault}))
		got, err := w.connect(t).Restore(t.Context(), id, snapshot)
		require.NoError(t, err, fault)
		require.Equal(t, c.outcome, got.Outcome, "%s: %s", fault, got.Message)
		require.Contains(t, got.Message, c.says, fault)
		require.NotContains(t, got.Message, "remove the person", fault)
		after, _ := w.Find(id)
		require.False(t, after.Licensed)
	}
}

func TestWhoHasLeftTheEnterpriseCannotBeGivenALicence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	id, snapshot := w.taken(t)
	require.True(t, w.Expel(id))
	got, err := w.connect(t).Restore(t.Context(), id, snapshot)
	require.NoError(t, err)
	require.Equal(t, companion.RestoreNotPossible, got.Outcome)
	require.Contains(t, got.Message, "Invite them to one of its workspaces")
	require.Len(t, w.Requests().Writes, 1, "that of the reclaim")
}

func TestALicenceGoesBackOnlyWhereItWasTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	id, _ := w.taken(t)
	for _, snapshot := range []string{`{"enterprise":"65a0000000000000000000e1"}`, `{}`, `no JSON`, ``} {
		got, err := w.connect(t).Restore(t.Context(), id, json.RawMessage(snapshot))
		require.NoError(t, err)
		require.Equal(t, companion.RestoreNotPossible, got.Outcome, snapshot)
		require.Contains(t, got.Message, "Give the person a licence", snapshot)
	}
	require.Len(t, w.Requests().Writes, 1, "that of the reclaim")
}

// A member with a free account is active like one with a licence, so that only the write makes sure.
func TestAFreeAccountIsNotTakenForALicence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	_, snapshot := w.taken(t)
	free := w.Members(1, func(m double.Member) bool { return !m.Licensed && !m.Deactivated && !m.Guest })[0]
	got, err := w.connect(t).Restore(t.Context(), free.ID, snapshot)
	require.NoError(t, err)
	require.Equal(t, companion.RestoreAlreadyHeld, got.Outcome)
	after, _ := w.Find(free.ID)
	require.True(t, after.Licensed)
}

func TestARestoreThatCannotTellIsAnError(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults      []double.Injection
		nothingSent bool
	}{
		"nothing can be read": {[]double.Injection{{Fault: double.Fault500, Route: double.RouteMember}}, true},
		"a limit before":      {[]double.Injection{{Fault: double.FaultMemberLimit, Route: double.RouteLicensed}}, true},
		"the write is lost and cannot be read back": {[]double.Injection{
			{Fault: double.FaultApplyThenDrop, Route: double.RouteLicensed}, {Fault: double.Fault500, Route: double.RouteMember, After: 1},
		}, false},
		"the second write is turned away": {[]double.Injection{
			{Fault: double.FaultKeepsBlocked}, {Fault: double.FaultMemberLimit, Route: double.RouteDeactivated},
			{Fault: double.Fault500, Route: double.RouteMember, After: 1},
		}, false},
	} {
		w := newWorld(t, 30)
		id, snapshot := w.taken(t)
		require.NoError(t, w.Inject(append(c.faults, double.Injection{Fault: double.FaultNoBudgets})...))
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
		require.True(t, after.Licensed && !after.Deactivated, name)
	}
}

func TestNobodyWithoutALicenceHasASnapshot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	id, _ := w.taken(t)
	for _, nobody := range []string{id, "0123456789abcdef01234567"} {
		_, err := w.connect(t).Snapshot(t.Context(), nobody)
		require.Equal(t, connector.KindNotFound, connector.KindOf(err), "%v", err)
	}
}

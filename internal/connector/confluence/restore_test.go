package confluence_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

// taken takes the seat of somebody in so many groups, and returns what is needed to give it back.
func (w *world) taken(t *testing.T, groups int) (who double.Member, snapshot json.RawMessage) {
	t.Helper()
	who = w.idle(t, groups)
	c := w.connect(t)
	snapshot, err := c.Snapshot(t.Context(), who.ID)
	require.NoError(t, err)
	requireOutcome(t, c, who.ID, companion.OutcomeDone)
	return who, snapshot
}

func (w *world) restore(t *testing.T, id string, snapshot json.RawMessage, outcome companion.Restoration, says ...string) connector.Restored {
	t.Helper()
	got, err := w.connect(t).Restore(t.Context(), id, snapshot)
	require.NoError(t, err)
	require.Equal(t, outcome, got.Outcome, got.Message)
	for _, text := range says {
		require.Contains(t, got.Message, text)
	}
	return got
}

func TestASnapshotIsTheReadThatReclaimNeedsAnyway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300)
	c := w.connect(t)
	_, err := c.Preflight(t.Context())
	require.NoError(t, err)
	before := w.Requests().ByRoute
	for range 5 {
		who := w.idle(t, 2)
		_, err := c.Snapshot(t.Context(), who.ID)
		require.NoError(t, err)
		requireOutcome(t, c, who.ID, companion.OutcomeDone)
	}
	after := w.Requests().ByRoute
	require.Equal(t, 5, after[double.RouteMemberOf]-before[double.RouteMemberOf])
	require.Equal(t, 10, after[double.RouteRemove])
}

func TestASeatComesBackByExactlyTheGroupsThatWereTaken(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]double.Injection{
		"at once":               nil,
		"at the third try":      {{Fault: double.Fault503, Route: double.RouteAdd, Times: 2}},
		"behind a cut":          {{Fault: double.FaultApplyThenDrop, Route: double.RouteAdd, Times: 1}},
		"a 500 after the write": {{Fault: double.FaultApplyThen500, Route: double.RouteAdd, Times: 1}},
		"a 500, then a refusal of a member": {
			{Fault: double.FaultApplyThen500, Route: double.RouteAdd, Times: 1}, {Fault: double.FaultRefuseMembers},
		},
		"after a limit": {{Fault: double.FaultBurst, Route: double.RouteAdd, Times: 1}},
	} {
		w := newWorld(t, 300)
		who, snapshot := w.taken(t, 2)
		require.NoError(t, w.Inject(faults...))
		got := w.restore(t, who.ID, snapshot, companion.RestoreDone, "confluence-users-brightwater", "contractors")
		require.Empty(t, got.Lost, name)
		after, _ := w.Find(who.ID)
		require.True(t, after.Seat, name)
		require.Equal(t, who.Groups, after.Groups, name)
		w.restore(t, who.ID, snapshot, companion.RestoreAlreadyHeld)
	}
}

// TestReadsThatLagDoNotHideARemoval: right after a reclaim, Confluence may still show the person in the groups.
func TestReadsThatLagDoNotHideARemoval(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300)
	who, snapshot := w.taken(t, 2)
	require.NoError(t, w.Inject(double.Injection{Fault: double.FaultStaleReads}))
	w.restore(t, who.ID, snapshot, companion.RestoreAlreadyHeld)
	after, _ := w.Find(who.ID)
	require.True(t, after.Seat, "they were added all the same")
}

func TestAMemberWhoIsRefusedIsToldToBeOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300)
	who, snapshot := w.taken(t, 1)
	require.True(t, w.SetMember(who.ID, w.groupID(t, who.Groups[0]), true))
	require.NoError(t, w.Inject(double.Injection{Fault: double.FaultRefuseMembers}))
	w.restore(t, who.ID, snapshot, companion.RestoreAlreadyHeld, "refused to add them", "some minutes old")
}

func TestWhatCannotComeBackIsNamed(t *testing.T) {
	t.Parallel()
	t.Run("one group is gone", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 300)
		who, snapshot := w.taken(t, 2)
		require.True(t, w.DeleteGroup(w.groupID(t, "contractors")))
		got := w.restore(t, who.ID, snapshot, companion.RestorePartial, "confluence-users-brightwater")
		require.Len(t, got.Lost, 1)
		require.Contains(t, got.Lost[0], "contractors does not exist any more")
		after, _ := w.Find(who.ID)
		require.True(t, after.Seat)
	})
	t.Run("the only group is gone", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 300)
		who, snapshot := w.taken(t, 1)
		require.True(t, w.DeleteGroup(w.groupID(t, who.Groups[0])))
		w.restore(t, who.ID, snapshot, companion.RestoreNotPossible, "does not exist any more", "one that gives access")
	})
	t.Run("the groups are synced by now", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 300)
		who, snapshot := w.taken(t, 2)
		require.NoError(t, w.Inject(double.Injection{Fault: double.FaultExternal}))
		w.restore(t, who.ID, snapshot, companion.RestoreNotPossible, "synced from an identity provider: add the person there")
		require.Zero(t, w.Requests().ByRoute[double.RouteAdd])
	})
	t.Run("no seat is free", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 300)
		who, snapshot := w.taken(t, 1)
		require.NoError(t, w.Inject(double.Injection{Fault: double.FaultNoSeats}))
		w.restore(t, who.ID, snapshot, companion.RestoreNotPossible, "free or buy one first")
	})
	t.Run("a group makes admins", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 300)
		who, _ := w.taken(t, 1)
		snapshot := json.RawMessage(`{"groups":[{"id":"` + w.groupID(t, "confluence-admins-brightwater") + `"}]}`)
		w.restore(t, who.ID, snapshot, companion.RestoreNotPossible, "makes its members admins")
		require.Zero(t, w.Requests().ByRoute[double.RouteAdd])
		got, err := w.connect(t, option("allow_admin_groups", "true")).Restore(t.Context(), who.ID, snapshot)
		require.NoError(t, err)
		require.Equal(t, companion.RestoreDone, got.Outcome)
	})
	t.Run("the account is gone", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 300)
		_, snapshot := w.taken(t, 2)
		w.restore(t, "712020:00000000-0000-4000-8000-000000000000", snapshot, companion.RestoreNotPossible, "contractors", "Invite them")
	})
	for _, snapshot := range []string{`{}`, `no JSON`, ``, `{"groups":[]}`} {
		w := newWorld(t, 30)
		w.restore(t, w.idle(t, 1).ID, json.RawMessage(snapshot), companion.RestoreNotPossible)
		require.Zero(t, w.Requests().ByRoute[double.RouteAdd])
	}
}

func TestAPartOfARestoreIsToldAndDoneLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300)
	who, snapshot := w.taken(t, 2)
	require.NoError(t, w.Inject(double.Injection{Fault: double.FaultNotSiteAdmin, Route: double.RouteAdd, After: 1, Times: 1}))
	w.restore(t, who.ID, snapshot, companion.RestoreFailed, "Added to the group ", "and not to ", "site admin", "Restore again")
	w.restore(t, who.ID, snapshot, companion.RestoreDone)
	after, _ := w.Find(who.ID)
	require.Equal(t, who.Groups, after.Groups)
}

func TestARestoreThatCannotTellIsAnError(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault       double.Injection
		nothingSent bool
	}{
		"nobody can be read":   {double.Injection{Fault: double.Fault500, Route: double.RouteMemberOf}, true},
		"no group can be read": {double.Injection{Fault: double.Fault500, Route: double.RouteGroup}, true},
		"the writes are lost":  {double.Injection{Fault: double.FaultApplyThenDrop, Route: double.RouteAdd}, false},
		"the writes fail":      {double.Injection{Fault: double.Fault503, Route: double.RouteAdd, After: 1}, false},
	} {
		w := newWorld(t, 300)
		who, snapshot := w.taken(t, 2)
		require.NoError(t, w.Inject(c.fault))
		got, err := w.connect(t).Restore(t.Context(), who.ID, snapshot)
		require.Error(t, err, name)
		require.Equal(t, companion.RestoreFailed, got.Outcome, name)
		require.Equal(t, c.nothingSent, errors.Is(err, connector.ErrNothingSent), "%s: %v", name, err)
		w.ClearFaults()
		got, err = w.connect(t).Restore(t.Context(), who.ID, snapshot)
		require.NoError(t, err, name)
		require.Equal(t, companion.RestoreDone, got.Outcome, name)
	}
}

func TestSnapshotsOfWhoIsInNoGroupOfTheProfile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300)
	gone, _ := w.taken(t, 2)
	for _, nobody := range []string{gone.ID, "712020:00000000-0000-4000-8000-000000000000"} {
		_, err := w.connect(t).Snapshot(t.Context(), nobody)
		require.Equal(t, connector.KindNotFound, connector.KindOf(err), "%v", err)
	}
	who := w.idle(t, 1)
	elsewhere := w.connect(t, option("group_ids", w.groupID(t, "lunch-club")))
	snapshot, err := elsewhere.Snapshot(t.Context(), who.ID)
	require.NoError(t, err, "the seat stays by another group, which only a reclaim can tell")
	require.JSONEq(t, `{"groups":[]}`, string(snapshot))
}

// TestAWebPageIsNoSuccess: changes of a group have no answer to read, so a login page could pass for one.
func TestAWebPageIsNoSuccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300)
	who, snapshot := w.taken(t, 1)
	require.NoError(t, w.Inject(double.Injection{Fault: double.FaultHTML, Route: double.RouteAdd}))
	got, err := w.connect(t).Restore(t.Context(), who.ID, snapshot)
	require.Equal(t, connector.KindBadAnswer, connector.KindOf(err), "%v", err)
	require.Equal(t, companion.RestoreFailed, got.Outcome)
	require.NoError(t, w.Inject(double.Injection{Fault: double.FaultHTML, Route: double.RouteRemove}))
	requireOutcome(t, w.connect(t), w.idle(t, 1).ID, companion.OutcomeFailed, "HTML page")
}

package confluence_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

// idle is somebody whose seat may be taken, in so many groups that give it.
func (w *world) idle(t testing.TB, groups int) double.Member {
	t.Helper()
	found := w.Members(1, func(m double.Member) bool { return double.IdleSince(since)(m) && len(m.Groups) == groups })
	require.NotEmpty(t, found)
	return found[0]
}

func requireOutcome(t *testing.T, c vendor, id string, outcome companion.Outcome, says ...string) {
	t.Helper()
	result, err := c.Reclaim(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, outcome, result.Outcome, result.Message)
	for _, text := range says {
		require.Contains(t, result.Message, text)
	}
}

func TestReclaimRemovesFromAllChosenGroups(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300)
	who := w.idle(t, 2)
	requireOutcome(t, w.connect(t), who.ID, companion.OutcomeDone, "confluence-users-brightwater", "contractors")
	after, _ := w.Find(who.ID)
	require.False(t, after.Seat)
	require.Empty(t, after.Groups)
	require.Equal(t, 2, w.Requests().ByRoute[double.RouteRemove])
	requireOutcome(t, w.connect(t), who.ID, companion.OutcomeAlreadyGone)
}

func TestReclaimSparesWhoMustBeSpared(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300)
	admins := w.Members(2, func(m double.Member) bool { return m.Admin })
	c := w.connect(t)
	requireOutcome(t, c, admins[0].ID, companion.OutcomeSkippedSelf)
	requireOutcome(t, c, admins[1].ID, companion.OutcomeSkippedAdmin, "confluence-admins-brightwater", "allow_admin_groups")
	synced := w.Members(1, func(m double.Member) bool { return m.Synced && m.Seat })[0]
	requireOutcome(t, c, synced.ID, companion.OutcomeManagedElsewhere, "okta-engineering", "Nothing was changed")
	who := w.idle(t, 1)
	guarded := w.connect(t, option("protected_group_ids", w.groupID(t, who.Groups[0])))
	requireOutcome(t, guarded, who.ID, companion.OutcomeSkippedProtected, who.Groups[0])
	require.Empty(t, w.Requests().Writes)

	requireOutcome(t, w.connect(t, option("allow_admin_groups", "true")), admins[1].ID, companion.OutcomeDone)
}

func TestAPartOfAReclaimIsToldAndDoneLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300, double.Injection{Fault: double.FaultNotSiteAdmin, Route: double.RouteRemove, After: 1, Times: 1})
	who := w.idle(t, 2)
	c := w.connect(t)
	result, err := c.Reclaim(t.Context(), who.ID)
	require.NoError(t, err)
	require.Equal(t, companion.OutcomeFailed, result.Outcome)
	require.Contains(t, result.Message, "Removed from the group ")
	require.Contains(t, result.Message, "and not from ")
	require.Contains(t, result.Message, "site admin")
	after, _ := w.Find(who.ID)
	require.Len(t, after.Groups, 1)
	requireOutcome(t, c, who.ID, companion.OutcomeDone, after.Groups[0])
}

func TestReclaimStopsAtTheFirstRefusal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300, double.Injection{Fault: double.FaultNotSiteAdmin})
	requireOutcome(t, w.connect(t), w.idle(t, 2).ID, companion.OutcomeDenied, "site admin")
	require.Equal(t, 1, w.Requests().ByRoute[double.RouteRemove])
	require.Empty(t, w.Requests().Writes)
}

func TestASeatThatAnotherGroupKeepsIsNotGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300)
	who := w.idle(t, 2)
	c := w.connect(t, option("group_ids", w.groupID(t, "contractors")))
	requireOutcome(t, c, who.ID, companion.OutcomeFailed, "Removed from the group contractors", "keep the seat", "confluence-users-brightwater")
	requireOutcome(t, c, who.ID, companion.OutcomeFailed, "none of the profile's groups", "keep the seat")
}

func TestReadsThatLagDoNotMakeAReclaimFail(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300, double.Injection{Fault: double.FaultStaleReads})
	who := w.idle(t, 2)
	requireOutcome(t, w.connect(t), who.ID, companion.OutcomeDone)
	requireOutcome(t, w.connect(t), who.ID, companion.OutcomeDone)
}

func TestWhoIsUnknownIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	requireOutcome(t, w.connect(t), "712020:00000000-0000-4000-8000-000000000000", companion.OutcomeAlreadyGone)
}

func TestTheScopeThatReclaimLacksIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300)
	reading := allScopes[:3]
	requireOutcome(t, w.granted(t, reading), w.idle(t, 1).ID, companion.OutcomeDenied, "write:confluence-groups")
	report, err := w.granted(t, reading).Preflight(t.Context())
	require.NoError(t, err)
	require.False(t, report.OK)
	require.Contains(t, report.Checks[len(report.Checks)-3].Message, "write:confluence-groups")
}

func TestAGroupThatBecameSyncedRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300)
	who := w.idle(t, 1)
	c := w.connect(t)
	_, err := c.Preflight(t.Context())
	require.NoError(t, err)
	_, err = c.Groups(t.Context())
	require.NoError(t, err)
	// The group becomes synced after it was read.
	require.NoError(t, w.Inject(double.Injection{Fault: double.FaultExternal}))
	requireOutcome(t, c, who.ID, companion.OutcomeManagedElsewhere)
}

func TestPreflightWarnsAnAccountThatIsNoAdmin(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	c := w.connect(t)
	report, err := c.Preflight(t.Context())
	require.NoError(t, err)
	require.True(t, report.OK)
	require.Empty(t, report.Warnings)
	w.SetMember(w.Members(1, nil)[0].ID, w.groupID(t, "site-admins"), false)
	report, err = w.connect(t).Preflight(t.Context())
	require.NoError(t, err)
	require.True(t, report.OK, "the right may come by a role")
	require.Len(t, report.Warnings, 1)
}

func TestGroupsAreListedForChoosing(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, double.Options{Members: 30, ExtraGroups: 450})
	groups, err := w.connect(t).Groups(t.Context())
	require.NoError(t, err)
	require.Len(t, groups, 457)
	byName := map[string]connector.Group{}
	for _, g := range groups {
		byName[g.Name] = g
	}
	users := byName["confluence-users-brightwater"]
	require.Equal(t, w.groupID(t, "confluence-users-brightwater"), users.ID)
	require.True(t, users.Access && users.Selectable && !users.Admin)
	require.Equal(t, "EXTERNAL", byName["okta-engineering"].ManagedBy)
	require.True(t, byName["site-admins"].Admin)
	require.False(t, byName["site-admins"].Selectable)
	require.True(t, byName["lunch-club"].Selectable)
	require.False(t, byName["lunch-club"].Access)
}

// TestAWriteThatIsTurnedAwayIsKnownToHaveDoneNothing, but not where a group was left before.
func TestAWriteThatIsTurnedAwayIsKnownToHaveDoneNothing(t *testing.T) {
	t.Parallel()
	for after, nothingSent := range map[int]bool{0: true, 1: false} {
		w := newWorld(t, 300, double.Injection{Fault: double.FaultBurst, Route: double.RouteRemove, After: after})
		who := w.idle(t, 2)
		c := w.connect(t)
		snapshot, err := c.Snapshot(t.Context(), who.ID)
		require.NoError(t, err)
		result, err := c.Reclaim(t.Context(), who.ID)
		require.Equal(t, connector.KindRateLimited, connector.KindOf(err), "%v", err)
		require.Equal(t, nothingSent, errors.Is(err, connector.ErrNothingSent), "%v", err)
		require.Equal(t, companion.OutcomeFailed, result.Outcome)

		w.ClearFaults()
		requireOutcome(t, c, who.ID, companion.OutcomeDone)
		require.NoError(t, w.Inject(double.Injection{Fault: double.FaultBurst, Route: double.RouteAdd, After: after}))
		restored, err := c.Restore(t.Context(), who.ID, snapshot)
		require.Equal(t, connector.KindRateLimited, connector.KindOf(err), "%v", err)
		require.Equal(t, nothingSent, errors.Is(err, connector.ErrNothingSent), "%v", err)
		require.Equal(t, companion.RestoreFailed, restored.Outcome)
	}
}

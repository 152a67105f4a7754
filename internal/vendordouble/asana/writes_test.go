package asana_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
)

func TestAddingMakesANewMembershipAndNoAssignments(t *testing.T) {
	t.Parallel()
	w := newWorld(t, asana.Options{Members: 60})
	who := w.Members(1, func(m asana.Member) bool { return m.ViewOnly && m.Seat && m.LastSeen != nil })[0]
	assigned := "/api/1.0/tasks?limit=100&workspace=" + w.WorkspaceID() + "&assignee=" + who.GID
	require.NotEmpty(t, w.ask(t, "GET", assigned).list(t))
	require.True(t, w.Remove(who.GID))
	add := func(user string) answer {
		return w.ask(t, "POST", w.path("/addUser"), fmt.Sprintf(`{"data":{"user":%q}}`, user))
	}
	for range 2 {
		a := add(who.GID)
		require.Equal(t, 200, a.status)
		require.Contains(t, a.body, `"resource_type":"user"`)
	}
	after, _ := w.Find(who.GID)
	require.True(t, after.Seat && after.Returned && !after.ViewOnly)
	require.Empty(t, w.ask(t, "GET", assigned).list(t))
	rows := w.ask(t, "GET", w.path("/workspace_memberships?limit=100&opt_fields=is_active&user="+who.GID)).list(t)
	require.Len(t, rows, 2)
	require.Equal(t, false, rows[0]["is_active"])
	require.Equal(t, true, rows[1]["is_active"])

	require.Equal(t, 404, add("42").status)
	require.Equal(t, 400, add("").status)
	gone := w.Members(1, func(m asana.Member) bool { return !m.Active })[0].GID
	require.NoError(t, w.Inject(asana.Injection{Fault: asana.FaultNoSeats}))
	require.Equal(t, 400, add(gone).status)
	require.NoError(t, w.Inject(asana.Injection{Fault: asana.FaultNonAdmin}))
	require.Equal(t, 403, add(who.GID).status)
}

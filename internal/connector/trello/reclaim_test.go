package trello_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

func (w *world) idle() double.Member {
	return w.Members(1, double.IdleSince(noon.AddDate(0, 0, -60)))[0]
}

func TestReclaimRefusesWhatWouldCutTheConnection(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	admins := w.Members(0, func(m double.Member) bool { return m.Admin })
	require.Len(t, admins, 2)
	for i, outcome := range []companion.Outcome{companion.OutcomeSkippedSelf, companion.OutcomeSkippedAdmin} {
		result, err := w.connect(t).Reclaim(t.Context(), admins[i].ID)
		require.NoError(t, err)
		require.Equal(t, outcome, result.Outcome)
	}
	require.Empty(t, w.Requests().Writes)
}

func TestReclaimExplainsARefusal(t *testing.T) {
	t.Parallel()
	for fault, c := range map[double.Fault]struct {
		outcome companion.Outcome
		says    string
	}{
		double.FaultAdminHub:       {companion.OutcomeManagedElsewhere, "managed in Atlassian Administration"},
		double.FaultAdminHubSilent: {companion.OutcomeManagedElsewhere, "https://admin.atlassian.com"},
		double.FaultReadOnlyToken:  {companion.OutcomeDenied, "write scope"},
		double.FaultNonAdminToken:  {companion.OutcomeDenied, "not an admin"},
		double.FaultExpiredToken:   {companion.OutcomeDenied, "has expired"},
		double.FaultIgnoreWrite:    {companion.OutcomeFailed, "still active"},
	} {
		w := newWorld(t, 30, double.Injection{Fault: fault})
		id := w.idle().ID
		result, err := w.connect(t).Reclaim(t.Context(), id)
		require.NoError(t, err, fault)
		require.Equal(t, c.outcome, result.Outcome, "%s: %s", fault, result.Message)
		require.Contains(t, result.Message, c.says, fault)
		after, _ := w.Find(id)
		require.True(t, after.Licensed)
	}
}

func TestWhoIsGoneIsNotAFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30, double.Injection{Fault: double.FaultAdminHub})
	id := w.idle().ID
	require.True(t, w.SetLicence(id, false))
	c := w.connect(t)
	for _, gone := range []string{id, "0123456789abcdef01234567"} {
		result, err := c.Reclaim(t.Context(), gone)
		require.NoError(t, err)
		require.Equal(t, companion.OutcomeAlreadyGone, result.Outcome, result.Message)
	}
}

func TestAWriteThatDidNotHappenIsRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30, double.Injection{Fault: double.Fault500, Route: double.RouteLicensed, Times: 2})
	id := w.idle().ID
	result, err := w.connect(t).Reclaim(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, companion.OutcomeDone, result.Outcome, result.Message)
	require.Equal(t, 3, w.Requests().ByRoute[double.RouteLicensed])

	require.NoError(t, w.Inject(double.Injection{Fault: double.Fault503, Route: double.RouteLicensed}))
	id = w.idle().ID
	result, err = w.connect(t).Reclaim(t.Context(), id)
	require.NoError(t, err, "reading back settled that nothing happened")
	require.Equal(t, companion.OutcomeFailed, result.Outcome)
	require.Contains(t, result.Message, "still holds the licence")
}

func TestAnAnswerThatIsNoJSONIsReadBack(t *testing.T) {
	t.Parallel()
	for _, fault := range []double.Fault{double.FaultTruncated, double.FaultCut} {
		w := newWorld(t, 30, double.Injection{Fault: fault, Route: double.RouteLicensed})
		result, err := w.connect(t).Reclaim(t.Context(), w.idle().ID)
		require.NoError(t, err)
		require.Equal(t, companion.OutcomeDone, result.Outcome)
		require.Equal(t, 1, w.Requests().ByRoute[double.RouteLicensed])
	}
}

func TestAnUnknownOutcomeIsAnError(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30,
		double.Injection{Fault: double.FaultApplyThenDrop, Route: double.RouteLicensed},
		double.Injection{Fault: double.Fault500, Route: double.RouteMember})
	id := w.idle().ID
	c := w.connect(t)
	_, err := c.Reclaim(t.Context(), id)
	require.ErrorContains(t, err, "reading the member back failed too")
	w.ClearFaults()
	result, err := c.Reclaim(t.Context(), id)
	require.NoError(t, err)
	require.Contains(t, []companion.Outcome{companion.OutcomeDone, companion.OutcomeAlreadyGone}, result.Outcome)
}

func TestAnInterruptedReclaimIsAnError(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	c := w.connect(t)
	_, err := c.Preflight(t.Context())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Reclaim(ctx, w.idle().ID)
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, w.Requests().Writes)
}

func TestOneConnectorAsksWhoItIsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	c := w.connect(t)
	_, err := c.Preflight(t.Context())
	require.NoError(t, err)
	for range 5 {
		result, err := c.Reclaim(t.Context(), w.idle().ID)
		require.NoError(t, err)
		require.Equal(t, companion.OutcomeDone, result.Outcome)
	}
	require.Equal(t, map[double.Route]int{
		double.RouteMe: 1, double.RouteEnterprise: 1, double.RouteToken: 1, double.RouteLicensed: 5,
	}, w.Requests().ByRoute)
}

func TestActivityOfSomebodyUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	_, err := w.connect(t).LastActivity(t.Context(), "0123456789abcdef01234567")
	var failure *connector.Error
	require.ErrorAs(t, err, &failure)
	require.Equal(t, connector.KindNotFound, failure.Kind)
}

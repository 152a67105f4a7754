package trello_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

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

// changed passes on the double's answers to one kind of request after a change.
func (w *world) changed(t *testing.T, path string, change func(object)) connector.Reclaimer {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path != path || r.Method != http.MethodGet {
			w.ServeHTTP(rw, r)
			return
		}
		recorder := httptest.NewRecorder()
		w.ServeHTTP(recorder, r)
		var answer object
		if json.Unmarshal(recorder.Body.Bytes(), &answer) == nil {
			change(answer)
		}
		_ = json.NewEncoder(rw).Encode(answer)
	}))
	t.Cleanup(server.Close)
	return w.connect(t, func(c *connector.Config) { c.BaseURL = server.URL })
}

func TestWithoutAListOfAdminsNothingIsReclaimed(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(object){
		"absent":        func(e object) { delete(e, "idAdmins") },
		"null":          func(e object) { e["idAdmins"] = nil },
		"empty":         func(e object) { e["idAdmins"] = []string{} },
		"somebody else": func(e object) { e["idAdmins"] = []string{"66b2f0a1b016198d3cf80001"} },
	} {
		w := newWorld(t, 30)
		c := w.changed(t, "/1/enterprises/"+w.EnterpriseID(), change)
		admins := w.Members(0, func(m double.Member) bool { return m.Admin })
		for _, id := range []string{admins[1].ID, w.idle().ID} {
			result, err := c.Reclaim(t.Context(), id)
			require.ErrorIs(t, err, connector.ErrNothingSent, name)
			require.Equal(t, connector.KindBadAnswer, connector.KindOf(err), name)
			require.Equal(t, companion.OutcomeFailed, result.Outcome, name)
		}
		report, err := c.Preflight(t.Context())
		require.NoError(t, err, name)
		require.False(t, report.OK, name)
		require.Contains(t, report.Checks[len(report.Checks)-1].Message, "not among the admins", name)
		require.Empty(t, w.Requests().Writes, name)
	}
}

func TestAnAdminWhomOnlyTheMemberNamesIsSpared(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	admins := w.Members(0, func(m double.Member) bool { return m.Admin })
	c := w.changed(t, "/1/enterprises/"+w.EnterpriseID(), func(e object) { e["idAdmins"] = []string{admins[0].ID} })
	result, err := c.Reclaim(t.Context(), admins[1].ID)
	require.NoError(t, err)
	require.Equal(t, companion.OutcomeSkippedAdmin, result.Outcome)
	require.Empty(t, w.Requests().Writes)
}

func TestANewAdminIsSparedInALongRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	promoted := w.Members(2, double.IdleSince(noon.AddDate(0, 0, -60)))[1].ID
	later := false
	c := w.changed(t, "/1/enterprises/"+w.EnterpriseID(), func(e object) {
		if later {
			e["idAdmins"] = append(e["idAdmins"].([]any), promoted)
		}
	})
	_, err := c.Preflight(t.Context())
	require.NoError(t, err)
	later = true
	require.NoError(t, w.clock.Sleep(t.Context(), 61*time.Second))
	result, err := c.Reclaim(t.Context(), promoted)
	require.NoError(t, err)
	require.Equal(t, companion.OutcomeSkippedAdmin, result.Outcome)
	require.Equal(t, 2, w.Requests().ByRoute[double.RouteEnterprise])
	require.Empty(t, w.Requests().Writes)
}

func TestAWriteThatIsTurnedAwayIsKnownToHaveDoneNothing(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]double.Injection{
		"a long limit before":   {Fault: double.FaultMemberLimit, Route: double.RouteLicensed},
		"a lasting short limit": {Fault: double.FaultTokenLimit, Route: double.RouteLicensed},
		"no enterprise":         {Fault: double.Fault500, Route: double.RouteEnterprise},
		"no member":             {Fault: double.Fault503, Route: double.RouteMember},
		"no user":               {Fault: double.FaultHTML, Route: double.RouteMe},
	} {
		w := newWorld(t, 30, fault, double.Injection{Fault: double.FaultNoBudgets})
		id := w.idle().ID
		result, err := w.connect(t).Reclaim(t.Context(), id)
		require.ErrorIs(t, err, connector.ErrNothingSent, name)
		require.Equal(t, companion.OutcomeFailed, result.Outcome, name)
		require.Less(t, w.clock.Slept(), 2*time.Minute, name)
		require.Empty(t, w.Requests().Writes, name)
	}
}

// TestALostWriteIsNeverKnownToHaveDoneNothing: neither a later try that is turned away nor a limit on reading back says
// anything about a write that was lost before.
func TestALostWriteIsNeverKnownToHaveDoneNothing(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]double.Injection{
		"a limit on reading back": {
			{Fault: double.FaultApplyThenDrop, Route: double.RouteLicensed},
			{Fault: double.FaultTokenLimit, Route: double.RouteMember, After: 1},
		},
		"a limit on checking an ignored write": {
			{Fault: double.FaultIgnoreWrite, Route: double.RouteLicensed},
			{Fault: double.FaultTokenLimit, Route: double.RouteMember, After: 1},
		},
		"a web page on checking an ignored write": {
			{Fault: double.FaultIgnoreWrite, Route: double.RouteLicensed},
			{Fault: double.FaultHTML, Route: double.RouteMember, After: 1},
		},
	} {
		w := newWorld(t, 30, append(faults, double.Injection{Fault: double.FaultNoBudgets})...)
		_, err := w.connect(t).Reclaim(t.Context(), w.idle().ID)
		require.NotErrorIs(t, err, connector.ErrNothingSent, name)
		require.Equal(t, connector.KindUnavailable, connector.KindOf(err), "%s: %v", name, err)
		require.NotEmpty(t, w.Requests().Writes, name)
	}
	w := newWorld(t, 30,
		double.Injection{Fault: double.Fault500, Route: double.RouteLicensed, Times: 1},
		double.Injection{Fault: double.FaultMemberLimit, Route: double.RouteLicensed, After: 1})
	result, err := w.connect(t).Reclaim(t.Context(), w.idle().ID)
	require.NoError(t, err, "reading back settled it")
	require.Equal(t, companion.OutcomeFailed, result.Outcome)
	require.Contains(t, result.Message, "still holds the licence")
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
		// The read before the write passes, and the one after it fails.
		double.Injection{Fault: double.Fault500, Route: double.RouteMember, After: 1})
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
		double.RouteMe: 1, double.RouteEnterprise: 1, double.RouteToken: 1, double.RouteMember: 5, double.RouteLicensed: 5,
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

package asana_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/asana"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/conformance"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
)

// noon is when every test takes place.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// world is an organisation, a clock that both sides share, and a connector.
type world struct {
	*double.Server
	clock *conformance.Clock
}

func newWorld(t testing.TB, members int, injections ...double.Injection) *world {
	t.Helper()
	clock := conformance.NewClock(noon)
	server, err := double.Start(double.Options{Members: members, Seed: 7, Now: clock.Now, NoBudgets: true})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	require.NoError(t, server.Inject(injections...))
	return &world{Server: server, clock: clock}
}

// config signs in as the service account.
func (w *world) config() connector.Config {
	return connector.Config{
		BaseURL: w.URL, Secrets: map[string]connector.Secret{"token": connector.NewSecret(w.ServiceToken())},
		Options: map[string]string{}, Now: w.clock.Now, Clock: w.clock, Unlimited: true,
	}
}

// asAdmin signs in with the personal access token of an admin.
func (w *world) asAdmin(c *connector.Config) { c.Secrets["token"] = connector.NewSecret(w.Token()) }

func option(name, value string) func(*connector.Config) {
	return func(c *connector.Config) { c.Options[name] = value }
}

func (w *world) connect(t testing.TB, change ...func(*connector.Config)) *asana.Asana {
	t.Helper()
	cfg := w.config()
	for _, c := range change {
		c(&cfg)
	}
	c, err := asana.New(cfg)
	require.NoError(t, err)
	connected, ok := c.(*asana.Asana)
	require.True(t, ok)
	return connected
}

func list(ctx context.Context, c connector.Connector) ([]connector.Subscription, connector.Walk, error) {
	var all []connector.Subscription
	walk, err := c.Subscriptions(ctx, func(page []connector.Subscription) error {
		all = append(all, page...)
		return nil
	})
	return all, walk, err
}

func TestSubscriptionsTellWhoHoldsASeat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 250)
	all, walk, err := list(t.Context(), w.connect(t))
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.Empty(t, walk.Warnings)
	require.Equal(t, -1, walk.Total)
	require.Len(t, all, 250)
	returned := 0
	for _, s := range all {
		m, ok := w.Find(s.ExternalUserID)
		require.True(t, ok)
		require.True(t, m.Seat)
		require.Equal(t, "Asana", s.Identifier)
		require.Equal(t, m.Email, s.Email)
		require.Equal(t, m.FullName, s.FullName)
		require.Equal(t, m.Created, s.ExternalCreated, "of the membership that is there now")
		require.Zero(t, s.LastActivity)
		if m.Email != "" {
			require.Equal(t, m.Email, s.UserPrincipalName)
		} else {
			require.Contains(t, s.UserPrincipalName, "("+s.ExternalUserID+")")
		}
		if m.Returned {
			returned++
		}
	}
	require.Positive(t, returned, "the double must have somebody with two memberships")
}

func TestGuestsAndViewOnlySeatsAreOptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 250)
	guests := len(w.Members(0, func(m double.Member) bool { return m.Active && m.Guest }))
	require.Positive(t, guests)
	all, _, err := list(t.Context(), w.connect(t, option("include_guests", "true"), option("view_only_identifier", "Asana View Only")))
	require.NoError(t, err)
	require.Len(t, all, 250+guests)
	for _, s := range all {
		m, _ := w.Find(s.ExternalUserID)
		require.Equal(t, m.ViewOnly, s.Identifier == "Asana View Only")
	}
}

func TestAListWhoseOffsetExpiresIsReadAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 450, double.Injection{Fault: double.FaultStaleOffset, Route: double.RouteMemberships, After: 2, Times: 1})
	all, walk, err := list(t.Context(), w.connect(t))
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.Len(t, all, 450)

	// An offset that is really too old: whoever takes the pages needs 16 minutes for one.
	slow, seen := true, 0
	walk, err = w.connect(t).Subscriptions(t.Context(), func(page []connector.Subscription) error {
		seen += len(page)
		if slow && seen > 200 {
			slow = false
			return w.clock.Sleep(t.Context(), 16*time.Minute)
		}
		return nil
	})
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.Equal(t, 450, seen)

	require.NoError(t, w.Inject(double.Injection{Fault: double.FaultStaleOffset, Route: double.RouteMemberships}))
	_, walk, err = list(t.Context(), w.connect(t))
	require.ErrorContains(t, err, "pagination token has expired")
	require.False(t, walk.Complete)
}

func TestReclaimRemovesThePerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	who := w.Members(1, double.IdleSince(noon.AddDate(0, 0, -60)))[0]
	result, err := w.connect(t).Reclaim(t.Context(), who.GID)
	require.NoError(t, err)
	require.Equal(t, companion.OutcomeDone, result.Outcome)
	after, _ := w.Find(who.GID)
	require.False(t, after.Active)
	require.Equal(t, who.GID, w.Requests().Writes[0].User)
	require.Equal(t, map[double.Route]int{
		double.RouteMe: 1, double.RouteWorkspaces: 1, double.RouteMembership: 2, double.RouteRemove: 1,
	}, w.Requests().ByRoute)
}

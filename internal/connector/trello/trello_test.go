package trello_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/conformance"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/trello"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// noon is when every test takes place.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// world is an enterprise, a clock that both sides share, and a connector.
type world struct {
	*double.Server
	clock *conformance.Clock
}

func newWorld(t testing.TB, members int, injections ...double.Injection) *world {
	t.Helper()
	clock := conformance.NewClock(noon)
	server, err := double.Start(double.Options{Members: members, Seed: 7, Now: clock.Now})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	require.NoError(t, server.Inject(injections...))
	return &world{Server: server, clock: clock}
}

func (w *world) config() connector.Config {
	return connector.Config{
		BaseURL: w.URL,
		Secrets: map[string]connector.Secret{
			"api_key": connector.NewSecret(w.Key()), "api_token": connector.NewSecret(w.Token()),
		},
		Now: w.clock.Now, Clock: w.clock,
	}
}

func (w *world) connect(t testing.TB, change ...func(*connector.Config)) *trello.Trello {
	t.Helper()
	cfg := w.config()
	for _, c := range change {
		c(&cfg)
	}
	c, err := trello.New(cfg)
	require.NoError(t, err)
	connected, ok := c.(*trello.Trello)
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

func TestSubscriptionsTellWhoHoldsALicence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 250)
	all, walk, err := list(t.Context(), w.connect(t))
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.Empty(t, walk.Warnings)
	require.Equal(t, 250, walk.Total)
	require.Len(t, all, 250)
	for _, s := range all {
		m, ok := w.Find(s.ExternalUserID)
		require.True(t, ok)
		require.True(t, m.Licensed)
		require.Equal(t, "Trello Enterprise", s.Identifier)
		require.Equal(t, m.Email, s.Email)
		require.Equal(t, m.FullName, s.FullName)
		require.Equal(t, m.Confirmed, s.UserName != "", "whoever did not come yet has no user name")
		require.Equal(t, m.Created, s.ExternalCreated)
		if m.Email != "" {
			require.Equal(t, m.Email, s.UserPrincipalName)
		} else {
			require.Contains(t, s.UserPrincipalName, "("+s.ExternalUserID+")")
		}
		if m.LastSeen == nil {
			require.Zero(t, s.LastActivity)
		} else {
			require.Equal(t, *m.LastSeen, s.LastActivity.Truncate(time.Second))
		}
	}
}

func TestTheTenantIsTheEnterprise(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12)
	id, name, err := w.connect(t).Tenant(t.Context())
	require.NoError(t, err)
	require.Equal(t, w.EnterpriseID(), id)
	require.Equal(t, "Brightwater Works", name)

	require.NoError(t, w.Inject(double.Injection{Fault: double.FaultTwoEnterprises}))
	_, _, err = w.connect(t).Tenant(t.Context())
	require.ErrorContains(t, err, "several enterprises")
}

func TestReclaimTakesTheLicence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	who := w.Members(1, double.IdleSince(noon.AddDate(0, 0, -60)))[0]
	result, err := w.connect(t).Reclaim(t.Context(), who.ID)
	require.NoError(t, err)
	require.Equal(t, companion.OutcomeDone, result.Outcome)
	after, _ := w.Find(who.ID)
	require.False(t, after.Licensed)
	require.True(t, after.Deactivated)
}

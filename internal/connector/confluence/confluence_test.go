package confluence_test

import (
	"cmp"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/confluence"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/conformance"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

// noon is when every test takes place.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// world is a site, a clock that both sides share, and a connector.
type world struct {
	*double.Server
	clock *conformance.Clock
	life  time.Duration // of access tokens
}

func newWorld(t testing.TB, members int, injections ...double.Injection) *world {
	t.Helper()
	return newWorldWith(t, double.Options{Members: members}, injections...)
}

func newWorldWith(t testing.TB, o double.Options, injections ...double.Injection) *world {
	t.Helper()
	clock := conformance.NewClock(noon)
	o.Seed, o.Now = 7, clock.Now
	server, err := double.Start(o)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	require.NoError(t, server.Inject(injections...))
	return &world{Server: server, clock: clock, life: cmp.Or(o.AccessLife, time.Hour)}
}

func (w *world) config() connector.Config {
	return connector.Config{
		BaseURL: w.GatewayURL(),
		Secrets: map[string]connector.Secret{"token": connector.NewSecret(w.Token())},
		Options: map[string]string{},
		Now:     w.clock.Now, Clock: w.clock,
	}
}

// vendor is all that the connector offers, whatever its source of activity.
type vendor interface {
	connector.Connector
	connector.Reclaimer
	connector.Restorer
	connector.ActivitySource
	connector.ActivityConfirmer
	connector.GroupLister
	connector.RequestCounter
}

func (w *world) connect(t testing.TB, change ...func(*connector.Config)) vendor {
	t.Helper()
	cfg := w.config()
	for _, c := range change {
		c(&cfg)
	}
	c, err := confluence.New(cfg)
	require.NoError(t, err)
	connected, ok := c.(vendor)
	require.True(t, ok)
	return connected
}

func option(name, value string) func(*connector.Config) {
	return func(c *connector.Config) { c.Options[name] = value }
}

// groupID is the id of a group by name.
func (w *world) groupID(t testing.TB, name string) string {
	t.Helper()
	for _, g := range w.Groups() {
		if g.Name == name {
			return g.ID
		}
	}
	require.FailNow(t, "there is no group "+name)
	return ""
}

func list(ctx context.Context, c connector.Connector) (map[string]connector.Subscription, connector.Walk, error) {
	all := map[string]connector.Subscription{}
	walk, err := c.Subscriptions(ctx, func(page []connector.Subscription) error {
		for _, s := range page {
			all[s.ExternalUserID] = s
		}
		return nil
	})
	return all, walk, err
}

// connectTo makes a connector for a server that is no double.
func connectTo(t testing.TB, url string) vendor {
	t.Helper()
	c, err := confluence.New(connector.Config{
		BaseURL: url + "/ex/confluence/11111111-2222-4333-8444-555555555555", Unlimited: true,
		Secrets: map[string]connector.Secret{"token": connector.NewSecret("a-token")},
		Now:     func() time.Time { return noon },
	})
	require.NoError(t, err)
	connected, ok := c.(vendor)
	require.True(t, ok)
	return connected
}

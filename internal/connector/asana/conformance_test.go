package asana_test

import (
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/asana"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/conformance"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
)

const (
	limitList      conformance.Trouble = "429 on the member list"
	limitWorkspace conformance.Trouble = "429 on the workspaces"
	limitAgents    conformance.Trouble = "429 on the AI teammates"
)

func TestConformance(t *testing.T) { //nolint:paralleltest // it measures memory, see conformance.Run
	conformance.Run(t, conformance.Subject{
		Vendor:   "asana",
		Start:    startFixture,
		Limits:   []conformance.Trouble{limitList, limitWorkspace, limitAgents},
		PageSize: 100,
		Listings: []int{1000, 12_345},
	})
}

// faultsOf tells what a trouble is at Asana, on the routes where it makes sense.
var faultsOf = map[conformance.Trouble][]double.Injection{
	limitList:              {{Fault: double.FaultRateLimit, Route: double.RouteMemberships, After: 1}},
	limitWorkspace:         {{Fault: double.FaultRateLimit, Route: double.RouteWorkspaces}},
	limitAgents:            {{Fault: double.FaultRateLimit, Route: double.RouteAgents}},
	conformance.Duplicates: {{Fault: double.FaultDuplicates}},
	conformance.Reordered:  {{Fault: double.FaultReorder}},
	conformance.Shrinking:  {{Fault: double.FaultShrink}},
	conformance.Growing:    {{Fault: double.FaultGrow}},
	conformance.PageTwice:  {{Fault: double.FaultPageTwice}},
	conformance.Endless:    {{Fault: double.FaultEndless}},
	conformance.Nobody:     {{Fault: double.FaultNoMembers}},
	conformance.Down:       {{Fault: double.Fault500}},
	conformance.Down503:    {{Fault: double.Fault503}},
	conformance.HTML:       {{Fault: double.FaultHTML, Route: double.RouteMemberships}},
	conformance.Truncated:  {{Fault: double.FaultTruncated, Route: double.RouteMemberships}},
	conformance.CutOff:     {{Fault: double.FaultCut, Route: double.RouteMemberships}},
	conformance.LostAnswer: {{Fault: double.FaultApplyThenDrop}},
	conformance.Lost500:    {{Fault: double.FaultApplyThen500}},
}

func startFixture(t testing.TB, o conformance.Options) conformance.Fixture {
	t.Helper()
	server, err := double.Start(double.Options{
		Members: o.Members, Seed: 11, TasksPerMember: 2, Now: o.Clock.Now, NoBudgets: !o.Limited,
	})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	w := &world{Server: server, clock: o.Clock}
	connect := func(change func(*connector.Config)) connector.Connector {
		cfg := w.config()
		cfg.Unlimited = !o.Limited
		change(&cfg)
		c, err := asana.New(cfg)
		require.NoError(t, err)
		return c
	}
	return conformance.Fixture{
		Connect: func(secrets map[string]connector.Secret) connector.Connector {
			return connect(func(cfg *connector.Config) { maps.Copy(cfg.Secrets, secrets) })
		},
		Inject: func(t testing.TB, trouble conformance.Trouble, times int) {
			faults, ok := faultsOf[trouble]
			require.True(t, ok, trouble)
			for _, f := range faults {
				f.Times = times
				require.NoError(t, w.Inject(f))
			}
		},
		Holders: func() map[string]string {
			holders := map[string]string{}
			for _, m := range w.Members(0, func(m double.Member) bool { return m.Seat }) {
				holders[m.GID] = m.Email
			}
			return holders
		},
		Reclaimable: func() string { return w.Members(1, double.IdleSince(noon.AddDate(0, 0, -60)))[0].GID },
		Login:       func(id string) { w.Act(id, w.clock.Now()) },
		GiveBack:    func(id string) { require.True(t, w.Add(id)) },
		Refusals:    func() int { return w.Requests().Refused },
		Secrets:     map[string]string{"token": w.ServiceToken()},
		Idle: func(n int) []string {
			var ids []string
			for _, m := range w.Members(n, double.IdleSince(noon.AddDate(0, 0, -60))) {
				ids = append(ids, m.GID)
			}
			return ids
		},
		ActAt: func(id string, at time.Time) { w.Act(id, at) },
		Grant: func() conformance.Grant {
			g := w.grant()
			return conformance.Grant{
				Connector: connect(func(cfg *connector.Config) { cfg.Tokens, cfg.Secrets = g, nil }),
				Expire:    w.ExpireAccessTokens, Refreshes: func() int { return g.refreshes },
				Revoke: func() {
					w.RevokeGrant(g.refresh)
					w.ExpireAccessTokens()
				},
			}
		},
	}
}

package confluence_test

import (
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/confluence"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/conformance"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

const (
	limitQuota  conformance.Trouble = "429 of the app's quota"
	limitTenant conformance.Trouble = "429 of the app's quota for the site"
	limitBurst  conformance.Trouble = "429 of a burst"
)

func TestConformance(t *testing.T) { //nolint:paralleltest // it measures memory, see conformance.Run
	conformance.Run(t, conformance.Subject{
		Vendor:   "confluence",
		Start:    startFixture,
		Limits:   []conformance.Trouble{limitQuota, limitTenant, limitBurst},
		PageSize: 200,
		Listings: []int{1000, 4321},
	})
}

// faultsOf tells what a trouble is at Confluence, on the routes where it makes sense.
var faultsOf = map[conformance.Trouble][]double.Injection{
	limitQuota:             {{Fault: double.FaultQuotaGlobal, Route: double.RouteMembers, After: 1}},
	limitTenant:            {{Fault: double.FaultQuotaTenant, Route: double.RouteGroups}},
	limitBurst:             {{Fault: double.FaultBurst, Route: double.RouteMembers}},
	conformance.Duplicates: {{Fault: double.FaultDuplicates}},
	conformance.Reordered:  {{Fault: double.FaultReorder}},
	conformance.Shrinking:  {{Fault: double.FaultShrink}},
	conformance.Growing:    {{Fault: double.FaultGrow}},
	conformance.PageTwice:  {{Fault: double.FaultPageTwice}},
	conformance.Endless:    {{Fault: double.FaultEndless}},
	conformance.Nobody:     {{Fault: double.FaultNoMembers}},
	conformance.Down:       {{Fault: double.Fault500}},
	conformance.Down503:    {{Fault: double.Fault503}},
	conformance.HTML:       {{Fault: double.FaultHTML, Route: double.RouteMembers}},
	conformance.Truncated:  {{Fault: double.FaultTruncated, Route: double.RouteMembers}},
	conformance.CutOff:     {{Fault: double.FaultCut, Route: double.RouteMembers}},
	conformance.LostAnswer: {{Fault: double.FaultApplyThenDrop}},
	conformance.Lost500:    {{Fault: double.FaultApplyThen500}},
}

func startFixture(t testing.TB, o conformance.Options) conformance.Fixture {
	t.Helper()
	server, err := double.Start(double.Options{Members: o.Members, Seed: 11, Now: o.Clock.Now, NoBudgets: !o.Limited})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	w := &world{Server: server, clock: o.Clock, life: time.Hour}
	return conformance.Fixture{
		Connect: func(secrets map[string]connector.Secret) connector.Connector {
			cfg := w.config()
			cfg.Unlimited = !o.Limited
			maps.Copy(cfg.Secrets, secrets)
			c, err := confluence.New(cfg)
			require.NoError(t, err)
			return c
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
				holders[m.ID] = m.Email
			}
			return holders
		},
		Reclaimable: func() string { return w.Members(1, double.IdleSince(noon.AddDate(0, 0, -60)))[0].ID },
		Login:       func(id string) { w.Edit(id) },
		GiveBack:    func(id string) { require.True(t, w.SetMember(id, w.groupID(t, "confluence-users-brightwater"), true)) },
		Refusals:    func() int { return w.Requests().Refused },
		Secrets:     map[string]string{"token": w.Token()},
		Idle: func(n int) []string {
			var ids []string
			for _, m := range w.Members(0, double.IdleSince(noon.AddDate(0, 0, -60))) {
				if !m.Overwritten && len(ids) < n {
					ids = append(ids, m.ID)
				}
			}
			return ids
		},
		ActAt: func(id string, at time.Time) { w.EditAt(id, at) },
		Grant: func() conformance.Grant {
			return conformance.Grant{
				Connector: w.granted(t, allScopes), Expire: w.ExpireAccess, Revoke: w.Revoke, Refreshes: w.Refreshes,
				LoseScope: func() { require.NoError(t, w.Inject(double.Injection{Fault: double.FaultScopeMismatch})) },
			}
		},
	}
}

package trello_test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/conformance"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/trello"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

const (
	limitToken  conformance.Trouble = "429 per token"
	limitKey    conformance.Trouble = "429 per API key"
	limitMember conformance.Trouble = "429 on members"
	limitDB     conformance.Trouble = "429 of the database"
)

func TestConformance(t *testing.T) { //nolint:paralleltest // it measures memory, see conformance.Run
	conformance.Run(t, conformance.Subject{
		Vendor:   "trello",
		Start:    startFixture,
		Limits:   []conformance.Trouble{limitToken, limitKey, limitMember, limitDB},
		PageSize: 100,
		// The list by offset, its last size, and the list by cursor.
		Listings: []int{1000, 9900, 12_345},
	})
}

// faultsOf tells what a trouble is at Trello, on the routes where it makes sense.
var faultsOf = map[conformance.Trouble][]double.Injection{
	limitToken:             {{Fault: double.FaultTokenLimit, Route: double.RouteMembers, After: 1}},
	limitKey:               {{Fault: double.FaultKeyLimit, Route: double.RouteMembers, After: 1}},
	limitMember:            {{Fault: double.FaultMemberLimit, Route: double.RouteMe}},
	limitDB:                {{Fault: double.FaultDBLimit, Route: double.RouteEnterprise}},
	conformance.Duplicates: {{Fault: double.FaultDuplicates}},
	conformance.Reordered:  {{Fault: double.FaultReorder}},
	conformance.Shrinking:  {{Fault: double.FaultShrink}},
	conformance.Growing:    {{Fault: double.FaultGrow}},
	conformance.PageTwice:  {{Fault: double.FaultPageTwice}},
	conformance.Endless:    {{Fault: double.FaultEndlessCursor}},
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
	w := &world{Server: server, clock: o.Clock}
	return conformance.Fixture{
		Connect: func(secrets map[string]connector.Secret) connector.Connector {
			cfg := w.config()
			cfg.Unlimited = !o.Limited
			maps.Copy(cfg.Secrets, secrets)
			c, err := trello.New(cfg)
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
			for _, m := range w.Members(0, func(m double.Member) bool { return m.Licensed }) {
				holders[m.ID] = m.Email
			}
			return holders
		},
		Swap: func(t testing.TB) {
			require.NoError(t, w.Inject(double.Injection{Fault: double.FaultSwap, Times: 1}))
		},
		Untell: func(t testing.TB) {
			require.NoError(t, w.Inject(double.Injection{Fault: double.FaultNoDates}))
		},
		Reclaimable: func() string { return w.Members(1, double.IdleSince(noon.AddDate(0, 0, -60)))[0].ID },
		Login:       func(id string) { w.Login(id) },
		GiveBack:    func(id string) { require.True(t, w.SetLicence(id, true)) },
		Refusals:    func() int { return w.Requests().Refused },
		Secrets:     map[string]string{"api_key": w.Key(), "api_token": w.Token()},
	}
}

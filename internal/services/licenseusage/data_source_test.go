package licenseusage_test

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

const address = "data.servicenowsam_license_usage.all"

func entitlement(rights int, inner ...string) string {
	return acctest.Resource("software_entitlement", "bought", append([]string{
		"depends_on = [servicenowsam_integration_profile.trello]", `product = "Trello Enterprise"`,
		fmt.Sprintf("purchased_rights = %d", rights), "unit_cost = 240", `start_date = "2026-01-01"`,
	}, inner...)...)
}

func reconciliation(inner ...string) string {
	return acctest.Resource("reconciliation", "weekly", append([]string{
		"depends_on = [servicenowsam_subscription_sync.trello, servicenowsam_software_entitlement.bought]",
	}, inner...)...)
}

// usage reads the position after everything else, and offers it as an output.
func usage(after string) string {
	return fmt.Sprintf("data \"servicenowsam_license_usage\" \"all\" {\n  depends_on = [%s]\n}\n"+
		"output \"position\" {\n  value = data.servicenowsam_license_usage.all\n}\n", after)
}

const afterAll = "servicenowsam_reconciliation.weekly"

// withLicences is a world in which so many people hold a licence, all of them with a mail address.
func withLicences(t *testing.T, people int) *acctest.World {
	t.Helper()
	return withLicencesAt(t, people, nil)
}

func withLicencesAt(t *testing.T, people int, now func() time.Time) *acctest.World {
	t.Helper()
	w := acctest.NewWorld(t, acctest.Options{Members: people * 3 / 2, Now: now})
	kept := 0
	for _, m := range w.Double.Members(0, func(m trello.Member) bool { return m.Licensed && !m.Deactivated }) {
		if m.Email != "" && kept < people {
			kept++
			continue
		}
		w.Double.SetLicence(m.ID, false)
	}
	require.Equal(t, people, kept)
	return w
}

// part is one object of the position.
type part map[string]any

func (p part) number(t *testing.T, name string) int {
	t.Helper()
	value, ok := p[name].(float64)
	require.True(t, ok, "%s is %v", name, p[name])
	return int(value)
}

func (p part) amount(t *testing.T, name string) float64 {
	t.Helper()
	text, ok := p[name].(string)
	require.True(t, ok, "%s is %v", name, p[name])
	value, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return value
}

func (p part) parts(t *testing.T, name string) []part {
	t.Helper()
	list, ok := p[name].([]any)
	require.True(t, ok, "%s is %v", name, p[name])
	var parts []part
	for _, item := range list {
		parts = append(parts, item.(map[string]any))
	}
	return parts
}

func position(t *testing.T, root *acctest.Root) (all, total part) {
	t.Helper()
	all = root.Attributes(t, address)
	return all, all["total"].(map[string]any)
}

// The worked numbers of KB1123962: 357 users and 300 rights at 240.
func TestAccLicenseUsage_workedNumbers(t *testing.T) {
	t.Parallel()
	w := withLicences(t, 357)
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(), entitlement(300), reconciliation(), usage(afterAll))
	applied := root.MustApply(t)
	require.NotContains(t, applied.Warnings(), "licence position")
	all, total := position(t, root)
	require.Equal(t, "USD", all["currency"])
	products := all.parts(t, "products")
	require.Len(t, products, 1)
	require.Equal(t, "Trello Enterprise", products[0]["product"])
	require.Equal(t, all["reconciled_at"], products[0]["reconciled_at"])
	for _, p := range []part{products[0], total} {
		for name, want := range map[string]int{
			"owned": 300, "assigned": 357, "used": 357, "available": -57, "needed": 57, "unlicensed": 57, "excluded": 0, "without_user": 0,
		} {
			require.Equal(t, want, p.number(t, name), name)
		}
		require.Equal(t, "13680", p["true_up_cost"])
		require.Equal(t, "0", p["over_licensed_amount"])
		require.Equal(t, "72000", p["total_spend"])
		require.Equal(t, false, p["compliant"])
		bucketed := 0
		for _, n := range p["buckets"].(map[string]any) {
			bucketed += int(n.(float64))
		}
		require.Equal(t, 357, bucketed)
	}
	product := w.Find(t, dictionary.TableProduct, "name=Trello Enterprise")[0]["sys_id"]
	require.Equal(t, []part{{
		"type": "purchase_rights", "product_id": product, "product": "Trello Enterprise", "software_model": "Atlassian Trello Enterprise",
		"rights": 57.0, "cost": "13680",
	}}, all.parts(t, "remediation_options"))
	open := w.Find(t, dictionary.TableCandidate, "active=true")
	require.NotEmpty(t, open)
	require.Equal(t, len(open), total.number(t, "stale"), "who is stale is a candidate, and nobody else")
	require.Equal(t, strconv.Itoa(len(open)), w.Find(t, dictionary.TableUsageSummary, "")[0][dictionary.UsageStale], "as the reconciliation counts")
	require.Equal(t, 240*len(open), int(total.amount(t, "potential_savings")))
	require.Equal(t, "0", total["actual_savings"])
	require.InDelta(t, float64(len(open))*100/357, total["percent_stale"], 0.05)
	root.RequireEmptyPlan(t)

	// More rights than users.
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(), entitlement(400),
		reconciliation("triggers = { rights = servicenowsam_software_entitlement.bought.purchased_rights }"), usage(afterAll))
	root.MustApply(t)
	all, total = position(t, root)
	require.Equal(t, 43, total.number(t, "available"))
	require.Equal(t, 0, total.number(t, "needed"))
	require.Equal(t, "0", total["true_up_cost"])
	require.Equal(t, "10320", total["over_licensed_amount"])
	require.Equal(t, true, total["compliant"])
	require.Empty(t, all.parts(t, "remediation_options"))
}

func TestAccLicenseUsage_beforeAndAfterTheReconciliation(t *testing.T) {
	t.Parallel()
	w := withLicences(t, 20)
	base := []string{w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync()}
	root := w.Root(t, append(base, entitlement(30), usage("servicenowsam_subscription_sync.trello, servicenowsam_software_entitlement.bought"))...)
	require.Contains(t, root.MustApply(t).Warnings(), "No reconciliation has gone through Trello Enterprise")
	all, total := position(t, root)
	require.Nil(t, all["reconciled_at"])
	require.Equal(t, 30, total.number(t, "owned"))
	require.Equal(t, "7200", total["total_spend"])
	require.Equal(t, 20, total.number(t, "assigned"))
	for _, name := range []string{"used", "available", "needed", "true_up_cost", "over_licensed_amount", "compliant"} {
		require.Nil(t, total[name], name)
	}

	root.Write(t, append(base, entitlement(30), reconciliation(), usage(afterAll))...)
	require.NotContains(t, root.MustApply(t).Warnings(), "licence position")
	_, total = position(t, root)
	require.Equal(t, 10, total.number(t, "available"))

	// A rule that is off says of nobody that he is stale.
	rule := w.Find(t, dictionary.TableReclamationRule, "")[0]["sys_id"]
	w.Change(t, dictionary.TableReclamationRule, rule, map[string]string{dictionary.RuleActive: "false"})
	root.MustApply(t)
	_, total = position(t, root)
	require.Nil(t, total["stale"])
	require.Nil(t, total["percent_stale"])
}

func TestAccLicenseUsage_outdated(t *testing.T) {
	t.Parallel()
	var later atomic.Int64
	w := withLicencesAt(t, 20, func() time.Time { return time.Now().Add(time.Duration(later.Load())) })
	position := usage(afterAll + ", servicenowsam_subscription_sync.trello, servicenowsam_software_entitlement.bought")
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(), entitlement(30), reconciliation(), position)
	require.NotContains(t, root.MustApply(t).Warnings(), "licence position")

	later.Add(int64(time.Hour))
	gone := w.Double.Members(1, func(m trello.Member) bool { return !m.Licensed && !m.Deactivated && m.Email != "" })
	require.Len(t, gone, 1)
	w.Double.SetLicence(gone[0].ID, true)
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(`triggers = { again = "1" }`), entitlement(30), reconciliation(), position)
	require.Contains(t, root.MustApply(t).Warnings(), "Trello Enterprise (1 subscriptions came)")

	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(`triggers = { again = "1" }`), entitlement(31), reconciliation(), position)
	require.Contains(t, root.MustApply(t).Warnings(), "Trello Enterprise (entitlements changed)")
}

func TestAccLicenseUsage_costCenters(t *testing.T) {
	t.Parallel()
	w := withLicences(t, 30)
	config := []string{w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(), entitlement(30), w.Reclamation("max_removals = 50")}
	root := w.Root(t, config...)
	root.MustApply(t)
	sales := w.Insert(t, dictionary.TableCostCenter, map[string]string{"name": "Sales"})
	research := w.Insert(t, dictionary.TableDepartment, map[string]string{"name": "Research"})
	for i, subscription := range w.Find(t, dictionary.TableSubscription, "") {
		if i%3 == 0 {
			w.Change(t, dictionary.TableUser, subscription[dictionary.SubscriptionUser], map[string]string{"cost_center": "Sales", "department": "Research"})
		}
	}
	open := len(w.Find(t, dictionary.TableCandidate, "active=true"))
	root.MustApply(t) // reclaims
	closed := w.Find(t, dictionary.TableCandidate, dictionary.CandidateState+"="+dictionary.StateClosedComplete)
	require.Len(t, closed, open)
	root.Write(t, append(config, usage(""))...)
	root.MustApply(t)
	all, total := position(t, root)
	require.Equal(t, 30-open, total.number(t, "assigned"))
	require.Equal(t, 240*open, int(total.amount(t, "actual_savings")))
	require.Equal(t, "0", total["potential_savings"])

	product := all.parts(t, "products")[0]
	for _, whole := range []struct {
		whole part
		parts []part
		names []any
		ids   []any
	}{
		{product, product.parts(t, "cost_centers"), []any{"Sales", nil}, []any{sales, nil}},
		{total, all.parts(t, "cost_centers"), []any{"Sales", nil}, []any{sales, nil}},
		{total, all.parts(t, "departments"), []any{"Research", nil}, []any{research, nil}},
		{total, all.parts(t, "products"), []any{"Trello Enterprise"}, nil},
	} {
		require.Len(t, whole.parts, len(whole.names))
		assigned, stale, saved := 0, 0, 0.0
		for i, p := range whole.parts {
			for _, name := range []string{"cost_center", "department"} {
				if shown, ok := p[name]; ok {
					require.Equal(t, whole.names[i], shown)
					require.Equal(t, whole.ids[i], p[name+"_id"])
				}
			}
			require.Positive(t, p.number(t, "assigned"))
			assigned, stale, saved = assigned+p.number(t, "assigned"), stale+p.number(t, "stale"), saved+p.amount(t, "actual_savings")
		}
		require.Equal(t, whole.whole.number(t, "assigned"), assigned)
		require.Equal(t, whole.whole.number(t, "stale"), stale)
		require.InDelta(t, whole.whole.amount(t, "actual_savings"), saved, 0)
	}
}

// A customer's instance has only the documented columns, and keeps the currency to itself.
func TestAccLicenseUsage_remote(t *testing.T) {
	t.Parallel()
	w := withLicences(t, 20)
	w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(), entitlement(15), reconciliation()).MustApply(t)
	faults := new(restapi.Faults)
	faults.RemoveCompanion()
	root := w.Root(t, acctest.RemoteBlock(w.Remote(t, faults)), usage(""))
	root.MustApply(t)
	all, total := position(t, root)
	require.Nil(t, all["currency"])
	require.Nil(t, total["excluded"])
	require.Equal(t, 20, total.number(t, "assigned"))
	require.Equal(t, -5, total.number(t, "available"))
	require.Equal(t, "1200", total["true_up_cost"])
	require.Equal(t, len(w.Find(t, dictionary.TableCandidate, "active=true")), total.number(t, "stale"))
}

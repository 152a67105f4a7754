package engine_test

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// naive is the licence position of one model, worked out person by person.
type naive struct {
	owned, used, needed, unused, available, withoutUser int
	trueUp, over, spend                                 *big.Rat
	compliant                                           bool
	unlicensed                                          map[string]bool // by sys_id of those that take a right
}

func reconcileNaively(entitlements, allocations, subscriptions []store.Row, today string) naive {
	n := naive{trueUp: new(big.Rat), over: new(big.Rat), spend: new(big.Rat), unlicensed: map[string]bool{}}
	unlimited, forced := false, false
	inForce := map[string]bool{}
	for _, e := range entitlements {
		if e["state"] != "in_use" || e["start_date"] > today || (e["end_date"] != "" && e["end_date"] < today) {
			continue
		}
		inForce[e["sys_id"]] = true
		rights, _ := strconv.Atoi(e["purchased_rights"])
		n.owned += rights
		cost, _ := new(big.Rat).SetString(cmp.Or(e["unit_cost"], "0"))
		n.spend.Add(n.spend, cost.Mul(cost, big.NewRat(int64(rights), 1)))
		unlimited = unlimited || e["unlimited_license"] == "true" || e["agreement_type"] == "unlimited"
		forced = forced || unlimited || e["agreement_type"] != "standard"
	}
	reserved := map[string]int{}
	for _, a := range allocations {
		if inForce[a["licensed_by"]] {
			reserved[a["assigned_to"]]++
		}
	}
	var first, rest []store.Row
	slices.SortFunc(subscriptions, func(a, b store.Row) int {
		return cmp.Or(cmp.Compare(a["sys_created_on"], b["sys_created_on"]), cmp.Compare(a["sys_id"], b["sys_id"]))
	})
	for _, s := range subscriptions {
		switch {
		case s["active"] != "true" || s["excluded_from_metering"] == "true":
		case s["user"] == "":
			n.withoutUser++
		case reserved[s["user"]] > 0:
			reserved[s["user"]]--
			first = append(first, s)
		default:
			rest = append(rest, s)
		}
	}
	left := n.owned
	for _, idle := range reserved {
		left -= idle
		n.used += idle
	}
	for _, s := range append(first, rest...) {
		n.used++
		n.unlicensed[s["sys_id"]] = left <= 0 && !unlimited
		if n.unlicensed[s["sys_id"]] {
			n.needed++
		}
		left--
	}
	n.compliant = n.needed == 0 || forced
	if unlimited {
		return n
	}
	n.available = n.owned - n.used
	n.unused = max(n.available, 0)
	if n.owned > 0 {
		price := new(big.Rat).Quo(n.spend, big.NewRat(int64(n.owned), 1))
		n.trueUp.Mul(price, big.NewRat(int64(n.needed), 1))
		n.over.Mul(price, big.NewRat(int64(n.unused), 1))
	}
	return n
}

// TestReconciliationEqualsTheNaiveOne compares every figure and mark with those worked out one by one, over random
// entitlements, allocations and subscriptions, and every sum with its parts.
func TestReconciliationEqualsTheNaiveOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	var users []string
	for i := range 6 {
		users = append(users, w.insert(dictionary.TableUser, store.Row{dictionary.UserUserName: fmt.Sprint("user", i)})["sys_id"])
	}
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		publisher, product, first := w.model(fmt.Sprint("Publisher ", round))
		models := []string{first}
		for i := range rapid.IntRange(0, 2).Draw(rt, "more models") {
			models = append(models, w.modelOf(publisher, product, fmt.Sprint("Model ", round, " ", i)))
		}
		for _, model := range models {
			w.drawEntitlements(rt, model, users)
			w.drawSubscriptions(rt, model, users)
		}
		for range 2 { // the second finds the marks of the first
			w.compareWithNaive(rt, publisher, models)
			for _, model := range models {
				w.drawSubscriptions(rt, model, users)
			}
		}
	})
}

func (w *world) drawEntitlements(rt *rapid.T, model string, users []string) {
	for range rapid.IntRange(0, 3).Draw(rt, "entitlements") {
		row := entitlement(model, store.Row{
			"purchased_rights": fmt.Sprint(rapid.IntRange(0, 5).Draw(rt, "rights")), "unit_cost": fmt.Sprintf("%.2f", float64(rapid.IntRange(0, 999).Draw(rt, "cents"))/100),
			"state":          rapid.SampledFrom([]string{"build", "in_use", "in_use", "in_use"}).Draw(rt, "state"),
			"start_date":     rapid.SampledFrom([]string{"2026-01-01", "2026-11-24", "2026-11-25"}).Draw(rt, "start"),
			"end_date":       rapid.SampledFrom([]string{"", "2026-11-24", "2026-12-31"}).Draw(rt, "end"),
			"agreement_type": rapid.SampledFrom([]string{"standard", "standard", "standard", "enterprise", "unlimited"}).Draw(rt, "agreement"),
		})
		e, err := w.Insert(w.t.Context(), dictionary.TableEntitlement, row, inClear)
		if err != nil {
			continue // it would end before it starts
		}
		for range rapid.IntRange(0, 2).Draw(rt, "allocations") {
			// One that the rules refuse is none.
			_, _ = w.Insert(w.t.Context(), dictionary.TableUserAllocation,
				store.Row{"licensed_by": e["sys_id"], "assigned_to": rapid.SampledFrom(users).Draw(rt, "allocated")}, inClear)
		}
	}
}

func (w *world) drawSubscriptions(rt *rapid.T, model string, users []string) {
	require.NoError(rt, w.db.Update(w.t.Context(), func(tx *store.Tx) error {
		for range rapid.IntRange(0, 6).Draw(rt, "subscriptions") {
			_, err := tx.Insert(w.t.Context(), dictionary.TableSubscription, store.Row{
				"software_model": model, "external_user_id": tx.NewID(), "user": rapid.SampledFrom(append(users, "")).Draw(rt, "user"),
				"active":                 strconv.FormatBool(rapid.IntRange(0, 5).Draw(rt, "active") > 0),
				"excluded_from_metering": strconv.FormatBool(rapid.IntRange(0, 5).Draw(rt, "excluded") == 0),
				"sys_created_on":         fmt.Sprintf("2026-01-%02d 00:00:00", rapid.IntRange(1, 3).Draw(rt, "created")),
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

func (w *world) compareWithNaive(rt *rapid.T, publisher string, models []string) {
	outcome := w.reconcile(publisher)
	sum := naive{trueUp: new(big.Rat), over: new(big.Rat), spend: new(big.Rat)}
	compliant := true
	for _, model := range models {
		entitlements := w.find(dictionary.TableEntitlement, "software_model="+model)
		var allocations []store.Row
		for _, e := range entitlements {
			allocations = append(allocations, w.find(dictionary.TableUserAllocation, "licensed_by="+e["sys_id"])...)
		}
		subscriptions := w.find(dictionary.TableSubscription, "software_model="+model)
		n := reconcileNaively(entitlements, allocations, subscriptions, "2026-11-24")
		results := w.find(dictionary.TableMetricResult, "latest=true^software_model="+model)
		if len(results) == 0 {
			require.Zero(rt, n.owned+n.used+n.withoutUser)
			continue
		}
		got := map[string]string{}
		for _, column := range []string{"rights_owned", "rights_used", "rights_needed", "unused_rights", "licenses_available", "subscriptions_without_user", "true_up_cost", "over_licensed_amount", "total_spend", "status"} {
			got[column] = results[0][column]
		}
		require.Equal(rt, map[string]string{
			"rights_owned": fmt.Sprint(n.owned), "rights_used": fmt.Sprint(n.used), "rights_needed": fmt.Sprint(n.needed), "unused_rights": fmt.Sprint(n.unused),
			"licenses_available": fmt.Sprint(n.available), "subscriptions_without_user": fmt.Sprint(n.withoutUser), "true_up_cost": n.trueUp.FloatString(2),
			"over_licensed_amount": n.over.FloatString(2), "total_spend": n.spend.FloatString(2), "status": map[bool]string{true: "compliant", false: "not_compliant"}[n.compliant],
		}, got)
		for _, s := range subscriptions {
			unlicensed, counted := n.unlicensed[s["sys_id"]]
			require.Equal(rt, []string{strconv.FormatBool(unlicensed), strconv.FormatBool(counted)}, []string{s["unlicensed_subscription"], s["is_reconciled"]})
			require.Equal(rt, counted, s["license_metric_result"] == results[0]["sys_id"])
		}
		compliant = compliant && n.compliant
		sum.add(results[0])
	}
	require.Equal(rt, []any{sum.owned, sum.used, sum.needed, sum.withoutUser}, []any{outcome.RightsOwned, outcome.RightsUsed, outcome.Unlicensed, outcome.WithoutUser})
	require.Equal(rt, []string{sum.trueUp.FloatString(2), sum.over.FloatString(2), sum.spend.FloatString(2)}, []string{outcome.TrueUpCost, outcome.OverLicensed, outcome.TotalSpend})
	require.Equal(rt, compliant, outcome.Compliant == outcome.Products)
	for _, result := range w.find(dictionary.TablePublisherResult, "latest=true^publisher="+publisher) {
		require.Equal(rt, []string{fmt.Sprint(sum.needed), outcome.TrueUpCost, outcome.OverLicensed, outcome.TotalSpend},
			[]string{result["unlicensed_subscriptions"], result["true_up_cost"], result["over_licensed_amount"], result["total_spend"]})
	}
}

// add adds what a result shows.
func (n *naive) add(row store.Row) {
	for column, sum := range map[string]*int{
		"rights_owned": &n.owned, "rights_used": &n.used, "rights_needed": &n.needed, "subscriptions_without_user": &n.withoutUser,
	} {
		value, _ := strconv.Atoi(row[column])
		*sum += value
	}
	for column, sum := range map[string]*big.Rat{"true_up_cost": n.trueUp, "over_licensed_amount": n.over, "total_spend": n.spend} {
		value, _ := new(big.Rat).SetString(row[column])
		sum.Add(sum, value)
	}
}

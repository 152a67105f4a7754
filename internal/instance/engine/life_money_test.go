package engine_test

import (
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

func (l *life) changeEntitlement() {
	models := l.find(dictionary.TableSoftwareModel, "ORDERBYsys_id")
	model := models[0]["sys_id"]
	all := l.find(dictionary.TableEntitlement, "ORDERBYsys_id")
	if len(all) == 0 || rapid.IntRange(0, 2).Draw(l.rt, "new") == 0 {
		_, err := l.Insert(l.rt.Context(), dictionary.TableEntitlement, entitlement(model, store.Row{
			"purchased_rights": fmt.Sprint(rapid.IntRange(0, 30).Draw(l.rt, "rights")), "unit_cost": one(l, "cost", "", "5.00", "3.33"),
			"state": "in_use", "end_date": one(l, "end", "", "2026-12-31"),
		}), inClear)
		l.refusable(err)
	} else {
		id := all[rapid.IntRange(0, len(all)-1).Draw(l.rt, "entitlement")]["sys_id"]
		change := one(l, "change", store.Row{"purchased_rights": "7"}, store.Row{"unit_cost": "12.50"}, store.Row{"state": "retired"}, nil)
		if change == nil {
			l.refusable(l.Delete(l.rt.Context(), dictionary.TableEntitlement, id))
		} else {
			_, err := l.Update(l.rt.Context(), dictionary.TableEntitlement, id, change, inClear)
			l.refusable(err)
		}
	}
	l.checkWorth(model)
}

// checkWorth checks that open candidates are worth the average price of a right today, and nothing where their users are
// excluded from metering.
func (l *life) checkWorth(model string) {
	n := reconcileNaively(l.find(dictionary.TableEntitlement, "software_model="+model), nil, nil, l.clock.Now().Format(time.DateOnly))
	price := new(big.Rat)
	if n.owned > 0 {
		price.Quo(n.spend, big.NewRat(int64(n.owned), 1))
	}
	for _, c := range l.find(dictionary.TableCandidate, "active=true^user_subscriptionISNOTEMPTY^software_model="+model) {
		worth := price.FloatString(2)
		if l.get(dictionary.TableSubscription, c["user_subscription"])["excluded_from_metering"] == "true" {
			worth = "0.00"
		}
		require.Equal(l.rt, worth, c["potential_savings"], c["number"])
	}
}

// reconcileAll compares the licence position with one worked out person by person.
func (l *life) reconcileAll() {
	model := l.find(dictionary.TableSoftwareModel, "ORDERBYsys_id")[0]
	o := l.reconcile(model["publisher"])
	entitlements := l.find(dictionary.TableEntitlement, "software_model="+model["sys_id"])
	subscriptions := l.find(dictionary.TableSubscription, "software_model="+model["sys_id"])
	n := reconcileNaively(entitlements, nil, subscriptions, l.clock.Now().Format(time.DateOnly))
	require.Equal(l.rt, companion.ReconcileOutcome{RightsOwned: n.owned, RightsUsed: n.used, Unlicensed: n.needed, WithoutUser: n.withoutUser},
		companion.ReconcileOutcome{RightsOwned: o.RightsOwned, RightsUsed: o.RightsUsed, Unlicensed: o.Unlicensed, WithoutUser: o.WithoutUser})
	require.Equal(l.rt, []string{n.trueUp.FloatString(2), n.over.FloatString(2), n.spend.FloatString(2)}, []string{o.TrueUpCost, o.OverLicensed, o.TotalSpend})
	l.checkWorth(model["sys_id"])
}

// checkMetering compares a count of people with one taken now.
func (l *life) checkMetering(count store.Row) {
	counted, all := map[string]bool{}, map[string]bool{}
	for _, s := range l.find(dictionary.TableSubscription, "active=true^user_principal_nameISNOTEMPTY") {
		name := strings.ToLower(s["user_principal_name"])
		all[name] = true
		if s["excluded_from_metering"] != "true" {
			counted[name] = true
		}
	}
	require.Equal(l.rt, fmt.Sprint(len(counted)), count[dictionary.MeteringCount])
	require.Equal(l.rt, fmt.Sprint(len(all)-len(counted)), count[dictionary.MeteringExcluded])
}

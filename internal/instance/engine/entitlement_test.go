package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// model makes a publisher with a product and a software model.
func (w *world) model(name string) (publisher, product, model string) {
	w.t.Helper()
	publisher = w.insert(dictionary.TablePublisher, store.Row{dictionary.PublisherName: name})["sys_id"]
	product = w.insert(dictionary.TableProduct, store.Row{dictionary.ProductName: name, dictionary.ProductPublisher: publisher})["sys_id"]
	return publisher, product, w.modelOf(publisher, product, name)
}

func (w *world) modelOf(publisher, product, name string) string {
	w.t.Helper()
	return w.insert(dictionary.TableSoftwareModel, store.Row{
		dictionary.ModelName: name, dictionary.ModelDisplayName: name, dictionary.ModelPublisher: publisher, dictionary.ModelProduct: product,
	})["sys_id"]
}

// entitlement is a valid one in use, with changes.
func entitlement(model string, changes store.Row) store.Row {
	row := store.Row{
		"software_model": model, "purchased_rights": "10", "unit_cost": "5.00", "state": "in_use", "start_date": "2026-01-01",
	}
	for column, value := range changes {
		row[column] = value
	}
	return row
}

func TestEntitlementDefaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	_, _, model := w.model("Contoso")
	e := w.insert(dictionary.TableEntitlement, store.Row{"software_model": model, "purchased_rights": "10", "start_date": "2026-01-01 00:00:00", "rights": "99"})
	for column, want := range map[string]string{
		"state": "build", "rights": "0", "display_name": "Contoso from 2026-01-01", "license_type": "subscription", "metric_group": "subscription",
		"license_metric": "user_subscription", "subscription_period": "entire", "agreement_type": "standard", "start_date": "2026-01-01", "unit_cost": "",
	} {
		require.Equal(t, want, e[column], column)
	}
	consumption := w.insert(dictionary.TableEntitlement, entitlement(model, store.Row{"license_metric": "saas_consumption"}))
	require.Equal(t, "consumption", consumption["metric_group"])
}

func TestEntitlementStates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	_, _, model := w.model("Contoso")
	states := []string{"build", "in_use", "retired"}
	allowed := map[[2]string]bool{
		{"build", "build"}: true, {"in_use", "in_use"}: true, {"retired", "retired"}: true,
		{"build", "in_use"}: true, {"in_use", "retired"}: true,
	}
	for _, from := range states {
		for _, to := range states {
			e := w.insert(dictionary.TableEntitlement, entitlement(model, store.Row{"state": "build"}))
			for _, step := range map[string][]string{"in_use": {"in_use"}, "retired": {"in_use", "retired"}}[from] {
				e = w.update(dictionary.TableEntitlement, e["sys_id"], store.Row{"state": step})
			}
			require.Equal(t, from, e["state"])
			after, err := w.Update(t.Context(), dictionary.TableEntitlement, e["sys_id"], store.Row{"state": to}, inClear)
			if !allowed[[2]string{from, to}] {
				require.ErrorContains(t, err, "never back", "%s to %s", from, to)
				continue
			}
			require.NoError(t, err, "%s to %s", from, to)
			require.Equal(t, map[bool]string{true: "10", false: "0"}[to == "in_use"], after["rights"])
		}
	}
}

func TestEntitlementRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	_, _, model := w.model("Contoso")
	for name, test := range map[string]struct {
		changes store.Row
		want    string
	}{
		"no model":          {store.Row{"software_model": ""}, "existing software model"},
		"unknown model":     {store.Row{"software_model": store.NewSysID(w.clock.Now())}, "existing software model"},
		"born retired":      {store.Row{"state": "retired"}, "begins in build"},
		"no rights":         {store.Row{"purchased_rights": ""}, "purchased_rights is a whole number"},
		"negative rights":   {store.Row{"purchased_rights": "-1"}, "purchased_rights is a whole number"},
		"too many rights":   {store.Row{"purchased_rights": "1000000001"}, "purchased_rights is a whole number"},
		"no start":          {store.Row{"start_date": ""}, "needs a start date"},
		"bad date":          {store.Row{"start_date": "2026-02-30"}, "start_date is a date like"},
		"monthly no end":    {store.Row{"subscription_period": "monthly"}, "needs an end date"},
		"annually no end":   {store.Row{"subscription_period": "annually"}, "needs an end date"},
		"ends before start": {store.Row{"end_date": "2025-12-31"}, "before the start date"},
		"negative cost":     {store.Row{"unit_cost": "-1"}, "not negative"},
		"not a number":      {store.Row{"unit_cost": "NaN"}, "not an amount"},
		"exponent":          {store.Row{"unit_cost": "1e3"}, "not an amount"},
		"other currency":    {store.Row{"unit_cost": "EUR;12.50"}, "given in EUR, but this instance keeps all amounts in USD"},
		"metric and group":  {store.Row{"metric_group": "consumption"}, "belongs to the metric group subscription"},
	} {
		_, err := w.Insert(t.Context(), dictionary.TableEntitlement, entitlement(model, test.changes), inClear)
		require.ErrorContains(t, err, test.want, name)
	}
	require.Zero(t, w.count(dictionary.TableEntitlement, ""))
	for _, unlimited := range []store.Row{{"unlimited_license": "true"}, {"agreement_type": "enterprise"}, {"agreement_type": "unlimited"}} {
		unlimited["purchased_rights"] = ""
		require.Equal(t, "0", w.insert(dictionary.TableEntitlement, entitlement(model, unlimited))["rights"])
	}
}

func TestActiveRightsFollowTheClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0) // it is 2026-11-24
	_, _, model := w.model("Contoso")
	e := w.insert(dictionary.TableEntitlement, entitlement(model, store.Row{"start_date": "2026-11-25", "end_date": "2026-11-26"}))
	for _, want := range []string{"0", "10", "10", "0"} {
		require.Equal(t, want, w.get(dictionary.TableEntitlement, e["sys_id"])["rights"], w.clock.Now())
		require.Equal(t, want != "0", w.count(dictionary.TableEntitlement, "rights>0") == 1, "filters see them too")
		w.clock.advance(day)
	}
	require.Equal(t, "0", w.get(dictionary.TableEntitlement, e["sys_id"])["sys_mod_count"], "time passing writes nothing")
}

func TestCurrency(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	_, _, model := w.model("Contoso")
	currency := func() string {
		c, err := w.Capabilities(t.Context())
		require.NoError(t, err)
		return c.Currency
	}
	require.Equal(t, "USD", currency())
	property := w.find(dictionary.TableProperty, "name="+dictionary.PropertyCurrency)[0]["sys_id"]
	_, err := w.Update(t.Context(), dictionary.TableProperty, property, store.Row{"value": "euro"}, inClear)
	require.ErrorContains(t, err, "ISO 4217")
	w.update(dictionary.TableProperty, property, store.Row{"value": "EUR"})
	require.Equal(t, "EUR", currency())
	e := w.insert(dictionary.TableEntitlement, entitlement(model, store.Row{"unit_cost": "EUR;12.50"}))
	require.Equal(t, "12.50", e["unit_cost"])
	_, err = w.Update(t.Context(), dictionary.TableEntitlement, e["sys_id"], store.Row{"unit_cost": "USD;12.50"}, inClear)
	require.ErrorContains(t, err, "keeps all amounts in EUR")
	_, err = w.Update(t.Context(), dictionary.TableProperty, property, store.Row{"value": "USD"}, inClear)
	require.ErrorContains(t, err, "cannot change while there are amounts")
}

func TestAllocations(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	_, _, model := w.model("Contoso")
	e := w.insert(dictionary.TableEntitlement, entitlement(model, store.Row{"purchased_rights": "2"}))["sys_id"]
	user := func(name string) string {
		return w.insert(dictionary.TableUser, store.Row{dictionary.UserUserName: name})["sys_id"]
	}
	ada, bob, eve := user("ada"), user("bob"), user("eve")
	allocate := func(user string) error {
		_, err := w.Insert(t.Context(), dictionary.TableUserAllocation, store.Row{"licensed_by": e, "assigned_to": user}, inClear)
		return err
	}
	require.NoError(t, allocate(ada))
	require.ErrorContains(t, allocate(ada), "has a right of the entitlement")
	require.ErrorContains(t, allocate("nobody"), "existing user")
	require.NoError(t, allocate(bob))
	require.ErrorContains(t, allocate(eve), "all 2 rights")
	_, err := w.Update(t.Context(), dictionary.TableEntitlement, e, store.Row{"purchased_rights": "1"}, inClear)
	require.ErrorContains(t, err, "2 rights are allocated")
	require.NoError(t, w.Delete(t.Context(), dictionary.TableEntitlement, e))
	require.Zero(t, w.count(dictionary.TableUserAllocation, ""))
}

func TestPotentialSavingsFollowTheEntitlements(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 50)
	w.publish()
	require.Positive(t, w.refresh().CandidatesOpened)
	model := w.find(dictionary.TableSoftwareModel, "")[0]["sys_id"]
	closed := w.find(dictionary.TableCandidate, "ORDERBYnumber")[0]
	w.update(dictionary.TableCandidate, closed["sys_id"], store.Row{"state": dictionary.StateClosedSkipped})
	savings := func() string {
		value := ""
		for _, c := range w.find(dictionary.TableCandidate, "active=true") {
			require.Contains(t, []string{"", c["potential_savings"]}, value)
			value = c["potential_savings"]
		}
		require.Equal(t, "0.00", w.get(dictionary.TableCandidate, closed["sys_id"])["potential_savings"], "what was closed is history")
		return value
	}
	require.Equal(t, "0.00", savings())
	e := w.insert(dictionary.TableEntitlement, entitlement(model, store.Row{"purchased_rights": "3", "unit_cost": "10", "end_date": "2026-11-24"}))
	require.Equal(t, "10.00", savings())
	other := w.insert(dictionary.TableEntitlement, entitlement(model, store.Row{"purchased_rights": "4", "unit_cost": "11"}))
	require.Equal(t, "10.57", savings(), "74 / 7")
	w.update(dictionary.TableEntitlement, e["sys_id"], store.Row{"unit_cost": "12"})
	require.Equal(t, "11.43", savings(), "80 / 7")
	require.NotZero(t, w.refresh().Unchanged)

	w.clock.advance(day)
	require.Equal(t, "11.43", savings(), "the first has ended, and nobody has looked yet")
	w.refresh()
	require.Equal(t, "11.00", savings())
	require.NoError(t, w.Delete(t.Context(), dictionary.TableEntitlement, other["sys_id"]))
	require.Equal(t, "0.00", savings())

	_, _, another := w.model("Contoso")
	for _, s := range w.find(dictionary.TableSubscription, "") {
		w.update(dictionary.TableSubscription, s["sys_id"], store.Row{"software_model": another})
	}
	w.insert(dictionary.TableEntitlement, entitlement(another, nil))
	require.Equal(t, "5.00", savings(), "the model of the subscription counts")
}

func TestConfiguredCurrency(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 0)
	in := func(currency string) *world {
		other := *w
		other.db, other.Engine = openEngine(t, w.url, w.clock, unlimited, func(o *engine.Options) { o.Currency = currency })
		return &other
	}
	euro := in("EUR")
	c, err := euro.Capabilities(t.Context())
	require.NoError(t, err)
	require.Equal(t, "EUR", c.Currency, "also before there is a database")
	_, _, model := euro.model("Contoso")
	c, err = w.Capabilities(t.Context())
	require.NoError(t, err)
	require.Equal(t, "USD", c.Currency, "without an amount nothing is settled")
	e := euro.insert(dictionary.TableEntitlement, entitlement(model, store.Row{"unit_cost": "EUR;5"}))
	for _, again := range []*world{w, euro} {
		c, err := again.Capabilities(t.Context())
		require.NoError(t, err)
		require.Equal(t, "EUR", c.Currency)
	}
	dollar := in("USD")
	_, err = dollar.Capabilities(t.Context())
	require.ErrorContains(t, err, "configured for amounts in USD, but this database keeps them in EUR already")
	_, err = dollar.Insert(t.Context(), dictionary.TableEntitlement, entitlement(model, nil), inClear)
	require.ErrorContains(t, err, "keeps them in EUR already")
	require.NoError(t, w.Delete(t.Context(), dictionary.TableEntitlement, e["sys_id"]))
	require.Equal(t, "USD", dollar.reconcile("").Currency, "nothing has a price any more")
}

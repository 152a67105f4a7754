package softwareentitlement_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
)

const (
	bought     = "servicenowsam_software_entitlement.bought"
	product    = `product = "Trello Enterprise"`
	afterwards = "depends_on = [servicenowsam_integration_profile.trello]"
)

// entitlement is 300 rights at 240 from the first day of 2026; inner is added to it.
func entitlement(inner ...string) string {
	return acctest.Resource("software_entitlement", "bought", append([]string{afterwards, `start_date = "2026-01-01"`}, inner...)...)
}

func standard(inner ...string) string {
	return entitlement(append([]string{product, "purchased_rights = 300", "unit_cost = 240"}, inner...)...)
}

func autumn() time.Time { return time.Date(2026, time.November, 24, 12, 0, 0, 0, time.UTC) }

func newWorld(t *testing.T) *acctest.World {
	t.Helper()
	return acctest.NewWorld(t, acctest.Options{Now: autumn})
}

func TestAccSoftwareEntitlement_lifecycle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), standard(`currency = "USD"`))
	root.MustApply(t)
	state := root.Attributes(t, bought)
	id := root.Attribute(t, bought, "id")
	require.EqualValues(t, 300, state["active_rights"])
	require.Equal(t, "in_use", state["state"])
	require.Equal(t, "USD", state["currency"])
	require.Equal(t, "240", state["unit_cost"])
	require.NotEmpty(t, state["display_name"], "the instance gives it a name")
	require.Equal(t, w.Find(t, dictionary.TableSoftwareModel, "")[0]["sys_id"], state["software_model_id"])
	row := w.Get(t, dictionary.TableEntitlement, id)
	require.Equal(t, dictionary.MetricUserSubscription, row[dictionary.EntitlementMetric])
	require.Equal(t, "subscription", row[dictionary.EntitlementLicenseType])
	root.RequireEmptyPlan(t)

	// Every attribute can change in place.
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), acctest.Resource("software_entitlement", "bought", afterwards,
		`software_model_id = "`+row[dictionary.EntitlementModel]+`"`, `display_name = "Trello 2026"`, "purchased_rights = 250", `unit_cost = "99.90"`,
		`subscription_period = "annually"`, `start_date = "2026-02-01"`, `end_date = "2026-11-23"`, `agreement_type = "enterprise"`))
	require.Equal(t, []string{"update"}, actions(root.MustPlan(t)))
	root.MustApply(t)
	state = root.Attributes(t, bought)
	require.Equal(t, id, state["id"])
	require.EqualValues(t, 0, state["active_rights"], "yesterday was the last day")
	require.Equal(t, "Trello Enterprise", state["product"])
	require.Equal(t, "99.90", state["unit_cost"])
	root.RequireEmptyPlan(t)

	gone := root.Destroy(t)
	require.Zero(t, gone.Code, gone.Errors())
	require.Empty(t, w.Find(t, dictionary.TableEntitlement, ""))
}

func actions(p *acctest.Plan) []string {
	var list []string
	for _, action := range p.Change(bought).Actions {
		list = append(list, string(action))
	}
	return list
}

func TestAccSoftwareEntitlement_drift(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), standard(`display_name = "Trello 2026"`, `end_date = "2026-12-31"`))
	root.MustApply(t)
	id := root.Attribute(t, bought, "id")
	w.Change(t, dictionary.TableEntitlement, id, map[string]string{
		dictionary.EntitlementMetricGroup: "Consumption", dictionary.EntitlementMetric: "SaaS Consumption",
	})
	plan := root.MustPlan(t)
	require.Equal(t, "user_subscription", plan.Change(bought).After.(map[string]any)["license_metric"])
	require.Equal(t, "saas_consumption", plan.Change(bought).Before.(map[string]any)["license_metric"])
	root.MustApply(t)
	for column, c := range map[string]struct{ attribute, value string }{
		dictionary.EntitlementDisplayName:     {"display_name", "Renamed"},
		dictionary.EntitlementPurchasedRights: {"purchased_rights", "12"},
		dictionary.EntitlementUnitCost:        {"unit_cost", "240.01"},
		dictionary.EntitlementStart:           {"start_date", "2026-03-01"},
		dictionary.EntitlementEnd:             {"end_date", "2027-01-31"},
		dictionary.EntitlementAgreement:       {"agreement_type", "Unlimited"},
		dictionary.EntitlementUnlimited:       {"agreement_type", "true"},
		dictionary.EntitlementPeriod:          {"subscription_period", "Monthly"},
	} {
		w.Change(t, dictionary.TableEntitlement, id, map[string]string{column: c.value})
		plan := root.MustPlan(t)
		change := plan.Change(bought)
		require.True(t, change.Actions.Update(), column)
		before, after := change.Before.(map[string]any), change.After.(map[string]any)
		require.NotEqual(t, before[c.attribute], after[c.attribute], column)
		root.MustApply(t)
		root.RequireEmptyPlan(t)
	}

	// The same amount written otherwise is no drift, neither here nor there.
	w.Change(t, dictionary.TableEntitlement, id, map[string]string{dictionary.EntitlementUnitCost: "240.00"})
	root.RequireEmptyPlan(t)

	w.Delete(t, dictionary.TableEntitlement, id)
	require.True(t, root.MustPlan(t).Change(bought).Actions.Create())
}

func TestAccSoftwareEntitlement_states(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), standard(`state = "build"`))
	root.MustApply(t)
	require.EqualValues(t, 0, root.Attributes(t, bought)["active_rights"])
	for _, step := range []struct {
		state  string
		rights int
		fails  string
	}{
		{"retired", 0, "does not go that way"},
		{"in_use", 300, ""},
		{"build", 300, "does not go that way"},
		{"retired", 0, ""},
		{"in_use", 0, "does not go that way"},
	} {
		root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), standard(`state = "`+step.state+`"`))
		if step.fails != "" {
			require.Contains(t, root.Plan(t).Errors(), step.fails, step.state)
			continue
		}
		root.MustApply(t)
		require.EqualValues(t, step.rights, root.Attributes(t, bought)["active_rights"])
		root.RequireEmptyPlan(t)
	}
}

func TestAccSoftwareEntitlement_import(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	config := []string{w.ProviderBlock(), w.Alias(), w.Profile(), standard()}
	first := w.Root(t, config...)
	first.MustApply(t)
	root := w.Root(t, config...)
	imported := root.Import(t, bought, first.Attribute(t, bought, "id"))
	require.Zero(t, imported.Code, imported.Output)
	require.Equal(t, first.Attributes(t, bought), root.Attributes(t, bought))
	require.True(t, root.MustPlan(t).Change(bought).Actions.NoOp())
}

func TestAccSoftwareEntitlement_refusedByPlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile()).MustApply(t)
	for name, c := range map[string]struct{ config, want string }{
		"a period without an end":       {standard(`subscription_period = "annually"`), "needs an end date"},
		"an end before the start":       {standard(`end_date = "2025-12-31"`), "ends before it starts"},
		"no date":                       {standard(`end_date = "31.12.2026"`), "must be a date"},
		"another currency":              {standard(`currency = "EUR"`), "keeps all amounts in USD"},
		"no currency":                   {standard(`currency = "dollars"`), "ISO 4217"},
		"a negative cost":               {entitlement(product, "purchased_rights = 1", `unit_cost = "-1"`), "not negative"},
		"a cost with its currency":      {entitlement(product, "purchased_rights = 1", `unit_cost = "USD;1"`), "must be a decimal"},
		"negative rights":               {entitlement(product, "purchased_rights = -1"), "between 0 and"},
		"retired at once":               {standard(`state = "retired"`), "cannot be retired"},
		"neither product nor model":     {entitlement("purchased_rights = 1"), "software_model_id"},
		"a state that there is none of": {standard(`state = "active"`), "in_use"},
	} {
		plan := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), c.config).Plan(t)
		require.Equal(t, 1, plan.Code, name)
		require.Contains(t, plan.Errors(), c.want, name)
	}
	require.Empty(t, w.Find(t, dictionary.TableEntitlement, ""))
}

func TestAccSoftwareEntitlement_refusedByApply(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile()).MustApply(t)
	model := w.Find(t, dictionary.TableSoftwareModel, "")[0]
	w.Insert(t, dictionary.TableProduct, map[string]string{"name": "Two of them"})
	two := w.Find(t, dictionary.TableProduct, "name=Two of them")[0]["sys_id"]
	for _, name := range []string{"First", "Second"} {
		w.Insert(t, dictionary.TableSoftwareModel, map[string]string{"name": name, "display_name": name, "product": two})
	}
	for name, c := range map[string]struct {
		inner []string
		want  string
	}{
		"no such product":        {[]string{`product = "Nothing"`}, "Publishing an integration profile makes the models"},
		"a name in another case": {[]string{`product = "trello enterprise"`}, "Write the name as the instance does"},
		"several models":         {[]string{`product = "Two of them"`}, "has several"},
		"another's model": {
			[]string{`product = "Two of them"`, `software_model_id = "` + model["sys_id"] + `"`}, "is not a model of the product",
		},
		"no such model": {[]string{`software_model_id = "0123456789abcdef0123456789abcdef"`}, "existing software model"},
	} {
		config := acctest.Resource("software_entitlement", "bought", append([]string{`start_date = "2026-01-01"`, "purchased_rights = 1"}, c.inner...)...)
		applied := w.Root(t, w.ProviderBlock(), config).Apply(t)
		require.Equal(t, 1, applied.Code, name)
		require.Contains(t, applied.Errors(), c.want, name)
	}
	require.Empty(t, w.Find(t, dictionary.TableEntitlement, ""))
}

func TestAccSoftwareEntitlement_tableMode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile()).MustApply(t)
	faults := new(restapi.Faults)
	faults.RemoveCompanion()
	block := acctest.RemoteBlock(w.Remote(t, faults))
	config := func(inner ...string) string {
		return acctest.Resource("software_entitlement", "bought", append([]string{product, "purchased_rights = 1", `start_date = "2026-01-01"`}, inner...)...)
	}
	root := w.Root(t, block, config("unit_cost = 1.5"))
	root.MustApply(t)
	require.Nil(t, root.Attributes(t, bought)["currency"])
	root.RequireEmptyPlan(t)
	root.Write(t, block, config(`currency = "USD"`))
	require.Contains(t, root.Plan(t).Errors(), "currency of the instance is not known")
}

func TestAccSoftwareEntitlement_dataSource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	data := "data \"servicenowsam_software_entitlement\" \"found\" {\n  display_name = \"Trello 2026\"\n  depends_on = [" + bought + "]\n}\n"
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), standard(`display_name = "Trello 2026"`), data)
	root.MustApply(t)
	require.Equal(t, root.Attributes(t, bought), root.Attributes(t, "data.servicenowsam_software_entitlement.found"))
	again := map[string]string{"display_name": "Trello 2026", "start_date": "2026-01-01", "purchased_rights": "1"}
	again["software_model"] = root.Attribute(t, bought, "software_model_id")
	w.Insert(t, dictionary.TableEntitlement, again)
	require.Contains(t, root.Plan(t).Errors(), "Use id")
	missing := w.Root(t, w.ProviderBlock(), "data \"servicenowsam_software_entitlement\" \"found\" {\n  display_name = \"Trello\"\n}\n").Plan(t)
	require.Contains(t, missing.Errors(), "with this display name")
}

func TestSoftwareEntitlementList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), standard(`display_name = "Trello 2026"`))
	root.MustApply(t)
	w.Insert(t, dictionary.TableEntitlement, map[string]string{
		"display_name": "Trello 2027", "start_date": "2027-01-01", "purchased_rights": "1", "software_model": root.Attribute(t, bought, "software_model_id"),
	})
	p := w.Protocol(t, nil)
	for name, c := range map[string]struct {
		config acctest.Values
		want   []string
	}{
		"everything": {nil, []string{"Trello 2026", "Trello 2027"}},
		"by state":   {acctest.Values{"state": "build"}, []string{"Trello 2027"}},
		"by name":    {acctest.Values{"name_contains": "TRELLO 2026"}, []string{"Trello 2026"}},
		"by model":   {acctest.Values{"software_model_id": "0123456789abcdef0123456789abcdef"}, nil},
	} {
		var names []string
		for _, l := range p.List(t, "servicenowsam_software_entitlement", c.config, 100, true) {
			require.Empty(t, l.Diagnostics)
			names = append(names, l.DisplayName)
		}
		require.ElementsMatch(t, c.want, names, name)
	}
	listed := p.List(t, "servicenowsam_software_entitlement", acctest.Values{"state": "in_use"}, 100, true)
	require.Len(t, listed, 1)
	require.Equal(t, root.Attribute(t, bought, "id"), listed[0].Identity["sys_id"])
	for attribute, value := range root.Attributes(t, bought) {
		if text, ok := value.(string); ok {
			require.Equal(t, tftypes.NewValue(tftypes.String, text), listed[0].Resource[attribute], attribute)
		}
	}
}

package sam_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// create writes a record over the Table API and returns its sys_id.
func (w *world) create(t testing.TB, table string, values servicenow.Values) string {
	t.Helper()
	record, err := w.rest.Create(t.Context(), table, values)
	require.NoError(t, err)
	return record.ID()
}

// product makes a publisher with a product and a software model, and returns their sys_ids.
func (w *world) product(t testing.TB, name string) (publisher, product, model string) {
	t.Helper()
	publisher = w.create(t, dictionary.TablePublisher, servicenow.Values{dictionary.PublisherName: name})
	product = w.create(t, dictionary.TableProduct, servicenow.Values{dictionary.ProductName: name + " Suite", dictionary.ProductPublisher: publisher})
	model = w.create(t, dictionary.TableSoftwareModel, servicenow.Values{
		dictionary.ModelName: name + " Suite", dictionary.ModelDisplayName: name + " Suite 1.0", dictionary.ModelPublisher: publisher, dictionary.ModelProduct: product,
	})
	return publisher, product, model
}

func (w *world) subscribe(t testing.TB, model, person string) {
	t.Helper()
	user := w.create(t, dictionary.TableUser, servicenow.Values{dictionary.UserUserName: person})
	w.create(t, dictionary.TableSubscription, servicenow.Values{
		dictionary.SubscriptionUPN: person, dictionary.SubscriptionExternalUserID: person, dictionary.SubscriptionUser: user,
		dictionary.SubscriptionSoftwareModel: model,
	})
}

func ptr[T any](v T) *T { return &v }

// The worked numbers of KB1123962: 357 users, 300 rights at 240 each.
func TestReconciliation_workedNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, worldOptions{tcp: true})
	publisher, product, model := w.product(t, "Contoso")
	for i := range 357 {
		w.subscribe(t, model, fmt.Sprintf("person%03d", i))
	}
	entitlement, err := w.sam.Entitlements.Create(t.Context(), sam.EntitlementInput{
		ModelSysID: &model, PurchasedRights: ptr(300), UnitCost: ptr("USD;240.00"), StartDate: ptr("2020-01-01"),
	})
	require.NoError(t, err)
	require.Equal(t, dictionary.EntitlementBuild, entitlement.State)
	require.Zero(t, entitlement.ActiveRights, "only what is in use counts")
	entitlement, err = w.sam.Entitlements.Update(t.Context(), entitlement.SysID, sam.EntitlementInput{State: ptr(dictionary.EntitlementInUse)})
	require.NoError(t, err)
	require.Equal(t, 300, entitlement.ActiveRights)
	require.Equal(t, "240.00", entitlement.UnitCost)
	require.Equal(t, "Contoso Suite 1.0 from 2020-01-01", entitlement.DisplayName)
	require.Equal(t, "Contoso Suite", entitlement.Product)

	var said []string
	outcome, err := w.sam.Reconciliations.Run(t.Context(), publisher, func(line string) { said = append(said, line) })
	require.NoError(t, err)
	require.NotEmpty(t, said)
	require.Equal(t, dictionary.ReconciliationCompleted, outcome.Status)
	require.Equal(t, 57, outcome.Unlicensed)
	require.Equal(t, "13680.00", outcome.TrueUpCost)
	require.Equal(t, "72000.00", outcome.TotalSpend)
	require.Equal(t, "USD", outcome.Currency)
	require.Empty(t, outcome.Warnings)

	figures := collect(t, w.sam.Reconciliations.Figures(t.Context(), sam.FiguresFilter{ProductSysID: product}))
	require.Len(t, figures, 1)
	f := figures[0]
	require.False(t, f.ReconciledAt.IsZero())
	f.ReconciledAt, f.SysID = entitlement.Meta.CreatedOn, ""
	require.Equal(t, sam.Figures{
		PublisherSysID: publisher, Publisher: "Contoso", ProductSysID: product, Product: "Contoso Suite", ModelSysID: model, Model: "Contoso Suite 1.0",
		Metric: dictionary.MetricUserSubscription, RightsOwned: 300, RightsUsed: 357, RightsNeeded: 57, Available: -57,
		TrueUpCost: "13680.00", OverLicensed: "0.00", TotalSpend: "72000.00", ReconciledAt: entitlement.Meta.CreatedOn,
	}, f)
	unlicensed, err := w.rest.Count(t.Context(), dictionary.TableSubscription, servicenow.Where(servicenow.Eq(dictionary.SubscriptionUnlicensed, "true")))
	require.NoError(t, err)
	require.Equal(t, 57, unlicensed)
	options := collect(t, w.sam.Reconciliations.Remediations(t.Context(), sam.FiguresFilter{}))
	require.Len(t, options, 1)
	require.Equal(t, dictionary.RemediationPurchaseRights, options[0].Type)
	require.Equal(t, 57, options[0].Rights)
	require.Equal(t, "13680", options[0].Cost.String())
	require.Equal(t, "Contoso Suite", options[0].Product)

	runs, err := w.sam.Reconciliations.List(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, runs, 1)
	require.Equal(t, "REC0000001", runs[0].Number)
	require.Equal(t, publisher, runs[0].PublisherSysID)
	require.Equal(t, 100, runs[0].Percent)
	require.Equal(t, outcome.Result.SysID, runs[0].SysID)
	found, err := w.sam.Reconciliations.Publisher(t.Context(), "Contoso")
	require.NoError(t, err)
	require.Equal(t, publisher, found)

	// An instance that does not mark the newest figures.
	_, err = w.sam.Entitlements.Update(t.Context(), entitlement.SysID, sam.EntitlementInput{PurchasedRights: ptr(400)})
	require.NoError(t, err)
	_, err = w.sam.Reconciliations.Run(t.Context(), "", nil)
	require.NoError(t, err)
	w.faults.RemoveCompanion()
	figures = collect(t, sam.New(w.rest).Reconciliations.Figures(t.Context(), sam.FiguresFilter{}))
	require.Len(t, figures, 1)
	require.Equal(t, 43, figures[0].RightsUnused)
	require.Equal(t, "10320.00", figures[0].OverLicensed)
	_, err = sam.New(w.rest).Reconciliations.Run(t.Context(), "", nil)
	require.ErrorIs(t, err, sam.ErrNoCompanion)
}

func TestEntitlements(t *testing.T) {
	t.Parallel()
	w := newWorld(t, worldOptions{})
	_, product, model := w.product(t, "Contoso")
	instance, err := w.sam.Instance(t.Context())
	require.NoError(t, err)
	require.Equal(t, "USD", instance.Currency)

	_, err = w.sam.Entitlements.Create(t.Context(), sam.EntitlementInput{
		ModelSysID: &model, PurchasedRights: ptr(3), UnitCost: ptr("EUR;12.50"), StartDate: ptr("2020-01-01"),
	})
	require.ErrorContains(t, err, "unit_cost is given in EUR, but this instance keeps all amounts in USD")
	e, err := w.sam.Entitlements.Create(t.Context(), sam.EntitlementInput{
		SysID: servicenow.NewSysID(), DisplayName: ptr("Team"), ModelSysID: &model, PurchasedRights: ptr(3), State: ptr(dictionary.EntitlementInUse),
		Period: ptr(dictionary.PeriodAnnually), StartDate: ptr("2020-01-01"), EndDate: ptr("2020-12-31"),
	})
	require.NoError(t, err)
	require.Zero(t, e.ActiveRights, "it has expired")
	require.Equal(t, "2020-12-31", e.EndDate)
	require.Empty(t, e.UnitCost)
	e, err = w.sam.Entitlements.Update(t.Context(), e.SysID, sam.EntitlementInput{EndDate: ptr(""), Period: ptr(dictionary.PeriodEntire)})
	require.NoError(t, err)
	require.Equal(t, 3, e.ActiveRights)

	all := collect(t, w.sam.Entitlements.All(t.Context(), sam.EntitlementFilter{ProductSysID: product, NameContains: "tea", State: dictionary.EntitlementInUse, ModelSysID: model}))
	require.Equal(t, []sam.Entitlement{e}, all)
	require.NoError(t, w.sam.Entitlements.Delete(t.Context(), e.SysID))
	require.NoError(t, w.sam.Entitlements.Delete(t.Context(), e.SysID))
	_, err = w.sam.Entitlements.Get(t.Context(), e.SysID)
	require.ErrorIs(t, err, sam.ErrNotFound)
}

package sam_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// What the licence position says is spent is what a reconciliation says, however many decimals a price has.
func TestSpendIsTheSameBeforeAndAfterAReconciliation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, worldOptions{members: 1})
	publisher, product, first := w.product(t, "Contoso")
	models := []string{first, w.create(t, dictionary.TableSoftwareModel, servicenow.Values{
		dictionary.ModelName: "Contoso Suite Pro", dictionary.ModelDisplayName: "Contoso Suite Pro", dictionary.ModelPublisher: publisher, dictionary.ModelProduct: product,
	})}
	_, _, other := w.product(t, "Fabrikam")
	models = append(models, other)
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		var made []string
		for range rapid.IntRange(0, 5).Draw(t, "entitlements") {
			price := fmt.Sprintf("%d.%06d", rapid.IntRange(0, 50).Draw(t, "whole"), rapid.IntRange(0, 999_999).Draw(t, "millionths"))
			e, err := w.sam.Entitlements.Create(ctx, sam.EntitlementInput{
				ModelSysID: ptr(rapid.SampledFrom(models).Draw(t, "model")), PurchasedRights: ptr(rapid.IntRange(1, 9).Draw(t, "rights")),
				UnitCost: &price, StartDate: ptr("2020-01-01"), State: ptr(dictionary.EntitlementInUse),
			})
			require.NoError(t, err)
			made = append(made, e.SysID)
		}
		reconciled, err := w.sam.Reconciliations.Run(ctx, "", nil)
		require.NoError(t, err)
		u, err := w.sam.Subscriptions.LicenseUsage(ctx, usageToday)
		require.NoError(t, err)
		spent, err := sam.ParseAmount(reconciled.TotalSpend)
		require.NoError(t, err)
		require.Equal(t, spent.String(), u.Total.TotalSpend.String())
		var products sam.Amount
		for _, p := range u.Products {
			products = products.Add(p.TotalSpend)
		}
		require.Equal(t, spent.String(), products.String(), "the sum of its parts")
		for _, id := range made {
			require.NoError(t, w.sam.Entitlements.Delete(ctx, id))
		}
	})
}

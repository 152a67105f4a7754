package softwareentitlement_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// The currency of an embedded instance is settled by its first amount.
func TestAccSoftwareEntitlement_configuredCurrency(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	in := func(currency string) string {
		return fmt.Sprintf("provider \"servicenowsam\" {\n  embedded = {\n    database_url = %q\n    currency = %q\n  }\n}\n", w.DatabaseURL(), currency)
	}
	root := w.Root(t, in("EUR"), w.Alias(), w.Profile(), standard(`currency = "EUR"`))
	root.MustApply(t)
	require.Equal(t, "EUR", root.Attributes(t, bought)["currency"])
	root.RequireEmptyPlan(t)

	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), standard())
	root.RequireEmptyPlan(t)

	root.Write(t, in("USD"), w.Alias(), w.Profile(), standard())
	require.Contains(t, root.Plan(t).Errors(), "this database keeps them in EUR already")
	root.Write(t, in("euro"), w.Alias(), w.Profile(), standard())
	require.Contains(t, root.Plan(t).Errors(), "must be a code of ISO 4217, such as EUR")
}

package licensingresourcecount_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

const counts = "data.servicenowsam_licensing_resource_counts.all"

func TestAccLicensingResourceCounts(t *testing.T) {
	t.Parallel()
	var days atomic.Int64
	start := time.Now()
	w := acctest.NewWorld(t, acctest.Options{Members: 30, Now: func() time.Time { return start.AddDate(0, 0, int(days.Load())) }})
	read := "data \"servicenowsam_licensing_resource_counts\" \"all\" {}\n"
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync())
	root.MustApply(t)
	empty := w.Root(t, w.ProviderBlock(), read)
	empty.MustApply(t)
	require.Empty(t, empty.Attributes(t, counts)["counts"], "before the first run of the licensing job there is no count")

	// latest lets the licensing job run another day, and reads its figures.
	latest := func() map[string]any {
		days.Add(1)
		w.RunDue(t)
		figures := w.Root(t, w.ProviderBlock(), read)
		figures.MustApply(t)
		list := figures.Attributes(t, counts)["counts"].([]any)
		require.Len(t, list, 1)
		return list[0].(map[string]any)
	}
	figures := latest()
	require.Equal(t, "SaaS Subscription User", figures["resource_category"])
	require.EqualValues(t, 30, figures["resource_count"])
	require.EqualValues(t, 0, figures["excluded_count"])
	require.EqualValues(t, 15, figures["resources_per_unit"])
	require.EqualValues(t, 2, figures["subscription_units"])
	require.NotEmpty(t, figures["counted_at"])

	upn := w.Find(t, dictionary.TableSubscription, "user_principal_nameLIKE@")[0][dictionary.SubscriptionUPN]
	rule := w.Root(t, w.ProviderBlock(), acctest.Resource("subscription_user_exclusion_rule", "one", `user_principal_name = "`+upn+`"`))
	rule.MustApply(t)
	figures = latest()
	require.EqualValues(t, 29, figures["resource_count"])
	require.EqualValues(t, 1, figures["excluded_count"])
	require.EqualValues(t, 1.93, figures["subscription_units"])

	// Switched off by hand, it shows as drift and in the figure.
	w.Change(t, dictionary.TableUserExclusion, rule.Attribute(t, "servicenowsam_subscription_user_exclusion_rule.one", "id"),
		map[string]string{dictionary.ExclusionActive: "false"})
	require.EqualValues(t, 30, latest()["resource_count"])
	require.True(t, rule.MustPlan(t).Change("servicenowsam_subscription_user_exclusion_rule.one").Actions.Update())
}

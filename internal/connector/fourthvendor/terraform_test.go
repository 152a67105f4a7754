package fourthvendor_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

func TestMain(m *testing.M) { acctest.Main(m) }

// The same way as a user of Terraform goes it: apply, review the plan, apply, and nothing is left to do.
func TestAccLantern_wholePath(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{Connectors: map[string]connector.Factory{"lantern": newLantern}})
	d := newDouble(t, 50, time.Now)
	root := w.Root(t, w.ProviderBlock(),
		acctest.Resource("connection_alias", "lantern", fmt.Sprintf("adopt = %q", lanternAlias), fmt.Sprintf("connection_url = %q", d.URL),
			acctest.BearerToken(goodToken, 1)),
		acctest.Resource("integration_profile", "lantern", `display_name = "Lantern"`, fmt.Sprintf("profile_type = %q", lanternType),
			"connection_alias_id = servicenowsam_connection_alias.lantern.id"),
		acctest.Resource("subscription_sync", "lantern", "profile_id = servicenowsam_integration_profile.lantern.id"),
		acctest.Resource("license_reclamation", "lantern", "profile_id = servicenowsam_subscription_sync.lantern.profile_id",
			"max_removals = 10"))
	root.MustApply(t)
	require.Equal(t, "published", root.Attribute(t, "servicenowsam_integration_profile.lantern", "status"))
	run := root.Attributes(t, "servicenowsam_subscription_sync.lantern")
	require.EqualValues(t, 50, run["downloaded"])
	require.EqualValues(t, 10, run["candidates_opened"])

	plan := root.MustPlan(t)
	require.Contains(t, plan.Warnings(), "Review: this plan reclaims")
	require.Len(t, d.holders(), 50, "a plan takes nothing")
	applied := plan.Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	require.Len(t, d.holders(), 40)
	root.RequireEmptyPlan(t)
}

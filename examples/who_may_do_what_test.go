package examples_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
)

// The three root modules work one after the other, each by what its own role may do.
func TestAccExamples_whoMayDoWhat(t *testing.T) {
	t.Parallel()
	env := map[string]string{}
	w := acctest.NewWorld(t, acctest.Options{Env: env})
	env["SERVICENOWSAM_DATABASE_URL"] = w.DatabaseURL()
	env["SERVICENOWSAM_APPROVED_BY"] = "licence-managers"
	module := func(name string, settings ...string) *acctest.Root {
		root := w.Root(t)
		require.NoError(t, os.Remove(filepath.Join(root.Dir, "main.tf")))
		require.NoError(t, os.CopyFS(root.Dir, os.DirFS(filepath.Join("who-may-do-what", name))))
		root.Env = append(root.Env, settings...)
		return root
	}

	profiles := module("profiles", "TF_VAR_trello_url="+w.Double.URL, "TF_VAR_trello_api_key="+w.Double.Key(), "TF_VAR_trello_api_token="+w.Double.Token())
	profiles.MustApply(t)
	profiles.RequireEmptyPlan(t)
	profile := profiles.Attribute(t, "servicenowsam_integration_profile.trello", "id")

	reclaim := module("reclaim", "TF_VAR_profile_id="+profile)
	plan := reclaim.MustPlan(t)
	require.Contains(t, plan.Warnings(), "Review: this plan reclaims")
	require.Zero(t, plan.Apply(t).Code)

	audit := module("audit")
	audit.MustApply(t)
	audit.RequireEmptyPlan(t)
	total := audit.Attributes(t, "data.servicenowsam_license_usage.all")["total"].(map[string]any)
	require.EqualValues(t, 300, total["owned"])
	savings, err := strconv.ParseFloat(total["actual_savings"].(string), 64)
	require.NoError(t, err)
	require.Positive(t, savings)
}

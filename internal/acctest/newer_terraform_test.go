package acctest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

const sinceActions = "1.14.0"

func TestAccQuery_findsAndGeneratesWhatCanBeImported(t *testing.T) {
	t.Parallel()
	acctest.NeedsTerraform(t, sinceActions, "list resources")
	w := acctest.NewWorld(t, acctest.Options{})
	w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile()).MustApply(t)

	root := w.Root(t, w.ProviderBlock())
	query := func(text string) acctest.Result {
		require.NoError(t, os.WriteFile(filepath.Join(root.Dir, "found.tfquery.hcl"), []byte(text), 0o600))
		return root.Run(t, "query", "-generate-config-out=generated.tf")
	}
	found := query("list \"servicenowsam_integration_profile\" \"published\" {\n  provider = servicenowsam\n" +
		"  config {\n    status = \"published\"\n    name_contains = \"trel\"\n  }\n}\n")
	require.Zero(t, found.Code, found.Output)
	require.Contains(t, found.Output, "Trello")
	generated, err := os.ReadFile(filepath.Join(root.Dir, "generated.tf"))
	require.NoError(t, err)
	require.Contains(t, string(generated), `profile_type`)
	plan := root.MustPlan(t)
	require.Empty(t, plan.Describe(), "the import changes nothing")
	require.Len(t, plan.ResourceChanges, 1)
	require.NotNil(t, plan.ResourceChanges[0].Change.Importing)

	require.NoError(t, os.Remove(filepath.Join(root.Dir, "generated.tf")))
	aliases := query("list \"servicenowsam_connection_alias\" \"all\" {\n  provider = servicenowsam\n}\n")
	require.Zero(t, aliases.Code, aliases.Output)
	require.Contains(t, aliases.Output, "sn_trello_spoke.Trello_Alias")

	require.NoError(t, os.Remove(filepath.Join(root.Dir, "generated.tf")))
	wrong := query("list \"servicenowsam_connection_alias\" \"all\" {\n  provider = servicenowsam\n" +
		"  config {\n    profile_type = \"trelo\"\n  }\n}\n")
	require.Equal(t, 1, wrong.Code, "an error must not look like an empty list")
	require.Contains(t, wrong.Text(), "trello_enterprise_subscription")
}

// syncAfterCreate is an action that a new profile triggers.
const syncAfterCreate = `
action "servicenowsam_subscription_sync" "now" {
  config {
    profile_id = servicenowsam_integration_profile.trello.id
  }
}
`

const trigger114 = `
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.servicenowsam_subscription_sync.now]
    }
  }
`

func reclaimAction(numbers string) string {
	return fmt.Sprintf("action \"servicenowsam_license_reclamation\" \"named\" {\n  config {\n"+
		"    profile_id = servicenowsam_integration_profile.trello.id\n    candidates = %s\n    max_removals = 1\n  }\n}\n", numbers)
}

func TestAccAction_triggeredAndInvoked(t *testing.T) {
	t.Parallel()
	acctest.NeedsTerraform(t, sinceActions, "actions")
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(trigger114), syncAfterCreate)
	applied := root.MustApply(t)
	require.Contains(t, applied.Output, "subscriptions new")
	require.Equal(t, holders(w), known(t, w))
	root.RequireEmptyPlan(t)

	again := root.MustApply(t, "-invoke=action.servicenowsam_subscription_sync.now")
	require.Contains(t, again.Output, "0 subscriptions new")

	number := w.Find(t, dictionary.TableCandidate, "state="+dictionary.StateReady)[0][dictionary.CandidateNumber]
	person := personOf(t, w, number)
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(trigger114), syncAfterCreate, reclaimAction(fmt.Sprintf("[%q]", number)))
	root.RequireEmptyPlan(t)
	const invoke = "-invoke=action.servicenowsam_license_reclamation.named"
	plan := root.MustPlan(t, invoke)
	require.Contains(t, plan.Warnings(), "Review: this plan reclaims 1 licence")
	require.Contains(t, plan.Warnings(), number)
	require.Contains(t, holders(w), person)
	reclaimed := plan.Apply(t)
	require.Zero(t, reclaimed.Code, reclaimed.Errors())
	require.NotContains(t, holders(w), person)
	require.Len(t, w.Double.Requests().Writes, 1)

	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(trigger114), syncAfterCreate, reclaimAction(`["RCC9999999"]`))
	refused := root.Plan(t, invoke)
	require.Equal(t, 1, refused.Code)
	require.Contains(t, refused.Errors(), "Unknown removal candidates")
}

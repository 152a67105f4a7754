package acctest_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

const askingRule = `
resource "servicenowsam_reclamation_rule" "trello" {
  profile_type                 = servicenowsam_integration_profile.trello.profile_type
  notify_user                  = true
  days_before_auto_reclamation = 7
}
`

const askedCandidates = `
data "servicenowsam_removal_candidates" "asked" {
  profile_id = servicenowsam_license_reclamation.trello.profile_id
  states     = ["awaiting_user", "awaiting_approval"]
}
`

// A plan asks, users answer, and the next plan takes what they released.
func TestAccAskingUsers(t *testing.T) {
	t.Parallel()
	const channel = "SERVICENOWSAM_NOTIFICATION_DELIVERY"
	env := map[string]string{channel: "external"}
	w := acctest.NewWorld(t, acctest.Options{Env: env})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), askingRule,
		w.Sync(`depends_on = [servicenowsam_reclamation_rule.trello]`), w.Reclamation(`max_removals = 1000`), askedCandidates)
	root.MustApply(t)

	delete(env, channel)
	profile := root.Attribute(t, "servicenowsam_integration_profile.trello", "id")
	elsewhere := w.Root(t, w.ProviderBlock(), fmt.Sprintf("import {\n  to = servicenowsam_license_reclamation.trello\n  id = %q\n}\n", profile),
		acctest.Resource("license_reclamation", "trello", fmt.Sprintf("profile_id = %q", profile), "max_removals = 1000"))
	require.Contains(t, elsewhere.MustPlan(t).Warnings(), "Some users cannot be asked")
	env[channel] = "external"
	require.NotContains(t, elsewhere.MustPlan(t).Warnings(), "Some users cannot be asked")

	root.MustApply(t)
	var asked []string
	for number, outcome := range outcomes(t, root) {
		require.Equal(t, "awaiting_user", outcome)
		asked = append(asked, number)
	}
	require.Greater(t, len(asked), 2)
	require.Empty(t, w.Double.Requests().Writes)
	slices.Sort(asked)

	mails := w.Find(t, dictionary.TableEmail, "type="+dictionary.EmailReady)
	require.Len(t, mails, len(asked))
	for _, mail := range mails {
		w.Change(t, dictionary.TableEmail, mail["sys_id"], map[string]string{"type": dictionary.EmailSent})
	}
	for i, answer := range []string{"release", "keep"} {
		code, out, log := command(t, "answer", "--database", w.DatabaseURL(), "--candidate", asked[i], "--answer", answer, "--comment", "by phone")
		require.Zero(t, code, log)
		require.Contains(t, out, asked[i]+" is Awaiting ")
	}
	code, _, log := command(t, "answer", "--database", w.DatabaseURL(), "--candidate", asked[1], "--answer", "release")
	require.NotZero(t, code)
	require.Contains(t, log, "is Awaiting Approval")

	shown := root.Attributes(t, "data.servicenowsam_removal_candidates.asked")
	require.Empty(t, shown["candidates"].([]any)[0].(map[string]any)["notified_at"], "as it was before the messages were delivered")
	root.MustApply(t, "-refresh-only")
	for _, c := range root.Attributes(t, "data.servicenowsam_removal_candidates.asked")["candidates"].([]any) {
		candidate := c.(map[string]any)
		require.NotEmpty(t, candidate["notified_at"])
		require.Equal(t, map[string]any{asked[1]: "keep"}[candidate["number"].(string)], candidate["answer"])
	}

	next := root.Plan(t)
	removals := next.Change(reclamation).After.(map[string]any)["removals"].(map[string]any)
	require.Contains(t, removals, asked[0])
	require.Equal(t, "released", removals[asked[0]].(map[string]any)["attempt"], "nothing was begun at the vendor")
	for _, number := range asked[1:] {
		require.NotContains(t, slices.Collect(maps.Keys(removals)), number)
	}
	root.MustApply(t)
	require.Equal(t, "done", outcomes(t, root)[asked[0]])
	require.Len(t, w.Double.Requests().Writes, 1)
}

func TestAccAskingUsers_needsADeliveryChannel(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), askingRule)
	require.Contains(t, root.Plan(t).Errors(), "deliver")
	require.Empty(t, w.Find(t, dictionary.TableProfile, ""), "the plan says so, before anything is made")
}

package removalcandidate_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

const outputs = `
data "servicenowsam_removal_candidates" "ready" {
  profile_id   = servicenowsam_subscription_sync.trello.profile_id
  states       = ["ready"]
  redact_users = true
}
data "servicenowsam_removal_candidates" "named" {
  profile_id = servicenowsam_subscription_sync.trello.profile_id
}
output "csv" { value = data.servicenowsam_removal_candidates.ready.csv }
output "markdown" { value = data.servicenowsam_removal_candidates.ready.markdown }
output "named" { value = data.servicenowsam_removal_candidates.named.candidates }
`

// The file that people review names candidates and nobody else, and the resource takes it as it is.
func TestAccRemovalCandidates_fileToReview(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	base := []string{w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync()}
	root := w.Root(t, base...)
	root.MustApply(t)
	candidates := w.Find(t, dictionary.TableCandidate, "active=true^ORDERBYnumber")
	require.Greater(t, len(candidates), 3)
	subscriptions := map[string]map[string]string{}
	for _, c := range candidates {
		subscriptions[c["number"]] = w.Get(t, dictionary.TableSubscription, c[dictionary.CandidateSubscription])
	}
	gone := ""
	for i := len(candidates) - 1; gone == ""; i-- {
		if user := subscriptions[candidates[i]["number"]][dictionary.SubscriptionUser]; user != "" {
			gone = candidates[i]["number"]
			department := w.Insert(t, dictionary.TableDepartment, map[string]string{"name": "Sales"})
			w.Change(t, dictionary.TableUser, user, map[string]string{dictionary.UserActive: "false", dictionary.UserDepartment: department})
		}
	}
	root.Write(t, append(base, outputs)...)
	root.MustApply(t)

	text := root.Run(t, "output", "-raw", "csv").Output
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"number", "user_mark", "product", "justification", "inactive_days", "leaver", "potential_savings"}, rows[0])
	require.Len(t, rows, len(candidates)+1)
	require.Equal(t, gone, rows[1][0], "who left comes first")
	require.Equal(t, "true", rows[1][5])
	markdown := root.Run(t, "output", "-raw", "markdown").Output
	require.Equal(t, len(candidates)+2, strings.Count(markdown, "\n"))
	for _, c := range candidates {
		s := subscriptions[c["number"]]
		require.Contains(t, text, c["number"]+","+companion.UserMark(c["sys_id"], s[dictionary.SubscriptionExternalUserID])+",")
		require.Contains(t, markdown, "| "+c["number"]+" |")
		for _, name := range []string{s[dictionary.SubscriptionUPN], s[dictionary.SubscriptionExternalUserID], s[dictionary.SubscriptionUserName]} {
			require.NotContains(t, text+markdown, name)
		}
	}
	var named []map[string]any
	require.NoError(t, json.Unmarshal([]byte(root.Run(t, "output", "-json", "named").Output), &named))
	for _, c := range named {
		if c["number"] == gone {
			require.Equal(t, "Sales", c["department"])
			require.Equal(t, true, c["leaver"])
		}
	}

	again := root.Run(t, "output", "-raw", "csv").Output
	require.Equal(t, text, again)
	reviewed := strings.Join(strings.Split(text, "\n")[:3], "\n")
	root.Write(t, append(base, w.Reclamation(`max_removals = 2`, fmt.Sprintf(
		"approved_users = { for r in csvdecode(%q) : r.number => r.user_mark }", reviewed)))...)
	root.MustApply(t)
	root.MustApply(t)
	require.Len(t, w.Double.Requests().Writes, 2)

	forged := strings.Replace(strings.Split(text, "\n")[0]+"\n"+strings.Split(text, "\n")[3], rows[3][1], rows[2][1], 1)
	root.Write(t, append(base, w.Reclamation(`max_removals = 2`, fmt.Sprintf(
		"approved_users = { for r in csvdecode(%q) : r.number => r.user_mark }", forged)))...)
	plan := root.Plan(t)
	require.Equal(t, 1, plan.Code)
	require.Contains(t, plan.Errors(), "Approved candidates that mean somebody else")
	require.Contains(t, plan.Errors(), rows[3][0])
}

package exclusionrule_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
)

const (
	identifierType = "servicenowsam_subscription_identifier_exclusion_rule"
	userType       = "servicenowsam_subscription_user_exclusion_rule"
	ofTrello       = `profile_type = "trello_enterprise_subscription"`
)

func identifierRule(inner ...string) string {
	return acctest.Resource("subscription_identifier_exclusion_rule", "test",
		append([]string{`subscription_identifier = "Trello Enterprise"`, ofTrello}, inner...)...)
}

func userRule(name string, inner ...string) string {
	return acctest.Resource("subscription_user_exclusion_rule", "test", append([]string{fmt.Sprintf("user_principal_name = %q", name)}, inner...)...)
}

func excluded(t *testing.T, w *acctest.World) int {
	t.Helper()
	return len(w.Find(t, dictionary.TableSubscription, dictionary.SubscriptionExcluded+"=true"))
}

// requireLifecycle creates, drifts, changes and destroys a rule of either kind. changed is the rule about something else.
func requireLifecycle(t *testing.T, w *acctest.World, typeName, table, key, rule, changed string) {
	t.Helper()
	address := typeName + ".test"
	root := w.Root(t, w.ProviderBlock(), rule)
	root.MustApply(t)
	state := root.Attributes(t, address)
	id := root.Attribute(t, address, "id")
	row := w.Get(t, table, id)
	require.Equal(t, state[key], row[key])
	require.Equal(t, true, state["active"])
	require.Equal(t, "global", state["domain"])
	root.RequireEmptyPlan(t)

	for column, value := range map[string]string{key: "else", dictionary.ExclusionProfileType: dictionary.TypeAsana, dictionary.ExclusionActive: "false"} {
		w.Change(t, table, id, map[string]string{column: value})
		change := root.MustPlan(t).Change(address)
		require.True(t, change.Actions.Update(), column)
		require.NotEqual(t, change.Before.(map[string]any)[column], change.After.(map[string]any)[column], column)
		root.MustApply(t)
		root.RequireEmptyPlan(t)
	}
	require.Equal(t, row[key], w.Get(t, table, id)[key])

	root.Write(t, w.ProviderBlock(), changed)
	root.MustApply(t)
	require.Equal(t, id, root.Attribute(t, address, "id"), "it is changed in place")
	require.NotEqual(t, row, w.Get(t, table, id))
	root.RequireEmptyPlan(t)

	adopted := w.Root(t, w.ProviderBlock(), changed)
	require.Contains(t, adopted.Apply(t).Errors(), "id = \""+id)
	require.Zero(t, adopted.Import(t, address, id).Code)
	adopted.RequireEmptyPlan(t)

	w.Delete(t, table, id)
	require.True(t, root.MustPlan(t).Change(address).Actions.Create())
	root.MustApply(t)
	gone := root.Destroy(t)
	require.Zero(t, gone.Code, gone.Errors())
	require.Empty(t, w.Find(t, table, ""))
}

func TestAccIdentifierExclusionRule_lifecycle(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	requireLifecycle(t, w, identifierType, dictionary.TableIdentifierExclusion, "subscription_identifier",
		identifierRule(), acctest.Resource("subscription_identifier_exclusion_rule", "test", `subscription_identifier = "Asana"`,
			`profile_type = "asana_subscription"`, `active = false`))
}

func TestAccUserExclusionRule_lifecycle(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	requireLifecycle(t, w, userType, dictionary.TableUserExclusion, "user_principal_name",
		userRule("scanner@example.com"), userRule("Scanner-2@example.com", ofTrello))
}

// An idle person on an exclusion rule costs nothing, and is planned for reclaim all the same.
func TestAccUserExclusionRule_protectsNobody(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	base := []string{w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync()}
	root := w.Root(t, base...)
	root.MustApply(t)
	candidates := w.Find(t, dictionary.TableCandidate, "active=true")
	require.NotEmpty(t, candidates)
	s := w.Get(t, dictionary.TableSubscription, candidates[0][dictionary.CandidateSubscription])

	rule := userRule(strings.ToUpper(s[dictionary.SubscriptionUPN]))
	rows := fmt.Sprintf("data \"servicenowsam_software_subscriptions\" \"one\" {\n  user = %q\n}\n", s[dictionary.SubscriptionUPN])
	root.Write(t, append(base, rule)...)
	root.MustApply(t)
	require.Equal(t, 1, excluded(t, w))
	require.Equal(t, "true", w.Get(t, dictionary.TableSubscription, s["sys_id"])[dictionary.SubscriptionExcluded])
	show := w.Root(t, w.ProviderBlock(), rows)
	show.MustApply(t)
	row := show.Attributes(t, "data.servicenowsam_software_subscriptions.one")["subscriptions"].([]any)[0].(map[string]any)
	require.Equal(t, true, row["excluded_from_metering"], "the row stays, and says so")
	reclamation := w.Reclamation(fmt.Sprintf("max_removals = %d", len(candidates)))
	root.Write(t, append(base, rule, reclamation)...)
	root.MustApply(t) // the first apply never reclaims
	require.Zero(t, len(w.Find(t, dictionary.TableCandidate, "state="+dictionary.StateClosedComplete)))
	plan := root.MustPlan(t)
	removals := plan.Change("servicenowsam_license_reclamation.trello").After.(map[string]any)["removals"].(map[string]any)
	require.Contains(t, removals, candidates[0][dictionary.CandidateNumber])
	require.Len(t, removals, len(candidates))

	root.Write(t, base...)
	root.MustApply(t)
	require.Zero(t, excluded(t, w))
}

func TestAccExclusionRule_refused(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	washington := fmt.Sprintf("provider \"servicenowsam\" {\n  embedded = { database_url = %q, release_family = \"washingtondc\" }\n}\n", w.DatabaseURL())
	for name, c := range map[string]struct{ block, config, want string }{
		"an old family":           {washington, identifierRule(), "The release family has no exclusion rules"},
		"an old family, a user":   {washington, userRule("a@example.com"), "The release family has no exclusion rules"},
		"no such type":            {w.ProviderBlock(), userRule("a@example.com", `profile_type = "trelo"`), "trello_enterprise_subscription"},
		"an identifier of no one": {w.ProviderBlock(), acctest.Resource("subscription_identifier_exclusion_rule", "test", `subscription_identifier = "x"`), "profile_type"},
		"a user of no name":       {w.ProviderBlock(), userRule(""), "user_principal_name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := w.Root(t, c.block, c.config).Plan(t)
			require.Equal(t, 1, plan.Code)
			require.Contains(t, plan.Errors(), c.want)
		})
	}
	// Two blocks for the same: one of them has it.
	twice := w.Root(t, w.ProviderBlock(), userRule("a@example.com"), strings.Replace(userRule("A@example.com"), `"test"`, `"again"`, 1)).Apply(t)
	require.Equal(t, 1, twice.Code)
	require.Contains(t, twice.Errors(), "exists already")
	require.Len(t, w.Find(t, dictionary.TableUserExclusion, ""), 1)
}

// On ServiceNow, where types are not ours to know and domains may be separated.
func TestAccExclusionRule_remote(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	faults := new(restapi.Faults)
	faults.RemoveCompanion()
	block := acctest.RemoteBlock(w.Remote(t, faults))
	const domain = "3c1f0f6a9b215d1e4f7a9b5c2d8e0a1f"
	root := w.Root(t, block, userRule("a@example.com", `profile_type = "microsoft_office_365"`, fmt.Sprintf("domain = %q", domain)))
	root.MustApply(t)
	require.Equal(t, domain, w.Find(t, dictionary.TableUserExclusion, "")[0][dictionary.SysDomain])
	root.RequireEmptyPlan(t)
	root.Write(t, block, userRule("a@example.com", `domain = "global"`))
	require.True(t, root.MustPlan(t).Change(userType+".test").Actions.Replace())
}

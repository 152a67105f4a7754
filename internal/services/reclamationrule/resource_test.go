package reclamationrule_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
)

const (
	ruleType = "servicenowsam_reclamation_rule"
	rule     = ruleType + ".trello"
	byRef    = `profile_type = servicenowsam_integration_profile.trello.profile_type`
	byName   = `product = "Trello Enterprise"`
)

func trelloRule(inner ...string) string {
	return acctest.Resource("reclamation_rule", "trello", inner...)
}

// theRule is the rule as the instance has it.
func theRule(t *testing.T, w *acctest.World) map[string]string {
	t.Helper()
	rules := w.Find(t, dictionary.TableReclamationRule, "")
	require.Len(t, rules, 1)
	return rules[0]
}

func requireDefaults(t *testing.T, row map[string]string) {
	t.Helper()
	for column, want := range map[string]string{
		dictionary.RuleThresholdDays: "60", dictionary.RuleCreateCandidate: "true", dictionary.RuleNotifyUser: "false",
		dictionary.RuleDaysBeforeAuto: "", dictionary.RuleActive: "true", dictionary.RuleManagedBy: "",
		dictionary.RuleAssignmentGroup: dictionary.SeedID(dictionary.TableUserGroup, dictionary.DefaultAssignmentGroup),
	} {
		require.Equal(t, want, row[column], column)
	}
}

// published is a world whose profile was published elsewhere.
func published(t *testing.T) *acctest.World {
	t.Helper()
	w := acctest.NewWorld(t, acctest.Options{})
	w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile()).MustApply(t)
	return w
}

func TestAccReclamationRule_lifecycle(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	profile := []string{w.ProviderBlock(), w.Alias(), w.Profile()}
	root := w.Root(t, append(profile, trelloRule(byRef))...)
	root.MustApply(t) // one apply publishes and adopts
	row := theRule(t, w)
	require.NotEmpty(t, row[dictionary.RuleManagedBy])
	state := root.Attributes(t, rule)
	require.Equal(t, row["sys_id"], state["id"])
	require.Equal(t, "Trello Enterprise", state["product"])
	require.Equal(t, "Trello Enterprise", state["name"])
	require.Equal(t, "Software managers", state["assignment_group"])
	require.Equal(t, row[dictionary.RuleAssignmentGroup], state["assignment_group_id"])
	require.EqualValues(t, 60, state["last_activity_threshold"])
	root.RequireEmptyPlan(t)

	group := w.Insert(t, dictionary.TableUserGroup, map[string]string{dictionary.GroupName: "Collaboration owners"})
	root.Write(t, append(profile, trelloRule(byRef, `last_activity_threshold = 90`, `create_reclamation_candidate = false`,
		`assignment_group = "Collaboration owners"`, `active = false`))...)
	require.True(t, root.MustPlan(t).Change(rule).Actions.Update())
	root.MustApply(t)
	row = theRule(t, w)
	require.Equal(t, []string{"90", "false", group, "false"}, []string{
		row[dictionary.RuleThresholdDays], row[dictionary.RuleCreateCandidate], row[dictionary.RuleAssignmentGroup], row[dictionary.RuleActive],
	})
	root.RequireEmptyPlan(t)

	// The same product and group by their other names are no change.
	root.Write(t, append(profile, trelloRule(`product = "trello enterprise"`, `last_activity_threshold = 90`, `create_reclamation_candidate = false`,
		fmt.Sprintf("assignment_group = %q", group), `active = false`))...)
	require.False(t, root.MustPlan(t).Change(rule).Actions.Replace())
	root.MustApply(t)
	root.RequireEmptyPlan(t)

	// Every attribute drifts.
	for column, value := range map[string]string{
		dictionary.RuleThresholdDays: "30", dictionary.RuleCreateCandidate: "true", dictionary.RuleNotifyUser: "true",
		dictionary.RuleDaysBeforeAuto: "7", dictionary.RuleActive: "true",
		dictionary.RuleAssignmentGroup: dictionary.SeedID(dictionary.TableUserGroup, dictionary.DefaultAssignmentGroup),
	} {
		w.Change(t, dictionary.TableReclamationRule, row["sys_id"], map[string]string{column: value})
		plan := root.MustPlan(t)
		require.True(t, plan.Change(rule).Actions.Update(), column)
		before, after := plan.Change(rule).Before.(map[string]any), plan.Change(rule).After.(map[string]any)
		require.NotEqual(t, before[column], after[column], column)
		root.MustApply(t)
		root.RequireEmptyPlan(t)
	}
	require.Equal(t, row[dictionary.RuleManagedBy], theRule(t, w)[dictionary.RuleManagedBy])

	// The rule outlives its resource, with the documented defaults.
	root.Write(t, profile...)
	plan := root.MustPlan(t)
	require.Contains(t, plan.Warnings(), "The reclamation rule returns to its defaults")
	require.Zero(t, plan.Apply(t).Code)
	requireDefaults(t, theRule(t, w))
	require.Equal(t, row["sys_id"], theRule(t, w)["sys_id"])
}

// The rule outlives the profile, and stays ours when the profile is published again.
func TestAccReclamationRule_republished(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	owned := trelloRule(byName, `last_activity_threshold = 45`)
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), owned)
	require.Contains(t, root.Apply(t).Errors(), "none is published", "the product's name makes Terraform wait for nothing")
	root.MustApply(t)
	before := theRule(t, w)
	root.Write(t, w.ProviderBlock(), w.Alias(), owned)
	root.MustApply(t)
	root.RequireEmptyPlan(t)
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), owned)
	root.MustApply(t)
	root.RequireEmptyPlan(t)
	require.Equal(t, before["sys_id"], theRule(t, w)["sys_id"])
	require.Equal(t, "45", theRule(t, w)[dictionary.RuleThresholdDays])
}

func TestAccReclamationRule_deletedByHand(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), trelloRule(byRef, `last_activity_threshold = 45`))
	root.MustApply(t)
	w.Delete(t, dictionary.TableReclamationRule, theRule(t, w)["sys_id"])
	require.Empty(t, w.Find(t, dictionary.TableRuleProduct, ""))
	require.True(t, root.MustPlan(t).Change(rule).Actions.Create())
	root.MustApply(t)
	require.Equal(t, "45", theRule(t, w)[dictionary.RuleThresholdDays])
	require.Len(t, w.Find(t, dictionary.TableScheduledJob, "name=SAM - Refresh Trello Subscriptions"), 1)
	root.RequireEmptyPlan(t)

	// Taken from the product, it is not the product's any more.
	link := w.Find(t, dictionary.TableRuleProduct, "")[0]
	w.Delete(t, dictionary.TableRuleProduct, link["sys_id"])
	require.True(t, root.MustPlan(t).Change(rule).Actions.Replace())
}

func TestAccReclamationRule_oneOwner(t *testing.T) {
	t.Parallel()
	w := published(t)
	twice := w.Root(t, w.ProviderBlock(), trelloRule(byName), acctest.Resource("reclamation_rule", "again", byName))
	refused := twice.Apply(t)
	require.Equal(t, 1, refused.Code)
	require.Contains(t, refused.Errors(), "Two resources for one reclamation rule")

	// One of the two has it, with the defaults; a second apply and another root module are told so already by the plan.
	again := twice.Plan(t)
	require.Contains(t, again.Warnings(), "has an owner already")
	other := w.Root(t, w.ProviderBlock(), trelloRule(byName))
	plan := other.MustPlan(t)
	require.Contains(t, plan.Warnings(), "has an owner already")
	refused = plan.Apply(t)
	require.Equal(t, 1, refused.Code)
	require.Contains(t, refused.Errors(), "id = \""+theRule(t, w)["sys_id"])

	require.Zero(t, other.Import(t, rule, theRule(t, w)["sys_id"]).Code)
	other.RequireEmptyPlan(t)
}

func TestAccReclamationRule_changedByHand(t *testing.T) {
	t.Parallel()
	w := published(t)
	w.Change(t, dictionary.TableReclamationRule, theRule(t, w)["sys_id"], map[string]string{dictionary.RuleThresholdDays: "120"})
	root := w.Root(t, w.ProviderBlock(), trelloRule(byName))
	require.Contains(t, root.MustPlan(t).Warnings(), "somebody, or another root module, has changed last_activity_threshold")
	refused := root.Apply(t)
	require.Equal(t, 1, refused.Code)
	require.Contains(t, refused.Errors(), "to = servicenowsam_reclamation_rule.NAME")
	require.Equal(t, "120", theRule(t, w)[dictionary.RuleThresholdDays])

	// Importing shows the difference.
	require.Zero(t, root.Import(t, rule, "Trello Enterprise").Code)
	change := root.MustPlan(t).Change(rule)
	require.True(t, change.Actions.Update())
	require.EqualValues(t, 120, change.Before.(map[string]any)["last_activity_threshold"])
}

func TestAccReclamationRule_refused(t *testing.T) {
	t.Parallel()
	w := published(t)
	for name, c := range map[string]struct{ config, want string }{
		"a threshold of nothing":   {trelloRule(byName, `last_activity_threshold = 0`), "between 1 and 3650"},
		"a threshold of ages":      {trelloRule(byName, `last_activity_threshold = 4000`), "between 1 and 3650"},
		"days without notice":      {trelloRule(byName, `days_before_auto_reclamation = 14`), "Nobody is notified"},
		"notice without a channel": {trelloRule(byName, `notify_user = true`, `days_before_auto_reclamation = 14`), "The instance cannot notify anybody"},
		"two names of the product": {trelloRule(byName, `profile_type = "trello_enterprise_subscription"`), "Invalid Attribute Combination"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := w.Root(t, w.ProviderBlock(), c.config).Plan(t)
			require.Equal(t, 1, plan.Code)
			require.Contains(t, plan.Errors(), c.want)
		})
	}
	for name, c := range map[string]struct{ config, want string }{
		"no such product": {trelloRule(`product = "Trelo"`), "No such product"},
		"no such type":    {trelloRule(`profile_type = "trelo_subscription"`), "No such product"},
		"no such group":   {trelloRule(byName, `assignment_group = "Nobody"`), "No such user group"},
		"not published":   {trelloRule(`profile_type = "asana_subscription"`), "The product has no reclamation rule yet"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := w.Root(t, w.ProviderBlock(), c.config).Apply(t)
			require.Equal(t, 1, result.Code)
			require.Contains(t, result.Errors(), c.want)
		})
	}
}

func TestAccReclamationRule_beyondTheLookback(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	profile := acctest.Resource("integration_profile", "asana", `display_name = "Asana"`, `profile_type = "asana_subscription"`,
		`publish = false`, `activity_lookback_days = 30`)
	root := w.Root(t, w.ProviderBlock(), profile)
	root.MustApply(t)
	root.Write(t, w.ProviderBlock(), profile, trelloRule(`profile_type = "asana_subscription"`, `last_activity_threshold = 45`))
	require.Contains(t, root.MustPlan(t).Warnings(), "Asana: 30 days")
	root.Write(t, w.ProviderBlock(), profile, trelloRule(`profile_type = "asana_subscription"`, `last_activity_threshold = 30`))
	require.NotContains(t, root.MustPlan(t).Warnings(), "look-back")
}

// On an instance without the companion app nothing can be published, and the rule is there all the same.
func TestAccReclamationRule_tableMode(t *testing.T) {
	t.Parallel()
	w := published(t)
	faults := new(restapi.Faults)
	faults.RemoveCompanion()
	remote := acctest.RemoteBlock(w.Remote(t, faults))
	root := w.Root(t, remote, trelloRule(byName, `notify_user = true`, `days_before_auto_reclamation = 0`))
	root.MustApply(t)
	require.Equal(t, "0", theRule(t, w)[dictionary.RuleDaysBeforeAuto])
	require.Empty(t, theRule(t, w)[dictionary.RuleManagedBy], "ServiceNow has no place for a mark")
	root.RequireEmptyPlan(t)

	second := w.Root(t, remote, trelloRule(byName)).Apply(t)
	require.Contains(t, second.Errors(), "is not as publishing made it")

	deleted := theRule(t, w)["sys_id"]
	w.Insert(t, dictionary.TableReclamationRule, map[string]string{dictionary.RuleName: "Another"})
	w.Delete(t, dictionary.TableReclamationRule, deleted)
	require.Contains(t, root.Apply(t).Errors(), "The reclamation rule was deleted")
}

// Rows that are hidden from the user are not gone: the product must not be taken for another.
func TestAccReclamationRule_hiddenProducts(t *testing.T) {
	t.Parallel()
	w := published(t)
	faults := new(restapi.Faults)
	root := w.Root(t, acctest.RemoteBlock(w.Remote(t, faults)), trelloRule(byName))
	root.MustApply(t)
	faults.HideRow(dictionary.TableRuleProduct, w.Find(t, dictionary.TableRuleProduct, "")[0]["sys_id"])
	plan := root.Plan(t)
	require.Equal(t, 1, plan.Code)
	require.Contains(t, plan.Errors(), "the instance hides 1 rows of "+dictionary.TableRuleProduct)
}

func TestAccReclamationRule_notifies(t *testing.T) {
	t.Parallel()
	w := published(t)
	block := fmt.Sprintf("provider \"servicenowsam\" {\n  embedded = { database_url = %q, notification_delivery = \"external\" }\n}\n", w.DatabaseURL())
	root := w.Root(t, block, trelloRule(byName, `notify_user = true`, `days_before_auto_reclamation = 14`))
	root.MustApply(t)
	require.Equal(t, "14", theRule(t, w)[dictionary.RuleDaysBeforeAuto])
	root.RequireEmptyPlan(t)
	w.Change(t, dictionary.TableReclamationRule, theRule(t, w)["sys_id"], map[string]string{dictionary.RuleDaysBeforeAuto: "0"})
	change := root.MustPlan(t).Change(rule)
	require.EqualValues(t, 0, change.Before.(map[string]any)["days_before_auto_reclamation"])
	root.MustApply(t)

	// Without the channel, nothing but to stop asking goes.
	root.Write(t, w.ProviderBlock(), trelloRule(byName, `notify_user = true`, `days_before_auto_reclamation = 14`))
	require.Contains(t, root.Plan(t).Errors(), "The instance cannot notify anybody")
	root.Write(t, w.ProviderBlock(), trelloRule(byName))
	root.MustApply(t)
	silent := theRule(t, w)
	require.Equal(t, []string{"false", ""}, []string{silent[dictionary.RuleNotifyUser], silent[dictionary.RuleDaysBeforeAuto]})
	root.RequireEmptyPlan(t)
}

// Between a plan and its apply anything may change; the apply then refuses, or does what the plan said.
func TestAccReclamationRule_changedBetweenPlanAndApply(t *testing.T) {
	t.Parallel()
	w := published(t)
	change := func(values map[string]string) func() {
		return func() { w.Change(t, dictionary.TableReclamationRule, theRule(t, w)["sys_id"], values) }
	}
	root := w.Root(t, w.ProviderBlock(), trelloRule(byName))
	refused := root.MustPlan(t).ApplyInAnotherWorld(t, change(map[string]string{dictionary.RuleThresholdDays: "10"}))
	require.Contains(t, refused.Errors(), "is not as publishing made it")

	change(map[string]string{dictionary.RuleThresholdDays: "60"})()
	root.MustApply(t)
	root.Write(t, w.ProviderBlock(), trelloRule(byName, `last_activity_threshold = 90`))
	applied := root.MustPlan(t).ApplyInAnotherWorld(t, change(map[string]string{dictionary.RuleName: "Renamed", dictionary.RuleActive: "false"}))
	require.Zero(t, applied.Code, applied.Errors())
	require.Equal(t, []string{"90", "true"}, []string{theRule(t, w)[dictionary.RuleThresholdDays], theRule(t, w)[dictionary.RuleActive]})
	root.RequireEmptyPlan(t)

	// A rule of several products stays that of the product it was named for.
	product := w.Insert(t, dictionary.TableProduct, map[string]string{dictionary.ProductName: "AAA"})
	for _, link := range w.Find(t, dictionary.TableRuleProduct, "") {
		w.Delete(t, dictionary.TableRuleProduct, link["sys_id"])
		for _, id := range []string{product, link[dictionary.RuleProductProduct]} {
			w.Insert(t, dictionary.TableRuleProduct, map[string]string{
				dictionary.RuleProductRule: theRule(t, w)["sys_id"], dictionary.RuleProductProduct: id,
			})
		}
	}
	root.RequireEmptyPlan(t)
	require.Zero(t, root.Destroy(t).Code)
	root.MustApply(t)
	require.Equal(t, "Trello Enterprise", root.Attribute(t, rule, "product"))
	root.RequireEmptyPlan(t)
}

package engine_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

func (w *world) excluded() int {
	return w.count(dictionary.TableSubscription, dictionary.SubscriptionExcluded+"=true")
}

func identifierRule(extra ...string) store.Row {
	row := store.Row{dictionary.ExclusionIdentifier: "trello enterprise", dictionary.ExclusionProfileType: dictionary.TypeTrello}
	for i := 0; i < len(extra); i += 2 {
		row[extra[i]] = extra[i+1]
	}
	return row
}

// An excluded subscription is in no cost figure; everything else about it is as before.
func TestIdentifierRuleExcludesEveryProfileOfItsType(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 40)
	w.publish()
	w.refresh()
	model := w.find(dictionary.TableSoftwareModel, "")[0]
	w.insert(dictionary.TableEntitlement, store.Row{
		"software_model": model["sys_id"], "purchased_rights": "30", "unit_cost": "100", "state": "in_use", "start_date": "2026-01-01",
	})
	before := w.openCandidates()
	require.NotEmpty(t, before)

	rule := w.insert(dictionary.TableIdentifierExclusion, identifierRule())
	require.Equal(t, 40, w.excluded())
	for id, c := range w.openCandidates() {
		require.Equal(t, before[id]["sys_id"], c["sys_id"])
		require.Equal(t, before[id]["state"], c["state"])
		require.Equal(t, "100.00", before[id]["potential_savings"])
		require.Equal(t, "0.00", c["potential_savings"], "a right that is in no cost figure saves nothing")
	}
	o := w.refresh()
	require.Equal(t, 40, o.Unchanged)
	require.Zero(t, o.RowsWritten)

	w.update(dictionary.TableIdentifierExclusion, rule["sys_id"], store.Row{dictionary.ExclusionActive: "false"})
	require.Zero(t, w.excluded())
	for _, c := range w.openCandidates() {
		require.Equal(t, "100.00", c["potential_savings"])
	}
	w.update(dictionary.TableIdentifierExclusion, rule["sys_id"], store.Row{dictionary.ExclusionActive: "true"})
	require.Equal(t, 40, w.excluded())
	w.update(dictionary.TableIdentifierExclusion, rule["sys_id"], store.Row{dictionary.ExclusionProfileType: dictionary.TypeAsana})
	require.Zero(t, w.excluded(), "it is a rule of another vendor now")
	w.update(dictionary.TableIdentifierExclusion, rule["sys_id"], store.Row{dictionary.ExclusionProfileType: dictionary.TypeTrello})
	require.NoError(t, w.Delete(t.Context(), dictionary.TableIdentifierExclusion, rule["sys_id"]))
	require.Zero(t, w.excluded())
	require.Zero(t, w.refresh().RowsWritten)
}

func TestUserRuleFindsAPersonByTheirNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 20)
	w.publish()
	w.refresh()
	s := w.find(dictionary.TableSubscription, "userISNOTEMPTY^user_principal_nameLIKE@")[0]
	w.update(dictionary.TableUser, s["user"], store.Row{dictionary.UserEmail: "somebody@else.example", dictionary.UserUserName: "some.body"})
	for name, want := range map[string]int{
		strings.ToUpper(s[dictionary.SubscriptionUPN]): 1, "SomeBody@else.example": 1, "some.Body": 1,
		" " + s[dictionary.SubscriptionUPN] + " ": 1, s[dictionary.SubscriptionUserName]: 1, "nobody@example.com": 0,
	} {
		rule := w.insert(dictionary.TableUserExclusion, store.Row{dictionary.ExclusionUser: name})
		require.Equal(t, want, w.excluded(), name)
		if want > 0 {
			require.Equal(t, "true", w.get(dictionary.TableSubscription, s["sys_id"])[dictionary.SubscriptionExcluded], name)
		}
		require.NoError(t, w.Delete(t.Context(), dictionary.TableUserExclusion, rule["sys_id"]))
	}

	rule := w.insert(dictionary.TableUserExclusion, store.Row{
		dictionary.ExclusionUser: s[dictionary.SubscriptionUPN], dictionary.ExclusionProfileType: dictionary.TypeAsana,
	})
	require.Zero(t, w.excluded(), "the rule is for profiles of another type")
	w.update(dictionary.TableUserExclusion, rule["sys_id"], store.Row{dictionary.ExclusionProfileType: ""})
	require.Equal(t, 1, w.excluded())

	elsewhere := w.insert(dictionary.TableIdentifierExclusion, identifierRule(dictionary.SysDomain, "0123456789abcdef0123456789abcdef"))
	require.Equal(t, 1, w.excluded(), "the rule is for profiles of another domain")
	w.insert(dictionary.TableIdentifierExclusion, identifierRule())
	require.Equal(t, 20, w.excluded())
	require.NotEmpty(t, elsewhere["sys_id"])
}

// Nobody is protected from reclaim by an exclusion rule.
func TestExcludedPeopleAreReclaimed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 40)
	w.publish()
	member := w.trello.Members(1, w.stale)[0]
	w.insert(dictionary.TableIdentifierExclusion, identifierRule())
	require.Positive(t, w.refresh().CandidatesOpened)
	require.Equal(t, 40, w.excluded(), "new subscriptions are marked by the refresh that finds them")
	c := w.openCandidates()[member.ID]
	require.NotEmpty(t, c)
	require.Equal(t, dictionary.StateReady, c["state"])
	items := w.reclaim(companion.ReclaimRequest{Candidates: []string{c["sys_id"]}})
	require.Equal(t, companion.OutcomeDone, items[c["sys_id"]].Outcome)
}

func TestExclusionRulesRefuse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	insert := func(table string, row store.Row) error {
		_, err := w.Insert(t.Context(), table, row, store.WriteOptions{})
		return err
	}
	user := func(name, profileType string) store.Row {
		return store.Row{dictionary.ExclusionUser: name, dictionary.ExclusionProfileType: profileType}
	}
	refused(t, insert(dictionary.TableIdentifierExclusion, store.Row{dictionary.ExclusionIdentifier: "x"}), "profile_type is mandatory")
	refused(t, insert(dictionary.TableIdentifierExclusion, store.Row{dictionary.ExclusionProfileType: dictionary.TypeTrello}), "subscription_identifier is mandatory")
	refused(t, insert(dictionary.TableUserExclusion, user("  ", "")), "user_principal_name is mandatory")
	refused(t, insert(dictionary.TableUserExclusion, user("a@example.com", "trelo")), `there is no profile type "trelo"`)

	require.NoError(t, insert(dictionary.TableIdentifierExclusion, identifierRule()))
	refused(t, insert(dictionary.TableIdentifierExclusion, identifierRule(dictionary.ExclusionIdentifier, "TRELLO Enterprise")), "an equal exclusion rule exists already")
	require.NoError(t, insert(dictionary.TableUserExclusion, user("a@example.com", "")))
	require.NoError(t, insert(dictionary.TableUserExclusion, user("a@example.com", dictionary.TypeTrello)))
	refused(t, insert(dictionary.TableUserExclusion, user("A@example.com", "")), "an equal exclusion rule exists already")
	rule := w.find(dictionary.TableUserExclusion, dictionary.ExclusionProfileType+"="+dictionary.TypeTrello)[0]
	_, err := w.Update(t.Context(), dictionary.TableUserExclusion, rule["sys_id"], store.Row{dictionary.ExclusionProfileType: ""}, store.WriteOptions{})
	refused(t, err, "an equal exclusion rule exists already")
}

package engine_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// keepUsers is an engine that makes no users.
func (w *world) keepUsers() {
	w.t.Helper()
	w.db, w.Engine = openEngine(w.t, w.url, w.clock, unlimited, func(o *engine.Options) { o.KeepUsers = true })
}

func (w *world) subscriptionOf(m double.Member) store.Row {
	w.t.Helper()
	rows := w.find(dictionary.TableSubscription, dictionary.SubscriptionExternalUserID+"="+m.ID)
	require.Len(w.t, rows, 1)
	return rows[0]
}

func (w *world) userNamed(values store.Row) string {
	w.t.Helper()
	return w.insert(dictionary.TableUser, values)[dictionary.SysID]
}

// withMail lists members with a licence and a mail address.
func (w *world) withMail(n int) []double.Member {
	w.t.Helper()
	members := w.trello.Members(n, func(m double.Member) bool { return m.Licensed && m.Email != "" })
	require.Len(w.t, members, n)
	return members
}

func TestUsers_areFoundByMailThenByUserID(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	w.keepUsers()
	w.publish()
	members := w.withMail(6)
	byMail := w.userNamed(store.Row{dictionary.UserUserName: "a", dictionary.UserEmail: strings.ToUpper(members[0].Email)})
	byID := w.userNamed(store.Row{dictionary.UserUserName: members[1].Email})
	w.userNamed(store.Row{dictionary.UserUserName: "b1", dictionary.UserEmail: members[2].Email})
	w.userNamed(store.Row{dictionary.UserUserName: "b2", dictionary.UserEmail: members[2].Email})
	w.userNamed(store.Row{dictionary.UserUserName: "left", dictionary.UserEmail: members[3].Email, dictionary.UserActive: "false"})
	stays := w.userNamed(store.Row{dictionary.UserUserName: "stays", dictionary.UserEmail: members[3].Email})
	inactive := w.userNamed(store.Row{dictionary.UserUserName: "gone", dictionary.UserEmail: members[4].Email, dictionary.UserActive: "false"})

	outcome := w.refresh()
	for i, want := range []string{byMail, byID, "", stays, inactive, ""} {
		require.Equal(t, want, w.subscriptionOf(members[i])[dictionary.SubscriptionUser], i)
	}
	require.Equal(t, 1, outcome.AmbiguousUsers)
	require.Equal(t, w.count(dictionary.TableSubscription, "userISEMPTY"), outcome.WithoutUser)
	require.Equal(t, outcome.Downloaded-4, outcome.WithoutUser)

	again := w.refresh()
	require.Zero(t, again.RowsWritten)
	require.Equal(t, outcome.WithoutUser, again.WithoutUser)
	require.Equal(t, 1, again.AmbiguousUsers)

	late := w.userNamed(store.Row{dictionary.UserUserName: "late", dictionary.UserEmail: members[5].Email})
	require.Equal(t, 2, w.refresh().RowsWritten, "the subscription and its candidate")
	require.Equal(t, late, w.subscriptionOf(members[5])[dictionary.SubscriptionUser], "an HR feed came later")
}

func TestUsers_madeByTheRefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	w.publish()
	outcome := w.refresh()
	mail := len(w.trello.Members(0, func(m double.Member) bool { return m.Licensed && m.Email != "" }))
	require.Equal(t, outcome.Downloaded-mail, outcome.WithoutUser, "one per mail address")
	require.Zero(t, outcome.AmbiguousUsers)
}

func TestUsers_chosenByAPersonStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 20)
	w.publish()
	w.refresh()
	member := w.withMail(1)[0]
	s := w.subscriptionOf(member)
	own := s[dictionary.SubscriptionUser]
	require.NotEmpty(t, own)
	boss := w.userNamed(store.Row{dictionary.UserUserName: "boss"})
	changed := w.update(dictionary.TableSubscription, s[dictionary.SysID], store.Row{dictionary.SubscriptionUser: boss})
	w.overwrite(dictionary.TableSubscription, s[dictionary.SysID], store.Row{dictionary.SubscriptionUPN: "somebody@example.com"})
	require.Equal(t, "true", changed[dictionary.SubscriptionUserOverridden])
	require.Equal(t, 1, w.refresh().Updated, "the vendor has another principal name")
	require.Equal(t, boss, w.subscriptionOf(member)[dictionary.SubscriptionUser])

	w.update(dictionary.TableSubscription, s[dictionary.SysID], store.Row{dictionary.SubscriptionUser: ""})
	w.refresh()
	filled := w.subscriptionOf(member)
	require.Equal(t, own, filled[dictionary.SubscriptionUser], "clearing it lets the next run fill it")
	require.Equal(t, "false", filled[dictionary.SubscriptionUserOverridden])
}

func TestResolutionRules_fillGaps(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	w.publish()
	members := w.withMail(3)
	local := func(m double.Member) string { name, _, _ := strings.Cut(m.Email, "@"); return name }
	bare := w.userNamed(store.Row{dictionary.UserUserName: strings.ToUpper(local(members[0]))})
	moved := w.userNamed(store.Row{dictionary.UserUserName: "moved", dictionary.UserEmail: local(members[1]) + "@new.example"})
	_, domain, _ := strings.Cut(members[1].Email, "@")
	w.insert(dictionary.TableUserResolutionRule, store.Row{
		dictionary.ResolutionName: "Bare names", dictionary.ResolutionLookup: dictionary.UserUserName, dictionary.ResolutionTransform: dictionary.TransformRemoveDomain,
	})
	w.insert(dictionary.TableUserResolutionRule, store.Row{
		dictionary.ResolutionName: "Renamed company", dictionary.ResolutionTransform: dictionary.TransformReplaceDomain,
		dictionary.ResolutionDomainFrom: "@" + domain, dictionary.ResolutionDomainTo: "new.example",
	})
	hidden := w.trello.Members(1, func(m double.Member) bool { return m.Licensed && m.Email == "" })
	var byID string
	if len(hidden) > 0 {
		byID = w.userNamed(store.Row{dictionary.UserUserName: hidden[0].ID})
		w.insert(dictionary.TableUserResolutionRule, store.Row{
			dictionary.ResolutionName: "Account ids", dictionary.ResolutionSource: dictionary.SubscriptionExternalUserID, dictionary.ResolutionLookup: dictionary.UserUserName,
			dictionary.ResolutionProfiles: w.profile,
		})
	}
	w.insert(dictionary.TableUserResolutionRule, store.Row{
		dictionary.ResolutionName: "Off", dictionary.ResolutionLookup: dictionary.UserUserName, dictionary.ResolutionTransform: dictionary.TransformRemoveDomain,
		dictionary.ResolutionActive: "false",
	})
	w.refresh()
	require.Equal(t, bare, w.subscriptionOf(members[0])[dictionary.SubscriptionUser], "the rule had its chance before a user was made")
	require.Equal(t, moved, w.subscriptionOf(members[1])[dictionary.SubscriptionUser])
	require.NotEmpty(t, w.subscriptionOf(members[2])[dictionary.SubscriptionUser])
	require.Empty(t, w.find(dictionary.TableUser, "email="+members[0].Email))
	if byID != "" {
		require.Equal(t, byID, w.subscriptionOf(hidden[0])[dictionary.SubscriptionUser])
	}
	require.Zero(t, w.refresh().RowsWritten)
}

func TestResolutionRules_ofAnotherProfile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.keepUsers()
	w.publish()
	child := w.insert(dictionary.TableAlias, store.Row{dictionary.AliasName: "second", dictionary.AliasParent: trelloAlias})
	other := w.insert(dictionary.TableProfile, store.Row{
		dictionary.ProfileDisplayName: "Other", dictionary.ProfileType_: dictionary.TypeTrello, dictionary.ProfileAlias: child[dictionary.SysID],
	})
	member := w.withMail(1)[0]
	name, _, _ := strings.Cut(member.Email, "@")
	w.userNamed(store.Row{dictionary.UserUserName: name})
	rule := w.insert(dictionary.TableUserResolutionRule, store.Row{
		dictionary.ResolutionName: "Bare names", dictionary.ResolutionLookup: dictionary.UserUserName, dictionary.ResolutionTransform: dictionary.TransformRemoveDomain,
		dictionary.ResolutionProfiles: other[dictionary.SysID],
	})
	w.refresh()
	require.Empty(t, w.subscriptionOf(member)[dictionary.SubscriptionUser])
	w.update(dictionary.TableUserResolutionRule, rule[dictionary.SysID], store.Row{dictionary.ResolutionProfiles: w.profile})
	w.refresh()
	require.NotEmpty(t, w.subscriptionOf(member)[dictionary.SubscriptionUser], "the next run fills the gap")
}

func TestResolutionRules_withoutIndexAreDeactivated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.publish()
	rule := w.insert(dictionary.TableUserResolutionRule, store.Row{dictionary.ResolutionName: "By first name", dictionary.ResolutionLookup: "first_name"})
	outcome := w.refresh()
	require.Contains(t, strings.Join(outcome.Warnings, "\n"), `"By first name" was deactivated`)
	require.Equal(t, "false", w.get(dictionary.TableUserResolutionRule, rule[dictionary.SysID])[dictionary.ResolutionActive])
	require.Contains(t, w.get(dictionary.TableJobLog, outcome.JobLog.SysID)[dictionary.JobLogMessage], "By first name")
	require.Empty(t, w.refresh().Warnings)
}

func TestResolutionRules_refused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	for name, values := range map[string]store.Row{
		"no name":       {dictionary.ResolutionLookup: dictionary.UserEmail},
		"no column":     {dictionary.ResolutionName: "x", dictionary.ResolutionLookup: "shoe_size"},
		"a script":      {dictionary.ResolutionName: "x", dictionary.ResolutionTransform: dictionary.TransformRunScript},
		"no new domain": {dictionary.ResolutionName: "x", dictionary.ResolutionTransform: dictionary.TransformReplaceDomain},
		"no profile":    {dictionary.ResolutionName: "x", dictionary.ResolutionProfiles: "00000000000000000000000000000000"},
	} {
		_, err := w.Insert(t.Context(), dictionary.TableUserResolutionRule, values, store.WriteOptions{})
		var rule *store.BusinessRuleError
		require.ErrorAs(t, err, &rule, name)
	}
}

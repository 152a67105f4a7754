package userresolutionrule_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

const (
	resourceType = "servicenowsam_user_resolution_rule"
	short        = resourceType + ".short"
)

func rule(inner ...string) string {
	return acctest.Resource("user_resolution_rule", "short", append([]string{`name = "Short user ids"`, `lookup_field = "user_name"`}, inner...)...)
}

func TestAccUserResolutionRule_lifecycle(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), rule(`transform = "remove_domain"`))
	root.MustApply(t)
	root.RequireEmptyPlan(t)
	id := root.Attribute(t, short, "id")
	row := w.Get(t, dictionary.TableUserResolutionRule, id)
	require.Equal(t, dictionary.ResolutionCategorySAM, row[dictionary.ResolutionCategory])
	require.Equal(t, "true", row[dictionary.ResolutionActive])

	for column, value := range map[string]string{
		dictionary.ResolutionName: "Renamed", dictionary.ResolutionSource: dictionary.SubscriptionExternalUserID,
		dictionary.ResolutionLookup: "email", dictionary.ResolutionTransform: dictionary.TransformNone, dictionary.ResolutionDomainFrom: "x.example",
		dictionary.ResolutionDomainTo: "y.example", dictionary.ResolutionOrder: "7", dictionary.ResolutionActive: "false",
	} {
		w.Change(t, dictionary.TableUserResolutionRule, id, map[string]string{column: value})
		require.True(t, root.MustPlan(t).Change(short).Actions.Update(), "drift of %s", column)
		root.MustApply(t)
		root.RequireEmptyPlan(t)
	}

	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), rule(`transform = "replace_domain"`, `domain_from = "old.example"`,
		`domain_to = "example.com"`, `profile_ids = [servicenowsam_integration_profile.trello.id]`, `order = 5`))
	root.MustApply(t)
	root.RequireEmptyPlan(t)
	row = w.Get(t, dictionary.TableUserResolutionRule, id)
	require.Equal(t, root.Attribute(t, "servicenowsam_integration_profile.trello", "id"), row[dictionary.ResolutionProfiles])
	w.Change(t, dictionary.TableUserResolutionRule, id, map[string]string{dictionary.ResolutionProfiles: ""})
	require.True(t, root.MustPlan(t).Change(short).Actions.Update(), "drift of profile_ids")
	root.MustApply(t)

	listed := w.Protocol(t, nil).List(t, resourceType, acctest.Values{"active": true}, 10, true)
	require.Len(t, listed, 1)
	require.Empty(t, listed[0].Diagnostics)
	require.Equal(t, id, listed[0].Identity["sys_id"])
	require.Equal(t, "Short user ids", acctest.Text(t, listed[0].Resource["name"]))

	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile())
	root.MustApply(t)
	require.Nil(t, w.Get(t, dictionary.TableUserResolutionRule, id))
}

func TestAccUserResolutionRule_import(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	first := w.Root(t, w.ProviderBlock(), rule())
	first.MustApply(t)
	other := w.Root(t, w.ProviderBlock(), rule())
	imported := other.Import(t, short, first.Attribute(t, short, "id"))
	require.Zero(t, imported.Code, imported.Output)
	other.RequireEmptyPlan(t)
	named := w.Root(t, w.ProviderBlock(), rule()).Import(t, short, "Short user ids")
	require.NotZero(t, named.Code)
	require.Contains(t, named.Text(), "imported by the sys_id")
}

func TestAccUserResolutionRule_refused(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	for name, c := range map[string]struct{ config, want string }{
		"no new domain":    {rule(`transform = "replace_domain"`), "The new domain is missing"},
		"an unused domain": {rule(`domain_to = "example.com"`), "The domain is not used"},
		"a script":         {rule(`transform = "run_script"`), "remove_domain"},
		"no such column": {
			acctest.Resource("user_resolution_rule", "short", `name = "x"`, `lookup_field = "shoe_size"`), `sys_user has no column "shoe_size"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := w.Root(t, w.ProviderBlock(), c.config).Apply(t)
			require.Equal(t, 1, result.Code)
			require.Contains(t, result.Errors(), c.want)
		})
	}
}

func TestAccUserResolutionRule_tableMode(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	faults := new(restapi.Faults)
	faults.RemoveCompanion()
	root := w.Root(t, acctest.RemoteBlock(w.Remote(t, faults)), rule())
	root.MustApply(t)
	root.RequireEmptyPlan(t)
	gone := root.Destroy(t)
	require.Zero(t, gone.Code, gone.Errors())
}

// Who has no user is seen in the sync and in the data source, and a rule closes the gap.
func TestAccSubscriptions_withoutUser(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	member := w.Double.Members(1, func(m trello.Member) bool { return m.Licensed && m.Email != "" })[0]
	name, domain, _ := strings.Cut(member.Email, "@")
	for _, user := range []string{"one", "two"} {
		w.Insert(t, dictionary.TableUser, map[string]string{dictionary.UserUserName: user, dictionary.UserEmail: member.Email})
	}
	w.Insert(t, dictionary.TableUser, map[string]string{dictionary.UserUserName: name})
	config := func(number int) string {
		return acctest.Resource("subscription_sync", "trello", `profile_id = servicenowsam_integration_profile.trello.id`,
			fmt.Sprintf(`triggers = { number = "%d" }`, number)) + `
data "servicenowsam_software_subscriptions" "unknown" {
  profile_id   = servicenowsam_subscription_sync.trello.profile_id
  without_user = true
  depends_on   = [servicenowsam_subscription_sync.trello]
}
`
	}
	number := func(root *acctest.Root, address, attribute string) int {
		n, err := strconv.Atoi(fmt.Sprint(root.Attributes(t, address)[attribute]))
		require.NoError(t, err)
		return n
	}
	const sync, data = "servicenowsam_subscription_sync.trello", "data.servicenowsam_software_subscriptions.unknown"
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), config(1))
	root.MustApply(t)
	require.Equal(t, 1, number(root, sync, "ambiguous_users"))
	without := number(root, sync, "without_user")
	require.Equal(t, without, number(root, data, "total_count"))
	require.Equal(t, without, number(root, data, "without_user_count"))

	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), config(1), rule(`transform = "remove_domain"`))
	root.MustApply(t)
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), config(2), rule(`transform = "remove_domain"`))
	root.MustApply(t)
	require.Zero(t, number(root, sync, "ambiguous_users"), domain)
	require.Equal(t, without-1, number(root, data, "total_count"))
}

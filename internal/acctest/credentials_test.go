package acctest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// wrongCredentials have the shape of real ones, so that a test that searches for them finds no accident.
var (
	wrongKey   = strings.Repeat("0badc0de", 4)
	wrongToken = "ATTA" + strings.Repeat("deadbeef", 8)
)

func TestAccCredential_wrongAtFirst(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*credentials)
		wants []string
	}{
		"key":   {func(c *credentials) { c.key = wrongKey }, []string{"invalid key", "The API key is wrong", "trello.com/power-ups/admin"}},
		"token": {func(c *credentials) { c.token = wrongToken }, []string{"invalid token", "wrong or was revoked", "make a new one"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, acctest.Options{})
			secrets := good(w, 1)
			c.spoil(&secrets)
			root := w.Root(t, w.ProviderBlock(), aliasWith(w, secrets), w.Profile(), w.Sync())
			failed := root.Apply(t)
			require.Equal(t, 1, failed.Code)
			requireAll(t, failed.Errors(), "Validating the connection of the integration profile", "read the token's own user", "stays in Draft",
				"raise its version too")
			requireAll(t, failed.Errors(), c.wants...)
			requireKept(t, root, alias, profile)

			root.Write(t, w.ProviderBlock(), aliasWith(w, good(w, 2)), w.Profile(), w.Sync())
			root.MustApply(t)
			require.Equal(t, holders(w), known(t, w))
			root.RequireEmptyPlan(t)
		})
	}
}

func TestAccCredential_spoiledLater(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := synced(t, w)
	before, id := known(t, w), root.Attribute(t, profile, "id")

	spoiled := good(w, 2)
	spoiled.token = wrongToken
	root.Write(t, w.ProviderBlock(), aliasWith(w, spoiled), w.Profile(), w.Sync(trigger(2)))
	failed := root.Apply(t)
	require.Equal(t, 1, failed.Code)
	requireAll(t, failed.Errors(), "Could not refresh subscriptions of integration profile", "invalid token", "make a new one")
	require.Equal(t, before, known(t, w))
	require.Equal(t, dictionary.ProfileStatusPublished, w.Get(t, dictionary.TableProfile, id)[dictionary.ProfileStatus])

	root.Write(t, w.ProviderBlock(), aliasWith(w, good(w, 3)), w.Profile(), w.Sync(trigger(2)))
	root.MustApply(t)
	require.Equal(t, before, known(t, w))
	require.Equal(t, id, root.Attribute(t, profile, "id"))
	root.RequireEmptyPlan(t)
}

// A token that may not take licences is found out before the first write, and the people stay in the plan.
func TestAccCredential_notGoodEnoughToReclaim(t *testing.T) {
	t.Parallel()
	for fault, wants := range map[trello.Fault][]string{
		trello.FaultReadOnlyToken:  {"denied", "read-only", "read,write,account"},
		trello.FaultExpiredToken:   {"expired token", "make a new one"},
		trello.FaultNonAdminToken:  {"not an admin of any Trello enterprise"},
		trello.FaultTwoEnterprises: {"administers several enterprises", "vendor_config.trello.enterprise_id"},
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, acctest.Options{})
			root := complete(t, w)
			plan := root.MustPlan(t)
			numbers, before := planned(t, plan), holders(w)
			require.NotEmpty(t, numbers)

			require.NoError(t, w.Double.Inject(trello.Injection{Fault: fault}))
			failed := plan.Apply(t)
			require.Equal(t, 1, failed.Code)
			requireAll(t, failed.Errors(), "could not be reclaimed", "Reclaiming for the license reclamation", "retry")
			requireAll(t, failed.Errors(), wants...)
			require.Empty(t, w.Double.Requests().Writes)
			require.Equal(t, before, holders(w))

			w.Double.ClearFaults()
			again := root.MustPlan(t)
			require.Equal(t, numbers, planned(t, again), "nobody is dropped from the list")
			applied := again.Apply(t)
			require.Zero(t, applied.Code, applied.Errors())
			require.Len(t, w.Double.Requests().Writes, len(numbers))
			root.RequireEmptyPlan(t)
		})
	}
}

func TestAccCredential_endsSoon(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := complete(t, w)
	plan := root.MustPlan(t)
	require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.FaultExpiringToken}))
	applied := plan.Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	requireAll(t, applied.Warnings(), "Reclaiming has a remark", "token", "expires")
	root.RequireEmptyPlan(t)
}

func TestAccEnterprise_notFound(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	const stranger = "5f0000000000000000000000"
	config := func(enterprise string) []string {
		return []string{w.ProviderBlock(), w.Alias(), w.Profile(`vendor_config = { trello = { enterprise_id = "` + enterprise + `" } }`), w.Sync()}
	}
	root := w.Root(t, config(stranger)...)
	failed := root.Apply(t)
	require.Equal(t, 1, failed.Code)
	requireAll(t, failed.Errors(), "Validating the connection of the integration profile", "does not administer enterprise "+stranger,
		"vendor_config.trello.enterprise_id", w.Double.EnterpriseID())
	requireKept(t, root, alias, profile)

	root.Write(t, config(w.Double.EnterpriseID())...)
	root.MustApply(t)
	require.Equal(t, holders(w), known(t, w))
	root.RequireEmptyPlan(t)
}

func TestAccEnterprise_ambiguousUntilNamed(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.FaultTwoEnterprises}))
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync())
	failed := root.Apply(t)
	require.Equal(t, 1, failed.Code)
	requireAll(t, failed.Errors(), "administers several enterprises", w.Double.EnterpriseID(), "vendor_config.trello.enterprise_id")
	requireKept(t, root, alias, profile)

	root.Write(t, w.ProviderBlock(), w.Alias(), w.Sync(),
		w.Profile(`vendor_config = { trello = { enterprise_id = "`+w.Double.EnterpriseID()+`" } }`))
	root.MustApply(t)
	require.Equal(t, holders(w), known(t, w))
	root.RequireEmptyPlan(t)
}

package integrationprofile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

func literal(attributes string) string {
	return "resource \"servicenowsam_integration_profile\" \"trello\" {\n" + attributes + "\n}\n"
}

func TestAccProfile_refusedAtPlan(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	for name, c := range map[string]struct {
		attributes string
		wants      []string
	}{
		"unknown type": {
			`display_name = "X"` + "\n" + `profile_type = "trelo"`,
			[]string{"Unknown profile type", "trello_enterprise_subscription"},
		},
		"activity of Trello": {
			`display_name = "X"` + "\nprofile_type = \"trello_enterprise_subscription\"\ndownload_activity = true",
			[]string{"no activity subflow"},
		},
		"settings of another vendor": {
			`display_name = "X"` + "\nprofile_type = \"asana_subscription\"\nvendor_config = { trello = {} }",
			[]string{"Settings of another vendor"},
		},
		"look-back of Trello": {
			`display_name = "X"` + "\nprofile_type = \"trello_enterprise_subscription\"\nactivity_lookback_days = 30",
			[]string{"has no look-back"},
		},
		"look-back in the future": {
			`display_name = "X"` + "\nprofile_type = \"asana_subscription\"\nanalyze_activity_from = \"2999-01-01T00:00:00Z\"",
			[]string{"lies in the future"},
		},
		"look-back over 60 days": {
			`display_name = "X"` + "\nprofile_type = \"asana_subscription\"\nanalyze_activity_from = \"2020-01-01T00:00:00Z\"",
			[]string{"more than 60 days back", "The earliest is"},
		},
		"look-back of 61 days": {
			`display_name = "X"` + "\nprofile_type = \"asana_subscription\"\nactivity_lookback_days = 61",
			[]string{"between 1 and 60"},
		},
		"two look-backs": {
			`display_name = "X"` + "\nprofile_type = \"asana_subscription\"\nactivity_lookback_days = 30\nanalyze_activity_from = \"2026-11-01T00:00:00Z\"",
			[]string{"analyze_activity_from"},
		},
		"no time": {
			`display_name = "X"` + "\nprofile_type = \"asana_subscription\"\nanalyze_activity_from = \"yesterday\"",
			[]string{"Invalid time"},
		},
		"no organisation id": {
			`display_name = "X"` + "\nprofile_type = \"asana_subscription\"\nvendor_config = { asana = { workspace_id = \"acme\" } }",
			[]string{"which has digits only"},
		},
		"caret in the name": {
			`display_name = "X^Y"` + "\nprofile_type = \"trello_enterprise_subscription\"",
			[]string{"must not contain '^'"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := w.Root(t, w.ProviderBlock(), literal(c.attributes)).Plan(t)
			require.Equal(t, 1, plan.Code)
			for _, want := range c.wants {
				require.Contains(t, plan.Errors(), want)
			}
		})
	}
	require.NoFileExists(t, w.Database, "a plan must not create the database")
}

func TestAccProfile_customNeedsServiceNow(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	result := w.Root(t, w.ProviderBlock(), literal(`display_name = "Own"`+"\nprofile_type = \"custom_integration\"")).Apply(t)
	require.Equal(t, 1, result.Code)
	require.Contains(t, result.Errors(), "The instance cannot run this profile type")
	require.Contains(t, result.Errors(), "They need a ServiceNow instance")
}

func TestAccProfile_pluginMissing(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	faults := new(restapi.Faults)
	faults.RemoveTable(dictionary.TableProfile)
	root := w.Root(t, acctest.RemoteBlock(w.Remote(t, faults)), w.Alias(), w.Profile())
	result := root.Apply(t)
	require.Equal(t, 1, result.Code)
	require.Contains(t, result.Errors(), "SaaS License Management is not active on this instance")
	require.Contains(t, result.Errors(), "com.snc.samp")
}

func TestAccProfile_exists(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	first := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile())
	first.MustApply(t)
	result := w.Root(t, w.ProviderBlock(), literal(`display_name = "Trello"`+"\nprofile_type = \"trello_enterprise_subscription\"")).Apply(t)
	require.Equal(t, 1, result.Code)
	require.Contains(t, result.Errors(), "exists already")
	require.Contains(t, result.Errors(), "to = servicenowsam_integration_profile.NAME")
	require.Contains(t, result.Errors(), first.Attribute(t, profile, "id"))
}

func TestAccProfile_cannotBeUnpublished(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile())
	root.MustApply(t)
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(`publish = false`))
	plan := root.Plan(t)
	require.Equal(t, 1, plan.Code)
	require.Contains(t, plan.Errors(), "cannot be unpublished")
}

func TestAccProfile_draftThenPublished(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(`publish = false`))
	root.MustApply(t)
	require.Equal(t, "draft", root.Attribute(t, profile, "status"))
	root.RequireEmptyPlan(t)
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile())
	root.MustApply(t)
	require.Equal(t, "published", root.Attribute(t, profile, "status"))
	root.RequireEmptyPlan(t)
}

func TestAccProfile_connectionNotGood(t *testing.T) {
	t.Parallel()
	for fault, want := range map[trello.Fault]string{
		trello.FaultExpiredToken:   "expired",
		trello.FaultNonAdminToken:  "admin",
		trello.FaultTwoEnterprises: "enterprise_id",
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, acctest.Options{})
			require.NoError(t, w.Double.Inject(trello.Injection{Fault: fault}))
			root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile())
			failed := root.Apply(t)
			require.Equal(t, 1, failed.Code)
			require.Contains(t, failed.Errors(), "The connection of the integration profile is not good")
			require.Contains(t, failed.Errors(), want)
			require.NotContains(t, failed.Output, w.Double.Token())

			w.Double.ClearFaults()
			root.MustApply(t)
			require.Equal(t, "published", root.Attribute(t, profile, "status"))
			root.RequireEmptyPlan(t)
		})
	}
}

func TestAccProfile_troubleAfterPublishingKeepsIt(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile())
	root.MustApply(t)
	id := root.Attribute(t, profile, "id")

	require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.FaultNonAdminToken}))
	w.Change(t, dictionary.TableProfile, id, map[string]string{dictionary.ProfileStatus: dictionary.ProfileStatusDraft})
	failed := root.Apply(t)
	require.Equal(t, 1, failed.Code)
	require.Equal(t, "draft", root.Attribute(t, profile, "status"))

	w.Double.ClearFaults()
	plan := root.MustPlan(t)
	require.True(t, plan.Change(profile).Actions.Update(), "a failed update must not replace: %v", plan.Change(profile).Actions)
	applied := plan.Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	require.Equal(t, id, root.Attribute(t, profile, "id"))
	root.RequireEmptyPlan(t)
}

func TestAccProfile_tableMode(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	faults := new(restapi.Faults)
	faults.RemoveCompanion()
	block := acctest.RemoteBlock(w.Remote(t, faults))
	root := w.Root(t, block, w.Alias(), w.Profile())
	created := root.MustApply(t)
	for _, want := range []string{"rests in Draft", "All Integration Profiles", "Direct integration profiles"} {
		require.Contains(t, created.Warnings(), want)
	}
	require.Equal(t, "draft", root.Attribute(t, profile, "status"))
	require.Contains(t, root.RequireEmptyPlan(t).Warnings(), "rests in Draft")

	root.Write(t, block, w.Alias(), w.Profile(`reclaim_subscriptions = false`))
	root.MustApply(t)
	root.RequireEmptyPlan(t)
}

func TestAccProfile_remote(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, acctest.RemoteBlock(w.Remote(t, nil)), w.Alias(), w.Profile())
	root.MustApply(t)
	require.Equal(t, "published", root.Attribute(t, profile, "status"))
	root.RequireEmptyPlan(t)
	gone := root.Destroy(t)
	require.Zero(t, gone.Code, gone.Errors())
}

func TestAccProfile_savedPlanInAChangedWorld(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile())
	root.MustApply(t)
	id := root.Attribute(t, profile, "id")
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(`reclaim_subscriptions = false`))

	plan := root.MustPlan(t)
	applied := plan.ApplyInAnotherWorld(t, func() {
		w.Change(t, dictionary.TableProfile, id, map[string]string{dictionary.ProfileDisplayName: "Renamed meanwhile"})
	})
	require.Zero(t, applied.Code, applied.Errors())
	record := w.Get(t, dictionary.TableProfile, id)
	require.Equal(t, "false", record[dictionary.ProfileReclaim])
	require.Equal(t, "Renamed meanwhile", record[dictionary.ProfileDisplayName], "the plan did not show this, so the apply must not undo it")
	next := root.MustPlan(t)
	require.Equal(t, "Renamed meanwhile", next.Change(profile).Before.(map[string]any)["display_name"])

	applied = next.ApplyInAnotherWorld(t, func() { w.Delete(t, dictionary.TableProfile, id) })
	require.Equal(t, 1, applied.Code)
	require.Contains(t, applied.Errors(), "no such record")
}

func TestAccProfile_anotherDatabase(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile())
	root.MustApply(t)

	empty := acctest.NewWorld(t, acctest.Options{})
	root.Write(t, empty.ProviderBlock(), w.Alias(), w.Profile())
	plan := root.Plan(t)
	require.Equal(t, 1, plan.Code, "a database that is not there must not empty the state")
	require.Contains(t, plan.Errors(), "Could not check the instance of")
	require.NoFileExists(t, empty.Database)

	empty.Root(t, empty.ProviderBlock(), empty.Alias()).MustApply(t)
	plan = root.Plan(t)
	require.Equal(t, 1, plan.Code, "another database must not empty the state")
	require.Contains(t, plan.Errors(), "Could not check the instance of")
}

func TestAccProfile_vendorConfig(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	config := `vendor_config = { trello = { enterprise_id = "` + w.Double.EnterpriseID() + `" } }`
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(config))
	root.MustApply(t)
	root.RequireEmptyPlan(t)
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(`vendor_config = { trello = {} }`))
	root.MustApply(t)
	root.RequireEmptyPlan(t)
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile())
	root.MustApply(t)
	root.RequireEmptyPlan(t)
}

func TestAccProfile_twoOnOneAlias(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	second := "resource \"servicenowsam_integration_profile\" \"second\" {\n  display_name = \"Second\"\n" +
		"  profile_type = \"trello_enterprise_subscription\"\n  depends_on = [servicenowsam_integration_profile.trello]\n}\n"
	result := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), second).Apply(t)
	require.Equal(t, 1, result.Code)
	require.Contains(t, result.Errors(), "the instance refused: the alias sn_trello_spoke.Trello_Alias is used by")
	require.NotContains(t, result.Errors(), "Business Rule Stack")
}

func TestAccProfile_washingtonDC(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{Env: map[string]string{"SERVICENOWSAM_RELEASE_FAMILY": "washingtondc"}})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile())
	root.MustApply(t)
	require.Equal(t, "published", root.Attribute(t, profile, "status"))
	root.RequireEmptyPlan(t)

	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(`reclaim_subscriptions = false`))
	refused := root.Plan(t)
	require.Equal(t, 1, refused.Code)
	require.Contains(t, refused.Errors(), "The release family has no toggles")
}

package acctest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
)

func profileOfType(profileType string) string {
	return fmt.Sprintf("resource \"servicenowsam_integration_profile\" \"trello\" {\n  display_name = \"Trello\"\n  profile_type = %q\n"+
		"  connection_alias_id = servicenowsam_connection_alias.trello.id\n}\n", profileType)
}

// Three causes need three different people, so they are three different errors, and each is cured on its own.
func TestAccProfileType_threeErrors(t *testing.T) {
	t.Parallel()
	summaries := map[string]string{}
	first := func(r acctest.Result) string {
		summary, _, _ := strings.Cut(r.Errors(), "\n")
		return summary
	}
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), profileOfType("trello_enterprise"))
	failed := root.Apply(t)
	require.Equal(t, 1, failed.Code)
	requireAll(t, failed.Errors(), `"trello_enterprise"`, "Known types", "trello_enterprise_subscription")
	summaries[first(failed)] = "unknown type"

	bare := w.Root(t, acctest.RemoteBlock(w.RemoteWithout(t, dictionary.VendorAsana)),
		acctest.Resource("integration_profile", "asana", `display_name = "Asana"`, `profile_type = "asana_subscription"`))
	failed = bare.Apply(t)
	require.Equal(t, 1, failed.Code)
	requireAll(t, failed.Errors(), "Asana Subscription", "Asana Spoke", "administrator adds it")
	summaries[first(failed)] = "no spoke"

	faults := new(restapi.Faults)
	faults.RemoveTable(dictionary.TableProfile)
	remote := acctest.RemoteBlock(w.Remote(t, faults))
	elsewhere := w.Root(t, remote, w.Profile(), strings.ReplaceAll(w.Alias(), `adopt = "sn_trello_spoke.Trello_Alias"`, `name = "Own"`))
	failed = elsewhere.Apply(t)
	require.Equal(t, 1, failed.Code)
	requireAll(t, failed.Errors(), dictionary.TableProfile, "com.snc.samp", "administrator activates", "Invalid table")
	summaries[first(failed)] = "no plugin"
	require.Len(t, summaries, 3, "%v", summaries)

	faults.Clear()
	elsewhere.MustApply(t)
	elsewhere.RequireEmptyPlan(t)
	gone := elsewhere.Destroy(t)
	require.Zero(t, gone.Code, gone.Errors())

	root.Write(t, w.ProviderBlock(), w.Alias(), profileOfType("trello_enterprise_subscription"))
	root.MustApply(t)
	root.RequireEmptyPlan(t)
}

func TestAccProvider_whichInstance(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	url := w.Remote(t, nil)
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile())
	root.MustApply(t)
	const forms = "instance_url = \"https://example.service-now.com\""
	basic := `basic = { username = "u", password = "p" }`
	for name, c := range map[string]struct {
		block string
		wants []string
	}{
		"neither":      {``, []string{"No instance is configured", forms, "database_url = \"sqlite:sam.db\"", "SERVICENOW_INSTANCE", "SERVICENOWSAM_DATABASE_URL"}},
		"both":         {fmt.Sprintf("instance_url = %q\n embedded = { database_url = %q }", url, w.DatabaseURL()), []string{"Both kinds of instance", "Keep one of them", forms}},
		"no database":  {`embedded = {}`, []string{"needs a database", "sqlite:PATH", "SERVICENOWSAM_DATABASE_URL"}},
		"no password":  {fmt.Sprintf("instance_url = %q\n basic = { username = \"u\" }", url), []string{"needs a password", "SERVICENOW_PASSWORD"}},
		"no user":      {fmt.Sprintf("instance_url = %q", url), []string{"needs a user name", "SERVICENOW_USERNAME"}},
		"http":         {"instance_url = \"http://example.service-now.com\"\n" + basic, []string{"example.service-now.com", "https"}},
		"basic inside": {"embedded = { database_url = \"" + w.DatabaseURL() + "\" }\n" + basic, []string{"Credentials without an instance"}},
		"bad family":   {"embedded = { database_url = \"" + w.DatabaseURL() + "\", release_family = \"atlantis\" }", []string{"atlantis", "australia"}},
		"unreachable":  {"instance_url = \"http://127.0.0.1:9\"\n" + basic, []string{"Check the instance URL"}},
	} {
		root.Write(t, "provider \"servicenowsam\" {\n"+c.block+"\n}\n", w.Alias(), w.Profile())
		failed := root.Plan(t)
		require.Equal(t, 1, failed.Code, name)
		for _, want := range c.wants {
			require.Contains(t, failed.Errors(), want, name)
		}
		validated := root.Run(t, "validate")
		if name != "bad family" {
			require.Zero(t, validated.Code, "%s: validate knows no environment: %s", name, validated.Output)
		}
	}
	requireKept(t, root, alias, profile)
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile())
	root.RequireEmptyPlan(t)
}

// The environment chooses the instance only where the block sets neither.
func TestAccProvider_environment(t *testing.T) {
	t.Parallel()
	env := map[string]string{}
	w := acctest.NewWorld(t, acctest.Options{Env: env})
	env["SERVICENOWSAM_DATABASE_URL"] = w.DatabaseURL()
	root := w.Root(t, `provider "servicenowsam" {}`, w.Alias(), w.Profile())
	root.MustApply(t)
	require.FileExists(t, w.Database)
	root.RequireEmptyPlan(t)

	env["SERVICENOW_INSTANCE"] = "https://example.service-now.com"
	failed := root.Plan(t)
	require.Equal(t, 1, failed.Code)
	require.Contains(t, failed.Errors(), "Both kinds of instance")
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile())
	root.RequireEmptyPlan(t)
}

// A connection that somebody pointed at a stranger's host gets no credential from us.
func TestAccConnection_movedToAStranger(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://api.trello.com.example.net/": "not the vendor's",
		"http://api.trello.com/":              "unencrypted",
	} {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, acctest.Options{})
			root := synced(t, w)
			before := known(t, w)
			w.Change(t, dictionary.TableHTTPConnection, root.Attribute(t, alias, "connection_id"), map[string]string{dictionary.ConnectionURL: url})
			root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(trigger(2)))
			failed := root.Apply(t, "-refresh=false", "-replace="+refresh)
			require.Equal(t, 1, failed.Code)
			requireAll(t, failed.Errors(), "Could not refresh", want)
			require.Equal(t, before, known(t, w))

			root.MustApply(t)
			require.Equal(t, before, known(t, w))
			root.RequireEmptyPlan(t)
		})
	}
}

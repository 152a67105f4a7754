package connectionalias_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

const alias = "servicenowsam_connection_alias.trello"

func TestAccAlias_adopt(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias())
	root.MustApply(t)
	state := root.Attributes(t, alias)
	require.Equal(t, "sn_trello_spoke.Trello_Alias", state["alias_id"])
	require.Equal(t, dictionary.SeedID(dictionary.TableAlias, "sn_trello_spoke.Trello_Alias"), state["id"])
	require.Equal(t, w.Double.URL, state["connection_url"])
	require.Equal(t, true, state["active"])
	require.NotContains(t, state["api_key"], w.Double.Token())
	root.RequireEmptyPlan(t)

	connection, credential := root.Attribute(t, alias, "connection_id"), root.Attribute(t, alias, "credential_id")
	root.Write(t, w.ProviderBlock(), w.Alias(`connection_name = "Trello of ACME"`))
	root.MustApply(t)
	require.Equal(t, "Trello of ACME", w.Get(t, dictionary.TableHTTPConnection, connection)[dictionary.ConnectionName])
	require.Equal(t, connection, root.Attribute(t, alias, "connection_id"))
	require.Empty(t, root.RequireEmptyPlan(t).Warnings(), "our own change of the credential is no surprise")

	gone := root.Destroy(t)
	require.Zero(t, gone.Code, gone.Errors())
	require.Nil(t, w.Get(t, dictionary.TableHTTPConnection, connection))
	require.Nil(t, w.Get(t, dictionary.TableAPIKeyCredential, credential))
	require.NotNil(t, w.Get(t, dictionary.TableAlias, state["id"].(string)), "an adopted alias stays")
}

// newAlias is an alias of our own.
func newAlias(w *acctest.World, inner string) string {
	return fmt.Sprintf("resource \"servicenowsam_connection_alias\" \"trello\" {\n  name = \"Trello_EMEA\"\n"+
		"  profile_type = \"trello_enterprise_subscription\"\n%s%s\n}\n", w.Credential(), inner)
}

func TestAccAlias_new(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), newAlias(w, ""))
	root.MustApply(t)
	state := root.Attributes(t, alias)
	require.Equal(t, "https://api.trello.com/", state["connection_url"])
	require.Equal(t, "Trello_EMEA", state["connection_name"])
	root.RequireEmptyPlan(t)

	clash := w.Root(t, w.ProviderBlock(), w.Alias(`connection_name = "Trello_EMEA"`)).Apply(t)
	require.Equal(t, 1, clash.Code)
	for _, want := range []string{`the connection "Trello_EMEA" belongs to the alias Trello_EMEA`, "another connection_name", state["id"].(string)} {
		require.Contains(t, clash.Errors(), want)
	}

	second := w.Root(t, w.ProviderBlock(), newAlias(w, "")).Apply(t)
	require.Equal(t, 1, second.Code)
	require.Contains(t, second.Errors(), "exists already")
	require.Contains(t, second.Errors(), "import {")
	require.Contains(t, second.Errors(), state["id"])

	gone := root.Destroy(t)
	require.Zero(t, gone.Code, gone.Errors())
	require.Nil(t, w.Get(t, dictionary.TableAlias, state["id"].(string)))
}

func TestAccAlias_drift(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias())
	root.MustApply(t)
	connection := root.Attribute(t, alias, "connection_id")
	for _, change := range []struct {
		column, value, attribute string
		now                      any
	}{
		{dictionary.ConnectionActive, "false", "active", false},
		{dictionary.ConnectionURL, "https://trello.example.com/", "connection_url", "https://trello.example.com/"},
		{dictionary.ConnectionName, "Renamed", "connection_name", "Renamed"},
	} {
		w.Change(t, dictionary.TableHTTPConnection, connection, map[string]string{change.column: change.value})
		plan := root.MustPlan(t)
		require.Equal(t, 2, plan.Code, "a changed %s is no drift", change.column)
		planned := plan.Change(alias)
		require.True(t, planned.Actions.Update(), "%s: %v", change.column, planned.Actions)
		require.Equal(t, change.now, planned.Before.(map[string]any)[change.attribute])
		require.NotEqual(t, change.now, planned.After.(map[string]any)[change.attribute])
		applied := plan.Apply(t)
		require.Zero(t, applied.Code, applied.Errors())
		root.RequireEmptyPlan(t)
	}
}

func TestAccAlias_connectionDeleted(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias())
	root.MustApply(t)
	w.Delete(t, dictionary.TableHTTPConnection, root.Attribute(t, alias, "connection_id"))
	plan := root.MustPlan(t)
	require.True(t, plan.Change(alias).Actions.Update())
	applied := plan.Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	root.RequireEmptyPlan(t)
}

func TestAccAlias_credentialChangedBehindOurBack(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias())
	root.MustApply(t)
	credential := root.Attribute(t, alias, "credential_id")
	w.Change(t, dictionary.TableAPIKeyCredential, credential, map[string]string{dictionary.CredentialAPIToken: "another"})
	for range 2 {
		plan := root.RequireEmptyPlan(t)
		require.Contains(t, plan.Warnings(), "The credential was changed outside of Terraform")
		require.Contains(t, plan.Warnings(), credential)
	}

	before := w.Get(t, dictionary.TableAPIKeyCredential, credential)[dictionary.SysModCount]
	config := "resource \"servicenowsam_connection_alias\" \"trello\" {\n  adopt = \"sn_trello_spoke.Trello_Alias\"\n" +
		fmt.Sprintf("  connection_url = %q\n", w.Double.URL) + w.CredentialVersion(2) + "}\n"
	root.Write(t, w.ProviderBlock(), config)
	root.MustApply(t)
	require.NotEqual(t, before, w.Get(t, dictionary.TableAPIKeyCredential, credential)[dictionary.SysModCount])
	require.NotContains(t, root.RequireEmptyPlan(t).Warnings(), "credential")
}

func TestAccAlias_import(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	early := w.Root(t, w.ProviderBlock(), w.Alias()).Import(t, alias, "sn_trello_spoke.Trello_Alias")
	require.NotZero(t, early.Code)
	require.Contains(t, early.Text(), "no database to import from")
	first := w.Root(t, w.ProviderBlock(), w.Alias())
	first.MustApply(t)
	sysID := first.Attribute(t, alias, "id")
	for _, id := range []string{sysID, "sn_trello_spoke.Trello_Alias"} {
		root := w.Root(t, w.ProviderBlock(), w.Alias())
		imported := root.Import(t, alias, id)
		require.Zero(t, imported.Code, imported.Output)
		planned := root.MustPlan(t).Change(alias)
		require.True(t, planned.Actions.Update(), "the secrets cannot be read, so they are sent once: %v", planned.Actions)
		root.MustApply(t)
		root.RequireEmptyPlan(t)
	}
}

func TestAccAlias_refused(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	w.Root(t, w.ProviderBlock(), w.Alias()).MustApply(t)
	custom := func(attributes string) string {
		return "resource \"servicenowsam_connection_alias\" \"trello\" {\n" + attributes + "\n" + w.Credential() + "}\n"
	}
	const adopt = "adopt = \"sn_trello_spoke.Trello_Alias\"\n"
	for name, c := range map[string]struct {
		config string
		wants  []string
	}{
		"active connection": {w.Alias(), []string{"active connection", "import {", `id = "sn_trello_spoke.Trello_Alias"`}},
		"no such alias":     {custom(`adopt = "sn_nothing.Here"` + "\nconnection_url = \"https://example.com\""), []string{"No such connection alias"}},
		"other host":        {custom(adopt + `connection_url = "https://trello.example.com/"`), []string{"not the vendor's", "api.trello.com", "Leave connection_url out"}},
		"no scheme":         {custom(adopt + `connection_url = "api.trello.com"`), []string{"no scheme"}},
		"http":              {custom(adopt + `connection_url = "http://api.trello.com/"`), []string{"unencrypted"}},
		"neither":           {custom(``), []string{"Missing Attribute Configuration"}},
		"both":              {custom(adopt + `name = "Other"`), []string{"Invalid Attribute Combination"}},
		"unknown type":      {custom("name = \"Other\"\nprofile_type = \"jira\""), []string{"Unknown profile type", "trello_enterprise_subscription"}},
		"no default URL":    {custom(`name = "Other"`), []string{"A connection URL is needed"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := w.Root(t, w.ProviderBlock(), c.config).Apply(t)
			require.Equal(t, 1, result.Code)
			for _, want := range c.wants {
				require.Contains(t, result.Errors(), want)
			}
		})
	}
}

func TestAccAlias_savedPlanInAChangedWorld(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias())
	root.MustApply(t)
	connection := root.Attribute(t, alias, "connection_id")
	root.Write(t, w.ProviderBlock(), w.Alias(`connection_name = "Planned"`))

	plan := root.MustPlan(t)
	applied := plan.ApplyInAnotherWorld(t, func() {
		w.Change(t, dictionary.TableHTTPConnection, connection, map[string]string{dictionary.ConnectionActive: "false"})
	})
	require.Zero(t, applied.Code, applied.Errors())
	record := w.Get(t, dictionary.TableHTTPConnection, connection)
	require.Equal(t, "Planned", record[dictionary.ConnectionName])
	require.Equal(t, "false", record[dictionary.ConnectionActive], "the plan did not show this, so the apply must not undo it")
	require.Equal(t, 2, root.MustPlan(t).Code)

	plan = root.MustPlan(t)
	applied = plan.ApplyInAnotherWorld(t, func() { w.Delete(t, dictionary.TableHTTPConnection, connection) })
	require.Equal(t, 1, applied.Code)
	require.Contains(t, applied.Errors(), "changed after the plan was made")
}

func TestAccAlias_replaceOneInUse(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	named := func(name, lifecycle string) string {
		return fmt.Sprintf("resource \"servicenowsam_connection_alias\" \"trello\" {\n  name = %q\n  connection_url = %q\n"+
			"  profile_type = \"trello_enterprise_subscription\"\n%s%s\n}\n", name, w.Double.URL, w.Credential(), lifecycle)
	}
	root := w.Root(t, w.ProviderBlock(), named("First", ""), w.Profile())
	root.MustApply(t)
	connection := root.Attribute(t, alias, "connection_id")

	root.Write(t, w.ProviderBlock(), named("Second", ""), w.Profile())
	refused := root.Apply(t)
	require.Equal(t, 1, refused.Code)
	require.Contains(t, refused.Errors(), "create_before_destroy")
	require.NotNil(t, w.Get(t, dictionary.TableHTTPConnection, connection), "nothing may be deleted")

	root.Write(t, w.ProviderBlock(), named("Second", "lifecycle { create_before_destroy = true }"), w.Profile())
	root.MustApply(t)
	require.Equal(t, "Second", root.Attribute(t, alias, "name"))
	require.Equal(t, "published", root.Attribute(t, "servicenowsam_integration_profile.trello", "status"))
	require.Nil(t, w.Get(t, dictionary.TableHTTPConnection, connection))
	root.RequireEmptyPlan(t)
}

package connectionalias_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

const asanaAlias = "servicenowsam_connection_alias.asana"

func asanaWith(d *asana.Server, credential string) string {
	return acctest.Resource("connection_alias", "asana", `adopt = "sn_asana_spoke.Asana"`,
		fmt.Sprintf("connection_url = %q", d.URL), credential)
}

func TestAccAlias_switchesKinds(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	d := w.Asana(t, asana.Options{Members: 3})
	root := w.Root(t, w.ProviderBlock(), asanaWith(d, acctest.BearerToken(d.Token(), 1)))
	root.MustApply(t)
	root.RequireEmptyPlan(t)
	connection := root.Attribute(t, asanaAlias, "connection_id")

	root.Write(t, w.ProviderBlock(), asanaWith(d, acctest.AsanaApp(d, `redirect_url = "http://localhost:1234/oauth_redirect.do"`)))
	require.True(t, root.MustPlan(t).Change(asanaAlias).Actions.Update())
	root.MustApply(t)
	root.RequireEmptyPlan(t)
	require.Equal(t, connection, root.Attribute(t, asanaAlias, "connection_id"))
	require.Empty(t, w.Find(t, dictionary.TableAPIKeyCredential, ""), "the token is left behind")
	app := root.Attributes(t, asanaAlias)["oauth"].(map[string]any)
	require.Equal(t, "http://localhost:1234/oauth_redirect.do", app["redirect_url"])
	require.Nil(t, app["client_secret_wo"])

	// Somebody changes the app; the plan shows it and puts it right.
	entity := w.Find(t, dictionary.TableOAuthEntity, "")[0][dictionary.SysID]
	w.Change(t, dictionary.TableOAuthEntity, entity, map[string]string{dictionary.OAuthClientID: "another"})
	plan := root.MustPlan(t)
	require.Equal(t, "another", plan.Change(asanaAlias).Before.(map[string]any)["oauth"].(map[string]any)["client_id"])
	require.Contains(t, plan.Warnings(), "raise oauth.client_secret_wo_version")
	require.Zero(t, plan.Apply(t).Code)
	require.Equal(t, d.ClientID(), w.Get(t, dictionary.TableOAuthEntity, entity)[dictionary.OAuthClientID])

	root.Write(t, w.ProviderBlock(), asanaWith(d, acctest.BearerToken(d.Token(), 1)))
	root.MustApply(t)
	root.RequireEmptyPlan(t)
	for _, table := range []string{dictionary.TableOAuthCredential, dictionary.TableOAuthEntity, dictionary.TableOAuthEntityProfile} {
		require.Empty(t, w.Find(t, table, ""), "%s is left behind", table)
	}
}

func TestAccAlias_refreshToken(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	d := w.Asana(t, asana.Options{Members: 3})
	config := func(token string, version int) []string {
		return []string{w.ProviderBlock(), asanaWith(d, acctest.AsanaApp(d, fmt.Sprintf(
			"refresh_token_wo = %q\nrefresh_token_wo_version = %d", token, version)))}
	}
	_, refresh := d.Grant()
	root := w.Root(t, config(refresh, 1)...)
	root.MustApply(t)
	require.Equal(t, "authorized", root.Attributes(t, asanaAlias)["oauth"].(map[string]any)["token_status"])
	root.RequireEmptyPlan(t)
	tokens := w.Find(t, dictionary.TableOAuthToken, "")
	require.Len(t, tokens, 1)
	count := tokens[0]["sys_mod_count"]

	// Another token without another version is not sent: by then the first one may have been rotated.
	root.Write(t, config("3/another", 1)...)
	root.RequireEmptyPlan(t)
	root.Write(t, config("3/another", 2)...)
	root.MustApply(t)
	require.NotEqual(t, count, w.Find(t, dictionary.TableOAuthToken, "")[0]["sys_mod_count"])
	state := fmt.Sprint(root.Attributes(t, asanaAlias))
	require.NotContains(t, state, refresh)
	require.NotContains(t, state, d.ClientSecret())
}

func TestAccAlias_basicAndAdminKey(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	d := w.Confluence(t, confluence.Options{Members: 3})
	mail, token := d.Basic()
	alias := func(user, more string) string {
		return acctest.Resource("connection_alias", "confluence", `adopt = "sn_conflunce_spoke.confluence_subscription"`,
			fmt.Sprintf("connection_url = %q", d.URL), fmt.Sprintf(
				"basic = {\nusername = %q\npassword_wo = %q\npassword_wo_version = 1\n}\n", user, token), more)
	}
	const address = "servicenowsam_connection_alias.confluence"
	admin := fmt.Sprintf("admin_api_key = { key_wo = %q, key_wo_version = 1 }", d.AdminKey())
	root := w.Root(t, w.ProviderBlock(), alias("somebody@example.com", admin))
	root.MustApply(t)
	root.RequireEmptyPlan(t)
	id := root.Attribute(t, address, "credential_id")
	require.NotEmpty(t, w.Get(t, dictionary.TableBasicCredential, id)[dictionary.CredentialAdminKey])

	w.Change(t, dictionary.TableBasicCredential, id, map[string]string{dictionary.CredentialUserName: "else@example.com"})
	root.Write(t, w.ProviderBlock(), alias(mail, ""))
	plan := root.MustPlan(t)
	require.Equal(t, "else@example.com", plan.Change(address).Before.(map[string]any)["basic"].(map[string]any)["username"])
	require.Zero(t, plan.Apply(t).Code)
	record := w.Get(t, dictionary.TableBasicCredential, id)
	require.Equal(t, mail, record[dictionary.CredentialUserName])
	require.Empty(t, record[dictionary.CredentialAdminKey], "the key is gone with its block")
	root.RequireEmptyPlan(t)
}

func TestAccAlias_kindsRefused(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	for name, c := range map[string]struct{ alias, want string }{
		"none": {`adopt = "sn_trello_spoke.Trello_Alias"`, "api_key"},
		"Trello with a token": {
			`adopt = "sn_trello_spoke.Trello_Alias"` + "\n" + acctest.BearerToken("x", 1), "Set api_key instead",
		},
		"Confluence without a site": {
			`adopt = "sn_conflunce_spoke.confluence_subscription"` + "\n" + acctest.BearerToken("x", 1),
			"https://api.atlassian.com/ex/confluence/<Cloud-ID>",
		},
		"a token endpoint elsewhere": {
			`adopt = "sn_asana_spoke.Asana"` + "\n" + acctest.OAuthApp("id", "secret", "https://app.asana.com/-/oauth_authorize",
				"https://evil.example.com/token"), "evil.example.com",
		},
		"an admin key for Asana": {
			`adopt = "sn_asana_spoke.Asana"` + "\n" + acctest.BearerToken("x", 1) + "\nadmin_api_key = { key_wo = \"x\", key_wo_version = 1 }",
			"Settings of another vendor",
		},
		"a refresh token without a version": {
			`adopt = "sn_asana_spoke.Asana"` + "\n" + acctest.OAuthApp("id", "secret", "https://app.asana.com/-/oauth_authorize",
				"https://app.asana.com/-/oauth_token", `refresh_token_wo = "x"`), "refresh_token_wo_version",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := w.Root(t, w.ProviderBlock(), acctest.Resource("connection_alias", "x", c.alias)).Plan(t)
			require.Equal(t, 1, plan.Code)
			require.Contains(t, plan.Errors(), c.want)
			require.NotContains(t, plan.Errors(), "secret\"")
		})
	}
	require.NoFileExists(t, w.Database)
}

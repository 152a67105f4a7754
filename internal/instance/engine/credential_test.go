package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
	asanadouble "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
	confluencedouble "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

func confluenceOptions(members int) confluencedouble.Options {
	return confluencedouble.Options{Members: members}
}

// bearer is a credential with a bearer token.
func (w *world) bearer(token string) store.Row {
	w.t.Helper()
	return w.insert(dictionary.TableAPIKeyCredential, store.Row{"name": "Token", dictionary.CredentialBearerToken: token})
}

func TestEveryKindOfCredential(t *testing.T) {
	t.Parallel()
	w := newVendorWorld(t)
	capabilities, err := w.Capabilities(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"api_key", "oauth", "token", "basic"}, capabilities.CredentialKinds)

	org := w.asana(asanadouble.Options{Members: 5})
	w.connection(asanaAlias, org.URL, w.bearer(org.Token()))
	w.draftOf(dictionary.TypeAsana, nil)
	require.True(t, w.validate().Valid, "a bearer token")

	site := w.confluence(confluenceOptions(5))
	mail, token := site.Basic()
	basic := w.insert(dictionary.TableBasicCredential, store.Row{"name": "Person", "user_name": mail, "password": token})
	require.NotContains(t, basic["password"], token)
	connection := w.connection(confluenceBoth, site.GatewayURL(), basic)
	w.draftOf(dictionary.TypeConfluence, store.Row{"display_name": "Wiki"})
	require.True(t, w.validate().Valid, "basic authentication")
	w.update(dictionary.TableHTTPConnection, connection["sys_id"], store.Row{"credential": w.bearer(site.Token())["sys_id"]})
	require.True(t, w.validate().Valid, "a bearer token")
}

func TestCredentialThatDoesNotFit(t *testing.T) {
	t.Parallel()
	w := newVendorWorld(t)
	org := w.asana(asanadouble.Options{Members: 5})
	w.draftOf(dictionary.TypeAsana, nil)
	connection := w.connection(asanaAlias, org.URL, store.Row{})
	use := func(credential store.Row) string {
		t.Helper()
		w.update(dictionary.TableHTTPConnection, connection["sys_id"], store.Row{"credential": credential["sys_id"]})
		v := w.validate()
		require.False(t, v.Valid)
		return messages(v)
	}
	require.Contains(t, use(store.Row{}), "has no credential")
	require.Contains(t, use(w.insert(dictionary.TableBasicCredential, store.Row{"name": "P", "user_name": "a", "password": "secret"})),
		"is of kind basic, which Asana does not take. Make one of kind oauth or token")
	require.Contains(t, use(w.insert(dictionary.TableAPIKeyCredential, store.Row{"name": "Empty"})), "holds no secret")
	require.Contains(t, use(w.insert(dictionary.TableOAuthCredential, store.Row{"name": "Bare"})), "has no OAuth entity profile")
	_, credential := w.registry(store.Row{"name": "App", "client_id": "1"})
	require.Contains(t, use(credential), `"App" has no client secret`)
	_, credential = w.registry(store.Row{"name": "Nobody", "client_secret": "2"})
	require.Contains(t, use(credential), `"Nobody" has no client id`)

	_, err := w.Insert(t.Context(), dictionary.TableOAuthEntity, store.Row{"name": "app"}, inClear)
	var conflict *store.ConflictError
	require.ErrorAs(t, err, &conflict, "application registries have unique names")
	_, err = w.Insert(t.Context(), dictionary.TableOAuthEntity, store.Row{"client_id": "1"}, inClear)
	refused(t, err, "needs a name")
	_, err = w.BeginConsent(t.Context(), dictionary.AsanaAlias, "")
	require.ErrorContains(t, err, "has no client id")
}

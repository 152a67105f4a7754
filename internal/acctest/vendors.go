package acctest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

// Asana starts a double of an Asana organisation that ends with the test.
func (w *World) Asana(t *testing.T, o asana.Options) *asana.Server {
	t.Helper()
	if o.Members == 0 {
		o.Members = w.options.Members
	}
	o.Now, o.NoBudgets, o.Seed = w.options.Now, true, w.options.Seed
	double, err := asana.Start(o)
	require.NoError(t, err)
	t.Cleanup(double.Close)
	return double
}

// Confluence starts a double of a Confluence site that ends with the test.
func (w *World) Confluence(t *testing.T, o confluence.Options) *confluence.Server {
	t.Helper()
	if o.Members == 0 {
		o.Members = w.options.Members
	}
	if o.Seed == 0 {
		o.Seed = w.options.Seed
	}
	o.Now, o.NoBudgets = w.options.Now, true
	double, err := confluence.Start(o)
	require.NoError(t, err)
	t.Cleanup(double.Close)
	return double
}

// Resource is a resource block of this provider.
func Resource(kind, name string, attributes ...string) string {
	return fmt.Sprintf("resource \"servicenowsam_%s\" %q {\n%s\n}\n", kind, name, strings.Join(attributes, "\n"))
}

// BearerToken is the attribute token.
func BearerToken(token string, version int) string {
	return fmt.Sprintf("  token = { token_wo = %q, token_wo_version = %d }\n", token, version)
}

// OAuthApp is the attribute oauth of an app of a double.
func OAuthApp(clientID, clientSecret, authorizationURL, tokenURL string, more ...string) string {
	return fmt.Sprintf("  oauth = {\n    client_id = %q\n    client_secret_wo = %q\n    client_secret_wo_version = 1\n"+
		"    authorization_url = %q\n    token_url = %q\n%s\n  }\n",
		clientID, clientSecret, authorizationURL, tokenURL, strings.Join(more, "\n"))
}

// AsanaApp is OAuthApp of an Asana double.
func AsanaApp(d *asana.Server, more ...string) string {
	return OAuthApp(d.ClientID(), d.ClientSecret(), d.URL+"/-/oauth_authorize", d.URL+"/-/oauth_token", more...)
}

// ConfluenceApp is OAuthApp of a Confluence double.
func ConfluenceApp(d *confluence.Server, more ...string) string {
	id, secret := d.Client()
	return OAuthApp(id, secret, d.URL+"/authorize", d.URL+"/oauth/token", more...)
}

// Consent does what the authorize command does: it opens the consent page, and stores the vendor's answer.
func (w *World) Consent(t *testing.T, alias string) {
	t.Helper()
	request, err := w.ui.BeginConsent(t.Context(), alias, "")
	require.NoError(t, err)
	answer := Agree(t, request.URL)
	require.NoError(t, w.ui.CompleteConsent(t.Context(), request, answer.Query().Get("code"), answer.Query().Get("state")))
}

// Agree agrees on a consent page of a double, and gives the address that the browser is sent to.
func Agree(t *testing.T, page string) *url.URL {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, page, nil)
	require.NoError(t, err)
	response, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusFound, response.StatusCode)
	target, err := response.Location()
	require.NoError(t, err)
	return target
}

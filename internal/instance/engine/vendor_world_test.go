package engine_test

import (
	"net/http"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/asana"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/confluence"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
	asanadouble "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
	confluencedouble "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

const redirectURL = "http://127.0.0.1:8765/oauth_redirect.do"

var confluenceBoth = dictionary.SeedID(dictionary.TableAlias, "sn_conflunce_spoke.confluence_subscription_activity_reclaim")

// withVendors installs the connectors of all vendors, without their own rate limits.
func withVendors(o *engine.Options) {
	o.Connectors[dictionary.VendorAsana] = func(cfg connector.Config) (connector.Connector, error) {
		cfg.Unlimited = true
		return asana.New(cfg)
	}
	o.Connectors[dictionary.VendorConfluence] = func(cfg connector.Config) (connector.Connector, error) {
		cfg.Unlimited = true
		return confluence.New(cfg)
	}
}

// newVendorWorld is a database and an engine with the connectors of all vendors.
func newVendorWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, clock: newClock(), url: "sqlite:" + filepath.Join(t.TempDir(), "sam.db")}
	w.db, w.Engine = openEngine(t, w.url, w.clock, unlimited, withVendors)
	return w
}

// another is the same world in another process.
func (w *world) another() *world {
	w.t.Helper()
	other := *w
	other.db, other.Engine = openEngine(w.t, w.url, w.clock, unlimited, withVendors)
	return &other
}

func (w *world) confluence(o confluencedouble.Options) *confluencedouble.Server {
	w.t.Helper()
	o.Now, o.Seed, o.NoBudgets = w.clock.Now, 1, true
	server, err := confluencedouble.Start(o)
	require.NoError(w.t, err)
	w.t.Cleanup(server.Close)
	return server
}

func (w *world) asana(o asanadouble.Options) *asanadouble.Server {
	w.t.Helper()
	o.Now, o.Seed, o.NoBudgets = w.clock.Now, 1, true
	server, err := asanadouble.Start(o)
	require.NoError(w.t, err)
	w.t.Cleanup(server.Close)
	return server
}

// connection binds a credential to an alias.
func (w *world) connection(alias, address string, credential store.Row) store.Row {
	w.t.Helper()
	return w.insert(dictionary.TableHTTPConnection, store.Row{
		dictionary.ConnectionName: "Connection of " + alias, dictionary.ConnectionAlias: alias, dictionary.ConnectionURL: address,
		dictionary.ConnectionCred: credential["sys_id"],
	})
}

// registry is an application registry with a credential that signs in with it.
func (w *world) registry(values store.Row) (entity, credential store.Row) {
	w.t.Helper()
	entity = w.insert(dictionary.TableOAuthEntity, values)
	profile := w.insert(dictionary.TableOAuthEntityProfile, store.Row{"name": values["name"] + " default", "oauth_entity": entity["sys_id"]})
	return entity, w.insert(dictionary.TableOAuthCredential, store.Row{"name": values["name"] + " grant", "oauth_entity_profile": profile["sys_id"]})
}

// confluenceGrant connects an alias to a site, with an OAuth grant that nobody has consented to.
func (w *world) confluenceGrant(site *confluencedouble.Server, alias string) store.Row {
	w.t.Helper()
	id, secret := site.Client()
	entity, credential := w.registry(store.Row{
		"name": "Confluence app", "client_id": id, "client_secret": secret, "redirect_url": redirectURL,
		"auth_url": site.URL + "/authorize", "token_url": site.URL + "/oauth/token",
	})
	w.connection(alias, site.GatewayURL(), credential)
	return entity
}

func (w *world) asanaGrant(org *asanadouble.Server) store.Row {
	w.t.Helper()
	entity, credential := w.registry(store.Row{
		"name": "Asana app", "client_id": org.ClientID(), "client_secret": org.ClientSecret(), "redirect_url": redirectURL,
		"auth_url": org.URL + "/-/oauth_authorize", "token_url": org.URL + "/-/oauth_token",
	})
	w.connection(dictionary.SeedID(dictionary.TableAlias, dictionary.AsanaAlias), org.URL, credential)
	return entity
}

func (w *world) draftOf(profileType string, values store.Row) store.Row {
	w.t.Helper()
	row := store.Row{dictionary.ProfileDisplayName: "Profile", dictionary.ProfileType_: profileType}
	for column, value := range values {
		row[column] = value
	}
	created := w.insert(dictionary.TableProfile, row)
	w.profile = created["sys_id"]
	return created
}

// agree opens a consent page and agrees, as a browser would, and returns what the vendor answers to the redirect URL.
func agree(t testing.TB, page string) (code, state string) {
	t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, page, nil)
	require.NoError(t, err)
	answer, err := client.Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusFound, answer.StatusCode)
	target, err := url.Parse(answer.Header.Get("Location"))
	require.NoError(t, err)
	return target.Query().Get("code"), target.Query().Get("state")
}

// consent goes through the consent of an alias.
func (w *world) consent(alias string) engine.ConsentRequest {
	w.t.Helper()
	r, err := w.BeginConsent(w.t.Context(), alias, "")
	require.NoError(w.t, err)
	code, state := agree(w.t, r.URL)
	require.NoError(w.t, w.CompleteConsent(w.t.Context(), r, code, state))
	return r
}

// publishNow validates and publishes the profile.
func (w *world) publishNow() companion.PublishOutcome {
	w.t.Helper()
	v := w.validate()
	require.True(w.t, v.Valid, "%+v", v.Checks)
	return w.republish()
}

func (w *world) refreshWith(r companion.RefreshRequest) companion.RefreshOutcome {
	w.t.Helper()
	p, err := w.StartRefresh(w.t.Context(), w.profile, r, "")
	return outcome[companion.RefreshOutcome](w, p, err)
}

// messages joins what failed checks say.
func messages(v companion.ValidateOutcome) string {
	text := ""
	for _, check := range v.Checks {
		if !check.OK {
			text += check.Message + "\n"
		}
	}
	return text
}

const afterExpiry = 2 * time.Hour

package engine_test

import (
	"encoding/base64"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
	asanadouble "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
	confluencedouble "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

const authorizeBoth = "terraform-provider-servicenowsam authorize --alias sn_conflunce_spoke.confluence_subscription_activity_reclaim"

// consented is a world with a Confluence profile in Draft, whose grant somebody has just consented to.
func consented(t *testing.T, o confluencedouble.Options) (*world, *confluencedouble.Server, store.Row) {
	t.Helper()
	w := newVendorWorld(t)
	site := w.confluence(o)
	entity := w.confluenceGrant(site, confluenceBoth)
	w.draftOf(dictionary.TypeConfluence, nil)
	w.consent(confluenceBoth)
	return w, site, entity
}

func (w *world) tokens(kind string) []store.Row {
	w.t.Helper()
	return w.find(dictionary.TableOAuthToken, "type="+kind)
}

func TestProfileWaitsForConsent(t *testing.T) {
	t.Parallel()
	w := newVendorWorld(t)
	site := w.confluence(confluencedouble.Options{Members: 5})
	w.confluenceGrant(site, confluenceBoth)
	w.draftOf(dictionary.TypeConfluence, nil)

	v := w.validate()
	require.False(t, v.Valid)
	pending := v.Failed(companion.CheckConsentPending)
	require.NotNil(t, pending, "%+v", v.Checks)
	require.Contains(t, pending.Message, authorizeBoth)
	_, err := w.StartPublish(t.Context(), w.profile, "")
	refused(t, err, "has not been validated")
	require.Zero(t, site.Requests().Total, "the vendor is not called without a grant")

	r := w.consent("sn_conflunce_spoke.confluence_subscription_activity_reclaim")
	page, err := url.Parse(r.URL)
	require.NoError(t, err)
	q := page.Query()
	require.Equal(t, "read:confluence-groups read:confluence-user search:confluence write:confluence-groups offline_access", q.Get("scope"))
	require.Equal(t, "api.atlassian.com", q.Get("audience"))
	require.Equal(t, "consent", q.Get("prompt"))
	require.Equal(t, redirectURL, q.Get("redirect_uri"))
	require.Empty(t, q.Get("code_challenge"))

	published := w.publishNow()
	require.Len(t, published.Jobs, 2)
	require.Equal(t, 5, w.refresh().Downloaded)
}

func TestConsentAsksForTheFewestScopes(t *testing.T) {
	t.Parallel()
	w := newVendorWorld(t)
	site := w.confluence(confluencedouble.Options{Members: 5})
	p := w.draftOf(dictionary.TypeConfluence, store.Row{"download_activity": "false", "reclaim_subscriptions": "false"})
	w.confluenceGrant(site, p["connection_credential"])
	r, err := w.BeginConsent(t.Context(), p["connection_credential"], "")
	require.NoError(t, err)
	require.Equal(t, []string{"read:confluence-groups", "read:confluence-user", "offline_access"}, r.Scopes)
	require.False(t, r.HTTPSOnly)

	w.update(dictionary.TableProfile, w.profile, store.Row{"custom_properties": `{"vendor_config":{"activity_source":"admin"}}`})
	p = w.update(dictionary.TableProfile, w.profile, store.Row{"download_activity": "true"})
	connection := w.find(dictionary.TableHTTPConnection, "")[0]
	w.update(dictionary.TableHTTPConnection, connection["sys_id"], store.Row{"connection_alias": p["connection_credential"]})
	r, err = w.BeginConsent(t.Context(), p["connection_credential"], "https://example.com/oauth_redirect.do")
	require.NoError(t, err)
	require.NotContains(t, r.Scopes, "search:confluence", "last visits come from the organisation's admin API")
	require.Equal(t, "https://example.com/oauth_redirect.do", r.RedirectURL)

	// Without a profile, the alias tells what it is for.
	require.NoError(t, w.Delete(t.Context(), dictionary.TableProfile, w.profile))
	r, err = w.BeginConsent(t.Context(), p["connection_credential"], "")
	require.NoError(t, err)
	require.Contains(t, r.Scopes, "search:confluence")
	require.NotContains(t, r.Scopes, "write:confluence-groups")
}

func TestConsentIsRefused(t *testing.T) {
	t.Parallel()
	w := newVendorWorld(t)
	site := w.confluence(confluencedouble.Options{Members: 5})
	begin := func(alias, redirect string) (engine.ConsentRequest, error) {
		return w.BeginConsent(t.Context(), alias, redirect)
	}
	_, err := begin("sn_x.None", "")
	require.ErrorIs(t, err, store.ErrNotFound)
	_, err = begin(confluenceBoth, "")
	require.ErrorContains(t, err, "Create the connection")
	w.confluenceGrant(site, confluenceBoth)
	_, err = begin(confluenceBoth, "http://example.com/back")
	require.ErrorContains(t, err, "unencrypted")
	mine := w.insert(dictionary.TableAlias, store.Row{"name": "mine"})
	_, err = begin(mine["sys_id"], "")
	require.ErrorContains(t, err, "belongs to no spoke")

	r, err := begin(confluenceBoth, "")
	require.NoError(t, err)
	code, state := agree(t, r.URL)
	complete := func(r engine.ConsentRequest, code, state string) error {
		return w.CompleteConsent(t.Context(), r, code, state)
	}
	require.ErrorIs(t, complete(r, code, state+"x"), engine.ErrStateMismatch)
	require.ErrorIs(t, complete(engine.ConsentRequest{}, code, ""), engine.ErrStateMismatch)
	require.ErrorContains(t, complete(r, " ", state), "holds no code")
	require.ErrorContains(t, complete(r, "code-wrong", state), "good once")
	require.NoError(t, site.Inject(confluencedouble.Injection{Fault: confluencedouble.FaultNoSites}))
	err = complete(r, code, state)
	require.ErrorIs(t, err, engine.ErrOtherSite)
	require.ErrorContains(t, err, site.CloudID())
	require.Empty(t, w.find(dictionary.TableOAuthToken, ""), "nothing was stored")
}

func TestGrantIsSealedAndShownNowhere(t *testing.T) {
	t.Parallel()
	w, site, _ := consented(t, confluencedouble.Options{Members: 5})
	w.publishNow()
	_, secret := site.Client()
	for _, row := range append(w.tokens("access_token"), w.tokens("refresh_token")...) {
		require.True(t, strings.HasPrefix(row["token"], "snsam1:"), row["token"])
	}
	require.Equal(t, "2026-11-24 11:00:00", w.tokens("access_token")[0]["expires"])
	require.Empty(t, w.tokens("refresh_token")[0]["expires"])
	files, err := filepath.Glob(strings.TrimPrefix(w.url, "sqlite:") + "*")
	require.NoError(t, err)
	for _, file := range files {
		content, err := os.ReadFile(file) //nolint:gosec // the test's own file
		require.NoError(t, err)
		for _, text := range []string{secret, "eyJraWQiOiI1MWE2.", "eyJhbGciOiJSUzI1NiJ9."} { // how the double's tokens begin
			require.NotContains(t, string(content), text, file)
		}
	}
}

func TestStaleGrantIsRenewedOnceByAllProcesses(t *testing.T) {
	t.Parallel()
	w, site, _ := consented(t, confluencedouble.Options{Members: 30})
	w.publishNow()
	others := []*world{w, w.another(), w.another()}
	for round := 1; round <= 3; round++ {
		w.clock.advance(afterExpiry)
		var all sync.WaitGroup
		valid := make([]bool, len(others))
		for i, other := range others {
			all.Go(func() {
				p, err := other.StartValidate(t.Context(), w.profile, "")
				if err != nil {
					return
				}
				if p, err = other.Wait(t.Context(), p.Links.Progress.ID); err == nil && p.Status == companion.StatusSuccessful {
					valid[i] = decode[companion.ValidateOutcome](t, p).Valid
				}
			})
		}
		all.Wait()
		require.Equal(t, []bool{true, true, true}, valid)
		require.Equal(t, round, site.Refreshes(), "a refresh token is spent once")
	}
}

func TestRejectedTokenIsRenewed(t *testing.T) {
	t.Parallel()
	w, site, _ := consented(t, confluencedouble.Options{Members: 30})
	w.publishNow()
	site.ExpireAccess()
	require.Equal(t, 30, w.refresh().Downloaded)
	require.Equal(t, 1, site.Refreshes())
}

func TestLostAnswerOfARotation(t *testing.T) {
	t.Parallel()
	lose := func(site *confluencedouble.Server, times int) {
		require.NoError(t, site.Inject(confluencedouble.Injection{Fault: confluencedouble.FaultDropRefreshed, Times: times}))
	}
	t.Run("once", func(t *testing.T) {
		t.Parallel()
		w, site, _ := consented(t, confluencedouble.Options{Members: 5, RefreshLeeway: 10 * time.Minute})
		w.clock.advance(afterExpiry)
		lose(site, 1)
		require.True(t, w.validate().Valid)
		require.Equal(t, 2, site.Refreshes(), "the same token was sent again")
	})
	t.Run("the process dies", func(t *testing.T) {
		t.Parallel()
		w, site, _ := consented(t, confluencedouble.Options{Members: 5, RefreshLeeway: 10 * time.Minute})
		w.clock.advance(afterExpiry)
		lose(site, 2)
		p, err := w.StartValidate(t.Context(), w.profile, "")
		require.Equal(t, companion.StatusFailed, w.ended(p, err).Status)
		require.True(t, w.another().validate().Valid, "the next process may use the token that was rotated out for a while")
	})
	t.Run("too late", func(t *testing.T) {
		t.Parallel()
		w, site, _ := consented(t, confluencedouble.Options{Members: 5})
		w.clock.advance(afterExpiry)
		lose(site, 1)
		v := w.validate()
		require.False(t, v.Valid)
		require.Contains(t, messages(v), authorizeBoth)
		require.NotNil(t, v.Failed(companion.CheckConsentExpired))
		require.NotEmpty(t, w.tokens("refresh_token")[0]["expires"], "the grant shows as expired")

		w.consent(confluenceBoth)
		require.True(t, w.validate().Valid)
		require.Len(t, w.tokens("refresh_token"), 1)
		require.Empty(t, w.tokens("refresh_token")[0]["expires"])
	})
}

func TestRevokedGrantNamesTheCommand(t *testing.T) {
	t.Parallel()
	w, site, _ := consented(t, confluencedouble.Options{Members: 5})
	w.publishNow()
	site.Revoke()
	p, err := w.StartRefresh(t.Context(), w.profile, companion.RefreshRequest{}, "")
	ended := w.ended(p, err)
	require.Equal(t, companion.StatusFailed, ended.Status)
	require.Contains(t, ended.Error, authorizeBoth)
}

func TestWrongClientSecretIsNoMatterOfConsent(t *testing.T) {
	t.Parallel()
	w, _, entity := consented(t, confluencedouble.Options{Members: 5})
	require.True(t, w.validate().Valid)
	w.update(dictionary.TableOAuthEntity, entity["sys_id"], store.Row{"client_secret": "quite wrong"})
	require.NotContains(t, w.get(dictionary.TableProfile, w.profile)["custom_properties"], "connection_validated_on")
	w.clock.advance(afterExpiry)
	v := w.validate()
	require.False(t, v.Valid)
	require.Contains(t, messages(v), `client secret of the application registry "Confluence app" is wrong`)
	require.NotContains(t, messages(v), "authorize --alias")
	require.Nil(t, v.Failed(companion.CheckConsentExpired))
}

func TestReadingNeverRenewsAGrant(t *testing.T) {
	t.Parallel()
	w, site, _ := consented(t, confluencedouble.Options{Members: 5})
	list, err := w.Groups(t.Context(), "sn_conflunce_spoke.confluence_subscription_activity_reclaim")
	require.NoError(t, err)
	require.NotEmpty(t, list.Groups)
	w.clock.advance(afterExpiry)
	_, err = w.Groups(t.Context(), confluenceBoth)
	refused(t, err, "reading does not renew an OAuth grant")
	require.Zero(t, site.Refreshes())
	require.True(t, w.validate().Valid)
	_, err = w.Groups(t.Context(), confluenceBoth)
	require.NoError(t, err)
}

func TestRefreshTokenIsEnteredByHand(t *testing.T) {
	t.Parallel()
	w := newVendorWorld(t)
	site := w.confluence(confluencedouble.Options{Members: 5})
	entity := w.confluenceGrant(site, confluenceBoth)
	w.draftOf(dictionary.TypeConfluence, nil)
	grant := func() string {
		return site.Grant("read:confluence-groups", "read:confluence-user", "search:confluence", "write:confluence-groups", "offline_access").Refresh
	}
	token := w.insert(dictionary.TableOAuthToken, store.Row{"type": "refresh_token", "peer": entity["sys_id"], "token": grant()})
	require.True(t, w.validate().Valid)
	require.Len(t, w.tokens("access_token"), 1)

	w.update(dictionary.TableOAuthToken, token["sys_id"], store.Row{"token": grant()})
	require.Empty(t, w.tokens("access_token"), "another grant begins")
	require.True(t, w.validate().Valid)
	require.Equal(t, 2, site.Refreshes())

	_, err := w.Insert(t.Context(), dictionary.TableOAuthToken, store.Row{"type": "refresh_token", "peer": "none", "token": "x"}, inClear)
	refused(t, err, "belongs to an application registry")
	require.NoError(t, w.Delete(t.Context(), dictionary.TableOAuthEntity, entity["sys_id"]))
	require.Empty(t, w.find(dictionary.TableOAuthToken, ""))
}

func TestAsanaConsentProvesItself(t *testing.T) {
	t.Parallel()
	w := newVendorWorld(t)
	org := w.asana(asanadouble.Options{Members: 12})
	w.asanaGrant(org)
	w.draftOf(dictionary.TypeAsana, nil)
	r := w.consent(dictionary.AsanaAlias)
	require.Equal(t, []string{"default"}, r.Scopes)
	require.True(t, r.HTTPSOnly)
	require.Contains(t, r.URL, "code_challenge_method=S256")
	require.True(t, w.validate().Valid)

	// Asana's refresh token stays good.
	w.clock.advance(afterExpiry)
	require.True(t, w.validate().Valid)
	w.clock.advance(afterExpiry)
	require.True(t, w.another().validate().Valid)
}

func TestTokenURLMayNotLeadAway(t *testing.T) {
	t.Parallel()
	w, _, entity := consented(t, confluencedouble.Options{Members: 5})
	w.update(dictionary.TableOAuthEntity, entity["sys_id"], store.Row{"token_url": "https://evil.example/oauth/token"})
	v := w.validate()
	require.False(t, v.Valid)
	require.Contains(t, messages(v), `the token URL "https://evil.example/oauth/token" names the host "evil.example"`)
}

func TestATokenEndpointThatRepeatsCredentialsGivesNoneAway(t *testing.T) {
	t.Parallel()
	w, site, entity := consented(t, confluencedouble.Options{Members: 5})
	w.update(dictionary.TableOAuthEntity, entity["sys_id"], store.Row{
		dictionary.OAuthSendCredentials: dictionary.OAuthCredentialsInBasic,
	})
	require.NoError(t, site.Inject(confluencedouble.Injection{Fault: confluencedouble.FaultEchoSecrets, Route: confluencedouble.RouteOAuthToken}))
	w.clock.advance(afterExpiry)
	v := w.validate()
	require.False(t, v.Valid)
	require.Contains(t, messages(v), "bad header Basic")
	id, secret := site.Client()
	pair := url.QueryEscape(id) + ":" + url.QueryEscape(secret)
	begin := base64.StdEncoding.EncodeToString([]byte(pair))[:12]
	require.NotContains(t, messages(v), begin, "not even the part that fits into a message")
}

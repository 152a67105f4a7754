package confluence_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

func tokenRequest(t testing.TB, d *confluence.Double, form url.Values, asJSON bool) response {
	t.Helper()
	id, secret := d.Client()
	if !form.Has("client_id") {
		form.Set("client_id", id)
	}
	if !form.Has("client_secret") {
		form.Set("client_secret", secret)
	}
	if !asJSON {
		return callWith(t, d, "POST", "/oauth/token", strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded")
	}
	body := map[string]string{}
	for name := range form {
		body[name] = form.Get(name)
	}
	text, err := json.Marshal(body)
	require.NoError(t, err)
	return callWith(t, d, "POST", "/oauth/token", strings.NewReader(string(text)), "Content-Type", "application/json")
}

func TestRefreshTokensRotate(t *testing.T) {
	t.Parallel()
	for _, asJSON := range []bool{true, false} {
		now := noon
		d := newDouble(confluence.Options{Members: 3, Now: func() time.Time { return now }, RefreshLeeway: 10 * time.Minute})
		first := d.Grant("read:confluence-user", "offline_access")
		refresh := func(token string) response {
			return tokenRequest(t, d, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}, asJSON)
		}
		second := refresh(first.Refresh)
		require.Equal(t, 200, second.Code, second.Body.String())
		require.NotEqual(t, first.Refresh, second.object()["refresh_token"])
		require.InDelta(t, 3600, second.object()["expires_in"], 0)
		require.Equal(t, 200, refresh(first.Refresh).Code, "within the leeway")
		now = now.Add(10 * time.Minute)
		refused := refresh(first.Refresh)
		require.Equal(t, 403, refused.Code)
		require.Equal(t, object{"error": "unauthorized_client", "error_description": "refresh_token is invalid"}, refused.object())
		require.Equal(t, 2, d.Refreshes())
		require.Equal(t, 401, tokenRequest(t, d, url.Values{"grant_type": {"refresh_token"}, "client_secret": {"wrong"}}, asJSON).Code)
		require.Equal(t, 400, tokenRequest(t, d, url.Values{"grant_type": {"password"}}, asJSON).Code)

		access, ok := second.object()["access_token"].(string)
		require.True(t, ok)
		path := "/ex/confluence/" + d.CloudID() + "/wiki/rest/api/user/current"
		require.Equal(t, 200, call(t, d, "GET", path, "Authorization", "Bearer "+access).Code)
		now = now.Add(time.Hour)
		require.Equal(t, 401, call(t, d, "GET", path, "Authorization", "Bearer "+access).Code, "an access token lives an hour")
	}
}

func TestConsentIsACode(t *testing.T) {
	t.Parallel()
	d := newDouble(confluence.Options{Members: 3})
	id, _ := d.Client()
	ask := url.Values{
		"client_id": {id}, "response_type": {"code"}, "redirect_uri": {"http://127.0.0.1:1/cb"}, "state": {"s1"},
		"scope": {"read:confluence-groups search:confluence"},
	}
	resp := call(t, d, "GET", "/authorize?"+ask.Encode())
	require.Equal(t, http.StatusFound, resp.Code)
	back, err := url.Parse(resp.Header().Get("Location"))
	require.NoError(t, err)
	require.Equal(t, "s1", back.Query().Get("state"))
	exchange := url.Values{"grant_type": {"authorization_code"}, "code": {back.Query().Get("code")}}
	tokens := tokenRequest(t, d, exchange, true).object()
	require.NotContains(t, tokens, "refresh_token", "offline_access was not asked for")
	require.Equal(t, 403, tokenRequest(t, d, exchange, true).Code, "a code works once")
	access, ok := tokens["access_token"].(string)
	require.True(t, ok)
	sites := call(t, d, "GET", "/oauth/token/accessible-resources", "Authorization", "Bearer "+access)
	require.Equal(t, 200, sites.Code)
	require.Contains(t, sites.Body.String(), d.CloudID())
	require.Equal(t, 401, call(t, d, "GET", "/oauth/token/accessible-resources").Code)
	ask.Set("client_id", "wrong")
	require.Equal(t, 400, call(t, d, "GET", "/authorize?"+ask.Encode()).Code)
	require.Equal(t, 200, tokenRequest(t, d, url.Values{"grant_type": {"client_credentials"}}, true).Code)
}

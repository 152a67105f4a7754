package asana_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
)

func TestTheAuthorizationServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, asana.Options{Members: 3})
	const verifier = "a-verifier-of-forty-three-characters-or-more-0"
	sum := sha256.Sum256([]byte(verifier))
	consent := url.Values{
		"client_id": {w.ClientID()}, "redirect_uri": {"https://instance.example.com/oauth_redirect.do"}, "response_type": {"code"},
		"state": {"s1"}, "scope": {"default"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	authorize := func(change func(url.Values)) url.Values {
		q := url.Values{}
		for name, values := range consent {
			q[name] = values
		}
		change(q)
		a := w.ask(t, "GET", "/-/oauth_authorize?"+q.Encode())
		if a.status != http.StatusFound {
			return url.Values{"status": {fmt.Sprint(a.status)}}
		}
		target, err := url.Parse(a.header.Get("Location"))
		require.NoError(t, err)
		return target.Query()
	}
	same := func(url.Values) {}
	token := func(form url.Values) map[string]any {
		for name, value := range map[string]string{"client_id": w.ClientID(), "client_secret": w.ClientSecret()} {
			if !form.Has(name) {
				form.Set(name, value)
			}
		}
		var got map[string]any
		require.NoError(t, json.Unmarshal([]byte(w.ask(t, "POST", "/-/oauth_token", form.Encode()).body), &got))
		return got
	}
	code := func(code, verifier string) url.Values {
		return url.Values{
			"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": consent["redirect_uri"], "code_verifier": {verifier},
		}
	}

	back := authorize(same)
	require.Equal(t, "s1", back.Get("state"))
	grant := token(code(back.Get("code"), verifier))
	require.Equal(t, "bearer", grant["token_type"])
	require.EqualValues(t, 3600, grant["expires_in"])
	require.Equal(t, "ops.admin@example.com", grant["data"].(map[string]any)["email"]) //nolint:forcetypeassert // a test
	require.Equal(t, "invalid_grant", token(code(back.Get("code"), verifier))["error"], "a code is good once")
	require.Equal(t, "invalid_grant", token(code(authorize(same).Get("code"), "another verifier"))["error"])
	require.Equal(t, "forbidden_scopes", authorize(func(q url.Values) { q.Set("scope", "tasks:read") }).Get("error"))
	require.Equal(t, "400", authorize(func(q url.Values) { q.Set("client_id", "other") }).Get("status"))

	refresh := fmt.Sprint(grant["refresh_token"])
	renewed := token(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}})
	require.NotEqual(t, grant["access_token"], renewed["access_token"])
	require.NotContains(t, renewed, "refresh_token", "the old one stays good")
	require.Equal(t, "invalid_client", token(url.Values{"grant_type": {"refresh_token"}, "client_secret": {"x"}})["error"])
	require.Equal(t, "unsupported_grant_type", token(url.Values{"grant_type": {"password"}})["error"])

	w.token = fmt.Sprint(renewed["access_token"])
	require.Equal(t, 200, w.ask(t, "GET", "/api/1.0/users/me").status)
	require.Contains(t, w.ask(t, "POST", "/-/token_info", url.Values{"token": {w.token}}.Encode()).body, `"active":true`)
	require.Contains(t, w.ask(t, "POST", "/-/token_info", "token=unknown").body, `"active":false`)
	revoke := func(t2 string) int {
		return w.ask(t, "POST", "/-/oauth_revoke", url.Values{"token": {t2}}.Encode()).status
	}
	require.Equal(t, 400, revoke(w.token), "access tokens cannot be revoked")
	require.Equal(t, 200, revoke("unknown"))
	require.Equal(t, 200, revoke(refresh))
	require.Equal(t, "invalid_grant", token(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}})["error"])

	asJSON := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/-/oauth_token", strings.NewReader(`{}`))
	asJSON.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	w.ServeHTTP(recorder, asJSON)
	body, err := io.ReadAll(recorder.Body)
	require.NoError(t, err)
	require.Equal(t, 400, recorder.Code)
	require.Contains(t, string(body), "must be a form")
}

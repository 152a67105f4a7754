package asana

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

const tokenLifetime = time.Hour

// oauth is Asana's authorization server with one registered app (developers.asana.com/docs/oauth). Its user is the admin
// of the organisation, who consents at once.
type oauth struct {
	clientID, clientSecret string

	mu      sync.Mutex
	seed    uint64
	issued  uint64
	codes   map[string]consent
	access  map[string]time.Time // when tokens expire
	refresh map[string]bool
}

type consent struct {
	redirect, challenge, method string
	until                       time.Time
}

func newOAuth(seed uint64) oauth {
	return oauth{
		clientID: digits(seed, 5, 16), clientSecret: digits(seed, 6, 32), seed: seed,
		codes: map[string]consent{}, access: map[string]time.Time{}, refresh: map[string]bool{},
	}
}

// ClientID is the id of the registered app.
func (d *Double) ClientID() string { return d.oauth.clientID }

// ClientSecret is the secret of the registered app.
func (d *Double) ClientSecret() string { return d.oauth.clientSecret }

// Grant consents to the app and returns its tokens, as if somebody had done so in a browser.
func (d *Double) Grant() (access, refresh string) {
	o := &d.oauth
	o.mu.Lock()
	defer o.mu.Unlock()
	refresh = o.token("3/")
	o.refresh[refresh] = true
	return o.issue(d.now()), refresh
}

// RevokeGrant makes a refresh token worthless.
func (d *Double) RevokeGrant(refresh string) {
	d.oauth.mu.Lock()
	defer d.oauth.mu.Unlock()
	delete(d.oauth.refresh, refresh)
}

// ExpireAccessTokens ends all access tokens at once.
func (d *Double) ExpireAccessTokens() {
	d.oauth.mu.Lock()
	defer d.oauth.mu.Unlock()
	for token := range d.oauth.access {
		d.oauth.access[token] = d.now().Add(-time.Second)
	}
}

func (o *oauth) token(prefix string) string {
	o.issued++
	return prefix + digits(o.seed, 100+o.issued, 32)
}

func (o *oauth) issue(now time.Time) string {
	token := o.token("1/")
	o.access[token] = now.Add(tokenLifetime)
	return token
}

type tokenState int

const (
	tokenUnknown tokenState = iota
	tokenGood
	tokenExpired
)

// state tells what a bearer token is. Callers must not hold the lock.
func (o *oauth) state(token string, now time.Time) tokenState {
	o.mu.Lock()
	defer o.mu.Unlock()
	until, known := o.access[token]
	switch {
	case !known:
		return tokenUnknown
	case now.Before(until):
		return tokenGood
	}
	return tokenExpired
}

func (d *Double) oauthRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /-/oauth_authorize", d.authorize)
	mux.HandleFunc("POST /-/oauth_token", d.form(d.exchange))
	mux.HandleFunc("POST /-/oauth_revoke", d.form(d.revoke))
	mux.HandleFunc("POST /-/token_info", d.form(d.tokenInfo))
}

// form refuses anything but a form in the body, as Asana does.
func (d *Double) form(handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		d.log.Request(RouteOAuth)
		if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") || r.ParseForm() != nil {
			oauthError(w, "invalid_request", "The body must be a form")
			return
		}
		if d.brokenAnswer(w, r, RouteOAuth) {
			return
		}
		handle(w, r)
	}
}

func (d *Double) authorize(w http.ResponseWriter, r *http.Request) {
	d.log.Request(RouteOAuth)
	q := r.URL.Query()
	target, err := url.Parse(q.Get("redirect_uri"))
	switch {
	case q.Get("client_id") != d.oauth.clientID:
		oauthError(w, "invalid_client", "The client_id does not match a registered app")
		return
	case err != nil || !target.IsAbs():
		oauthError(w, "invalid_request", "The redirect_uri is missing or malformed")
		return
	case q.Get("response_type") != "code":
		oauthError(w, "unsupported_response_type", "Only response_type=code is supported")
		return
	}
	answer := url.Values{"state": q["state"]}
	switch {
	case q.Get("scope") != "" && q.Get("scope") != "default":
		answer.Set("error", "forbidden_scopes")
	default:
		d.oauth.mu.Lock()
		code := d.oauth.token("")
		d.oauth.codes[code] = consent{
			redirect: q.Get("redirect_uri"), challenge: q.Get("code_challenge"), method: q.Get("code_challenge_method"),
			until: d.now().Add(10 * time.Minute),
		}
		d.oauth.mu.Unlock()
		answer.Set("code", code)
	}
	target.RawQuery = answer.Encode()
	http.Redirect(w, r, target.String(), http.StatusFound)
}

func (d *Double) exchange(w http.ResponseWriter, r *http.Request) {
	o := &d.oauth
	o.mu.Lock()
	defer o.mu.Unlock()
	f := r.PostForm
	if f.Get("client_id") != o.clientID || f.Get("client_secret") != o.clientSecret {
		oauthError(w, "invalid_client", "The client credentials do not match a registered app")
		return
	}
	answer := map[string]any{"token_type": "bearer", "expires_in": int(tokenLifetime.Seconds()), "data": d.grantee()}
	switch f.Get("grant_type") {
	case "authorization_code":
		given, known := o.codes[f.Get("code")]
		delete(o.codes, f.Get("code"))
		if !known || d.now().After(given.until) || given.redirect != f.Get("redirect_uri") || !given.verify(f.Get("code_verifier")) {
			oauthError(w, "invalid_grant", "The code is invalid or has expired")
			return
		}
		refresh := o.token("3/")
		o.refresh[refresh] = true
		answer["refresh_token"] = refresh
	case "refresh_token":
		// Asana returns no new refresh token; the old one stays good.
		if !o.refresh[f.Get("refresh_token")] {
			oauthError(w, "invalid_grant", "The refresh token is invalid or was revoked")
			return
		}
	default:
		oauthError(w, "unsupported_grant_type", "The grant_type is not supported")
		return
	}
	answer["access_token"] = o.issue(d.now())
	answerJSON(w, http.StatusOK, answer)
}

func (c consent) verify(verifier string) bool {
	switch c.method {
	case "":
		return c.challenge == "" || c.challenge == verifier
	case "S256":
		sum := sha256.Sum256([]byte(verifier))
		return base64.RawURLEncoding.EncodeToString(sum[:]) == c.challenge
	}
	return false
}

func (d *Double) grantee() map[string]any {
	first, last, _ := d.name(0)
	id, _ := strconv.Atoi(gid(userBase, 0))
	return map[string]any{"id": id, "gid": gid(userBase, 0), "name": first + " " + last, "email": d.email(0)}
}

func (d *Double) revoke(w http.ResponseWriter, r *http.Request) {
	token := r.PostForm.Get("token")
	d.oauth.mu.Lock()
	defer d.oauth.mu.Unlock()
	if _, access := d.oauth.access[token]; access {
		oauthError(w, "unsupported_token_type", "Only refresh tokens can be revoked")
		return
	}
	delete(d.oauth.refresh, token)
	answerJSON(w, http.StatusOK, map[string]any{})
}

func (d *Double) tokenInfo(w http.ResponseWriter, r *http.Request) {
	token := r.PostForm.Get("token")
	d.oauth.mu.Lock()
	until, oauthToken := d.oauth.access[token]
	d.oauth.mu.Unlock()
	left := until.Sub(d.now())
	switch {
	case oauthToken && left > 0:
		answerJSON(w, http.StatusOK, map[string]any{
			"token_type": "bearer", "expires_in": int(left.Seconds()), "exp": until.Unix(), "scope": "default",
			"active": true, "client_id": d.oauth.clientID,
		})
	case token == d.Token(), token == d.ServiceToken():
		answerJSON(w, http.StatusOK, map[string]any{"token_type": "bearer", "scope": "default", "active": true})
	default:
		answerJSON(w, http.StatusOK, map[string]any{"active": false})
	}
}

func oauthError(w http.ResponseWriter, code, description string) {
	answerJSON(w, http.StatusBadRequest, map[string]string{"error": code, "error_description": fmt.Sprintf("%s.", description)})
}

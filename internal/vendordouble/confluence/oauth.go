package confluence

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// The classic scopes of the routes.
const (
	scopeGroups      = "read:confluence-groups"
	scopeUser        = "read:confluence-user"
	scopeSearch      = "search:confluence"
	scopeWriteGroups = "write:confluence-groups"
	scopeOffline     = "offline_access"
)

// granularTwins are what a route also takes instead of a classic scope.
var granularTwins = map[string][]string{
	scopeGroups:      {"read:group:confluence", "read:user:confluence"},
	scopeUser:        {"read:content-details:confluence", "read:user:confluence"},
	scopeSearch:      {"read:content-details:confluence"},
	scopeWriteGroups: {"write:group:confluence"},
}

// grants are what people consented to, and the tokens of it.
type grants struct {
	mu      sync.Mutex
	seed    uint64
	life    time.Duration // of access tokens
	leeway  time.Duration
	made    uint64
	codes   map[string]string // code to scopes
	access  map[string]accessToken
	refresh map[string]*refreshToken
	count   int // of refreshes
}

type accessToken struct {
	scopes  string
	expires time.Time
}

type refreshToken struct {
	scopes string
	used   time.Time // zero while it is good
}

func newGrants(seed uint64, life, leeway time.Duration) *grants {
	return &grants{
		seed: seed, life: life, leeway: leeway, codes: map[string]string{}, access: map[string]accessToken{}, refresh: map[string]*refreshToken{},
	}
}

func (g *grants) fresh(prefix string) string {
	g.made++
	return prefix + hexDigits(g.seed^g.made*0x9e3779b97f4a7c15, 9, 40)
}

// Tokens are an access token and the refresh token that came with it.
type Tokens struct{ Access, Refresh string }

// Grant consents to scopes, and returns tokens as after an exchange of the code.
func (d *Double) Grant(scopes ...string) Tokens {
	d.grants.mu.Lock()
	defer d.grants.mu.Unlock()
	return d.grants.issue(strings.Join(scopes, " "), d.now())
}

// Revoke ends all grants and their tokens.
func (d *Double) Revoke() {
	d.grants.mu.Lock()
	defer d.grants.mu.Unlock()
	clear(d.grants.access)
	clear(d.grants.refresh)
}

// ExpireAccess ends all access tokens before their time. Refresh tokens stay good.
func (d *Double) ExpireAccess() {
	d.grants.mu.Lock()
	defer d.grants.mu.Unlock()
	clear(d.grants.access)
}

// Refreshes counts how often a grant was refreshed.
func (d *Double) Refreshes() int {
	d.grants.mu.Lock()
	defer d.grants.mu.Unlock()
	return d.grants.count
}

func (g *grants) issue(scopes string, now time.Time) Tokens {
	t := Tokens{Access: g.fresh("eyJhbGciOiJSUzI1NiJ9.")}
	g.access[t.Access] = accessToken{scopes: scopes, expires: now.Add(g.life)}
	if slices.Contains(strings.Fields(scopes), scopeOffline) {
		t.Refresh = g.fresh("eyJraWQiOiI1MWE2.")
		g.refresh[t.Refresh] = &refreshToken{scopes: scopes}
	}
	return t
}

func (g *grants) scopesOf(token string, now time.Time) (string, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	t, ok := g.access[token]
	return t.scopes, ok && now.Before(t.expires)
}

// getAuthorize is the consent page of somebody who consents at once.
func (d *Double) getAuthorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	target, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != d.keys.clientID || q.Get("response_type") != "code" || target.Host == "" {
		answer(w, http.StatusBadRequest, object{"error": "invalid_request"})
		return
	}
	d.grants.mu.Lock()
	code := d.grants.fresh("code-")
	d.grants.codes[code] = q.Get("scope")
	d.grants.mu.Unlock()
	target.RawQuery = url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
	http.Redirect(w, r, target.String(), http.StatusFound)
}

// tokenRequest is the body of POST /oauth/token, as JSON or as a form.
type tokenRequest struct {
	GrantType    string `json:"grant_type"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	Code         string `json:"code"`
	RefreshToken string `json:"refresh_token"`
}

func readTokenRequest(w http.ResponseWriter, r *http.Request) (tokenRequest, error) {
	var t tokenRequest
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		err := json.NewDecoder(r.Body).Decode(&t)
		return t, err
	}
	if err := r.ParseForm(); err != nil {
		return t, err
	}
	for name, into := range map[string]*string{
		"grant_type": &t.GrantType, "client_id": &t.ClientID, "client_secret": &t.ClientSecret, "code": &t.Code,
		"refresh_token": &t.RefreshToken,
	} {
		*into = r.PostForm.Get(name)
	}
	if id, secret, ok := r.BasicAuth(); ok {
		t.ClientID, t.ClientSecret = id, secret
	}
	return t, nil
}

// postToken answers as auth.atlassian.com does. The refusals were measured by the author of confluence.js.
func (d *Double) postToken(w http.ResponseWriter, r *http.Request) {
	d.log.Request(RouteOAuthToken)
	if d.brokenAnswer(w, r, RouteOAuthToken) {
		return
	}
	refuse := func(status int, code, description string) {
		answer(w, status, object{"error": code, "error_description": description})
	}
	t, err := readTokenRequest(w, r)
	if err != nil {
		refuse(http.StatusBadRequest, "invalid_request", err.Error())
		return
	}
	if t.ClientID != d.keys.clientID || t.ClientSecret != d.keys.clientSecret {
		refuse(http.StatusUnauthorized, "access_denied", "Unauthorized")
		return
	}
	now, g := d.now(), d.grants
	g.mu.Lock()
	defer g.mu.Unlock()
	var scopes string
	switch t.GrantType {
	case "authorization_code":
		var ok bool
		if scopes, ok = g.codes[t.Code]; !ok {
			refuse(http.StatusForbidden, "invalid_grant", "Invalid authorization code")
			return
		}
		delete(g.codes, t.Code)
	case "refresh_token":
		old := g.refresh[t.RefreshToken]
		if old == nil || !old.used.IsZero() && now.Sub(old.used) >= g.leeway {
			refuse(http.StatusForbidden, "unauthorized_client", "refresh_token is invalid")
			return
		}
		if old.used.IsZero() {
			old.used = now
		}
		scopes = old.scopes
		g.count++
	case "client_credentials":
		scopes = strings.Join([]string{scopeGroups, scopeUser, scopeSearch, scopeWriteGroups}, " ")
	default:
		refuse(http.StatusBadRequest, "unsupported_grant_type", "Unsupported grant type: "+t.GrantType)
		return
	}
	tokens := g.issue(scopes, now)
	if t.GrantType == "refresh_token" && d.faults.Hits(FaultDropRefreshed, RouteOAuthToken) {
		panic(http.ErrAbortHandler)
	}
	body := object{"access_token": tokens.Access, "expires_in": int(g.life.Seconds()), "scope": scopes, "token_type": "Bearer"}
	if tokens.Refresh != "" {
		body["refresh_token"] = tokens.Refresh
	}
	answer(w, http.StatusOK, body)
}

// getSites answers GET /oauth/token/accessible-resources.
func (d *Double) getSites(w http.ResponseWriter, r *http.Request) {
	d.log.Request(RouteSites)
	if d.brokenAnswer(w, r, RouteSites) {
		return
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	scopes, ok := d.grants.scopesOf(token, d.now())
	if !ok {
		answer(w, http.StatusUnauthorized, object{"code": 401, "message": "Unauthorized"})
		return
	}
	sites := []object{}
	if !d.faults.On(FaultNoSites) {
		kept := slices.DeleteFunc(strings.Fields(scopes), func(s string) bool { return s == scopeOffline })
		sites = append(sites, object{
			"id": d.keys.cloud, "name": siteName, "url": siteURL, "scopes": kept, "avatarUrl": siteURL + "/avatar.png",
		})
	}
	answer(w, http.StatusOK, sites)
}

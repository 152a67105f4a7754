package confluence

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The routes that the double has.
const (
	RouteMe         Route = "me"
	RouteGroups     Route = "groups"
	RouteGroup      Route = "group"
	RouteMembers    Route = "members"
	RouteMemberOf   Route = "memberof"
	RouteUsers      Route = "users" // user/bulk
	RouteSearch     Route = "search"
	RouteRemove     Route = "remove"
	RouteAdd        Route = "add"
	RouteOAuthToken Route = "oauth_token"
	RouteSites      Route = "sites" // accessible-resources
	RouteLastActive Route = "last_active"
	RouteDirectory  Route = "directory"
)

// Routes lists the routes.
func Routes() []Route {
	return []Route{
		RouteMe, RouteGroups, RouteGroup, RouteMembers, RouteMemberOf, RouteUsers, RouteSearch, RouteRemove, RouteAdd,
		RouteOAuthToken, RouteSites, RouteLastActive, RouteDirectory,
	}
}

// siteURL is where the site says that it is. It is not where the double listens.
const siteURL = "https://" + siteName + ".atlassian.net"

type object = map[string]any

func (d *Double) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for _, route := range []struct {
		method, path string
		route        Route
		scope        string
		handle       func(http.ResponseWriter, *http.Request) int
	}{
		{"GET", "user/current", RouteMe, scopeUser, d.getMe},
		{"GET", "user/memberof", RouteMemberOf, scopeUser, d.getMemberOf},
		{"GET", "user/bulk", RouteUsers, scopeUser, d.getUsers},
		{"GET", "group", RouteGroups, scopeGroups, d.listGroups},
		{"GET", "group/by-id", RouteGroup, scopeGroups, d.getGroup},
		{"GET", "group/{id}/membersByGroupId", RouteMembers, scopeGroups, d.listMembers},
		{"DELETE", "group/userByGroupId", RouteRemove, scopeWriteGroups, d.removeMember},
		{"POST", "group/userByGroupId", RouteAdd, scopeWriteGroups, d.addMember},
		{"GET", "search", RouteSearch, scopeSearch, d.search},
	} {
		for _, prefix := range []string{"/ex/confluence/{cloud}", ""} {
			mux.HandleFunc(route.method+" "+prefix+"/wiki/rest/api/"+route.path, d.api(route.route, route.scope, route.handle))
		}
	}
	mux.HandleFunc("GET /authorize", d.getAuthorize)
	mux.HandleFunc("POST /oauth/token", d.postToken)
	mux.HandleFunc("GET /oauth/token/accessible-resources", d.getSites)
	mux.HandleFunc("GET /_edge/tenant_info", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, object{"cloudId": d.keys.cloud})
	})
	d.organizationRoutes(mux)
	d.controlRoutes(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { d.notFound(w, "no route "+r.URL.Path) })
	return mux
}

// ServeHTTP implements http.Handler.
func (d *Double) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.mux.ServeHTTP(w, r) }

// caller is what a credential may do.
type caller struct {
	scopes []string // nil means all
	points bool     // its requests cost points
}

// api is what every route of Confluence has before it looks at the request: faults, authentication, limits. Handlers
// tell how many points the answer costs.
func (d *Double) api(route Route, scope string, handle func(http.ResponseWriter, *http.Request) int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		d.log.Request(route)
		if slow, ok := d.faults.Hit(FaultSlow, route); ok {
			select {
			case <-r.Context().Done():
			case <-time.After(time.Duration(slow.DelayMS) * time.Millisecond):
			}
		}
		if d.brokenAnswer(w, r, route) {
			return
		}
		who, ok := d.authenticate(w, r, route, scope)
		if !ok {
			return
		}
		limited := d.limits.enabled && !d.faults.On(FaultNoBudgets)
		if limited {
			if broken := d.limits.admit(route, who.points, d.now()); broken != "" {
				d.log.Refused()
				d.limited(w, broken)
				return
			}
		}
		if !limited || !who.points {
			handle(w, r)
			return
		}
		// The cost is known once the answer is made, and told in its header.
		held := &heldAnswer{header: w.Header(), status: http.StatusOK}
		d.limits.charge(w.Header(), handle(held, r), d.now())
		w.WriteHeader(held.status)
		_, _ = w.Write(held.body)
	}
}

// heldAnswer keeps an answer until its header is complete.
type heldAnswer struct {
	header http.Header
	status int
	body   []byte
}

func (h *heldAnswer) Header() http.Header         { return h.header }
func (h *heldAnswer) WriteHeader(status int)      { h.status = status }
func (h *heldAnswer) Write(p []byte) (int, error) { h.body = append(h.body, p...); return len(p), nil }

var statusFaults = map[Fault]int{
	Fault500: http.StatusInternalServerError, Fault502: http.StatusBadGateway,
	Fault503: http.StatusServiceUnavailable, Fault504: http.StatusGatewayTimeout,
}

// brokenAnswer answers with a fault that does not depend on what was asked.
func (d *Double) brokenAnswer(w http.ResponseWriter, r *http.Request, route Route) bool {
	for _, f := range []Fault{FaultQuotaGlobal, FaultQuotaTenant, FaultBurst} {
		if d.faults.Hits(f, route) {
			d.limited(w, f)
			return true
		}
	}
	for f, status := range statusFaults {
		if d.faults.Hits(f, route) {
			d.frame(w, status, http.StatusText(status))
			return true
		}
	}
	switch {
	case d.faults.Hits(FaultHTML, route):
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!DOCTYPE html>\n<html><head><title>Log in</title></head><body>Log in to continue</body></html>\n"))
	case d.faults.Hits(FaultRedirect, route):
		http.Redirect(w, r, "https://id.example.net/login", http.StatusFound)
	case d.faults.Hits(FaultEchoSecrets, route):
		d.frame(w, http.StatusBadRequest, "bad header "+r.Header.Get("Authorization"))
	case d.faults.Hits(FaultUnauthorized, route):
		answer(w, http.StatusUnauthorized, object{"code": 401, "message": "Unauthorized"})
	case d.faults.Hits(FaultScopeMismatch, route):
		answer(w, http.StatusUnauthorized, object{"code": 401, "message": "Unauthorized; scope does not match"})
	case d.faults.Hits(FaultDrop, route):
		panic(http.ErrAbortHandler)
	default:
		return false
	}
	return true
}

// authenticate checks the credential and its scope, as the gateway does or, for basic authentication, the site.
func (d *Double) authenticate(w http.ResponseWriter, r *http.Request, route Route, scope string) (caller, bool) {
	gateway := strings.HasPrefix(r.URL.Path, "/ex/")
	if cloud := r.PathValue("cloud"); gateway && cloud != d.keys.cloud {
		answer(w, http.StatusNotFound, object{"code": 404, "message": "Not Found"})
		return caller{}, false
	}
	if route == RouteMe && d.faults.On(FaultAnonymous) {
		return caller{}, true
	}
	var who caller
	known := false
	if mail, token, ok := r.BasicAuth(); ok {
		known = mail == d.keys.mail && token == d.keys.apiToken
	} else if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && gateway {
		if known = token == d.keys.token; !known {
			var scopes string
			scopes, known = d.grants.scopesOf(token, d.now())
			who = caller{scopes: strings.Fields(scopes), points: true}
		}
	}
	if !known {
		answer(w, http.StatusUnauthorized, object{"code": 401, "message": "Unauthorized"})
		return who, false
	}
	allows := func(s string) bool { return slices.Contains(who.scopes, s) }
	if who.scopes != nil && !allows(scope) && !slices.ContainsFunc(granularTwins[scope], allows) {
		answer(w, http.StatusUnauthorized, object{"code": 401, "message": "Unauthorized; scope does not match"})
		return who, false
	}
	return who, true
}

// frame is how Confluence's version 1 refuses.
func (d *Double) frame(w http.ResponseWriter, status int, message string) int {
	answer(w, status, object{
		"statusCode": status,
		"data":       object{"authorized": status != http.StatusForbidden, "valid": true, "errors": []string{}, "successful": false},
		"message":    "com.atlassian.confluence.api.service.exceptions." + http.StatusText(status) + ": " + message,
	})
	return 1
}

func (d *Double) notFound(w http.ResponseWriter, what string) int {
	return d.frame(w, http.StatusNotFound, what)
}

// send answers with JSON, whole or broken.
func (d *Double) send(w http.ResponseWriter, route Route, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	if d.faults.Hits(FaultTruncated, route) {
		body = body[:len(body)/2]
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if d.faults.Hits(FaultCut, route) {
		_, _ = w.Write(body[:len(body)/2])
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(body)
}

func (d *Double) sendObject(w http.ResponseWriter, route Route, body any) {
	b, err := json.Marshal(body)
	if err != nil {
		d.log.Failed(err)
	}
	d.send(w, route, b)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// span reads start and limit. A wrong one is answered with 400.
func (d *Double) span(w http.ResponseWriter, r *http.Request, most int) (start, limit int, ok bool) {
	limit = most
	for name, into := range map[string]*int{"start": &start, "limit": &limit} {
		if text := r.FormValue(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 || name == "limit" && n > most {
				d.frame(w, http.StatusBadRequest, "invalid "+name)
				return 0, 0, false
			}
			*into = n
		}
	}
	return start, limit, true
}

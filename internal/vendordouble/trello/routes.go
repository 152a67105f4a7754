package trello

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The routes of Trello that the double has.
const (
	RouteMe          Route = "me"
	RouteToken       Route = "token"
	RouteEnterprise  Route = "enterprise"
	RouteMembers     Route = "members"
	RouteQuery       Route = "query"
	RouteAdmins      Route = "admins"
	RouteMember      Route = "member"
	RouteLicensed    Route = "licensed"
	RouteDeactivated Route = "deactivated"
)

// Routes lists the routes.
func Routes() []Route {
	return []Route{
		RouteMe, RouteToken, RouteEnterprise, RouteMembers, RouteQuery, RouteAdmins, RouteMember, RouteLicensed, RouteDeactivated,
	}
}

func (d *Double) routes() *http.ServeMux {
	mux := http.NewServeMux()
	const enterprise = "/1/enterprises/{id}"
	mux.HandleFunc("GET /1/members/me", d.api(RouteMe, d.getMe))
	mux.HandleFunc("GET /1/tokens/{token}", d.api(RouteToken, d.getToken))
	mux.HandleFunc("GET "+enterprise, d.api(RouteEnterprise, d.inEnterprise(d.getEnterprise)))
	mux.HandleFunc("GET "+enterprise+"/members", d.api(RouteMembers, d.inEnterprise(d.listMembers)))
	mux.HandleFunc("GET "+enterprise+"/members/query", d.api(RouteQuery, d.inEnterprise(d.queryMembers)))
	mux.HandleFunc("GET "+enterprise+"/admins", d.api(RouteAdmins, d.inEnterprise(d.listAdmins)))
	mux.HandleFunc("GET "+enterprise+"/members/{idMember}", d.api(RouteMember, d.inEnterprise(d.getMember)))
	mux.HandleFunc("PUT "+enterprise+"/members/{idMember}/licensed", d.api(RouteLicensed, d.inEnterprise(d.write(RouteLicensed))))
	mux.HandleFunc("PUT "+enterprise+"/members/{idMember}/deactivated", d.api(RouteDeactivated, d.inEnterprise(d.write(RouteDeactivated))))
	d.adminRoutes(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		plain(w, http.StatusNotFound, fmt.Sprintf("Cannot %s %s", r.Method, r.URL.Path))
	})
	return mux
}

// ServeHTTP implements http.Handler.
func (d *Double) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.mux.ServeHTTP(w, r) }

// api is what every route of Trello has before it looks at the request: faults, limits, authentication.
func (d *Double) api(route Route, handle http.HandlerFunc) http.HandlerFunc {
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
		if d.budgets.enabled && !d.faults.On(FaultNoBudgets) {
			if broken := d.budgets.admit(w.Header(), route, d.now()); broken != "" {
				d.log.Refused()
				limited(w, broken)
				return
			}
		}
		if refusal := d.authenticate(r); refusal != "" {
			plain(w, http.StatusUnauthorized, refusal)
			return
		}
		handle(w, r)
	}
}

var statusFaults = map[Fault]int{
	Fault500: http.StatusInternalServerError, Fault502: http.StatusBadGateway,
	Fault503: http.StatusServiceUnavailable, Fault504: http.StatusGatewayTimeout,
}

// brokenAnswer answers with a fault that does not depend on what was asked.
func (d *Double) brokenAnswer(w http.ResponseWriter, r *http.Request, route Route) bool {
	for _, f := range []Fault{FaultTokenLimit, FaultKeyLimit, FaultMemberLimit, FaultDBLimit} {
		if d.faults.Hits(f, route) {
			limited(w, f)
			return true
		}
	}
	for f, status := range statusFaults {
		if d.faults.Hits(f, route) {
			answer(w, status, map[string]string{"message": http.StatusText(status), "error": "ERROR"})
			return true
		}
	}
	switch {
	case d.faults.Hits(Fault449, route):
		answer(w, 449, map[string]any{"path": r.URL.Path, "originalMessage": "sub-request failed", "originalStatus": 500})
	case d.faults.Hits(FaultHTML, route):
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!DOCTYPE html>\n<html><head><title>Maintenance</title></head><body>Back soon</body></html>\n"))
	case d.faults.Hits(FaultRedirect, route):
		http.Redirect(w, r, "https://login.example.net/?from="+r.URL.Path, http.StatusFound)
	case d.faults.Hits(FaultEchoSecrets, route):
		plain(w, http.StatusBadRequest, "bad header "+r.Header.Get("Authorization")+" at "+r.URL.String())
	case d.faults.Hits(FaultDrop, route):
		panic(http.ErrAbortHandler)
	default:
		return false
	}
	return true
}

var oauthParam = regexp.MustCompile(`(oauth_consumer_key|oauth_token)="([^"]*)"`)

// authenticate returns the body of a 401, or nothing.
func (d *Double) authenticate(r *http.Request) string {
	// The values of a form come from the query as well as from the body.
	key, token := r.FormValue("key"), r.FormValue("token")
	if header, ok := strings.CutPrefix(r.Header.Get("Authorization"), "OAuth "); ok {
		for _, match := range oauthParam.FindAllStringSubmatch(header, -1) {
			if match[1] == "oauth_token" {
				token = match[2]
			} else {
				key = match[2]
			}
		}
	}
	switch {
	case token == "" && key == "":
		return unauthorized
	case token == "":
		return "missing scopes"
	case key != d.key:
		return "invalid key"
	case token != d.token:
		return "invalid token"
	case d.faults.On(FaultExpiredToken):
		return "expired token"
	}
	return ""
}

const (
	unauthorized = "unauthorized permission requested"
	notFound     = "The requested resource was not found."
	invalidID    = "invalid id"
)

var hexID = regexp.MustCompile(`^[0-9a-fA-F]{24}$`)

// inEnterprise checks the enterprise in the path and the caller's right to it.
func (d *Double) inEnterprise(handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := r.PathValue("id")
		switch {
		case id == d.enterprise, id == slug, d.faults.On(FaultTwoEnterprises) && id == d.secondEnterprise():
		case hexID.MatchString(id):
			plain(w, http.StatusNotFound, notFound)
			return
		default:
			plain(w, http.StatusBadRequest, invalidID)
			return
		}
		if d.faults.On(FaultNonAdminToken) {
			plain(w, http.StatusUnauthorized, unauthorized)
			return
		}
		handle(w, r)
	}
}

const slug = "brightwater"

// secondEnterprise is the id of an enterprise that only exists to make the choice ambiguous.
func (d *Double) secondEnterprise() string {
	return objectID(uint32(d.tokenMade.AddDate(-3, 0, 0).Unix()), d.seed, maxPeople-2)
}

func (d *Double) getMe(w http.ResponseWriter, r *http.Request) {
	want := parseFields(r.FormValue("fields"))
	if r.FormValue("fields") == "" {
		want = fieldsAll
	}
	if d.faults.On(FaultTwoEnterprises) {
		want &^= fieldIDEnterprise
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	d.send(w, RouteMe, d.appendMember(nil, 0, want))
}

func (d *Double) getToken(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("token") != d.token {
		plain(w, http.StatusNotFound, notFound)
		return
	}
	write := !d.faults.On(FaultReadOnlyToken)
	var expires *time.Time
	if d.faults.On(FaultExpiringToken) {
		at := d.now().UTC().Add(days(3)).Truncate(time.Millisecond)
		expires = &at
	}
	d.mu.RLock()
	me := d.memberID(0)
	d.mu.RUnlock()
	type permission struct {
		IDModel   string `json:"idModel"`
		ModelType string `json:"modelType"`
		Read      bool   `json:"read"`
		Write     bool   `json:"write"`
	}
	answer(w, http.StatusOK, map[string]any{
		"id": objectID(uint32(d.tokenMade.Unix()), d.seed, 0), "identifier": "ServerToken", "idMember": me,
		"dateCreated": d.tokenMade, "dateExpires": expires,
		"permissions": []permission{
			{me, "Member", true, write}, {"*", "Board", true, write}, {"*", "Organization", true, write}, {"*", "Enterprise", true, write},
		},
	})
}

func (d *Double) getEnterprise(w http.ResponseWriter, r *http.Request) {
	all := map[string]any{"name": slug, "displayName": "Brightwater Works", "isAtlassianOrg": false, "atlOrgId": nil}
	if d.faults.On(FaultAdminHub) || d.faults.On(FaultAdminHubSilent) {
		all["isAtlassianOrg"] = true
		all["atlOrgId"] = "b1a7e0c2-0000-4000-8000-000000000001"
	}
	d.mu.RLock()
	id, total, seats := d.enterprise, len(d.licensed), d.seats()
	admins := []string{}
	for _, i := range d.admins() {
		admins = append(admins, d.memberID(i))
	}
	d.mu.RUnlock()
	if r.PathValue("id") == d.secondEnterprise() {
		id, total = d.secondEnterprise(), 0
	}
	all["id"], all["idAdmins"] = id, admins
	all["licenses"] = map[string]any{"maxMembers": seats, "totalMembers": total, "relatedEnterprises": []string{}}
	want := r.FormValue("fields")
	if want == "" || want == "all" {
		answer(w, http.StatusOK, all)
		return
	}
	chosen := map[string]any{"id": id}
	for name := range strings.SplitSeq(want, ",") {
		if value, ok := all[name]; ok {
			chosen[name] = value
		}
	}
	answer(w, http.StatusOK, chosen)
}

// admins are the indexes of the enterprise's admins. They are always among the first.
func (d *Double) admins() []int {
	var indexes []int
	for i := range min(2, len(d.people)) {
		if d.people[i].has(admin) {
			indexes = append(indexes, i)
		}
	}
	return indexes
}

func (d *Double) listAdmins(w http.ResponseWriter, _ *http.Request) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	d.send(w, RouteAdmins, d.appendMembers(nil, d.admins(), fieldsDefault))
}

func (d *Double) getMember(w http.ResponseWriter, r *http.Request) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	index, ok := d.findMember(w, r)
	if !ok {
		return
	}
	d.send(w, RouteMember, d.appendMember(nil, index, parseFields(r.FormValue("fields"))))
}

func (d *Double) findMember(w http.ResponseWriter, r *http.Request) (int, bool) {
	id := r.PathValue("idMember")
	index, ok := d.indexOf(id)
	ok = ok && !d.people[index].has(left)
	switch {
	case ok:
	case hexID.MatchString(id):
		plain(w, http.StatusNotFound, notFound)
	default:
		plain(w, http.StatusBadRequest, invalidID)
	}
	return index, ok
}

// send answers with JSON, whole or broken.
func (d *Double) send(w http.ResponseWriter, route Route, body []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
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

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

var limitNames = map[Fault]string{
	FaultTokenLimit: "API_TOKEN_LIMIT_EXCEEDED", FaultKeyLimit: "API_KEY_LIMIT_EXCEEDED",
	FaultMemberLimit: "MEMBER_LIMIT_EXCEEDED", FaultDBLimit: "API_TOKEN_DB_LIMIT_EXCEEDED",
}

func limited(w http.ResponseWriter, f Fault) {
	answer(w, http.StatusTooManyRequests, map[string]string{"error": limitNames[f], "message": "Rate limit exceeded"})
}

package asana

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The routes of Asana that the double has.
const (
	RouteMe          Route = "me"
	RouteMyRoles     Route = "my_memberships"
	RouteWorkspaces  Route = "workspaces"
	RouteWorkspace   Route = "workspace"
	RouteMemberships Route = "memberships"
	RouteMembership  Route = "membership" // the memberships of one user
	RouteUsers       Route = "users"
	RouteAgents      Route = "agents"
	RouteSearch      Route = "search"
	RouteTasks       Route = "tasks"
	RouteSubtasks    Route = "subtasks"
	RouteStories     Route = "stories"
	RouteProjects    Route = "projects"
	RouteAudit       Route = "audit_log"
	RouteExport      Route = "export"
	RouteJob         Route = "job"
	RouteFile        Route = "file"
	RouteRemove      Route = "remove"
	RouteAdd         Route = "add"
	RouteOAuth       Route = "oauth"
)

// Routes lists the routes.
func Routes() []Route {
	return []Route{
		RouteMe, RouteMyRoles, RouteWorkspaces, RouteWorkspace, RouteMemberships, RouteMembership, RouteUsers, RouteAgents,
		RouteSearch, RouteTasks, RouteSubtasks, RouteStories, RouteProjects, RouteAudit, RouteExport, RouteJob, RouteFile,
		RouteRemove, RouteAdd, RouteOAuth,
	}
}

func (d *Double) routes() *http.ServeMux {
	mux := http.NewServeMux()
	const api, workspace = "/api/1.0", "/api/1.0/workspaces/{workspace}"
	mux.HandleFunc("GET "+api+"/users/me", d.api(RouteMe, d.getMe))
	mux.HandleFunc("GET "+api+"/users/me/workspace_memberships", d.api(RouteMyRoles, d.myMemberships))
	mux.HandleFunc("GET "+api+"/users", d.api(RouteUsers, d.listUsers))
	mux.HandleFunc("GET "+api+"/workspaces", d.api(RouteWorkspaces, d.listWorkspaces))
	mux.HandleFunc("GET "+workspace, d.api(RouteWorkspace, d.inWorkspace(d.getWorkspace)))
	mux.HandleFunc("GET "+workspace+"/workspace_memberships", d.memberships)
	mux.HandleFunc("GET "+workspace+"/agents", d.api(RouteAgents, d.inWorkspace(d.listAgents)))
	mux.HandleFunc("GET "+workspace+"/tasks/search", d.api(RouteSearch, d.inWorkspace(d.searchTasks)))
	mux.HandleFunc("GET "+workspace+"/projects", d.api(RouteProjects, d.inWorkspace(d.listProjects)))
	mux.HandleFunc("GET "+workspace+"/audit_log_events", d.api(RouteAudit, d.inWorkspace(d.listEvents)))
	mux.HandleFunc("POST "+workspace+"/removeUser", d.api(RouteRemove, d.inWorkspace(d.removeUser)))
	mux.HandleFunc("POST "+workspace+"/addUser", d.api(RouteAdd, d.inWorkspace(d.addUser)))
	mux.HandleFunc("GET "+api+"/tasks", d.api(RouteTasks, d.listTasks))
	mux.HandleFunc("GET "+api+"/tasks/{task}/stories", d.api(RouteStories, d.listStories))
	mux.HandleFunc("GET "+api+"/tasks/{task}/subtasks", d.api(RouteSubtasks, d.listSubtasks))
	mux.HandleFunc("POST "+api+"/exports/resource", d.api(RouteExport, d.beginExport))
	mux.HandleFunc("GET "+api+"/jobs/{job}", d.api(RouteJob, d.getJob))
	mux.HandleFunc("GET /_files/{job}", d.getFile)
	d.oauthRoutes(mux)
	d.adminRoutes(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotFound, fmt.Sprintf("No matching route for request: %s %s", r.Method, r.URL.Path))
	})
	return mux
}

// ServeHTTP implements http.Handler.
func (d *Double) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.mux.ServeHTTP(w, r) }

// caller is who a token belongs to.
type caller struct {
	gid     string
	service bool // sees everything
	admin   bool
}

type handler func(http.ResponseWriter, *http.Request, caller)

// api is what every route of Asana has before it looks at the request: faults, limits, authentication.
func (d *Double) api(route Route, handle handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		d.log.Request(route)
		write := r.Method != http.MethodGet
		defer d.budgets.leave(write)
		room := d.budgets.enter(write)
		if slow, ok := d.faults.Hit(FaultSlow, route); ok {
			select {
			case <-r.Context().Done():
			case <-time.After(time.Duration(slow.DelayMS) * time.Millisecond):
			}
		}
		if d.brokenAnswer(w, r, route) {
			return
		}
		if d.budgets.enabled {
			wait := d.budgets.admit(route, d.faults.On(FaultFreePlan), d.now())
			if !room {
				wait = max(wait, time.Second)
			}
			if wait > 0 {
				d.log.Refused()
				limited(w, wait)
				return
			}
		}
		who, refusal := d.authenticate(r)
		if refusal != "" {
			refuse(w, http.StatusUnauthorized, refusal)
			return
		}
		handle(w, r, who)
	}
}

var statusFaults = map[Fault]int{
	Fault500: http.StatusInternalServerError, Fault502: http.StatusBadGateway, Fault503: http.StatusServiceUnavailable,
	Fault504: http.StatusGatewayTimeout, Fault403: http.StatusForbidden,
}

// brokenAnswer answers with a fault that does not depend on what was asked.
func (d *Double) brokenAnswer(w http.ResponseWriter, r *http.Request, route Route) bool {
	if d.faults.Hits(FaultRateLimit, route) {
		limited(w, 30*time.Second)
		return true
	}
	for f, status := range statusFaults {
		if d.faults.Hits(f, route) {
			refuse(w, status, http.StatusText(status))
			return true
		}
	}
	switch {
	case d.faults.Hits(FaultHTML, route):
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!DOCTYPE html>\n<html><head><title>Maintenance</title></head><body>Back soon</body></html>\n"))
	case d.faults.Hits(FaultRedirect, route):
		http.Redirect(w, r, "https://login.example.net/?from="+r.URL.Path, http.StatusFound)
	case d.faults.Hits(FaultEchoSecrets, route):
		refuse(w, http.StatusBadRequest, "bad header "+r.Header.Get("Authorization"))
	case d.faults.Hits(FaultDrop, route):
		panic(http.ErrAbortHandler)
	default:
		return false
	}
	return true
}

// authenticate returns the message of a 401, or who asks.
func (d *Double) authenticate(r *http.Request) (caller, string) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	admin := caller{gid: gid(userBase, 0), admin: !d.faults.On(FaultNonAdmin)}
	state := d.oauth.state(token, d.now())
	switch {
	case state == tokenExpired, state == tokenGood && d.faults.On(FaultExpiredToken):
		return caller{}, "The bearer token has expired. If you have a refresh token, please use it to request a new bearer token, otherwise allow the user to re-authenticate."
	case state == tokenGood, token == d.Token():
		return admin, ""
	case token == d.ServiceToken():
		return caller{gid: serviceGID, service: true, admin: true}, ""
	}
	return caller{}, "Not Authorized"
}

// inWorkspace checks the workspace in the path.
func (d *Double) inWorkspace(handle handler) handler {
	return func(w http.ResponseWriter, r *http.Request, who caller) {
		if !d.knowsWorkspace(r.PathValue("workspace")) {
			unknown(w, "workspace", r.PathValue("workspace"))
			return
		}
		handle(w, r, who)
	}
}

func (d *Double) knowsWorkspace(id string) bool {
	return id == workspaceGID || id == otherGID && d.faults.On(FaultTwoOrganizations)
}

func (d *Double) getMe(w http.ResponseWriter, r *http.Request, who caller) {
	want := parseFields(r)
	if r.FormValue("opt_fields") == "" {
		want = fieldSet{"name": true, "email": true}
	}
	if who.service {
		me := compact(serviceGID, "user")
		want.put(me, "name", "Licence service")
		d.send(w, RouteMe, data(me))
		return
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	d.send(w, RouteMe, data(d.user(0, want)))
}

func (d *Double) myMemberships(w http.ResponseWriter, r *http.Request, who caller) {
	want := parseFields(r)
	list := []any{}
	if !who.service {
		m := compact(gid(membershipGID, 0), "workspace_membership")
		m["user"] = compact(who.gid, "user")
		m["workspace"] = d.workspace(workspaceGID, want.below("workspace"))
		want.put(m, "is_admin", who.admin)
		want.put(m, "is_active", true)
		want.put(m, "is_guest", false)
		list = append(list, m)
	}
	d.send(w, RouteMyRoles, map[string]any{"data": list, "next_page": nil})
}

func (d *Double) workspace(id string, want fieldSet) map[string]any {
	name := "Brightwater Works"
	if id == otherGID {
		name = "Brightwater Labs"
	}
	w := compact(id, "workspace")
	want.put(w, "name", name)
	want.put(w, "is_organization", !d.faults.On(FaultPlainWorkspace))
	want.put(w, "email_domains", []string{"example.com"})
	return w
}

func (d *Double) getWorkspace(w http.ResponseWriter, r *http.Request, _ caller) {
	want := parseFields(r)
	if r.FormValue("opt_fields") == "" {
		want = fieldSet{"name": true, "is_organization": true, "email_domains": true}
	}
	d.send(w, RouteWorkspace, data(d.workspace(r.PathValue("workspace"), want)))
}

func (d *Double) listWorkspaces(w http.ResponseWriter, r *http.Request, _ caller) {
	want := parseFields(r)
	if len(want) == 0 {
		want = fieldSet{"name": true}
	}
	list := []any{d.workspace(workspaceGID, want)}
	if d.faults.On(FaultTwoOrganizations) {
		list = append(list, d.workspace(otherGID, want))
	}
	d.send(w, RouteWorkspaces, map[string]any{"data": list, "next_page": nil})
}

// send answers with JSON, whole or broken.
func (d *Double) send(w http.ResponseWriter, route Route, body any) {
	raw, ready := body.([]byte)
	if !ready {
		raw, _ = json.Marshal(body)
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	if d.faults.Hits(FaultTruncated, route) {
		raw = raw[:len(raw)/2]
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	if d.faults.Hits(FaultCut, route) {
		_, _ = w.Write(raw[:len(raw)/2])
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(raw)
}

func answerJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

const help = "For more information on API status codes and how to handle them, read the docs on errors: https://developers.asana.com/docs/errors"

// refuse answers in Asana's envelope for errors.
func refuse(w http.ResponseWriter, status int, message string) {
	failure := map[string]string{"message": message, "help": help}
	if status == http.StatusInternalServerError {
		failure["phrase"] = "6 sad squid snuggle softly"
	}
	answerJSON(w, status, map[string]any{"errors": []any{failure}})
}

func unknown(w http.ResponseWriter, what, id string) {
	refuse(w, http.StatusNotFound, what+": Unknown object: "+id)
}

func limited(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
	refuse(w, http.StatusTooManyRequests,
		"You've made too many requests and hit a rate limit. Please retry after the given amount of time.")
}

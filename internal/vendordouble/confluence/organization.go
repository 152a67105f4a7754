package confluence

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// organizationRoutes are the admin API of the organisation: a host, a credential and limits of their own.
func (d *Double) organizationRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /admin/v1/orgs/{org}/directory/users/{id}/last-active-dates", d.organization(RouteLastActive, d.lastActive))
	mux.HandleFunc("GET /admin/v2/orgs/{org}/directories/{directory}/users", d.organization(RouteDirectory, d.listDirectory))
}

func (d *Double) organization(route Route, handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		d.log.Request(route)
		if d.brokenAnswer(w, r, route) {
			return
		}
		if r.Header.Get("Authorization") != "Bearer "+d.keys.adminKey {
			adminRefusal(w, http.StatusUnauthorized, "Unauthorized")
			return
		}
		if r.PathValue("org") != d.keys.org {
			adminRefusal(w, http.StatusNotFound, "Organization not found")
			return
		}
		handle(w, r)
	}
}

func adminRefusal(w http.ResponseWriter, status int, title string) {
	answer(w, status, object{"errors": []object{{
		"status": strconv.Itoa(status), "code": "ADMIN-" + strconv.Itoa(status), "title": title, "detail": title,
	}}})
}

// lastActive tells when somebody last visited each product. Somebody who never did has no entry.
func (d *Double) lastActive(w http.ResponseWriter, r *http.Request) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	index, ok := d.indexOf(r.PathValue("id"))
	if !ok {
		adminRefusal(w, http.StatusNotFound, "User not found")
		return
	}
	p := d.people[index]
	products := []object{{
		"id": "ari:cloud:jira-software::site/" + d.keys.cloud, "key": "jira-software",
		"last_active": d.now().UTC().Format(time.DateOnly), "last_active_timestamp": d.now().UTC().Format(time.RFC3339),
	}}
	if p.viewed != 0 {
		at := time.Unix(int64(p.viewed), 0).UTC()
		products = append(products, object{
			"id": "ari:cloud:confluence::site/" + d.keys.cloud, "key": "confluence",
			"last_active": at.Format(time.DateOnly), "last_active_timestamp": at.Format(time.RFC3339),
		})
	}
	added := time.Unix(int64(p.created), 0).UTC()
	d.sendObject(w, RouteLastActive, object{
		"data": object{
			"product_access": products, "added_to_org": added.Format(time.DateOnly), "added_to_org_timestamp": added.Format(time.RFC3339),
		},
		"links": object{"next": nil},
	})
}

// listDirectory lists all users of the organisation with what Confluence does not tell: mail address and first day.
func (d *Double) listDirectory(w http.ResponseWriter, r *http.Request) {
	const most = 100
	start := 0
	if cursor := r.FormValue("cursor"); cursor != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(cursor, "next-"))
		if err != nil || n < 0 {
			adminRefusal(w, http.StatusBadRequest, "Invalid cursor")
			return
		}
		start = n
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	from := min(start, len(d.people))
	to := min(from+most, len(d.people))
	data := []object{}
	for i := from; i < to; i++ {
		p := d.people[i]
		status, kind := "active", "atlassian"
		if p.has(suspended) {
			status = "suspended"
		}
		if p.has(app) {
			kind = "app"
		}
		data = append(data, object{
			"accountId": d.accountID(i), "email": string(d.appendEmail(nil, i)), "accountType": kind, "accountStatus": "active",
			"membershipStatus": status, "claimStatus": "managed", "addedToOrg": time.Unix(int64(p.created), 0).UTC().Format(time.RFC3339),
		})
	}
	links := object{}
	if to < len(d.people) {
		links["next"] = "next-" + strconv.Itoa(to)
	}
	d.sendObject(w, RouteDirectory, object{"data": data, "links": links})
}

package asana

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// Validate implements connector.Connector with the calls that a download and an activity walk make.
func (a *Asana) Validate(ctx context.Context) (connector.Report, error) {
	r := &connector.Checklist{}
	w, trail, err := a.signIn(ctx, r, connector.ProcessDownload)
	if err != nil {
		return r.Result(err)
	}
	if w == nil {
		return r.Result(nil)
	}
	var rows list[membership]
	err = a.do(ctx, connector.Request{
		Path:   "/workspaces/" + w.GID + "/workspace_memberships",
		Query:  url.Values{"limit": {"1"}, "opt_fields": {memberFields}},
		Op:     opList,
		Object: "workspace " + w.GID,
		Decode: connector.Into(&rows),
	})
	if !r.Call(connector.ProcessDownload, err, func() string { return "the member list is readable" }) {
		return r.Result(err)
	}
	return r.Result(a.checkActivity(ctx, r, w.GID, trail))
}

// Preflight implements connector.Reclaimer: is the token's user an admin, and who inherits what people leave behind.
func (a *Asana) Preflight(ctx context.Context) (connector.Report, error) {
	r := &connector.Checklist{}
	w, trail, err := a.signIn(ctx, r, connector.ProcessReclaim)
	if err != nil || w == nil {
		return r.Result(err)
	}
	if trail == trailReadable {
		r.Check(connector.ProcessReclaim, true,
			"what removed people own goes to the person in the organisation's member-removal settings")
	} else if me, err := a.self(ctx); err == nil {
		r.Check(connector.ProcessReclaim, true, fmt.Sprintf(
			"what removed people own goes to the token's user, %s; a service account's token leaves it to the organisation's settings",
			me.principal()))
	}
	return r.Result(nil)
}

// signIn checks who the token's user is, which organisation the profile is for, and whether the user administers it. A
// nil workspace without an error means that a check failed.
func (a *Asana) signIn(ctx context.Context, r *connector.Checklist, process string) (*workspace, trail, error) {
	me, err := a.self(ctx)
	if !r.Call(process, err, func() string { return "signed in to Asana as " + me.principal() }) {
		return nil, trailUnknown, cannotTell(err)
	}
	w, err := a.theWorkspace(ctx)
	if !r.Call(process, err, func() string { return "the organisation is " + w.label() }) {
		return nil, trailUnknown, cannotTell(err)
	}
	admin, err := a.administers(ctx, w.GID)
	if err != nil && connector.KindOf(err) != connector.KindPermission {
		r.Check(process, false, err.Error())
		return nil, trailUnknown, cannotTell(err)
	}
	found, err := a.probeTrail(ctx, w.GID)
	if err != nil {
		r.Check(process, false, err.Error())
		return nil, trailUnknown, cannotTell(err)
	}
	switch {
	case admin:
		r.Check(process, true, fmt.Sprintf("%s is an admin of %s", me.principal(), w.label()))
	case found == trailReadable:
		// Only service accounts may read the audit log, and they have the rights of an admin.
		r.Check(process, true, fmt.Sprintf("%s is a service account of %s", me.principal(), w.label()))
	default:
		r.Check(process, false, fmt.Sprintf(
			"%s is no admin of %s: sign in as an admin, give this user the admin role, or use the token of a service account",
			me.principal(), w.label()))
		return nil, found, nil
	}
	return w, found, nil
}

// cannotTell keeps an error only where the vendor could not be asked.
func cannotTell(err error) error {
	if connector.CannotTell(err) {
		return err
	}
	return nil
}

// administers tells whether the token's user is an active admin of the workspace.
func (a *Asana) administers(ctx context.Context, workspace string) (bool, error) {
	admin := false
	err := connector.WalkCursor(ctx, func(ctx context.Context, offset string) (connector.CursorPage[[]membership], error) {
		var page list[membership]
		err := a.do(ctx, connector.Request{
			Path:   "/users/me/workspace_memberships",
			Query:  listQuery("is_admin,is_active,is_guest,workspace.name", offset),
			Op:     "read the memberships of the token's own user",
			Decode: connector.Into(&page),
		})
		return connector.CursorPage[[]membership]{Page: page.Data, Items: len(page.Data), Next: page.next()}, err
	}, func(page []membership) (int, error) {
		for _, m := range page {
			admin = admin || m.Workspace.GID == workspace && m.IsActive && m.IsAdmin
		}
		return len(page), nil
	})
	return admin, err
}

// trail is what is known about the audit log.
type trail int

const (
	trailUnknown trail = iota
	trailReadable
	trailRefused // the token is none of a service account
	trailNotInPlan
)

// probeTrail finds out whether the audit log is readable.
func (a *Asana) probeTrail(ctx context.Context, workspace string) (trail, error) {
	err := a.do(ctx, connector.Request{
		Path: "/workspaces/" + workspace + "/audit_log_events",
		Query: url.Values{
			"limit": {"1"}, "start_at": {a.now().Add(-auditLag).UTC().Format(inMilliseconds)},
		},
		Op:     opAudit,
		Object: "workspace " + workspace,
		Decode: connector.Into(new(list[auditEvent])),
	})
	switch {
	case err == nil:
		return trailReadable, nil
	case connector.StatusOf(err) == http.StatusPaymentRequired, connector.KindOf(err) == connector.KindNotFound:
		return trailNotInPlan, nil
	case connector.KindOf(err) == connector.KindPermission:
		return trailRefused, nil
	}
	return trailUnknown, err
}

const (
	adviceTrailRefused = "The audit log and resource exports need the token of a service account, on the plan Enterprise+ or with the compliance add-on"
	adviceTrailPlan    = "The organisation's plan has no audit log and no resource export; it needs Enterprise+ or the compliance add-on, and the token of a service account"
	adviceBlind        = "The token cannot see private tasks and projects, so who works only there has no sign of activity and counts as unknown rather than idle; the token of a service account sees all"
)

// checkActivity tells which method an activity walk will use.
func (a *Asana) checkActivity(ctx context.Context, r *connector.Checklist, workspace string, found trail) error {
	process := connector.ProcessActivity
	if found != trailReadable && (a.method == methodExport || a.method == methodAudit) {
		advice := adviceTrailRefused
		if found == trailNotInPlan {
			advice = adviceTrailPlan
		}
		r.Check(process, false, fmt.Sprintf("activity_method is %s, which this credential cannot use. %s", a.method, advice))
		return nil
	}
	switch {
	case a.method == methodAudit:
		r.Check(process, true, "activity comes from the audit log")
		r.Warn(adviceLoginsOnly)
		return nil
	case found == trailReadable && a.method != methodStories:
		r.Check(process, true, "activity comes from a resource export")
		return nil
	}
	err := a.probeSearch(ctx, workspace)
	switch {
	case err == nil:
		r.Check(process, true, "activity comes from tasks and their stories, found by search")
	case connector.StatusOf(err) == http.StatusPaymentRequired:
		a.limits.free()
		r.Check(process, true, "activity comes from tasks and their stories, read project by project")
		r.Warn("The organisation's plan has no task search, and a tenth of the request limit: activity is read project by project, and tasks in no project are found by assignee only")
	default:
		r.Check(process, false, err.Error())
		return cannotTell(err)
	}
	if found != trailReadable {
		r.Warn(adviceBlind)
	}
	return nil
}

func (a *Asana) probeSearch(ctx context.Context, workspace string) error {
	return a.do(ctx, connector.Request{
		Path:   "/workspaces/" + workspace + "/tasks/search",
		Query:  url.Values{"limit": {"1"}, "sort_by": {"modified_at"}, "sort_ascending": {"false"}, "opt_fields": {"modified_at"}},
		Op:     opSearch,
		Object: "workspace " + workspace,
		Limits: a.limits.ofSearch(),
		Decode: connector.Into(new(list[task])),
	})
}

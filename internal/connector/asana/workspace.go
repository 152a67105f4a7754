package asana

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

const adviceSetWorkspace = "set vendor_config.asana.workspace_id of the integration profile"

// self reads the token's own user, once per connector.
func (a *Asana) self(ctx context.Context) (*user, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.me != nil {
		return a.me, nil
	}
	var answer one[user]
	r := connector.Request{
		Path:   "/users/me",
		Query:  url.Values{"opt_fields": {"name,email"}},
		Op:     "read the token's own user",
		Decode: connector.Into(&answer),
	}
	if err := a.do(ctx, r); err != nil {
		return nil, err
	}
	if answer.Data.GID == "" {
		return nil, badAnswer(r.Op, "", "the answer names no user")
	}
	a.me = &answer.Data
	return a.me, nil
}

// workspaceID is the id of the profile's organisation. With the option set it costs no request.
func (a *Asana) workspaceID(ctx context.Context) (string, error) {
	if a.workspaceOpt != "" {
		return a.workspaceOpt, nil
	}
	w, err := a.theWorkspace(ctx)
	if err != nil {
		return "", err
	}
	return w.GID, nil
}

// theWorkspace is the profile's organisation, read once per connector.
func (a *Asana) theWorkspace(ctx context.Context) (*workspace, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.workspace != nil {
		return a.workspace, nil
	}
	var w *workspace
	var err error
	if a.workspaceOpt != "" {
		w, err = a.readWorkspace(ctx, a.workspaceOpt)
	} else {
		w, err = a.chooseWorkspace(ctx)
	}
	if err != nil {
		return nil, err
	}
	a.workspace = w
	return w, nil
}

// Tenant implements connector.TenantReader: it is the organisation.
func (a *Asana) Tenant(ctx context.Context) (id, name string, err error) {
	w, err := a.theWorkspace(ctx)
	if err != nil {
		return "", "", err
	}
	return w.GID, w.Name, nil
}

func (a *Asana) readWorkspace(ctx context.Context, gid string) (*workspace, error) {
	var answer one[workspace]
	r := connector.Request{
		Path:   "/workspaces/" + gid,
		Query:  url.Values{"opt_fields": {"name,is_organization"}},
		Op:     opWorkspace,
		Object: "workspace " + gid,
		Decode: connector.Into(&answer),
	}
	err := a.do(ctx, r)
	if failure := asError(err); failure != nil && (failure.Kind == connector.KindNotFound || failure.Kind == connector.KindRefused) {
		failure.Kind = connector.KindConfig
		failure.Advice = "Asana does not know this workspace, or not for this token: " + adviceSetWorkspace + " to one that the token's user is in"
	}
	if err != nil {
		return nil, err
	}
	w := &answer.Data
	switch {
	case w.GID == "":
		return nil, badAnswer(r.Op, r.Object, "the answer names no workspace")
	case !w.IsOrganization:
		return nil, &connector.Error{
			Vendor: vendorName, Op: r.Op, Object: "workspace " + w.label(), Kind: connector.KindConfig,
			Advice: "This is a workspace and not an organisation. ServiceNow manages the licences of organisations only: " +
				adviceSetWorkspace + " to an organisation, or turn the workspace into one in Asana",
		}
	}
	return w, nil
}

const opWorkspace = "find the organisation"

// chooseWorkspace is the only organisation that the token sees.
func (a *Asana) chooseWorkspace(ctx context.Context) (*workspace, error) {
	var found []workspace
	var others []string
	err := connector.WalkCursor(ctx, func(ctx context.Context, offset string) (connector.CursorPage[[]workspace], error) {
		var page list[workspace]
		err := a.do(ctx, connector.Request{
			Path:   "/workspaces",
			Query:  listQuery("name,is_organization", offset),
			Op:     opWorkspace,
			Decode: connector.Into(&page),
		})
		return connector.CursorPage[[]workspace]{Page: page.Data, Items: len(page.Data), Next: page.next()}, err
	}, func(page []workspace) (int, error) {
		for _, w := range page {
			if w.IsOrganization {
				found = append(found, w)
			} else {
				others = append(others, w.label())
			}
		}
		return len(page), nil
	})
	if err != nil {
		return nil, err
	}
	fail := func(advice string) error {
		return &connector.Error{Vendor: vendorName, Op: opWorkspace, Kind: connector.KindConfig, Advice: advice}
	}
	switch {
	case len(found) == 1:
		return &found[0], nil
	case len(found) > 1:
		var names []string
		for i := range found {
			names = append(names, found[i].label())
		}
		return nil, fail(fmt.Sprintf("The token's user is in several organisations, %s: %s to one of them",
			strings.Join(names, ", "), adviceSetWorkspace))
	case len(others) > 0:
		return nil, fail(fmt.Sprintf(
			"The token's user is in no organisation, only in workspaces: %s. ServiceNow manages the licences of organisations only",
			strings.Join(others, ", ")))
	}
	return nil, fail("The token's user is in no organisation: sign in as an admin of the organisation")
}

// listQuery is the query of any list with pages.
func listQuery(fields, offset string) url.Values {
	q := url.Values{"limit": {"100"}, "opt_fields": {fields}}
	if offset != "" {
		q.Set("offset", offset)
	}
	return q
}

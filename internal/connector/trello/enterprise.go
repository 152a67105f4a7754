package trello

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

const opReadEnterprise = "read the enterprise"

const adviceSetEnterprise = `Set vendor_config.trello.enterprise_id of the integration profile`

// self reads the token's own user, once per connector: the route has a budget of its own, 100 requests in 15 minutes.
func (t *Trello) self(ctx context.Context) (*member, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.me != nil {
		return t.me, nil
	}
	var m member
	_, err := t.client.Do(ctx, connector.Request{
		Path:   "/members/me",
		Query:  url.Values{"fields": {"id,username,fullName,email,idEnterprise,idEnterprisesAdmin"}},
		Op:     "read the token's own user",
		Limits: t.memberLimits,
		Decode: connector.Into(&m),
	})
	if err != nil {
		return nil, err
	}
	if m.ID == "" {
		return nil, t.badAnswer("read the token's own user", "", "the answer names no user")
	}
	t.me = &m
	return t.me, nil
}

// Tenant implements connector.TenantReader: the id and name of the enterprise.
func (t *Trello) Tenant(ctx context.Context) (id, name string, err error) {
	e, err := t.theEnterprise(ctx)
	if err != nil {
		return "", "", err
	}
	return e.ID, e.label(), nil
}

// theEnterprise is the enterprise of the profile, read once per connector.
func (t *Trello) theEnterprise(ctx context.Context) (*enterprise, error) {
	return t.enterpriseOfAge(ctx, math.MaxInt64)
}

// enterpriseOfAge is the enterprise of the profile as it was read no longer ago than that.
func (t *Trello) enterpriseOfAge(ctx context.Context, most time.Duration) (*enterprise, error) {
	me, err := t.self(ctx)
	if err != nil {
		return nil, err
	}
	id, err := chooseEnterprise(me, t.enterpriseOpt)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	begin := t.clock.Now()
	if t.enterprise != nil && begin.Sub(t.enterpriseAt) < most {
		return t.enterprise, nil
	}
	e, err := t.readEnterprise(ctx, id)
	var failure *connector.Error
	if errors.As(err, &failure) && failure.Kind == connector.KindNotFound {
		failure.Kind = connector.KindConfig
		failure.Advice = "Trello does not know this enterprise, or not for this token. " + administered(me)
		return nil, failure
	}
	if err != nil {
		return nil, err
	}
	t.enterprise, t.enterpriseAt = e, begin
	return e, nil
}

func (t *Trello) readEnterprise(ctx context.Context, id string) (*enterprise, error) {
	var e enterprise
	request := connector.Request{
		Path:   "/enterprises/" + url.PathEscape(id),
		Query:  url.Values{"fields": {"id,name,displayName,licenses,idAdmins,isAtlassianOrg,atlOrgId"}},
		Op:     opReadEnterprise,
		Object: "enterprise " + id,
		Decode: connector.Into(&e),
	}
	if _, err := t.client.Do(ctx, request); err != nil {
		return nil, err
	}
	if e.ID == "" {
		return nil, t.badAnswer(request.Op, request.Object, "the answer names no enterprise")
	}
	return &e, nil
}

// errAdminsNotTold: the enterprise answers admins only, so a list of admins without the one who asked is no such list.
var errAdminsNotTold = errors.New("the token's own user is not among the admins that it names, so it does not tell who is one")

// checkAdmins fails where the enterprise's list of admins cannot be relied on.
func (t *Trello) checkAdmins(e *enterprise, me *member) error {
	if slices.Contains(e.IDAdmins, me.ID) {
		return nil
	}
	failure := t.badAnswer(opReadEnterprise, "enterprise "+e.ID, errAdminsNotTold.Error())
	failure.Advice = "Without that list an admin could lose the licence, so nothing is reclaimed. Give the token's user the admin role in this enterprise; if it has it, report this with the version of the provider"
	return failure
}

// chooseEnterprise is the configured enterprise, else the only one that the token's user administers.
func chooseEnterprise(me *member, configured string) (string, error) {
	admin := me.IDEnterprisesAdmin
	fail := func(kind connector.Kind, advice string) error {
		return &connector.Error{
			Vendor: vendorName, Op: "find the enterprise", Object: "user " + me.Username, Kind: kind, Advice: advice,
		}
	}
	switch {
	case configured != "":
		// A name instead of an id cannot be compared here; Trello resolves it.
		if len(admin) > 0 && !created(configured).IsZero() && !slices.Contains(admin, configured) {
			return "", fail(connector.KindConfig, fmt.Sprintf(
				"The token's user does not administer enterprise %s. %s", configured, administered(me)))
		}
		return configured, nil
	case len(admin) == 1:
		return admin[0], nil
	case len(admin) == 0:
		return "", fail(connector.KindPermission,
			"The token's user is not an admin of any Trello enterprise: make the token as a user who is, or give this one the admin role")
	case slices.Contains(admin, me.IDEnterprise):
		return me.IDEnterprise, nil
	}
	return "", fail(connector.KindConfig, fmt.Sprintf(
		"The token's user administers several enterprises, %s. %s to one of them", strings.Join(admin, ", "), adviceSetEnterprise))
}

func administered(me *member) string {
	if len(me.IDEnterprisesAdmin) == 0 {
		return "The token's user administers no enterprise; " + lowerFirst(adviceSetEnterprise) + " to the id of an enterprise that it does"
	}
	return fmt.Sprintf("%s to an enterprise that it administers: %s", adviceSetEnterprise, strings.Join(me.IDEnterprisesAdmin, ", "))
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

func (t *Trello) badAnswer(op, object, reason string) *connector.Error {
	return &connector.Error{
		Vendor: vendorName, Op: op, Object: object, Kind: connector.KindBadAnswer, Err: errors.New(reason),
		Advice: "Trello's API may have changed; report this with the version of the provider",
	}
}

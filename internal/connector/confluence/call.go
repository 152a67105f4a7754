package confluence

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// The classic scopes of an OAuth grant, as ServiceNow asks for them.
const (
	scopeGroups      = "read:confluence-groups"
	scopeUser        = "read:confluence-user"
	scopeSearch      = "search:confluence"
	scopeWriteGroups = "write:confluence-groups"
	scopeOffline     = "offline_access"
)

// call is one request of version 1 with what it needs and costs.
type call struct {
	connector.Request
	scope string
	cost  int        // points at most
	spent func() int // points in fact; nil means cost
}

// unsent marks the error of a write that was not begun.
func (r call) unsent(err error) error {
	if r.Method == "" || r.Method == http.MethodGet {
		return err
	}
	return beforeWriting(err)
}

// do sends a call when a slot is free and the quota allows it.
func (c *Confluence) do(ctx context.Context, r call) error {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return r.unsent(ctx.Err())
	}
	if c.points != nil {
		if err := c.points.take(ctx, r.cost); err != nil {
			return r.unsent(err)
		}
		defer func() {
			spent := r.cost
			if r.spent != nil {
				spent = r.spent()
			}
			c.points.settle(r.cost, spent)
		}()
	}
	r.Path = c.prefix + r.Path
	_, err := c.client.Do(ctx, r.Request)
	var failure *connector.Error
	if errors.As(err, &failure) && failure.Status == http.StatusUnauthorized && failure.Kind == connector.KindPermission {
		failure.Advice = fmt.Sprintf("The token lacks the scope %s: %s", r.scope, c.adviceScope())
	}
	return err
}

func (c *Confluence) adviceScope() string {
	if c.oauth {
		return "add it to the OAuth app and consent again"
	}
	return "make a new API token with it"
}

// mismatch is how the gateway refuses a token that is good and lacks the scope.
const mismatch = "scope does not match"

// aboutToken tells whether a 401 is about the token. A missing scope stays missing, and a refresh would only spend a
// rotation.
func aboutToken(a connector.Answer) bool {
	return !strings.Contains(strings.ToLower(string(a.Body)), mismatch)
}

const adviceSiteAdmin = "The account may not do this: reading groups needs access to Confluence, and changing the members of groups needs a site admin"

// classify tells what a failed answer means.
func (c *Confluence) classify(a connector.Answer) (connector.Kind, string) {
	switch {
	case a.Status == http.StatusUnauthorized && !aboutToken(a):
		return connector.KindPermission, c.adviceScope()
	case a.Status == http.StatusUnauthorized && c.oauth:
		return connector.KindCredentials, "The grant is not valid any more: consent again"
	case a.Status == http.StatusUnauthorized:
		return connector.KindCredentials, "The API token is wrong, expired or revoked, or does not belong to this site: make a new one, and check the cloud id"
	case a.Status == http.StatusForbidden && saysSynced(a.Body):
		return connector.KindManagedElsewhere, adviceSynced
	case a.Status == http.StatusForbidden:
		return connector.KindPermission, adviceSiteAdmin
	case a.Status == http.StatusGone:
		return connector.KindRefused, "Atlassian has retired this route; use a newer version of the provider"
	}
	return "", ""
}

const adviceSynced = "The group is synced from an identity provider: change its members there"

func saysSynced(body []byte) bool {
	text := strings.ToLower(string(body))
	return strings.Contains(text, "identity provider") || strings.Contains(text, "synced from") || strings.Contains(text, "externally managed")
}

func badAnswer(op, object, reason string) *connector.Error {
	return &connector.Error{
		Vendor: vendorName, Op: op, Object: object, Kind: connector.KindBadAnswer, Err: errors.New(reason),
		Advice: "Confluence's API may have changed; report this with the version of the provider",
	}
}

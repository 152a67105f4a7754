package confluence

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// budgetOrganization was observed by the author of a production app (about 200 requests a minute); Atlassian publishes
// none.
var budgetOrganization = connector.Budget{Name: "the limit of Atlassian's admin API", Requests: 180, Per: time.Minute, Burst: 5}

// organization is Atlassian's admin API, which has a host, a credential and limits of its own.
type organization struct {
	client *connector.Client
	id     string
}

func (c *Confluence) addOrganization(cfg connector.Config, root *url.URL) error {
	key := cfg.Secrets[secretAdminKey]
	switch {
	case key.Empty() && c.options.source == sourceAdmin:
		return fmt.Errorf("activity_source %q needs an API key of the organisation, the secret %s of the credential", sourceAdmin, secretAdminKey)
	case key.Empty():
		return nil
	case c.options.organization == "":
		return fmt.Errorf("with an API key of the organisation, organization_id is needed; it is in the address of https://admin.atlassian.com/o/<org>")
	case c.options.source == sourceAdmin && c.cloudID == "":
		return errors.New("with activity_source \"admin\" the connection URL must name the cloud id: https://api.atlassian.com/ex/confluence/<Cloud-ID>")
	}
	base := &url.URL{Scheme: root.Scheme, Host: root.Host}
	if !connector.Loopback(root.Hostname()) {
		base = &url.URL{Scheme: "https", Host: gatewayHost}
	}
	var limits []*connector.Limiter
	switch {
	case cfg.Unlimited:
	case cfg.Clock != nil:
		limits = only(connector.NewLimiter(budgetOrganization, cfg.Clock))
	default:
		limits = only(connector.SharedLimiter(budgetOrganization, base.Host+c.options.organization, key))
	}
	c.organization = &organization{
		id: c.options.organization,
		client: connector.NewClient(connector.ClientConfig{
			Vendor: vendorName, BaseURL: base.JoinPath("admin"), Transport: cfg.Transport, Tokens: connector.StaticToken(key),
			Secrets: []connector.Secret{key}, Limits: limits, Classify: classifyAdmin,
			Throttled: func(connector.Answer) (time.Duration, *connector.Limiter) {
				if limits == nil {
					return time.Minute, nil
				}
				return time.Minute, limits[0]
			},
			AttemptTimeout: attemptTimeout, Clock: cfg.Clock, Log: cfg.Log,
		}),
	}
	return nil
}

func classifyAdmin(a connector.Answer) (connector.Kind, string) {
	switch a.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return connector.KindCredentials, "The API key of the organisation is wrong or has expired, or was made with scopes: make one without scopes at https://admin.atlassian.com"
	case http.StatusNotFound:
		return connector.KindNotFound, "Check organization_id"
	}
	return "", ""
}

func (o *organization) get(ctx context.Context, path string, query url.Values, op, object string, into any) error {
	_, err := o.client.Do(ctx, connector.Request{Path: path, Query: query, Op: op, Object: object, Decode: connector.Into(into)})
	return err
}

// detail is what Confluence does not tell about somebody.
type detail struct {
	email string
	added time.Time // to the organisation
}

const opDirectory = "list the organisation's users"

// directory reads the details of everybody in the organisation; nil without an API key.
func (c *Confluence) directory(ctx context.Context) (map[string]detail, error) {
	if c.organization == nil {
		return nil, nil
	}
	details := map[string]detail{}
	err := connector.WalkCursor(ctx, c.directoryPage, func(users []directoryUser) (fresh int, err error) {
		for _, u := range users {
			if _, known := details[u.AccountID]; !known {
				fresh++
			}
			details[u.AccountID] = detail{email: u.Email, added: u.AddedToOrg.UTC()}
		}
		return fresh, nil
	})
	if errors.Is(err, connector.ErrLoop) {
		return nil, &connector.Error{
			Vendor: vendorName, Op: opDirectory, Kind: connector.KindLoop, Err: err, Advice: "Run again, and report it if it stays",
		}
	}
	return details, err
}

func (c *Confluence) directoryPage(ctx context.Context, cursor string) (connector.CursorPage[[]directoryUser], error) {
	query := url.Values{"limit": {"100"}}
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	var p struct {
		Data  []directoryUser `json:"data"`
		Links links           `json:"links"`
	}
	path := "/v2/orgs/" + url.PathEscape(c.organization.id) + "/directories/-/users"
	err := c.organization.get(ctx, path, query, opDirectory, "", &p)
	return connector.CursorPage[[]directoryUser]{Page: p.Data, Items: len(p.Data), Next: p.Links.cursor()}, err
}

type directoryUser struct {
	AccountID  string    `json:"accountId"`
	Email      string    `json:"email"`
	AddedToOrg time.Time `json:"addedToOrg"`
}

// cursor is the position in a link of the admin API, which may be a URL or the cursor alone.
func (l links) cursor() string {
	if cursor, ok := l.parameter("cursor"); ok && cursor != "" {
		return cursor
	}
	return l.Next
}

// lastVisit reads when somebody last viewed the site for two seconds or more; the zero time when never. It can be up to a
// day late (developer.atlassian.com/cloud/admin/organization, last active dates).
func (c *Confluence) lastVisit(ctx context.Context, accountID string) (time.Time, error) {
	const op = "read when a user was last active"
	object := "user " + accountID
	var p struct {
		Data struct {
			ProductAccess []struct {
				ID        string `json:"id"`
				Key       string `json:"key"`
				Date      string `json:"last_active"`
				Timestamp string `json:"last_active_timestamp"`
			} `json:"product_access"`
		} `json:"data"`
	}
	path := "/v1/orgs/" + url.PathEscape(c.organization.id) + "/directory/users/" + url.PathEscape(accountID) + "/last-active-dates"
	if err := c.organization.get(ctx, path, nil, op, object, &p); err != nil {
		return time.Time{}, err
	}
	var latest time.Time
	for _, product := range p.Data.ProductAccess {
		if product.Key != "confluence" || product.ID != c.cloudID && !strings.HasSuffix(product.ID, "/"+c.cloudID) {
			continue
		}
		at, err := parseVisit(product.Timestamp, product.Date)
		if err != nil {
			// Taking it for "never" could cost the person the seat.
			return time.Time{}, badAnswer(op, object, err.Error())
		}
		if at.After(latest) {
			latest = at
		}
	}
	return latest, nil
}

// parseVisit reads a time, or a date, which stands for the end of the day.
func parseVisit(timestamp, date string) (time.Time, error) {
	switch {
	case timestamp != "":
		at, err := time.Parse(time.RFC3339, timestamp)
		return at.UTC(), err
	case date != "":
		day, err := time.Parse(time.DateOnly, date)
		return day.Add(24*time.Hour - time.Second), err
	}
	return time.Time{}, nil
}

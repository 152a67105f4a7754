// Package confluence connects to Confluence Cloud: who holds a seat through the groups that give access, what they did,
// and taking a seat back by removing somebody from those groups.
//
// Facts come from Atlassian's REST documentation (developer.atlassian.com/cloud/confluence) unless a comment says
// otherwise.
package confluence

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

const (
	vendorName = "Confluence"
	identifier = "Confluence Cloud"

	secretToken    = "token"
	secretPassword = "password" // of a basic credential, which holds the API token there
	secretUser     = "user_name"
	secretAdminKey = "admin_api_key"

	optionGroups          = "group_ids"
	optionGuests          = "include_guests"
	optionSource          = "activity_source"
	optionOrganization    = "organization_id"
	optionAdminGroups     = "allow_admin_groups"
	optionProtectedGroups = "protected_group_ids"
	optionActivity        = "download_activity"
	optionReclaim         = "reclaim_subscriptions"

	sourceContent = "content"
	sourceAdmin   = "admin"

	gatewayHost = "api.atlassian.com"
	// attemptTimeout outlasts the list of groups of a large organisation, which was seen to take half a minute.
	attemptTimeout = 90 * time.Second
	// inFlight is how many requests are under way at the same time.
	inFlight = 8
)

// Descriptor is what is fixed about Confluence.
func Descriptor() connector.Descriptor {
	return connector.Descriptor{
		Vendor:  "confluence",
		Name:    vendorName,
		BaseURL: "https://api.atlassian.com/ex/confluence/<Cloud-ID>",
		Hosts:   []string{gatewayHost, "*.atlassian.net"},
		Options: []string{
			optionGroups, optionGuests, optionSource, optionOrganization, optionAdminGroups, optionProtectedGroups,
			optionActivity, optionReclaim,
		},
		Identifier: identifier,
	}
}

// Confluence is the connector. It is safe for use by several goroutines.
type Confluence struct {
	client       *connector.Client
	organization *organization // nil without an admin API key
	prefix       string        // of the paths of version 1
	cloudID      string        // empty where the connection goes to the site itself
	oauth        bool
	options      options
	limits       limits
	points       *points       // nil where requests cost none
	slots        chan struct{} // one for each request that may be under way
	now          func() time.Time
	clock        connector.Clock
	log          *slog.Logger

	holdings connector.Handover[holding] // from LastActivity and Snapshot to Reclaim

	me     cached[user]
	access cached[accessible]
	admins cached[map[string]bool]
}

// options of a profile.
type options struct {
	groups, protected []string
	guests            bool
	source            string
	organization      string
	adminGroups       bool
	activity, reclaim bool // the processes that the profile has switched on
}

var (
	_ connector.Connector         = (*Confluence)(nil)
	_ connector.Reclaimer         = (*Confluence)(nil)
	_ connector.Restorer          = (*Confluence)(nil)
	_ connector.ActivitySource    = (*Confluence)(nil)
	_ connector.ActivityConfirmer = (*Confluence)(nil)
	_ connector.GroupLister       = (*Confluence)(nil)
	_ connector.RequestCounter    = (*Confluence)(nil)
)

// New makes a connector; it is a connector.Factory.
//
// Credentials: Config.Tokens of an OAuth grant; or the secret token alone, the API token of a service account; or
// user_name and token, basic authentication with a person's API token. The secret admin_api_key adds the organisation's
// admin API, which tells mail addresses that people hide, first days, and with activity_source = "admin" the last visits.
//
// Options: group_ids (comma-separated; empty stands for the groups that give access), include_guests, activity_source
// ("content" or "admin"), organization_id, allow_admin_groups, protected_group_ids, and what the profile has switched on,
// download_activity and reclaim_subscriptions.
func New(cfg connector.Config) (connector.Connector, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	o, err := parseOptions(cfg.Options)
	if err != nil {
		return nil, configError(err)
	}
	root, cloudID, err := baseURL(cfg.BaseURL)
	if err != nil {
		return nil, configError(err)
	}
	login, err := parseLogin(cfg, cloudID)
	if err != nil {
		return nil, configError(err)
	}
	c := &Confluence{
		prefix: "/wiki/rest/api", cloudID: cloudID, oauth: cfg.Tokens != nil, options: o,
		limits: newLimits(cfg, root.Host+cloudID, login.key), slots: make(chan struct{}, inFlight),
		now: cfg.Now, clock: cfg.Clock, log: cfg.Log,
	}
	if c.clock == nil {
		c.clock = connector.SystemClock{}
	}
	if cloudID != "" {
		c.prefix = "/ex/confluence/" + cloudID + c.prefix
	}
	if c.oauth && !cfg.Unlimited {
		c.points = newPoints(c.clock)
	}
	c.client = connector.NewClient(connector.ClientConfig{
		Vendor: vendorName, BaseURL: root, Transport: cfg.Transport,
		Authorize: login.authorize, Tokens: login.tokens, TokenRefused: aboutToken, Secrets: login.secrets,
		Limits: c.limits.always(), Observe: c.observe, Throttled: c.throttled, Classify: c.classify,
		AttemptTimeout: attemptTimeout, Clock: cfg.Clock, Log: cfg.Log,
	})
	if err := c.addOrganization(cfg, root); err != nil {
		return nil, configError(err)
	}
	if o.source == sourceAdmin {
		return &withVisits{c}, nil
	}
	return c, nil
}

// Requests implements connector.RequestCounter.
func (c *Confluence) Requests() int {
	if c.organization == nil {
		return c.client.Requests()
	}
	return c.client.Requests() + c.organization.client.Requests()
}

func configError(err error) error {
	return &connector.Error{Vendor: vendorName, Op: "set up the connection", Kind: connector.KindConfig, Err: err}
}

var cloudIDShape = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// baseURL accepts the two forms of a connection URL, and returns the host's root and the cloud id, empty for a site.
func baseURL(raw string) (root *url.URL, cloudID string, err error) {
	u, err := connector.ParseBaseURL(raw, Descriptor().Hosts)
	if err != nil {
		return nil, "", err
	}
	const forms = "write https://api.atlassian.com/ex/confluence/<Cloud-ID>, or https://<site>.atlassian.net for a person's API token without scopes"
	path := strings.Trim(u.Path, "/")
	id, gateway := strings.CutPrefix(path, "ex/confluence/")
	if gateway {
		cloudID = strings.ToLower(id)
	}
	switch {
	case path == "wiki" || strings.HasSuffix(path, "/wiki"):
		return nil, "", fmt.Errorf("the connection URL ends in /wiki, which is added to it; leave that out: %s", forms)
	case gateway && !cloudIDShape.MatchString(id):
		return nil, "", fmt.Errorf("%q in the connection URL is no cloud id, which looks like 11111111-2222-4333-8444-555555555555; it is the last part of https://admin.atlassian.com/o/<org>/products/conf/<Cloud-ID>", id)
	case strings.EqualFold(u.Hostname(), gatewayHost) && !gateway:
		return nil, "", fmt.Errorf("the connection URL names no cloud id; %s", forms)
	case gateway && strings.HasSuffix(strings.ToLower(u.Hostname()), ".atlassian.net"):
		return nil, "", fmt.Errorf("the path /ex/confluence belongs to https://%s, not to the site; %s", gatewayHost, forms)
	case !gateway && path != "":
		return nil, "", fmt.Errorf("the connection URL ends in /%s; %s", path, forms)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, cloudID, nil
}

// login is how requests are authorised.
type login struct {
	tokens    connector.TokenSource
	authorize func(*http.Request)
	secrets   []connector.Secret
	key       connector.Secret // what the limits belong to
}

func parseLogin(cfg connector.Config, cloudID string) (login, error) {
	token, name := cfg.Secrets[secretToken], cfg.Secrets[secretUser]
	if token.Empty() {
		token = cfg.Secrets[secretPassword]
	}
	switch {
	case cfg.Tokens != nil && cloudID == "":
		return login{}, errors.New("an OAuth grant is taken by Atlassian's gateway only, and a site refuses it whatever its scopes; write the connection URL as https://api.atlassian.com/ex/confluence/<Cloud-ID>")
	case cfg.Tokens != nil:
		return login{tokens: cfg.Tokens, key: connector.NewSecret("oauth")}, nil
	case token.Empty():
		return login{}, errors.New("the credential is empty; Confluence needs an OAuth grant, the API token of a service account, or a user name with an API token")
	case name.Empty() && cloudID == "":
		return login{}, errors.New("an API token without a user name is that of a service account, which only Atlassian's gateway takes; write the connection URL as https://api.atlassian.com/ex/confluence/<Cloud-ID>, or add the user name of the token's owner")
	case name.Empty():
		return login{tokens: connector.StaticToken(token), secrets: []connector.Secret{token}, key: token}, nil
	}
	pair := base64.StdEncoding.EncodeToString([]byte(name.Reveal() + ":" + token.Reveal()))
	return login{
		authorize: func(r *http.Request) { r.Header.Set("Authorization", "Basic "+pair) },
		secrets:   []connector.Secret{token, connector.NewSecret(pair)},
		key:       token,
	}, nil
}

func parseOptions(raw map[string]string) (options, error) {
	o := options{
		groups: splitList(raw[optionGroups]), protected: splitList(raw[optionProtectedGroups]),
		source: cmp.Or(strings.TrimSpace(raw[optionSource]), sourceContent), organization: strings.TrimSpace(raw[optionOrganization]),
	}
	if o.source != sourceContent && o.source != sourceAdmin {
		return o, fmt.Errorf("activity_source is %q; choose %q, what people wrote, or %q, when they last visited", o.source, sourceContent, sourceAdmin)
	}
	for _, b := range []struct {
		name   string
		unset  bool
		target *bool
	}{
		{optionGuests, false, &o.guests}, {optionAdminGroups, false, &o.adminGroups},
		{optionActivity, true, &o.activity}, {optionReclaim, true, &o.reclaim},
	} {
		text := strings.TrimSpace(raw[b.name])
		if *b.target = b.unset; text == "" {
			continue
		}
		value, err := strconv.ParseBool(text)
		if err != nil {
			return o, fmt.Errorf("%s is %q; write true or false", b.name, text)
		}
		*b.target = value
	}
	return o, nil
}

func splitList(text string) []string {
	var list []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" && !slices.Contains(list, item) {
			list = append(list, item)
		}
	}
	return list
}

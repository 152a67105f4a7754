package confluence_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/confluence"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

// said is all that a report says.
func said(r connector.Report) string {
	var b strings.Builder
	for _, c := range r.Checks {
		b.WriteString(c.Process + ": " + c.Message + "\n")
	}
	return b.String() + strings.Join(r.Warnings, "\n")
}

func validate(t *testing.T, c connector.Connector) (connector.Report, string) {
	t.Helper()
	report, err := c.Validate(t.Context())
	require.NoError(t, err)
	return report, said(report)
}

func TestValidateTellsWhatItFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300)
	report, text := validate(t, w.connect(t))
	require.True(t, report.OK)
	for _, part := range []string{
		"signed in to Confluence as Ops Bot", "group confluence-users-brightwater (" + w.groupID(t, "confluence-users-brightwater") + ")",
		"no group_ids are set", "contractors may give access to other products", "okta-engineering is synced from an identity provider",
		"searching works", "only what the connection's account may see",
	} {
		require.Contains(t, text, part)
	}
	require.Empty(t, w.Requests().Writes)
	require.Len(t, report.Groups, 3)
	for _, g := range report.Groups {
		require.True(t, g.Access)
	}
}

func TestValidateWarnsOfAGroupThatGivesNoAccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300)
	report, text := validate(t, w.connect(t, option("group_ids", w.groupID(t, "lunch-club"))))
	require.True(t, report.OK)
	require.Contains(t, text, "lunch-club is not among those")
	require.Equal(t, "lunch-club", report.Groups[0].Name)
}

func TestValidateAsksOnlyForWhatTheProfileDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 300)
	report, text := validate(t, w.connect(t, option("download_activity", "false"), option("reclaim_subscriptions", "false"),
		option("group_ids", w.groupID(t, "contractors"))))
	require.True(t, report.OK)
	require.Empty(t, report.Warnings)
	require.Contains(t, text, "group contractors")
	require.Zero(t, w.Requests().ByRoute[double.RouteSearch])
}

func TestValidateFindsGroupsThatDoNotExist(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	const unknown = "3f1c2f5e-0000-4000-8000-000000000001"
	report, text := validate(t, w.connect(t, option("group_ids", unknown+","+w.groupID(t, "contractors"))))
	require.False(t, report.OK)
	require.Contains(t, text, "group "+unknown+": There is no such group")
	require.Contains(t, text, "group contractors")
}

func TestValidateChecksTheGrant(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	report, text := validate(t, w.granted(t, allScopes))
	require.True(t, report.OK, text)
	require.NotContains(t, text, "nothing that the profile")

	report, text = validate(t, w.granted(t, allScopes[:2]))
	require.False(t, report.OK)
	require.Contains(t, text, "download_activity: the grant lacks the scope search:confluence")
	require.Contains(t, text, "reclaim_subscriptions: the grant lacks the scope write:confluence-groups")

	report, text = validate(t, w.granted(t, allScopes, option("download_activity", "false"), option("reclaim_subscriptions", "false")))
	require.True(t, report.OK)
	require.Contains(t, text, "has the scope search:confluence, which nothing")
	require.Contains(t, text, "has the scope write:confluence-groups, which nothing")
	require.NotContains(t, text, "offline_access")

	require.NoError(t, w.Inject(double.Injection{Fault: double.FaultNoSites}))
	report, text = validate(t, w.granted(t, allScopes))
	require.False(t, report.OK)
	require.Contains(t, text, "not for the site with cloud id "+w.CloudID()+" but for no site at all")
}

func TestValidateNamesWhatIsWrongWithTheCredential(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  double.Injection
		change func(*world) func(*connector.Config)
		says   string
	}{
		"anonymous": {fault: double.Injection{Fault: double.FaultAnonymous}, says: "did not reach Confluence"},
		"scope":     {fault: double.Injection{Fault: double.FaultScopeMismatch, Route: double.RouteMe}, says: "lacks the scope read:confluence-user"},
		"refused":   {fault: double.Injection{Fault: double.FaultUnauthorized}, says: "wrong, expired or revoked"},
		"another site": {change: func(w *world) func(*connector.Config) {
			return func(c *connector.Config) { c.BaseURL = w.URL + "/ex/confluence/11111111-2222-4333-8444-555555555555" }
		}, says: "answered 404"},
		"no html": {fault: double.Injection{Fault: double.FaultRedirect}, says: "redirects are not followed"},
	} {
		w := newWorld(t, 30)
		if c.fault.Fault != "" {
			require.NoError(t, w.Inject(c.fault))
		}
		change := func(*connector.Config) {}
		if c.change != nil {
			change = c.change(w)
		}
		report, text := validate(t, w.connect(t, change))
		require.False(t, report.OK, name)
		require.Contains(t, text, c.says, name)
	}
}

func TestValidateChecksTheAdminAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	report, text := validate(t, w.connect(t, w.withAdminKey, option("activity_source", "admin")))
	require.True(t, report.OK)
	require.Contains(t, text, "last visits are readable")
	require.Zero(t, w.Requests().ByRoute[double.RouteSearch])

	report, text = validate(t, w.connect(t, w.withAdminKey, option("activity_source", "admin"), option("organization_id", "wrong")))
	require.False(t, report.OK)
	require.Contains(t, text, "Check organization_id")

	report, text = validate(t, w.connect(t, w.withAdminKey, option("activity_source", "admin"), func(c *connector.Config) {
		c.Secrets["admin_api_key"] = connector.NewSecret("wrong-key-0123456789")
	}))
	require.False(t, report.OK)
	require.Contains(t, text, "The API key of the organisation is wrong")
	require.NotContains(t, text, "wrong-key-0123456789")
}

func TestHiddenMailsAreWarnedOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30, double.Injection{Fault: double.FaultHideMails})
	_, text := validate(t, w.connect(t))
	require.Contains(t, text, "shows no mail address")
	_, text = validate(t, w.connect(t, w.withAdminKey))
	require.NotContains(t, text, "shows no mail address")
}

func TestBasicAuthenticationGoesToTheSiteOrTheGateway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	mail, token := w.Basic()
	for _, base := range []string{w.URL, w.URL + "/", w.GatewayURL(), w.GatewayURL() + "/"} {
		for _, name := range []string{"token", "password"} {
			c := w.connect(t, func(c *connector.Config) {
				c.BaseURL = base
				c.Secrets = map[string]connector.Secret{"user_name": connector.NewSecret(mail), name: connector.NewSecret(token)}
			})
			report, text := validate(t, c)
			require.True(t, report.OK, text)
		}
	}
}

func TestNoSecretIsShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30, double.Injection{Fault: double.FaultEchoSecrets})
	mail, token := w.Basic()
	for _, c := range []connector.Connector{
		w.connect(t), w.granted(t, allScopes),
		w.connect(t, func(c *connector.Config) {
			c.Secrets = map[string]connector.Secret{"user_name": connector.NewSecret(mail), "token": connector.NewSecret(token)}
		}),
	} {
		_, text := validate(t, c)
		require.Contains(t, text, "[redacted]")
		for _, secret := range []string{w.Token(), token, "eyJ", "b3BzLmJvd"} {
			require.NotContains(t, text, secret)
		}
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	const gateway = "https://api.atlassian.com/ex/confluence/11111111-2222-4333-8444-555555555555"
	token := map[string]connector.Secret{"token": connector.NewSecret("some-token")}
	basic := map[string]connector.Secret{"user_name": connector.NewSecret("a@example.com"), "token": connector.NewSecret("some-token")}
	admin := map[string]connector.Secret{"token": connector.NewSecret("some-token"), "admin_api_key": connector.NewSecret("some-key")}
	grants := connector.StaticToken(connector.NewSecret("some-token"))
	for name, c := range map[string]struct {
		cfg  connector.Config
		says string
	}{
		"no url":               {connector.Config{Secrets: token}, "empty"},
		"another host":         {connector.Config{BaseURL: "https://api.example.com/ex/confluence/x", Secrets: token}, "api.atlassian.com, *.atlassian.net"},
		"no cloud id":          {connector.Config{BaseURL: "https://api.atlassian.com", Secrets: token}, "names no cloud id"},
		"a wrong cloud id":     {connector.Config{BaseURL: "https://api.atlassian.com/ex/confluence/brightwater", Secrets: token}, `"brightwater" in the connection URL is no cloud id`},
		"wiki":                 {connector.Config{BaseURL: gateway + "/wiki", Secrets: token}, "ends in /wiki"},
		"site and wiki":        {connector.Config{BaseURL: "https://example.atlassian.net/wiki/", Secrets: basic}, "ends in /wiki"},
		"a path":               {connector.Config{BaseURL: "https://example.atlassian.net/jira", Secrets: basic}, "ends in /jira"},
		"gateway path of site": {connector.Config{BaseURL: strings.Replace(gateway, "api.atlassian.com", "example.atlassian.net", 1), Secrets: basic}, "not to the site"},
		"grant at the site":    {connector.Config{BaseURL: "https://example.atlassian.net", Tokens: grants}, "gateway only"},
		"bearer at the site":   {connector.Config{BaseURL: "https://example.atlassian.net", Secrets: token}, "without a user name"},
		"no credential":        {connector.Config{BaseURL: gateway}, "credential is empty"},
		"unknown source":       {connector.Config{BaseURL: gateway, Secrets: token, Options: map[string]string{"activity_source": "guess"}}, `activity_source is "guess"`},
		"no boolean":           {connector.Config{BaseURL: gateway, Secrets: token, Options: map[string]string{"include_guests": "maybe"}}, "write true or false"},
		"admin without key":    {connector.Config{BaseURL: gateway, Secrets: token, Options: map[string]string{"activity_source": "admin"}}, "admin_api_key"},
		"key without org":      {connector.Config{BaseURL: gateway, Secrets: admin}, "organization_id"},
	} {
		_, err := confluence.New(c.cfg)
		var failure *connector.Error
		require.ErrorAs(t, err, &failure, name)
		require.Equal(t, connector.KindConfig, failure.Kind, name)
		require.ErrorContains(t, err, c.says, name)
	}
	for _, base := range []string{gateway, gateway + "/"} {
		_, err := confluence.New(connector.Config{BaseURL: base, Secrets: token})
		require.NoError(t, err)
	}
	require.Equal(t, "confluence", confluence.Descriptor().Vendor)
}

func TestASiteWithoutAccessGroupsIsAFailedCheck(t *testing.T) {
	t.Parallel()
	c := answers(t, map[string]any{"user": groupList()})
	_, _, err := list(t.Context(), c)
	require.ErrorContains(t, err, "group_ids")
}

package trello_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/trello"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

func TestConfigurationErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	good := func() connector.Config {
		return connector.Config{BaseURL: "https://api.trello.com/", Secrets: map[string]connector.Secret{
			"api_key": connector.NewSecret("key-value"), "api_token": connector.NewSecret("token-value"),
		}}
	}
	for says, change := range map[string]func(*connector.Config){
		"no scheme":                     func(c *connector.Config) { c.BaseURL = "api.trello.com" },
		"unencrypted":                   func(c *connector.Config) { c.BaseURL = "http://api.trello.com" },
		"not the vendor's":              func(c *connector.Config) { c.BaseURL = "https://trello.com/1" },
		"ends in /2":                    func(c *connector.Config) { c.BaseURL = "https://api.trello.com/2" },
		"the credential has no api_key": func(c *connector.Config) { delete(c.Secrets, "api_key") },
		"the credential has no api_token": func(c *connector.Config) {
			c.Secrets["api_token"] = connector.NewSecret("")
		},
	} {
		cfg := good()
		change(&cfg)
		_, err := trello.New(cfg)
		require.ErrorContains(t, err, says)
		var failure *connector.Error
		require.ErrorAs(t, err, &failure)
		require.Equal(t, connector.KindConfig, failure.Kind)
		require.NotContains(t, err.Error(), "-value")
	}
	for _, url := range []string{"https://api.trello.com", "https://api.trello.com/1", "https://api.trello.com/1/", "http://localhost:1"} {
		cfg := good()
		cfg.BaseURL = url
		_, err := trello.New(cfg)
		require.NoError(t, err, url)
	}
}

func TestABaseURLWithVersionMeansTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	for _, end := range []string{"", "/", "/1", "/1/"} {
		all, _, err := list(t.Context(), w.connect(t, func(c *connector.Config) { c.BaseURL += end }))
		require.NoError(t, err)
		require.Len(t, all, 3)
	}
}

func TestValidateTellsInWordsWhatIsWrong(t *testing.T) {
	t.Parallel()
	wrong := func(name string) func(*world, *connector.Config) {
		return func(_ *world, c *connector.Config) { c.Secrets[name] = connector.NewSecret("not the right one") }
	}
	seen := map[string]string{}
	for name, c := range map[string]struct {
		fault  double.Fault
		change func(*world, *connector.Config)
		says   []string
	}{
		"wrong key":     {change: wrong("api_key"), says: []string{"invalid key", "The API key is wrong", "power-ups/admin"}},
		"wrong token":   {change: wrong("api_token"), says: []string{"invalid token", "The token is wrong or was revoked"}},
		"expired token": {fault: double.FaultExpiredToken, says: []string{"expired token", "The token has expired"}},
		"no admin":      {fault: double.FaultNonAdminToken, says: []string{"not an admin of any Trello enterprise", "opsbot"}},
		"no admin of the configured enterprise": {
			fault:  double.FaultNonAdminToken,
			change: func(w *world, c *connector.Config) { c.Options = map[string]string{"enterprise_id": w.EnterpriseID()} },
			says:   []string{"unauthorized permission requested", "must be an admin"},
		},
		"several enterprises": {fault: double.FaultTwoEnterprises, says: []string{"administers several enterprises", "vendor_config.trello.enterprise_id"}},
		"another enterprise": {
			change: func(_ *world, c *connector.Config) {
				c.Options = map[string]string{"enterprise_id": "65a0000000000000000000e1"}
			},
			says: []string{"does not administer enterprise 65a0000000000000000000e1", "to an enterprise that it administers"},
		},
		"an enterprise's wrong name": {
			change: func(_ *world, c *connector.Config) { c.Options = map[string]string{"enterprise_id": "acme"} },
			says:   []string{"enterprise acme", "invalid id", "does not know this enterprise"},
		},
		"a web page": {fault: double.FaultHTML, says: []string{"HTML page", "login page"}},
		"a redirect": {fault: double.FaultRedirect, says: []string{"answered 302", "redirects are not followed"}},
	} {
		w := newWorld(t, 12)
		if c.fault != "" {
			require.NoError(t, w.Inject(double.Injection{Fault: c.fault}))
		}
		report, err := w.connect(t, func(cfg *connector.Config) {
			if c.change != nil {
				c.change(w, cfg)
			}
		}).Validate(t.Context())
		require.NoError(t, err, name)
		require.False(t, report.OK, name)
		last := report.Checks[len(report.Checks)-1]
		require.False(t, last.OK)
		require.Equal(t, connector.ProcessDownload, last.Process)
		for _, says := range c.says {
			require.Contains(t, last.Message, says, name)
		}
		require.Empty(t, seen[last.Message], "each trouble has words of its own")
		seen[last.Message] = name
		require.NotContains(t, fmt.Sprintf("%+v", report), w.Token())
	}
}

func TestAConfiguredEnterpriseSettlesTheChoice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, double.Injection{Fault: double.FaultTwoEnterprises})
	for _, configured := range []string{w.EnterpriseID(), "brightwater"} {
		all, _, err := list(t.Context(), w.connect(t, func(c *connector.Config) {
			c.Options = map[string]string{"enterprise_id": configured}
		}))
		require.NoError(t, err)
		require.Len(t, all, 12)
	}
}

func TestValidateDescribesWhatItFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 250)
	report, err := w.connect(t).Validate(t.Context())
	require.NoError(t, err)
	require.True(t, report.OK)
	require.Empty(t, report.Warnings)
	text := fmt.Sprintf("%+v", report)
	for _, says := range []string{"Ops Bot (opsbot)", "Brightwater Works", "250 of 280 licences used", "100 on its first page", "may write"} {
		require.Contains(t, text, says)
	}
	require.Zero(t, len(w.Requests().Writes))
}

func TestTokenFacts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault               double.Fault
		validates, preflies bool
		warns, refuses      string
	}{
		"good":      {validates: true, preflies: true},
		"read-only": {fault: double.FaultReadOnlyToken, validates: true, warns: "read-only", refuses: "read,write,account"},
		"expiring":  {fault: double.FaultExpiringToken, validates: true, preflies: true, warns: "expires on 2026-11-27"},
	} {
		var faults []double.Injection
		if c.fault != "" {
			faults = append(faults, double.Injection{Fault: c.fault})
		}
		w := newWorld(t, 12, faults...)
		report, err := w.connect(t).Validate(t.Context())
		require.NoError(t, err)
		require.Equal(t, c.validates, report.OK, name)
		require.Contains(t, strings.Join(report.Warnings, "; "), c.warns)

		report, err = w.connect(t).Preflight(t.Context())
		require.NoError(t, err)
		require.Equal(t, c.preflies, report.OK, name)
		require.Contains(t, fmt.Sprintf("%+v", report.Checks), c.refuses)
		require.Empty(t, w.Requests().Writes)
	}
}

func TestATokenThatDisclosesNothingIsAWarning(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 12, double.Injection{Fault: double.FaultEchoSecrets, Route: double.RouteToken})
	report, err := w.connect(t).Preflight(t.Context())
	require.NoError(t, err)
	require.True(t, report.OK)
	require.Contains(t, strings.Join(report.Warnings, "; "), "did not tell what the token may do")
	require.NotContains(t, fmt.Sprintf("%+v", report), w.Token())
	require.NotContains(t, fmt.Sprintf("%+v", report), w.Key())
}

// TestSecretsAreInNoLogAndNoURL hunts where the token is most exposed: it is part of a path that is asked for.
func TestSecretsAreInNoLogAndNoURL(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := newWorld(t, 12,
		double.Injection{Fault: double.Fault500, Route: double.RouteToken, Times: 2},
		double.Injection{Fault: double.FaultDrop, Route: double.RouteToken, Times: 1})
	c := w.connect(t, func(cfg *connector.Config) {
		cfg.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	_, err := c.Validate(t.Context())
	require.NoError(t, err)
	require.NoError(t, w.Inject(double.Injection{Fault: double.FaultDrop}))
	_, err = c.Preflight(t.Context())
	require.Error(t, err)
	shown := log.String() + fmt.Sprintf("%v %+v %#v", err, err, c)
	require.Contains(t, shown, "/1/tokens/[redacted]")
	require.NotContains(t, log.String(), w.Token())
	require.NotContains(t, log.String(), w.Key())
	require.NotContains(t, fmt.Sprintf("%v %+v", err, err), w.Token())
}

func TestCredentialsGoIntoTheHeaderOnly(t *testing.T) {
	t.Parallel()
	d := double.New(double.Options{Members: 3, Seed: 7})
	var urls, headers []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		urls = append(urls, r.URL.String())
		headers = append(headers, r.Header.Get("Authorization"))
		d.ServeHTTP(w, r)
	}))
	defer server.Close()
	c, err := trello.New(connector.Config{BaseURL: server.URL, Unlimited: true, Secrets: map[string]connector.Secret{
		"api_key": connector.NewSecret(d.Key()), "api_token": connector.NewSecret(d.Token()),
	}})
	require.NoError(t, err)
	_, _, err = list(t.Context(), c)
	require.NoError(t, err)
	for i := range urls {
		require.NotContains(t, urls[i], d.Token())
		require.NotContains(t, urls[i], d.Key())
		require.Equal(t, fmt.Sprintf(`OAuth oauth_consumer_key="%s", oauth_token="%s"`, d.Key(), d.Token()), headers[i])
	}
	counter, ok := c.(connector.RequestCounter)
	require.True(t, ok)
	require.Len(t, urls, counter.Requests())
}

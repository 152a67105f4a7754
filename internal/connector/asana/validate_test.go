package asana_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/asana"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
)

func TestConfigurationErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	good := func() connector.Config {
		return connector.Config{
			BaseURL: "https://app.asana.com", Secrets: map[string]connector.Secret{"token": connector.NewSecret("token-value")},
			Options: map[string]string{},
		}
	}
	for says, change := range map[string]func(*connector.Config){
		"no scheme":             func(c *connector.Config) { c.BaseURL = "app.asana.com" },
		"unencrypted":           func(c *connector.Config) { c.BaseURL = "http://app.asana.com" },
		"not the vendor's":      func(c *connector.Config) { c.BaseURL = "https://asana.com" },
		"ends in /api/2.0":      func(c *connector.Config) { c.BaseURL = "https://app.asana.com/api/2.0" },
		"neither an OAuth":      func(c *connector.Config) { c.Secrets = nil },
		"which has digits":      func(c *connector.Config) { c.Options["workspace_id"] = "Brightwater" },
		"write true or false":   func(c *connector.Config) { c.Options["include_guests"] = "sometimes" },
		"auto, export, stories": func(c *connector.Config) { c.Options["activity_method"] = "guess" },
	} {
		cfg := good()
		change(&cfg)
		_, err := asana.New(cfg)
		require.ErrorContains(t, err, says)
		require.Equal(t, connector.KindConfig, connector.KindOf(err))
		require.NotContains(t, err.Error(), "-value")
	}
	for _, url := range []string{"https://app.asana.com", "https://app.asana.com/api/1.0/", "http://localhost:1"} {
		cfg := good()
		cfg.BaseURL = url
		_, err := asana.New(cfg)
		require.NoError(t, err, url)
	}
}

func TestABaseURLWithThePathMeansTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	for _, end := range []string{"", "/", "/api/1.0", "/api/1.0/"} {
		all, _, err := list(t.Context(), w.connect(t, func(c *connector.Config) { c.BaseURL += end }))
		require.NoError(t, err)
		require.Len(t, all, 3)
	}
}

func TestValidateTellsInWordsWhatIsWrong(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for name, c := range map[string]struct {
		fault  double.Injection
		change func(*world, *connector.Config)
		says   []string
	}{
		"wrong token": {
			change: func(_ *world, c *connector.Config) { c.Secrets["token"] = connector.NewSecret("not the right one") },
			says:   []string{"Not Authorized", "The token is wrong or was revoked"},
		},
		"no admin": {
			fault: double.Injection{Fault: double.FaultNonAdmin}, change: func(w *world, c *connector.Config) { w.asAdmin(c) },
			says: []string{"is no admin of Brightwater Works", "ops.admin@example.com"},
		},
		"no organisation": {
			fault: double.Injection{Fault: double.FaultPlainWorkspace},
			says:  []string{"is in no organisation", "Brightwater Works", "organisations only"},
		},
		"a workspace by its id": {
			fault:  double.Injection{Fault: double.FaultPlainWorkspace},
			change: func(w *world, c *connector.Config) { c.Options["workspace_id"] = w.WorkspaceID() },
			says:   []string{"workspace and not an organisation"},
		},
		"several organisations": {
			fault: double.Injection{Fault: double.FaultTwoOrganizations},
			says:  []string{"several organisations", "Brightwater Labs", "vendor_config.asana.workspace_id"},
		},
		"another workspace": {
			change: func(_ *world, c *connector.Config) { c.Options["workspace_id"] = "1200000000000099" },
			says:   []string{"Unknown object: 1200000000000099", "not for this token"},
		},
		"a web page": {
			fault: double.Injection{Fault: double.FaultHTML, Route: double.RouteMe},
			says:  []string{"HTML page", "login page"},
		},
		"a redirect": {
			fault: double.Injection{Fault: double.FaultRedirect},
			says:  []string{"answered 302", "redirects are not followed"},
		},
		"no right to the list": {
			fault: double.Injection{Fault: double.Fault403, Route: double.RouteMemberships},
			says:  []string{"list workspace memberships", "answered 403: Forbidden", "must belong to an admin"},
		},
	} {
		var faults []double.Injection
		if c.fault.Fault != "" {
			faults = append(faults, c.fault)
		}
		w := newWorld(t, 12, faults...)
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
		require.NotContains(t, fmt.Sprintf("%+v", report), w.ServiceToken())
	}
}

func TestValidateChoosesTheActivityMethod(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method string
		fault  double.Fault
		admin  bool
		ok     bool
		says   string
		warns  string
	}{
		"service account":             {"auto", "", false, true, "from a resource export", ""},
		"admin":                       {"auto", "", true, true, "found by search", "private tasks"},
		"service account on stories":  {"stories", "", false, true, "found by search", ""},
		"free plan":                   {"auto", double.FaultFreePlan, true, true, "project by project", "no task search"},
		"service account on logins":   {"audit_log", "", false, true, "from the audit log", "no work on tasks"},
		"admin on logins":             {"audit_log", "", true, false, "activity_method is audit_log", ""},
		"admin on exports":            {"export", "", true, false, "need the token of a service account", ""},
		"free plan on exports":        {"export", double.FaultFreePlan, true, false, "plan has no audit log", ""},
		"no audit log for an account": {"auto", double.FaultNoAuditLog, true, true, "found by search", "private tasks"},
	} {
		var faults []double.Injection
		if c.fault != "" {
			faults = append(faults, double.Injection{Fault: c.fault})
		}
		w := newWorld(t, 12, faults...)
		report, err := w.connect(t, option("activity_method", c.method), func(cfg *connector.Config) {
			if c.admin {
				w.asAdmin(cfg)
			}
		}).Validate(t.Context())
		require.NoError(t, err, name)
		require.Equal(t, c.ok, report.OK, "%s: %+v", name, report)
		last := report.Checks[len(report.Checks)-1]
		require.Equal(t, connector.ProcessActivity, last.Process, name)
		require.Contains(t, last.Message, c.says, name)
		require.Contains(t, strings.Join(report.Warnings, "; "), c.warns, name)
		require.Zero(t, w.Requests().ByRoute[double.RouteExport], "validation begins nothing")
	}
}

func TestValidateDescribesWhatItFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	report, err := w.connect(t).Validate(t.Context())
	require.NoError(t, err)
	require.True(t, report.OK)
	require.Empty(t, report.Warnings)
	text := fmt.Sprintf("%+v", report)
	for _, says := range []string{"Licence service", "Brightwater Works (1200000000000001)", "service account", "readable"} {
		require.Contains(t, text, says)
	}
	id, name, err := w.connect(t).Tenant(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{w.WorkspaceID(), "Brightwater Works"}, []string{id, name})

	report, err = w.connect(t, w.asAdmin).Preflight(t.Context())
	require.NoError(t, err)
	require.True(t, report.OK)
	require.Contains(t, fmt.Sprintf("%+v", report), "goes to the token's user, ops.admin@example.com")
}

func TestAFreeDomainIsAskedAtATenthOfTheRate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, double.Injection{Fault: double.FaultFreePlan})
	c := w.connect(t, w.asAdmin, func(cfg *connector.Config) { cfg.Unlimited = false })
	_, err := c.Validate(t.Context())
	require.NoError(t, err)
	begin := w.clock.Now()
	for range 300 {
		_, err := c.Holds(t.Context(), "1210000000000000")
		require.NoError(t, err)
	}
	require.Greater(t, w.clock.Now().Sub(begin).Seconds(), 100.0)
}

func TestSecretsAreInNoLogAndNoURL(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := newWorld(t, 12,
		double.Injection{Fault: double.FaultEchoSecrets, Route: double.RouteAgents},
		double.Injection{Fault: double.FaultDrop, Route: double.RouteMemberships, Times: 1})
	c := w.connect(t, func(cfg *connector.Config) {
		cfg.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	_, _, err := list(t.Context(), c)
	require.NoError(t, err)
	_, _, err = pull(t.Context(), c, lookback, nil)
	require.NoError(t, err)
	require.NoError(t, w.Inject(double.Injection{Fault: double.FaultEchoSecrets}))
	_, err = c.Holds(t.Context(), "1210000000000000")
	require.ErrorContains(t, err, "[redacted]")
	shown := log.String() + fmt.Sprintf("%v %+v %#v", err, err, c)
	require.NotContains(t, shown, w.ServiceToken())
	require.NotContains(t, log.String(), "signature=", "the address of an export opens it")
}

package provider_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
)

const listTypes = "data \"servicenowsam_profile_types\" \"all\" {}\noutput \"types\" { value = length(data.servicenowsam_profile_types.all.profile_types) }\n"

func TestAccProvider_choosesTheInstance(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	remote := w.Remote(t, nil)
	embeddedEnv := map[string]string{"SERVICENOWSAM_DATABASE_URL": w.DatabaseURL()}
	remoteEnv := map[string]string{
		"SERVICENOW_INSTANCE": remote, "SERVICENOW_USERNAME": "sam.integrator", "SERVICENOW_PASSWORD": "correct horse battery staple",
	}
	both := map[string]string{"SERVICENOWSAM_DATABASE_URL": w.DatabaseURL(), "SERVICENOW_INSTANCE": remote}
	embedded := fmt.Sprintf("embedded = { database_url = %q }", w.DatabaseURL())
	const forms = "A ServiceNow instance:"
	for name, c := range map[string]struct {
		block string
		env   map[string]string
		want  []string // in the error; none means success
	}{
		"embedded":                         {embedded, nil, nil},
		"embedded from the environment":    {"", embeddedEnv, nil},
		"embedded, path from environment":  {"embedded = {}", embeddedEnv, nil},
		"remote from the environment":      {"", remoteEnv, nil},
		"the block wins":                   {embedded, remoteEnv, nil},
		"neither":                          {"", nil, []string{"No instance is configured", forms, "sqlite:"}},
		"both":                             {embedded + "\ninstance_url = \"https://example.service-now.com\"", nil, []string{"Both kinds", forms}},
		"both in the environment":          {"", both, []string{"Both kinds", forms}},
		"no database":                      {"embedded = {}", nil, []string{"needs a database", "SERVICENOWSAM_DATABASE_URL"}},
		"PostgreSQL":                       {`embedded = { database_url = "postgres://localhost/sam" }`, nil, []string{"PostgreSQL is not supported"}},
		"no kind of database":              {`embedded = { database_url = "sam.db" }`, nil, []string{"sqlite:PATH"}},
		"short key":                        {fmt.Sprintf("embedded = { database_url = %q, encryption_key = \"short\" }", w.DatabaseURL()), nil, []string{"16 characters"}},
		"unknown family in environment":    {"", map[string]string{"SERVICENOWSAM_DATABASE_URL": w.DatabaseURL(), "SERVICENOWSAM_RELEASE_FAMILY": "atlantis"}, []string{"atlantis"}},
		"credentials without instance":     {embedded + "\nbasic = { username = \"x\" }", nil, []string{"Credentials without an instance"}},
		"no user name":                     {`instance_url = "https://example.service-now.com"`, nil, []string{"needs a user name", "SERVICENOW_USERNAME", "needs a password"}},
		"no password":                      {"instance_url = \"https://example.service-now.com\"\nbasic = { username = \"x\" }", nil, []string{"SERVICENOW_PASSWORD"}},
		"http to a public host":            {"instance_url = \"http://example.service-now.com\"\nbasic = { username = \"x\", password = \"y\" }", nil, []string{"in clear"}},
		"half a host":                      {"instance_url = \"example\"\nbasic = { username = \"x\", password = \"y\" }", nil, []string{"example.service-now.com"}},
		"no such folder":                   {`embedded = { database_url = "sqlite:/nonexistent/folder/sam.db" }`, nil, nil}, // reads as empty
		"a day that is none":               {embedded + "\nreclamation_policy = { protected_users = [{ user = \"a\", reason = \"b\", expires_on = \"31.12.2026\" }] }", nil, []string{"YYYY-MM-DD"}},
		"wrong password at the other side": {fmt.Sprintf("instance_url = %q\nbasic = { username = \"x\", password = \"wrong-password-value\" }", remote), nil, []string{"401"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := acctest.NewWorld(t, acctest.Options{Env: c.env})
			plan := at.Root(t, "provider \"servicenowsam\" {\n"+c.block+"\n}\n", listTypes).Plan(t)
			if len(c.want) == 0 {
				require.NotEqual(t, 1, plan.Code, plan.Errors())
				return
			}
			require.Equal(t, 1, plan.Code)
			for _, want := range c.want {
				require.Contains(t, plan.Errors(), want)
			}
			require.NotContains(t, plan.Output, "wrong-password-value")
		})
	}
	t.Cleanup(func() { require.NoFileExists(t, w.Database, "a plan must not create the database") })
}

func TestAccProvider_unknownValues(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	block := "resource \"terraform_data\" \"path\" { input = \"" + w.DatabaseURL() + "\" }\n" +
		"provider \"servicenowsam\" {\n  embedded = { database_url = terraform_data.path.output }\n}\n"
	plan := w.Root(t, block, listTypes).Plan(t)
	require.Equal(t, 1, plan.Code)
	require.Contains(t, plan.Errors(), "embedded.database_url")

	root := w.Root(t, block, w.Alias(), w.Profile())
	root.MustApply(t)
	root.RequireEmptyPlan(t)
}

func TestAccProvider_validateNeedsNothing(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	validated := w.Root(t, w.Alias(), w.Profile(), w.Sync(), w.Reclamation(`max_removals = 1`)).Run(t, "validate", "-json")
	require.Zero(t, validated.Code, validated.Output)
	require.NoFileExists(t, w.Database)
}

func TestAccProvider_relativePath(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, "provider \"servicenowsam\" {\n  embedded = { database_url = \"sqlite:data.db\" }\n}\n", w.Alias()).UseBinary(t)
	created := root.MustApply(t)
	require.FileExists(t, root.Dir+"/data.db")
	require.Contains(t, created.Warnings(), root.Dir+"/data.db")
	require.Contains(t, created.Warnings(), root.Dir+"/data.db.key")
	root.RequireEmptyPlan(t)
}

func TestAccProvider_expiredProtectionWarns(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 24, 12, 0, 0, 0, time.UTC)
	w := acctest.NewWorld(t, acctest.Options{Now: func() time.Time { return now }})
	policy := func(day string) string {
		return w.ProviderBlock(fmt.Sprintf("reclamation_policy = { protected_users = [{ user = \"a@example.com\", reason = \"leave\", expires_on = %q }] }", day))
	}
	require.Contains(t, w.Root(t, policy("2026-11-23"), listTypes).MustPlan(t).Warnings(), "no longer protected")
	require.NotContains(t, w.Root(t, policy("2026-11-24"), listTypes).MustPlan(t).Warnings(), "no longer protected")
}

package examples_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

func TestMain(m *testing.M) { acctest.Main(m) }

// profile is what the examples find: a published profile of the name that they use.
const profile = `
resource "servicenowsam_integration_profile" "trello" {
  display_name        = "Trello Enterprise"
  profile_type        = "trello_enterprise_subscription"
  connection_alias_id = servicenowsam_connection_alias.trello.id
}
`

// published is the profile with its subscriptions, one of them with an identifier that only people know, and an entitlement.
const published = profile + `
resource "servicenowsam_software_entitlement" "trello" {
  depends_on       = [servicenowsam_integration_profile.trello]
  display_name     = "Trello Enterprise 2025"
  product          = "Trello Enterprise"
  purchased_rights = 25
  start_date       = "2025-01-01"
}

resource "servicenowsam_subscription_sync" "trello" {
  profile_id = servicenowsam_integration_profile.trello.id
}

resource "servicenowsam_subscription_identifier_exclusion_rule" "other" {
  subscription_identifier = "Trello Guests"
  profile_type            = "trello_enterprise_subscription"
}

resource "servicenowsam_subscription_user_exclusion_rule" "other" {
  user_principal_name = "scanner@example.com"
}

resource "servicenowsam_user_resolution_rule" "short" {
  name         = "Short user ids"
  transform    = "remove_domain"
  lookup_field = "user_name"
}

data "servicenowsam_software_models" "trello" {
  depends_on = [servicenowsam_integration_profile.trello]
}

resource "servicenowsam_subscription_identifier_model" "known" {
  depends_on              = [servicenowsam_subscription_sync.trello]
  subscription_identifier = "TRELLO-KNOWN"
  software_model_id       = one(data.servicenowsam_software_models.trello.software_models).id
}
`

// prepare makes the world in which the examples are planned.
func prepare(t *testing.T) *acctest.World {
	t.Helper()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), profile, child(w))
	root.MustApply(t)
	w.Insert(t, dictionary.TableSubscription, map[string]string{
		dictionary.SubscriptionProfile:    root.Attribute(t, "servicenowsam_integration_profile.trello", "id"),
		dictionary.SubscriptionIdentifier: "TRELLO-KNOWN", dictionary.SubscriptionUPN: "kiosk",
	})
	root.Write(t, w.ProviderBlock(), w.Alias(), published, child(w))
	root.MustApply(t)
	return w
}

// child is the child alias that the examples find.
func child(w *acctest.World) string {
	return acctest.Resource("child_alias", "emea", `parent = "sn_trello_spoke.Trello_Alias"`, `name = "Trello_EMEA"`,
		fmt.Sprintf("connection_url = %q", w.Double.URL), w.Credential())
}

var secrets = []string{
	"TF_VAR_trello_api_key=example-key", "TF_VAR_trello_api_token=example-token", "TF_VAR_confluence_token=example-token",
	`TF_VAR_tokens={"Asana_EMEA":"example-token","Asana_US":"example-token","Confluence_Wiki":"example-token"}`,
}

func TestAccExamples_plan(t *testing.T) {
	t.Parallel()
	prepared := prepare(t)
	for _, path := range queries(t) {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			acctest.NeedsTerraform(t, "1.14.0", "list resources")
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			root := prepared.Root(t, prepared.ProviderBlock())
			require.NoError(t, os.WriteFile(filepath.Join(root.Dir, "example.tfquery.hcl"), text, 0o600))
			result := root.Run(t, "query")
			require.Zero(t, result.Code, result.Output)
			require.Contains(t, result.Output, "sys_id=", "an example finds something")
		})
	}
	for _, path := range configurations(t) {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			world := prepared
			if makesProfile(string(text)) {
				world = acctest.NewWorld(t, acctest.Options{}) // a first apply, so nothing may exist
			}
			root := world.Root(t, world.ProviderBlock(), string(text))
			if strings.Contains(string(text), "required_providers") {
				require.NoError(t, os.WriteFile(filepath.Join(root.Dir, "main.tf"), text, 0o600))
			}
			copyLists(t, filepath.Dir(path), root.Dir)
			root.Env = append(root.Env, secrets...)
			if isAction(path) {
				acctest.NeedsTerraform(t, "1.14.0", "actions")
				root.MustPlan(t, "-invoke=action."+filepath.Base(filepath.Dir(path))+".trello")
				return
			}
			root.MustPlan(t)
		})
	}
}

// copyLists copies the reviewed files that an example reads.
func copyLists(t *testing.T, from, to string) {
	t.Helper()
	lists, err := filepath.Glob(filepath.Join(from, "*.csv"))
	require.NoError(t, err)
	for _, list := range lists {
		text, err := os.ReadFile(list)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(to, filepath.Base(list)), text, 0o600))
	}
}

func makesProfile(text string) bool {
	return strings.Contains(text, `resource "servicenowsam_connection_alias"`) || strings.Contains(text, `resource "servicenowsam_child_alias"`)
}

func isAction(path string) bool { return strings.HasPrefix(path, "actions"+string(filepath.Separator)) }

// queries are the examples for terraform query.
func queries(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("list-resources/*/*.tfquery.hcl")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(paths), 3)
	return paths
}

// configurations are the examples that stand on their own. Import by identity needs Terraform 1.12; modules that
// belong together have tests of their own.
func configurations(t *testing.T) []string {
	t.Helper()
	var paths []string
	require.NoError(t, filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{"quickstart", "reclaim-by-pull-request", "who-may-do-what", moduleExample}, path):
			return filepath.SkipDir
		case filepath.Ext(path) == ".tf" && d.Name() != "import-by-identity.tf":
			paths = append(paths, path)
		}
		return nil
	}))
	require.GreaterOrEqual(t, len(paths), 21, "one example per type, and the provider's")
	return paths
}

// moduleExample is a root module with a module of its own.
const moduleExample = "profiles-module"

func TestAccExamples_module(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t)
	require.NoError(t, os.Remove(filepath.Join(root.Dir, "main.tf")))
	require.NoError(t, os.CopyFS(root.Dir, os.DirFS(moduleExample)))
	root.Env = append(root.Env, secrets...)
	got := root.Run(t, "get")
	require.Zero(t, got.Code, got.Output)
	plan := root.MustPlan(t)
	require.Len(t, plan.ResourceChanges, 6)
}

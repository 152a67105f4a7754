package softwaresubscription_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

const lists = `
resource "servicenowsam_subscription_sync" "trello" {
  profile_id = servicenowsam_integration_profile.trello.id
}

data "servicenowsam_software_subscriptions" "all" {
  profile_id = servicenowsam_subscription_sync.trello.profile_id
}

data "servicenowsam_removal_candidates" "open" {
  profile_id = servicenowsam_subscription_sync.trello.profile_id
}
`

// namesOf are the ways in which the people of the world are told apart.
func namesOf(w *acctest.World) []string {
	var names []string
	for _, m := range w.Double.Members(0, func(m trello.Member) bool { return m.Licensed }) {
		names = append(names, m.FullName, m.ID)
		if m.Email != "" {
			names = append(names, m.Email)
		}
	}
	return names
}

// requireNobody searches the files below a folder for people.
func requireNobody(t *testing.T, folder string, names []string) {
	t.Helper()
	files := 0
	require.NoError(t, filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(path, ".terraform"+string(filepath.Separator)) {
			return err
		}
		files++
		content, err := os.ReadFile(path)
		for _, name := range names {
			require.NotContains(t, string(content), name, path)
		}
		return err
	}))
	require.NotZero(t, files)
}

func TestAccRedactUsers_byDefaultOfTheProvider(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{Members: 20})
	root := w.Root(t, w.ProviderBlock("redact_users = true"), w.Alias(), w.Profile(), lists)
	logs := t.TempDir()
	root.UseBinary(t)
	root.Env = append(root.Env, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(logs, "trace.log"))
	root.MustApply(t)
	root.RequireEmptyPlan(t)
	names := namesOf(w)
	requireNobody(t, root.Dir, names)
	requireNobody(t, logs, names)
	for _, address := range []string{"data.servicenowsam_software_subscriptions.all", "data.servicenowsam_removal_candidates.open"} {
		require.Nil(t, root.Attributes(t, address)["redact_users"], "the state says what the configuration says")
	}

	// What a data source says itself goes first.
	shown := w.Root(t, w.ProviderBlock("redact_users = true"), `
data "servicenowsam_software_subscriptions" "all" {
  redact_users = false
}
`)
	shown.MustApply(t)
	state, err := os.ReadFile(filepath.Join(shown.Dir, "terraform.tfstate"))
	require.NoError(t, err)
	require.Contains(t, string(state), w.Double.Members(1, func(m trello.Member) bool { return m.Licensed })[0].ID)
}

func TestAccRedactUsers_byEnvironment(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{Members: 20, Env: map[string]string{"SERVICENOWSAM_REDACT_USERS": "true"}})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), lists)
	root.MustApply(t)
	requireNobody(t, root.Dir, namesOf(w))

	for name, value := range map[string]string{"SERVICENOWSAM_RETENTION_DAYS": "a year", "SERVICENOWSAM_EVIDENCE_RETENTION_DAYS": "30"} {
		wrong := acctest.NewWorld(t, acctest.Options{Env: map[string]string{name: value}})
		refused := wrong.Root(t, wrong.ProviderBlock(), wrong.Alias()).Apply(t)
		require.Equal(t, 1, refused.Code)
		require.Contains(t, refused.Errors(), name)
	}
}

func TestAccPeople_settingsOfTheEmbeddedInstance(t *testing.T) {
	t.Parallel()
	now := time.Now()
	w := acctest.NewWorld(t, acctest.Options{Members: 20, Now: func() time.Time { return now }})
	block := func(inner string) string {
		return "provider \"servicenowsam\" {\n  embedded = {\n    database_url = \"" + w.DatabaseURL() + "\"\n" + inner + "\n  }\n}\n"
	}
	sync := func(number string) string {
		return acctest.Resource("subscription_sync", "trello", `profile_id = servicenowsam_integration_profile.trello.id`, "triggers = { number = "+number+" }")
	}
	root := w.Root(t, block("create_users = false"), w.Alias(), w.Profile(), sync("1"))
	root.MustApply(t)
	require.Empty(t, w.Find(t, dictionary.TableUser, "email!="), "no user is made")
	require.NotEmpty(t, w.Find(t, dictionary.TableSubscription, "userISEMPTY"))
	logs := len(w.Find(t, dictionary.TableJobLog, ""))
	require.Positive(t, logs)

	now = now.AddDate(0, 0, 20)
	root.Write(t, block("retention_days = 10"), w.Alias(), w.Profile(), sync("2"))
	root.MustApply(t)
	require.NotEmpty(t, w.Find(t, dictionary.TableJobLog, "name="+dictionary.JobRetention))
	require.Empty(t, w.Find(t, dictionary.TableJobLog, "sys_created_on<"+now.AddDate(0, 0, -10).UTC().Format(time.DateTime)))
}

package acctest_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// command runs the built provider and gives its exit code, what it printed and what it said besides.
func command(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), acctest.Binary(t), args...) //nolint:gosec // our binary
	cmd.Env = append(os.Environ(), "SERVICENOW_USERNAME="+acctest.RemoteUser, "SERVICENOW_PASSWORD="+acctest.RemotePassword)
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), log.String()
}

// bought makes a licence worth 12.50.
const bought = `
resource "servicenowsam_software_entitlement" "trello" {
  depends_on       = [servicenowsam_integration_profile.trello]
  display_name     = "Trello Enterprise"
  product          = "Trello Enterprise"
  purchased_rights = 100
  unit_cost        = 12.5
  start_date       = "2020-01-01"
}
`

// reclaimed is a world in which an apply reclaimed licences, and the numbers of their candidates.
func reclaimed(t *testing.T) (w *acctest.World, root *acctest.Root, numbers []string) {
	t.Helper()
	w = acctest.NewWorld(t, acctest.Options{})
	root = w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(), bought, w.Reclamation(`max_removals = 1000`,
		`evidence = { reason = "quarterly review", change_reference = "CHG42", approved_by = "ada", run_url = "https://ci.example.com/1" }`))
	root.MustApply(t)
	root.MustApply(t)
	for number, outcome := range outcomes(t, root) {
		if outcome == "done" {
			numbers = append(numbers, number)
		}
	}
	require.Greater(t, len(numbers), 2)
	slices.Sort(numbers)
	return w, root, numbers
}

// aroundToday is a period that today is in, also when it is midnight.
func aroundToday() []string {
	now := time.Now().UTC()
	return []string{"--from", now.AddDate(0, 0, -1).Format(time.DateOnly), "--to", now.AddDate(0, 0, 1).Format(time.DateOnly)}
}

// reported is what the report command writes for today.
func reported(t *testing.T, w *acctest.World, args ...string) (rows []map[string]string, text string) {
	t.Helper()
	dir := t.TempDir()
	args = append(args, aroundToday()...)
	code, out, log := command(t, append([]string{"report", "--database", w.DatabaseURL(), "--out", dir}, args...)...)
	require.Zero(t, code, log)
	require.Contains(t, out, "SHA256SUMS")
	sums, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS")) //nolint:gosec // a directory of the test
	require.NoError(t, err)
	for line := range strings.Lines(string(sums)) {
		sum, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		require.True(t, ok, line)
		content, err := os.ReadFile(filepath.Join(dir, name)) //nolint:gosec // a directory of the test
		require.NoError(t, err)
		actual := sha256.Sum256(content)
		require.Equal(t, hex.EncodeToString(actual[:]), sum)
		text += string(content)
		if strings.HasSuffix(name, ".json") {
			require.True(t, json.Valid(content))
			continue
		}
		lines, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
		require.NoError(t, err)
		for _, cells := range lines[1:] {
			row := map[string]string{}
			for i, cell := range cells {
				row[lines[0][i]] = cell
			}
			rows = append(rows, row)
		}
	}
	return rows, text
}

func TestAccUndo_reportAndRestore(t *testing.T) {
	t.Parallel()
	w, root, numbers := reclaimed(t)
	before := holders(w)
	rows, text := reported(t, w)
	require.Len(t, rows, len(outcomes(t, root)))
	for _, row := range rows {
		require.Equal(t, "reclaim", row["kind"])
		require.Equal(t, "quarterly review CHG42 ada https://ci.example.com/1",
			strings.Join([]string{row["reason"], row["change_reference"], row["approved_by"], row["run_url"]}, " "))
		require.Equal(t, outcomes(t, root)[row["candidate"]], row["outcome"])
		require.Empty(t, row["restored_on"])
	}
	for _, m := range w.Double.Members(0, func(trello.Member) bool { return true }) {
		for _, name := range []string{m.ID, m.FullName, m.Email} {
			require.False(t, name != "" && strings.Contains(text, name), "the report names %s", name)
		}
	}

	code, out, log := command(t, "restore", "--database", w.DatabaseURL(), "--candidate", numbers[1], "--candidate", numbers[0],
		"--reason", "on parental leave", "--approved-by", "grace", "--change", "CHG43")
	require.Zero(t, code, log)
	requireAll(t, out, "run RUN0000002", numbers[0], numbers[1], "Trello gave the licence back", "Boards and cards")
	require.Len(t, holders(w), len(before)+2)
	require.Less(t, strings.Index(out, numbers[0]), strings.Index(out, numbers[1]))

	rows, _ = reported(t, w)
	var given []string
	for _, row := range rows {
		if row["kind"] == "restore" {
			require.Equal(t, "on parental leave CHG43 grace", strings.Join([]string{row["reason"], row["change_reference"], row["approved_by"]}, " "))
			continue
		}
		if row["restored_on"] != "" {
			given = append(given, row["candidate"])
		}
	}
	require.Equal(t, numbers[:2], given)

	code, out, _ = command(t, "restore", "--database", w.DatabaseURL(), "--candidate", numbers[0], "--reason", "again")
	require.Zero(t, code)
	require.Contains(t, out, "already_held")
	code, _, log = command(t, "restore", "--database", w.DatabaseURL(), "--candidate", numbers[2], "--candidate", "RCC9999999", "--reason", "typo")
	require.NotZero(t, code)
	require.Contains(t, log, "there is no removal candidate RCC9999999; nothing was given back")
	require.Len(t, holders(w), len(before)+2)

	root.RequireEmptyPlan(t)
	code, _, log = command(t, "run-due", "--database", w.DatabaseURL())
	require.Zero(t, code, log)
	root.RequireEmptyPlan(t)
	rows, _ = reported(t, w, "--include-personal-data")
	require.True(t, slices.ContainsFunc(rows, func(row map[string]string) bool { return row["person"] != "" && strings.Contains(row["mail"], "@") }))
}

func TestAccUndo_overTheNetwork(t *testing.T) {
	t.Parallel()
	w, _, numbers := reclaimed(t)
	before := len(holders(w))
	url := w.Remote(t, nil)
	code, out, log := command(t, "restore", "--instance-url", url, "--candidate", numbers[0], "--reason", "mistake")
	require.Zero(t, code, log)
	require.Contains(t, out, numbers[0])
	require.Len(t, holders(w), before+1)
	code, out, log = command(t, append([]string{"report", "--instance-url", url, "--out", "-", "--format", "json"}, aroundToday()...)...)
	require.Zero(t, code, log)
	require.True(t, json.Valid([]byte(out)))
	require.Contains(t, out, numbers[0])

	require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.FaultReadOnlyToken}))
	code, _, log = command(t, "restore", "--instance-url", url, "--candidate", numbers[1], "--reason", "mistake")
	require.NotZero(t, code)
	require.Contains(t, log, "1 of 1 licences were not given back")
}

func TestAccUndo_onServiceNow(t *testing.T) {
	t.Parallel()
	w, _, numbers := reclaimed(t)
	before := holders(w)
	faults := &restapi.Faults{}
	faults.RemoveCompanion()
	url := w.Remote(t, faults)
	code, out, log := command(t, "restore", "--instance-url", url, "--candidate", numbers[0], "--reason", "mistake", "--change", "CHG43")
	require.Zero(t, code, log)
	requireAll(t, out, "Nothing was written", "What comes back:", "Trello's enterprise dashboard", numbers[0]+" (Closed Complete)  https://",
		"Given back. Reason: mistake. Change: CHG43", "SAM - Refresh "+w.Find(t, dictionary.TableProfile, "")[0]["display_name"]+" Subscriptions")
	require.Equal(t, before, holders(w))
	require.Empty(t, w.Find(t, dictionary.TableReclamationRun, "kind=restore"))
}

// saved is what so many licences of 12.50 save.
func saved(licences int) string {
	price, _ := sam.ParseAmount("12.50")
	return price.Times(licences).String()
}

func TestAccUndo_runsDataSource(t *testing.T) {
	t.Parallel()
	w, root, numbers := reclaimed(t)
	code, _, log := command(t, "restore", "--database", w.DatabaseURL(), "--candidate", numbers[0], "--reason", "mistake")
	require.Zero(t, code, log)
	period := fmt.Sprintf("from = %q\n to = %q", aroundToday()[1], aroundToday()[3])
	root.Write(t, w.ProviderBlock(), w.Alias(), w.Profile(),
		fmt.Sprintf("data \"servicenowsam_reclamation_runs\" \"all\" {\n profile_id = servicenowsam_integration_profile.trello.id\n %s\n}\n", period),
		fmt.Sprintf("data \"servicenowsam_reclamation_runs\" \"newest\" {\n limit = 1\n %s\n}\n", period),
		"data \"servicenowsam_reclamation_runs\" \"early\" {\n to = \"2020-01-01\"\n}\n")
	root.MustApply(t)
	all := root.Attributes(t, "data.servicenowsam_reclamation_runs.all")
	require.EqualValues(t, 2, all["total_count"])
	runs := all["runs"].([]any)
	require.Len(t, runs, 2)
	restore, reclaim := runs[0].(map[string]any), runs[1].(map[string]any)
	require.Equal(t, "RUN0000001", reclaim["number"])
	require.Equal(t, "reclaim", reclaim["kind"])
	require.Equal(t, root.Attribute(t, profile, "id"), reclaim["profile_id"])
	require.EqualValues(t, len(numbers), reclaim["outcomes"].(map[string]any)["done"])
	require.Equal(t, map[string]any{
		"reason": "quarterly review", "change_reference": "CHG42", "approved_by": "ada", "run_url": "https://ci.example.com/1",
	}, reclaim["evidence"])
	require.Equal(t, map[string]any{"partially_restored": 1.0}, restore["outcomes"])
	require.Equal(t, map[string]any{"USD": saved(len(numbers) - 1)}, all["savings"], "what was given back saves nothing")
	require.Equal(t, saved(len(numbers)-1), reclaim["savings"])
	newest := root.Attributes(t, "data.servicenowsam_reclamation_runs.newest")
	require.Len(t, newest["runs"], 1)
	require.EqualValues(t, 2, newest["total_count"])
	require.Equal(t, all["outcomes"], newest["outcomes"], "the totals are of all")
	require.Empty(t, root.Attributes(t, "data.servicenowsam_reclamation_runs.early")["runs"])

	root.Write(t, w.ProviderBlock(), "data \"servicenowsam_reclamation_runs\" \"odd\" {\n from = \"2026-11-02\"\n to = \"2026-11-01\"\n}\n")
	result := root.Run(t, "plan", "-no-color")
	require.NotZero(t, result.Code)
	require.Contains(t, result.Output, "The period ends before it begins")
}

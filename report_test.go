package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

var updateGolden = flag.Bool("update", false, "write testdata anew")

func amount(t *testing.T, text string) sam.Amount {
	t.Helper()
	a, err := sam.ParseAmount(text)
	require.NoError(t, err)
	return a
}

// november is a report on a reclaim, its undo in part, and a run that was cut.
func november(t *testing.T) evidence {
	t.Helper()
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	who := companion.Evidence{
		Reason: `=HYPERLINK("https://evil.example.com")`, ChangeReference: "CHG42", ApprovedBy: "@ada", RunURL: "https://ci.example.com/1",
	}
	return newEvidence("instance", period{at.AddDate(0, 0, -23).Truncate(24 * time.Hour), at.AddDate(0, 0, 6).Truncate(24 * time.Hour)}, []sam.ReclamationRun{
		{Number: "RUN0000001", Kind: "reclaim", ProfileName: "Trello, EMEA", Requested: 3, Evidence: who, Currency: "EUR", StartedAt: at, Items: []sam.ReclamationItem{
			{CandidateSysID: "1", CandidateNumber: "RCC0000001", Outcome: "done", Message: "The licence is gone", Product: "Trello", Savings: amount(t, "12.50")},
			{CandidateSysID: "2", CandidateNumber: "RCC0000002", Outcome: "done", Message: "The licence is gone", Product: "Trello", Savings: amount(t, "12.50"), RestoredAt: at.Add(time.Hour)},
			{CandidateSysID: "3", CandidateNumber: "RCC0000003", Outcome: "failed", Message: "-1 is \"no\" answer,\nsaid Trello", Product: "Trello"},
		}},
		{Number: "RUN0000002", Kind: "restore", ProfileName: "Trello, EMEA", Requested: 1, Currency: "EUR", StartedAt: at.Add(time.Hour), Items: []sam.ReclamationItem{
			{CandidateSysID: "2", CandidateNumber: "RCC0000002", Outcome: "restored", Message: "Given back", Product: "Trello"},
		}},
		{Number: "RUN0000003", Kind: "reclaim", ProfileName: "Asana", Requested: 9, Currency: "EUR", StartedAt: at.Add(2 * time.Hour)},
	})
}

func TestReport_golden(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(io.Writer) error{"report.csv": november(t).writeCSV, "report.json": november(t).writeJSON} {
		var got bytes.Buffer
		require.NoError(t, write(&got))
		path := filepath.Join("testdata", name)
		if *updateGolden {
			require.NoError(t, os.WriteFile(path, got.Bytes(), 0o600))
		}
		want, err := os.ReadFile(path) //nolint:gosec // our own testdata
		require.NoError(t, err)
		require.Equal(t, string(want), got.String(), "run go test . -run TestReport_golden -update, and read the difference")
	}
}

func TestReport_isNoFormula(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	require.NoError(t, november(t).writeCSV(&got))
	rows, err := csv.NewReader(&got).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 6)
	for _, row := range rows {
		for _, cell := range row {
			require.False(t, cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n"), cell)
		}
	}
	require.Equal(t, `'=HYPERLINK("https://evil.example.com")`, rows[1][10])
}

func TestReport_savingsAreWithoutWhatWasGivenBack(t *testing.T) {
	t.Parallel()
	e := november(t)
	require.Equal(t, map[string]string{"EUR": "12.5"}, e.Totals.Savings)
	require.Equal(t, map[string]int{"done": 2, "failed": 1, "restored": 1}, e.Totals.Outcomes)
	require.Equal(t, 3, e.Totals.Runs)
}

// checkSums does what sha256sum -c does.
func checkSums(t *testing.T, dir string) (names []string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, checksums)) //nolint:gosec // a directory of the test
	require.NoError(t, err)
	for _, line := range strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n") {
		sum, name, ok := strings.Cut(line, "  ")
		require.True(t, ok, line)
		content, err := os.ReadFile(filepath.Join(dir, name)) //nolint:gosec // a directory of the test
		require.NoError(t, err)
		actual := sha256.Sum256(content)
		require.Equal(t, hex.EncodeToString(actual[:]), sum, name)
		names = append(names, name)
	}
	return names
}

func TestReport_checksumsOfSeveralPeriods(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	var out bytes.Buffer
	e := november(t)
	require.NoError(t, writeFiles(dir, e, &out))
	require.Contains(t, out.String(), "3 runs, 2 done, 1 failed, 1 restored, saved 12.5 EUR")
	first, err := os.ReadFile(filepath.Join(dir, checksums)) //nolint:gosec // a directory of the test
	require.NoError(t, err)
	require.NoError(t, writeFiles(dir, e, io.Discard))
	again, err := os.ReadFile(filepath.Join(dir, checksums)) //nolint:gosec // a directory of the test
	require.NoError(t, err)
	require.Equal(t, string(first), string(again), "the same evidence has the same checksum")

	empty := newEvidence("instance", period{e.mustFrom(t).AddDate(0, 1, 0), e.mustFrom(t).AddDate(0, 1, 30)}, nil)
	require.NoError(t, writeFiles(dir, empty, io.Discard))
	require.Equal(t, []string{
		"reclamations-2026-11-01-2026-11-30.csv", "reclamations-2026-11-01-2026-11-30.json",
		"reclamations-2026-12-01-2026-12-31.csv", "reclamations-2026-12-01-2026-12-31.json",
	}, checkSums(t, dir))
	rows, err := os.ReadFile(filepath.Join(dir, "reclamations-2026-12-01-2026-12-31.csv")) //nolint:gosec // a directory of the test
	require.NoError(t, err)
	require.Equal(t, strings.Join(csvHeader, ",")+"\n", string(rows))
	var decoded evidence
	raw, err := os.ReadFile(filepath.Join(dir, "reclamations-2026-12-01-2026-12-31.json")) //nolint:gosec // a directory of the test
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &decoded))
	require.Empty(t, decoded.Rows)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 5, "nothing temporary is left")

	require.NoError(t, os.WriteFile(filepath.Join(dir, checksums), []byte("a shopping list\n"), 0o600))
	require.ErrorContains(t, writeFiles(dir, e, io.Discard), "choose another directory")
}

func (e evidence) mustFrom(t *testing.T) time.Time {
	t.Helper()
	day, err := time.Parse(time.DateOnly, e.From)
	require.NoError(t, err)
	return day
}

func TestReport_refuses(t *testing.T) {
	t.Parallel()
	good := reportOptions{target: target{database: "sqlite:" + filepath.Join(t.TempDir(), "none.db")}, from: "2026-11-01", to: "2026-11-30", out: "-", format: "csv"}
	for want, change := range map[string]func(*reportOptions){
		`--from "1.11." is not a day`:    func(o *reportOptions) { o.from = "1.11." },
		`--to "" is not a day`:           func(o *reportOptions) { o.to = "" },
		"--to 2026-10-31 lies before":    func(o *reportOptions) { o.to = "2026-10-31" },
		"use --out DIR":                  func(o *reportOptions) { o.out = "" },
		`--format "pdf" is not known`:    func(o *reportOptions) { o.format = "pdf" },
		"does not exist; check the path": func(*reportOptions) {},
		"the instance needs a user name": func(o *reportOptions) { o.target = target{instanceURL: "https://example.service-now.com"} },
	} {
		o := good
		change(&o)
		require.ErrorContains(t, report(t.Context(), o, io.Discard, io.Discard), want)
	}
	require.NoFileExists(t, strings.TrimPrefix(good.database, "sqlite:"))
}

func TestTarget_ofTheEnvironment(t *testing.T) {
	t.Parallel()
	env := func(values map[string]string) func(string) string {
		return func(name string) string { return values[name] }
	}
	both := map[string]string{"SERVICENOWSAM_DATABASE_URL": "sqlite:x", "SERVICENOW_INSTANCE": "https://example.service-now.com"}
	_, err := target{}.fromEnvironment(env(both))
	require.ErrorContains(t, err, "names two instances")
	_, err = target{}.fromEnvironment(env(nil))
	require.ErrorContains(t, err, "no instance is named")
	got, err := target{database: "sqlite:y"}.fromEnvironment(env(both))
	require.NoError(t, err)
	require.Equal(t, target{database: "sqlite:y"}, got, "a flag chooses alone")
	delete(both, "SERVICENOW_INSTANCE")
	got, err = target{}.fromEnvironment(env(both))
	require.NoError(t, err)
	require.Equal(t, target{database: "sqlite:x"}, got)
}

func TestRestore_refuses(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, restore(t.Context(), restoreOptions{}, io.Discard, io.Discard), "no candidate is named")
	require.ErrorContains(t, restore(t.Context(), restoreOptions{candidates: []string{"RCC0000001"}}, io.Discard, io.Discard), "no reason is given")
}

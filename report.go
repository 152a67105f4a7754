package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

// evidence is a report: the outcomes of all runs of a period, in the order of their numbers. It says nothing of when it was
// made, so that the same evidence has the same checksum.
type evidence struct {
	Instance string        `json:"instance"`
	From     string        `json:"from"` // day, inclusive
	To       string        `json:"to"`   // day, inclusive
	Totals   totals        `json:"totals"`
	Rows     []evidenceRow `json:"rows"`

	personal bool
}

// totals sums the rows up.
type totals struct {
	Runs     int               `json:"runs"`
	Outcomes map[string]int    `json:"outcomes"`
	Savings  map[string]string `json:"savings"` // by currency, without licences that were given back
}

// evidenceRow is one outcome, with the run that it is of. A run without outcomes was cut before its first.
type evidenceRow struct {
	Run             string  `json:"run"`
	Kind            string  `json:"kind"`
	StartedAt       string  `json:"started_at"`
	Profile         string  `json:"profile"`
	Product         string  `json:"product"`
	Candidate       string  `json:"candidate"`
	Outcome         string  `json:"outcome"`
	Message         string  `json:"message"`
	Savings         string  `json:"savings"` // when the licence was taken
	Currency        string  `json:"currency"`
	Reason          string  `json:"reason"`
	ChangeReference string  `json:"change_reference"`
	ApprovedBy      string  `json:"approved_by"`
	RunURL          string  `json:"run_url"`
	RestoredOn      string  `json:"restored_on"`
	Person          *person `json:"person,omitempty"`

	candidate string // sys_id
}

// person is whose licence it was; empty where nobody knows any more.
type person struct {
	Name string `json:"name"`
	Mail string `json:"mail"`
}

func newEvidence(instance string, p period, runs []sam.ReclamationRun) evidence {
	e := evidence{
		Instance: instance, From: p.from.Format(time.DateOnly), To: p.to.Format(time.DateOnly), Rows: []evidenceRow{},
		Totals: totals{Runs: len(runs), Outcomes: map[string]int{}, Savings: map[string]string{}},
	}
	savings := map[string]sam.Amount{}
	for _, run := range runs {
		base := evidenceRow{
			Run: run.Number, Kind: run.Kind, StartedAt: timestamp(run.StartedAt), Profile: run.ProfileName, Currency: run.Currency,
			Reason: run.Evidence.Reason, ChangeReference: run.Evidence.ChangeReference, ApprovedBy: run.Evidence.ApprovedBy, RunURL: run.Evidence.RunURL,
		}
		savings[run.Currency] = savings[run.Currency].Add(run.Saved())
		if len(run.Items) == 0 {
			e.Rows = append(e.Rows, base)
		}
		for _, item := range run.Items {
			row := base
			row.Product, row.Candidate, row.Outcome, row.Message = item.Product, item.CandidateNumber, item.Outcome, item.Message
			row.Savings, row.RestoredOn, row.candidate = item.Savings.String(), timestamp(item.RestoredAt), item.CandidateSysID
			e.Rows = append(e.Rows, row)
			e.Totals.Outcomes[item.Outcome]++
		}
	}
	for currency, amount := range savings {
		e.Totals.Savings[currency] = amount.String()
	}
	return e
}

func timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// addPeople adds whose licences they were, as far as the instance still knows.
func (e *evidence) addPeople(ctx context.Context, c connected) error {
	e.personal = true
	candidates := map[string]string{} // to the sys_id of their user
	for _, row := range e.Rows {
		candidates[row.candidate] = ""
	}
	for candidate, err := range c.Candidates.All(ctx, sam.CandidateFilter{SysIDs: slices.Sorted(maps.Keys(candidates))}) {
		if err != nil {
			return fmt.Errorf("read whose licences they were: %w", err)
		}
		candidates[candidate.SysID] = candidate.UserSysID
	}
	users, err := c.Users.ByIDs(ctx, slices.Sorted(maps.Values(candidates)))
	if err != nil {
		return fmt.Errorf("read whose licences they were: %w", err)
	}
	for i, row := range e.Rows {
		user := users[candidates[row.candidate]]
		e.Rows[i].Person = &person{Name: user.Name, Mail: user.Email}
	}
	return nil
}

var csvHeader = []string{
	"run", "kind", "started_at", "profile", "product", "candidate", "outcome", "message", "savings", "currency", "reason",
	"change_reference", "approved_by", "run_url", "restored_on",
}

func (e evidence) writeCSV(out io.Writer) error {
	w := csv.NewWriter(out)
	header := csvHeader
	if e.personal {
		header = append(slices.Clone(header), "person", "mail")
	}
	rows := [][]string{header}
	for _, r := range e.Rows {
		row := []string{
			r.Run, r.Kind, r.StartedAt, r.Profile, r.Product, r.Candidate, r.Outcome, r.Message, r.Savings, r.Currency, r.Reason,
			r.ChangeReference, r.ApprovedBy, r.RunURL, r.RestoredOn,
		}
		if e.personal {
			row = append(row, r.Person.Name, r.Person.Mail)
		}
		for i, cell := range row {
			row[i] = harmless(cell)
		}
		rows = append(rows, row)
	}
	if err := w.WriteAll(rows); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// harmless keeps a spreadsheet from taking text for a formula (owasp.org, CSV Injection).
func harmless(cell string) string {
	if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n") {
		return "'" + cell
	}
	return cell
}

func (e evidence) writeJSON(out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(e); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

const checksums = "SHA256SUMS"

// writeFiles writes a report as CSV and JSON into a directory, with their checksums beside those of other periods.
func writeFiles(dir string, e evidence, out io.Writer) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("make the directory of the report: %w", err)
	}
	sums, err := readChecksums(filepath.Join(dir, checksums))
	if err != nil {
		return err
	}
	base := "reclamations-" + e.From + "-" + e.To + "."
	for _, file := range []struct {
		name  string
		write func(io.Writer) error
	}{{base + formatCSV, e.writeCSV}, {base + formatJSON, e.writeJSON}} {
		var content bytes.Buffer
		if err := file.write(&content); err != nil {
			return err
		}
		sum := sha256.Sum256(content.Bytes())
		sums[file.name] = hex.EncodeToString(sum[:])
		if err := replaceFile(filepath.Join(dir, file.name), content.Bytes()); err != nil {
			return err
		}
	}
	var list strings.Builder
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		fmt.Fprintf(&list, "%s  %s\n", sums[name], name)
	}
	if err := replaceFile(filepath.Join(dir, checksums), []byte(list.String())); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "Wrote %s%s, %[1]s%[3]s and %s to %s: %s.\n", base, formatCSV, formatJSON, checksums, dir, e.summary())
	return err
}

// summary is the report in one line.
func (e evidence) summary() string {
	parts := []string{strconv.Itoa(e.Totals.Runs) + " runs"}
	for _, outcome := range slices.Sorted(maps.Keys(e.Totals.Outcomes)) {
		parts = append(parts, fmt.Sprintf("%d %s", e.Totals.Outcomes[outcome], outcome))
	}
	for _, currency := range slices.Sorted(maps.Keys(e.Totals.Savings)) {
		parts = append(parts, strings.TrimSpace("saved "+e.Totals.Savings[currency]+" "+currency))
	}
	return strings.Join(parts, ", ")
}

// readChecksums reads the checksums of files by name; a file that does not exist has none.
func readChecksums(path string) (map[string]string, error) {
	sums := map[string]string{}
	raw, err := os.ReadFile(path) //nolint:gosec // the directory is the one that the user chose
	if errors.Is(err, fs.ErrNotExist) {
		return sums, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the checksums of earlier reports: %w", err)
	}
	for line := range strings.Lines(string(raw)) {
		sum, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			return nil, fmt.Errorf("%s has the line %q, which is no checksum; choose another directory", path, strings.TrimSpace(line))
		}
		sums[name] = sum
	}
	return sums, nil
}

// replaceFile writes a file that appears complete or not at all.
func replaceFile(path string, content []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".report-*") // readable by its owner alone
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = temporary.Write(content)
	if err = errors.Join(err, temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(temporary.Name())))
	}
	return nil
}

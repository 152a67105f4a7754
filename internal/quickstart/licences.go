package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// approver said yes to the plan.
const approver = "Robin Ashworth, licence manager"

// position is the output of the same name.
type position struct {
	Currency string `json:"currency"`
	Products []struct {
		Name             string `json:"name"`
		Owned            int    `json:"owned"`
		Assigned         int    `json:"assigned"`
		Used             int    `json:"used"`
		Available        int    `json:"available"`
		Stale            int    `json:"stale"`
		Needed           int    `json:"needed"`
		TrueUpCost       string `json:"true_up_cost"`
		TotalSpend       string `json:"total_spend"`
		PotentialSavings string `json:"potential_savings"`
		ActualSavings    string `json:"actual_savings"`
	} `json:"products"`
}

func (s *story) showPosition(ctx context.Context, when string) error {
	var p position
	if err := s.profiles.output(ctx, "licence_position", &p); err != nil {
		return err
	}
	s.say("The licence position %s, amounts in %s:\n", when, p.Currency)
	table := tabwriter.NewWriter(s.out, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\towned\tassigned\tused\tavailable\tidle\tneeded\ttrue-up\tspend\tcould save\tsaved this year\t")
	for _, x := range p.Products {
		fmt.Fprintf(table, "  %s\t%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\t%s\t%s\t\n", x.Name, x.Owned, x.Assigned, x.Used, x.Available, x.Stale, x.Needed,
			amount(x.TrueUpCost), amount(x.TotalSpend), amount(x.PotentialSavings), amount(x.ActualSavings))
	}
	return table.Flush()
}

// amount is a decimal with two places.
func amount(decimal string) string {
	value, ok := new(big.Rat).SetString(decimal)
	if !ok {
		return decimal
	}
	return value.FloatString(2)
}

// command shows a command of the provider's binary as a reader would type it, and runs it.
func (s *story) command(ctx context.Context, args ...string) error {
	shown := make([]string, 0, len(args))
	for _, arg := range args {
		if strings.Contains(arg, " ") {
			arg = `"` + arg + `"`
		}
		shown = append(shown, arg)
	}
	fmt.Fprintf(s.out, "\n$ terraform-provider-servicenowsam %s\n", strings.Join(shown, " "))
	cmd := exec.CommandContext(ctx, s.binary, append(args, "--database", s.database)...)
	cmd.Stdout, cmd.Stderr = s.out, s.out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	return nil
}

func (s *story) countTheMoney(ctx context.Context) error {
	s.chapter("4. What it saved, and who answers for it")
	if _, err := s.profiles.quiet(ctx, "apply", "-auto-approve", "-replace=servicenowsam_reconciliation.all"); err != nil {
		return err
	}
	if err := s.showSeats(ctx); err != nil {
		return err
	}
	if err := s.showPosition(ctx, "after the reclaim"); err != nil {
		return err
	}
	today := time.Now().UTC().Format(time.DateOnly)
	reports := filepath.Join(filepath.Dir(s.profiles.dir), "reports")
	s.say("The report for the auditors:")
	if err := s.command(ctx, "report", "--from", today, "--to", today, "--out", reports); err != nil {
		return err
	}
	return s.showReport(reports, "reclamations-"+today+"-"+today)
}

// showReport checks the files against their checksums and shows the first lines of the report.
func (s *story) showReport(dir, name string) error {
	sums, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	if err != nil {
		return fmt.Errorf("read the checksums: %w", err)
	}
	checked := 0
	for line := range strings.Lines(string(sums)) {
		sum, file, _ := strings.Cut(strings.TrimSpace(line), "  ")
		content, err := os.ReadFile(filepath.Join(dir, filepath.Base(file)))
		if err != nil {
			return fmt.Errorf("read the report: %w", err)
		}
		if actual := sha256.Sum256(content); hex.EncodeToString(actual[:]) != sum {
			return fmt.Errorf("the checksum of %s does not fit", file)
		}
		checked++
	}
	report, err := os.ReadFile(filepath.Join(dir, name+".csv"))
	if err != nil {
		return fmt.Errorf("read the report: %w", err)
	}
	rows, err := csv.NewReader(bytes.NewReader(report)).ReadAll()
	if err != nil {
		return fmt.Errorf("read the report: %w", err)
	}
	fmt.Fprintf(s.out, "%d files, and their checksums fit. %d licences are in it; the first of them:\n\n", checked, len(rows)-1)
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	columns := []string{"run", "candidate", "product", "outcome", "savings", "currency", "approved_by"}
	for i, row := range rows[:min(len(rows), 5)] {
		for _, column := range columns {
			at := slices.Index(rows[0], column)
			if at < 0 {
				return fmt.Errorf("the report has no column %s", column)
			}
			fmt.Fprintf(table, "  %s\t", row[at])
		}
		fmt.Fprintln(table)
		if i == 0 && !strings.Contains(string(report), approver) {
			return errors.New("the report does not say who approved")
		}
	}
	return table.Flush()
}

func (s *story) undoOne(ctx context.Context) error {
	s.chapter("5. One of them needs it after all")
	var outcomes map[string]map[string][]string
	if err := s.reclaim.output(ctx, "outcomes", &outcomes); err != nil {
		return err
	}
	done := slices.Sorted(slices.Values(outcomes["trello"]["done"]))
	if len(done) == 0 {
		return errors.New("no licence was reclaimed at Trello, so that none can be given back")
	}
	before := s.vendors.seats()[0]
	if err := s.command(ctx, "restore", "--candidate", done[0], "--reason", "back from a sabbatical", "--approved-by", approver); err != nil {
		return err
	}
	after := s.vendors.seats()[0]
	if after != before+1 {
		return fmt.Errorf("the licence was not given back: %d seats at Trello before, %d after", before, after)
	}
	s.say("Trello itself says: %d seats before, %d after. The person counts as seen today, and is no candidate again at once.", before, after)
	return nil
}

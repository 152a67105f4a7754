package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

// The formats of a report.
const (
	formatCSV  = "csv"
	formatJSON = "json"
)

type reportOptions struct {
	target
	from, to     string // days, inclusive
	out          string // directory; "-" means standard output
	format       string // for standard output
	personalData bool
}

func reportCommand() *cobra.Command {
	var o reportOptions
	cmd := &cobra.Command{
		Use:   "report --from DAY --to DAY --out DIR",
		Short: "Write the evidence of reclaims as CSV and JSON, with checksums",
		Long: "Writes which licences were reclaimed and given back in the runs that started from one day (UTC) through another, who approved " +
			"that and why: reclamations-FROM-TO.csv and .json, and their checksums in SHA256SUMS (sha256sum -c SHA256SUMS checks them). " +
			"The same period gives the same bytes, until a licence of it is given back. Nobody is named, except who approved, unless " +
			"--include-personal-data asks for it.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			return report(ctx, o, os.Stdout, os.Stderr)
		},
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&o.from, "from", "", "first day, YYYY-MM-DD (UTC)")
	cmd.Flags().StringVar(&o.to, "to", "", "last day, YYYY-MM-DD (UTC)")
	cmd.Flags().StringVar(&o.out, "out", "", "directory to write to; - for standard output, in one --format")
	cmd.Flags().StringVar(&o.format, "format", formatCSV, "csv or json; for --out - only")
	cmd.Flags().BoolVar(&o.personalData, "include-personal-data", false, "add name and mail address of the people whose licences they were")
	return cmd
}

// period is the days of a report.
type period struct{ from, to time.Time }

func (o reportOptions) period() (p period, err error) {
	for _, day := range []struct {
		name, value string
		to          *time.Time
	}{{"--from", o.from, &p.from}, {"--to", o.to, &p.to}} {
		if *day.to, err = time.Parse(time.DateOnly, day.value); err != nil {
			return p, fmt.Errorf("%s %q is not a day; write YYYY-MM-DD", day.name, day.value)
		}
	}
	if p.to.Before(p.from) {
		return p, fmt.Errorf("--to %s lies before --from %s", o.to, o.from)
	}
	return p, nil
}

func (o reportOptions) check() error {
	switch {
	case o.out == "":
		return errors.New("nowhere to write to; use --out DIR, or --out - for standard output")
	case o.format != formatCSV && o.format != formatJSON:
		return fmt.Errorf("--format %q is not known; use %s or %s", o.format, formatCSV, formatJSON)
	}
	return nil
}

// report writes the evidence of a period.
func report(ctx context.Context, o reportOptions, out, log io.Writer) (err error) {
	p, err := o.period()
	if err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	c, err := o.connect(ctx, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	e, err := collectEvidence(ctx, c, p, o.personalData)
	if err != nil {
		return fmt.Errorf("report on %s to %s: %w", o.from, o.to, err)
	}
	switch {
	case o.out != "-":
		return writeFiles(o.out, e, out)
	case o.format == formatJSON:
		return e.writeJSON(out)
	}
	return e.writeCSV(out)
}

// collectEvidence reads the runs of a period. A row that is hidden is an error: evidence with gaps is none.
func collectEvidence(ctx context.Context, c connected, p period, personalData bool) (evidence, error) {
	hidden := 0
	runs, err := c.ReclamationRuns.All(ctx, sam.ReclamationRunFilter{
		From: p.from, Before: p.to.AddDate(0, 0, 1), OnHidden: func(rows int) { hidden += rows },
	})
	if err == nil && hidden > 0 {
		err = fmt.Errorf("the user may not read %d of the rows; let it read the run table", hidden)
	}
	if err != nil {
		return evidence{}, err
	}
	e := newEvidence(c.instance.ID, p, runs)
	if !personalData {
		return e, nil
	}
	return e, e.addPeople(ctx, c)
}

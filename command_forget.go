package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
)

type forgetOptions struct {
	database string
	user     string
	dryRun   bool
}

func forgetCommand() *cobra.Command {
	var o forgetOptions
	cmd := &cobra.Command{
		Use:   "forget --user MAIL|ID",
		Short: "Remove what the embedded instance stores about one person",
		Long: "Removes what an embedded instance stores about one person, and prints per table what it did. Evidence of reclaims stays, " +
			"without the person. After it the bytes are gone from the database file; backups, Terraform states, saved plans, logs and " +
			"the vendors are yours to look after.\n\n" +
			"It refuses while a licence of the person is being reclaimed or given back, and while any job runs. An account that a vendor " +
			"still lists is left out of every refresh until the vendor does not list it any more: its licence is not counted meanwhile, so " +
			"remove it at the vendor.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			return forget(ctx, o, os.Stdout, os.Stderr)
		},
	}
	databaseFlag(cmd, &o.database)
	cmd.Flags().StringVar(&o.user, "user", "", "mail address, user id, the vendor's account id, or the sys_id of the user")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "say what would be done, and change nothing")
	return cmd
}

func forget(ctx context.Context, o forgetOptions, out, log io.Writer) (err error) {
	if o.user == "" {
		return errors.New("forget needs to know whom; use --user with a mail address, a user id, or the vendor's account id")
	}
	i, err := openInstance(o.database, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeInstance(i)) }()
	outcome, err := i.Forget(ctx, o.user, o.dryRun)
	if err == nil || len(outcome.Done) > 0 {
		err = errors.Join(err, printForgotten(out, outcome, o.dryRun))
	}
	return err
}

func printForgotten(out io.Writer, outcome engine.ForgetOutcome, dryRun bool) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	switch {
	case len(outcome.Done) == 0:
		line("Nothing is stored about this person.")
	case dryRun:
		line("This would be done; nothing was changed:")
	default:
		line("Done:")
	}
	for _, step := range outcome.Done {
		line("  %s\t%d\t%s", step.Table, step.Rows, step.What)
	}
	if len(outcome.Left) > 0 {
		line("Still named, and left alone:")
	}
	for _, step := range outcome.Left {
		line("  %s\t%d\t%s", step.Table, step.Rows, step.What)
	}
	for _, profile := range outcome.Listed {
		line("The vendor of the integration profile %q listed this account last. Refreshes leave it out, and do not count its licence, until "+
			"the vendor does not list it any more: remove it there.", profile)
	}
	return w.Flush()
}

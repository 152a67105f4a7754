package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance"
	servicenowsam "github.com/servicenowsam/terraform-provider-servicenowsam/internal/provider"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// databaseFlag adds the flag that names the database.
func databaseFlag(cmd *cobra.Command, value *string) {
	cmd.Flags().StringVar(value, "database", os.Getenv(servicenowsam.EnvDatabaseURL),
		"database of the embedded instance, sqlite:PATH (environment: "+servicenowsam.EnvDatabaseURL+")")
}

func openInstance(database string, log io.Writer) (*instance.Instance, error) {
	if database == "" {
		return nil, errors.New("no database is named; use --database sqlite:PATH or set " + servicenowsam.EnvDatabaseURL)
	}
	people, err := servicenowsam.PeopleOf(os.Getenv)
	if err != nil {
		return nil, err
	}
	return instance.New(instance.Config{
		KeepUsers: !people.CreateUsers, RetentionDays: people.RetentionDays, EvidenceRetentionDays: people.EvidenceRetentionDays,
		DatabaseURL:   database,
		EncryptionKey: os.Getenv(servicenowsam.EnvEncryptionKey),
		ReleaseFamily: dictionary.ReleaseFamily(os.Getenv(servicenowsam.EnvReleaseFamily)),
		Connectors:    servicenowsam.Connectors(),
		Version:       version,
		Log:           slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn, ReplaceAttr: tfkit.MaskMailAttr})),

		NotificationDelivery: os.Getenv(servicenowsam.EnvNotifications),
		Currency:             os.Getenv(servicenowsam.EnvCurrency),
	})
}

func closeInstance(i *instance.Instance) error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if err := i.Close(ctx); err != nil {
		return fmt.Errorf("close the embedded instance: %w", err)
	}
	return nil
}

func runDueCommand() *cobra.Command {
	var database string
	cmd := &cobra.Command{
		Use:   "run-due",
		Short: "Run the jobs whose time has come, and exit",
		Long: "Runs the overdue jobs of an embedded instance, for cron or CI: the refreshes of published profiles and the standing jobs. " +
			"Prints a line per job. The exit code is not zero when one failed. It never reclaims.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			return runDue(ctx, database, os.Stdout, os.Stderr)
		},
	}
	databaseFlag(cmd, &database)
	return cmd
}

func runDue(ctx context.Context, database string, out, log io.Writer) (err error) {
	i, err := openInstance(database, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeInstance(i)) }()
	if err := i.RunDue(ctx, func(line string) { _, _ = fmt.Fprintln(out, line) }); err != nil {
		return fmt.Errorf("%s: %w", cmp.Or(database, os.Getenv(servicenowsam.EnvDatabaseURL)), err)
	}
	return nil
}

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	servicenowsam "github.com/servicenowsam/terraform-provider-servicenowsam/internal/provider"
)

// envServePassword holds the password of serve. It is no flag, because the arguments of a process are no secret.
const envServePassword = "SERVICENOWSAM_SERVE_PASSWORD" //nolint:gosec // the name of a variable

const readHeaderTimeout = 10 * time.Second

// databaseFlag adds the flag that names the database.
func databaseFlag(cmd *cobra.Command, value *string) {
	cmd.Flags().StringVar(value, "database", os.Getenv(servicenowsam.EnvDatabaseURL),
		"database of the embedded instance, sqlite:PATH (environment: "+servicenowsam.EnvDatabaseURL+")")
}

func openInstance(database string, log io.Writer) (*instance.Instance, error) {
	if database == "" {
		return nil, errors.New("no database is named; use --database sqlite:PATH or set " + servicenowsam.EnvDatabaseURL)
	}
	return instance.New(instance.Config{
		DatabaseURL:   database,
		EncryptionKey: os.Getenv(servicenowsam.EnvEncryptionKey),
		ReleaseFamily: dictionary.ReleaseFamily(os.Getenv(servicenowsam.EnvReleaseFamily)),
		Connectors:    servicenowsam.Connectors(),
		Version:       version,
		Log:           slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn})),
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

func serveCommand() *cobra.Command {
	var database, listen, username string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the embedded instance on this machine",
		Long: "Serves the embedded instance's REST dialect on a loopback address, with basic authentication. The password comes from " +
			envServePassword + ". One line of JSON on standard output says where, once it is ready. It runs no jobs on its own: run-due does.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			return serve(ctx, serveOptions{database, listen, username, os.Getenv(envServePassword)}, os.Stdout, os.Stderr)
		},
	}
	databaseFlag(cmd, &database)
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "loopback address to listen on; port 0 takes a free one")
	cmd.Flags().StringVar(&username, "username", "admin", "user name that clients give")
	return cmd
}

type serveOptions struct{ database, listen, username, password string }

// serve serves until ctx ends.
func serve(ctx context.Context, o serveOptions, out, log io.Writer) (err error) {
	if o.password == "" {
		return errors.New("serve needs a password for its clients; set " + envServePassword)
	}
	host, _, err := net.SplitHostPort(o.listen)
	if err != nil {
		return fmt.Errorf("--listen %q is not host:port: %w", o.listen, err)
	}
	if !connector.Loopback(host) {
		return fmt.Errorf("--listen %q is not on this machine; the embedded instance speaks plain http, so it serves loopback addresses "+
			"only. Put a proxy with TLS in front to share it", o.listen)
	}
	i, err := openInstance(o.database, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeInstance(i)) }()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", o.listen, err)
	}
	server := &http.Server{
		Handler:           restapi.WithLoopbackHost(restapi.WithBasicAuth(i.Handler(), o.username, o.password)),
		ReadHeaderTimeout: readHeaderTimeout,
	}
	ready := map[string]any{
		"url":         "http://" + listener.Addr().String(),
		"credentials": map[string]string{"username": o.username},
		"database":    o.database,
	}
	if err := json.NewEncoder(out).Encode(ready); err != nil {
		return errors.Join(fmt.Errorf("print where it serves: %w", err), listener.Close())
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err := <-done:
		return fmt.Errorf("serve on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil {
		return fmt.Errorf("stop serving on %s: %w", listener.Addr(), err)
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

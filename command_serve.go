package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	servicenowsam "github.com/servicenowsam/terraform-provider-servicenowsam/internal/provider"
)

// envServePassword holds the password of serve. It is no flag, because the arguments of a process are no secret.
const envServePassword = "SERVICENOWSAM_SERVE_PASSWORD" //nolint:gosec // the name of a variable

const readHeaderTimeout = 10 * time.Second

func serveCommand() *cobra.Command {
	o := serveOptions{password: os.Getenv(envServePassword)}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the embedded instance on this machine",
		Long: "Serves the embedded instance's REST dialect on a loopback address, with basic authentication. The password comes from " +
			envServePassword + ". One line of JSON on standard output says where, once it is ready. By itself it runs no jobs: " +
			"run-due does, or --run-jobs here. It takes no licence unless a client asks it to, or --auto-reclaim is set.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			return serve(ctx, o, os.Stdout, os.Stderr)
		},
	}
	databaseFlag(cmd, &o.database)
	cmd.Flags().StringVar(&o.listen, "listen", "127.0.0.1:0", "loopback address to listen on; port 0 takes a free one")
	cmd.Flags().StringVar(&o.username, "username", "admin", "user name that clients give")
	cmd.Flags().BoolVar(&o.runJobs, "run-jobs", false, "run the jobs whose time has come, and say so on standard error")
	cmd.Flags().BoolVar(&o.autoReclaim, "auto-reclaim", false, "take the licences of users who were told by a delivered notice and did not "+
		"answer in time, released theirs, or use restricted software; implies --run-jobs")
	cmd.Flags().StringArrayVar(&o.policy.Protected, "protected-user", nil, "with --auto-reclaim: mail address, user name or vendor id of somebody "+
		"who keeps the licence; may be repeated. The reclamation_policy of the provider does not reach here")
	cmd.Flags().StringArrayVar(&o.policy.ProtectedGroups, "protected-group", nil, "with --auto-reclaim: a user group whose members keep their "+
		"licences; may be repeated")
	cmd.Flags().IntVar(&o.policy.DailyMaximum, "max-removals-per-day", 0, "with --auto-reclaim: the most licences that go on one day (UTC); "+
		"0 means no maximum")
	return cmd
}

type serveOptions struct {
	database, listen, username, password string

	runJobs     bool
	autoReclaim bool
	policy      instance.AutoPolicy // of autoReclaim
}

// check tells what is wrong with the options, before anything is opened.
func (o serveOptions) check() error {
	given := len(o.policy.Protected) > 0 || len(o.policy.ProtectedGroups) > 0 || o.policy.DailyMaximum != 0
	switch {
	case o.password == "":
		return errors.New("serve needs a password for its clients; set " + envServePassword)
	case given && !o.autoReclaim:
		return errors.New("--protected-user, --protected-group and --max-removals-per-day are for --auto-reclaim; " +
			"a reclaim that a client asks for brings its own policy")
	case o.policy.DailyMaximum < 0:
		return fmt.Errorf("--max-removals-per-day is a number of licences, not %d", o.policy.DailyMaximum)
	case o.autoReclaim && os.Getenv(servicenowsam.EnvNotifications) == "":
		return errors.New("--auto-reclaim takes licences of users who were told, and nobody delivers messages; set " +
			servicenowsam.EnvNotifications + "=" + instance.DeliveryExternal + " where something does")
	}
	return nil
}

// serve serves until ctx ends.
func serve(ctx context.Context, o serveOptions, out, log io.Writer) (err error) {
	if err := o.check(); err != nil {
		return err
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
	stopJobs := startJobs(ctx, i, o, log)
	defer stopJobs()
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

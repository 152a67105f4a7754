package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	servicenowsam "github.com/servicenowsam/terraform-provider-servicenowsam/internal/provider"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// target is the instance that a command works on: an embedded one by its database, or another by its URL.
type target struct{ database, instanceURL string }

func (t *target) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.database, "database", "",
		"database of the embedded instance, sqlite:PATH (environment: "+servicenowsam.EnvDatabaseURL+")")
	cmd.Flags().StringVar(&t.instanceURL, "instance-url", "", "address of the instance (environment: "+servicenowsam.EnvInstance+
		"), with "+servicenowsam.EnvUsername+" and "+servicenowsam.EnvPassword)
	cmd.MarkFlagsMutuallyExclusive("database", "instance-url")
}

// fromEnvironment lets the environment choose where the flags do not, as the provider block does.
func (t target) fromEnvironment(getenv func(string) string) (target, error) {
	if t.database == "" && t.instanceURL == "" {
		t = target{getenv(servicenowsam.EnvDatabaseURL), getenv(servicenowsam.EnvInstance)}
	}
	switch {
	case t.database != "" && t.instanceURL != "":
		return t, fmt.Errorf("the environment names two instances, by %s and by %s; say which with --database or --instance-url",
			servicenowsam.EnvDatabaseURL, servicenowsam.EnvInstance)
	case t.database == "" && t.instanceURL == "":
		return t, fmt.Errorf("no instance is named; use --database sqlite:PATH or --instance-url, or set %s or %s",
			servicenowsam.EnvDatabaseURL, servicenowsam.EnvInstance)
	}
	return t, nil
}

// connected is a client with what must be closed after it.
type connected struct {
	*sam.Client
	instance sam.Instance
	close    func() error
}

const (
	// inProcessRetryWait is short: no network is in between.
	inProcessRetryWait = 20 * time.Millisecond
	inProcessURL       = "http://localhost" // the in-memory transport answers any address
)

// connect opens the instance and asks it what it is. It creates no database.
func (t target) connect(ctx context.Context, log io.Writer) (connected, error) {
	t, err := t.fromEnvironment(os.Getenv)
	if err != nil {
		return connected{}, err
	}
	c := connected{close: func() error { return nil }}
	config := servicenow.Config{
		BaseURL: t.instanceURL, UserAgent: "terraform-provider-servicenowsam/" + version,
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	if t.database != "" {
		embedded, err := openInstance(t.database, log)
		if err != nil {
			return connected{}, err
		}
		c.close = func() error { return closeInstance(embedded) }
		config.BaseURL, config.Transport, config.InProcess, config.RetryWait = inProcessURL, embedded.Transport(), true, inProcessRetryWait
	} else if config.Auth, err = basicFromEnvironment(os.Getenv); err != nil {
		return connected{}, err
	}
	rest, err := servicenow.New(config)
	if err != nil {
		return connected{}, errors.Join(err, c.close())
	}
	c.Client = sam.New(rest)
	if c.instance, err = c.Instance(ctx); err == nil && c.instance.ID == "" && c.instance.Kind == companion.KindEmbedded {
		err = fmt.Errorf("the database %s does not exist; check the path", t.database)
	}
	if err != nil {
		return connected{}, errors.Join(err, c.close())
	}
	return c, nil
}

func basicFromEnvironment(getenv func(string) string) (servicenow.Authenticator, error) {
	username, password := getenv(servicenowsam.EnvUsername), getenv(servicenowsam.EnvPassword)
	if username == "" || password == "" {
		return nil, fmt.Errorf("the instance needs a user name and a password; set %s and %s", servicenowsam.EnvUsername, servicenowsam.EnvPassword)
	}
	return servicenow.Basic(username, password), nil
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestServe_refuses(t *testing.T) {
	t.Parallel()
	database := "sqlite:" + filepath.Join(t.TempDir(), "sam.db")
	for want, o := range map[string]serveOptions{
		"SERVICENOWSAM_SERVE_PASSWORD": {database: database, listen: "127.0.0.1:0", username: "admin"},
		"not on this machine":          {database: database, listen: "0.0.0.0:0", username: "admin", password: "secret"},
		"not host:port":                {database: database, listen: "8080", username: "admin", password: "secret"},
		"no database is named":         {database: "", listen: "127.0.0.1:0", username: "admin", password: "secret"},
		"expected sqlite:PATH":         {database: "sam.db", listen: "127.0.0.1:0", username: "admin", password: "secret"},
	} {
		err := serve(t.Context(), o, io.Discard, io.Discard)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "secret")
	}
}

func TestServe_servesUntilStopped(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- serve(ctx, serveOptions{
			database: "sqlite:" + filepath.Join(t.TempDir(), "sam.db"), listen: "127.0.0.1:0", username: "admin", password: "a password",
			runJobs: true,
		}, writer, io.Discard)
	}()
	var ready struct {
		URL         string
		Credentials map[string]string
	}
	require.NoError(t, json.NewDecoder(reader).Decode(&ready))
	require.Equal(t, "admin", ready.Credentials["username"])

	status := func(password string) int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, ready.URL+"/api/now/table/sys_alias?sysparm_limit=1", nil)
		require.NoError(t, err)
		request.Header.Set("Accept", "application/json")
		request.SetBasicAuth("admin", password)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		return response.StatusCode
	}
	require.Equal(t, http.StatusOK, status("a password"))
	require.Equal(t, http.StatusUnauthorized, status("another"))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, ready.URL, nil)
	require.NoError(t, err)
	request.Host = "rebound.example"
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusMisdirectedRequest, response.StatusCode)
	stop()
	require.NoError(t, <-done)
}

func TestRunDue_onNothing(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	file := filepath.Join(t.TempDir(), "sam.db")
	err := runDue(t.Context(), "sqlite:"+file, &out, io.Discard)
	require.ErrorContains(t, err, file, "a misspelt path in a cron table must not stay silent")
	require.ErrorContains(t, err, "does not exist")
	require.NoFileExists(t, file, "there is nothing to run, so nothing to create")
	require.ErrorContains(t, runDue(t.Context(), "", &out, io.Discard), "SERVICENOWSAM_DATABASE_URL")
}

func TestRoot_helpsPeopleAndListsCommands(t *testing.T) {
	t.Setenv("TF_PLUGIN_MAGIC_COOKIE", "")
	var out bytes.Buffer
	root := rootCommand()
	root.SetOut(&out)
	root.SetArgs(nil)
	require.NoError(t, root.Execute())
	for _, command := range []string{"answer", "forget", "serve", "run-due", "version"} {
		require.Contains(t, out.String(), command)
	}
	out.Reset()
	root.SetArgs([]string{"version"})
	require.NoError(t, root.Execute())
	require.Equal(t, version, strings.TrimSpace(out.String()))
}

func TestExitCode_ofAnUnknownCommand(t *testing.T) {
	t.Parallel()
	root := rootCommand()
	root.SetOut(io.Discard)
	root.SetArgs([]string{"nonsense"})
	done := make(chan error, 1)
	go func() { done <- root.Execute() }()
	select {
	case err := <-done:
		require.Error(t, err)
	case <-time.After(10 * time.Second):
		t.Fatal("an unknown command must not serve")
	}
}

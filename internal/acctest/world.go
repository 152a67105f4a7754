package acctest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/provider"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// Options of a world. The zero value has a small enterprise and the real clock.
type Options struct {
	Members int // people with a licence; 0 means 40
	Seed    int64
	Now     func() time.Time
	// Faults go into the provider's own embedded instance.
	Faults *restapi.Faults
	// Connectors of the embedded instance; nil means those of the provider.
	Connectors map[string]connector.Factory
	// Env is what the provider sees as its environment, besides nothing.
	Env map[string]string
}

// World is what surrounds one test: an invented Trello enterprise and a database that does not exist yet.
type World struct {
	Double   *trello.Server
	Database string // path of the SQLite file
	options  Options
	ui       *instance.Instance
}

const defaultMembers = 40

// NewWorld makes a world that ends with the test.
func NewWorld(t *testing.T, o Options) *World {
	t.Helper()
	o = o.withDefaults()
	double, err := trello.Start(trello.Options{Members: o.Members, Seed: o.Seed, Now: o.Now, NoBudgets: true})
	require.NoError(t, err)
	t.Cleanup(double.Close)
	w := ExistingWorld(t, filepath.Join(t.TempDir(), "sam.db"), o)
	w.Double = double
	return w
}

// ExistingWorld is the world of a database that another process has made, whose double runs there.
func ExistingWorld(t *testing.T, database string, o Options) *World {
	t.Helper()
	w := &World{Database: database, options: o.withDefaults()}
	var err error
	w.ui, err = instance.New(instance.Config{
		DatabaseURL: w.DatabaseURL(), Connectors: w.options.Connectors, Version: "test", Now: w.options.Now,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.ui.Close(context.WithoutCancel(t.Context()))) })
	return w
}

func (o Options) withDefaults() Options {
	if o.Members == 0 {
		o.Members = defaultMembers
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Connectors == nil {
		o.Connectors = provider.Connectors()
	}
	return o
}

// DatabaseURL is the database as the provider block names it.
func (w *World) DatabaseURL() string { return "sqlite:" + w.Database }

// newProvider makes a provider of its own, as every Terraform command starts one.
func (w *World) newProvider() *provider.Provider {
	return provider.New(provider.Options{
		Version: "test", Now: w.options.Now, Faults: w.options.Faults, Connectors: w.options.Connectors,
		Getenv: func(name string) string { return w.options.Env[name] },
	})
}

// Get reads one record over the instance's REST API, or nil where there is none.
func (w *World) Get(t *testing.T, table, sysID string) map[string]string {
	t.Helper()
	var answer struct{ Result map[string]any }
	if w.call(t, http.MethodGet, "/api/now/table/"+table+"/"+sysID+"?sysparm_exclude_reference_link=true", nil, &answer) == http.StatusNotFound {
		return nil
	}
	return texts(answer.Result)
}

// Find lists the records that match an encoded query.
func (w *World) Find(t *testing.T, table, query string) []map[string]string {
	t.Helper()
	var answer struct{ Result []map[string]any }
	w.call(t, http.MethodGet, "/api/now/table/"+table+"?sysparm_exclude_reference_link=true&sysparm_query="+url.QueryEscape(query), nil, &answer)
	var rows []map[string]string
	for _, row := range answer.Result {
		rows = append(rows, texts(row))
	}
	return rows
}

// Change does what somebody does who clicks in the UI: it changes a record behind Terraform's back.
func (w *World) Change(t *testing.T, table, sysID string, values map[string]string) {
	t.Helper()
	status := w.call(t, http.MethodPatch, "/api/now/table/"+table+"/"+sysID+"?sysparm_input_display_value=true", values, nil)
	require.Equal(t, http.StatusOK, status, "PATCH %s/%s", table, sysID)
}

// Insert creates a record behind Terraform's back.
func (w *World) Insert(t *testing.T, table string, values map[string]string) string {
	t.Helper()
	var answer struct{ Result map[string]any }
	status := w.call(t, http.MethodPost, "/api/now/table/"+table, values, &answer)
	require.Equal(t, http.StatusCreated, status, "POST %s", table)
	return texts(answer.Result)["sys_id"]
}

// Delete deletes a record behind Terraform's back.
func (w *World) Delete(t *testing.T, table, sysID string) {
	t.Helper()
	status := w.call(t, http.MethodDelete, "/api/now/table/"+table+"/"+sysID, nil, nil)
	require.Equal(t, http.StatusNoContent, status, "DELETE %s/%s", table, sysID)
}

// RunDue runs the overdue jobs, as cron would.
func (w *World) RunDue(t *testing.T) {
	t.Helper()
	require.NoError(t, w.ui.RunDue(t.Context(), func(string) {}))
}

func (w *World) call(t *testing.T, method, target string, body, answer any) int {
	t.Helper()
	var payload bytes.Buffer
	if body != nil {
		require.NoError(t, json.NewEncoder(&payload).Encode(body))
	}
	request, err := http.NewRequestWithContext(t.Context(), method, "http://localhost"+target, &payload)
	require.NoError(t, err)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	response, err := w.ui.Transport().RoundTrip(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	if answer != nil && response.StatusCode < http.StatusBadRequest {
		require.NoError(t, json.NewDecoder(response.Body).Decode(answer))
	}
	return response.StatusCode
}

func texts(row map[string]any) map[string]string {
	out := map[string]string{}
	for column, value := range row {
		out[column] = fmt.Sprint(value)
	}
	return out
}

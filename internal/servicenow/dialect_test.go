package servicenow_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// embedded is the embedded instance and a client of it.
type embedded struct {
	*servicenow.Client
	faults *restapi.Faults
}

// dialect runs a test against the embedded instance, in memory and over a socket.
func dialect(t *testing.T, test func(t *testing.T, e embedded)) {
	t.Helper()
	for name, tcp := range map[string]bool{"in memory": false, "tcp": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			faults := &restapi.Faults{}
			inst, err := instance.New(instance.Config{
				DatabaseURL: "sqlite:" + filepath.Join(t.TempDir(), "sam.db"), EncryptionKey: "an encryption key for tests", Faults: faults,
			})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, inst.Close(context.Background())) })
			cfg := servicenow.Config{BaseURL: "https://embedded.example.com", Transport: inst.Transport(), RetryWait: time.Millisecond}
			if tcp {
				server := httptest.NewServer(restapi.WithBasicAuth(inst.Handler(), "integration", "password"))
				t.Cleanup(server.Close)
				cfg.BaseURL, cfg.Transport, cfg.Auth = server.URL, nil, servicenow.Basic("integration", "password")
			}
			client, err := servicenow.New(cfg)
			require.NoError(t, err)
			test(t, embedded{client, faults})
		})
	}
}

func user(name string) servicenow.Values {
	return servicenow.Values{"user_name": name, "name": name, "email": name + "@example.com", "active": "true"}
}

func TestDialectRecords(t *testing.T) {
	t.Parallel()
	dialect(t, func(t *testing.T, e embedded) {
		ctx := t.Context()
		id := servicenow.NewSysID()
		values := user("ada")
		values["sys_id"] = id
		created, err := e.Create(ctx, dictionary.TableUser, values)
		require.NoError(t, err)
		require.Equal(t, id, created.ID(), "a sys_id of our own is honoured")
		require.Equal(t, "true", created.Get("active"))

		read, err := e.Get(ctx, dictionary.TableUser, id, servicenow.ReadOptions{})
		require.NoError(t, err)
		require.True(t, read.Has("department"), "empty columns are there")
		require.Empty(t, read.Get("department"))
		require.Equal(t, "0", read.Get("sys_mod_count"))
		require.WithinDuration(t, time.Now(), read.Time("sys_created_on"), time.Minute)

		_, err = e.Update(ctx, dictionary.TableUser, id, servicenow.Values{"name": "ada"})
		require.NoError(t, err)
		_, err = e.Update(ctx, dictionary.TableUser, id, servicenow.Values{"name": "Ada Lovelace", "email": ""})
		require.NoError(t, err)
		read, err = e.Get(ctx, dictionary.TableUser, id, servicenow.ReadOptions{Fields: []string{"name", "email", "sys_mod_count"}})
		require.NoError(t, err)
		require.Equal(t, servicenow.Record{
			"sys_id": {Value: id}, "name": {Value: "Ada Lovelace"}, "email": {}, "sys_mod_count": {Value: "1"},
		}, read, "an update without a change does not count")

		require.NoError(t, e.Delete(ctx, dictionary.TableUser, id))
		require.NoError(t, e.Delete(ctx, dictionary.TableUser, id), "gone is done")
		_, err = e.Get(ctx, dictionary.TableUser, id, servicenow.ReadOptions{})
		require.ErrorIs(t, err, servicenow.ErrNotFound)
		_, err = e.Update(ctx, dictionary.TableUser, id, servicenow.Values{"name": "x"})
		require.ErrorIs(t, err, servicenow.ErrNotFound)
	})
}

func TestDialectReferencesAndDisplayValues(t *testing.T) {
	t.Parallel()
	dialect(t, func(t *testing.T, e embedded) {
		ctx := t.Context()
		alias, err := e.Find(ctx, dictionary.TableAlias, servicenow.Where(servicenow.Eq("id", dictionary.TrelloAlias)),
			servicenow.ReadOptions{Fields: []string{"name", "configuration_template", "configuration_template.name", "type"}, Display: true})
		require.NoError(t, err)
		require.Len(t, alias.Get("configuration_template"), 32)
		require.Equal(t, dictionary.TrelloTemplate, alias.Display("configuration_template"))
		require.Equal(t, dictionary.TrelloTemplate, alias.Get("configuration_template.name"))
		require.Equal(t, dictionary.AliasTypeConnection, alias.Get("type"))
		require.Equal(t, "Connection and Credential", alias.Display("type"))

		walked := servicenow.Where(servicenow.Eq("configuration_template.name", dictionary.TrelloTemplate))
		found, err := e.List(ctx, dictionary.TableAlias, walked, servicenow.ListOptions{ReadOptions: servicenow.ReadOptions{Fields: []string{"name"}}})
		require.NoError(t, err)
		require.Len(t, found, 1)
		_, err = e.List(ctx, dictionary.TableAlias, walked, servicenow.ListOptions{})
		require.ErrorIs(t, err, servicenow.ErrBadQuery)
		_, err = e.Find(ctx, dictionary.TableAlias, servicenow.Where(), servicenow.ReadOptions{})
		require.ErrorIs(t, err, servicenow.ErrAmbiguous)
	})
}

func TestDialectQueries(t *testing.T) {
	t.Parallel()
	dialect(t, func(t *testing.T, e embedded) {
		ctx := t.Context()
		for _, name := range []string{"ada", "bob", "cyd", "a,b"} {
			values := user(name)
			if name == "bob" {
				values["active"] = "false"
			}
			_, err := e.Create(ctx, dictionary.TableUser, values)
			require.NoError(t, err)
		}
		for _, c := range []struct {
			want  []string
			conds []servicenow.Cond
		}{
			{[]string{"ada"}, []servicenow.Cond{servicenow.Eq("user_name", "ADA")}},
			{[]string{"a,b", "ada", "cyd"}, []servicenow.Cond{servicenow.NotEq("user_name", "bob")}},
			{[]string{"a,b", "bob"}, []servicenow.Cond{servicenow.In("user_name", "a,b", "bob")}},
			{[]string{"ada", "bob"}, []servicenow.Cond{servicenow.In("user_name", "ada", "bob")}},
			{[]string{"a,b", "ada"}, []servicenow.Cond{servicenow.StartsWith("user_name", "a")}},
			{[]string{"cyd"}, []servicenow.Cond{servicenow.Contains("email", "cyd@")}},
			{[]string{"cyd"}, []servicenow.Cond{servicenow.Greater("user_name", "bob"), servicenow.LessEq("user_name", "cyd")}},
			{[]string{"ada", "bob"}, []servicenow.Cond{servicenow.Any(servicenow.Eq("active", "false"), servicenow.Eq("user_name", "ada"))}},
			{[]string{"a,b", "ada", "bob", "cyd"}, []servicenow.Cond{servicenow.Empty("department"), servicenow.NotEmpty("email")}},
		} {
			q := servicenow.Where(c.conds...).And(servicenow.Contains("email", "@example.com"))
			rows, err := e.List(ctx, dictionary.TableUser, q.OrderBy("user_name"), servicenow.ListOptions{ReadOptions: servicenow.ReadOptions{Fields: []string{"user_name"}}})
			require.NoError(t, err)
			var names []string
			for _, row := range rows {
				names = append(names, row.Get("user_name"))
			}
			require.Equal(t, c.want, names)
			n, err := e.Count(ctx, dictionary.TableUser, q)
			require.NoError(t, err)
			require.Equal(t, len(c.want), n)
		}
		counts, err := e.CountBy(ctx, dictionary.TableUser, servicenow.Where(servicenow.Contains("email", "@example.com")), "active")
		require.NoError(t, err)
		require.Equal(t, map[string]int{"true": 3, "false": 1}, counts)
	})
}

func TestDialectAggregate(t *testing.T) {
	t.Parallel()
	dialect(t, func(t *testing.T, e embedded) {
		ctx := t.Context()
		sales, err := e.Create(ctx, dictionary.TableCostCenter, servicenow.Values{"name": "Sales"})
		require.NoError(t, err)
		ada := user("ada")
		ada[dictionary.UserCostCenter] = sales.ID()
		created, err := e.Create(ctx, dictionary.TableUser, ada)
		require.NoError(t, err)
		var ids []string
		for n, model := range []servicenow.Values{
			{"owner": created.ID(), "cost": "0.1"}, {"owner": created.ID(), "cost": "0.2"}, {"cost": "240"}, {},
		} {
			model["name"] = fmt.Sprint("Model ", n)
			record, err := e.Create(ctx, dictionary.TableSoftwareModel, model)
			require.NoError(t, err)
			ids = append(ids, record.ID())
		}
		const center = "owner." + dictionary.UserCostCenter
		byCenter := servicenow.Aggregation{GroupBy: []string{center, "restricted_software"}, Sum: []string{"cost"}}
		groups, err := e.Aggregate(ctx, dictionary.TableSoftwareModel, servicenow.Where(), byCenter)
		require.NoError(t, err)
		require.ElementsMatch(t, []servicenow.Group{
			{By: []string{"", "false"}, Count: 2, Sums: []string{"240"}}, {By: []string{sales.ID(), "false"}, Count: 2, Sums: []string{"0.3"}},
		}, groups)

		for range 300 { // more than one request can hold
			ids = append(ids, servicenow.NewSysID())
		}
		groups, err = e.Aggregate(ctx, dictionary.TableSoftwareModel, servicenow.Where(servicenow.In("sys_id", ids...)), byCenter)
		require.NoError(t, err)
		total := 0
		for _, group := range groups {
			total += group.Count
		}
		require.Equal(t, 4, total)

		_, err = e.Aggregate(ctx, dictionary.TableSoftwareModel, servicenow.Where(), servicenow.Aggregation{GroupBy: []string{"status", "no_such_column"}})
		require.ErrorContains(t, err, `did not group by column "no_such_column"`)
		_, err = e.Aggregate(ctx, dictionary.TableSoftwareModel, servicenow.Where(), servicenow.Aggregation{GroupBy: []string{"status"}, Sum: []string{"no_such"}})
		require.ErrorContains(t, err, `did not add up column "no_such"`)
		_, err = e.Aggregate(ctx, dictionary.TableSoftwareModel, servicenow.Where(), servicenow.Aggregation{})
		require.ErrorIs(t, err, servicenow.ErrBadQuery)
	})
}

func TestDialectRefusals(t *testing.T) {
	t.Parallel()
	dialect(t, func(t *testing.T, e embedded) {
		ctx := t.Context()
		created, err := e.Create(ctx, dictionary.TableUser, user("ada"))
		require.NoError(t, err)

		_, err = e.List(ctx, "no_such_table", servicenow.Where(), servicenow.ListOptions{})
		require.ErrorIs(t, err, servicenow.ErrInvalidTable)
		_, err = e.List(ctx, dictionary.TableUser, servicenow.Where(servicenow.Eq("no_such_column", "x")), servicenow.ListOptions{})
		var ignored *servicenow.IgnoredConditionError
		require.ErrorAs(t, err, &ignored)
		require.Equal(t, "no_such_column", ignored.Column)
		_, err = e.Update(ctx, dictionary.TableUser, created.ID(), servicenow.Values{"no_such_column": "x"})
		var dropped *servicenow.DroppedColumnError
		require.ErrorAs(t, err, &dropped)
		require.Equal(t, "no_such_column", dropped.Column)
		_, err = e.Create(ctx, dictionary.TableAlias, servicenow.Values{"name": "not allowed!"})
		var rule *servicenow.BusinessRuleError
		require.ErrorAs(t, err, &rule)
		require.NotEmpty(t, rule.Rule)
		require.Contains(t, rule.Message, "letters, digits and underscore")
		_, err = e.Create(ctx, dictionary.TableHTTPConnection, servicenow.Values{"name": "C", "connection_url": "https://a.example.com"})
		require.NoError(t, err)
		_, err = e.Create(ctx, dictionary.TableHTTPConnection, servicenow.Values{"name": "C", "connection_url": "https://a.example.com"})
		require.ErrorIs(t, err, servicenow.ErrConflict)
		_, err = e.Start(ctx, companion.PublishPath(servicenow.NewSysID()), nil, "key")
		require.ErrorIs(t, err, servicenow.ErrNotFound)
	})
}

func TestDialectSecrets(t *testing.T) {
	t.Parallel()
	dialect(t, func(t *testing.T, e embedded) {
		ctx := t.Context()
		created, err := e.Create(ctx, dictionary.TableAPIKeyCredential, servicenow.Values{"name": "C"})
		require.NoError(t, err)
		require.NoError(t, e.SetSecret(ctx, dictionary.TableAPIKeyCredential, created.ID(), servicenow.Values{"api_key": "clear text"}))
		read, err := e.Get(ctx, dictionary.TableAPIKeyCredential, created.ID(), servicenow.ReadOptions{})
		require.NoError(t, err)
		require.NotEmpty(t, read.Get("api_key"))
		require.NotContains(t, read.Get("api_key"), "clear text")
		require.Equal(t, "1", read.Get("sys_mod_count"), "how a changed secret is noticed")
	})
}

func TestDialectFaultsThatPass(t *testing.T) {
	t.Parallel()
	for _, kind := range []restapi.FaultKind{
		restapi.FaultBusy, restapi.FaultUnavailable, restapi.FaultTruncated, restapi.FaultErrorInside, restapi.FaultServerError, restapi.FaultCreateDenied,
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			dialect(t, func(t *testing.T, e embedded) {
				ctx := t.Context()
				e.faults.Inject(restapi.Fault{Kind: kind, Method: http.MethodPost, Times: 1})
				created, err := e.Create(ctx, dictionary.TableUser, user("ada"))
				require.NoError(t, err)
				n, err := e.Count(ctx, dictionary.TableUser, servicenow.Where(servicenow.Eq("user_name", "ada")))
				require.NoError(t, err)
				require.Equal(t, 1, n, "created once, whatever was answered")

				for _, method := range []string{http.MethodGet, http.MethodPatch, http.MethodDelete} {
					if kind == restapi.FaultErrorInside && method == http.MethodDelete || kind == restapi.FaultCreateDenied {
						continue // a deletion has no body to hold an error
					}
					e.faults.Inject(restapi.Fault{Kind: kind, Method: method, Times: 2})
				}
				_, err = e.Get(ctx, dictionary.TableUser, created.ID(), servicenow.ReadOptions{})
				require.NoError(t, err)
				_, err = e.Update(ctx, dictionary.TableUser, created.ID(), servicenow.Values{"name": "Ada"})
				require.NoError(t, err)
				require.NoError(t, e.Delete(ctx, dictionary.TableUser, created.ID()))
			})
		})
	}
}

func TestDialectWrongPassword(t *testing.T) {
	t.Parallel()
	inst, err := instance.New(instance.Config{DatabaseURL: "sqlite:" + filepath.Join(t.TempDir(), "sam.db")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, inst.Close(context.Background())) })
	server := httptest.NewServer(restapi.WithBasicAuth(inst.Handler(), "integration", "password"))
	t.Cleanup(server.Close)
	client, err := servicenow.New(servicenow.Config{BaseURL: server.URL, Auth: servicenow.Basic("integration", "a wrong secret")})
	require.NoError(t, err)
	_, err = client.Capabilities(t.Context())
	require.ErrorIs(t, err, servicenow.ErrUnauthorized)
	require.NotContains(t, err.Error(), "a wrong secret")
}

func TestDialectHiddenRowsAreCountedAndReported(t *testing.T) {
	t.Parallel()
	dialect(t, func(t *testing.T, e embedded) {
		ctx := t.Context()
		var ids []string
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			created, err := e.Create(ctx, dictionary.TableUser, user(name))
			require.NoError(t, err)
			ids = append(ids, created.ID())
		}
		e.faults.HideRow(dictionary.TableUser, ids[0])
		e.faults.HideRow(dictionary.TableUser, ids[3])
		seen, hidden := 0, 0
		for _, err := range e.All(ctx, dictionary.TableUser, servicenow.Where(servicenow.Contains("email", "@example.com")), servicenow.WalkOptions{
			PageSize: 1, OnHidden: func(n int) { hidden = n },
		}) {
			require.NoError(t, err)
			seen++
		}
		require.Equal(t, 3, seen)
		require.Equal(t, 2, hidden)
	})
}

package servicenow_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

func TestErrorsAreTyped(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		is     error
		text   []string
	}{
		"invalid table": {
			func(w http.ResponseWriter, _ *http.Request) { answerError(w, 400, "Invalid table "+table, "") },
			servicenow.ErrInvalidTable, []string{"Invalid table " + table, "plugin"},
		},
		"no route": {
			func(w http.ResponseWriter, _ *http.Request) {
				answerError(w, 400, "Requested URI does not represent any resource", "")
			}, servicenow.ErrNoRoute, []string{"not installed"},
		},
		"unauthorized": {
			func(w http.ResponseWriter, _ *http.Request) {
				answerError(w, 401, "User Not Authenticated", "Required to provide Auth information")
			}, servicenow.ErrUnauthorized, []string{"User Not Authenticated", "password"},
		},
		"multi-factor": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-MFA_TOKEN", "invalid")
				answerError(w, 401, "User Not Authenticated", "")
			}, servicenow.ErrUnauthorized, []string{"multi-factor"},
		},
		"denied": {
			func(w http.ResponseWriter, _ *http.Request) {
				answerError(w, 403, "Operation Failed", "ACL Exception Update Failed due to security constraints")
			}, servicenow.ErrDenied, []string{"ACL Exception", "role", table},
		},
		"unique index": {
			func(w http.ResponseWriter, _ *http.Request) {
				answerError(w, 403, "Operation Failed", "Error during insert of "+table+" (Unique Key violation)")
			}, servicenow.ErrConflict, []string{"Unique Key violation"},
		},
		"not found": {
			func(w http.ResponseWriter, _ *http.Request) {
				answerError(w, 404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval")
			}, servicenow.ErrNotFound, []string{"No Record found"},
		},
		"truncated": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(`{"result":{"sys_id":"01`))
			}, servicenow.ErrTruncated, []string{"half-way"},
		},
		"error inside 200": {
			func(w http.ResponseWriter, _ *http.Request) {
				answerJSON(w, 200, map[string]any{
					"result": map[string]any{"sys_id": rowID},
					"error":  map[string]any{"message": "Transaction cancelled: maximum execution time exceeded", "detail": nil},
				})
			}, servicenow.ErrTruncated, []string{"maximum execution time exceeded"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Transaction-ID", "tx42")
				c.answer(w, r)
			})
			_, err := s.client(t).Get(context.Background(), table, rowID, servicenow.ReadOptions{Fields: []string{"display_name"}})
			require.ErrorIs(t, err, c.is)
			for _, text := range append(c.text, "GET /api/now/table/"+table+"/"+rowID, "tx42") {
				require.ErrorContains(t, err, text)
			}
			require.NotContains(t, err.Error(), "sysparm", "queries may name people")
		})
	}
}

func TestBusinessRuleIsNamed(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		answerError(w, 403, "Operation Failed", "Operation against file '"+table+"' was aborted by Business Rule 'Check name^0123'. Business Rule Stack:Check name")
	})
	_, err := s.client(t).Update(context.Background(), table, rowID, servicenow.Values{"display_name": "x"})
	var rule *servicenow.BusinessRuleError
	require.ErrorAs(t, err, &rule)
	require.Equal(t, "Check name", rule.Rule)
	require.NotErrorIs(t, err, servicenow.ErrDenied)
	require.ErrorContains(t, err, "Operation against file", "a rule that says nothing leaves the instance's own words")
}

func TestBusinessRuleSpeaks(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		answerError(w, 403, "Operation Failed",
			"Operation against file '"+table+"' was aborted by Business Rule 'Check name^0123'. The name is taken. Business Rule Stack:Check name")
	})
	_, err := s.client(t).Update(context.Background(), table, rowID, servicenow.Values{"display_name": "x"})
	require.ErrorContains(t, err, `instance answered 403: business rule "Check name" refused the write: The name is taken.`)
	require.NotContains(t, err.Error(), "Business Rule Stack")
}

func TestAnswersThatAreNotJSON(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status   int
		page     string
		kind     servicenow.NotJSONKind
		attempts int
	}{
		"hibernating": {200, `<html><body class="instance-hibernating-page">`, servicenow.KindHibernating, 1},
		"login":       {200, `<html><form action="/login.do">`, servicenow.KindLogin, 1},
		"offline":     {503, `<html>Service Unavailable`, servicenow.KindOffline, 5},
		"gateway":     {502, `<html>Bad gateway`, servicenow.KindOffline, 5},
		"other":       {200, `<html>It works!`, servicenow.KindUnknown, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) { answerHTML(w, c.status, c.page) })
			_, err := s.client(t).Get(context.Background(), table, rowID, servicenow.ReadOptions{})
			var notJSON *servicenow.NotJSONError
			require.ErrorAs(t, err, &notJSON)
			require.Equal(t, c.kind, notJSON.Kind)
			require.Len(t, s.seen(), c.attempts)
		})
	}
}

func TestRedirectsAreRefused(t *testing.T) {
	t.Parallel()
	other := serve(t, func(w http.ResponseWriter, _ *http.Request) { answerResult(w, 200, map[string]any{"sys_id": rowID}) })
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusFound)
	})
	_, err := s.client(t).Get(context.Background(), table, rowID, servicenow.ReadOptions{})
	var notJSON *servicenow.NotJSONError
	require.ErrorAs(t, err, &notJSON)
	require.Equal(t, servicenow.KindLogin, notJSON.Kind)
	require.Empty(t, other.seen(), "the credential must not travel to another host")
}

func TestNoAnswerAtAll(t *testing.T) {
	t.Parallel()
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	client := s.client(t)
	s.Close()
	_, err := client.Get(context.Background(), table, rowID, servicenow.ReadOptions{})
	require.ErrorIs(t, err, servicenow.ErrUnreachable)
	require.NotContains(t, err.Error(), "sysparm")
}

func TestTimeoutOfOneAttempt(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(release) })
	client := s.client(t, func(c *servicenow.Config) { c.Timeout = 10 * time.Millisecond })
	_, err := client.Get(context.Background(), table, rowID, servicenow.ReadOptions{})
	require.ErrorIs(t, err, servicenow.ErrUnreachable)
	require.ErrorContains(t, err, "no complete answer within 10ms")
}

// Where the instance is within the process there is no request log to look anything up in.
func TestErrorsOfAnInstanceInProcess(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Transaction-ID", "tx42")
		if r.URL.Query().Has("sysparm_query") {
			answerJSON(w, 200, map[string]any{"result": []any{}})
			return
		}
		answerError(w, 404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval")
	})
	client := s.client(t, func(c *servicenow.Config) { c.InProcess = true })
	_, err := client.Get(t.Context(), table, rowID, servicenow.ReadOptions{})
	require.ErrorIs(t, err, servicenow.ErrNotFound)
	require.ErrorContains(t, err, "the embedded instance said: No Record found: Record doesn't exist")
	_, notFound := client.Find(t.Context(), table, servicenow.Where(servicenow.Eq("name", "x")), servicenow.ReadOptions{})
	require.ErrorContains(t, notFound, "the embedded instance said: record not found")
	for _, err := range []error{err, notFound} {
		for _, noise := range []string{"GET", "/api/", "404", "tx42", "transaction"} {
			require.NotContains(t, err.Error(), noise)
		}
	}
}

func TestCanceledContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		cancel()
		answerHTML(w, 503, "<html>")
	})
	_, err := s.client(t).Get(ctx, table, rowID, servicenow.ReadOptions{})
	require.ErrorIs(t, err, context.Canceled)
	require.LessOrEqual(t, len(s.seen()), 1)
}

func TestSecretsNeverAppearInErrors(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		answerError(w, 403, "Cannot store topsecret", "Operation against file 'x' was aborted by Business Rule 'R^1'. topsecret is bad")
	})
	err := s.client(t).SetSecret(context.Background(), "api_key_credentials", rowID, servicenow.Values{"api_key": "topsecret"})
	require.Error(t, err)
	for e := err; e != nil; e = errors.Unwrap(e) {
		require.NotContains(t, e.Error(), "topsecret")
	}
}

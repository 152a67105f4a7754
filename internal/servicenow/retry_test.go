package servicenow_test

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// failing answers the first n requests with fail and the others with then.
func failing(n int32, fail, then http.HandlerFunc) http.HandlerFunc {
	var count atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		if count.Add(1) <= n {
			fail(w, r)
			return
		}
		then(w, r)
	}
}

func good(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodDelete {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	answerResult(w, 200, map[string]any{"sys_id": rowID, "display_name": "x"})
}

func busy(w http.ResponseWriter, _ *http.Request) { answerError(w, 429, "Too many requests", "") }
func unavailable(w http.ResponseWriter, _ *http.Request) {
	answerHTML(w, 503, "<html>Service Unavailable")
}
func broken(w http.ResponseWriter, _ *http.Request) { answerError(w, 500, "Script error", "") }

func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", "500")
	_, _ = w.Write([]byte(`{"result":`))
	panic(http.ErrAbortHandler)
}

func TestRetryMatrix(t *testing.T) {
	t.Parallel()
	calls := map[string]func(context.Context, *servicenow.Client) error{
		"GET": func(ctx context.Context, c *servicenow.Client) error {
			_, err := c.Get(ctx, table, rowID, servicenow.ReadOptions{})
			return err
		},
		"PATCH": func(ctx context.Context, c *servicenow.Client) error {
			_, err := c.Update(ctx, table, rowID, servicenow.Values{"display_name": "x"})
			return err
		},
		"DELETE": func(ctx context.Context, c *servicenow.Client) error { return c.Delete(ctx, table, rowID) },
	}
	for failure, fail := range map[string]http.HandlerFunc{"429": busy, "503": unavailable, "500": broken, "cut": cut} {
		for method, call := range calls {
			t.Run(method+" "+failure, func(t *testing.T) {
				t.Parallel()
				s := serve(t, failing(2, fail, good))
				require.NoError(t, call(context.Background(), s.client(t)))
				require.Len(t, s.seen(), 3)
			})
		}
	}
}

func TestRetriesEnd(t *testing.T) {
	t.Parallel()
	s := serve(t, unavailable)
	_, err := s.client(t).Get(context.Background(), table, rowID, servicenow.ReadOptions{})
	require.Error(t, err)
	require.Len(t, s.seen(), 5)
}

func TestRateLimitBeyondTheDeadlineFailsAtOnce(t *testing.T) {
	t.Parallel()
	reset := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "1800")
		w.Header().Set("X-RateLimit-Rule", "rule42")
		w.Header().Set("X-RateLimit-Limit", "100")
		w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
		answerError(w, 429, "Rate limit exceeded", "Rate limit of 100 requests per hour for Table API exceeded")
	})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err := s.client(t).Get(ctx, table, rowID, servicenow.ReadOptions{})
	require.ErrorIs(t, err, servicenow.ErrRateLimited)
	require.Len(t, s.seen(), 1)
	var limit *servicenow.RateLimitError
	require.ErrorAs(t, err, &limit)
	require.Equal(t, "rule42", limit.Rule)
	require.True(t, limit.Reset.Equal(reset))
	require.ErrorContains(t, err, "rule42")
	require.ErrorContains(t, err, "2026-11-01T12:00:00Z")

	_, err = s.client(t).Get(context.Background(), table, rowID, servicenow.ReadOptions{})
	require.ErrorIs(t, err, servicenow.ErrRateLimited, "without a deadline nobody waits half an hour either")
	require.Len(t, s.seen(), 2)
}

func TestRetryAfterWins(t *testing.T) {
	t.Parallel()
	s := serve(t, failing(1, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "0")
		busy(w, r)
	}, good))
	client := s.client(t, func(c *servicenow.Config) { c.RetryWait = time.Hour })
	_, err := client.Get(context.Background(), table, rowID, servicenow.ReadOptions{})
	require.NoError(t, err)
}

func TestPostIsRepeatedAfter429(t *testing.T) {
	t.Parallel()
	s := serve(t, failing(2, busy, func(w http.ResponseWriter, _ *http.Request) {
		answerResult(w, 201, map[string]any{"sys_id": rowID, "display_name": "x"})
	}))
	_, err := s.client(t).Create(context.Background(), table, servicenow.Values{"sys_id": rowID, "display_name": "x"})
	require.NoError(t, err)
	require.Equal(t, []string{"POST /api/now/table/" + table, "POST /api/now/table/" + table, "POST /api/now/table/" + table}, s.seen())
}

func TestPostIsRepeatedOnlyWhenTheRecordIsAbsent(t *testing.T) {
	t.Parallel()
	for failure, fail := range map[string]http.HandlerFunc{"503": unavailable, "cut": cut, "denied": func(w http.ResponseWriter, _ *http.Request) {
		answerError(w, 403, "Operation Failed", "ACL Exception Insert Failed due to security constraints")
	}} {
		t.Run(failure+", created", func(t *testing.T) {
			t.Parallel()
			s := serve(t, failing(1, fail, good))
			record, err := s.client(t).Create(context.Background(), table, servicenow.Values{"sys_id": rowID, "display_name": "x"})
			require.NoError(t, err)
			require.Equal(t, rowID, record.ID())
			require.Equal(t, []string{"POST /api/now/table/" + table, "GET /api/now/table/" + table + "/" + rowID}, s.seen())
		})
	}
	t.Run("503, absent", func(t *testing.T) {
		t.Parallel()
		posts := failing(1, unavailable, func(w http.ResponseWriter, _ *http.Request) {
			answerResult(w, 201, map[string]any{"sys_id": rowID, "display_name": "x"})
		})
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				posts(w, r)
				return
			}
			answerError(w, 404, "No Record found", "")
		})
		_, err := s.client(t).Create(context.Background(), table, servicenow.Values{"sys_id": rowID, "display_name": "x"})
		require.NoError(t, err)
		require.Equal(t, []string{"POST /api/now/table/" + table, "GET /api/now/table/" + table + "/" + rowID, "POST /api/now/table/" + table}, s.seen())
	})
	t.Run("denied, absent", func(t *testing.T) {
		t.Parallel()
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				answerError(w, 403, "Operation Failed", "ACL Exception Insert Failed due to security constraints")
				return
			}
			answerError(w, 404, "No Record found", "")
		})
		_, err := s.client(t).Create(context.Background(), table, servicenow.Values{"sys_id": rowID, "display_name": "x"})
		require.ErrorIs(t, err, servicenow.ErrDenied)
		require.Len(t, s.seen(), 2)
	})
}

func TestIgnoredSysIDsEndBlindRepeats(t *testing.T) {
	t.Parallel()
	var posts atomic.Int32
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodGet:
			answerError(w, 404, "No Record found", "")
		case posts.Add(1) == 1:
			answerResult(w, 201, map[string]any{"sys_id": rowID2, "display_name": "x"})
		default:
			unavailable(w, r)
		}
	})
	client := s.client(t)
	record, err := client.Create(context.Background(), table, servicenow.Values{"sys_id": rowID, "display_name": "x"})
	require.NoError(t, err)
	require.Equal(t, rowID2, record.ID(), "the returned id counts")
	_, err = client.Create(context.Background(), table, servicenow.Values{"sys_id": rowID, "display_name": "x"})
	require.Error(t, err)
	require.EqualValues(t, 2, posts.Load(), "a second POST could create a second record")
}

func TestConcurrencyIsLimited(t *testing.T) {
	t.Parallel()
	var running, most atomic.Int32
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n := running.Add(1)
		defer running.Add(-1)
		for {
			seen := most.Load()
			if n <= seen || most.CompareAndSwap(seen, n) {
				break
			}
		}
		good(w, r)
	})
	client := s.client(t, func(c *servicenow.Config) { c.MaxConcurrent = 2 })
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			_, err := client.Get(context.Background(), table, rowID, servicenow.ReadOptions{})
			require.NoError(t, err)
		})
	}
	wg.Wait()
	require.LessOrEqual(t, most.Load(), int32(2))
}

// renewing is an authenticator whose first credential has expired.
type renewing struct{ renewed atomic.Int32 }

func (a *renewing) Authorize(_ context.Context, r *http.Request) error {
	r.Header.Set("Authorization", "Bearer "+strconv.Itoa(int(a.renewed.Load())))
	return nil
}

func (a *renewing) Rejected(context.Context) bool {
	a.renewed.Add(1)
	return true
}

func TestRejectedCredentialIsRenewedOnce(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer 1" {
			answerError(w, 401, "User Not Authenticated", "")
			return
		}
		good(w, r)
	})
	auth := &renewing{}
	_, err := s.client(t, func(c *servicenow.Config) { c.Auth = auth }).Get(context.Background(), table, rowID, servicenow.ReadOptions{})
	require.NoError(t, err)
	require.Len(t, s.seen(), 2)

	never := serve(t, func(w http.ResponseWriter, _ *http.Request) { answerError(w, 401, "User Not Authenticated", "") })
	_, err = never.client(t, func(c *servicenow.Config) { c.Auth = &renewing{} }).Get(context.Background(), table, rowID, servicenow.ReadOptions{})
	require.ErrorIs(t, err, servicenow.ErrUnauthorized)
	require.Len(t, never.seen(), 2)
}

func TestNoCookiesAreKept(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if len(r.Cookies()) > 0 {
			answerError(w, 500, "a session serialises requests", "")
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "JSESSIONID", Value: "1"})
		good(w, r)
	})
	client := s.client(t)
	for range 2 {
		_, err := client.Get(context.Background(), table, rowID, servicenow.ReadOptions{})
		require.NoError(t, err)
	}
}

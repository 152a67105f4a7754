package connector_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/conformance"
)

const secret = "s3cr3t+/token with space"

// fixture is a vendor that answers the n-th request, counted from 1, as the test says.
type fixture struct {
	*httptest.Server
	clock *conformance.Clock
	log   bytes.Buffer
	hits  atomic.Int64
}

func newFixture(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) *fixture {
	t.Helper()
	f := &fixture{clock: conformance.NewClock(start)}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer(int(f.hits.Add(1)), w, r)
	}))
	f.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(f.Close)
	return f
}

func (f *fixture) client(change ...func(*connector.ClientConfig)) *connector.Client {
	base, _ := url.Parse(f.URL + "/api")
	cfg := connector.ClientConfig{
		Vendor: "Acme", BaseURL: base, Clock: f.clock, Secrets: []connector.Secret{connector.NewSecret(secret)},
		Authorize: func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+secret) },
		Log:       slog.New(slog.NewTextHandler(&f.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, c := range change {
		c(&cfg)
	}
	return connector.NewClient(cfg)
}

func ask(ctx context.Context, c *connector.Client, change ...func(*connector.Request)) (map[string]any, error) {
	var got map[string]any
	r := connector.Request{Path: "/things", Op: "read things", Object: "thing 1", Decode: connector.Into(&got)}
	for _, f := range change {
		f(&r)
	}
	_, err := c.Do(ctx, r)
	return got, err
}

func failure(t *testing.T, err error) *connector.Error {
	t.Helper()
	var f *connector.Error
	require.ErrorAs(t, err, &f)
	require.Equal(t, "Acme", f.Vendor)
	require.Equal(t, "read things", f.Op)
	require.NotContains(t, err.Error(), secret)
	return f
}

func good(w http.ResponseWriter) { _, _ = w.Write([]byte(`{"ok":true}`)) }

func TestARequestCarriesCredentialsAndIsCounted(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer "+secret && r.URL.Path == "/api/things" && r.URL.Query().Get("q") == "a b" {
			good(w)
		}
	})
	c := f.client()
	got, err := ask(t.Context(), c, func(r *connector.Request) { r.Query = url.Values{"q": {"a b"}} })
	require.NoError(t, err)
	require.Equal(t, map[string]any{"ok": true}, got)
	require.Equal(t, 1, c.Requests())
}

func TestPassingTroubleIsRetried(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]func(http.ResponseWriter){
		"500":       func(w http.ResponseWriter) { w.WriteHeader(500) },
		"503":       func(w http.ResponseWriter) { w.WriteHeader(503) },
		"429":       func(w http.ResponseWriter) { w.WriteHeader(429) },
		"cut":       func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"truncated": func(w http.ResponseWriter) { _, _ = w.Write([]byte(`{"ok":`)) },
		"html":      func(w http.ResponseWriter) { _, _ = w.Write([]byte("<html></html>")) },
		"half a body": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte(`{"ok":`))
			panic(http.ErrAbortHandler)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, func(n int, w http.ResponseWriter, _ *http.Request) {
				if n == 1 {
					trouble(w)
					return
				}
				good(w)
			})
			c := f.client()
			got, err := ask(t.Context(), c)
			require.NoError(t, err)
			require.Equal(t, true, got["ok"])
			require.Equal(t, 2, c.Requests())
			require.Positive(t, f.clock.Slept())
		})
	}
}

func TestLastingTroubleIsAnErrorOfItsKind(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer   func(http.ResponseWriter, *http.Request)
		kind     connector.Kind
		status   int
		requests int
		says     string
	}{
		"400":      {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no\n\n such   thing", 400) }, connector.KindRefused, 400, 1, "no such thing"},
		"401":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }, connector.KindCredentials, 401, 1, "credential"},
		"403":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, connector.KindPermission, 403, 1, "scopes"},
		"404":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, connector.KindNotFound, 404, 1, "404"},
		"409":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(409) }, connector.KindRefused, 409, 1, "409"},
		"429":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) }, connector.KindRateLimited, 429, 6, "limits"},
		"500":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, connector.KindUnavailable, 500, 5, "trouble"},
		"redirect": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, connector.KindBadAnswer, 302, 1, "redirect"},
		"html":     {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(" <html>")) }, connector.KindBadAnswer, 200, 2, "HTML page"},
		"empty":    {func(http.ResponseWriter, *http.Request) {}, connector.KindBadAnswer, 200, 2, "empty"},
		"truncated": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"ok":[1,`)) },
			connector.KindBadAnswer, 200, 2, "truncated after 9 bytes"},
		"not JSON": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`ok`)) }, connector.KindBadAnswer, 200, 2, "not JSON"},
		"shape":    {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`[]`)) }, connector.KindBadAnswer, 200, 2, "unexpected shape"},
		"too large": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"ok":"` + strings.Repeat("x", 5000) + `"}`))
		}, connector.KindBadAnswer, 200, 2, "larger than 4096 bytes"},
		"network": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, connector.KindUnavailable, 0, 5, "network"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, func(_ int, w http.ResponseWriter, r *http.Request) { c.answer(w, r) })
			client := f.client(func(cfg *connector.ClientConfig) { cfg.MaxBody = 4096 })
			_, err := ask(t.Context(), client)
			got := failure(t, err)
			require.Equal(t, c.kind, got.Kind, err)
			require.Equal(t, c.status, got.Status)
			require.Equal(t, c.requests, client.Requests())
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, "thing 1")
			require.LessOrEqual(t, len(got.Body), 200)
		})
	}
}

func TestASecretThatBeginsAnotherHidesBoth(t *testing.T) {
	t.Parallel()
	for _, order := range [][]string{{"abcd", "abcd-secret-end"}, {"abcd-secret-end", "abcd"}} {
		r := connector.NewRedactor(connector.NewSecret(order[0]))
		r.Add(connector.NewSecret(order[1]))
		require.Equal(t, "[redacted] and [redacted]", r.Text("abcd-secret-end and abcd"))
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	for value, wait := range map[string]time.Duration{
		"7": 7 * time.Second, start.Add(90 * time.Second).Format(http.TimeFormat): 90 * time.Second, "soon": 10 * time.Second,
	} {
		f := newFixture(t, func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				w.Header().Set("Retry-After", value)
				w.WriteHeader(429)
				return
			}
			good(w)
		})
		_, err := ask(t.Context(), f.client())
		require.NoError(t, err)
		require.Equal(t, wait, f.clock.Slept())
	}
}

func TestALongWaitFailsAtOnceWhereTimeIsShort(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	client := f.client()
	_, err := ask(ctx, client)
	require.ErrorIs(t, err, connector.ErrWaitTooLong)
	require.Equal(t, connector.KindRateLimited, failure(t, err).Kind)
	require.Equal(t, 1, client.Requests())
	require.Zero(t, f.clock.Slept())
}

func TestAnInterruptedCallTellsSo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	f := newFixture(t, func(_ int, _ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	_, err := ask(ctx, f.client())
	require.ErrorIs(t, err, context.Canceled)
}

func TestASlowVendorIsNotTheCallersDeadline(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(_ int, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	_, err := ask(t.Context(), f.client(func(c *connector.ClientConfig) { c.AttemptTimeout = 20 * time.Millisecond }))
	require.NotErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "no answer in time")
	require.Equal(t, connector.KindUnavailable, failure(t, err).Kind)
}

func TestCredentialsStayAtTheirHost(t *testing.T) {
	t.Parallel()
	var leaked atomic.Bool
	other := newFixture(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		leaked.Store(true)
		good(w)
	})
	f := newFixture(t, func(_ int, w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) })
	client := f.client()
	_, err := ask(t.Context(), client)
	require.ErrorContains(t, err, "redirects are not followed")
	for _, link := range []string{other.URL + "/api/things", "https://" + strings.TrimPrefix(f.URL, "http://") + "/x"} {
		_, err = ask(t.Context(), client, func(r *connector.Request) { r.Path = link })
		require.ErrorContains(t, err, "leads to another host")
	}
	require.False(t, leaked.Load())
	require.Equal(t, 1, client.Requests())
}

func TestANextLinkOfTheSameHostIsFollowed(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.URL.String() == "/api/things?after=5" {
			good(w)
		}
	})
	got, err := ask(t.Context(), f.client(), func(r *connector.Request) { r.Path = f.URL + "/api/things?after=5" })
	require.NoError(t, err)
	require.Equal(t, true, got["ok"])
}

// TestSecretsAreNowhere hunts for the secret in everything that a person or a file could get to see.
func TestSecretsAreNowhere(t *testing.T) {
	t.Parallel()
	escaped := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), "s3cr3t"}
	echo := func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, strings.Repeat("x", 190)+r.Header.Get("Authorization")+" "+r.URL.String()+" "+url.QueryEscape(secret), 400)
	}
	f := newFixture(t, func(n int, w http.ResponseWriter, r *http.Request) {
		switch n {
		case 1:
			echo(w, r)
		case 2:
			w.WriteHeader(500)
		default:
			panic(http.ErrAbortHandler)
		}
	})
	client := f.client()
	var errs []error
	for range 2 {
		_, err := ask(t.Context(), client, func(r *connector.Request) {
			r.Path = "/tokens/" + url.PathEscape(secret)
			r.Query = url.Values{"token": {secret}}
			r.Object = "token " + secret
		})
		require.Error(t, err)
		errs = append(errs, err)
	}
	broken := f.client(func(c *connector.ClientConfig) {
		c.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("no way to %s with %s", r.URL, r.Header.Get("Authorization"))
		})
	})
	_, err := ask(t.Context(), broken, func(r *connector.Request) { r.Path = "/tokens/" + url.PathEscape(secret) })
	errs = append(errs, err)

	shown := f.log.String()
	for _, err := range errs {
		for ; err != nil; err = errors.Unwrap(err) {
			asJSON, _ := json.Marshal(err)
			shown += fmt.Sprintf("%v %+v %#v %s\n", err, err, err, asJSON)
		}
	}
	wrapped := connector.NewSecret(secret)
	asJSON, _ := json.Marshal(map[string]any{"s": wrapped})
	shown += fmt.Sprintf("%v %+v %#v %s %q %x %s", wrapped, wrapped, &wrapped, wrapped, wrapped, wrapped, asJSON)
	require.Contains(t, shown, "[redacted]")
	for _, form := range escaped {
		require.NotContains(t, shown, form)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

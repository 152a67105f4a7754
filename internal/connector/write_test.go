package connector_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

func TestARequestThatMayHaveTakenEffectIsNotRepeated(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		trouble func(http.ResponseWriter)
		wanted  int
	}{
		"500": {func(w http.ResponseWriter) { w.WriteHeader(500) }, 1},
		"cut": {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, 1},
		"429": {func(w http.ResponseWriter) { w.WriteHeader(429) }, 2}, // a limited request had none
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, func(n int, w http.ResponseWriter, _ *http.Request) {
				if n == 1 {
					c.trouble(w)
					return
				}
				good(w)
			})
			client := f.client()
			_, err := ask(t.Context(), client, func(r *connector.Request) { r.Method, r.Once = http.MethodPut, true })
			require.Equal(t, c.wanted, client.Requests())
			require.Equal(t, c.wanted == 1, err != nil)
		})
	}
}

func TestAWriteDoesNotWaitOutALimit(t *testing.T) {
	t.Parallel()
	write := func(r *connector.Request) { r.Method, r.Once = http.MethodPut, true }
	for name, c := range map[string]struct {
		retryAfter       string
		requests, waited int
	}{
		"a long wait":          {"31", 1, 0},
		"a short wait":         {"30", 2, 30},
		"short waits that add": {"12", 3, 24},
	} {
		f := newFixture(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", c.retryAfter)
			w.WriteHeader(429)
		})
		client := f.client()
		_, err := ask(t.Context(), client, write)
		got := failure(t, err)
		require.Equal(t, connector.KindRateLimited, got.Kind, name)
		require.ErrorIs(t, err, connector.ErrNothingSent, name)
		require.ErrorContains(t, err, "nothing was changed", name)
		require.Equal(t, c.requests, client.Requests(), name)
		require.Equal(t, time.Duration(c.waited)*time.Second, f.clock.Slept(), name)
	}
}

func TestAWriteDoesNotWaitForAHeldLimiter(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(_ int, w http.ResponseWriter, _ *http.Request) { good(w) })
	limiter := connector.NewLimiter(connector.Budget{Name: "Acme's limit", Requests: 10, Per: time.Second}, f.clock)
	client := f.client(func(c *connector.ClientConfig) { c.Limits = []*connector.Limiter{limiter} })
	limiter.Hold(15 * time.Minute)
	_, err := ask(t.Context(), client, func(r *connector.Request) { r.Once = true })
	require.ErrorIs(t, err, connector.ErrWaitTooLong)
	require.ErrorIs(t, err, connector.ErrNothingSent)
	require.Equal(t, connector.KindRateLimited, failure(t, err).Kind)
	require.Zero(t, client.Requests())
	require.Zero(t, f.clock.Slept())
	_, err = ask(t.Context(), client)
	require.NoError(t, err, "what only reads waits")
	require.Equal(t, 15*time.Minute, f.clock.Slept().Truncate(time.Second))
}

func TestAWriteTellsWhetherItWasSent(t *testing.T) {
	t.Parallel()
	write := func(r *connector.Request) { r.Method, r.Once = http.MethodPut, true }
	f := newFixture(t, func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
	_, err := ask(t.Context(), f.client(), write)
	require.NotErrorIs(t, err, connector.ErrNothingSent, "an answer of 500 may hide an effect")

	sent := 0
	limitedThenLost := f.client(func(c *connector.ClientConfig) {
		c.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
			if sent++; sent == 1 {
				return &http.Response{StatusCode: 429, Header: http.Header{}, Body: http.NoBody}, nil
			}
			return nil, errors.New("connection reset")
		})
	})
	_, err = ask(t.Context(), limitedThenLost, write)
	require.NotErrorIs(t, err, connector.ErrNothingSent)
	require.Equal(t, 2, sent)

	for name, c := range map[string]struct {
		answers     []int
		nothingSent bool
	}{
		"turned away each time":            {[]int{429}, true},
		"turned away after a lost answer":  {[]int{500, 429}, false},
		"lost after it was turned away":    {[]int{429, 500}, false},
		"refused by its token, then a 503": {[]int{401, 503}, false},
		"lost each time":                   {[]int{503}, false},
	} {
		repeated := newFixture(t, func(n int, w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.answers[min(n, len(c.answers))-1])
		})
		_, err = ask(t.Context(), repeated.client(), func(r *connector.Request) { r.Method = http.MethodDelete })
		require.Error(t, err, name)
		require.Equal(t, c.nothingSent, errors.Is(err, connector.ErrNothingSent), "%s: %v", name, err)
	}

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = ask(ended, f.client(), write)
	require.ErrorIs(t, err, connector.ErrNothingSent)
	require.ErrorIs(t, err, context.Canceled)

	gone := newFixture(t, func(int, http.ResponseWriter, *http.Request) {})
	client := gone.client()
	gone.Close()
	_, err = ask(t.Context(), client, write)
	require.ErrorIs(t, err, connector.ErrNothingSent, "no connection was made")
	require.Equal(t, connector.KindUnavailable, failure(t, err).Kind)
}

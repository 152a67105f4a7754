package connector_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// grant gives token-1, and the next number whenever the newest was refused.
type grant struct {
	mu       sync.Mutex
	number   int
	rejected int
	broken   error // of the renewal
}

func (g *grant) Token(context.Context) (connector.Secret, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return connector.NewSecret(fmt.Sprintf("token-%d", g.number+1)), nil
}

func (g *grant) Rejected(_ context.Context, token connector.Secret) (connector.Secret, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rejected++
	if g.broken != nil {
		return connector.Secret{}, g.broken
	}
	if token.Reveal() == fmt.Sprintf("token-%d", g.number+1) {
		g.number++
	}
	return connector.NewSecret(fmt.Sprintf("token-%d", g.number+1)), nil
}

func bearer(tokens connector.TokenSource) func(*connector.ClientConfig) {
	return func(c *connector.ClientConfig) { c.Authorize, c.Tokens = nil, tokens }
}

// newestOnly accepts one token and repeats any other in its refusal.
func newestOnly(accepted string) func(int, http.ResponseWriter, *http.Request) {
	return func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+accepted {
			http.Error(w, "expired: "+r.Header.Get("Authorization"), http.StatusUnauthorized)
			return
		}
		good(w)
	}
}

func TestARefusedTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, newestOnly("token-2"))
	g := &grant{}
	c := f.client(bearer(g))
	for range 2 {
		_, err := ask(t.Context(), c)
		require.NoError(t, err)
	}
	require.Equal(t, 1, g.rejected)
	require.Equal(t, 3, c.Requests())
	require.Zero(t, f.clock.Slept())
	require.NotContains(t, f.log.String(), "token-")

	f = newFixture(t, newestOnly("token-99"))
	g = &grant{}
	c = f.client(bearer(g))
	_, err := ask(t.Context(), c)
	require.Equal(t, connector.KindCredentials, failure(t, err).Kind)
	require.Equal(t, 1, g.rejected)
	require.Equal(t, 2, c.Requests())
	require.ErrorContains(t, err, "[redacted]")
	require.NotContains(t, err.Error(), "token-2")
}

func TestAWriteIsRepeatedWithItsBodyAfterARefusedToken(t *testing.T) {
	t.Parallel()
	var bodies []string
	accept := newestOnly("token-2")
	f := newFixture(t, func(n int, w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, r.Method+" "+r.Header.Get("Content-Type")+" "+string(body))
		accept(n, w, r)
	})
	_, err := ask(t.Context(), f.client(bearer(&grant{})), func(r *connector.Request) {
		r.Method, r.Once, r.Body = http.MethodPost, true, []byte(`{"user":"1"}`)
	})
	require.NoError(t, err)
	sent := `POST application/json {"user":"1"}`
	require.Equal(t, []string{sent, sent}, bodies)
}

func TestARefusalForAnotherReasonKeepsTheToken(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "scope does not match", http.StatusUnauthorized)
	})
	g := &grant{}
	c := f.client(bearer(g), func(c *connector.ClientConfig) {
		c.TokenRefused = func(a connector.Answer) bool { return !bytes.Contains(a.Body, []byte("scope")) }
	})
	_, err := ask(t.Context(), c)
	require.Equal(t, connector.KindCredentials, failure(t, err).Kind)
	require.Zero(t, g.rejected)
	require.Equal(t, 1, c.Requests())
}

func TestAFixedTokenIsNotRenewed(t *testing.T) {
	t.Parallel()
	f := newFixture(t, newestOnly("another"))
	c := f.client(bearer(connector.StaticToken(connector.NewSecret("token-1"))))
	_, err := ask(t.Context(), c)
	require.Equal(t, connector.KindCredentials, failure(t, err).Kind)
	require.Equal(t, 401, failure(t, err).Status)
	require.Equal(t, 1, c.Requests())
	require.NotContains(t, err.Error(), "token-1")
}

type noToken struct{ err error }

func (n noToken) Token(context.Context) (connector.Secret, error) { return connector.Secret{}, n.err }

func (n noToken) Rejected(context.Context, connector.Secret) (connector.Secret, error) {
	return connector.Secret{}, n.err
}

func TestWithoutATokenNothingIsSent(t *testing.T) {
	t.Parallel()
	expired := &connector.Error{
		Vendor: "Acme", Op: "refresh the access token", Kind: connector.KindCredentials, Advice: "Consent again",
	}
	f := newFixture(t, newestOnly("token-2"))
	c := f.client(bearer(noToken{expired}))
	_, err := ask(t.Context(), c)
	require.Equal(t, error(expired), err, "the source knows best what to do")

	_, err = ask(t.Context(), f.client(bearer(noToken{errors.New("the database is locked")})))
	require.Equal(t, connector.KindUnavailable, failure(t, err).Kind)
	require.ErrorContains(t, err, "database is locked")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = ask(ctx, f.client(bearer(noToken{context.Canceled})))
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, f.hits.Load())

	_, err = ask(t.Context(), f.client(bearer(&grant{broken: expired})))
	require.Equal(t, error(expired), err)
	require.EqualValues(t, 1, f.hits.Load())
}

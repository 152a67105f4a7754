package asana_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// grant is a TokenSource that refreshes at the double.
type grant struct {
	world     *world
	mu        sync.Mutex
	access    string
	refresh   string
	expires   time.Time
	refreshes int
}

func (w *world) grant() *grant {
	g := &grant{world: w, expires: w.clock.Now().Add(time.Hour)}
	g.access, g.refresh = w.Grant()
	return g
}

func (g *grant) Token(context.Context) (connector.Secret, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.world.clock.Now().After(g.expires.Add(-time.Minute)) {
		return g.renew()
	}
	return connector.NewSecret(g.access), nil
}

func (g *grant) Rejected(_ context.Context, token connector.Secret) (connector.Secret, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if token.Reveal() != g.access {
		return connector.NewSecret(g.access), nil
	}
	return g.renew()
}

func (g *grant) renew() (connector.Secret, error) {
	resp, err := http.PostForm(g.world.URL+"/-/oauth_token", url.Values{
		"grant_type": {"refresh_token"}, "client_id": {g.world.ClientID()}, "client_secret": {g.world.ClientSecret()},
		"refresh_token": {g.refresh},
	})
	if err != nil {
		return connector.Secret{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct {
		Access  string `json:"access_token"`
		Expires int    `json:"expires_in"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.Access == "" {
		return connector.Secret{}, &connector.Error{
			Vendor: "Asana", Op: "refresh the grant", Kind: connector.KindCredentials, Err: errors.New("refused"), Advice: "Consent again",
		}
	}
	g.refreshes++
	g.access = answer.Access
	g.expires = g.world.clock.Now().Add(time.Duration(answer.Expires) * time.Second)
	return connector.NewSecret(answer.Access), nil
}

func TestAGrantOutlivesItsAccessTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 450)
	g := w.grant()
	c := w.connect(t, func(cfg *connector.Config) { cfg.Tokens, cfg.Secrets = g, nil })
	expired := false
	seen := 0
	walk, err := c.Subscriptions(t.Context(), func(page []connector.Subscription) error {
		seen += len(page)
		if !expired {
			expired = true
			w.ExpireAccessTokens()
		}
		return nil
	})
	require.NoError(t, err)
	require.True(t, walk.Complete)
	require.Equal(t, 450, seen)
	require.Equal(t, 1, g.refreshes)

	require.NoError(t, w.clock.Sleep(t.Context(), 2*time.Hour))
	report, err := c.Validate(t.Context())
	require.NoError(t, err)
	require.True(t, report.OK, "%+v", report)
	require.Equal(t, 2, g.refreshes, "before its time was over, so that no request was refused")

	w.RevokeGrant(g.refresh)
	w.ExpireAccessTokens()
	_, err = c.Reclaim(t.Context(), w.idle().GID)
	require.NoError(t, err, "that a grant was revoked is known, not unknown")
}

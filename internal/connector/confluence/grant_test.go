package confluence_test

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
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

// allScopes are those that ServiceNow asks for when a profile has everything switched on.
var allScopes = []string{
	"read:confluence-groups", "read:confluence-user", "search:confluence", "write:confluence-groups", "offline_access",
}

// grant is a TokenSource that refreshes at the double.
type grant struct {
	*world
	mu      sync.Mutex
	tokens  double.Tokens
	expires time.Time
	life    time.Duration
}

func (g *grant) Token(context.Context) (connector.Secret, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.clock.Now().After(g.expires.Add(-minute)) {
		return g.refresh()
	}
	return connector.NewSecret(g.tokens.Access), nil
}

func (g *grant) Rejected(_ context.Context, token connector.Secret) (connector.Secret, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if token.Reveal() != g.tokens.Access {
		return connector.NewSecret(g.tokens.Access), nil
	}
	return g.refresh()
}

func (g *grant) refresh() (connector.Secret, error) {
	id, secret := g.Client()
	resp, err := http.PostForm(g.URL+"/oauth/token", url.Values{
		"grant_type": {"refresh_token"}, "client_id": {id}, "client_secret": {secret}, "refresh_token": {g.tokens.Refresh},
	})
	if err != nil {
		return connector.Secret{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.Access == "" {
		return connector.Secret{}, &connector.Error{
			Vendor: "Confluence", Op: "refresh the grant", Kind: connector.KindCredentials, Err: errors.New("refused"), Advice: "Consent again",
		}
	}
	g.expires = g.clock.Now().Add(g.life)
	g.tokens = double.Tokens{Access: answer.Access, Refresh: answer.Refresh}
	return connector.NewSecret(answer.Access), nil
}

// granted makes a connector with an OAuth grant.
func (w *world) granted(t testing.TB, scopes []string, change ...func(*connector.Config)) vendor {
	t.Helper()
	g := &grant{world: w, tokens: w.Grant(scopes...), life: w.life, expires: w.clock.Now().Add(w.life)}
	change = append([]func(*connector.Config){func(c *connector.Config) {
		c.Tokens, c.Secrets = g, map[string]connector.Secret{}
	}}, change...)
	return w.connect(t, change...)
}

func TestAMissingScopeIsNoReasonToRefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	c := w.granted(t, []string{"read:confluence-user", "offline_access"})
	_, _, err := list(t.Context(), c)
	var failure *connector.Error
	require.ErrorAs(t, err, &failure)
	require.Equal(t, connector.KindPermission, failure.Kind)
	require.Contains(t, err.Error(), "lacks the scope read:confluence-groups")
	require.Zero(t, w.Refreshes())
}

func TestGranularScopesAreTakenToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	c := w.granted(t, []string{
		"read:group:confluence", "read:user:confluence", "read:content-details:confluence", "write:group:confluence",
	})
	report, err := c.Validate(t.Context())
	require.NoError(t, err)
	require.True(t, report.OK, "%+v", report)
	for _, warning := range report.Warnings {
		require.NotContains(t, warning, "nothing that the profile")
	}
}

func TestTheQuotaOfAnAppIsWaitedOut(t *testing.T) {
	t.Parallel()
	// The clock jumps by the hour while requests are under way, so tokens must outlast several jumps.
	w := newWorldWith(t, double.Options{Members: 3000, PointsPerHour: 2000, AccessLife: 48 * time.Hour})
	c := w.granted(t, allScopes)
	all, walk, err := list(t.Context(), c)
	require.NoError(t, err)
	require.True(t, walk.Complete, walk.Warnings)
	require.Len(t, all, 3000)
	require.GreaterOrEqual(t, w.clock.Now().Sub(noon).Hours(), 2.0, "6,000 points and more at 2,000 an hour")
	require.LessOrEqual(t, w.Requests().Refused, 8, "headers tell what is left before the vendor has to refuse")

	plain := newWorldWith(t, double.Options{Members: 3000, PointsPerHour: 2000})
	_, _, err = list(t.Context(), plain.connect(t))
	require.NoError(t, err)
	require.Less(t, plain.clock.Now().Sub(noon).Hours(), 1.0, "API tokens cost no points")
}

func TestAQuotaBeyondTheDeadlineEndsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, double.Options{Members: 3000, PointsPerHour: 2000})
	ctx, cancel := context.WithTimeout(t.Context(), minute)
	defer cancel()
	_, walk, err := list(ctx, w.granted(t, allScopes))
	require.ErrorIs(t, err, connector.ErrWaitTooLong)
	var failure *connector.Error
	require.ErrorAs(t, err, &failure)
	require.Equal(t, connector.KindRateLimited, failure.Kind)
	require.False(t, walk.Complete)
}

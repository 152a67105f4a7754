package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

func TestMain(m *testing.M) { acctest.Main(m) }

const confluenceAlias = "sn_conflunce_spoke.confluence_subscription_activity_reclaim"

// pendingConfluence is a world whose Confluence alias waits for a consent.
func pendingConfluence(t *testing.T, cloudID string, app ...string) (*acctest.World, *confluence.Server) {
	t.Helper()
	w := acctest.NewWorld(t, acctest.Options{})
	d := w.Confluence(t, confluence.Options{Members: 3})
	if cloudID == "" {
		cloudID = d.CloudID()
	}
	w.Root(t, w.ProviderBlock(), acctest.Resource("connection_alias", "confluence", fmt.Sprintf("adopt = %q", confluenceAlias),
		fmt.Sprintf("connection_url = %q", d.URL+"/ex/confluence/"+cloudID), acctest.ConfluenceApp(d, app...))).MustApply(t)
	return w, d
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	address, ok := listener.Addr().(*net.TCPAddr)
	require.True(t, ok)
	return address.Port
}

// browser plays the person: it opens the consent page and goes where that sends it, after change.
func browser(t *testing.T, change func(*url.URL)) func(context.Context, string) error {
	t.Helper()
	return func(ctx context.Context, page string) error {
		target := acctest.Agree(t, page)
		change(target)
		go func() {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
			if err == nil {
				if response, err := http.DefaultTransport.RoundTrip(request); err == nil {
					_ = response.Body.Close()
				}
			}
		}()
		return nil
	}
}

func TestAccAuthorize_listens(t *testing.T) {
	t.Parallel()
	w, d := pendingConfluence(t, "")
	var out bytes.Buffer
	err := authorize(t.Context(), authorizeOptions{
		database: w.DatabaseURL(), alias: confluenceAlias, listen: freePort(t), open: browser(t, func(*url.URL) {}),
	}, strings.NewReader(""), &out, io.Discard)
	require.NoError(t, err)
	require.Contains(t, out.String(), "Done: the grant is stored")
	page, err := url.Parse(strings.Fields(out.String()[strings.Index(out.String(), "http"):])[0])
	require.NoError(t, err)
	query := page.Query()
	require.Equal(t, "consent", query.Get("prompt"))
	require.Contains(t, query.Get("scope"), "offline_access")
	require.Contains(t, query.Get("redirect_uri"), "/oauth_redirect.do")
	_, secret := d.Client()
	require.NotContains(t, out.String(), secret)
	require.NotEmpty(t, w.Find(t, dictionary.TableOAuthToken, "type=refresh_token"))
}

func TestAccAuthorize_refusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cloudID string
		change  func(*url.URL)
		want    []string
	}{
		"refused": {
			change: func(u *url.URL) {
				u.RawQuery = url.Values{"error": {"access_denied"}, "error_description": {"User declined"}, "state": {u.Query().Get("state")}}.Encode()
			},
			want: []string{"the consent was refused", "User declined", "Nothing was stored"},
		},
		"another state": {
			change: func(u *url.URL) {
				u.RawQuery = url.Values{"code": {u.Query().Get("code")}, "state": {"another"}}.Encode()
			},
			want: []string{"belongs to another consent"},
		},
		"another site": {
			cloudID: "11111111-2222-4333-8444-555555555555",
			change:  func(*url.URL) {},
			want:    []string{"another site", "Nothing was stored"},
		},
		"a wrong app": {
			change: func(u *url.URL) {
				u.RawQuery = url.Values{"error": {"invalid_scope"}, "state": {u.Query().Get("state")}}.Encode()
			},
			want: []string{"invalid_scope", "Check client id, scopes and redirect URL"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _ := pendingConfluence(t, c.cloudID)
			err := authorize(t.Context(), authorizeOptions{
				database: w.DatabaseURL(), alias: confluenceAlias, listen: freePort(t), open: browser(t, c.change),
			}, strings.NewReader(""), io.Discard, io.Discard)
			require.Error(t, err)
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
			}
			require.Empty(t, w.Find(t, dictionary.TableOAuthToken, ""), "nothing may be stored")
		})
	}
}

// pasting plays the person who copies the address from the browser to the terminal.
type pasting struct {
	t      *testing.T
	out    bytes.Buffer
	change func(string) string
	reader *strings.Reader
}

func (p *pasting) Write(b []byte) (int, error) { return p.out.Write(b) }

func (p *pasting) Read(b []byte) (int, error) {
	if p.reader == nil {
		shown := p.out.String()
		page := strings.Fields(shown[strings.Index(shown, "http"):])[0]
		p.reader = strings.NewReader(p.change(acctest.Agree(p.t, page).String()) + "\n")
	}
	return p.reader.Read(b)
}

func TestAccAuthorize_pastes(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	d := w.Asana(t, asana.Options{Members: 3})
	w.Root(t, w.ProviderBlock(), acctest.Resource("connection_alias", "asana", `adopt = "sn_asana_spoke.Asana"`,
		fmt.Sprintf("connection_url = %q", d.URL), acctest.AsanaApp(d))).MustApply(t)
	run := func(change func(string) string) error {
		p := &pasting{t: t, change: change}
		return authorize(t.Context(), authorizeOptions{database: w.DatabaseURL(), alias: "sn_asana_spoke.Asana"}, p, p, io.Discard)
	}
	require.ErrorContains(t, authorize(t.Context(), authorizeOptions{
		database: w.DatabaseURL(), alias: "sn_asana_spoke.Asana", listen: freePort(t),
	}, strings.NewReader(""), io.Discard, io.Discard), "Leave --listen out")
	require.ErrorContains(t, run(func(string) string { return "" }), "nothing was pasted")
	require.ErrorContains(t, run(func(address string) string {
		u, err := url.Parse(address)
		require.NoError(t, err)
		return u.Query().Get("code")
	}), "Copy the whole address")
	require.NoError(t, run(func(address string) string { return address }), "Asana takes https only, so the address is pasted")
	require.NotEmpty(t, w.Find(t, dictionary.TableOAuthToken, "type=refresh_token"))
}

func TestAuthorize_refusesToBegin(t *testing.T) {
	t.Parallel()
	w, _ := pendingConfluence(t, "", `redirect_url = "http://localhost:1/oauth_redirect.do"`)
	occupied, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = occupied.Close() })
	_, port, err := net.SplitHostPort(occupied.Addr().String())
	require.NoError(t, err)
	busy, err := strconv.Atoi(port)
	require.NoError(t, err)
	for want, o := range map[string]authorizeOptions{
		"no alias is named":       {database: w.DatabaseURL()},
		"no database is named":    {alias: confluenceAlias},
		"is no port":              {database: w.DatabaseURL(), alias: confluenceAlias, listen: 70000},
		"Free the port":           {database: w.DatabaseURL(), alias: confluenceAlias, listen: busy},
		"begin the consent":       {database: w.DatabaseURL(), alias: "sn_nothing.Nothing"},
		"sn_trello_spoke.Trello_": {database: w.DatabaseURL(), alias: dictionary.TrelloAlias},
	} {
		require.ErrorContains(t, authorize(t.Context(), o, strings.NewReader(""), io.Discard, io.Discard), want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = authorize(ctx, authorizeOptions{
		database: w.DatabaseURL(), alias: confluenceAlias, listen: freePort(t),
		open: func(context.Context, string) error { cancel(); return nil },
	}, strings.NewReader(""), io.Discard, io.Discard)
	require.ErrorContains(t, err, "interrupted before the vendor answered")
}

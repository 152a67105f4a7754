package engine

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

var (
	// ErrStateMismatch is an answer of a consent page to another request than the one that was begun.
	ErrStateMismatch = errors.New("the state of the answer is not the one that was sent, so it belongs to another consent. Begin again, and use the page that is opened then")
	// ErrOtherSite is a consent for another site than the one of the connection.
	ErrOtherSite = errors.New("the consent was given for another site")
)

// ConsentRequest is a consent that was begun. It lives in the memory of the process that began it.
type ConsentRequest struct {
	URL         string // consent page to open in a browser
	State       string // the answer must bring it back
	RedirectURL string // where the answer goes
	Scopes      []string
	Vendor      string // name for people
	AliasID     string // full id
	// HTTPSOnly says that the vendor redirects to https only: the person then pastes the code.
	HTTPSOnly bool

	alias    string // sys_id
	verifier connector.Secret
}

// BeginConsent makes the consent page of the OAuth grant of an alias, named by sys_id or full id. It asks for the fewest
// scopes that the profile needs with its toggles. An empty redirect URL means that of the application registry. It does not
// write, and does not call the vendor.
func (e *Engine) BeginConsent(ctx context.Context, alias, redirectURL string) (ConsentRequest, error) {
	var c consent
	err := e.db.View(ctx, func(tx *store.Tx) (err error) {
		c, err = e.consentOf(ctx, tx, alias)
		return err
	})
	if err != nil {
		return ConsentRequest{}, err
	}
	redirect, err := c.redirect(redirectURL)
	if err != nil {
		return ConsentRequest{}, err
	}
	r := ConsentRequest{
		RedirectURL: redirect, Scopes: scopesFor(c.use.vendor, c.use.processes, c.use.properties.Vendor), State: randomText(),
		Vendor: c.app.vendor, AliasID: c.alias[dictionary.AliasID], HTTPSOnly: c.app.defaults.HTTPSOnly, alias: c.alias[dictionary.SysID],
	}
	query := url.Values{
		"response_type": {"code"}, "client_id": {c.app.clientID}, "redirect_uri": {redirect}, "scope": {strings.Join(r.Scopes, " ")}, "state": {r.State},
	}
	for name, value := range c.app.defaults.Parameters {
		query.Set(name, value)
	}
	if c.app.defaults.PKCE { // RFC 7636
		verifier := randomText()
		challenge := sha256.Sum256([]byte(verifier))
		query.Set("code_challenge", base64.RawURLEncoding.EncodeToString(challenge[:]))
		query.Set("code_challenge_method", "S256")
		r.verifier = connector.NewSecret(verifier)
	}
	r.URL = c.app.authURL + "?" + query.Encode()
	return r, nil
}

// CompleteConsent exchanges the code that the vendor answered with, checks that the grant is for the site of the
// connection, and stores it sealed over the one before.
func (e *Engine) CompleteConsent(ctx context.Context, r ConsentRequest, code, state string) error {
	if r.State == "" || subtle.ConstantTimeCompare([]byte(r.State), []byte(strings.TrimSpace(state))) != 1 {
		return ErrStateMismatch
	}
	if code = strings.TrimSpace(code); code == "" {
		return errors.New("the answer of the consent page holds no code. Begin again, and agree on the page")
	}
	var c consent
	err := e.db.View(ctx, func(tx *store.Tx) (err error) {
		c, err = e.consentOf(ctx, tx, r.alias)
		return err
	})
	if err != nil {
		return err
	}
	fresh, err := c.app.exchangeCode(ctx, e.now(), e.log, code, r.RedirectURL, r.verifier)
	if connector.KindOf(err) == connector.KindCredentials {
		return fmt.Errorf("%s does not take the code of the consent, which is good once and for a few minutes. Begin again: %w", r.Vendor, err)
	}
	if err != nil {
		return err
	}
	if fresh.refresh.Empty() {
		return fmt.Errorf("%s gave no refresh token, so the grant would end within hours. Allow offline access for the app, then begin again", r.Vendor)
	}
	if err := e.checkSite(ctx, c, fresh.access); err != nil {
		return err
	}
	l, err := e.leaseGrant(ctx, c.app.entity)
	if err != nil {
		return err
	}
	defer e.releaseGrant(ctx, l)
	return e.db.Update(ctx, func(tx *store.Tx) error {
		old, err := readGrant(ctx, tx, c.app.entity)
		if err != nil {
			return err
		}
		if _, err := storeGrant(ctx, tx, c.app.entity, old, fresh); err != nil {
			return err
		}
		return markRegistryUnvalidated(ctx, tx, c.app.entity)
	})
}

// consent is what consenting needs to know of an alias.
type consent struct {
	alias      store.Row
	connection store.Row
	use        use
	app        oauthApp
}

func (e *Engine) consentOf(ctx context.Context, tx *store.Tx, name string) (c consent, err error) {
	if c.alias, err = findAlias(ctx, tx, name); err != nil {
		return c, err
	}
	if c.use, err = e.useOfAlias(ctx, tx, c.alias); err != nil {
		return c, err
	}
	if c.connection, err = activeConnection(ctx, tx, c.alias[dictionary.SysID]); err != nil {
		return c, err
	}
	row, err := credentialOf(ctx, tx, c.connection)
	if err != nil {
		return c, err
	}
	id := c.alias[dictionary.AliasID]
	if row[dictionary.SysClassName] != dictionary.TableOAuthCredential {
		return c, setupFailure("The connection of the alias %s signs in with a credential of kind %s, which needs no consent.",
			id, kindOfCredential(row[dictionary.SysClassName], c.use.vendor))
	}
	if c.use.vendor.OAuth == nil {
		return c, setupFailure("%s takes no OAuth grant; give the alias %s a credential of kind %s.",
			c.use.vendor.Product, id, strings.Join(c.use.vendor.Connection.Kinds, " or "))
	}
	c.app, _, err = readApp(ctx, tx, c.use.vendor, row, c.alias)
	return c, err
}

// redirect is the URL that the answer goes to.
func (c consent) redirect(asked string) (string, error) {
	raw := cmp.Or(asked, c.app.redirectURL)
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return "", setupFailure("The application registry %q has no redirect URL. Enter the one that is registered at %s.", c.app.name, c.app.vendor)
	case err != nil || u.Scheme != "urn" && u.Host == "":
		return "", setupFailure("The redirect URL of the application registry %q is no URL.", c.app.name)
	case u.Scheme == "http" && !connector.Loopback(u.Hostname()):
		return "", setupFailure("The redirect URL %s would send the code unencrypted. Use https, or http to this machine.", u.Redacted())
	}
	return raw, nil
}

// randomText cannot be guessed, and consists of letters that a URL may hold.
func randomText() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// site is one that a grant is for.
type site struct {
	ID  string `json:"id"`
	URL string `json:"url"`
}

// checkSite looks whether a grant is for the site of the connection, where the vendor's grants are for sites. The site is
// the last part of the connection URL.
func (e *Engine) checkSite(ctx context.Context, c consent, access connector.Secret) error {
	if c.app.defaults.SitesPath == "" {
		return nil
	}
	target, err := connector.ParseBaseURL(c.connection[dictionary.ConnectionURL], c.use.vendor.Connection.Hosts)
	if err != nil {
		return setupFailure("Connection %q: %v.", c.connection[dictionary.ConnectionName], err)
	}
	var sites []site
	client := connector.NewClient(connector.ClientConfig{
		Vendor: c.app.vendor, BaseURL: &url.URL{Scheme: target.Scheme, Host: target.Host}, Tokens: connector.StaticToken(access),
		Secrets: []connector.Secret{access}, Log: e.log,
	})
	_, err = client.Do(ctx, connector.Request{
		Path: c.app.defaults.SitesPath, Op: "read the sites of the consent", Object: "alias " + c.alias[dictionary.AliasID], Decode: connector.Into(&sites),
	})
	if err != nil {
		return err
	}
	wanted := path.Base(target.Path)
	if slices.ContainsFunc(sites, func(s site) bool { return strings.EqualFold(s.ID, wanted) }) {
		return nil
	}
	granted := "no site"
	if len(sites) > 0 {
		var names []string
		for _, s := range sites {
			names = append(names, s.URL+" ("+s.ID+")")
		}
		granted = strings.Join(names, ", ")
	}
	return fmt.Errorf("%w: the connection %q is for the site with id %s, and the consent is for %s. Begin again and choose that site, or correct the connection URL. Nothing was stored",
		ErrOtherSite, c.connection[dictionary.ConnectionName], wanted, granted)
}

package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

const (
	// refreshEarly is how long before its end an access token counts as stale.
	refreshEarly = time.Minute
	// grantLeaseTTL is how long a process may take to renew a grant. It outlasts grantTimeout, so that no other process
	// spends the same refresh token.
	grantLeaseTTL = 50 * time.Second
	grantTimeout  = 40 * time.Second
)

// grant is an OAuth grant as the database keeps it.
type grant struct {
	access, refresh       connector.Secret
	expires               time.Time // of the access token; zero where unknown
	ended                 bool      // the vendor refused the refresh token
	accessRow, refreshRow string    // sys_ids
}

func (g grant) exists() bool { return !g.access.Empty() || !g.refresh.Empty() }

// alive tells whether the access token can be used for at least another minute.
func (g grant) alive(now time.Time) bool {
	return !g.access.Empty() && (g.expires.IsZero() || now.Add(refreshEarly).Before(g.expires))
}

// readGrant reads the grant of an application registry. One that does not exist is empty.
func readGrant(ctx context.Context, tx *store.Tx, entity string) (grant, error) {
	var g grant
	rows, err := tx.Find(ctx, dictionary.TableOAuthToken, dictionary.OAuthTokenPeer+"="+entity+"^ORDERBY"+dictionary.SysID, store.FindOptions{})
	if err != nil {
		return g, fmt.Errorf("read the OAuth grant: %w", err)
	}
	for _, row := range rows {
		sealed := row[dictionary.OAuthTokenValue]
		if sealed == "" {
			continue
		}
		clear, err := tx.Unseal(dictionary.TableOAuthToken, row[dictionary.SysID], dictionary.OAuthTokenValue, sealed)
		if err != nil {
			return g, fmt.Errorf("unseal the OAuth grant: %w", err)
		}
		expires, limited := parseDateTime(row[dictionary.OAuthTokenExpires])
		switch row[dictionary.OAuthTokenType] {
		case dictionary.OAuthAccessToken:
			g.access, g.accessRow, g.expires = connector.NewSecret(clear), row[dictionary.SysID], expires
		case dictionary.OAuthRefreshToken:
			g.refresh, g.refreshRow = connector.NewSecret(clear), row[dictionary.SysID]
			g.ended = limited && !tx.Now().Before(expires)
		}
	}
	return g, nil
}

// storeGrant writes tokens over the grant of an application registry, and returns the grant as it is then.
func storeGrant(ctx context.Context, tx *store.Tx, entity string, old grant, t tokens) (grant, error) {
	g := old
	g.access, g.expires, g.ended = t.access, t.expires, false
	var err error
	if g.accessRow, err = storeToken(ctx, tx, entity, old.accessRow, dictionary.OAuthAccessToken, t.access, t.expires); err != nil {
		return g, err
	}
	if t.refresh.Empty() {
		t.refresh = old.refresh
	}
	if t.refresh.Empty() {
		return g, nil
	}
	g.refresh = t.refresh
	g.refreshRow, err = storeToken(ctx, tx, entity, old.refreshRow, dictionary.OAuthRefreshToken, t.refresh, time.Time{})
	return g, err
}

func storeToken(ctx context.Context, tx *store.Tx, entity, row, kind string, token connector.Secret, expires time.Time) (string, error) {
	id := row
	if id == "" {
		id = tx.NewID()
	}
	sealed, err := tx.Seal(dictionary.TableOAuthToken, id, dictionary.OAuthTokenValue, token.Reveal())
	if err != nil {
		return "", fmt.Errorf("seal the OAuth grant: %w", err)
	}
	values := store.Row{dictionary.OAuthTokenValue: sealed, dictionary.OAuthTokenExpires: formatDateTime(expires)}
	if row != "" {
		_, _, err = tx.Update(store.WithUser(ctx, systemUser), dictionary.TableOAuthToken, row, values)
	} else {
		values[dictionary.SysID], values[dictionary.OAuthTokenType], values[dictionary.OAuthTokenPeer] = id, kind, entity
		_, err = tx.Insert(store.WithUser(ctx, systemUser), dictionary.TableOAuthToken, values)
	}
	if err != nil {
		return "", fmt.Errorf("store the OAuth grant: %w", err)
	}
	return id, nil
}

// grantTokens is the connector.TokenSource of an OAuth grant. Whoever renews the grant holds its lease, looks again
// whether that is still needed, and stores the new tokens before anybody uses them: rotating refresh tokens then survive
// parallel processes, and a process that dies.
type grantTokens struct {
	engine *Engine
	app    oauthApp
	// readOnly forbids to renew the grant: what is read for a plan must not change anything.
	readOnly bool

	turn    chan struct{} // holds one token while nobody is at work
	current grant
}

var _ connector.TokenSource = (*grantTokens)(nil)

func (e *Engine) newGrantTokens(app oauthApp, readOnly bool) *grantTokens {
	s := &grantTokens{engine: e, app: app, readOnly: readOnly, turn: make(chan struct{}, 1)}
	s.turn <- struct{}{}
	return s
}

// Token implements connector.TokenSource.
func (s *grantTokens) Token(ctx context.Context) (connector.Secret, error) {
	return s.find(ctx, connector.Secret{})
}

// Rejected implements connector.TokenSource.
func (s *grantTokens) Rejected(ctx context.Context, token connector.Secret) (connector.Secret, error) {
	return s.find(ctx, token)
}

// find returns a living access token other than the rejected one: the one in memory, else the one in the database, which
// another process may have renewed, else a new one.
func (s *grantTokens) find(ctx context.Context, rejected connector.Secret) (connector.Secret, error) {
	select {
	case <-s.turn:
		defer func() { s.turn <- struct{}{} }()
	case <-ctx.Done():
		return connector.Secret{}, ctx.Err()
	}
	if s.usable(s.current, rejected) {
		return s.current.access, nil
	}
	err := s.engine.db.View(ctx, func(tx *store.Tx) (err error) {
		s.current, err = readGrant(ctx, tx, s.app.entity)
		return err
	})
	if err != nil {
		return connector.Secret{}, err
	}
	if s.usable(s.current, rejected) {
		return s.current.access, nil
	}
	if s.readOnly {
		return connector.Secret{}, s.failure("the access token is stale, and reading does not renew an OAuth grant", "Apply first; that renews it")
	}
	if err := s.renew(ctx, rejected); err != nil {
		return connector.Secret{}, err
	}
	return s.current.access, nil
}

// over tells whether the vendor has refused the grant.
func (s *grantTokens) over() bool {
	<-s.turn
	defer func() { s.turn <- struct{}{} }()
	return s.current.ended
}

func (s *grantTokens) usable(g grant, rejected connector.Secret) bool {
	return g.alive(s.engine.now()) && g.access != rejected
}

func (s *grantTokens) failure(message, advice string) error {
	return &connector.Error{
		Vendor: s.app.vendor, Op: "sign in with the OAuth grant", Object: "alias " + s.app.aliasID, Kind: connector.KindCredentials,
		Err: errors.New(message), Advice: advice,
	}
}

// renew gets new tokens under the lease of the grant.
func (s *grantTokens) renew(ctx context.Context, rejected connector.Secret) error {
	l, err := s.engine.leaseGrant(ctx, s.app.entity)
	if err != nil {
		return err
	}
	// A rotation that was begun is ended, also when the run was canceled: the new refresh token must not be lost.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grantTimeout)
	defer cancel()
	defer s.engine.releaseGrant(ctx, l)
	for tries := 0; ; tries++ {
		done, err := s.renewOnce(ctx, rejected)
		if done || tries > 0 {
			return err
		}
	}
}

// renewOnce is not done when the refresh token was refused, and the database has another one by now.
func (s *grantTokens) renewOnce(ctx context.Context, rejected connector.Secret) (done bool, err error) {
	e := s.engine
	err = e.db.View(ctx, func(tx *store.Tx) (err error) {
		s.current, err = readGrant(ctx, tx, s.app.entity)
		return err
	})
	if err != nil || s.usable(s.current, rejected) {
		return true, err
	}
	if s.current.refresh.Empty() {
		return true, s.failure("the grant is over, and it came without a refresh token", s.app.advice())
	}
	spent := s.current.refresh
	fresh, askErr := s.app.renew(ctx, e.now(), e.log, spent)
	if askErr != nil && connector.KindOf(askErr) != connector.KindCredentials {
		return true, askErr
	}
	err = e.db.Update(ctx, func(tx *store.Tx) error {
		stored, err := readGrant(ctx, tx, s.app.entity)
		if err != nil {
			return err
		}
		s.current = stored
		switch {
		case stored.refresh != spent: // somebody consented or rotated meanwhile, and that grant is the newer one
			return nil
		case askErr != nil:
			s.current.ended = true
			_, _, err = tx.Update(ctx, dictionary.TableOAuthToken, stored.refreshRow, store.Row{dictionary.OAuthTokenExpires: formatDateTime(tx.Now())})
		default:
			s.current, err = storeGrant(ctx, tx, s.app.entity, stored, fresh)
		}
		return err
	})
	switch {
	case err != nil:
		return true, fmt.Errorf("store the renewed OAuth grant of alias %s: %w", s.app.aliasID, err)
	case s.usable(s.current, rejected):
		return true, nil
	case askErr != nil:
		return s.current.refresh == spent, askErr
	}
	return true, s.failure("the vendor gave an access token that is over already", "Compare the clock of this machine with the time")
}

// leaseGrant waits for the right to change a grant.
func (e *Engine) leaseGrant(ctx context.Context, entity string) (lease, error) {
	owner := store.NewSysID(e.now())
	for {
		var l lease
		var ok bool
		err := e.db.Update(ctx, func(tx *store.Tx) (err error) {
			l, _, ok, err = takeLease(ctx, tx, "grant:"+entity, owner, grantLeaseTTL)
			return err
		})
		if err != nil || ok {
			return l, err
		}
		select {
		case <-ctx.Done():
			return lease{}, ctx.Err()
		case <-time.After(leasePoll):
		}
	}
}

func (e *Engine) releaseGrant(ctx context.Context, l lease) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	err := e.db.Update(ctx, func(tx *store.Tx) error { return l.release(ctx, tx) })
	if err != nil && !errors.Is(err, errLeaseLost) {
		e.log.WarnContext(ctx, "lease not released; it expires by itself", "lease", l.name, "error", err)
	}
}

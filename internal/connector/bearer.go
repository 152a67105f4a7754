package connector

import (
	"context"
	"errors"
	"net/http"
)

// StaticToken is a TokenSource of a token that does not change, such as a personal access token or one of a service
// account. It cannot be renewed: a token that the vendor refuses stays refused, and the vendor's answer is the error.
func StaticToken(token Secret) TokenSource { return staticToken{token} }

type staticToken struct{ token Secret }

// Token implements TokenSource.
func (s staticToken) Token(context.Context) (Secret, error) { return s.token, nil }

// Rejected implements TokenSource.
func (s staticToken) Rejected(context.Context, Secret) (Secret, error) {
	return Secret{}, errNotRenewable
}

var errNotRenewable = errors.New("the token cannot be renewed")

// takeToken asks for the access token before a try. A source that knows only what cannot be used ends the exchange.
func (x *exchange) takeToken(ctx context.Context) error {
	if x.client.cfg.Tokens == nil {
		return nil
	}
	token, err := x.client.cfg.Tokens.Token(ctx)
	if err != nil {
		x.tokenErr = err
		return err
	}
	x.client.redactor.Add(token)
	x.token = token
	return nil
}

// renewToken tells whether a refused answer is worth another try with another token. That is so once per request, and
// where the refusal is about the token. The answer was a refusal, so even a write may be repeated.
func (x *exchange) renewToken(ctx context.Context) bool {
	cfg := x.client.cfg
	switch {
	case cfg.Tokens == nil || x.renewed || x.answer.Status != http.StatusUnauthorized:
		return false
	case cfg.TokenRefused != nil && !cfg.TokenRefused(x.answer):
		return false
	}
	x.renewed = true
	_, err := cfg.Tokens.Rejected(ctx, x.token)
	if err != nil && !errors.Is(err, errNotRenewable) {
		x.tokenErr = err
	}
	return err == nil
}

// tokenFailure is the error of a request that has no token to go out with.
func (c *Client) tokenFailure(ctx context.Context, r Request, err error) error {
	var failure *Error
	switch {
	case ctx.Err() != nil:
		return c.interrupted(r, ctx.Err())
	case errors.As(err, &failure):
		return err
	}
	return c.fail(r, KindUnavailable, 0, nil, c.redactor.Error(err), "The access token could not be had; run again")
}

package servicenow

import (
	"context"
	"net/http"
)

// Authenticator puts credentials on requests.
type Authenticator interface {
	// Authorize adds the credential to a request that is about to be sent.
	Authorize(ctx context.Context, r *http.Request) error
	// Rejected is told that the instance answered 401. It returns true when it has a new credential, so that sending the
	// request once more makes sense.
	Rejected(ctx context.Context) bool
}

// Basic authenticates with a local user of the instance.
func Basic(username, password string) Authenticator { return basic{username, password} }

type basic struct{ username, password string }

func (b basic) Authorize(_ context.Context, r *http.Request) error {
	r.SetBasicAuth(b.username, b.password)
	return nil
}

func (basic) Rejected(context.Context) bool { return false }

// Anonymous sends no credential: for the in-memory transport, and where the transport itself authenticates.
func Anonymous() Authenticator { return anonymous{} }

type anonymous struct{}

func (anonymous) Authorize(context.Context, *http.Request) error { return nil }
func (anonymous) Rejected(context.Context) bool                  { return false }

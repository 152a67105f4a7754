package instance

import (
	"context"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
)

// ConsentRequest is a consent to an OAuth grant that was begun.
type ConsentRequest = engine.ConsentRequest

// What CompleteConsent refuses; look for them with errors.Is.
var (
	ErrStateMismatch = engine.ErrStateMismatch
	ErrOtherSite     = engine.ErrOtherSite
)

// BeginConsent makes the consent page for the OAuth grant of an alias, named by sys_id or full id, with the fewest scopes
// that its profile needs. The vendor sends its answer to redirectURL; empty means that of the application registry. It does
// not write.
func (i *Instance) BeginConsent(ctx context.Context, alias, redirectURL string) (ConsentRequest, error) {
	return i.engine.BeginConsent(ctx, alias, redirectURL)
}

// CompleteConsent takes the code and state of the vendor's answer, and stores the grant.
func (i *Instance) CompleteConsent(ctx context.Context, r ConsentRequest, code, state string) error {
	return i.engine.CompleteConsent(ctx, r, code, state)
}

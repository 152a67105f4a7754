package connector

import (
	"errors"
	"fmt"
	"strings"
)

// Kind classifies what went wrong at a vendor, by what the reader has to do about it.
type Kind string

// The kinds of vendor errors.
const (
	KindConfig           Kind = "config"            // wrong configuration of the profile or connection
	KindCredentials      Kind = "credentials"       // key or token wrong, revoked or expired
	KindPermission       Kind = "permission"        // good credentials that may not do this
	KindNotFound         Kind = "not_found"         // the vendor does not know the object
	KindRateLimited      Kind = "rate_limited"      // still limited after all retries
	KindUnavailable      Kind = "unavailable"       // 5xx or network, still after all retries
	KindBadAnswer        Kind = "bad_answer"        // HTML, truncated or unexpected JSON
	KindLoop             Kind = "loop"              // the pages repeat or do not end
	KindManagedElsewhere Kind = "managed_elsewhere" // the vendor says another system manages this
	KindRefused          Kind = "refused"           // any other 4xx
)

// ErrNothingSent is wrapped by an error of a write that was never sent, or that the vendor turned away for its rate limit,
// so that everything is as it was.
var ErrNothingSent = errors.New("nothing was sent")

// Error is an error of a vendor call. It says what was done to which object, what the vendor said, and what to do.
type Error struct {
	Vendor string // such as Trello
	Op     string // such as "list enterprise members"
	Object string // such as "enterprise 65a0…"; may be empty
	Kind   Kind
	Status int    // HTTP status; 0 without an answer
	Body   string // at most 200 bytes of the answer, without secrets
	Advice string
	Err    error // underlying error, without secrets
}

// Error implements error.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Vendor, e.Op)
	if e.Object != "" {
		fmt.Fprintf(&b, " (%s)", e.Object)
	}
	switch {
	case e.Status != 0 && e.Body != "":
		fmt.Fprintf(&b, ": answered %d: %s", e.Status, e.Body)
	case e.Status != 0:
		fmt.Fprintf(&b, ": answered %d", e.Status)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if e.Advice != "" {
		fmt.Fprintf(&b, ". %s", e.Advice)
	}
	return b.String()
}

// Unwrap returns the underlying error.
func (e *Error) Unwrap() error { return e.Err }

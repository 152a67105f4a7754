package connector

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// shortestSecret is the length below which a secret is not searched for: replacing every "a" would hide nothing and make
// every message unreadable.
const shortestSecret = 4

// Redactor takes known secrets out of text, in clear and URL-escaped. It is safe for use by several goroutines.
type Redactor struct {
	replacer atomic.Pointer[strings.Replacer]
	mu       sync.Mutex // guards what follows
	forms    []string   // the secrets as they may show up, longest first
	known    map[string]struct{}
}

// NewRedactor makes a redactor for these secrets.
func NewRedactor(secrets ...Secret) *Redactor {
	r := &Redactor{known: map[string]struct{}{}}
	r.replacer.Store(strings.NewReplacer())
	for _, s := range secrets {
		r.Add(s)
	}
	return r
}

// Add makes another secret known, such as a token that was renewed.
func (r *Redactor) Add(secret Secret) {
	clear := secret.Reveal()
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, again := r.known[clear]; again || len(clear) < shortestSecret {
		return
	}
	r.known[clear] = struct{}{}
	r.forms = append(r.forms, clear)
	for _, escaped := range []string{url.QueryEscape(clear), url.PathEscape(clear)} {
		if escaped != clear {
			r.forms = append(r.forms, escaped)
		}
	}
	// Of two that match at one place the first wins. A secret that begins another would leave the other's end to be read.
	slices.SortStableFunc(r.forms, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	pairs := make([]string, 0, 2*len(r.forms))
	for _, form := range r.forms {
		pairs = append(pairs, form, redacted)
	}
	r.replacer.Store(strings.NewReplacer(pairs...))
}

// Text returns s without the secrets.
func (r *Redactor) Text(s string) string {
	if r == nil {
		return s
	}
	return r.replacer.Load().Replace(s)
}

// Error returns err in a form that shows no secret, even to a reader who unwraps it. Only the context errors survive
// unwrapping.
func (r *Redactor) Error(err error) error {
	if err == nil {
		return nil
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	for _, known := range []error{context.Canceled, context.DeadlineExceeded, ErrWaitTooLong} {
		if errors.Is(err, known) {
			return &cleanError{text: r.Text(err.Error()), known: known}
		}
	}
	return errors.New(r.Text(err.Error()))
}

type cleanError struct {
	text  string
	known error
}

func (e *cleanError) Error() string { return e.text }
func (e *cleanError) Unwrap() error { return e.known }

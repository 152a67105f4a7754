package connector

import (
	"context"
	"errors"
	"net/url"
	"strings"
)

// shortestSecret is the length below which a secret is not searched for: replacing every "a" would hide nothing and make
// every message unreadable.
const shortestSecret = 4

// Redactor takes known secrets out of text, in clear and URL-escaped.
type Redactor struct{ replacer *strings.Replacer }

// NewRedactor makes a redactor for these secrets.
func NewRedactor(secrets ...Secret) *Redactor {
	var pairs []string
	for _, s := range secrets {
		clear := s.Reveal()
		if len(clear) < shortestSecret {
			continue
		}
		forms := []string{clear}
		for _, escaped := range []string{url.QueryEscape(clear), url.PathEscape(clear)} {
			if escaped != clear {
				forms = append(forms, escaped)
			}
		}
		for _, form := range forms {
			pairs = append(pairs, form, redacted)
		}
	}
	return &Redactor{replacer: strings.NewReplacer(pairs...)}
}

// Text returns s without the secrets.
func (r *Redactor) Text(s string) string {
	if r == nil {
		return s
	}
	return r.replacer.Replace(s)
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

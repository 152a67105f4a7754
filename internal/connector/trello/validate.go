package trello

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// soon is how long before a token's end people are warned.
const soon = 14 * 24 * time.Hour

// Validate implements connector.Connector with the calls that a download makes, and the facts about the token.
func (t *Trello) Validate(ctx context.Context) (connector.Report, error) {
	r := &connector.Checklist{}
	me, err := t.self(ctx)
	if !r.Call(connector.ProcessDownload, err, func() string {
		return fmt.Sprintf("signed in to Trello as %s (%s)", me.FullName, me.Username)
	}) {
		return r.Result(err)
	}
	e, err := t.theEnterprise(ctx)
	if !r.Call(connector.ProcessDownload, err, func() string { return describeEnterprise(e) }) {
		return r.Result(err)
	}
	p, n, err := t.pageByOffset(ctx, e.ID, firstIndex)
	if !r.Call(connector.ProcessDownload, err, func() string { return fmt.Sprintf("the member list is readable, %d on its first page", n) }) {
		return r.Result(err)
	}
	if n > 0 && noMail(p) {
		r.Warn("Trello shows no mail address of any member on the first page; a token with the scope account shows those of managed members")
	}
	if err := t.checkToken(ctx, r, false); err != nil {
		return r.Result(err)
	}
	return r.Result(nil)
}

// Preflight implements connector.Reclaimer: may the token write, does it last, and is its user an admin.
func (t *Trello) Preflight(ctx context.Context) (connector.Report, error) {
	r := &connector.Checklist{}
	me, err := t.self(ctx)
	if !r.Call(connector.ProcessReclaim, err, func() string { return "the credential is good" }) {
		return r.Result(err)
	}
	e, err := t.theEnterprise(ctx)
	if err == nil {
		err = t.checkAdmins(e, me)
	}
	if !r.Call(connector.ProcessReclaim, err, func() string {
		return fmt.Sprintf("%s is an admin of %s", me.Username, e.label())
	}) {
		return r.Result(err)
	}
	if e.linkedToAtlassian() {
		r.Check(connector.ProcessReclaim, true, fmt.Sprintf(
			"%s is linked to an Atlassian organisation; if its licences are managed in Atlassian Administration, Trello will refuse to take them", e.label()))
	}
	return r.Result(t.checkToken(ctx, r, true))
}

// checkToken reads what Trello knows about the token. The token is part of that path; the client keeps it out of logs
// and errors. Whoever only downloads needs no write permission, so there it is a warning.
func (t *Trello) checkToken(ctx context.Context, r *connector.Checklist, mustWrite bool) error {
	var facts tokenFacts
	_, err := t.client.Do(ctx, connector.Request{
		Path:   "/tokens/" + url.PathEscape(t.token.Reveal()),
		Query:  url.Values{"fields": {"idMember,dateExpires,permissions"}},
		Op:     "read the facts about the token",
		Decode: connector.Into(&facts),
	})
	if connector.CannotTell(err) {
		return err
	}
	if err != nil {
		var failure *connector.Error
		if errors.As(err, &failure) && failure.Kind == connector.KindCredentials {
			r.Check(connector.ProcessReclaim, false, err.Error())
			return nil
		}
		r.Warn("Trello did not tell what the token may do and when it expires: " + err.Error())
		return nil
	}
	t.checkExpiry(r, facts.DateExpires)
	switch {
	case facts.mayWrite():
		r.Check(connector.ProcessReclaim, true, "the token may write")
	case mustWrite:
		r.Check(connector.ProcessReclaim, false, adviceReadOnly)
	default:
		r.Warn(adviceReadOnly)
	}
	return nil
}

const adviceReadOnly = "the token is read-only, so it can list members but not reclaim a licence: make a new token with the scopes read,write,account"

func (t *Trello) checkExpiry(r *connector.Checklist, expires *time.Time) {
	if expires == nil {
		return
	}
	const day = "2006-01-02 15:04 UTC"
	switch left := expires.Sub(t.now()); {
	case left <= 0:
		r.Check(connector.ProcessDownload, false, fmt.Sprintf("the token expired on %s: make a new one", expires.UTC().Format(day)))
	case left < soon:
		r.Warn(fmt.Sprintf("the token expires on %s: make a new one before then", expires.UTC().Format(day)))
	}
}

// mayWrite looks for a write permission on enterprises, and for any where Trello lists none on enterprises. Without a
// list nothing can be said, and the write itself will tell.
func (f *tokenFacts) mayWrite() bool {
	write, listed := false, false
	for _, p := range f.Permissions {
		if strings.EqualFold(p.ModelType, "Enterprise") {
			listed = true
			if p.Write {
				return true
			}
		}
		write = write || p.Write
	}
	return len(f.Permissions) == 0 || !listed && write
}

func describeEnterprise(e *enterprise) string {
	text := fmt.Sprintf("the enterprise is %s (%s)", e.label(), e.ID)
	if e.Licenses.TotalMembers == nil {
		return text
	}
	if e.Licenses.MaxMembers == nil {
		return fmt.Sprintf("%s, %d licences used", text, *e.Licenses.TotalMembers)
	}
	return fmt.Sprintf("%s, %d of %d licences used", text, *e.Licenses.TotalMembers, *e.Licenses.MaxMembers)
}

func noMail(p *page) bool {
	for i := range p.members {
		if p.members[i].Member.email() != "" {
			return false
		}
	}
	return true
}

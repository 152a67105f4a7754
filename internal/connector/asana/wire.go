package asana

import (
	"errors"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// The types below hold the fields that are asked for with opt_fields, and no others.

type user struct {
	GID   string `json:"gid"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

type workspace struct {
	GID            string `json:"gid"`
	Name           string `json:"name"`
	IsOrganization bool   `json:"is_organization"`
}

func (w *workspace) label() string {
	if w.Name == "" {
		return w.GID
	}
	return w.Name + " (" + w.GID + ")"
}

// membership is one row of a workspace's memberships. Somebody who was removed and came back has two, one inactive.
type membership struct {
	GID        string    `json:"gid"`
	IsActive   bool      `json:"is_active"`
	IsAdmin    bool      `json:"is_admin"`
	IsGuest    bool      `json:"is_guest"`
	IsViewOnly bool      `json:"is_view_only"`
	CreatedAt  string    `json:"created_at"`
	User       user      `json:"user"`
	Workspace  workspace `json:"workspace"`
}

// principal is the login a person recognises. Without a mail address it is the name with the id, as ServiceNow forms it
// ("Create a subflow to get users").
func (u *user) principal() string {
	switch {
	case u.Email != "":
		return u.Email
	case u.Name != "":
		return u.Name + " (" + u.GID + ")"
	}
	return u.GID
}

// list is a page of any list. NextPage is null on the last one.
type list[T any] struct {
	Data     []T `json:"data"`
	NextPage *struct {
		Offset string `json:"offset"`
	} `json:"next_page"`
}

func (l *list[T]) next() string {
	if l.NextPage == nil {
		return ""
	}
	return l.NextPage.Offset
}

type one[T any] struct {
	Data T `json:"data"`
}

// moment reads one of Asana's times, which are ISO 8601 in UTC with milliseconds. An empty text is the zero time.
func moment(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	return at.UTC(), err
}

// inMilliseconds is a time as Asana writes it.
const inMilliseconds = "2006-01-02T15:04:05.000Z"

func asError(err error) *connector.Error {
	var failure *connector.Error
	if errors.As(err, &failure) {
		return failure
	}
	return nil
}

func badAnswer(op, object, reason string) *connector.Error {
	return &connector.Error{
		Vendor: vendorName, Op: op, Object: object, Kind: connector.KindBadAnswer, Err: errors.New(reason),
		Advice: "Asana's API may have changed; report this with the version of the provider",
	}
}

package trello

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// member is a person as Trello tells it. Every field but the id may be missing.
type member struct {
	ID                       string   `json:"id"`
	Username                 string   `json:"username"`
	FullName                 string   `json:"fullName"`
	Email                    string   `json:"email"`
	MemberEmail              string   `json:"memberEmail"`
	IDEnterprise             string   `json:"idEnterprise"`
	IDEnterprisesAdmin       []string `json:"idEnterprisesAdmin"`
	IDEnterprisesDeactivated []string `json:"idEnterprisesDeactivated"`
	DateLastAccessed         date     `json:"dateLastAccessed"`
	DateLastImpression       date     `json:"dateLastImpression"`
	DateLastActive           date     `json:"dateLastActive"`
	LastActive               date     `json:"lastActive"`
}

// date is a date as Trello writes it. A null says that there is none; a date that is not told says nothing.
type date struct {
	told bool
	text string
}

// UnmarshalJSON implements json.Unmarshaler. It is called for null as well.
func (d *date) UnmarshalJSON(b []byte) error {
	d.told = true
	// Dates are most of what a page holds, so the usual text is taken as it stands.
	if n := len(b); n >= 2 && b[0] == '"' && bytes.IndexByte(b, '\\') < 0 {
		d.text = string(b[1 : n-1])
		return nil
	}
	return json.Unmarshal(b, &d.text)
}

// membership is one entry of members/query.
type membership struct {
	Licensed    *bool  `json:"licensed"`
	Deactivated *bool  `json:"deactivated"`
	LastActive  date   `json:"lastActive"`
	Member      member `json:"member"`
}

type enterprise struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	DisplayName string   `json:"displayName"`
	IDAdmins    []string `json:"idAdmins"`
	// IsAtlassianOrg and AtlOrgID are not in the public documentation; Trello's own web client reads them.
	IsAtlassianOrg bool   `json:"isAtlassianOrg"`
	AtlOrgID       string `json:"atlOrgId"`
	Licenses       struct {
		MaxMembers   *int `json:"maxMembers"`
		TotalMembers *int `json:"totalMembers"`
	} `json:"licenses"`
}

func (e *enterprise) total() int {
	if e.Licenses.TotalMembers == nil {
		return -1
	}
	return *e.Licenses.TotalMembers
}

func (e *enterprise) label() string {
	switch {
	case e.DisplayName != "":
		return e.DisplayName
	case e.Name != "":
		return e.Name
	}
	return e.ID
}

type tokenFacts struct {
	IDMember    string       `json:"idMember"`
	DateExpires *time.Time   `json:"dateExpires"`
	Permissions []permission `json:"permissions"`
}

type permission struct {
	IDModel   string `json:"idModel"`
	ModelType string `json:"modelType"`
	Read      bool   `json:"read"`
	Write     bool   `json:"write"`
}

// email is the mail address, which Trello hides for people whom the enterprise does not manage, and from tokens without
// the account scope.
func (m *member) email() string {
	if m.MemberEmail != "" {
		return m.MemberEmail
	}
	return m.Email
}

// principal is the login a person recognises. Without a mail address it is the name with the id, as ServiceNow forms it
// ("Create a subflow to get users").
func (m *member) principal() string {
	switch {
	case m.email() != "":
		return m.email()
	case m.Username != "":
		return m.Username + " (" + m.ID + ")"
	case m.FullName != "":
		return m.FullName + " (" + m.ID + ")"
	}
	return m.ID
}

// lastActivity is the latest of the dates that Trello gives under different names, the zero time where it knows of none.
// It is not told where Trello gave none of them, not even as null: that is no sign of inactivity. A date that cannot be
// read is an error: taking it for "never seen" could cost the person the licence.
// Further is a date that stands beside the member.
func (m *member) lastActivity(further date) (latest time.Time, told bool, err error) {
	for _, d := range [...]date{further, m.DateLastAccessed, m.DateLastImpression, m.DateLastActive, m.LastActive} {
		told = told || d.told
		if d.text == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, d.text)
		if err != nil {
			return time.Time{}, true, fmt.Errorf("the last-activity date %q of member %s cannot be read", d.text, m.ID)
		}
		if at.After(latest) {
			latest = at
		}
	}
	return latest.UTC(), told, nil
}

// created is when the account was made, which an object id tells in its first eight hexadecimal digits
// (support.atlassian.com/trello/docs/getting-the-time-a-card-or-board-was-created).
func created(id string) time.Time {
	if len(id) != 24 {
		return time.Time{}
	}
	seconds, err := strconv.ParseUint(id[:8], 16, 32)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}

func (m *member) deactivatedIn(enterpriseID string) bool {
	for _, id := range m.IDEnterprisesDeactivated {
		if id == enterpriseID {
			return true
		}
	}
	return false
}

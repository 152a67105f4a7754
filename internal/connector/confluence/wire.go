package confluence

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

// user is a person as Confluence tells it. Every field may be missing.
type user struct {
	Type                   string       `json:"type"`
	AccountID              string       `json:"accountId"`
	AccountType            string       `json:"accountType"`
	Email                  string       `json:"email"`
	PublicName             string       `json:"publicName"`
	DisplayName            string       `json:"displayName"`
	IsGuest                bool         `json:"isGuest"`
	IsExternalCollaborator bool         `json:"isExternalCollaborator"`
	Operations             *[]operation `json:"operations"`
}

type operation struct {
	Operation  string `json:"operation"`
	TargetType string `json:"targetType"`
}

// group of the organisation. ManagedBy is not in the published description of version 1, and sent.
type group struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	ManagedBy string `json:"managedBy"`
}

// external tells whether an identity provider manages the group, so that it cannot be changed here.
func (g group) external() bool { return strings.EqualFold(g.ManagedBy, "EXTERNAL") }

// label names a group for people.
func (g group) label() string {
	if g.Name == "" {
		return g.ID
	}
	return g.Name
}

// links of a page. Base is the site even behind the gateway, so that following base and next would send the token to
// another host; only the position in next is used.
type links struct {
	Base string `json:"base"`
	Next string `json:"next"`
}

// site is the name of the site, the first part of its host.
func (l links) site() string {
	u, err := url.Parse(l.Base)
	if err != nil {
		return ""
	}
	name, _, _ := strings.Cut(u.Hostname(), ".")
	return name
}

// parameter is a parameter of the link to the next page, and whether there is a next page.
func (l links) parameter(name string) (string, bool) {
	_, query, _ := strings.Cut(l.Next, "?")
	values, err := url.ParseQuery(query)
	if l.Next == "" || err != nil {
		return "", l.Next != ""
	}
	return values.Get(name), true
}

type groupPage struct {
	Results []group `json:"results"`
	Links   links   `json:"_links"`
}

type memberPage struct {
	Results   []user `json:"results"`
	TotalSize int    `json:"totalSize"`
	Links     links  `json:"_links"`
}

// next is the offset of the next page, -1 where the page names none.
func (p *memberPage) next() (int, error) {
	text, ok := p.Links.parameter("start")
	if !ok {
		return -1, nil
	}
	return strconv.Atoi(text)
}

type searchPage struct {
	Results   []hit `json:"results"`
	TotalSize int   `json:"totalSize"`
	Links     links `json:"_links"`
}

// hit of a search. A space has no content.
type hit struct {
	LastModified time.Time `json:"lastModified"`
	Content      *struct {
		History struct {
			CreatedBy   author     `json:"createdBy"`
			CreatedDate *time.Time `json:"createdDate"`
		} `json:"history"`
		Version struct {
			By   author     `json:"by"`
			When *time.Time `json:"when"`
		} `json:"version"`
	} `json:"content"`
}

type author struct {
	AccountID string `json:"accountId"`
}

// unknownAccount stands for people who were deleted.
const unknownAccount = "unknown"

// standing is why somebody listed in a group holds a seat or not.
type standing string

const (
	seated     standing = "seat"
	bot        standing = "bot"
	portal     standing = "portal customer"
	invited    standing = "guest"
	unlicensed standing = "without access"
	nameless   standing = "deleted"
)

// standing tells whether a person takes a seat. An account type that is not told is not held against anybody.
func (u *user) standing() standing {
	switch {
	case u.AccountID == "" || u.AccountID == unknownAccount || u.Type == "anonymous" || u.Type == "unknown":
		return nameless
	case u.AccountType == "customer":
		return portal
	case u.AccountType != "" && u.AccountType != "atlassian":
		return bot
	case u.IsGuest || u.IsExternalCollaborator:
		return invited
	case u.Operations != nil && len(*u.Operations) == 0:
		return unlicensed
	}
	return seated
}

func (u *user) fullName() string {
	if u.DisplayName != "" {
		return u.DisplayName
	}
	return u.PublicName
}

// principal is the login a person recognises. Without a mail address it is the name with the id, as ServiceNow forms it.
func (u *user) principal(email string) string {
	switch {
	case email != "":
		return email
	case u.fullName() != "":
		return u.fullName() + " [" + u.AccountID + "]"
	}
	return u.AccountID
}

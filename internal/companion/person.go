package companion

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// UserMark stands for a vendor's user id where the id itself must not be stored: the first 16 hexadecimal digits of its
// SHA-256, salted with the sys_id of the removal candidate. It is empty for no id.
func UserMark(candidate, externalUserID string) string {
	if externalUserID == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(candidate + "\x00" + externalUserID))
	return hex.EncodeToString(sum[:8])
}

// Person is a user of a vendor by all names under which a policy may list them. Unknown names are empty.
type Person struct {
	UserPrincipalName string
	ExternalUserID    string // the vendor's id
	VendorUserName    string // the vendor's own user name
	Mail              string // of the sys_user
	UserName          string // user id of the sys_user
}

// ProtectedBy finds the entry of a list of protected users that names the person; empty where none does. An entry is a
// mail address, a user name or a vendor's user id; case and surrounding space do not matter. Of a user principal name of
// the form "name (id)", which stands in for a hidden mail address, the name alone is enough.
func (p Person) ProtectedBy(list []string) (entry string) {
	names := p.names()
	for _, entry := range list {
		for _, name := range names {
			if name != "" && strings.EqualFold(strings.TrimSpace(entry), name) {
				return entry
			}
		}
	}
	return ""
}

// MayHideFrom tells whether the list names people by mail address while the person's address is not known: then nobody
// can say that the list does not mean this person.
func (p Person) MayHideFrom(list []string) bool {
	for _, name := range p.names() {
		if isAddress(name) {
			return false
		}
	}
	for _, entry := range list {
		if strings.Contains(entry, "@") {
			return true
		}
	}
	return false
}

// isAddress tells a mail address from a name with the sign in it, as people may choose one at a vendor.
func isAddress(name string) bool {
	local, domain, found := strings.Cut(name, "@")
	return found && local != "" && strings.Contains(domain, ".") && !strings.ContainsAny(name, " \t")
}

func (p Person) names() []string {
	names := []string{p.UserPrincipalName, p.ExternalUserID, p.VendorUserName, p.Mail, p.UserName}
	if name, ok := strings.CutSuffix(p.UserPrincipalName, " ("+p.ExternalUserID+")"); ok {
		names = append(names, name)
	}
	return names
}

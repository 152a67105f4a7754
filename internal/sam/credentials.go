package sam

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// Credential is the credential record of a connection. Its secrets cannot be read back.
type Credential struct {
	SysID string // empty where the connection has none
	Name  string
	// Kind is a dictionary.CredentialKind…; empty where the class is not known here. Keys and bearer tokens are kept in one
	// class, so both are CredentialKindAPIKey.
	Kind     string
	Active   bool
	UserName string    // of kind basic
	OAuth    *OAuthApp // of kind oauth
	Meta     Meta      // ModCount grows whenever somebody changes the credential, an OAuth app of it included
}

// CredentialInput is the credential of a connection as it should be. Secrets that are empty leave the stored ones alone.
type CredentialInput struct {
	// SysID names an existing record to change; empty means the one that SaveConnection makes itself.
	SysID string
	Kind  string // dictionary.CredentialKindAPIKey and so on

	APIKey, APIToken   string // of kind api_key
	BearerToken        string // of kind token
	UserName, Password string // of kind basic
	OAuth              OAuthInput
	// AdminKey is the API key of the vendor's organisation, beside the credential itself. Nil leaves it alone, empty removes
	// it.
	AdminKey *string
}

// sendsSecrets tells whether there is a secret to store.
func (in CredentialInput) sendsSecrets() bool {
	return in.APIKey+in.APIToken+in.BearerToken+in.Password+in.OAuth.ClientSecret+in.OAuth.RefreshToken != ""
}

// credentialClasses are the classes of credentials, the most likely first. A class of two kinds is named by the first.
var credentialClasses = []struct {
	table string
	kinds []string
}{
	{dictionary.TableAPIKeyCredential, []string{dictionary.CredentialKindAPIKey, dictionary.CredentialKindToken}},
	{dictionary.TableOAuthCredential, []string{dictionary.CredentialKindOAuth}},
	{dictionary.TableBasicCredential, []string{dictionary.CredentialKindBasic}},
}

// credentialTable is the class of a kind; empty for an unknown one.
func credentialTable(kind string) string {
	for _, class := range credentialClasses {
		if slices.Contains(class.kinds, kind) {
			return class.table
		}
	}
	return ""
}

// ownID depends on the alias alone, so that a run that was killed finds what it made.
func ownID(table, what, aliasSysID string) string {
	return dictionary.SeedID(table, what+" of "+aliasSysID)
}

func ownCredentialID(table, aliasSysID string) string { return ownID(table, "credential", aliasSysID) }

var credentialFields = slices.Concat([]string{dictionary.CredentialName, dictionary.CredentialActive}, metaFields)

// credential finds out which class a credential belongs to, and reads it.
func (a *Aliases) credential(ctx context.Context, sysID string) (Credential, error) {
	if sysID == "" {
		return Credential{}, nil
	}
	for _, class := range credentialClasses {
		fields := credentialFields
		switch class.table {
		case dictionary.TableOAuthCredential:
			fields = append(slices.Clone(fields), dictionary.CredentialAuthEntity)
		case dictionary.TableBasicCredential:
			fields = append(slices.Clone(fields), dictionary.CredentialUserName)
		}
		r, err := a.c.rest.Get(ctx, class.table, sysID, servicenow.ReadOptions{Fields: fields})
		switch {
		case errors.Is(err, ErrNotFound), errors.Is(err, ErrInvalidTable):
			continue
		case err != nil:
			return Credential{SysID: sysID}, fmt.Errorf("read credential %s: %w", sysID, err)
		}
		c := Credential{
			SysID: sysID, Kind: class.kinds[0], Name: r.Get(dictionary.CredentialName), Active: r.Bool(dictionary.CredentialActive),
			UserName: r.Get(dictionary.CredentialUserName), Meta: meta(r),
		}
		if class.table != dictionary.TableOAuthCredential {
			return c, nil
		}
		app, err := a.oauthApp(ctx, r.Get(dictionary.CredentialAuthEntity))
		if err != nil {
			return c, err
		}
		c.OAuth = &app
		c.Meta = c.Meta.with(app.Meta)
		return c, nil
	}
	return Credential{SysID: sysID}, nil
}

// with joins what is known about two records that people take for one.
func (m Meta) with(other Meta) Meta {
	m.ModCount += other.ModCount
	if other.UpdatedOn.After(m.UpdatedOn) {
		m.UpdatedOn, m.UpdatedBy = other.UpdatedOn, other.UpdatedBy
	}
	return m
}

// saveCredential makes the credential and then its secrets.
func (a *Aliases) saveCredential(ctx context.Context, in ConnectionInput) (string, error) {
	table := credentialTable(in.Credential.Kind)
	if table == "" {
		return "", fmt.Errorf("%q is no kind of credential; known are %v", in.Credential.Kind, dictionary.CredentialKinds())
	}
	id := in.Credential.SysID
	if id == "" {
		id = ownCredentialID(table, in.AliasSysID)
	}
	if !in.Credential.sendsSecrets() {
		_, err := a.c.rest.Get(ctx, table, id, servicenow.ReadOptions{Fields: []string{dictionary.SysID}})
		if errors.Is(err, ErrNotFound) {
			return "", fmt.Errorf("%w: the instance has no credential %s any more, and secrets are sent only when their version changes; "+
				"raise the version to send them again", ErrNotFound, id)
		}
		if err != nil {
			return "", err
		}
	}
	values := servicenow.Values{dictionary.CredentialName: in.Name, dictionary.CredentialActive: "true"}
	secrets := servicenow.Values{}
	switch c := in.Credential; c.Kind {
	case dictionary.CredentialKindAPIKey:
		addSecret(secrets, dictionary.CredentialAPIKey, c.APIKey)
		addSecret(secrets, dictionary.CredentialAPIToken, c.APIToken)
	case dictionary.CredentialKindToken:
		addSecret(secrets, dictionary.CredentialBearerToken, c.BearerToken)
	case dictionary.CredentialKindBasic:
		values[dictionary.CredentialUserName] = c.UserName
		addSecret(secrets, dictionary.CredentialPassword, c.Password)
	case dictionary.CredentialKindOAuth:
		profile, err := a.saveOAuthApp(ctx, in, id)
		if err != nil {
			return "", err
		}
		values[dictionary.CredentialAuthEntity] = profile
	}
	if in.Credential.AdminKey != nil {
		secrets[dictionary.CredentialAdminKey] = *in.Credential.AdminKey
	}
	id, err := a.save(ctx, table, id, values)
	if err != nil || len(secrets) == 0 {
		return id, err
	}
	return id, a.c.rest.SetSecret(ctx, table, id, secrets)
}

func addSecret(secrets servicenow.Values, column, value string) {
	if value != "" {
		secrets[column] = value
	}
}

// deleteCredential deletes a credential with what belongs to it. A credential of a class that is not known here stays.
func (a *Aliases) deleteCredential(ctx context.Context, aliasSysID string, c Credential) error {
	table := credentialTable(c.Kind)
	if table == "" || c.SysID == "" {
		return nil
	}
	apps := map[string]string{} // OAuth apps by their profiles
	if table == dictionary.TableOAuthCredential {
		apps[ownID(dictionary.TableOAuthEntityProfile, "profile", aliasSysID)] = ownID(dictionary.TableOAuthEntity, "app", aliasSysID)
		current, err := a.credential(ctx, c.SysID)
		if err != nil {
			return err
		}
		if current.OAuth != nil && current.OAuth.ProfileSysID != "" {
			apps[current.OAuth.ProfileSysID] = current.OAuth.SysID
		}
	}
	if err := a.c.rest.Delete(ctx, table, c.SysID); err != nil {
		return fmt.Errorf("delete credential %s: %w", c.SysID, err)
	}
	for profile, app := range apps {
		if err := a.deleteOAuthApp(ctx, profile, app); err != nil {
			return err
		}
	}
	return nil
}

// deleteOwnOfOtherKinds deletes what SaveConnection made for the alias while the credential was of another kind.
func (a *Aliases) deleteOwnOfOtherKinds(ctx context.Context, aliasSysID, kind string) error {
	for _, class := range credentialClasses {
		if class.table == credentialTable(kind) {
			continue
		}
		id := ownCredentialID(class.table, aliasSysID)
		_, err := a.c.rest.Get(ctx, class.table, id, servicenow.ReadOptions{Fields: []string{dictionary.SysID}})
		switch {
		case errors.Is(err, ErrNotFound), errors.Is(err, ErrInvalidTable):
			continue
		case err != nil:
			return fmt.Errorf("look for the earlier credential %s: %w", id, err)
		}
		if err := a.deleteCredential(ctx, aliasSysID, Credential{SysID: id, Kind: class.kinds[0]}); err != nil {
			return err
		}
	}
	return nil
}

// TokenStatus is how far an OAuth grant is.
type TokenStatus string

// The states of a grant.
const (
	TokenPending    TokenStatus = "pending"    // nobody has consented yet
	TokenAuthorized TokenStatus = "authorized" // there is a grant
	TokenExpired    TokenStatus = "expired"    // there was one, and it ended
)

// Grant is what the instance tells of an OAuth grant: not the tokens, only until when they are good.
type Grant struct {
	Access, Refresh               bool      // whether there is such a token
	AccessExpires, RefreshExpires time.Time // zero where the instance does not say
}

// Status of the grant at a time.
func (g Grant) Status(now time.Time) TokenStatus {
	good := func(is bool, expires time.Time) bool { return is && (expires.IsZero() || expires.After(now)) }
	switch {
	case good(g.Refresh, g.RefreshExpires), good(g.Access, g.AccessExpires):
		return TokenAuthorized
	case g.Refresh || g.Access:
		return TokenExpired
	}
	return TokenPending
}

// Expires is when somebody has to consent again; zero where that is not known.
func (g Grant) Expires() time.Time {
	if g.Refresh {
		return g.RefreshExpires
	}
	return g.AccessExpires
}

// SameCredentialClass tells whether two kinds of credential are kept in the same class of records.
func SameCredentialClass(a, b string) bool { return credentialTable(a) == credentialTable(b) }

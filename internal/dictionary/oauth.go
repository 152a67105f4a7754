package dictionary

// The kinds of credential of a connection.
const (
	CredentialKindAPIKey = "api_key" // TableAPIKeyCredential with key and token
	CredentialKindOAuth  = "oauth"   // TableOAuthCredential, an authorization code grant
	CredentialKindToken  = "token"   // TableAPIKeyCredential whose key is a bearer token
	CredentialKindBasic  = "basic"   // TableBasicCredential
)

// CredentialKinds lists all kinds.
func CredentialKinds() []string {
	return []string{CredentialKindAPIKey, CredentialKindOAuth, CredentialKindToken, CredentialKindBasic}
}

// Where secrets are kept for which ServiceNow has no column of that name. Assumed.
const (
	// CredentialBearerToken keeps a bearer token (TableAPIKeyCredential).
	CredentialBearerToken = CredentialAPIKey
	// CredentialAdminKey keeps the API key of the organisation beside any other credential. Every class of credentials has
	// the column.
	CredentialAdminKey = "authentication_key"
)

// TokenEncoding is how the body of a token request is written.
type TokenEncoding string

// The encodings of token requests.
const (
	TokenForm TokenEncoding = "form" // RFC 6749
	TokenJSON TokenEncoding = "json"
)

// OAuthDefaults is what is fixed about the OAuth grants of a vendor.
type OAuthDefaults struct {
	AuthURL      string // consent page
	TokenURL     string
	Hosts        []string          // hosts that AuthURL and TokenURL may name; loopback is always allowed
	Encoding     TokenEncoding     // of token requests
	Parameters   map[string]string // of the consent page, besides the standard ones
	OfflineScope string            // scope without which there is no refresh token; empty where there always is one
	PKCE         bool              // the vendor takes a code challenge (S256)
	HTTPSOnly    bool              // the redirect URL must be https
	// SitesPath lists the sites that a grant is for, on the host of the connection URL; empty where a grant is for all.
	SitesPath string
	Certainty Certainty
	Source    string
}

// Takes tells whether connections of this type may have a credential of a kind.
func (c ConnectionDefaults) Takes(kind string) bool {
	for _, k := range c.Kinds {
		if k == kind {
			return true
		}
	}
	return false
}

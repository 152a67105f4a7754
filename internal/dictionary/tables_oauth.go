package dictionary

// Tables and columns of OAuth grants. A grant is the rows of TableOAuthToken whose peer is an application registry: one of
// type refresh_token, and one of type access_token with its expiry.
const (
	TableOAuthEntity        = "oauth_entity"
	TableOAuthEntityProfile = "oauth_entity_profile"
	TableOAuthEntityScope   = "oauth_entity_scope"
	TableOAuthToken         = "oauth_credential"

	OAuthEntityName      = "name"
	OAuthClientID        = "client_id"
	OAuthClientSecret    = "client_secret"
	OAuthGrantType       = "default_grant_type"
	OAuthAuthURL         = "auth_url"
	OAuthTokenURL        = "token_url"
	OAuthRedirectURL     = "redirect_url"
	OAuthSendCredentials = "send_client_credentials_as"
	OAuthProfileName     = "name"
	OAuthProfileEntity   = "oauth_entity"
	OAuthProfileGrant    = "grant_type"
	OAuthTokenType       = "type"
	OAuthTokenPeer       = "peer"
	OAuthTokenExpires    = "expires"
	OAuthTokenValue      = "token"

	OAuthAuthorizationCode  = "authorization_code"
	OAuthAccessToken        = "access_token"
	OAuthRefreshToken       = "refresh_token"
	OAuthCredentialsInBasic = "basic_authorization_header"
)

const sourceOAuth = "KB3066264; @servicenow/glide typings of oauth_entity"

func oauthTables() []Table {
	grants := []ChoiceValue{
		{"authorization_code", "Authorization Code", Code}, {"client_credentials", "Client Credentials", Code},
		{"urn:ietf:params:oauth:grant-type:jwt-bearer", "JWT Bearer", Code}, {"password", "Resource Owner Password Credentials", Code},
	}
	return []Table{
		{
			Name: "oauth_entity", Label: "Application Registry", Metadata: true, Display: "name", Certainty: Doc, Source: sourceOAuth,
			Columns: []Column{
				text("name", "Name", Code, sourceOAuth, mandatory()),
				text("type", "Type", Code, sourceOAuth),
				text("client_id", "Client ID", Code, sourceOAuth),
				secret("client_secret", "Client Secret", Code, sourceOAuth),
				choice("default_grant_type", "Default grant type", Code, sourceOAuth, grants, initially("authorization_code")),
				address("auth_url", "Authorization URL", Code, sourceOAuth),
				address("token_url", "Token URL", Code, sourceOAuth),
				address("revoke_token_url", "Token revocation URL", Code, sourceOAuth),
				address("redirect_url", "Redirect URL", Code, sourceOAuth),
				choice("code_challenge_method", "Code challenge method", Code, sourceOAuth, labelsAsValues(Code, "S256")),
				boolean("public_client", "Public client", Code, sourceOAuth),
				boolean("use_mutual_auth", "Use mutual authentication", Code, sourceOAuth),
				text("oauth_api_script", "OAuth API script", Code, sourceOAuth),
				choice("send_client_credentials_as", "Send credentials", Code, sourceOAuth,
					choices(Code, "basic_authorization_header", "As Basic Authorization Header", "request_body_parameter", "In Request Body (Form URL-Encoded)")),
				integer("access_token_lifespan", "Access token lifespan", Code, sourceOAuth+"; seconds"),
				integer("refresh_token_lifespan", "Refresh token lifespan", Code, sourceOAuth+"; seconds", initially("8640000")),
				boolean("active", "Active", Code, sourceOAuth, initially("true")),
			},
		},
		{
			Name: "oauth_entity_profile", Label: "OAuth Entity Profile", Metadata: true, Display: "name", Certainty: Doc, Source: sourceOAuth,
			Columns: []Column{
				text("name", "Name", Code, sourceOAuth, mandatory()),
				reference("oauth_entity", "OAuth provider", "oauth_entity", Code, sourceOAuth),
				choice("grant_type", "Grant type", Code, sourceOAuth, grants),
				boolean("default", "Is default", Code, sourceOAuth),
				text("jwt_provider", "JWT provider", Code, sourceOAuth),
			},
		},
		{
			Name: "oauth_entity_scope", Label: "OAuth Entity Scope", Metadata: true, Display: "name", Certainty: Doc, Source: sourceOAuth,
			Columns: []Column{
				text("name", "Name", Code, sourceOAuth),
				text("oauth_entity_scope", "OAuth scope", Code, sourceOAuth),
				reference("oauth_entity", "OAuth provider", "oauth_entity", Code, sourceOAuth),
			},
		},
		{
			Name: "oauth_entity_profile_scope", Label: "OAuth Entity Profile Scope", Metadata: true, Certainty: Doc, Source: sourceOAuth,
			Columns: []Column{
				reference("oauth_entity_profile", "OAuth entity profile", "oauth_entity_profile", Assumed, "many-to-many table; column names are assumed"),
				reference("oauth_entity_scope", "OAuth entity scope", "oauth_entity_scope", Assumed, "many-to-many table; column names are assumed"),
			},
		},
		{
			Name: "oauth_credential", Label: "OAuth Token", Certainty: Code, Source: sourceOAuth,
			Columns: []Column{
				choice("type", "Type", Code, sourceOAuth, choices(Code, "access_token", "Access Token", "refresh_token", "Refresh Token")),
				reference("peer", "Peer", "oauth_entity", Code, sourceOAuth+"; the table it points to is assumed"),
				reference("user", "User", TableUser, Code, sourceOAuth),
				dateTime("expires", "Expires", Code, sourceOAuth),
				secret("token", "Token", Code, sourceOAuth),
			},
		},
	}
}

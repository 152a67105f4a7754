// Package connection is what connection_alias and child_alias have in common: the attributes of a connection and its
// credential, how they are planned, and how they are saved and read.
package connection

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// Model is embedded in the model of a resource that has a connection. The secrets are write-only: null in plan and state,
// read from the configuration alone.
type Model struct {
	ConnectionName types.String `tfsdk:"connection_name"`
	ConnectionURL  types.String `tfsdk:"connection_url"`
	Active         types.Bool   `tfsdk:"active"`
	ConnectionID   types.String `tfsdk:"connection_id"`
	CredentialID   types.String `tfsdk:"credential_id"`
	APIKey         *APIKey      `tfsdk:"api_key"`
	OAuth          *OAuth       `tfsdk:"oauth"`
	Token          *Token       `tfsdk:"token"`
	Basic          *Basic       `tfsdk:"basic"`
	AdminAPIKey    *AdminAPIKey `tfsdk:"admin_api_key"`
}

// APIKey is an API key with an API token.
type APIKey struct {
	Key          types.String `tfsdk:"key_wo"`
	KeyVersion   types.Int64  `tfsdk:"key_wo_version"`
	Token        types.String `tfsdk:"token_wo"`
	TokenVersion types.Int64  `tfsdk:"token_wo_version"`
}

// OAuth is an OAuth 2.0 app whose grant somebody consents to.
type OAuth struct {
	ClientID            types.String `tfsdk:"client_id"`
	ClientSecret        types.String `tfsdk:"client_secret_wo"`
	ClientSecretVersion types.Int64  `tfsdk:"client_secret_wo_version"`
	RefreshToken        types.String `tfsdk:"refresh_token_wo"`
	RefreshTokenVersion types.Int64  `tfsdk:"refresh_token_wo_version"`
	AuthorizationURL    types.String `tfsdk:"authorization_url"`
	TokenURL            types.String `tfsdk:"token_url"`
	RedirectURL         types.String `tfsdk:"redirect_url"`
	TokenStatus         types.String `tfsdk:"token_status"`
	ExpiresAt           types.String `tfsdk:"expires_at"`
}

// Token is a bearer token that does not change.
type Token struct {
	Token        types.String `tfsdk:"token_wo"`
	TokenVersion types.Int64  `tfsdk:"token_wo_version"`
}

// Basic is basic authentication.
type Basic struct {
	Username        types.String `tfsdk:"username"`
	Password        types.String `tfsdk:"password_wo"`
	PasswordVersion types.Int64  `tfsdk:"password_wo_version"`
}

// AdminAPIKey is an API key of the vendor's organisation, beside the credential itself.
type AdminAPIKey struct {
	Key        types.String `tfsdk:"key_wo"`
	KeyVersion types.Int64  `tfsdk:"key_wo_version"`
}

// Attributes are the attributes of Model.
func Attributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"connection_name": schema.StringAttribute{
			Optional: true,
			Computed: true,
			MarkdownDescription: "Name of the connection, unique per instance. Default: what the vendor's dialog proposes, " +
				"else the name of the alias.",
			Validators: tfkit.Name(100),
		},
		"connection_url": schema.StringAttribute{
			Optional: true,
			Computed: true,
			MarkdownDescription: "Base URL of the vendor's API. Default: the vendor's own, where it is the same for everybody: " +
				"`https://api.trello.com/` for Trello, `https://app.asana.com` for Asana. Confluence has one per site: " +
				"`https://api.atlassian.com/ex/confluence/<Cloud-ID>`, and the function `cloud_id` finds the id. Only the vendor's " +
				"hosts over `https` are accepted, and the loopback for tests, so that the credential is sent nowhere else.",
			Validators: []validator.String{stringvalidator.LengthBetween(1, 1024)},
		},
		"active": schema.BoolAttribute{
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(true),
			MarkdownDescription: "Whether the connection is active (default `true`). A profile needs an active connection.",
		},
		"connection_id": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "The `sys_id` of the connection (`http_connection`).",
		},
		"credential_id": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "The `sys_id` of the credential.",
		},
		"api_key": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "API key and API token, as Trello uses them. At the vendor the token must belong to a Trello " +
				"Enterprise admin; the scopes it needs depend on the profile's toggles (`required_permissions` of the profile). " +
				"Exactly one of `api_key`, `oauth`, `token` and `basic`.",
			Attributes: map[string]schema.Attribute{
				"key_wo":           secret("API key."),
				"key_wo_version":   version("Version of the key. A new version sends key and token again."),
				"token_wo":         secret("API token."),
				"token_wo_version": version("Version of the token. A new version sends key and token again."),
			},
		},
		"oauth": oauthAttribute(),
		"token": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "A bearer token that does not change: an Asana personal access token of an admin or a service " +
				"account's token, or the API token of an Atlassian service account.",
			Attributes: map[string]schema.Attribute{
				"token_wo":         secret("The token."),
				"token_wo_version": version("Version of the token. A new version sends it again."),
			},
		},
		"basic": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "A person's mail address with an API token, as Confluence takes it.",
			Attributes: map[string]schema.Attribute{
				"username": schema.StringAttribute{
					Required:            true,
					MarkdownDescription: "User name; for Atlassian the mail address of the account.",
					Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
				},
				"password_wo":         secret("Password; for Atlassian the API token."),
				"password_wo_version": version("Version of the password. A new version sends it again."),
			},
		},
		"admin_api_key": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "An API key of the Atlassian organisation, beside the credential itself, for Confluence: it tells " +
				"the mail addresses that people hide, and when they last visited (`vendor_config.confluence.activity_source = " +
				"\"admin\"`).",
			Attributes: map[string]schema.Attribute{
				"key_wo":         secret("The key."),
				"key_wo_version": version("Version of the key. A new version sends it again."),
			},
		},
	}
}

func oauthAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "An OAuth 2.0 app of your own at the vendor. After the first apply somebody consents once, with " +
			"`terraform-provider-servicenowsam authorize --alias ID`; the next apply publishes the profile.",
		Attributes: map[string]schema.Attribute{
			"client_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Client id of the app.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"client_secret_wo":         secret("Client secret of the app."),
			"client_secret_wo_version": version("Version of the client secret. A new version sends it again."),
			"refresh_token_wo": schema.StringAttribute{
				Optional:  true,
				Sensitive: true,
				WriteOnly: true,
				MarkdownDescription: "A refresh token that somebody obtained elsewhere, instead of a consent. It is stored and " +
					"rotates from then on, so give it to nobody else. Write-only: give it from an ephemeral variable.",
				Validators: []validator.String{
					stringvalidator.LengthAtLeast(1),
					stringvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName("refresh_token_wo_version")),
				},
			},
			"refresh_token_wo_version": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: "Version of the refresh token. A new version sends it again, and replaces the grant that there " +
					"is.",
			},
			"authorization_url": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "The vendor's consent page. Default: the vendor's own.",
			},
			"token_url": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "The vendor's token endpoint. Default: the vendor's own.",
			},
			"redirect_url": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Where the consent ends; register it with the app. Default: `/oauth_redirect.do` of the " +
					"ServiceNow instance; for the embedded instance `http://localhost:8765/oauth_redirect.do`, or with `https` where " +
					"the vendor demands that (Asana).",
			},
			"token_status": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "`pending` until somebody consented, then `authorized`; `expired` when somebody has to consent " +
					"again.",
			},
			"expires_at": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "When somebody has to consent again (RFC 3339, UTC); null where the vendor does not say.",
			},
		},
	}
}

func secret(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Required:            true,
		Sensitive:           true,
		WriteOnly:           true,
		MarkdownDescription: description + " Write-only: give it from an ephemeral variable.",
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
	}
}

func version(description string) schema.Int64Attribute {
	return schema.Int64Attribute{Required: true, MarkdownDescription: description}
}

// ConfigValidator accepts exactly one credential.
func ConfigValidator() resource.ConfigValidator {
	return resourcevalidator.ExactlyOneOf(
		path.MatchRoot("api_key"), path.MatchRoot("oauth"), path.MatchRoot("token"), path.MatchRoot("basic"))
}

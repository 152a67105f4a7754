package connection

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// FromAPI maps what the instance holds. Versions of secrets stay as they are; a credential that somebody replaced by one
// of another kind is forgotten, so that the next plan shows it.
func (m *Model) FromAPI(c sam.Connection, now time.Time) {
	m.ConnectionID = tfkit.StringOrNull(c.SysID)
	m.CredentialID = tfkit.StringOrNull(c.Credential.SysID)
	m.ConnectionName = tfkit.StringOrNull(c.Name)
	m.ConnectionURL = tfkit.StringOrNull(withoutSecrets(c.URL))
	m.Active = types.BoolNull()
	if c.SysID != "" {
		m.Active = types.BoolValue(c.Active)
	}
	if kind := c.Credential.Kind; kind != "" && m.Kind() != "" && !sam.SameCredentialClass(kind, m.Kind()) {
		m.APIKey, m.OAuth, m.Token, m.Basic, m.AdminAPIKey = nil, nil, nil, nil, nil
	}
	if m.Basic != nil && c.Credential.SysID != "" {
		m.Basic.Username = tfkit.StringOrNull(c.Credential.UserName)
	}
	if app := c.Credential.OAuth; m.OAuth != nil && app != nil {
		m.OAuth.ClientID = tfkit.StringOrNull(app.ClientID)
		m.OAuth.AuthorizationURL = tfkit.StringOrNull(app.AuthorizationURL)
		m.OAuth.TokenURL = tfkit.StringOrNull(app.TokenURL)
		m.OAuth.RedirectURL = tfkit.StringOrNull(app.RedirectURL)
		m.OAuth.TokenStatus = types.StringValue(string(app.Grant.Status(now)))
		m.OAuth.ExpiresAt = tfkit.TimeOrNull(app.Grant.Expires())
	}
}

// credentialPin is the version of the credential record that we know. Another one means that somebody changed it.
type credentialPin struct {
	SysID    string `json:"sys_id"`
	ModCount int    `json:"sys_mod_count"`
}

var pinnedCredential = tfkit.Pin[credentialPin]{Key: "credential"}

func pinOf(c sam.Credential) credentialPin {
	return credentialPin{SysID: c.SysID, ModCount: c.Meta.ModCount}
}

// PinCredential remembers the credential as we know it.
func PinCredential(ctx context.Context, private tfkit.PrivateWriter, c sam.Credential) diag.Diagnostics {
	return pinnedCredential.Save(ctx, private, pinOf(c))
}

// PinSaved remembers a saved credential, unless somebody else had changed the one before and its secrets were not sent
// again: that is still to be told.
func PinSaved(ctx context.Context, known tfkit.PrivateReader, private tfkit.PrivateWriter, s Saved) diag.Diagnostics {
	pin, _, diags := pinnedCredential.Load(ctx, known)
	if s.Sent || pin == pinOf(s.Before) {
		diags.Append(PinCredential(ctx, private, s.Credential)...)
	}
	return diags
}

// CheckCredential warns of a credential that somebody else changed. It is no diff: the secrets cannot be read back, so
// nobody can tell whether they differ.
func (m Model) CheckCredential(
	ctx context.Context, known tfkit.PrivateReader, private tfkit.PrivateWriter, what string, current sam.Credential,
) diag.Diagnostics {
	pin, pinned, diags := pinnedCredential.Load(ctx, known)
	if diags.HasError() || current.SysID == "" {
		return diags
	}
	if !pinned {
		return PinCredential(ctx, private, current)
	}
	if pin != pinOf(current) {
		diags.AddWarning("The credential was changed outside of Terraform", fmt.Sprintf(
			"The credential record %s of the %s was changed by %q at %s. Its secrets cannot be read back, so Terraform cannot "+
				"tell whether they differ from the configured ones. %s",
			current.SysID, what, current.Meta.UpdatedBy, tfkit.TimeOrNull(current.Meta.UpdatedOn).ValueString(), m.sendAgain()))
	}
	return diags
}

func (m Model) sendAgain() string {
	switch m.Kind() {
	case dictionary.CredentialKindAPIKey:
		return "To send the configured key and token again, raise api_key.key_wo_version or api_key.token_wo_version."
	case dictionary.CredentialKindOAuth:
		return "To send the configured client secret again, raise oauth.client_secret_wo_version."
	case dictionary.CredentialKindToken:
		return "To send the configured token again, raise token.token_wo_version."
	case dictionary.CredentialKindBasic:
		return "To send the configured password again, raise basic.password_wo_version."
	}
	return ""
}

// WarnExpired tells of a grant that has ended, before a refresh fails because of it.
func (m Model) WarnExpired(what, aliasID, databasePath string) diag.Diagnostic {
	if m.OAuth == nil || m.OAuth.TokenStatus.ValueString() != string(sam.TokenExpired) {
		return nil
	}
	how := "choose Get OAuth Token on the alias"
	if databasePath != "" {
		how = fmt.Sprintf("run on this machine:\n\n  terraform-provider-servicenowsam authorize --alias %s --database sqlite:%s", aliasID, databasePath)
	}
	return diag.NewWarningDiagnostic("An OAuth grant has expired", fmt.Sprintf(
		"The grant of the %s has ended, so refreshes and reclaims will fail. As a person with the rights at the vendor, %s", what, how))
}

// withoutSecrets leaves out what of a connection URL may hold secrets, such as a token in its query, so that none reaches the
// state. The difference to the configuration shows in the next plan.
func withoutSecrets(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	if u.User == nil && !strings.ContainsAny(raw, "?#") {
		return raw
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = nil, "", false, "", ""
	return u.String()
}

package connectionalias

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

const credentialKind = "api_key"

// object names the alias in diagnostics.
func object(m model) string {
	for _, name := range []types.String{m.AliasID, m.Adopt, m.Name, m.ID} {
		if name.ValueString() != "" {
			return fmt.Sprintf("connection alias %q", name.ValueString())
		}
	}
	return "connection alias"
}

// secret is the credential in the configuration, the only place where write-only values are.
func (m model) secret() *sam.APIKey {
	if m.APIKey == nil {
		return nil
	}
	return &sam.APIKey{Key: m.APIKey.Key.ValueString(), Token: m.APIKey.Token.ValueString()}
}

// sendsSecret tells whether this plan sends key and token: a version moved, or there is no credential to keep.
func (m model) sendsSecret(state model) bool {
	return state.CredentialID.IsNull() || state.APIKey == nil ||
		!m.APIKey.KeyVersion.Equal(state.APIKey.KeyVersion) || !m.APIKey.TokenVersion.Equal(state.APIKey.TokenVersion)
}

// fromAPI maps what the instance holds. After an import nothing says whether the alias was adopted or made: an alias that
// the catalogue knows is shipped by a spoke, so it was adopted.
func (m *model) fromAPI(alias sam.Alias, connection sam.Connection, family dictionary.ReleaseFamily) {
	if m.Adopt.IsNull() && m.Name.IsNull() {
		if _, shipped := profileTypeOfAlias(family, alias.ID); shipped {
			m.Adopt = types.StringValue(alias.ID)
		} else {
			m.Name = types.StringValue(alias.Name)
		}
	}
	m.AliasID = types.StringValue(alias.ID)
	m.Type = tfkit.StringOrNull(alias.Type)
	m.ConnectionID = tfkit.StringOrNull(connection.SysID)
	m.CredentialID = tfkit.StringOrNull(connection.Credential.SysID)
	m.ConnectionName = tfkit.StringOrNull(connection.Name)
	m.ConnectionURL = tfkit.StringOrNull(connection.URL)
	m.Active = types.BoolNull()
	if connection.SysID != "" {
		m.Active = types.BoolValue(connection.Active)
	}
}

// profileTypeOfAlias finds the profile type whose spoke ships an alias.
func profileTypeOfAlias(family dictionary.ReleaseFamily, id string) (dictionary.ProfileType, bool) {
	for _, t := range dictionary.ProfileTypes(family) {
		if t.ParentAlias == id && id != "" {
			return t, true
		}
		for _, v := range t.AliasRule {
			if v.Alias == id && id != "" {
				return t, true
			}
		}
	}
	return dictionary.ProfileType{}, false
}

package acctest

import (
	"fmt"
	"strings"
)

// ProviderBlock is the provider block of this world's embedded instance; inner is added to it.
func (w *World) ProviderBlock(inner ...string) string {
	return fmt.Sprintf("provider \"servicenowsam\" {\n  embedded = { database_url = %q }\n%s\n}\n",
		w.DatabaseURL(), strings.Join(inner, "\n"))
}

// Credential is the api_key attribute with the double's key and token.
func (w *World) Credential() string { return w.CredentialVersion(1) }

// CredentialVersion is Credential with another version of both secrets.
func (w *World) CredentialVersion(version int) string {
	return fmt.Sprintf("  api_key = {\n    key_wo = %q\n    key_wo_version = %d\n    token_wo = %q\n    token_wo_version = %d\n  }\n",
		w.Double.Key(), version, w.Double.Token(), version)
}

// Alias is a connection_alias "trello" that adopts the spoke's alias and connects to the double; inner is added to it.
func (w *World) Alias(inner ...string) string {
	return fmt.Sprintf("resource \"servicenowsam_connection_alias\" \"trello\" {\n  adopt = \"sn_trello_spoke.Trello_Alias\"\n"+
		"  connection_url = %q\n%s%s\n}\n", w.Double.URL, w.Credential(), strings.Join(inner, "\n"))
}

// Profile is an integration_profile "trello" over Alias; inner is added to it.
func (w *World) Profile(inner ...string) string {
	return "resource \"servicenowsam_integration_profile\" \"trello\" {\n  display_name = \"Trello\"\n" +
		"  profile_type = \"trello_enterprise_subscription\"\n" +
		"  connection_alias_id = servicenowsam_connection_alias.trello.id\n" + strings.Join(inner, "\n") + "\n}\n"
}

// Sync is a subscription_sync "trello" of Profile; inner is added to it.
func (w *World) Sync(inner ...string) string {
	return "resource \"servicenowsam_subscription_sync\" \"trello\" {\n" +
		"  profile_id = servicenowsam_integration_profile.trello.id\n" + strings.Join(inner, "\n") + "\n}\n"
}

// Reclamation is a license_reclamation "trello" of Profile, which waits for Sync; inner is added to it.
func (w *World) Reclamation(inner ...string) string {
	return "resource \"servicenowsam_license_reclamation\" \"trello\" {\n" +
		"  profile_id = servicenowsam_subscription_sync.trello.profile_id\n" + strings.Join(inner, "\n") + "\n}\n"
}

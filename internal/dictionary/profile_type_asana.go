package dictionary

// Asana's alias, template and identifier.
const (
	AsanaAlias      = "sn_asana_spoke.Asana"
	AsanaTemplate   = "Asana"
	AsanaIdentifier = "Asana"
)

func asanaType(family ReleaseFamily) ProfileType {
	const role = "admin"
	scopes := []string{"default"}
	t := ProfileType{
		Value:           TypeAsana,
		Label:           "Asana Subscription",
		Vendor:          VendorAsana,
		CoreChoice:      "Asana Integration Profile",
		WorkspaceChoice: "Asana",
		Publisher:       "Asana",
		Product:         "Asana",
		Identifier:      AsanaIdentifier,
		SpokeScope:      "sn_asana_spoke",
		SpokeVersion:    "1.0.3",
		SpokeName:       "Asana Spoke",
		Subflows: map[Process]string{
			ProcessDownload: "Asana Download Subscriptions",
			ProcessActivity: "Asana Update User Activity",
			ProcessReclaim:  "Asana Reclaim Subscription",
		},
		AliasRule: []AliasVariant{{Alias: AsanaAlias, Template: AsanaTemplate}},
		Permissions: []Permission{
			{Process: ProcessDownload, Role: role, Scopes: scopes},
			{Process: ProcessActivity, Role: role, Scopes: scopes},
			{Process: ProcessReclaim, Role: role, Scopes: scopes},
		},
		Connection: ConnectionDefaults{
			Name:           "Asana",
			URL:            "https://app.asana.com",
			Hosts:          []string{"app.asana.com"},
			CredentialKind: CredentialKindOAuth,
			Kinds:          []string{CredentialKindOAuth, CredentialKindToken},
			Fields:         []string{"Client ID", "Client Secret", "OAuth Redirect URL"},
		},
		OAuth: &OAuthDefaults{
			AuthURL:   "https://app.asana.com/-/oauth_authorize",
			TokenURL:  "https://app.asana.com/-/oauth_token",
			Hosts:     []string{"app.asana.com"},
			Encoding:  TokenForm,
			PKCE:      true,
			HTTPSOnly: true,
			Certainty: Doc,
			Source:    "developers.asana.com/docs/oauth",
		},
		ActivitySubflow: true,
		ActivityMeans: "task or subtask created, completed, assigned, moved between projects or commented on, or a story created; " +
			"any one of them counts",
		ReclaimEffect: "The user is removed from the Asana organisation and loses all access. Their tasks stay without an assignee, and " +
			"what they owned goes to the token's user or, with a service account, to whom the organisation's settings name. Private " +
			"items stay reachable only if they were made public before.",
		RestoreEffect: "The user is added to the organisation again, if a seat is free, and may have to accept an invitation. Assignments, " +
			"ownership and memberships of teams and projects do not come back.",
		RestoreByHand: "Invite the person in Asana's admin console, with a seat that is free.",
		LookbackDays:  defaultLookbackDays,
		ThresholdDays: DefaultThresholdDays,
		Toggles:       hasToggles(family),
		Certainty:     Doc,
		Source:        "integrate-with-asana.md, asana-spoke.md, reclamation-rules.md; stored value, template name and identifier are assumed",
	}
	if family == WashingtonDC {
		t.Subflows[ProcessActivity] = "Asana Update User Activity Subflow"
		t.Subflows[ProcessReclaim] = "Asana Reclaim Subscriptions"
	}
	return t
}

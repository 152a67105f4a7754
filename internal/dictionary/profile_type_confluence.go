package dictionary

// Confluence's aliases. The application scope of the spoke is misspelt in the aliases, consistently; its role is not.
const (
	ConfluenceParentAlias     = "sn_conflunce_spoke.Confluence_Cloud"
	confluenceAlias           = "sn_conflunce_spoke.confluence_subscription"
	confluenceAliasActivity   = "sn_conflunce_spoke.confluence_subscription_activity"
	confluenceAliasReclaim    = "sn_conflunce_spoke.confluence_subscription_reclaim"
	confluenceAliasBoth       = "sn_conflunce_spoke.confluence_subscription_activity_reclaim"
	confluenceTemplateClassic = "SAM SaaS Confluence Cloud"
	ConfluenceIdentifier      = "Confluence Cloud"
)

func confluenceType(family ReleaseFamily) ProfileType {
	const userRole, siteAdmin = "user role for the Confluence product", "site admin"
	t := ProfileType{
		Value:           TypeConfluence,
		Label:           "Confluence Cloud Subscription",
		Vendor:          VendorConfluence,
		CoreChoice:      "Confluence Cloud Integration Profile",
		WorkspaceChoice: "Confluence Cloud",
		Publisher:       "Atlassian",
		Product:         "Confluence Cloud",
		Identifier:      ConfluenceIdentifier,
		SpokeScope:      "sn_conflunce_spoke",
		SpokeVersion:    "2.1.1",
		SpokeName:       "Confluence Cloud Spoke",
		SpokeRole:       "sn_confluence_spoke.confluence_cloud_admin",
		Subflows: map[Process]string{
			ProcessDownload: "Confluence Cloud Download Subscriptions",
			ProcessActivity: "Confluence Cloud Update User Activity",
			ProcessReclaim:  "Confluence Cloud Reclaim Subscription",
		},
		AliasRule: []AliasVariant{
			{DownloadActivity: true, Reclaim: true, Alias: confluenceAliasBoth, Template: "Confluence Subscription Activity and Reclaim"},
			{DownloadActivity: true, Reclaim: false, Alias: confluenceAliasActivity, Template: "Confluence Subscription and Activity"},
			{DownloadActivity: false, Reclaim: true, Alias: confluenceAliasReclaim, Template: "Confluence Subscription and Reclaim"},
			{DownloadActivity: false, Reclaim: false, Alias: confluenceAlias, Template: "Confluence Subscription"},
		},
		ParentAlias: ConfluenceParentAlias,
		Permissions: []Permission{
			{Process: ProcessDownload, Role: userRole, Scopes: []string{"read:confluence-groups", "read:confluence-user"}},
			{Process: ProcessActivity, Role: userRole, Scopes: []string{"search:confluence"}, NotWith: "activity_source=admin"},
			{Process: ProcessReclaim, Role: siteAdmin, Scopes: []string{"read:confluence-groups", "write:confluence-groups"}},
		},
		Connection: ConnectionDefaults{
			Name:           "Confluence Cloud",
			URL:            "https://api.atlassian.com/ex/confluence/<Cloud-ID>",
			Hosts:          []string{"api.atlassian.com", "*.atlassian.net"},
			CredentialKind: CredentialKindOAuth,
			Kinds:          []string{CredentialKindOAuth, CredentialKindToken, CredentialKindBasic},
			Fields:         []string{"OAuth Client ID", "OAuth Client Secret", "OAuth Redirect URL"},
		},
		OAuth: &OAuthDefaults{
			AuthURL:      "https://auth.atlassian.com/authorize",
			TokenURL:     "https://auth.atlassian.com/oauth/token",
			Hosts:        []string{"auth.atlassian.com"},
			Encoding:     TokenJSON,
			Parameters:   map[string]string{"audience": "api.atlassian.com", "prompt": "consent"},
			OfflineScope: "offline_access",
			SitesPath:    "/oauth/token/accessible-resources",
			Certainty:    Doc,
			Source:       "developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps",
		},
		ActivitySubflow: true,
		ActivityMeans:   "space, page, blog post, comment or attachment created or updated; any one of them counts",
		ReclaimEffect: "The user is removed from the Confluence groups chosen for the profile and loses access to the site, and to " +
			"whatever else these groups give, such as Jira. What the user wrote stays.",
		RestoreEffect: "The user is put back into exactly the groups that were taken, if a seat is free, and has access again. A group " +
			"that was deleted, or that an identity provider manages by now, cannot be given back.",
		RestoreByHand: "Put the person back into the groups that give access to Confluence, at https://admin.atlassian.com.",
		LookbackDays:  defaultLookbackDays,
		ThresholdDays: DefaultThresholdDays,
		Toggles:       hasToggles(family),
		Certainty:     Doc,
		Source: "integrate-with-confluence-cloud.md, confluence-cloud-spoke.md, reclamation-rules.md; stored value, connection name " +
			"and identifier are assumed",
	}
	if family == WashingtonDC {
		t.AliasRule = []AliasVariant{{Alias: ConfluenceParentAlias, Template: confluenceTemplateClassic}}
		t.ParentAlias = ""
		t.Connection.URL = "https://api.atlassian.com"
	}
	return t
}

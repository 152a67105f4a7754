package dictionary

// Trello's alias, template and the identifier that its subscriptions carry. Trello tells no plan per user, so the
// identifier is a constant.
const (
	TrelloAlias      = "sn_trello_spoke.Trello_Alias"
	TrelloTemplate   = "Trello"
	TrelloIdentifier = "Trello Enterprise"
)

// The scopes of a Trello token.
const (
	TrelloScopeRead    = "read"
	TrelloScopeWrite   = "write"
	TrelloScopeAccount = "account" // mail addresses of members
)

func trelloType(family ReleaseFamily) ProfileType {
	const role = "Product admin"
	return ProfileType{
		Value:           TypeTrello,
		Label:           "Trello Enterprise Subscription",
		Vendor:          VendorTrello,
		CoreChoice:      "Trello Enterprise Integration Profile",
		WorkspaceChoice: "Trello Enterprise",
		Publisher:       "Atlassian",
		Product:         "Trello Enterprise",
		Identifier:      TrelloIdentifier,
		SpokeScope:      "sn_trello_spoke",
		SpokeVersion:    "1.5.0",
		SpokeName:       "Trello Spoke",
		SpokeRole:       "sn_trello_spoke.trello_admin",
		Subflows: map[Process]string{
			ProcessDownload: "Trello Download Subscriptions",
			ProcessReclaim:  "Trello Reclaim Subscription",
		},
		AliasRule: []AliasVariant{{Alias: TrelloAlias, Template: TrelloTemplate}},
		Permissions: []Permission{
			{Process: ProcessDownload, Role: role, Scopes: []string{TrelloScopeRead, TrelloScopeAccount}},
			{Process: ProcessActivity, Role: role, Scopes: []string{TrelloScopeRead, TrelloScopeAccount}},
			{Process: ProcessReclaim, Role: role, Scopes: []string{TrelloScopeRead, TrelloScopeWrite}},
		},
		Connection: ConnectionDefaults{
			Name:           "Trello",
			URL:            "https://api.trello.com/",
			Hosts:          []string{"api.trello.com"},
			CredentialKind: CredentialKindAPIKey,
			Kinds:          []string{CredentialKindAPIKey},
			Fields:         []string{"API Key", "API Token"},
		},
		ActivitySubflow: false,
		ActivityMeans:   "user login",
		ReclaimEffect: "The user loses the Trello Enterprise licence and is deactivated in the enterprise. The account stays and can " +
			"log in, but boards and cards of the enterprise are closed to it.",
		RestoreEffect: "The user gets the licence back and is active in the enterprise again, if a seat is free and they have not left " +
			"the enterprise. Boards and cards that they were a member of may need a new invitation.",
		RestoreByHand: "Give the person a licence in Trello's enterprise dashboard or, where that shows no licences, at https://admin.atlassian.com.",
		LookbackDays:  defaultLookbackDays,
		ThresholdDays: DefaultThresholdDays,
		Toggles:       hasToggles(family),
		Certainty:     Doc,
		Source: "integrate-with-trello.md, trello-spoke.md, reclamation-rules.md; token scopes: Trello REST authorization guide; " +
			"stored value, template name, connection name and identifier are assumed",
	}
}

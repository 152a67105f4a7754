// Package fourthvendor_test shows what a further vendor costs: an invented one, Lantern, with its connector, its double and
// its entry in the catalogue. Nothing outside this folder knows of it, and the conformance suite and the embedded instance
// take it as they take the others.
package fourthvendor_test

import "github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"

const (
	lanternType  = "lantern_subscription"
	lanternAlias = "x_lantern_spoke.Lantern"
)

func init() { dictionary.Register(catalogueEntry) }

func catalogueEntry(family dictionary.ReleaseFamily) dictionary.ProfileType {
	return dictionary.ProfileType{
		Value: lanternType, Label: "Lantern Subscription", Vendor: "lantern",
		CoreChoice: "Lantern Integration Profile", WorkspaceChoice: "Lantern",
		Publisher: "Lantern", Product: "Lantern", Identifier: "Lantern",
		SpokeScope: "x_lantern_spoke", SpokeVersion: "1.0.0", SpokeName: "Lantern Spoke",
		Subflows: map[dictionary.Process]string{
			dictionary.ProcessDownload: "Lantern Download Subscriptions",
			dictionary.ProcessReclaim:  "Lantern Reclaim Subscription",
		},
		AliasRule: []dictionary.AliasVariant{{Alias: lanternAlias, Template: "Lantern"}},
		Permissions: []dictionary.Permission{
			{Process: dictionary.ProcessDownload, Role: "admin"}, {Process: dictionary.ProcessReclaim, Role: "admin"},
		},
		Connection: dictionary.ConnectionDefaults{
			Name: "Lantern", URL: "https://api.lantern.example", Hosts: []string{"api.lantern.example"},
			CredentialKind: dictionary.CredentialKindToken, Kinds: []string{dictionary.CredentialKindToken}, Fields: []string{"Token"},
		},
		ActivityMeans: "a login", ReclaimEffect: "The seat is given back; the account stays.",
		RestoreEffect: "The seat is given again.",
		LookbackDays:  60, ThresholdDays: 60, Toggles: family != dictionary.WashingtonDC,
		Certainty: dictionary.Assumed, Source: "invented",
	}
}

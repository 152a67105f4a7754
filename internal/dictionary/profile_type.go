package dictionary

import "strings"

// Process is one of the three things an integration profile does.
type Process string

// The processes, as ServiceNow's form names them.
const (
	ProcessDownload Process = "download_subscriptions"
	ProcessActivity Process = "download_activity"
	ProcessReclaim  Process = "reclaim_subscriptions"
)

// ReleaseFamily is a ServiceNow release whose behaviour differs for SaaS License Management.
type ReleaseFamily string

// The release families the embedded instance can behave as.
const (
	Australia    ReleaseFamily = "australia"
	WashingtonDC ReleaseFamily = "washingtondc"
)

// Permission is what ServiceNow's form shows as "Vendor configuration": what a process needs on the vendor's side.
type Permission struct {
	Process Process
	Role    string   // role of the vendor's user
	Scopes  []string // token scopes; empty where the vendor has none
	// NotWith is an option of the profile (name=value) with which the process needs no scopes.
	NotWith string
}

// AliasVariant is one row of the alias rule of a profile type: with these toggles, this alias and this template.
type AliasVariant struct {
	DownloadActivity, Reclaim bool
	Alias                     string // full id, such as sn_trello_spoke.Trello_Alias
	Template                  string // configuration template for the parent alias when a child is made
}

// ConnectionDefaults is what the "Create New Connection & Credential" dialog of a vendor offers.
type ConnectionDefaults struct {
	Name           string
	URL            string   // value the form proposes, or its pattern with <Cloud-ID>
	Hosts          []string // hosts a connection URL may name; loopback is always allowed
	CredentialKind string   // what ServiceNow's dialog makes: CredentialKindAPIKey or CredentialKindOAuth
	Kinds          []string // every kind of credential that the vendor takes, CredentialKind first
	Fields         []string // labels of the dialog's credential fields
}

// ProfileType is everything known about one integration profile type.
type ProfileType struct {
	Value           string // stored value, such as trello_enterprise_subscription
	Label           string
	Vendor          string // short name of the connector: trello, asana, confluence; empty for custom
	CoreChoice      string // choice in Core UI
	WorkspaceChoice string // choice in Software Asset Workspace
	Publisher       string
	Product         string
	Identifier      string // subscription identifier that maps to Product
	SpokeScope      string
	SpokeVersion    string
	SpokeName       string // optional feature to install
	SpokeRole       string // ServiceNow role needed beside sam_integrator
	Subflows        map[Process]string
	AliasRule       []AliasVariant // one entry where the alias does not depend on the toggles
	ParentAlias     string         // where the aliases above are children
	Permissions     []Permission
	Connection      ConnectionDefaults
	OAuth           *OAuthDefaults // nil where the vendor takes no OAuth grant
	ActivitySubflow bool           // activity has its own subflow, toggle and job; otherwise it comes with the download
	ActivityMeans   string         // what counts as activity
	ReclaimEffect   string         // what reclaim does to the user, in words for a reviewer
	RestoreEffect   string         // what an undo brings back and what it cannot, in words for a reviewer
	RestoreByHand   string         // how a person gives the licence back at the vendor, a sentence
	LookbackDays    int            // default and longest activity look-back
	ThresholdDays   int            // default threshold of the reclamation rule
	Toggles         bool           // the family has Download activity and Reclaim subscriptions toggles and Validate Connection
	Certainty       Certainty
	Source          string
}

// DefaultAlias is the alias ServiceNow sets on a new profile with these toggles.
func (t ProfileType) DefaultAlias(downloadActivity, reclaim bool) AliasVariant {
	if len(t.AliasRule) == 1 {
		return t.AliasRule[0]
	}
	for _, v := range t.AliasRule {
		if v.DownloadActivity == downloadActivity && v.Reclaim == reclaim {
			return v
		}
	}
	return AliasVariant{}
}

// RequiredPermissions is what the processes that are on need at the vendor, in the order download, activity, reclaim. Where
// activity comes with the download, it needs no toggle. Options are the profile's vendor_config, as it is stored.
func (t ProfileType) RequiredPermissions(downloadActivity, reclaim bool, options map[string]string) []Permission {
	var required []Permission
	for _, process := range []struct {
		name Process
		on   bool
	}{
		{ProcessDownload, true},
		{ProcessActivity, downloadActivity || !t.ActivitySubflow},
		{ProcessReclaim, reclaim},
	} {
		permission, ok := t.Permission(process.name)
		if !ok || !process.on {
			continue
		}
		if option, value, _ := strings.Cut(permission.NotWith, "="); option != "" && options[option] == value {
			permission.Scopes = nil
		}
		required = append(required, permission)
	}
	return required
}

// Permission is what a process needs at the vendor.
func (t ProfileType) Permission(p Process) (Permission, bool) {
	for _, perm := range t.Permissions {
		if perm.Process == p {
			return perm, true
		}
	}
	return Permission{}, false
}

// ProfileTypeOfAlias finds the profile type whose spoke ships an alias, by its full id. The parent of such aliases counts.
func ProfileTypeOfAlias(family ReleaseFamily, id string) (ProfileType, bool) {
	for _, t := range ProfileTypes(family) {
		if id == "" {
			break
		}
		if t.ParentAlias == id {
			return t, true
		}
		for _, v := range t.AliasRule {
			if v.Alias == id {
				return t, true
			}
		}
	}
	return ProfileType{}, false
}

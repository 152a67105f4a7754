package companion

import "net/url"

// ChildrenPath makes a child of an alias (POST ChildRequest, answer Alias). The alias is named by sys_id or by its full id,
// such as sn_asana_spoke.Asana.
func ChildrenPath(alias string) string { return aliasPath(alias) + "/children" }

// GroupsPath answers GET with GroupList: the groups that the vendor behind an alias gives access by. It never renews an
// OAuth grant.
func GroupsPath(alias string) string { return aliasPath(alias) + "/groups" }

func aliasPath(alias string) string { return BasePath + "/aliases/" + url.PathEscape(alias) }

// ChildRequest asks for a child alias.
type ChildRequest struct {
	Name string `json:"name"`
	// The toggles of the profile that the child is for. They choose the configuration template of a vendor that has one for
	// each combination, and mean nothing elsewhere. Nil means on.
	DownloadActivity     *bool `json:"download_activity,omitempty"`
	ReclaimSubscriptions *bool `json:"reclaim_subscriptions,omitempty"`
}

// Alias is a connection & credential alias.
type Alias struct {
	SysID  string `json:"sys_id"`
	ID     string `json:"id"` // full id, with the scope
	Name   string `json:"name"`
	Parent string `json:"parent"` // sys_id; empty for a top-level alias
}

// GroupList is the groups of a vendor.
type GroupList struct {
	Groups []Group `json:"groups"`
}

// Group is a group of people at a vendor.
type Group struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Access     bool   `json:"access"`     // its members have access to the product
	Admin      bool   `json:"admin"`      // its members administer the product or the site
	ManagedBy  string `json:"managed_by"` // as the vendor says, such as ADMINS or EXTERNAL
	Selectable bool   `json:"selectable"` // may be chosen for a profile
}

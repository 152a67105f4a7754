package confluence

import (
	"fmt"
	"slices"
)

// group is a group of the organisation. Its members include those whom lists do not show.
type group struct {
	id        string
	name      string
	usage     string
	managedBy string
	access    bool // gives access to the product
	admin     bool // its members administer the product
	siteAdmin bool // its members administer the site
	gone      bool // deleted
	members   []uint32
}

// The groups, by index. More can follow that have no members.
const (
	groupUsers = iota
	groupContractors
	groupSynced
	groupConfluenceAdmins
	groupSiteAdmins
	groupOrgAdmins
	groupEveryone
)

// siteName is the first part of the site's host name.
const siteName = "brightwater"

type membership struct{ person, group int }

func (d *Double) inventGroups(extra int) []group {
	groups := []group{
		groupUsers:            {name: "confluence-users-" + siteName, usage: "USERBASE_GROUP", managedBy: "ADMINS", access: true},
		groupContractors:      {name: "contractors", usage: "USERBASE_GROUP", managedBy: "ADMINS", access: true},
		groupSynced:           {name: "okta-engineering", usage: "USERBASE_GROUP", managedBy: "EXTERNAL", access: true},
		groupConfluenceAdmins: {name: "confluence-admins-" + siteName, usage: "USERBASE_GROUP", managedBy: "ADMINS", admin: true},
		groupSiteAdmins:       {name: "site-admins", usage: "USERBASE_GROUP", managedBy: "ADMINS", siteAdmin: true},
		groupOrgAdmins:        {name: "org-admins", usage: "USERBASE_GROUP", managedBy: "ADMINS", siteAdmin: true},
		groupEveryone:         {name: "lunch-club", usage: "TEAM_COLLABORATION", managedBy: "OPEN"},
	}
	for i := range extra {
		groups = append(groups, group{name: fmt.Sprintf("other-site-%04d", i+1), usage: "USERBASE_GROUP", managedBy: "ADMINS"})
	}
	for i := range groups {
		groups[i].id = uuid(mix(d.seed^uint64(i)<<40^0x67), uint32(i))
	}
	return groups
}

func (d *Double) groupIndex(id string) (int, bool) {
	i := slices.IndexFunc(d.groups, func(g group) bool { return g.id == id && !g.gone })
	return i, i >= 0
}

func (d *Double) join(person, group int) {
	p := &d.people[person]
	if p.groups&(1<<group) != 0 {
		return
	}
	p.groups |= 1 << group
	d.groups[group].members = append(d.groups[group].members, uint32(person))
}

func (d *Double) leave(person, group int) {
	p := &d.people[person]
	if p.groups&(1<<group) == 0 {
		return
	}
	p.groups &^= 1 << group
	g := &d.groups[group]
	g.members = slices.DeleteFunc(g.members, func(i uint32) bool { return i == uint32(person) })
}

// managedBy is who manages a group.
func (d *Double) managedBy(g *group) string {
	if d.faults.On(FaultExternal) {
		return "EXTERNAL"
	}
	return g.managedBy
}

// holdsSeat tells whether somebody takes a seat: listed in a group that gives access, and no guest or bot.
func (d *Double) holdsSeat(p person) bool {
	if p.has(guest | app | customer | suspended | unlicensed) {
		return false
	}
	for i := range d.groups {
		if d.groups[i].access && i < 32 && p.groups&(1<<i) != 0 {
			return true
		}
	}
	return false
}

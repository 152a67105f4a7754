package confluence

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// Validate implements connector.Connector with the calls that a download and, where the profile has it, a pull of
// activity make, and with what an OAuth grant says of itself.
func (c *Confluence) Validate(ctx context.Context) (connector.Report, error) {
	r := &connector.Checklist{}
	me, err := c.self(ctx)
	if !r.Call(connector.ProcessDownload, err, func() string {
		return fmt.Sprintf("signed in to Confluence as %s (%s)", me.fullName(), me.AccountID)
	}) {
		return r.Result(err)
	}
	granted, err := c.checkGrant(ctx, r, c.processes())
	if err != nil {
		return r.Result(err)
	}
	c.warnOfScopes(r, granted)
	if err := c.checkGroups(ctx, r); err != nil {
		return r.Result(err)
	}
	if c.options.activity {
		if err := c.checkActivity(ctx, r); err != nil {
			return r.Result(err)
		}
	}
	return r.Result(nil)
}

// Preflight implements connector.Reclaimer: may the credential change groups, and can it see who must be spared.
func (c *Confluence) Preflight(ctx context.Context) (connector.Report, error) {
	r := &connector.Checklist{}
	me, err := c.self(ctx)
	if !r.Call(connector.ProcessReclaim, err, func() string { return "the credential is good" }) {
		return r.Result(err)
	}
	if _, err := c.checkGrant(ctx, r, []string{connector.ProcessReclaim}); err != nil {
		return r.Result(err)
	}
	admins, err := c.adminGroups(ctx)
	if !r.Call(connector.ProcessReclaim, err, func() string {
		return fmt.Sprintf("%d groups of admins are known, whose members are spared", len(admins))
	}) {
		return r.Result(err)
	}
	own, err := c.memberOf(ctx, me.AccountID)
	if !r.Call(connector.ProcessReclaim, err, func() string { return "the groups of a user are readable" }) {
		return r.Result(err)
	}
	if !slices.ContainsFunc(own, func(g group) bool { return isAdminGroup(g, admins) }) {
		r.Warn("the connection's account is in no group of admins; removing people from groups needs a site admin, so Confluence may refuse")
	}
	return r.Result(nil)
}

// processes are those that the profile has switched on.
func (c *Confluence) processes() []string {
	list := []string{connector.ProcessDownload}
	if c.options.activity {
		list = append(list, connector.ProcessActivity)
	}
	if c.options.reclaim {
		list = append(list, connector.ProcessReclaim)
	}
	return list
}

// scopesOf are the classic scopes that a process needs.
func (c *Confluence) scopesOf(process string) []string {
	switch {
	case process == connector.ProcessDownload:
		return []string{scopeGroups, scopeUser}
	case process == connector.ProcessReclaim:
		return []string{scopeGroups, scopeUser, scopeWriteGroups}
	case c.options.source == sourceContent:
		return []string{scopeSearch}
	}
	return nil
}

// granular are scopes that the routes take instead of a classic one.
var granular = map[string]string{
	scopeGroups: "read:group:confluence", scopeUser: "read:user:confluence", scopeSearch: "read:content-details:confluence",
	scopeWriteGroups: "write:group:confluence",
}

// errNotGranted ends a validation whose report says why already.
var errNotGranted = &connector.Error{Vendor: vendorName, Op: "read the sites of the grant", Kind: connector.KindConfig}

// site is one that an OAuth grant is for.
type site struct {
	ID     string   `json:"id"`
	URL    string   `json:"url"`
	Scopes []string `json:"scopes"`
}

// checkGrant looks whether an OAuth grant is for this site and has the scopes that the processes need. It returns the
// grant's scopes, none for another kind of credential.
func (c *Confluence) checkGrant(ctx context.Context, r *connector.Checklist, processes []string) (granted []string, err error) {
	if !c.oauth {
		return nil, nil
	}
	var sites []site
	_, err = c.client.Do(ctx, connector.Request{
		Path: "/oauth/token/accessible-resources", Op: "read the sites of the grant", Decode: connector.Into(&sites),
	})
	if err != nil {
		r.Check(processes[0], false, err.Error())
		return nil, err
	}
	granted, ok := grantedScopes(sites, c.cloudID)
	if !ok {
		r.Check(processes[0], false, fmt.Sprintf(
			"the grant is not for the site with cloud id %s but for %s: consent again and choose that site, or correct the connection URL",
			c.cloudID, describeSites(sites)))
		return nil, errNotGranted
	}
	for _, process := range processes {
		for _, scope := range c.scopesOf(process) {
			if !slices.Contains(granted, scope) && !slices.Contains(granted, granular[scope]) {
				r.Check(process, false, fmt.Sprintf("the grant lacks the scope %s: add it to the OAuth app and consent again", scope))
			}
		}
	}
	return granted, nil
}

// warnOfScopes names the scopes that nothing needs which the profile has switched on.
func (c *Confluence) warnOfScopes(r *connector.Checklist, granted []string) {
	needed := map[string]bool{scopeOffline: true}
	for _, process := range c.processes() {
		for _, scope := range c.scopesOf(process) {
			needed[scope], needed[granular[scope]] = true, true
		}
	}
	for _, scope := range granted {
		if !needed[scope] {
			r.Warn(fmt.Sprintf("the grant has the scope %s, which nothing that the profile has switched on needs", scope))
		}
	}
}

// grantedScopes are the scopes on a site. Jira and Confluence of one site come as two entries with the same id.
func grantedScopes(sites []site, cloudID string) (scopes []string, ok bool) {
	for _, s := range sites {
		if !strings.EqualFold(s.ID, cloudID) {
			continue
		}
		ok = ok || slices.ContainsFunc(s.Scopes, func(scope string) bool { return strings.Contains(scope, "confluence") })
		scopes = append(scopes, s.Scopes...)
	}
	return scopes, ok
}

func describeSites(sites []site) string {
	if len(sites) == 0 {
		return "no site at all"
	}
	var names []string
	for _, s := range sites {
		names = append(names, fmt.Sprintf("%s (%s)", s.URL, s.ID))
	}
	return strings.Join(names, ", ")
}

// checkGroups looks whether the groups of the profile exist and their members can be listed.
func (c *Confluence) checkGroups(ctx context.Context, r *connector.Checklist) error {
	groups, err := c.chosenGroups(ctx)
	var access accessible
	if err == nil {
		access, err = c.accessGroups(ctx)
	}
	if err != nil {
		r.Check(connector.ProcessDownload, false, err.Error())
		return err
	}
	shown, people := 0, 0
	for _, g := range groups {
		if len(c.options.groups) > 0 {
			id := g.ID
			if g, err = c.readGroup(ctx, id); connector.KindOf(err) == connector.KindNotFound {
				r.Check(connector.ProcessDownload, false, fmt.Sprintf("group %s: %s", id, adviceNoGroup))
				continue
			} else if err != nil {
				r.Check(connector.ProcessDownload, false, err.Error())
				return err
			}
		}
		p, err := c.members(ctx, g, 0, 10, true)
		if !r.Call(connector.ProcessDownload, err, func() string {
			return fmt.Sprintf("group %s (%s) has %d members", g.label(), g.ID, p.TotalSize)
		}) {
			return err
		}
		for i := range p.Results {
			people++
			if p.Results[i].Email != "" {
				shown++
			}
		}
		gives := access.holds(g.ID)
		r.Group(connector.Group{
			ID: g.ID, Name: g.Name, ManagedBy: g.ManagedBy, Access: gives, Admin: adminName(g.Name), Selectable: true,
		})
		c.warnOfGroup(r, g, gives || len(access.groups) == 0)
	}
	if len(c.options.groups) == 0 {
		r.Warn("no group_ids are set, so the groups that give access were chosen: " + describeGroups(groups))
		if len(access.foreign) > 0 {
			r.Warn("groups of other sites of the organisation were left out: " + describeGroups(access.foreign))
		}
	}
	if people > 0 && shown == 0 && c.organization == nil {
		r.Warn("Confluence shows no mail address of the first members, since people hide them: such subscriptions match no user; an admin_api_key tells the addresses")
	}
	return nil
}

// warnOfGroup tells what choosing a group, and reclaiming from it, means.
func (c *Confluence) warnOfGroup(r *connector.Checklist, g group, gives bool) {
	if !gives {
		r.Warn(fmt.Sprintf("group %s is not among those that Confluence lists as giving access; its members may hold no seat by it", g.label()))
	}
	if !c.options.reclaim {
		return
	}
	switch {
	case g.external():
		r.Warn(fmt.Sprintf("group %s is synced from an identity provider: seats that it gives cannot be reclaimed here", g.label()))
	case g.Name != "" && !strings.HasPrefix(g.Name, "confluence-"):
		r.Warn(fmt.Sprintf("group %s may give access to other products too, which reclaiming takes as well", g.label()))
	}
}

func describeGroups(groups []group) string {
	var names []string
	for _, g := range groups {
		names = append(names, fmt.Sprintf("%s (%s)", g.label(), g.ID))
	}
	return strings.Join(names, ", ")
}

// checkActivity makes the call that a pull of activity begins with.
func (c *Confluence) checkActivity(ctx context.Context, r *connector.Checklist) error {
	if c.options.source == sourceAdmin {
		me, err := c.self(ctx)
		if err == nil {
			_, err = c.lastVisit(ctx, me.AccountID)
		}
		if connector.KindOf(err) == connector.KindNotFound {
			// The account of a service is in no organisation's directory; a wrong organisation is told by the list.
			_, err = c.directoryPage(ctx, "")
		}
		r.Call(connector.ProcessActivity, err, func() string { return "the last visits are readable through the admin API" })
		return err
	}
	p, err := c.searchPage(ctx, "type=page", "", 1, false)
	if r.Call(connector.ProcessActivity, err, func() string {
		return fmt.Sprintf("searching works, %d pages are visible", p.TotalSize)
	}) {
		r.Warn("only what the connection's account may see counts as activity: pages in spaces that are closed to it are missed")
	}
	return err
}

package confluence

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

const pageSize = 200

// The levels of access that a list of groups can be narrowed to. "user" is taken for the groups that give access to the
// product; the documentation says no more than the word.
const (
	levelUser      = "user"
	levelAdmin     = "admin"
	levelSiteAdmin = "site-admin"
)

// adminPatterns are Atlassian's own admin groups, which count whatever the lists say.
var adminPatterns = []string{"site-admins", "org-admins", "administrators", "confluence-admins-*", "system-administrators"}

// cached is what is read once per connector.
type cached[T any] struct {
	mu    sync.Mutex
	value *T
}

func (c *cached[T]) get(read func() (T, error)) (T, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.value != nil {
		return *c.value, nil
	}
	value, err := read()
	if err == nil {
		c.value = &value
	}
	return value, err
}

// self is the account of the connection.
func (c *Confluence) self(ctx context.Context) (user, error) {
	return c.me.get(func() (user, error) { return c.readSelf(ctx) })
}

func (c *Confluence) readSelf(ctx context.Context) (user, error) {
	const op = "read the connection's own account"
	var u user
	err := c.do(ctx, call{
		Request: connector.Request{Path: "/user/current", Op: op, Decode: connector.Into(&u)},
		scope:   scopeUser, cost: costPlain + costUser,
	})
	if err == nil && u.AccountID == "" {
		// A public site answers strangers too.
		return u, &connector.Error{
			Vendor: vendorName, Op: op, Kind: connector.KindCredentials,
			Err:    errors.New("the answer is that for an anonymous visitor"),
			Advice: "The credential did not reach Confluence or is not valid: check it and the connection URL",
		}
	}
	return u, err
}

// listGroups reads the groups of a level, empty for all. They are those of all sites of the organisation.
func (c *Confluence) listGroups(ctx context.Context, level string) (groups []group, site string, err error) {
	query := url.Values{}
	if level != "" {
		query.Set("accessType", level)
	}
	return c.groupPages(ctx, "/group", query, "list groups", level, scopeGroups)
}

// memberOf reads the groups of a person.
func (c *Confluence) memberOf(ctx context.Context, accountID string) ([]group, error) {
	groups, _, err := c.groupPages(ctx, "/user/memberof", url.Values{"accountId": {accountID}}, opMemberOf, "user "+accountID, scopeUser)
	return groups, err
}

const opMemberOf = "read the groups of a user"

func (c *Confluence) groupPages(ctx context.Context, path string, query url.Values, op, object, scope string) (all []group, site string, err error) {
	query.Set("limit", strconv.Itoa(pageSize))
	for start := 0; ; {
		query.Set("start", strconv.Itoa(start))
		var p groupPage
		err = c.do(ctx, call{
			Request: connector.Request{Path: path, Query: query, Op: op, Object: object, Decode: connector.Into(&p)},
			scope:   scope, cost: costPlain + pageSize*costUser, spent: func() int { return costPlain + len(p.Results)*costUser },
		})
		if err != nil {
			return nil, "", err
		}
		for _, g := range p.Results {
			if g.ID == "" {
				return nil, "", badAnswer(op, object, fmt.Sprintf("the group %q has no id", g.Name))
			}
		}
		all = append(all, p.Results...)
		text, more := p.Links.parameter("start")
		if !more || len(p.Results) == 0 {
			return all, p.Links.site(), nil
		}
		next, err := strconv.Atoi(text)
		if err != nil || next <= start {
			return nil, "", &connector.Error{
				Vendor: vendorName, Op: op, Object: object, Kind: connector.KindLoop, Err: connector.ErrLoop,
				Advice: "Run again, and report it if it stays",
			}
		}
		start = next
	}
}

// readGroup reads one group. An unknown id is an *connector.Error of KindNotFound.
func (c *Confluence) readGroup(ctx context.Context, id string) (group, error) {
	const op = "read a group"
	var g group
	err := c.do(ctx, call{
		Request: connector.Request{
			Path: "/group/by-id", Query: url.Values{"id": {id}}, Op: op, Object: "group " + id, Decode: connector.Into(&g),
		},
		scope: scopeGroups, cost: costPlain + costUser,
	})
	var failure *connector.Error
	if errors.As(err, &failure) && failure.Status == http.StatusBadRequest {
		// An id that is none was seen to be answered so.
		failure.Kind = connector.KindNotFound
	}
	if err == nil && g.ID != id {
		return g, badAnswer(op, "group "+id, "the answer is about another group")
	}
	return g, err
}

// accessible are the groups that give access.
type accessible struct {
	groups  []group
	foreign []group // those of other sites of the organisation
}

func (a accessible) holds(id string) bool {
	return slices.ContainsFunc(a.groups, func(g group) bool { return g.ID == id })
}

func (c *Confluence) accessGroups(ctx context.Context) (accessible, error) {
	return c.access.get(func() (accessible, error) {
		groups, site, err := c.listGroups(ctx, levelUser)
		own, foreign := ofThisSite(groups, site)
		return accessible{own, foreign}, err
	})
}

// adminGroups are the ids of the groups whose members administer the product or the site.
func (c *Confluence) adminGroups(ctx context.Context) (map[string]bool, error) {
	return c.admins.get(func() (map[string]bool, error) {
		levels := [...]string{levelAdmin, levelSiteAdmin}
		var lists [len(levels)][]group
		g, ctx := errgroup.WithContext(ctx)
		for i, level := range levels {
			g.Go(func() (err error) {
				lists[i], _, err = c.listGroups(ctx, level)
				return err
			})
		}
		err := g.Wait()
		admins := map[string]bool{}
		for _, group := range slices.Concat(lists[:]...) {
			admins[group.ID] = true
		}
		return admins, err
	})
}

func isAdminGroup(g group, admins map[string]bool) bool { return admins[g.ID] || adminName(g.Name) }

func adminName(name string) bool {
	return slices.ContainsFunc(adminPatterns, func(pattern string) bool {
		ok, err := path.Match(pattern, strings.ToLower(name))
		return err == nil && ok
	})
}

// chosenGroups are the groups of the profile: those of its options, known by id only, or else those that give access.
func (c *Confluence) chosenGroups(ctx context.Context) ([]group, error) {
	if len(c.options.groups) > 0 {
		groups := make([]group, 0, len(c.options.groups))
		for _, id := range c.options.groups {
			groups = append(groups, group{ID: id})
		}
		return groups, nil
	}
	access, err := c.accessGroups(ctx)
	if err != nil {
		return nil, err
	}
	if len(access.groups) == 0 {
		return nil, &connector.Error{
			Vendor: vendorName, Op: "find the groups that give access", Kind: connector.KindConfig,
			Err:    errors.New("there is none"),
			Advice: "Set vendor_config.confluence.group_ids of the integration profile to the ids of the groups whose members have access",
		}
	}
	return access.groups, nil
}

// siteUsers is the beginning of the name of the group that Atlassian makes for a site; the site's name follows.
const siteUsers = "confluence-users-"

// ofThisSite leaves out the groups that Atlassian made for other sites of the organisation, which the list holds too. Only
// where the site's own is there can the others be told.
func ofThisSite(groups []group, site string) (own, foreign []group) {
	if !slices.ContainsFunc(groups, func(g group) bool { return g.Name == siteUsers+site }) {
		return groups, nil
	}
	for _, g := range groups {
		if strings.HasPrefix(g.Name, siteUsers) && g.Name != siteUsers+site {
			foreign = append(foreign, g)
		} else {
			own = append(own, g)
		}
	}
	return own, foreign
}

// Groups implements connector.GroupLister. Every group can be chosen but those that only make admins: others may give
// access in ways that Confluence's list does not show.
func (c *Confluence) Groups(ctx context.Context) ([]connector.Group, error) {
	var all []group
	var access accessible
	var admins map[string]bool
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() (err error) { all, _, err = c.listGroups(ctx, ""); return err })
	work.Go(func() (err error) { access, err = c.accessGroups(ctx); return err })
	work.Go(func() (err error) { admins, err = c.adminGroups(ctx); return err })
	if err := work.Wait(); err != nil {
		return nil, err
	}
	list := make([]connector.Group, 0, len(all))
	for _, g := range all {
		gives := access.holds(g.ID)
		admin := isAdminGroup(g, admins)
		list = append(list, connector.Group{
			ID: g.ID, Name: g.Name, ManagedBy: g.ManagedBy, Access: gives, Admin: admin, Selectable: gives || !admin,
		})
	}
	slices.SortFunc(list, func(a, b connector.Group) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

package engine

import (
	"context"
	"errors"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// optionGroups is the key of vendor_config that chooses groups, as a comma-separated list of ids.
const optionGroups = "group_ids"

// Groups lists the groups of the vendor behind an alias, named by sys_id or full id. It is read-only: a stale OAuth grant is
// told and not renewed.
func (e *Engine) Groups(ctx context.Context, alias string) (companion.GroupList, error) {
	refuse := func(message string) error {
		return &store.BusinessRuleError{Table: dictionary.TableAlias, Rule: "Groups of an alias", Message: message}
	}
	var a access
	err := e.db.View(ctx, func(tx *store.Tx) (err error) {
		a, err = e.aliasAccess(ctx, tx, alias)
		return err
	})
	var c connector.Connector
	if err == nil {
		c, err = e.connectorOf(a)
	}
	var setup *setupError
	if errors.As(err, &setup) {
		return companion.GroupList{}, refuse(setup.message)
	}
	if err != nil {
		return companion.GroupList{}, err
	}
	lister, ok := c.(connector.GroupLister)
	if !ok {
		return companion.GroupList{}, refuse(a.vendor.Product + " gives access by user and has no groups to choose.")
	}
	groups, err := lister.Groups(ctx)
	if err != nil && !connector.CannotTell(err) {
		return companion.GroupList{}, refuse(err.Error() + ".")
	}
	return companion.GroupList{Groups: renderGroups(groups)}, err
}

// aliasAccess is the access of an alias without a profile, or with the options of the one that uses it.
func (e *Engine) aliasAccess(ctx context.Context, tx *store.Tx, name string) (access, error) {
	alias, err := findAlias(ctx, tx, name)
	if err != nil {
		return access{}, err
	}
	use, err := e.useOfAlias(ctx, tx, alias)
	if err != nil {
		return access{}, err
	}
	a := access{vendor: use.vendor, properties: use.properties}
	return a, e.addConnection(ctx, tx, &a, alias, use.properties.Vendor)
}

func renderGroups(groups []connector.Group) []companion.Group {
	list := make([]companion.Group, 0, len(groups))
	for _, g := range groups {
		list = append(list, companion.Group{ID: g.ID, Name: g.Name, Access: g.Access, Admin: g.Admin, ManagedBy: g.ManagedBy, Selectable: g.Selectable})
	}
	return list
}

func groupIDs(groups []companion.Group) string {
	ids := make([]string, 0, len(groups))
	for _, g := range groups {
		ids = append(ids, g.ID)
	}
	return strings.Join(ids, ",")
}

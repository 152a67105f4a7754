package engine

import (
	"context"
	"regexp"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

const globalScope = "global"

// aliasName is what connection-alias.md allows in the name of an alias.
var aliasName = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

func aliasRules() tableRules {
	return tableRules{beforeInsert: beforeAliasInsert, beforeUpdate: beforeAliasUpdate, afterUpdate: afterAliasUpdate, beforeDelete: beforeAliasDelete}
}

func beforeAliasInsert(ctx context.Context, c *change) error {
	if err := checkAliasName(c); err != nil {
		return err
	}
	if parent := c.values[dictionary.AliasParent]; parent != "" {
		if err := inheritFromParent(ctx, c, parent); err != nil {
			return err
		}
	}
	return setAliasID(ctx, c)
}

func beforeAliasUpdate(ctx context.Context, c *change) error {
	if c.changes(dictionary.AliasParent) {
		return c.refuse("Parent alias is fixed", "the parent of an alias cannot be changed; create another child alias")
	}
	if c.before[dictionary.AliasParent] != "" {
		for _, column := range inheritedColumns { // the parent's, whatever a child is given
			delete(c.values, column)
		}
	}
	if !c.changes(dictionary.AliasName) {
		delete(c.values, dictionary.AliasID)
		return nil
	}
	if shippedAlias(c.before) {
		return c.refuse("Shipped alias", "the alias %s belongs to its spoke and keeps its name", c.before[dictionary.AliasID])
	}
	if err := checkAliasName(c); err != nil {
		return err
	}
	return setAliasID(ctx, c)
}

func afterAliasUpdate(ctx context.Context, c *change) error {
	if err := syncChildren(ctx, c); err != nil {
		return err
	}
	return markUnvalidated(ctx, c.tx, c.sysID())
}

func beforeAliasDelete(ctx context.Context, c *change) error {
	id, name := c.sysID(), c.before[dictionary.AliasID]
	if shippedAlias(c.before) {
		return c.refuse("Shipped alias", "the alias %s belongs to its spoke and cannot be deleted", name)
	}
	for _, use := range []struct{ table, column, what, advice string }{
		{dictionary.TableProfile, dictionary.ProfileAlias, "integration profile", "choose another alias there first"},
		{dictionary.TableAlias, dictionary.AliasParent, "child alias", "delete that first"},
		{dictionary.TableHTTPConnection, dictionary.ConnectionAlias, "connection", "delete that first"},
	} {
		user, err := findOne(ctx, c.tx, use.table, use.column+"="+id)
		if err != nil {
			return err
		}
		if user != nil {
			table, _ := dictionary.TableByName(use.table)
			return c.refuse("Alias in use", "the alias %s is used by the %s %q; %s", name, use.what, user[table.Display], use.advice)
		}
	}
	return nil
}

func checkAliasName(c *change) error {
	if name := c.values[dictionary.AliasName]; !aliasName.MatchString(name) {
		return c.refuse("Alias name", "%q is no name for an alias: use letters, digits and underscore", name)
	}
	return nil
}

// inheritFromParent gives a child alias what it has in common with its parent. There is one level of children.
func inheritFromParent(ctx context.Context, c *change, parentID string) error {
	parent, err := lookUp(ctx, c.tx, dictionary.TableAlias, parentID)
	if err != nil {
		return err
	}
	if parent == nil {
		return c.refuse("Parent alias must exist", "there is no alias with sys_id %s to be the parent of %s", parentID, c.values[dictionary.AliasName])
	}
	if parent[dictionary.AliasParent] != "" {
		top, err := lookUp(ctx, c.tx, dictionary.TableAlias, parent[dictionary.AliasParent])
		if err != nil {
			return err
		}
		return c.refuse("Child aliases have one level", "%s is itself a child alias, and a child has no children; use its parent %s",
			parent[dictionary.AliasID], top[dictionary.AliasID])
	}
	if parent[dictionary.AliasType] == dictionary.AliasTypeCredential {
		return c.refuse("Child aliases have a connection", "%s is an alias of credentials only, which has no children", parent[dictionary.AliasID])
	}
	for _, column := range inheritedColumns {
		c.values[column] = parent[column]
	}
	c.values[dictionary.SysScope] = parent[dictionary.SysScope]
	return nil
}

// setAliasID computes the id: scope and name, or the name alone in the global scope.
func setAliasID(ctx context.Context, c *change) error {
	c.values[dictionary.AliasID] = c.after(dictionary.AliasName)
	scope := c.after(dictionary.SysScope)
	if scope == "" || scope == globalScope {
		return nil
	}
	app, err := lookUp(ctx, c.tx, dictionary.TableScope, scope)
	if err != nil {
		return err
	}
	if app == nil {
		return c.refuse("Application must exist", "there is no application with sys_id %s", scope)
	}
	if name := app[dictionary.ScopeScope]; name != globalScope {
		c.values[dictionary.AliasID] = name + "." + c.after(dictionary.AliasName)
	}
	return nil
}

// shippedAlias tells whether a spoke brought the alias: its sys_id is then made of its id.
func shippedAlias(row store.Row) bool {
	return row[dictionary.SysID] == dictionary.SeedID(dictionary.TableAlias, row[dictionary.AliasID])
}

// markUnvalidated forgets the validation of the profiles that use an alias.
func markUnvalidated(ctx context.Context, tx *store.Tx, aliasID string) error {
	if aliasID == "" {
		return nil
	}
	profiles, err := tx.Find(ctx, dictionary.TableProfile, dictionary.ProfileAlias+"="+aliasID, store.FindOptions{})
	if err != nil {
		return err
	}
	for _, p := range profiles {
		properties, err := withValidatedOn(p[dictionary.ProfileCustomProperties], "")
		if err != nil {
			return err
		}
		change := store.Row{dictionary.ProfileCustomProperties: properties}
		if _, _, err := tx.Update(ctx, dictionary.TableProfile, p[dictionary.SysID], change); err != nil {
			return err
		}
	}
	return nil
}

package engine

import (
	"context"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// inheritedColumns are what a child alias has in common with its parent (connection-alias.md; sn_cc.AliasProvider).
var inheritedColumns = []string{
	dictionary.AliasType, dictionary.AliasConnectionType, dictionary.AliasTemplate, dictionary.AliasRetryPolicy, dictionary.AliasMultipleConnections,
}

// CreateChild makes a child of an alias, named by sys_id or full id. For a vendor with a configuration template for each
// combination of toggles the parent is given the right one first, as the form demands; both happen in one transaction, so
// that two children of one parent cannot take each other's. The children that are there keep theirs.
func (e *Engine) CreateChild(ctx context.Context, parent string, r companion.ChildRequest) (companion.Alias, error) {
	var child store.Row
	err := e.db.Update(ctx, func(tx *store.Tx) error {
		alias, err := findAlias(ctx, tx, parent)
		if err != nil {
			return err
		}
		if alias[dictionary.AliasParent] == "" {
			if err := e.setTemplate(ctx, tx, alias, r); err != nil {
				return err
			}
		}
		c := &change{tx: tx, table: dictionary.TableAlias, values: store.Row{
			dictionary.AliasName: strings.TrimSpace(r.Name), dictionary.AliasParent: alias[dictionary.SysID],
		}}
		if err := beforeAliasInsert(ctx, c); err != nil {
			return err
		}
		child, err = tx.Insert(ctx, dictionary.TableAlias, c.values)
		return err
	})
	return companion.Alias{
		SysID: child[dictionary.SysID], ID: child[dictionary.AliasID], Name: child[dictionary.AliasName], Parent: child[dictionary.AliasParent],
	}, err
}

// setTemplate gives a parent alias the configuration template of the toggles that a child is for.
func (e *Engine) setTemplate(ctx context.Context, tx *store.Tx, parent store.Row, r companion.ChildRequest) error {
	t, err := e.spokeOfAlias(ctx, tx, parent)
	if err != nil || t == nil || len(t.AliasRule) < 2 {
		return err
	}
	on := func(toggle *bool) bool { return toggle == nil || *toggle }
	variant := t.DefaultAlias(on(r.DownloadActivity), on(r.ReclaimSubscriptions))
	template, err := findOne(ctx, tx, dictionary.TableAliasTemplate, dictionary.TemplateName+"="+variant.Template)
	if err != nil {
		return err
	}
	_, _, err = tx.Update(ctx, dictionary.TableAlias, parent[dictionary.SysID], store.Row{dictionary.AliasTemplate: template[dictionary.SysID]})
	return err
}

// syncChildren carries a change of a parent on to its children. The aliases that a spoke ships keep their template, which
// belongs to the toggles that they are for.
func syncChildren(ctx context.Context, c *change) error {
	inherited := store.Row{}
	for _, column := range inheritedColumns {
		if c.changes(column) {
			inherited[column] = c.values[column]
		}
	}
	if len(inherited) == 0 {
		return nil
	}
	children, err := c.tx.Find(ctx, dictionary.TableAlias, dictionary.AliasParent+"="+c.sysID(), store.FindOptions{})
	if err != nil {
		return err
	}
	for _, child := range children {
		values := store.Row{}
		for column, value := range inherited {
			if column != dictionary.AliasTemplate || !shippedAlias(child) {
				values[column] = value
			}
		}
		if len(values) == 0 {
			continue
		}
		if _, _, err := c.tx.Update(ctx, dictionary.TableAlias, child[dictionary.SysID], values); err != nil {
			return err
		}
	}
	return nil
}

package engine

import (
	"context"
	"fmt"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

func (e *Engine) reclamationRuleRules() tableRules {
	return tableRules{beforeInsert: e.checkReclamationRule, beforeUpdate: e.checkReclamationRule, afterDelete: detachProducts}
}

func (e *Engine) checkReclamationRule(ctx context.Context, c *change) error {
	if c.after(dictionary.RuleName) == "" {
		return c.refuse("Name is mandatory", "a reclamation rule needs a name")
	}
	if err := checkRuleDays(c); err != nil {
		return err
	}
	if err := e.checkNotice(c); err != nil {
		return err
	}
	if owner := c.before[dictionary.RuleManagedBy]; owner != "" && c.after(dictionary.RuleManagedBy) != "" && c.changes(dictionary.RuleManagedBy) {
		return c.refuse("A reclamation rule has one owner", "the reclamation rule %q is managed by %s already", c.before[dictionary.RuleName], owner)
	}
	if c.before == nil || !c.changes(dictionary.RuleAppliesTo) {
		return nil
	}
	links, err := c.tx.Find(ctx, dictionary.TableRuleProduct, dictionary.RuleProductRule+"="+c.sysID(), store.FindOptions{})
	if err != nil {
		return fmt.Errorf("look up the products of reclamation rule %s: %w", c.sysID(), err)
	}
	for _, link := range links {
		if err := c.checkOnlyRule(ctx, c.after(dictionary.RuleAppliesTo), link[dictionary.RuleProductProduct]); err != nil {
			return err
		}
	}
	return nil
}

func checkRuleDays(c *change) error {
	days, written := c.values[dictionary.RuleThresholdDays]
	if _, ok := thresholdOf(store.Row{dictionary.RuleThresholdDays: days}); written && (c.before != nil || days != "") && !ok {
		return c.refuse("Last activity threshold", "last_activity_threshold is a number of days from %d to %d, not %q",
			dictionary.MinThresholdDays, dictionary.MaxThresholdDays, days)
	}
	return checkAnswerDays(c, dictionary.RuleDaysBeforeAuto)
}

// ruleProductRules keep one rule for subscriptions per product.
func ruleProductRules() tableRules {
	check := func(ctx context.Context, c *change) error {
		rule, err := lookUp(ctx, c.tx, dictionary.TableReclamationRule, c.after(dictionary.RuleProductRule))
		if err != nil {
			return err
		}
		return c.checkOnlyRule(ctx, rule[dictionary.RuleAppliesTo], c.after(dictionary.RuleProductProduct))
	}
	return tableRules{beforeInsert: check, beforeUpdate: check}
}

// checkOnlyRule refuses a rule for a product that has one: which of two counts, nobody could tell.
func (c *change) checkOnlyRule(ctx context.Context, appliesTo, product string) error {
	if appliesTo != dictionary.AppliesToSubscription {
		return nil
	}
	other, err := ruleOf(ctx, c.tx, product)
	if err != nil || other == nil || other[dictionary.SysID] == c.ruleID() {
		return err
	}
	row, err := lookUp(ctx, c.tx, dictionary.TableProduct, product)
	if err != nil {
		return err
	}
	return c.refuse("One reclamation rule per product", "the product %q has the reclamation rule %q (sys_id %s) already; change that one",
		row[dictionary.ProductName], other[dictionary.RuleName], other[dictionary.SysID])
}

// ruleID is the rule that a write to a rule, or to a product of one, is about.
func (c *change) ruleID() string {
	if c.table == dictionary.TableReclamationRule {
		return c.sysID()
	}
	return c.after(dictionary.RuleProductRule)
}

// detachProducts takes the products from a rule that was deleted, so that each may have another.
func detachProducts(ctx context.Context, c *change) error {
	links, err := c.tx.Find(ctx, dictionary.TableRuleProduct, dictionary.RuleProductRule+"="+c.sysID(), store.FindOptions{})
	if err != nil {
		return fmt.Errorf("look up the products of reclamation rule %s: %w", c.sysID(), err)
	}
	for _, link := range links {
		if err := c.tx.Delete(ctx, dictionary.TableRuleProduct, link[dictionary.SysID]); err != nil {
			return err
		}
	}
	return nil
}

// ruleOf is the oldest reclamation rule for subscriptions of a product; nil where there is none.
func ruleOf(ctx context.Context, tx *store.Tx, product string) (store.Row, error) {
	links, err := tx.Find(ctx, dictionary.TableRuleProduct, dictionary.RuleProductProduct+"="+product+"^ORDERBY"+dictionary.SysID, store.FindOptions{})
	if err != nil {
		return nil, fmt.Errorf("look up the reclamation rule of product %s: %w", product, err)
	}
	for _, link := range links {
		rule, err := lookUp(ctx, tx, dictionary.TableReclamationRule, link[dictionary.RuleProductRule])
		if err != nil {
			return nil, err
		}
		if rule[dictionary.RuleAppliesTo] == dictionary.AppliesToSubscription {
			return rule, nil
		}
	}
	return nil, nil
}

package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// change is one write on its way through the business rules.
type change struct {
	tx     *store.Tx
	table  string
	before store.Row // stored row; nil on insert
	values store.Row // what is to be written; rules may add to it and correct it
}

// after is the value a column will have.
func (c *change) after(column string) string {
	if v, ok := c.values[column]; ok {
		return v
	}
	return c.before[column]
}

// changes tells whether the write gives a column another value.
func (c *change) changes(column string) bool {
	v, ok := c.values[column]
	return ok && v != c.before[column]
}

// fill sets a column that an insert leaves out.
func (c *change) fill(column, value string) {
	if c.values[column] == "" {
		c.values[column] = value
	}
}

// keep refuses to change the columns that say what a row is about.
func (c *change) keep(rule, why string, columns ...string) error {
	for _, column := range columns {
		if c.changes(column) {
			return c.refuse(rule, "%s cannot be changed by hand: %s", column, why)
		}
	}
	return nil
}

func (c *change) sysID() string {
	if c.before != nil {
		return c.before[dictionary.SysID]
	}
	return c.values[dictionary.SysID]
}

func (c *change) refuse(rule, format string, args ...any) error {
	return &store.BusinessRuleError{Table: c.table, Rule: rule, Message: fmt.Sprintf(format, args...)}
}

// tableRules are the business rules of one table. The before rules may correct the values or refuse the write; the after
// rules carry it on to other tables, in the same transaction.
type tableRules struct {
	beforeInsert func(context.Context, *change) error
	afterInsert  func(context.Context, *change) error
	beforeUpdate func(context.Context, *change) error
	afterUpdate  func(context.Context, *change) error
	beforeDelete func(context.Context, *change) error
	afterDelete  func(context.Context, *change) error
}

func (e *Engine) rulesOf(table string) tableRules {
	switch table {
	case dictionary.TableProfile:
		return e.profileRules()
	case dictionary.TableAlias:
		return aliasRules()
	case dictionary.TableHTTPConnection:
		return connectionRules()
	case dictionary.TableAPIKeyCredential, dictionary.TableBasicCredential, dictionary.TableOAuthCredential:
		return credentialRules()
	case dictionary.TableIdentifierExclusion, dictionary.TableUserExclusion:
		return e.exclusionRules()
	case dictionary.TableOAuthEntity:
		return oauthEntityRules()
	case dictionary.TableOAuthToken:
		return oauthTokenRules()
	case dictionary.TableCandidate:
		return e.candidateRules()
	case dictionary.TableReclamationRule:
		return e.reclamationRuleRules()
	case dictionary.TableRuleProduct:
		return ruleProductRules()
	case dictionary.TableSubscription:
		return subscriptionRules()
	case dictionary.TableUserResolutionRule:
		return userResolutionRules()
	case dictionary.TableUnrecognizedIdentifier:
		return unrecognizedIdentifierRules()
	case dictionary.TableEntitlement:
		return entitlementRules()
	case dictionary.TableUserAllocation:
		return allocationRules()
	case dictionary.TableProperty:
		return propertyRules()
	case dictionary.TableEmail:
		return emailRules()
	case dictionary.TableReconciliation, dictionary.TablePublisherResult, dictionary.TableProductResult, dictionary.TableSoftwareModelResult,
		dictionary.TableMetricResult, dictionary.TableRemediation, dictionary.TableUsageSummary:
		return recordRules()
	case dictionary.TableExecutionTracker, dictionary.TableJobLog, dictionary.TableReclamationRun, dictionary.TableReclamationRunItem,
		dictionary.TableMetering:
		return recordRules()
	default:
		return tableRules{}
	}
}

// recordRules let nobody write what the instance records of its own work.
func recordRules() tableRules {
	deny := func(operation string) func(context.Context, *change) error {
		return func(_ context.Context, c *change) error {
			return &store.DeniedError{Table: c.table, Operation: operation, Reason: "the instance writes these rows when it runs a job"}
		}
	}
	return tableRules{beforeInsert: deny("insert"), beforeUpdate: deny("update"), beforeDelete: deny("delete")}
}

func apply(ctx context.Context, rule func(context.Context, *change) error, c *change) error {
	if rule == nil {
		return nil
	}
	return rule(ctx, c)
}

// Insert stores a row after the business rules of its table.
func (e *Engine) Insert(ctx context.Context, table string, values store.Row, w store.WriteOptions) (store.Row, error) {
	var row store.Row
	err := e.db.Update(ctx, func(tx *store.Tx) error {
		c := &change{tx: tx, table: table, values: maps.Clone(values)}
		if c.values == nil {
			c.values = store.Row{}
		}
		normalizeBooleans(c)
		if err := e.normalizeAmounts(ctx, c); err != nil {
			return err
		}
		if err := sealSecrets(c, w); err != nil {
			return err
		}
		if err := apply(ctx, e.rulesOf(table).beforeInsert, c); err != nil {
			return err
		}
		var err error
		if row, err = tx.Insert(ctx, table, c.values); err != nil {
			return err
		}
		return apply(ctx, e.rulesOf(table).afterInsert, c)
	})
	return row, err
}

// Update changes a row after the business rules of its table, and answers with the row as it is then.
func (e *Engine) Update(ctx context.Context, table, sysID string, values store.Row, w store.WriteOptions) (store.Row, error) {
	var row store.Row
	err := e.db.Update(ctx, func(tx *store.Tx) error {
		before, err := tx.Get(ctx, table, sysID)
		if err != nil {
			return err
		}
		c := &change{tx: tx, table: table, before: before, values: maps.Clone(values)}
		normalizeBooleans(c)
		if err := e.normalizeAmounts(ctx, c); err != nil {
			return err
		}
		if err := sealSecrets(c, w); err != nil {
			return err
		}
		rules := e.rulesOf(table)
		if err := apply(ctx, rules.beforeUpdate, c); err != nil {
			return err
		}
		var changed bool
		if row, changed, err = tx.Update(ctx, table, sysID, c.values); err != nil || !changed {
			return err
		}
		return apply(ctx, rules.afterUpdate, c)
	})
	return row, err
}

// Delete removes a row with what depends on it.
func (e *Engine) Delete(ctx context.Context, table, sysID string) error {
	return e.db.Update(ctx, func(tx *store.Tx) error {
		before, err := tx.Get(ctx, table, sysID)
		if err != nil {
			return err
		}
		c := &change{tx: tx, table: table, before: before}
		rules := e.rulesOf(table)
		if err := apply(ctx, rules.beforeDelete, c); err != nil {
			return err
		}
		if err := tx.Delete(ctx, table, sysID); err != nil {
			return err
		}
		return apply(ctx, rules.afterDelete, c)
	})
}

// findOne returns the first row that matches, or nil.
func findOne(ctx context.Context, tx *store.Tx, table, query string) (store.Row, error) {
	rows, err := tx.Find(ctx, table, query, store.FindOptions{Limit: 1})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// lookUp follows a reference; nil where it is empty or points to no row.
func lookUp(ctx context.Context, tx *store.Tx, table, sysID string) (store.Row, error) {
	row, err := tx.Get(ctx, table, sysID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return row, err
}

// normalizeBooleans gives booleans one spelling, so that 1 over true is no change.
func normalizeBooleans(c *change) {
	for _, column := range dictionary.ColumnsOf(c.table) {
		if column.Type != dictionary.Boolean {
			continue
		}
		switch v, written := c.values[column.Name]; {
		case !written:
		case strings.EqualFold(v, "true"), v == "1":
			c.values[column.Name] = "true"
		case strings.EqualFold(v, "false"), v == "0":
			c.values[column.Name] = "false"
		}
	}
}

func isTrue(value string) bool { return value == "true" }

func boolean(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

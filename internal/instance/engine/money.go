package engine

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// Amounts are decimals in the one currency of the instance. They are added and divided exactly, and rounded once, half away
// from zero, where they become a figure.

// amountDigits is to how many places figures are rounded.
const amountDigits = 2

var amountPattern = regexp.MustCompile(`^-?\d{1,15}(\.\d{1,6})?$`)

// parseAmount reads a stored amount. Empty is nothing.
func parseAmount(text string) (*big.Rat, error) {
	if text == "" {
		return new(big.Rat), nil
	}
	if !amountPattern.MatchString(text) {
		return nil, fmt.Errorf("%q is not an amount, written like 12.50", text)
	}
	amount, _ := new(big.Rat).SetString(text)
	return amount, nil
}

func formatAmount(amount *big.Rat) string { return amount.FloatString(amountDigits) }

// roundAmount is an amount as a figure shows it, to be added up with others.
func roundAmount(amount *big.Rat) *big.Rat {
	rounded, _ := new(big.Rat).SetString(formatAmount(amount))
	return rounded
}

// times is an amount so many times.
func times(amount *big.Rat, n int64) *big.Rat {
	return new(big.Rat).Mul(amount, new(big.Rat).SetInt64(n))
}

// currency is that in which the instance keeps amounts: the configured one, else that of the database. Once the database has
// amounts, only its own is possible.
func (e *Engine) currency(ctx context.Context, tx *store.Tx) (string, error) {
	property, err := findOne(ctx, tx, dictionary.TableProperty, dictionary.PropertyName+"="+dictionary.PropertyCurrency)
	if err != nil {
		return "", fmt.Errorf("read the currency of the instance: %w", err)
	}
	own := cmp.Or(property[dictionary.PropertyValue], dictionary.DefaultCurrency)
	wanted := cmp.Or(e.opt.Currency, own)
	if wanted == own {
		return own, nil
	}
	priced, err := hasAmounts(ctx, tx)
	if err != nil || !priced {
		return wanted, err
	}
	return "", (&change{table: dictionary.TableProperty}).refuse("One currency",
		"the embedded instance is configured for amounts in %s, but this database keeps them in %s already and converts none. Configure %s, or use a database of its own for %s",
		wanted, own, own, wanted)
}

// settleCurrency makes the currency that of the database, before an amount is stored in it.
func (e *Engine) settleCurrency(ctx context.Context, tx *store.Tx) (string, error) {
	code, err := e.currency(ctx, tx)
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `UPDATE sys_properties SET value = ?1 WHERE name = ?2 AND value <> ?1`, code, dictionary.PropertyCurrency)
	if err != nil {
		return "", fmt.Errorf("store the currency of the instance: %w", err)
	}
	return code, nil
}

// hasAmounts tells whether something has a price or saved one.
func hasAmounts(ctx context.Context, tx *store.Tx) (bool, error) {
	var priced bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM alm_license WHERE unit_cost <> '')
		OR EXISTS (SELECT 1 FROM samp_sw_reclamation_candidate WHERE CAST(potential_savings AS REAL) <> 0)`).Scan(&priced)
	if err != nil {
		return false, fmt.Errorf("look for amounts in the database: %w", err)
	}
	return priced, nil
}

// normalizeAmounts brings written amounts into the form in which they are stored. The Table API takes 12.50 and USD;12.50;
// this instance converts no currencies.
func (e *Engine) normalizeAmounts(ctx context.Context, c *change) error {
	for _, column := range dictionary.ColumnsOf(c.table) {
		value, written := c.values[column.Name]
		if column.Type != dictionary.Currency || !written {
			continue
		}
		code, amount, named := strings.Cut(value, ";")
		if !named {
			amount = value
		}
		amount = strings.TrimSpace(amount)
		if _, err := parseAmount(amount); err != nil {
			return c.refuse("Amounts are decimals", "%s: %v", column.Name, err)
		}
		if amount != "" {
			own, err := e.settleCurrency(ctx, c.tx)
			if err != nil {
				return err
			}
			if named && !strings.EqualFold(strings.TrimSpace(code), own) {
				return c.refuse("One currency", "%s is given in %s, but this instance keeps all amounts in %s and converts none; convert it, and write the amount alone",
					column.Name, strings.TrimSpace(code), own)
			}
		}
		c.values[column.Name] = amount
	}
	return nil
}

// propertyRules keep the currency from changing under the amounts that were stored in it.
func propertyRules() tableRules {
	return tableRules{
		beforeUpdate: func(ctx context.Context, c *change) error {
			if c.before[dictionary.PropertyName] != dictionary.PropertyCurrency || !c.changes(dictionary.PropertyValue) {
				return nil
			}
			if code := c.values[dictionary.PropertyValue]; !dictionary.IsCurrency(code) {
				return c.refuse("Currency", "%s is a code of ISO 4217 such as %s, not %q", dictionary.PropertyCurrency, dictionary.DefaultCurrency, code)
			}
			priced, err := hasAmounts(ctx, c.tx)
			if err != nil || !priced {
				return err
			}
			return c.refuse("Currency", "the currency cannot change while there are amounts, which would mean something else then: "+
				"entitlements with a cost, or savings of removal candidates")
		},
	}
}

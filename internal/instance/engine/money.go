package engine

import (
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

// currencyOf is the currency in which the instance keeps amounts.
func currencyOf(ctx context.Context, tx *store.Tx) (string, error) {
	property, err := findOne(ctx, tx, dictionary.TableProperty, dictionary.PropertyName+"="+dictionary.PropertyCurrency)
	if err != nil {
		return "", fmt.Errorf("read the currency of the instance: %w", err)
	}
	if code := property[dictionary.PropertyValue]; code != "" {
		return code, nil
	}
	return dictionary.DefaultCurrency, nil
}

// normalizeAmounts brings written amounts into the form in which they are stored. The Table API takes 12.50 and USD;12.50;
// this instance converts no currencies.
func normalizeAmounts(ctx context.Context, c *change) error {
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
		if named {
			own, err := currencyOf(ctx, c.tx)
			if err != nil {
				return err
			}
			if !strings.EqualFold(strings.TrimSpace(code), own) {
				return c.refuse("One currency", "%s is given in %s, but this instance keeps all amounts in %s and converts none; convert it, and write the amount alone",
					column.Name, strings.TrimSpace(code), own)
			}
		}
		c.values[column.Name] = amount
	}
	return nil
}

var currencyPattern = regexp.MustCompile(`^[A-Z]{3}$`)

// propertyRules keep the currency from changing under the amounts that were stored in it.
func propertyRules() tableRules {
	return tableRules{
		beforeUpdate: func(ctx context.Context, c *change) error {
			if c.before[dictionary.PropertyName] != dictionary.PropertyCurrency || !c.changes(dictionary.PropertyValue) {
				return nil
			}
			if code := c.values[dictionary.PropertyValue]; !currencyPattern.MatchString(code) {
				return c.refuse("Currency", "%s is a code of ISO 4217 such as %s, not %q", dictionary.PropertyCurrency, dictionary.DefaultCurrency, code)
			}
			priced, err := findOne(ctx, c.tx, dictionary.TableEntitlement, dictionary.EntitlementUnitCost+"ISNOTEMPTY")
			if err != nil || priced == nil {
				return err
			}
			return c.refuse("Currency", "the currency cannot change while software entitlements have a cost, which would mean something else then; "+
				"delete them, such as %q, and create them anew", priced[dictionary.EntitlementDisplayName])
		},
	}
}

package sam

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"
)

// Amount is an exact amount of money in the instance's currency. The zero Amount is 0.
type Amount struct{ value *big.Rat }

// amountText is a plain decimal, or one after the code of its currency: ServiceNow keeps amounts either way.
var amountText = regexp.MustCompile(`^(?:([A-Z]{3});)?(-?[0-9]+(?:\.[0-9]+)?)$`)

// ParseAmount reads an amount as the instance stores it; the empty text is 0.
func ParseAmount(text string) (Amount, error) {
	if text = strings.TrimSpace(text); text == "" {
		return Amount{}, nil
	}
	parts := amountText.FindStringSubmatch(text)
	if parts == nil {
		return Amount{}, fmt.Errorf("%q is not an amount, written 12.50", text)
	}
	value, ok := new(big.Rat).SetString(parts[2])
	if !ok {
		return Amount{}, fmt.Errorf("%q is not an amount, written 12.50", text)
	}
	return Amount{value}, nil
}

// Add is the sum of both.
func (a Amount) Add(b Amount) Amount { return Amount{new(big.Rat).Add(a.rat(), b.rat())} }

// Times is n times the amount.
func (a Amount) Times(n int) Amount {
	return Amount{new(big.Rat).Mul(a.rat(), new(big.Rat).SetInt64(int64(n)))}
}

// amountDigits is to how many places the instance rounds figures.
const amountDigits = 2

// Rounded is the amount as a figure shows it, half away from zero.
func (a Amount) Rounded() Amount {
	rounded, _ := new(big.Rat).SetString(a.rat().FloatString(amountDigits))
	return Amount{rounded}
}

// Equal tells whether both are the same number, however they were written.
func (a Amount) Equal(b Amount) bool { return a.rat().Cmp(b.rat()) == 0 }

// String writes the decimal without zeros at its end.
func (a Amount) String() string {
	digits, _ := a.rat().FloatPrec() // exact: sums and multiples of decimals are decimals
	return a.rat().FloatString(digits)
}

func (a Amount) rat() *big.Rat {
	if a.value == nil {
		return new(big.Rat)
	}
	return a.value
}

package tfkit

import (
	"context"
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

var (
	_ basetypes.StringTypable                    = AmountType{}
	_ basetypes.StringValuableWithSemanticEquals = Amount{}
)

// AmountType is the type of an amount of money: a decimal, of which 12.5 and 12.50 are the same.
type AmountType struct{ basetypes.StringType }

// Amount is an amount of money as text, so that it stays exact. A configuration may write it as a number, too.
type Amount struct{ basetypes.StringValue }

// NewAmount is the amount as the instance stores it; empty is null.
func NewAmount(stored string) Amount { return Amount{StringOrNull(stored)} }

// String implements attr.Type.
func (AmountType) String() string { return "tfkit.AmountType" }

// Equal implements attr.Type.
func (t AmountType) Equal(other attr.Type) bool {
	o, ok := other.(AmountType)
	return ok && t.StringType.Equal(o.StringType)
}

// ValueType implements attr.Type.
func (AmountType) ValueType(context.Context) attr.Value { return Amount{} }

// ValueFromString implements basetypes.StringTypable.
func (AmountType) ValueFromString(_ context.Context, in basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return Amount{in}, nil
}

// ValueFromTerraform implements attr.Type.
func (t AmountType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	value, err := t.StringType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	text, ok := value.(basetypes.StringValue)
	if !ok {
		return nil, fmt.Errorf("an amount is a string, not %T", value)
	}
	return Amount{text}, nil
}

// Type implements attr.Value.
func (Amount) Type(context.Context) attr.Type { return AmountType{} }

// Equal implements attr.Value.
func (a Amount) Equal(other attr.Value) bool {
	o, ok := other.(Amount)
	return ok && a.StringValue.Equal(o.StringValue)
}

// StringSemanticEquals compares the numbers.
func (a Amount) StringSemanticEquals(_ context.Context, other basetypes.StringValuable) (bool, diag.Diagnostics) {
	o, ok := other.(Amount)
	if !ok {
		return false, nil
	}
	return a.Same(o), nil
}

// Same tells whether both are the same number, or neither is known to be one.
func (a Amount) Same(b Amount) bool {
	if a.IsNull() || b.IsNull() || a.IsUnknown() || b.IsUnknown() {
		return a.Equal(b)
	}
	x, errX := sam.ParseAmount(a.ValueString())
	y, errY := sam.ParseAmount(b.ValueString())
	return errX == nil && errY == nil && x.Equal(y)
}

var unsignedAmount = regexp.MustCompile(`^[0-9]{1,15}(\.[0-9]{1,6})?$`)

// UnsignedAmount accepts an amount that is not negative, in plain decimals.
func UnsignedAmount() validator.String { return amountValidator{} }

type amountValidator struct{}

func (amountValidator) Description(context.Context) string {
	return `must be a decimal of at most 15 digits and 6 decimal places, not negative, such as "12.50"`
}

func (v amountValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v amountValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if text := req.ConfigValue.ValueString(); !unsignedAmount.MatchString(text) {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid amount", fmt.Sprintf("%s %s, got %q.", req.Path, v.Description(ctx), text))
	}
}

// AmountText is an amount as figures show it: a decimal without zeros at its end; empty is null.
func AmountText(stored string) basetypes.StringValue {
	amount, err := sam.ParseAmount(stored)
	if stored == "" || err != nil {
		return StringOrNull(stored)
	}
	return basetypes.NewStringValue(amount.String())
}

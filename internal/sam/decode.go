package sam

import (
	"iter"
	"strconv"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// decodeEach decodes records as they arrive. It ends at the first error.
func decodeEach[T any](records iter.Seq2[servicenow.Record, error], table string, decode func(servicenow.Record) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for record, err := range records {
			var value T
			if err == nil {
				value, err = decode(record)
			}
			if !yield(value, explain(table, err)) || err != nil {
				return
			}
		}
	}
}

func setIf(values servicenow.Values, column string, value *string) {
	if value != nil {
		values[column] = *value
	}
}

func setBool(values servicenow.Values, column string, value *bool) {
	if value != nil {
		values[column] = strconv.FormatBool(*value)
	}
}

// optionalInt is the number in a column; nil when it is empty.
func optionalInt(r servicenow.Record, column string) *int {
	if n, ok := r.Int(column); ok {
		return &n
	}
	return nil
}

// optionalBool is the boolean in a column; nil when the instance has no such column.
func optionalBool(r servicenow.Record, column string) *bool {
	if !r.Has(column) {
		return nil
	}
	value := r.Bool(column)
	return &value
}

func isBool(column string, value bool) servicenow.Cond {
	return servicenow.Eq(column, strconv.FormatBool(value))
}

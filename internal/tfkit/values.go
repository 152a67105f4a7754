package tfkit

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// StringOrNull maps ServiceNow's empty string, which means "no value", to null.
func StringOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// TimeOrNull renders a time as RFC 3339 in UTC; the zero time is null.
func TimeOrNull(t time.Time) types.String {
	if t.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(t.UTC().Format(time.RFC3339))
}

// DateOrNull renders the day of a time; the zero time is null.
func DateOrNull(t time.Time) types.String {
	if t.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(t.UTC().Format(time.DateOnly))
}

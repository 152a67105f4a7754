package tfkit

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

var sysIDPattern = regexp.MustCompile(`^[0-9a-f]{32}$`)

// IsSysID tells whether s is written as a sys_id.
func IsSysID(s string) bool { return sysIDPattern.MatchString(s) }

// SysID accepts a sys_id.
func SysID() validator.String {
	return stringvalidator.RegexMatches(sysIDPattern, "must be a sys_id: 32 lower-case hexadecimal digits")
}

// Name accepts a name that ServiceNow can store and that encoded queries can find again.
func Name(maxLength int) []validator.String {
	return []validator.String{
		stringvalidator.LengthBetween(1, maxLength),
		stringvalidator.RegexMatches(regexp.MustCompile(`^\S(.*\S)?$`), "must be one line without leading or trailing blanks"),
		stringvalidator.RegexMatches(regexp.MustCompile(`^[^\^]*$`),
			"must not contain '^', which separates the conditions of ServiceNow's encoded queries"),
	}
}

// Duration accepts a positive Go duration such as 90m or 24h.
func Duration() validator.String { return durationValidator{} }

type durationValidator struct{}

func (durationValidator) Description(context.Context) string {
	return `must be a positive duration such as "90m" or "24h"`
}

func (v durationValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v durationValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || d <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration",
			fmt.Sprintf("%s %s, got %q.", req.Path, v.Description(ctx), req.ConfigValue.ValueString()))
	}
}

// Timestamp accepts a time in RFC 3339 with whole seconds, which is what a date-time column can hold.
func Timestamp() validator.String { return timestampValidator{} }

type timestampValidator struct{}

func (timestampValidator) Description(context.Context) string {
	return `must be a time in RFC 3339 with whole seconds, such as "2026-11-01T00:00:00Z"`
}

func (v timestampValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (v timestampValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if t, err := time.Parse(time.RFC3339, req.ConfigValue.ValueString()); err != nil || t.Nanosecond() != 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid time",
			fmt.Sprintf("%s %s, got %q.", req.Path, v.Description(ctx), req.ConfigValue.ValueString()))
	}
}

// Date accepts a day, written 2006-01-02.
func Date() validator.String { return dateValidator{} }

type dateValidator struct{}

func (dateValidator) Description(context.Context) string {
	return `must be a date such as "2026-11-01"`
}

func (v dateValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v dateValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := time.Parse(time.DateOnly, req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid date",
			fmt.Sprintf("%s %s, got %q.", req.Path, v.Description(ctx), req.ConfigValue.ValueString()))
	}
}

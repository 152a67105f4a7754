package connector

import (
	"errors"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
)

// Checklist collects the checks of a Report.
type Checklist struct{ report Report }

// Check adds a check.
func (c *Checklist) Check(process string, ok bool, message string) {
	c.report.Checks = append(c.report.Checks, companion.Check{Process: process, OK: ok, Message: message})
}

// Group adds a group that Validate found.
func (c *Checklist) Group(g Group) { c.report.Groups = append(c.report.Groups, g) }

// Warn adds a warning.
func (c *Checklist) Warn(message string) { c.report.Warnings = append(c.report.Warnings, message) }

// Call adds a check for a call of the vendor, failed with the call's error or passed with what good says, and tells
// whether it passed.
func (c *Checklist) Call(process string, err error, good func() string) bool {
	if err != nil {
		c.Check(process, false, err.Error())
		return false
	}
	c.Check(process, true, good())
	return true
}

// Result is the report, which is OK when every check is. It comes with err where the vendor could not be asked at all.
func (c *Checklist) Result(err error) (Report, error) {
	if CannotTell(err) {
		return c.report, err
	}
	c.report.OK = true
	for _, check := range c.report.Checks {
		c.report.OK = c.report.OK && check.OK
	}
	return c.report, nil
}

// CannotTell tells whether an error leaves open what is the case at the vendor.
func CannotTell(err error) bool {
	if err == nil {
		return false
	}
	var failure *Error
	if !errors.As(err, &failure) {
		return true
	}
	return failure.Kind == KindUnavailable || failure.Kind == KindRateLimited
}

// KindOf is the kind of a vendor's error, and empty for any other.
func KindOf(err error) Kind {
	var failure *Error
	if errors.As(err, &failure) {
		return failure.Kind
	}
	return ""
}

// StatusOf is the HTTP status of a vendor's error, and 0 for any other.
func StatusOf(err error) int {
	var failure *Error
	if errors.As(err, &failure) {
		return failure.Status
	}
	return 0
}

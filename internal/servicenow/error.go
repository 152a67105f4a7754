package servicenow

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Sentinel errors, to be used with errors.Is. They come wrapped in an *Error that has the details.
var (
	// ErrNotFound is a record that is gone, or hidden by an access rule: the instance does not tell which.
	ErrNotFound = errors.New("record not found")
	// ErrAmbiguous is a look-up of one record that matched several.
	ErrAmbiguous = errors.New("more than one record matches")
	// ErrConflict is a write that a unique index refused.
	ErrConflict = errors.New("a record with the same key exists")
	// ErrDenied is a user who may not do this.
	ErrDenied = errors.New("access denied")
	// ErrUnauthorized is a credential that the instance does not accept.
	ErrUnauthorized = errors.New("not authenticated")
	// ErrRateLimited is a 429 that lasted; see *RateLimitError.
	ErrRateLimited = errors.New("rate limited")
	// ErrTruncated is an answer that stopped half-way.
	ErrTruncated = errors.New("the answer stopped half-way")
	// ErrInvalidTable is a table that the instance does not have: the plugin that brings it is not active.
	ErrInvalidTable = errors.New("no such table")
	// ErrNoRoute is a path that the instance does not serve, such as the companion routes when the app is not installed.
	ErrNoRoute = errors.New("no such route")
	// ErrUnreachable is a request that got no answer.
	ErrUnreachable = errors.New("no answer from the instance")
)

// Error is a request that did not succeed: what was asked of which object, what the instance said, and what to do.
type Error struct {
	Method        string
	Table         string // empty for companion routes
	Path          string // without query, which may name people
	Status        int    // 0 without an answer
	Message       string // error.message of the instance
	Detail        string // error.detail of the instance
	TransactionID string // X-Transaction-ID: ServiceNow's support can search by it
	Advice        string
	InProcess     bool  // the embedded instance of this process answered; see Config.InProcess
	Err           error // a sentinel or typed error of this package; may be nil
}

// Error implements error.
func (e *Error) Error() string {
	var b strings.Builder
	switch {
	case e.InProcess:
		b.WriteString("the embedded instance said")
	case e.Status != 0:
		fmt.Fprintf(&b, "%s %s: instance answered %d", e.Method, e.Path, e.Status)
	default:
		fmt.Fprintf(&b, "%s %s", e.Method, e.Path)
	}
	parts := []string{e.Message, e.Detail}
	if rule := new(BusinessRuleError); errors.As(e.Err, &rule) && rule.Message != "" {
		parts = []string{rule.Error()} // without table, sys_id and stack of the rule
	}
	for _, part := range parts {
		if part != "" {
			b.WriteString(": " + part)
		}
	}
	// Message and detail say the same as a sentinel, in the instance's words.
	if limit := new(RateLimitError); e.Err != nil && (e.Message == "" || errors.As(e.Err, &limit)) {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if e.TransactionID != "" && !e.InProcess {
		fmt.Fprintf(&b, " (transaction %s)", e.TransactionID)
	}
	if e.Advice != "" {
		b.WriteString(". " + e.Advice)
	}
	return b.String()
}

// Unwrap gives the sentinel or typed error.
func (e *Error) Unwrap() error { return e.Err }

// BusinessRuleError is a write that a business rule or data policy of the instance aborted.
type BusinessRuleError struct {
	Rule    string
	Message string // what the instance said besides the name of the rule; often empty
}

// Error implements error.
func (e *BusinessRuleError) Error() string {
	if e.Message == "" {
		return fmt.Sprintf("business rule %q refused the write", e.Rule)
	}
	return fmt.Sprintf("business rule %q refused the write: %s", e.Rule, e.Message)
}

// RateLimitError is a 429. It matches ErrRateLimited. Rule and Reset are empty when the instance was busy rather than a
// rate limit rule exceeded.
type RateLimitError struct {
	Rule       string // sys_id in sys_rate_limit_rules
	Limit      string // requests per hour
	Reset      time.Time
	RetryAfter time.Duration
}

// Error implements error.
func (e *RateLimitError) Error() string {
	if e.Rule == "" {
		return "the instance is busy: too many requests at a time"
	}
	text := fmt.Sprintf("rate limit rule %s (%s requests per hour) is exceeded", e.Rule, e.Limit)
	if !e.Reset.IsZero() {
		text += ", reset at " + e.Reset.UTC().Format(time.RFC3339)
	}
	return text
}

// Is makes errors.Is(err, ErrRateLimited) true.
func (e *RateLimitError) Is(target error) bool { return target == ErrRateLimited }

// NotJSONKind is what an answer that is not JSON seems to be.
type NotJSONKind string

// The kinds of answers that are not JSON.
const (
	KindHibernating NotJSONKind = "hibernating" // a sleeping developer instance
	KindOffline     NotJSONKind = "offline"     // restart, upgrade, load balancer
	KindLogin       NotJSONKind = "login"       // a login or single sign-on page
	KindUnknown     NotJSONKind = "unknown"     // probably not a ServiceNow instance
)

// NotJSONError is an answer that is not JSON.
type NotJSONError struct {
	Kind NotJSONKind
}

// Error implements error.
func (e *NotJSONError) Error() string {
	switch e.Kind {
	case KindHibernating:
		return "the developer instance is hibernating"
	case KindOffline:
		return "the instance is offline"
	case KindLogin:
		return "the instance answered with a login page"
	default:
		return "the answer is not JSON"
	}
}

// DroppedColumnError is a write that the instance accepted without storing one of the columns. The Table API ignores
// unknown and unwritable columns silently.
type DroppedColumnError struct {
	Table  string
	SysID  string
	Column string
	// Hidden is true when the instance did not return the column at all.
	Hidden bool
}

// Error implements error.
func (e *DroppedColumnError) Error() string {
	if e.Hidden {
		return fmt.Sprintf("write %s %s: the instance accepted the write but has no column %q, or hides it. "+
			"Check the column's name in sys_dictionary and the user's read and write access to it", e.Table, e.SysID, e.Column)
	}
	return fmt.Sprintf("write %s %s: the instance accepted the write but did not store column %q. "+
		"Check the user's write access to it and the business rules of the table", e.Table, e.SysID, e.Column)
}

// HiddenColumnError is a record that came without a column that was asked for. A hidden column must not be taken for an
// empty one.
type HiddenColumnError struct {
	Table  string
	SysID  string
	Column string
}

// Error implements error.
func (e *HiddenColumnError) Error() string {
	return fmt.Sprintf("read %s %s: the instance has no column %q, or hides it. "+
		"Check the column's name in sys_dictionary and the user's read access to it", e.Table, e.SysID, e.Column)
}

// IgnoredConditionError is a query of which the instance ignored a condition, so that the answer holds rows nobody asked
// for. The Table API drops conditions on unknown and unreadable columns silently.
type IgnoredConditionError struct {
	Table  string
	Column string
	// Hidden is true when the instance did not return the column at all.
	Hidden bool
}

// Error implements error.
func (e *IgnoredConditionError) Error() string {
	if e.Hidden {
		return fmt.Sprintf("query %s: the instance ignored the filter on column %q because it has no such column, or hides it. "+
			"Check the column's name in sys_dictionary and the user's read access to it", e.Table, e.Column)
	}
	return fmt.Sprintf("query %s: the instance returned rows that do not match the filter on column %q. "+
		"Check that the user may query this column (query ACLs)", e.Table, e.Column)
}

// WrongInstanceError says that another instance answers than the one that was expected, or that its database does not
// exist.
type WrongInstanceError struct {
	Expected string
	Actual   string // empty when the embedded database does not exist
}

// Error implements error.
func (e *WrongInstanceError) Error() string {
	if e.Actual == "" {
		return fmt.Sprintf("the state belongs to instance %s, but its database does not exist here. "+
			"Nothing was removed from the state. Restore the database, or correct database_url; "+
			"where the instance is really gone, run terraform state rm for its objects", e.Expected)
	}
	return fmt.Sprintf("the state belongs to instance %s, but instance %s answers. "+
		"Nothing was removed from the state. Point the provider at the instance that the state was made with; "+
		"where that one is really gone, run terraform state rm for its objects", e.Expected, e.Actual)
}

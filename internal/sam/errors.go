package sam

import (
	"errors"
	"fmt"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
)

var errSkeleton = errors.New("not built yet")

// Sentinel errors, to be used with errors.Is.
var (
	ErrNotFound     = errors.New("record not found")
	ErrExists       = errors.New("record exists already")
	ErrNoCompanion  = errors.New("the instance has no companion routes")
	ErrRunCanceled  = errors.New("the run was canceled")
	ErrInvalidTable = errors.New("the instance has no such table")
)

// WrongInstanceError says that another instance, or none, answers than the one that a state was made with.
type WrongInstanceError struct {
	Expected string
	Actual   string // empty when the embedded database does not exist
}

// Error implements error.
func (e *WrongInstanceError) Error() string { return e.Expected + e.Actual }

// ExistsError is a Create that met a record with its own natural key. It matches ErrExists.
type ExistsError struct {
	Object string // such as "integration profile"
	Key    string // the natural key, such as the display name
	SysID  string // of the record that is in the way
}

// Error implements error.
func (e *ExistsError) Error() string { return e.Object + e.Key }

// Unwrap makes errors.Is(err, ErrExists) true.
func (e *ExistsError) Unwrap() error { return ErrExists }

// UnknownProfileTypeError is a profile type that is not in the catalogue of the instance's release family.
type UnknownProfileTypeError struct {
	Value string
	Known []string
}

// Error implements error.
func (e *UnknownProfileTypeError) Error() string { return e.Value + strings.Join(e.Known, ", ") }

// SpokeMissingError is a profile type whose spoke is not installed on the instance.
type SpokeMissingError struct {
	ProfileType string // label
	Spoke       string // optional feature to install
}

// Error implements error.
func (e *SpokeMissingError) Error() string { return e.ProfileType + e.Spoke }

// PluginMissingError is an instance without SaaS License Management: its tables do not exist.
type PluginMissingError struct {
	Table string
	Err   error
}

// Error implements error.
func (e *PluginMissingError) Error() string { return e.Table }

// Unwrap gives the answer of the instance.
func (e *PluginMissingError) Unwrap() error { return e.Err }

// ValidationError is a Validate Connection that was carried out and found the connection not good.
type ValidationError struct {
	Outcome companion.ValidateOutcome
	Message string
}

// Error implements error.
func (e *ValidationError) Error() string { return e.Message }

// RunError is a run (validate, publish, refresh, reclaim) that ended as failed or canceled.
type RunError struct {
	Operation string // such as "refresh subscriptions"
	Object    string // such as "integration profile 0a1b…"
	Canceled  bool
	Message   string
	Detail    string
}

// Error implements error.
func (e *RunError) Error() string { return fmt.Sprint(e.Operation, e.Message) }

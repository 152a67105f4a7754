package sam

import (
	"errors"
	"fmt"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// Sentinel errors, to be used with errors.Is.
var (
	ErrNotFound     = servicenow.ErrNotFound     // gone, confirmed on the instance
	ErrAmbiguous    = servicenow.ErrAmbiguous    // a look-up of one record matched several
	ErrDenied       = servicenow.ErrDenied       // the user may not do this
	ErrUnauthorized = servicenow.ErrUnauthorized // the credential is not accepted
	ErrRateLimited  = servicenow.ErrRateLimited
	ErrInvalidTable = servicenow.ErrInvalidTable
	ErrNoCompanion  = servicenow.ErrNoRoute // the instance has no companion routes: table mode
	ErrExists       = errors.New("record exists already")
	ErrRunCanceled  = errors.New("the run was canceled")
)

// Errors of the REST client that callers branch on, under the names they have here.
type (
	// WrongInstanceError says that another instance, or none, answers than the one a state was made with.
	WrongInstanceError = servicenow.WrongInstanceError
	// BusinessRuleError is a write that the instance refused.
	BusinessRuleError = servicenow.BusinessRuleError
	// DroppedColumnError is a write that the instance accepted without storing a column.
	DroppedColumnError = servicenow.DroppedColumnError
	// RequestError has the details of a request that failed.
	RequestError = servicenow.Error
)

// ExistsError is a Create that met a record with its own natural key. It matches ErrExists.
type ExistsError struct {
	Object string // such as "integration profile"
	Key    string // the natural key, such as the display name
	SysID  string // of the record that is in the way
}

// Error implements error.
func (e *ExistsError) Error() string {
	return fmt.Sprintf("create %s %q: it exists already (sys_id %s). Import it, or choose another name", e.Object, e.Key, e.SysID)
}

// Unwrap makes errors.Is(err, ErrExists) true.
func (e *ExistsError) Unwrap() error { return ErrExists }

// ConnectionTakenError is a connection whose name another one has. It matches ErrExists.
type ConnectionTakenError struct {
	Name       string
	SysID      string // of the other connection
	AliasSysID string // that the other connection is of; may be empty
	AliasID    string // full id of that alias
}

// Error implements error.
func (e *ConnectionTakenError) Error() string {
	return fmt.Sprintf("connection %q exists already (sys_id %s) and belongs to alias %q (sys_id %s). Choose another name, or manage "+
		"that alias", e.Name, e.SysID, e.AliasID, e.AliasSysID)
}

// Unwrap makes errors.Is(err, ErrExists) true.
func (e *ConnectionTakenError) Unwrap() error { return ErrExists }

// UnknownProfileTypeError is a profile type that is not in the catalogue of the instance's release family.
type UnknownProfileTypeError struct {
	Value string
	Known []string
}

// Error implements error.
func (e *UnknownProfileTypeError) Error() string {
	return fmt.Sprintf("profile type %q is unknown. Known are: %s", e.Value, strings.Join(e.Known, ", "))
}

// SpokeMissingError is a profile type whose spoke is not installed on the instance.
type SpokeMissingError struct {
	ProfileType string // label
	Spoke       string // optional feature to install
	Missing     string // what was looked for; empty when the instance itself says that the spoke is missing
}

// Error implements error.
func (e *SpokeMissingError) Error() string {
	text := fmt.Sprintf("profile type %q needs the %s, which is not installed on the instance", e.ProfileType, e.Spoke)
	if e.Missing != "" {
		text += " (there is no " + e.Missing + ")"
	}
	return text + ". Install it as an optional feature of SaaS License Management in the Application Manager"
}

// PluginMissingError is an instance without SaaS License Management: its tables do not exist.
type PluginMissingError struct {
	Table string
	Err   error
}

// Error implements error.
func (e *PluginMissingError) Error() string {
	return fmt.Sprintf("the instance has no table %s: Software Asset Management (com.snc.samp) with SaaS License Management "+
		"(sn_sam_saas_int) is not active. Activate both plugins: %v", e.Table, e.Err)
}

// Unwrap gives the answer of the instance.
func (e *PluginMissingError) Unwrap() error { return e.Err }

// ValidationError is a Validate Connection that was carried out and found the connection not good.
type ValidationError struct {
	Profile string // sys_id
	Outcome companion.ValidateOutcome
	Message string
}

// Error implements error.
func (e *ValidationError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "validate connection of integration profile %s: connection validation is not successful", e.Profile)
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	for _, check := range e.Outcome.Checks {
		if !check.OK {
			fmt.Fprintf(&b, "; %s: %s", check.Process, check.Message)
		}
	}
	return b.String()
}

// RunError is a run (publish, refresh, reclaim) that ended as failed or canceled. A canceled one matches ErrRunCanceled.
type RunError struct {
	Operation string // such as "refresh"
	Object    string // such as "integration profile 0a1b…"
	RunID     string
	Canceled  bool
	Message   string
	Detail    string
}

// Error implements error.
func (e *RunError) Error() string {
	text := fmt.Sprintf("%s of %s", e.Operation, e.Object)
	if e.Canceled {
		text += " was canceled"
	} else {
		text += " failed"
	}
	for _, part := range []string{e.Message, e.Detail} {
		if part != "" {
			text += ": " + part
		}
	}
	return text + " (run " + e.RunID + ")"
}

// Is makes errors.Is(err, ErrRunCanceled) true for a canceled run.
func (e *RunError) Is(target error) bool { return e.Canceled && target == ErrRunCanceled }

// HiddenError is a record that is not readable, although the instance still counts it or cannot be trusted to say that it
// is gone. It must not be taken for deleted.
type HiddenError struct {
	Table  string
	SysID  string
	Reason string
}

// Error implements error.
func (e *HiddenError) Error() string {
	return fmt.Sprintf("read %s %s: %s. Nothing was removed from the state. Check the user's roles and access rules for this table; "+
		"if the record is really gone, run terraform state rm for it", e.Table, e.SysID, e.Reason)
}

// Unwrap makes errors.Is(err, ErrDenied) true.
func (e *HiddenError) Unwrap() error { return ErrDenied }

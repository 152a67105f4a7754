package restapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/query"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

type failure struct {
	Error  failureError `json:"error"`
	Status string       `json:"status"`
}

type failureError struct {
	Message string  `json:"message"`
	Detail  *string `json:"detail"`
}

// statusClientClosed is what ServiceNow logs when the caller went away (KB0546297). Nobody reads the answer.
const statusClientClosed = 499

// fail answers with an error. An empty detail is null, as on ServiceNow.
func (c *call) fail(status int, message, detail string) {
	writeFailure(c.w, status, message, detail)
}

func writeFailure(w http.ResponseWriter, status int, message, detail string) {
	f := failure{Error: failureError{Message: message}, Status: "failure"}
	if detail != "" {
		f.Error.Detail = &detail
	}
	body, err := json.Marshal(f)
	if err != nil {
		body = []byte(`{"error":{"message":"Internal error","detail":null},"status":"failure"}`)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func (c *call) noSuchRoute() {
	c.fail(http.StatusBadRequest, "Requested URI does not represent any resource", "")
}

func (c *call) methodNotAllowed(allowed ...string) {
	c.w.Header().Set("Allow", strings.Join(allowed, ", "))
	c.fail(http.StatusMethodNotAllowed, "Method not supported", "This resource takes "+strings.Join(allowed, ", "))
}

// failWith answers with the entry of the error catalogue for err (servicenow-platform 1.5). operation is Insert, Update,
// Delete or Query.
func (c *call) failWith(operation string, err error) {
	var (
		table    *store.InvalidTableError
		rule     *store.BusinessRuleError
		conflict *store.ConflictError
		denied   *store.DeniedError
		value    *store.ValueError
		invalid  *query.ConditionError
	)
	switch {
	case errors.As(err, &table):
		c.fail(http.StatusBadRequest, "Invalid table "+table.Table, "")
	case errors.Is(err, store.ErrNotFound):
		c.notFound()
	case errors.As(err, &rule):
		c.fail(http.StatusForbidden, "Operation Failed", abortedBy(rule))
	case errors.As(err, &conflict):
		c.fail(http.StatusForbidden, "Operation Failed", fmt.Sprintf("Error during %s of %s (Unique Key violation detected by database: %s)",
			strings.ToLower(operation), conflict.Table, conflict.Error()))
	case errors.As(err, &denied):
		c.denied(operation, denied.Reason)
	case errors.As(err, &value):
		c.fail(http.StatusBadRequest, "Invalid value", value.Error())
	case errors.Is(err, query.ErrTooComplex), errors.As(err, &invalid):
		c.fail(http.StatusBadRequest, "Invalid query", err.Error())
	case c.r.Context().Err() != nil, errors.Is(err, context.Canceled):
		c.fail(statusClientClosed, "Transaction cancelled", "The caller went away")
	default:
		c.unavailable(err)
	}
}

func (c *call) notFound() {
	c.fail(http.StatusNotFound, "No Record found", "Record doesn't exist or ACL restricts the record retrieval")
}

func (c *call) denied(operation, reason string) {
	detail := "ACL Exception " + operation + " Failed due to security constraints"
	if reason != "" {
		detail += ": " + reason
	}
	c.fail(http.StatusForbidden, "Operation Failed", detail)
}

// unavailable tells what is wrong with the database. ServiceNow never says such things; here the reader is the one who
// can help.
func (c *call) unavailable(err error) {
	var (
		unavailable *store.UnavailableError
		version     *store.VersionError
		key         *store.KeyError
	)
	message := "Internal error"
	if errors.As(err, &unavailable) || errors.As(err, &version) || errors.As(err, &key) {
		message = "The database of the embedded instance cannot be used"
	}
	c.options.Log.ErrorContext(c.r.Context(), "request failed", "method", c.method, "path", c.r.URL.Path, "error", err)
	c.fail(http.StatusInternalServerError, message, err.Error())
}

// abortedBy is the text of a write that a business rule aborted. ServiceNow keeps the rule's own message to itself; it is
// given here between the two sentences that ServiceNow writes.
func abortedBy(e *store.BusinessRuleError) string {
	id := e.SysID
	if id == "" {
		id = dictionary.SeedID("sys_script", e.Rule)
	}
	message := ""
	if e.Message != "" {
		message = e.Message + " "
	}
	return fmt.Sprintf("Operation against file '%s' was aborted by Business Rule '%s^%s'. %sBusiness Rule Stack:%s", e.Table, e.Rule, id, message, e.Rule)
}

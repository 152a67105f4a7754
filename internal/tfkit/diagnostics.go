package tfkit

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

// ErrorDiagnostic says what we were doing to which object, what the other side answered, and what the reader should do.
// The operation is a verb ("read"), the object names the thing and which one ("integration profile 0a1b…").
func ErrorDiagnostic(operation, object string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summary(operation, object), detail(operation, object, err))
}

// WarningDiagnostic is ErrorDiagnostic for trouble that does not stop the operation.
func WarningDiagnostic(operation, object string, err error) diag.Diagnostic {
	return diag.NewWarningDiagnostic(summary(operation, object), detail(operation, object, err))
}

func summary(operation, object string) string {
	return fmt.Sprintf("Could not %s %s", operation, object)
}

func detail(operation, object string, err error) string {
	text := inWords(err)
	if text != "" && !strings.ContainsAny(text[len(text)-1:], ".!?\n") {
		text += "."
	}
	if advice := advice(err); advice != "" && !strings.Contains(text, advice) {
		text += "\n\n" + advice
	}
	return fmt.Sprintf("While trying to %s %s: %s", operation, object, text)
}

// inWords is the text of an error. Where a business rule refused a write, its own words are what a person needs; the request
// around them is noise, apart from the transaction that ServiceNow's support can search by.
func inWords(err error) string {
	var rule *sam.BusinessRuleError
	if !errors.As(err, &rule) || rule.Message == "" {
		return err.Error()
	}
	message, _, _ := strings.Cut(rule.Message, " Business Rule Stack:")
	text := fmt.Sprintf("the instance refused: %s (business rule %q", strings.TrimSuffix(message, "."), rule.Rule)
	if request := new(sam.RequestError); errors.As(err, &request) && request.TransactionID != "" && !request.InProcess {
		text += ", transaction " + request.TransactionID
	}
	return text + ")."
}

// advice says what to do about an error whose own text does not; errors of the client normally carry theirs.
func advice(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "The operation ran out of time. What was done until then is kept: run the same command again, and give it " +
			"longer with the timeouts attribute."
	case errors.Is(err, context.Canceled):
		return "The operation was interrupted. What was done until then is kept: run the same command again."
	case errors.Is(err, sam.ErrNotFound):
		return "The instance has no such record, or hides it from this user. Check the name or id."
	case errors.Is(err, sam.ErrNoCompanion):
		return "This needs the companion app on the ServiceNow instance; with the Table API alone a person presses the button."
	}
	return ""
}

// Exists is the diagnostic of a Create that met its own natural key: the record is there, so it can be imported.
func Exists(resourceType, object, key, sysID string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(fmt.Sprintf("The %s exists already", object), fmt.Sprintf(
		"Creating the %s %q: the instance already has one (sys_id %s). If an earlier apply was interrupted, or somebody made it "+
			"by hand, let Terraform manage it with this block:\n\n%s\n\nOtherwise choose another name.",
		object, key, sysID, ImportBlock(resourceType, sysID)))
}

// ImportBlock is an import block to paste; the reader puts in the name of the resource.
func ImportBlock(resourceType, id string) string {
	return fmt.Sprintf("  import {\n    to = %s.NAME\n    id = %q\n  }", resourceType, id)
}

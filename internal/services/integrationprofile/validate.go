package integrationprofile

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// validate runs Validate Connection on a profile. The advice says what to do about a connection that is not good.
func validate(ctx context.Context, client *sam.Client, m model, advice string, say sam.Say) diag.Diagnostics {
	outcome, err := client.Profiles.Validate(ctx, m.ID.ValueString(), say)
	return validated(m, outcome, err, advice)
}

// validated tells what Validate Connection found.
func validated(m model, outcome companion.ValidateOutcome, err error, advice string) diag.Diagnostics {
	var diags diag.Diagnostics
	if err != nil {
		diags.Append(validationFailed(m, advice, err))
		return diags
	}
	for _, warning := range outcome.Warnings {
		diags.AddWarning("Validate Connection has a remark", fmt.Sprintf("Validating the %s: %s", object(m), warning))
	}
	return diags
}

func validationFailed(m model, advice string, err error) diag.Diagnostic {
	var invalid *sam.ValidationError
	if !errors.As(err, &invalid) {
		return tfkit.ErrorDiagnostic("validate the connection of", object(m), err)
	}
	var failed []string
	for _, check := range invalid.Outcome.Checks {
		if !check.OK {
			failed = append(failed, fmt.Sprintf("  %s: %s", check.Process, check.Message))
		}
	}
	if len(failed) == 0 {
		failed = []string{"  " + invalid.Message}
	}
	return diag.NewErrorDiagnostic("The connection of the integration profile is not good", fmt.Sprintf(
		"Validating the connection of the %s, alias %s, failed:\n%s\n\n%s Where you change a secret, raise its version too "+
			"(such as key_wo_version or token_wo_version): without that it is not sent.",
		object(m), m.ConnectionAliasID.ValueString(), strings.Join(failed, "\n"), advice))
}

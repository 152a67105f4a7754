package connection

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// Delete deletes the connection with its credential; nil where there is none, or it went well.
func (m Model) Delete(ctx context.Context, client *sam.Client, aliasSysID, what string) diag.Diagnostic {
	if m.ConnectionID.IsNull() {
		return nil
	}
	err := client.Aliases.DeleteConnection(ctx, sam.Connection{
		SysID:      m.ConnectionID.ValueString(),
		AliasSysID: aliasSysID,
		Credential: sam.Credential{SysID: m.CredentialID.ValueString(), Kind: m.Kind()},
	})
	if err != nil {
		return tfkit.ErrorDiagnostic("delete the connection of", what, err)
	}
	return nil
}

// TakeBack takes back the alias of a Create that failed before there was anything to keep, so that the next apply can start
// again.
func TakeBack(ctx context.Context, client *sam.Client, alias sam.Alias) diag.Diagnostic {
	ctx = context.WithoutCancel(ctx)
	if current, err := client.Aliases.Connection(ctx, alias.SysID); err == nil {
		if err := client.Aliases.DeleteConnection(ctx, current); err != nil {
			return tfkit.WarningDiagnostic("take back the connection of", fmt.Sprintf("alias %q", alias.ID), err)
		}
	}
	if err := client.Aliases.Delete(ctx, alias.SysID); err != nil {
		return tfkit.WarningDiagnostic("take back", fmt.Sprintf("alias %q", alias.ID), err)
	}
	return nil
}

// RefuseInUse fails before anything is deleted: an alias that a profile uses cannot be deleted, and without its connection
// the profile would fail.
func RefuseInUse(ctx context.Context, client *sam.Client, aliasSysID, what string) diag.Diagnostics {
	for p, err := range client.Profiles.All(ctx, sam.ProfileFilter{}) {
		if errors.Is(err, sam.ErrInvalidTable) {
			return nil // without the plugin there are no profiles
		}
		if err != nil {
			return diag.Diagnostics{tfkit.ErrorDiagnostic("read the profiles that use", what, err)}
		}
		if p.AliasSysID == aliasSysID {
			return diag.Diagnostics{diag.NewErrorDiagnostic("The connection alias is in use", fmt.Sprintf(
				"Deleting the %s: the integration profile %q uses it. Nothing was deleted. Give the profile another alias first; to "+
					"replace the alias in one apply, set lifecycle { create_before_destroy = true } on it.",
				what, p.DisplayName))}
		}
	}
	return nil
}

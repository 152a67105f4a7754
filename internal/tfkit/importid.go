package tfkit

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

// ImportID is what an import names: the text of `id`, or the sys_id of an identity, and the instance to find it on. An
// identity that names an instance is checked against the one that answers.
func (m *Meta) ImportID(ctx context.Context, req resource.ImportStateRequest, object string) (string, sam.Instance, diag.Diagnostics) {
	client, diags := m.Client()
	if diags.HasError() {
		return "", sam.Instance{}, diags
	}
	expected, id := "", req.ID
	if id == "" {
		var identity Identity
		if diags.Append(req.Identity.Get(ctx, &identity)...); diags.HasError() {
			return "", sam.Instance{}, diags
		}
		expected, id = identity.Instance.ValueString(), identity.SysID.ValueString()
	}
	what := fmt.Sprintf("%s %q", object, id)
	if err := client.CheckInstance(ctx, expected); err != nil {
		diags.Append(ErrorDiagnostic("import", what, err))
		return id, sam.Instance{}, diags
	}
	instance, err := client.Instance(ctx)
	if err != nil {
		diags.Append(ErrorDiagnostic("import", what, err))
	} else if instance.ID == "" {
		diags.AddError("There is no database to import from", fmt.Sprintf("Importing the %s: the embedded database %s does not exist "+
			"yet. Check database_url.", what, m.DatabasePath))
	}
	return id, instance, diags
}

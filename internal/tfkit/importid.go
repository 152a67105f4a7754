package tfkit

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// ImportID is what an import names: the text of `id`, or the sys_id of an identity. An identity that names an instance is
// checked against the one that answers.
func (m *Meta) ImportID(ctx context.Context, req resource.ImportStateRequest, object string) (string, diag.Diagnostics) {
	client, diags := m.Client()
	if diags.HasError() {
		return "", diags
	}
	expected, id := "", req.ID
	if id == "" {
		var identity Identity
		if diags.Append(req.Identity.Get(ctx, &identity)...); diags.HasError() {
			return "", diags
		}
		expected, id = identity.Instance.ValueString(), identity.SysID.ValueString()
	}
	if err := client.CheckInstance(ctx, expected); err != nil {
		diags.Append(ErrorDiagnostic("import", fmt.Sprintf("%s %q", object, id), err))
	}
	return id, diags
}

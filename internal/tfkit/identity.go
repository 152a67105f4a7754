package tfkit

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Identity identifies a record for its whole life: the instance that holds it and its sys_id there.
type Identity struct {
	Instance types.String `tfsdk:"instance"`
	SysID    types.String `tfsdk:"sys_id"`
}

// IdentitySchema is the identity schema of every managed record.
func IdentitySchema() identityschema.Schema {
	return identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"instance": identityschema.StringAttribute{
				OptionalForImport: true,
				Description: "The instance that holds the record: the UUID of an embedded database, or what the companion " +
					"routes of a ServiceNow instance report.",
			},
			"sys_id": identityschema.StringAttribute{
				RequiredForImport: true,
				Description:       "The sys_id of the record (32 hexadecimal digits).",
			},
		},
	}
}

// SetIdentity sets the identity of a record. Call it in Create, Read and Update alike, in Read also before the resource
// is removed: cores that store no identity hand over null, and the framework refuses to leave it null.
func SetIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, instance, sysID string) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.Set(ctx, Identity{Instance: types.StringValue(instance), SysID: types.StringValue(sysID)})
}

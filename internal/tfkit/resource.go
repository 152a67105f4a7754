package tfkit

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

// Resource is the part that every resource shares: embed it.
type Resource struct{ Meta *Meta }

// Configure implements resource.ResourceWithConfigure.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	meta, diags := FromProviderData(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	r.Meta = meta
}

// Record is the part that every resource of a record shares: embed it. Runs, which have no identity, embed Resource.
type Record struct{ Resource }

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *Record) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = IdentitySchema()
}

// Keep sets the identity of a record and remembers the instance that it lives on. Call it in Create, Read and Update
// alike, in Read also before the resource is removed.
func (r *Record) Keep(
	ctx context.Context, identity *tfsdk.ResourceIdentity, private PrivateWriter, instance sam.Instance, sysID string,
) diag.Diagnostics {
	diags := SetIdentity(ctx, identity, instance.ID, sysID)
	diags.Append(PinInstance(ctx, private, instance)...)
	return diags
}

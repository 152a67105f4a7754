package childalias

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit/connection"
)

// ModifyPlan fills in the vendor's defaults and what is inherited. It looks at the configuration, the prior state and the
// catalogue alone.
func (r *childResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || r.Meta == nil {
		return
	}
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	var state *model
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if state != nil && !state.isParent(plan.Parent) {
		resp.RequiresReplace = append(resp.RequiresReplace, path.Root("parent"))
		state = nil
	}
	if state != nil && !plan.Name.Equal(state.Name) {
		state = nil // the framework replaces it
	}
	vendor, unknown, diags := r.vendor(config, state)
	resp.Diagnostics.Append(diags...)
	request := connection.PlanRequest{
		Meta: r.Meta, What: object(plan), Config: config.Model, Vendor: vendor, VendorUnknown: unknown, DefaultName: config.Name,
	}
	if state != nil {
		request.State = &state.Model
		plan.keepInherited(*state)
	} else {
		plan.planInherited()
	}
	resp.Diagnostics.Append(plan.Plan(request)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

func (m *model) planInherited() {
	m.ID, m.AliasID, m.ParentID, m.ParentAliasID = types.StringUnknown(), types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	m.Type, m.ConnectionType = types.StringUnknown(), types.StringUnknown()
	m.ConfigurationTemplate, m.RetryPolicy, m.MultipleConnections = types.StringUnknown(), types.StringUnknown(), types.BoolUnknown()
}

// vendor is the profile type that an alias is for, by its parent or by what the configuration says; unknown where only the
// instance can tell.
func (r *childResource) vendor(config model, state *model) (t dictionary.ProfileType, unknown bool, diags diag.Diagnostics) {
	family := r.Meta.ReleaseFamily
	parent := config.Parent.ValueString()
	if state != nil {
		parent = state.ParentAliasID.ValueString()
	}
	ofParent, shipped := dictionary.ProfileTypeOfAlias(family, parent)
	value := config.ProfileType.ValueString()
	switch {
	case value == "" && shipped:
		return ofParent, false, nil
	case value == "":
		return t, config.ProfileType.IsUnknown() || config.Parent.IsUnknown() || !strings.Contains(parent, "."), nil
	}
	t, known := dictionary.ProfileTypeByValue(family, value)
	switch {
	case !known:
		var values []string
		for _, t := range dictionary.ProfileTypes(family) {
			values = append(values, t.Value)
		}
		diags.AddAttributeError(path.Root("profile_type"), "Unknown profile type",
			fmt.Sprintf("There is no profile type %q. Known types: %s.", value, strings.Join(values, ", ")))
	case shipped && ofParent.Value != t.Value:
		diags.AddAttributeError(path.Root("parent"), "The parent is another vendor's", fmt.Sprintf(
			"The alias %s belongs to %s, and profile_type is %s. Choose a parent of the same vendor.", parent, ofParent.Label, t.Value))
	}
	return t, false, diags
}

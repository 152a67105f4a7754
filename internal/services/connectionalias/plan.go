package connectionalias

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

// ModifyPlan fills in the vendor's defaults and checks the connection URL. It looks at the configuration and the catalogue
// alone.
func (r *aliasResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
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

	profileType, diags := r.profileType(config)
	resp.Diagnostics.Append(diags...)
	request := connection.PlanRequest{
		Meta: r.Meta, What: object(plan), Config: config.Model, Vendor: profileType,
		VendorUnknown: config.ProfileType.IsUnknown() || config.Adopt.IsUnknown(),
		DefaultName:   defaultName(config, profileType),
	}
	if state != nil && plan.ID.Equal(state.ID) {
		request.State = &state.Model
	}
	resp.Diagnostics.Append(plan.Plan(request)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if state == nil && !plan.Adopt.IsNull() {
		plan.AliasID = plan.Adopt
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// profileType is the catalogue entry that an alias is for; the zero value where the configuration does not tell.
func (r *aliasResource) profileType(config model) (dictionary.ProfileType, diag.Diagnostics) {
	family := r.Meta.ReleaseFamily
	if value := config.ProfileType.ValueString(); value != "" {
		t, known := dictionary.ProfileTypeByValue(family, value)
		if !known {
			var values []string
			for _, t := range dictionary.ProfileTypes(family) {
				values = append(values, t.Value)
			}
			return t, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("profile_type"), "Unknown profile type",
				fmt.Sprintf("There is no profile type %q. Known types: %s.", value, strings.Join(values, ", ")))}
		}
		return t, nil
	}
	t, _ := dictionary.ProfileTypeOfAlias(family, config.Adopt.ValueString())
	return t, nil
}

// defaultName is what the vendor's dialog would call the connection, else the name of the alias.
func defaultName(config model, t dictionary.ProfileType) types.String {
	switch {
	case t.Connection.Name != "" && !config.Adopt.IsNull():
		return types.StringValue(t.Connection.Name)
	case config.Adopt.ValueString() != "":
		_, name, _ := strings.Cut(config.Adopt.ValueString(), ".")
		return types.StringValue(name)
	case config.Name.ValueString() != "":
		return config.Name
	}
	return types.StringUnknown()
}

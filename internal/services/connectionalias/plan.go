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
)

// ModifyPlan fills in the vendor's defaults and checks the connection URL. It looks at the configuration and the catalogue
// alone.
func (r *aliasResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || r.meta == nil {
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
	plan.applyDefaults(config, profileType)
	resp.Diagnostics.Append(r.checkURL(config, plan, profileType)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if state == nil && !plan.Adopt.IsNull() {
		plan.AliasID = plan.Adopt
	}
	plan.ConnectionID, plan.CredentialID = types.StringUnknown(), types.StringUnknown()
	if state != nil && !state.ConnectionID.IsNull() && plan.ID.Equal(state.ID) {
		plan.ConnectionID = state.ConnectionID
		if !state.CredentialID.IsNull() {
			plan.CredentialID = state.CredentialID
		}
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// profileType is the catalogue entry that an alias is for; the zero value where the configuration does not tell.
func (r *aliasResource) profileType(config model) (dictionary.ProfileType, diag.Diagnostics) {
	family := r.meta.ReleaseFamily
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
	t, _ := profileTypeOfAlias(family, config.Adopt.ValueString())
	return t, nil
}

// applyDefaults gives attributes that the configuration leaves out what the vendor's dialog would propose.
func (m *model) applyDefaults(config model, t dictionary.ProfileType) {
	if config.ConnectionName.IsNull() {
		m.ConnectionName = types.StringUnknown()
		switch {
		case t.Connection.Name != "" && !config.Adopt.IsNull():
			m.ConnectionName = types.StringValue(t.Connection.Name)
		case config.Adopt.ValueString() != "":
			_, name, _ := strings.Cut(config.Adopt.ValueString(), ".")
			m.ConnectionName = types.StringValue(name)
		case config.Name.ValueString() != "":
			m.ConnectionName = config.Name
		}
	}
	if config.ConnectionURL.IsNull() {
		m.ConnectionURL = types.StringUnknown()
		if proposed := t.Connection.URL; proposed != "" && !strings.Contains(proposed, "<") {
			m.ConnectionURL = types.StringValue(proposed)
		}
	}
}

func (r *aliasResource) checkURL(config, plan model, t dictionary.ProfileType) diag.Diagnostics {
	typeUnknown := config.ProfileType.IsUnknown() || config.Adopt.IsUnknown()
	switch {
	case plan.ConnectionURL.IsUnknown() && config.ConnectionURL.IsNull() && !typeUnknown:
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("connection_url"), "A connection URL is needed",
			fmt.Sprintf("Planning the %s: there is no default URL for it. Set connection_url, or set profile_type to a vendor "+
				"with one URL for everybody.", object(plan)))}
	case plan.ConnectionURL.IsUnknown():
		return nil
	}
	if err := r.meta.CheckBaseURL(plan.ConnectionURL.ValueString(), t.Connection.Hosts); err != nil {
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("connection_url"), "Unusable connection URL",
			fmt.Sprintf("Planning the %s: %s.", object(plan), strings.TrimSuffix(err.Error(), ".")))}
	}
	return nil
}

package integrationprofile

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// publish validates and publishes a profile in Draft. In table mode it can only say which button to press.
func (r *profileResource) publish(ctx context.Context, client *sam.Client, mode sam.Mode, m model) diag.Diagnostics {
	if mode == sam.ModeTable {
		return diag.Diagnostics{restsInDraft(m)}
	}
	id := m.ID.ValueString()
	diags := validate(ctx, client, m, "The profile stays in Draft. Correct the connection or the credential and apply again.",
		r.meta.Say(ctx, "validate", object(m)))
	if diags.HasError() {
		return diags
	}
	if _, err := client.Profiles.Publish(ctx, id, r.meta.Say(ctx, "publish", object(m))); err != nil {
		diags.Append(tfkit.ErrorDiagnostic("publish", object(m), err))
	}
	return diags
}

// restsInDraft names the button that only a person can press. Source: publish-integration-custom.md and
// create-integration-custom.md of ServiceNow's documentation.
func restsInDraft(m model) diag.Diagnostic {
	return diag.NewWarningDiagnostic("The integration profile rests in Draft", fmt.Sprintf(
		"The %s is saved, but the instance has no companion app, and ServiceNow offers Validate Connection and Publish only as "+
			"buttons. A person with the role sam_integrator opens the profile and presses them:\n"+
			"  Core UI: All > SaaS License > Administration > All Integration Profiles\n"+
			"  Software Asset Workspace: License operations > User Subscriptions > Direct integration profiles\n\n"+
			"After that the plan is empty.", object(m)))
}

// createFailed explains why the record could not be made. Three causes need three different people.
func createFailed(m model, err error) diag.Diagnostic {
	var (
		unknownType *sam.UnknownProfileTypeError
		noSpoke     *sam.SpokeMissingError
		noPlugin    *sam.PluginMissingError
		exists      *sam.ExistsError
	)
	switch {
	case errors.As(err, &exists):
		return tfkit.Exists(typeName, "integration profile", m.DisplayName.ValueString(), exists.SysID)
	case errors.As(err, &unknownType):
		return diag.NewAttributeErrorDiagnostic(path.Root("profile_type"), "Unknown profile type", fmt.Sprintf(
			"Creating the %s: the instance knows no profile type %q. Known types: %s.",
			object(m), unknownType.Value, strings.Join(unknownType.Known, ", ")))
	case errors.As(err, &noSpoke):
		return diag.NewAttributeErrorDiagnostic(path.Root("profile_type"), "The spoke of the profile type is not installed",
			fmt.Sprintf("Creating the %s: the profile type %s needs the optional feature %q, which this instance does not have. "+
				"On ServiceNow, an administrator adds it to the application Software Asset Management - SaaS License Management. "+
				"The embedded instance of this version cannot talk to that vendor.",
				object(m), noSpoke.ProfileType, noSpoke.Spoke))
	case errors.As(err, &noPlugin):
		return diag.NewErrorDiagnostic("SaaS License Management is not active on this instance", fmt.Sprintf(
			"Creating the %s: the instance has no table %s, so the plugin Software Asset Management Professional (com.snc.samp) "+
				"or the application SaaS License Management (sn_sam_saas_int) is missing. A ServiceNow administrator activates "+
				"them.\n\nThe instance said: %v", object(m), noPlugin.Table, noPlugin.Err))
	}
	return tfkit.ErrorDiagnostic("create", object(m), err)
}

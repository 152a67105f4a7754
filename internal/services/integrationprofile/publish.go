package integrationprofile

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// publish validates and publishes a profile in Draft. In table mode it can only say which button to press. Where mayRest is
// true, a profile that waits for somebody's consent rests in Draft without an error.
func (r *profileResource) publish(ctx context.Context, client *sam.Client, mode sam.Mode, m model, mayRest bool) diag.Diagnostics {
	if mode == sam.ModeTable {
		return diag.Diagnostics{restsInDraft(m)}
	}
	instance, err := client.Instance(ctx)
	if err != nil {
		return diag.Diagnostics{tfkit.ErrorDiagnostic("publish", object(m), err)}
	}
	id := m.ID.ValueString()
	var diags diag.Diagnostics
	if t, _ := dictionary.ProfileTypeByValue(instance.ReleaseFamily, m.ProfileType.ValueString()); t.Toggles {
		outcome, err := client.Profiles.Validate(ctx, id, r.Meta.Say(ctx, "validate", object(m)))
		if mayRest && outcome.Failed(companion.CheckConsentPending) != nil {
			return diag.Diagnostics{r.restsForConsent(ctx, client, m)}
		}
		diags = validated(m, outcome, err, "The profile stays in Draft. Correct the connection or the credential and apply again.")
		if diags.HasError() {
			return diags
		}
	}
	published, err := client.Profiles.Publish(ctx, id, r.Meta.Say(ctx, "publish", object(m)))
	if err != nil {
		diags.Append(tfkit.ErrorDiagnostic("publish", object(m), err))
	}
	for _, warning := range published.Warnings {
		diags.AddWarning("Publishing has a remark", fmt.Sprintf("Publishing the %s: %s", object(m), warning))
	}
	return diags
}

func (r *profileResource) restsForConsent(ctx context.Context, client *sam.Client, m model) diag.Diagnostic {
	profile, err := client.Profiles.Get(ctx, m.ID.ValueString())
	if err != nil {
		return tfkit.ErrorDiagnostic("read", object(m), err)
	}
	return consentAdvice(m, profile.AliasID, r.Meta.DatabasePath)
}

// consentAdvice says what to run, so that somebody consents.
func consentAdvice(m model, alias, databasePath string) diag.Diagnostic {
	how := fmt.Sprintf("A person with the rights at the vendor opens the alias %s on the instance and chooses Get OAuth Token.", alias)
	if databasePath != "" {
		how = fmt.Sprintf("A person with the rights at the vendor runs, on this machine:\n\n"+
			"  terraform-provider-servicenowsam authorize --alias %s --database sqlite:%s", alias, databasePath)
	}
	return diag.NewWarningDiagnostic("The integration profile rests in Draft until somebody consents", fmt.Sprintf(
		"The %s is saved, but nobody has consented to the OAuth app of its connection yet. %s\n\nAfter that, the next apply "+
			"validates and publishes the profile.", object(m), how))
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
	case errors.As(err, &noSpoke) && noSpoke.Spoke == "":
		return diag.NewAttributeErrorDiagnostic(path.Root("profile_type"), "The instance cannot run this profile type",
			fmt.Sprintf("Creating the %s: profiles of the type %s run subflows of the customer's own, which the embedded instance "+
				"does not have. They need a ServiceNow instance.", object(m), noSpoke.ProfileType))
	case errors.As(err, &noSpoke):
		return diag.NewAttributeErrorDiagnostic(path.Root("profile_type"), "The spoke of the profile type is not installed",
			fmt.Sprintf("Creating the %s: the profile type %s needs the optional feature %q, which this instance does not have. "+
				"On ServiceNow, an administrator adds it to the application Software Asset Management - SaaS License Management. "+
				"The embedded instance cannot talk to that vendor.",
				object(m), noSpoke.ProfileType, noSpoke.Spoke))
	case errors.As(err, &noPlugin):
		return diag.NewErrorDiagnostic("SaaS License Management is not active on this instance", fmt.Sprintf(
			"Creating the %s: the instance has no table %s, so the plugin Software Asset Management Professional (com.snc.samp) "+
				"or the application SaaS License Management (sn_sam_saas_int) is missing. A ServiceNow administrator activates "+
				"them.\n\nThe instance said: %v", object(m), noPlugin.Table, noPlugin.Err))
	}
	return tfkit.ErrorDiagnostic("create", object(m), err)
}

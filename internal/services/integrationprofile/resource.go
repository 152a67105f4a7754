// Package integrationprofile is the Terraform surface of integration profiles.
package integrationprofile

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var (
	_ resource.ResourceWithConfigure   = &profileResource{}
	_ resource.ResourceWithIdentity    = &profileResource{}
	_ resource.ResourceWithImportState = &profileResource{}
	_ resource.ResourceWithModifyPlan  = &profileResource{}
)

const (
	typeName       = "servicenowsam_integration_profile"
	defaultTimeout = 15 * time.Minute
)

// NewResource makes the resource servicenowsam_integration_profile.
func NewResource() resource.Resource { return &profileResource{} }

type profileResource struct{ tfkit.Record }

func (r *profileResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = typeName
}

func (r *profileResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, diags := r.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := plan.Timeouts.Create(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	before, err := client.Instance(ctx)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("create", object(plan), err))
		return
	}
	profile, err := client.Profiles.Create(ctx, plan.input())
	if err != nil {
		resp.Diagnostics.Append(createFailed(plan, err))
		return
	}
	instance := r.Meta.Created(ctx, before, &resp.Diagnostics)
	saved := plan
	resp.Diagnostics.Append(saved.fromAPI(ctx, profile, nil)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &saved)...)
	resp.Diagnostics.Append(r.Keep(ctx, resp.Identity, resp.Private, instance, profile.SysID)...)
	if resp.Diagnostics.HasError() || !plan.Publish.ValueBool() {
		return
	}

	trouble := r.publish(ctx, client, instance.Mode, saved, plan.Status.IsUnknown())
	current, jobs, err := readProfile(context.WithoutCancel(ctx), client, profile.SysID, r.Meta.Now())
	switch {
	case err != nil && trouble.HasError():
		resp.Diagnostics.Append(trouble...)
		return
	case err != nil:
		trouble.Append(tfkit.WarningDiagnostic("read back", object(plan), err))
		current = profile
		if !plan.Status.IsUnknown() {
			current.Status = plan.Status.ValueString()
		}
	case current.Published():
		// A tainted profile is replaced and loses its subscriptions, so nothing after publishing may fail a Create.
		trouble = asWarnings(trouble)
	}
	resp.Diagnostics.Append(trouble...)
	resp.Diagnostics.Append(saved.fromAPI(ctx, current, jobs)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &saved)...)
}

// readProfile reads a profile with its jobs.
func readProfile(ctx context.Context, client *sam.Client, id string, now time.Time) (sam.Profile, []sam.Job, error) {
	profile, err := client.Profiles.Get(ctx, id)
	if err != nil {
		return profile, nil, err
	}
	jobs, err := client.Jobs.Scheduled(ctx, id, now)
	return profile, jobs, err
}

func asWarnings(diags diag.Diagnostics) diag.Diagnostics {
	var warnings diag.Diagnostics
	for _, d := range diags {
		warnings.AddWarning(d.Summary(), d.Detail())
	}
	return warnings
}

func (r *profileResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	instance, diags := r.Meta.CheckInstance(ctx, req.Private, object(state))
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(r.Keep(ctx, resp.Identity, resp.Private, instance, state.ID.ValueString())...)

	client, _ := r.Meta.Client()
	profile, jobs, err := readProfile(ctx, client, state.ID.ValueString(), r.Meta.Now())
	switch {
	case errors.Is(err, sam.ErrNotFound):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read", object(state), err))
		return
	}
	seen, err := observe(ctx, client, instance, profile, r.Meta.Now())
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read the aliases of", object(state), err))
		return
	}
	resp.Diagnostics.Append(pinnedWorld.Save(ctx, resp.Private, seen)...)
	resp.Diagnostics.Append(state.fromAPI(ctx, profile, jobs)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	resp.Diagnostics.Append(warnOfOverdue(state, jobs)...)
	if instance.Mode == sam.ModeTable && state.Publish.ValueBool() && !profile.Published() {
		resp.Diagnostics.Append(restsInDraft(state))
	}
}

func (r *profileResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := plan.Timeouts.Update(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	instance, diags := r.Meta.CheckInstance(ctx, req.Private, object(state))
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()

	trouble := r.update(ctx, client, instance.Mode, plan, state)
	profile, jobs, err := readProfile(context.WithoutCancel(ctx), client, plan.ID.ValueString(), r.Meta.Now())
	if resp.Diagnostics.Append(trouble...); err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read back", object(plan), err))
		return
	}
	saved := plan
	if resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(saved.fromAPI(ctx, profile, jobs)...)
	} else {
		resp.Diagnostics.Append(saved.resolve(ctx, profile, jobs)...)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &saved)...)
	resp.Diagnostics.Append(tfkit.SetIdentity(ctx, resp.Identity, instance.ID, profile.SysID)...)
}

// update writes what the plan changes and publishes again where that sent the profile back to Draft, or somebody else did.
func (r *profileResource) update(ctx context.Context, client *sam.Client, mode sam.Mode, plan, state model) diag.Diagnostics {
	id := plan.ID.ValueString()
	change, changed := plan.change(state)
	if changed {
		profile, err := client.Profiles.Update(ctx, id, change)
		if err == nil && !plan.ConnectionAliasID.IsUnknown() && profile.AliasSysID != plan.ConnectionAliasID.ValueString() &&
			plan.ConnectionAliasID.Equal(state.ConnectionAliasID) && (change.DownloadActivity != nil || change.ReclaimSubscriptions != nil) {
			// The alias followed the toggles, and the configuration chooses another one.
			_, err = client.Profiles.Update(ctx, id, sam.ProfileChange{AliasSysID: plan.ConnectionAliasID.ValueStringPointer()})
		}
		if err != nil {
			return diag.Diagnostics{updateFailed(plan, err)}
		}
	}
	if !plan.Publish.ValueBool() || !plan.differs(state) {
		return nil
	}
	profile, err := client.Profiles.Get(ctx, id)
	switch {
	case err != nil:
		return diag.Diagnostics{tfkit.ErrorDiagnostic("read", object(plan), err)}
	case profile.Published():
		return nil
	}
	return r.publish(ctx, client, mode, plan, plan.Status.IsUnknown())
}

func updateFailed(plan model, err error) diag.Diagnostic {
	var exists *sam.ExistsError
	if errors.As(err, &exists) {
		return diag.NewAttributeErrorDiagnostic(path.Root("display_name"), "Another integration profile has this display name",
			fmt.Sprintf("Renaming the integration profile %s to %q: the profile %s has that name, and display names are unique. "+
				"Choose another name.", plan.ID.ValueString(), plan.DisplayName.ValueString(), exists.SysID))
	}
	return tfkit.ErrorDiagnostic("update", object(plan), err)
}

// resolve fills in what the plan left unknown. What the plan knew stays as planned, also where somebody else has changed
// it since: the next plan shows that.
func (m *model) resolve(ctx context.Context, p sam.Profile, jobs []sam.Job) diag.Diagnostics {
	actual := *m
	diags := actual.fromAPI(ctx, p, jobs)
	if m.ConnectionAliasID.IsUnknown() {
		m.ConnectionAliasID = actual.ConnectionAliasID
	}
	if m.DownloadActivity.IsUnknown() {
		m.DownloadActivity = actual.DownloadActivity
	}
	if m.ReclaimSubscriptions.IsUnknown() {
		m.ReclaimSubscriptions = actual.ReclaimSubscriptions
	}
	if m.Status.IsUnknown() {
		m.Status = actual.Status
	}
	if m.RequiredPermissions.IsUnknown() {
		m.RequiredPermissions = actual.RequiredPermissions
	}
	if m.Subflows.IsUnknown() {
		m.Subflows = actual.Subflows
	}
	if m.ValidatedAt.IsUnknown() {
		m.ValidatedAt = actual.ValidatedAt
	}
	if m.ResolvedGroupIDs.IsUnknown() {
		m.ResolvedGroupIDs = actual.ResolvedGroupIDs
	}
	if m.AnalyzeActivityFrom.IsUnknown() {
		m.AnalyzeActivityFrom = actual.AnalyzeActivityFrom
	}
	if m.JobNames.IsUnknown() {
		m.JobNames = actual.JobNames
	}
	return diags
}

func (r *profileResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	_, diags := r.Meta.CheckInstance(ctx, req.Private, object(state))
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	if err := client.Profiles.Delete(ctx, state.ID.ValueString()); err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("delete", object(state), err))
	}
}

func (r *profileResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id, instance, diags := r.Meta.ImportID(ctx, req, "integration profile")
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	client, _ := r.Meta.Client()
	var profile sam.Profile
	var err error
	name, byName := strings.CutPrefix(id, "name:")
	switch {
	case byName:
		profile, err = client.Profiles.FindByDisplayName(ctx, name)
	case tfkit.IsSysID(id):
		profile, err = client.Profiles.Get(ctx, id)
	default:
		resp.Diagnostics.AddError("Unusable import id", fmt.Sprintf("Importing an integration profile: %q is neither a sys_id "+
			"(32 lower-case hexadecimal digits) nor name: followed by a display name.", id))
		return
	}
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("import", fmt.Sprintf("integration profile %q", id), err))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), profile.SysID)...)
	resp.Diagnostics.Append(tfkit.SetIdentity(ctx, resp.Identity, instance.ID, profile.SysID)...)
}

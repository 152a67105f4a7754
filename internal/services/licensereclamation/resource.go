// Package licensereclamation is the Terraform surface of a reviewed reclaim of licences.
package licensereclamation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var (
	_ resource.ResourceWithConfigure   = &reclamationResource{}
	_ resource.ResourceWithIdentity    = &reclamationResource{}
	_ resource.ResourceWithImportState = &reclamationResource{}
	_ resource.ResourceWithModifyPlan  = &reclamationResource{}
)

const defaultTimeout = 2 * time.Hour

// NewResource makes the resource servicenowsam_license_reclamation.
func NewResource() resource.Resource { return &reclamationResource{} }

type reclamationResource struct{ tfkit.Record }

func (r *reclamationResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "servicenowsam_license_reclamation"
}

// Create never reclaims: its plan could not name anyone.
func (r *reclamationResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, diags := r.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	instance, err := client.Instance(ctx)
	if err == nil {
		_, err = client.Profiles.Get(ctx, plan.ProfileID.ValueString())
	}
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("find the profile of", object(plan), err))
		return
	}
	plan.ID = plan.ProfileID
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(r.Keep(ctx, resp.Identity, resp.Private, instance, plan.ID.ValueString())...)
}

// Read pins the candidates, and empties removals, so that a plan shows additions only.
func (r *reclamationResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
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
	profile, err := client.Profiles.Get(ctx, state.ID.ValueString())
	switch {
	case errors.Is(err, sam.ErrNotFound):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read the profile of", object(state), err))
		return
	}
	state.profile = profile.DisplayName
	seen, diags := r.look(ctx, client, instance, profile, state)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(pinnedCandidates.Save(ctx, resp.Private, seen)...)

	state.ProfileID = state.ID
	if state.Outcomes.IsNull() {
		state.Outcomes = noOutcomes()
	}
	state.keep(model{Removals: noRemovals(), Outcomes: state.Outcomes, LastRunAt: state.LastRunAt, RunNumber: state.RunNumber})
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// look is what Read sees of the candidates: none where a reclaim cannot work at all, with a warning of how many wait.
func (r *reclamationResource) look(
	ctx context.Context, client *sam.Client, instance sam.Instance, profile sam.Profile, state model,
) (pin, diag.Diagnostics) {
	reason := obstacle(instance, profile)
	if reason == "" {
		earlier, diags := state.outcomeModels(ctx)
		outcomes := map[string]companion.Outcome{}
		for number, o := range earlier {
			outcomes[number] = companion.Outcome(o.Outcome.ValueString())
		}
		seen, err := r.observe(ctx, client, instance, profile, state.IncludePersonalData.ValueBool(), outcomes)
		if err != nil {
			diags.Append(tfkit.ErrorDiagnostic("read the removal candidates of", object(state), err))
		}
		diags.Append(warnDoubtful(seen.Doubtful)...)
		return seen, diags
	}
	waiting, err := client.Candidates.Count(ctx, sam.CandidateFilter{
		ProfileSysID: profile.SysID, States: []string{dictionary.StateReady},
	})
	if err != nil {
		return pin{}, diag.Diagnostics{tfkit.ErrorDiagnostic("count the removal candidates of", object(state), err)}
	}
	if waiting == 0 {
		return pin{}, nil
	}
	return pin{}, diag.Diagnostics{diag.NewWarningDiagnostic("Nothing can be reclaimed", fmt.Sprintf(
		"%d removal candidates of the integration profile %q are ready, but %s. No removals are planned.",
		waiting, profile.DisplayName, reason))}
}

// obstacle says why a reclaim cannot work at all, or nothing.
func obstacle(instance sam.Instance, profile sam.Profile) string {
	t, known := dictionary.ProfileTypeByValue(instance.ReleaseFamily, profile.ProfileType)
	switch {
	case instance.Mode == sam.ModeTable:
		return "the instance has no companion app: a person reclaims them in ServiceNow, under License operations > " +
			"Reclamation > Removal candidates"
	case known && t.Vendor != "" && t.Subflows[dictionary.ProcessReclaim] == "":
		return "the vendor offers no API for it"
	case !profile.ReclaimSubscriptions:
		return "Reclaim subscriptions is switched off on the profile (reclaim_subscriptions = false)"
	case !profile.Published():
		return "the profile is in Draft: its settings changed since the candidates were found. Publish and refresh it"
	case instance.Kind == companion.KindEmbedded && known && t.Toggles && profile.ValidatedAt.IsZero():
		return "the connection has not been validated since its last change. Apply the profile once more"
	}
	return ""
}

// Update acts on the planned removals and nothing else. A plan without removals changes only the record.
func (r *reclamationResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := plan.Timeouts.Update(ctx, defaultTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	instance, diags := r.Meta.CheckInstance(ctx, req.Private, object(plan))
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(tfkit.SetIdentity(ctx, resp.Identity, instance.ID, plan.ID.ValueString())...)
	if !plan.LastRunAt.IsUnknown() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
		return
	}
	seen, _, diags := pinnedCandidates.Load(ctx, req.Private)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	plan.profile = seen.Profile
	resp.Diagnostics.Append(refuseByPolicy(ctx, r.Meta, instance, plan.Evidence, object(plan))...)
	request, diags := r.request(ctx, plan, seen)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}

	client, _ := r.Meta.Client()
	outcome, err := reclaimed(ctx, client, r.Meta, instance, request, r.Meta.Say(ctx, "reclaim", object(plan)))
	resp.Diagnostics.Append(plan.record(ctx, outcome, state, r.Meta.Now())...)
	resp.Diagnostics.Append(pinnedCandidates.Save(ctx, resp.Private, pin{})...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("reclaim for", object(plan), err))
	}
	resp.Diagnostics.Append(resourceFace(plan).report(len(request.Candidates), outcome)...)
}

// Delete only forgets: licences that were taken back stay taken back.
func (r *reclamationResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

func (r *reclamationResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id, instance, diags := r.Meta.ImportID(ctx, req, "license reclamation")
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	if !tfkit.IsSysID(id) {
		resp.Diagnostics.AddError("Unusable import id", fmt.Sprintf("Importing a license reclamation: %q is not the sys_id of an "+
			"integration profile (32 lower-case hexadecimal digits).", id))
		return
	}
	client, _ := r.Meta.Client()
	if _, err := client.Profiles.Get(ctx, id); err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("import", fmt.Sprintf("license reclamation of integration profile %s", id), err))
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("profile_id"), id)...)
	resp.Diagnostics.Append(tfkit.SetIdentity(ctx, resp.Identity, instance.ID, id)...)
}

func object(m model) string {
	id := m.ProfileID.ValueString()
	if id == "" {
		id = m.ID.ValueString()
	}
	return reclamationOf(m.profile, id)
}

// reclamationOf is what messages call a reclamation: by the name of its profile, where that is known.
func reclamationOf(profile, profileID string) string {
	if profile != "" {
		return fmt.Sprintf("license reclamation of integration profile %q", profile)
	}
	return "license reclamation of integration profile " + profileID
}

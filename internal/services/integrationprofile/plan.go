package integrationprofile

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// ModifyPlan computes the plan from the configuration, the prior state, and what Read pinned. It looks at the instance
// for warnings alone.
func (r *profileResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.Meta == nil {
		return
	}
	var state *model
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(r.warnOfDestroy(ctx, *state))
		return
	}
	var plan, config model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if state != nil && !plan.ProfileType.IsUnknown() && !plan.ProfileType.Equal(state.ProfileType) {
		resp.Diagnostics.Append(r.warnOfDestroy(ctx, *state))
		state = nil // the replacement is a new profile
	}

	w := world{ReleaseFamily: r.Meta.ReleaseFamily}
	if r.Meta.DatabasePath != "" {
		w.Mode = sam.ModeFull
	}
	if state != nil {
		pinned, ok, diags := pinnedWorld.Load(ctx, req.Private)
		resp.Diagnostics.Append(diags...)
		if ok {
			w = pinned
		}
		if !w.ReleaseFamily.Valid() {
			w.ReleaseFamily = r.Meta.ReleaseFamily
		}
	}
	profileType, diags := lookUpType(plan.ProfileType, w.ReleaseFamily)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(checkConfig(config, state, profileType)...)
	resp.Diagnostics.Append(checkLookback(config, state, profileType, r.Meta.Now())...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.applyDefaults(config, state, profileType, w)
	plan.planComputed(ctx, state, profileType, w, &resp.Diagnostics)
	if state != nil {
		resp.Diagnostics.Append(plan.warnOfRepublish(*state))
		resp.Diagnostics.Append(plan.warnOfConsent(*state, w, r.Meta.DatabasePath))
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// lookUpType finds the catalogue entry; the zero value while the type is unknown.
func lookUpType(value types.String, family dictionary.ReleaseFamily) (dictionary.ProfileType, diag.Diagnostics) {
	if value.IsUnknown() {
		return dictionary.ProfileType{}, nil
	}
	t, known := dictionary.ProfileTypeByValue(family, value.ValueString())
	if known {
		return t, nil
	}
	var lines []string
	for _, t := range dictionary.ProfileTypes(family) {
		lines = append(lines, fmt.Sprintf("  %s (%s)", t.Value, t.Label))
	}
	return t, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("profile_type"), "Unknown profile type",
		fmt.Sprintf("There is no profile type %q in the release family %s. Known types:\n%s",
			value.ValueString(), family, strings.Join(lines, "\n")))}
}

func checkConfig(config model, state *model, t dictionary.ProfileType) diag.Diagnostics {
	var diags diag.Diagnostics
	if state != nil && config.Publish.Equal(types.BoolValue(false)) &&
		state.Status.ValueString() == dictionary.ProfileStatusPublished {
		diags.AddAttributeError(path.Root("publish"), "A published profile cannot be unpublished", fmt.Sprintf(
			"The %s is published, and ServiceNow has no unpublish. Set publish = true, or destroy the profile: that deletes its "+
				"subscriptions and jobs.", object(*state)))
	}
	if t.Value == "" {
		return diags
	}
	if config.DownloadActivity.ValueBool() && t.Vendor != "" && !t.ActivitySubflow {
		diags.AddAttributeError(path.Root("download_activity"), "The profile type has no activity subflow", fmt.Sprintf(
			"%s has no subflow for activity: activity comes along with the subscriptions. Leave download_activity out.", t.Label))
	}
	if config.ReclaimSubscriptions.ValueBool() && t.Vendor != "" && t.Subflows[dictionary.ProcessReclaim] == "" {
		diags.AddAttributeError(path.Root("reclaim_subscriptions"), "The profile type has no reclaim subflow", fmt.Sprintf(
			"%s cannot reclaim through the vendor's API. Leave reclaim_subscriptions out.", t.Label))
	}
	if !t.Toggles {
		for name, toggle := range map[string]types.Bool{
			"download_activity": config.DownloadActivity, "reclaim_subscriptions": config.ReclaimSubscriptions,
		} {
			if !toggle.IsNull() {
				diags.AddAttributeError(path.Root(name), "The release family has no toggles", fmt.Sprintf(
					"Profiles of the release family have no switch %s: everything is always on. Leave it out.", name))
			}
		}
	}
	for _, vendor := range config.VendorConfig.vendors() {
		if vendor != t.Vendor {
			diags.AddAttributeError(path.Root("vendor_config").AtName(vendor), "Settings of another vendor", fmt.Sprintf(
				"vendor_config.%s does not fit the profile type %s (%s). Leave it out.", vendor, t.Value, t.Label))
		}
	}
	return diags
}

// checkLookback holds a new look-back to the vendor's limit. One that ages in place stays good.
func checkLookback(config model, state *model, t dictionary.ProfileType, now time.Time) diag.Diagnostics {
	if t.Value == "" {
		return nil
	}
	var diags diag.Diagnostics
	if t.Vendor != "" && !t.ActivitySubflow {
		for name, set := range map[string]bool{
			"activity_lookback_days": !config.ActivityLookbackDays.IsNull(), "analyze_activity_from": !config.AnalyzeActivityFrom.IsNull(),
		} {
			if set {
				diags.AddAttributeError(path.Root(name), "The profile type has no look-back", fmt.Sprintf(
					"%s tells the last activity along with the subscriptions, so there is nothing to look back for. Leave %s out.", t.Label, name))
			}
		}
		return diags
	}
	from, ok := instant(config.AnalyzeActivityFrom)
	if !ok || state != nil && sameInstant(config.AnalyzeActivityFrom, state.AnalyzeActivityFrom) {
		return diags
	}
	earliest := now.UTC().AddDate(0, 0, -t.LookbackDays).Truncate(24 * time.Hour)
	where, summary := path.Root("analyze_activity_from"), "Unusable start of the activity analysis"
	switch {
	case from.After(now):
		diags.AddAttributeError(where, summary, fmt.Sprintf("analyze_activity_from %s lies in the future. Give a time that has passed, "+
			"or leave it out.", config.AnalyzeActivityFrom.ValueString()))
	case t.LookbackDays > 0 && from.Before(earliest):
		diags.AddAttributeError(where, summary, fmt.Sprintf("analyze_activity_from %s lies more than %d days back, which is the longest "+
			"look-back for %s. The earliest is %s.", config.AnalyzeActivityFrom.ValueString(), t.LookbackDays, t.Label,
			earliest.Format(time.RFC3339)))
	}
	return diags
}

// applyDefaults gives attributes that the configuration leaves out what ServiceNow's form would show.
func (m *model) applyDefaults(config model, state *model, t dictionary.ProfileType, w world) {
	if config.DownloadActivity.IsNull() {
		m.DownloadActivity = defaultToggle(t, t.ActivitySubflow, state, func(s model) types.Bool { return s.DownloadActivity })
	}
	if config.ReclaimSubscriptions.IsNull() {
		m.ReclaimSubscriptions = defaultToggle(t, t.Subflows[dictionary.ProcessReclaim] != "", state,
			func(s model) types.Bool { return s.ReclaimSubscriptions })
	}
	if config.AnalyzeActivityFrom.IsNull() {
		m.AnalyzeActivityFrom = types.StringUnknown()
		switch {
		case t.Vendor != "" && !t.ActivitySubflow:
			m.AnalyzeActivityFrom = types.StringNull()
		case state != nil:
			m.AnalyzeActivityFrom = state.AnalyzeActivityFrom
		}
	}
	if !config.ConnectionAliasID.IsNull() {
		return
	}
	m.ConnectionAliasID = types.StringUnknown()
	if state == nil || m.DownloadActivity.IsUnknown() || m.ReclaimSubscriptions.IsUnknown() {
		return
	}
	m.ConnectionAliasID = state.ConnectionAliasID
	variant := t.DefaultAlias(m.DownloadActivity.ValueBool(), m.ReclaimSubscriptions.ValueBool())
	if sysID := w.DefaultAliases[variant.Alias]; sysID != "" {
		m.ConnectionAliasID = types.StringValue(sysID)
	}
}

// defaultToggle is the toggle of a vendor's type; a custom profile's toggles are for the instance to say.
func defaultToggle(t dictionary.ProfileType, on bool, state *model, of func(model) types.Bool) types.Bool {
	switch {
	case t.Vendor != "":
		return types.BoolValue(on)
	case state != nil:
		return of(*state)
	}
	return types.BoolUnknown()
}

// planComputed plans the computed attributes: unknown where the apply may change them, else as they are.
func (m *model) planComputed(ctx context.Context, state *model, t dictionary.ProfileType, w world, diags *diag.Diagnostics) {
	m.DownloadSubscriptions = types.BoolValue(true)
	m.RequiredPermissions = types.ListUnknown(permissionType)
	settings, known := m.VendorConfig.stored()
	if t.Vendor != "" && known && !m.DownloadActivity.IsUnknown() && !m.ReclaimSubscriptions.IsUnknown() {
		required := t.RequiredPermissions(m.DownloadActivity.ValueBool(), m.ReclaimSubscriptions.ValueBool(), settings)
		m.RequiredPermissions = permissions(ctx, required, diags)
	}
	m.Status = m.plannedStatus(state, t, w)
	m.ResolvedGroupIDs = types.ListUnknown(types.StringType)
	if t.Vendor != "" && t.Vendor != dictionary.VendorConfluence {
		m.ResolvedGroupIDs = types.ListNull(types.StringType)
	}
	m.Subflows = types.MapUnknown(types.StringType)
	m.ValidatedAt = types.StringUnknown()
	m.JobNames = types.ListUnknown(types.StringType)
	if state == nil {
		return
	}
	m.Subflows = state.Subflows
	if !m.revalidates(*state) {
		m.ValidatedAt, m.ResolvedGroupIDs = state.ValidatedAt, state.ResolvedGroupIDs
	}
	if m.DisplayName.Equal(state.DisplayName) && m.DownloadActivity.Equal(state.DownloadActivity) && m.Status.Equal(state.Status) {
		m.JobNames = state.JobNames
	}
}

// revalidates tells whether the apply voids the last validation, or validates anew.
func (m model) revalidates(state model) bool {
	return !m.Status.Equal(state.Status) || !m.ConnectionAliasID.Equal(state.ConnectionAliasID) ||
		!m.DownloadActivity.Equal(state.DownloadActivity) || m.vendorConfigChanges(state)
}

// plannedStatus is what the instance will say after the apply. Only where validate and publish can be called, and nobody's
// consent is missing, is that known: else the profile may rest in Draft.
func (m model) plannedStatus(state *model, t dictionary.ProfileType, w world) types.String {
	switch {
	case m.Publish.IsUnknown():
		return types.StringUnknown()
	case state != nil && m.restsForConsent(*state, w):
		return state.Status
	case m.Publish.ValueBool() && m.mayLackConsent(state, t, w):
		return types.StringUnknown()
	case w.Mode == sam.ModeFull && m.Publish.ValueBool():
		return types.StringValue(dictionary.ProfileStatusPublished)
	case state == nil && m.Publish.ValueBool():
		return types.StringUnknown()
	case state == nil:
		return types.StringValue(dictionary.ProfileStatusDraft)
	case m.changesInstance(*state) && state.Status.ValueString() == dictionary.ProfileStatusPublished:
		return types.StringUnknown()
	}
	return state.Status
}

// mayLackConsent tells whether the connection may be waiting for somebody's consent by the time of the apply: what kind of
// credential an alias has, and what became of it, only Read has seen.
func (m model) mayLackConsent(state *model, t dictionary.ProfileType, w world) bool {
	return t.OAuth != nil && (state == nil || w.ConsentPending || !m.ConnectionAliasID.Equal(state.ConnectionAliasID))
}

// restsForConsent tells whether an apply has nothing to do but to wait.
func (m model) restsForConsent(state model, w world) bool {
	return w.ConsentPending && m.Publish.ValueBool() && state.Status.ValueString() == dictionary.ProfileStatusDraft &&
		!m.changesInstance(state)
}

// changesInstance tells whether the plan writes to the profile's record.
func (m model) changesInstance(state model) bool {
	_, changes := m.change(state)
	return changes || m.ConnectionAliasID.IsUnknown() || m.DownloadActivity.IsUnknown() || m.ReclaimSubscriptions.IsUnknown() ||
		m.ActivityLookbackDays.IsUnknown() || m.AnalyzeActivityFrom.IsUnknown() || m.vendorConfigChanges(state)
}

func (m model) vendorConfigChanges(state model) bool {
	settings, known := m.VendorConfig.stored()
	before, _ := state.VendorConfig.stored()
	return !known || !maps.Equal(settings, before)
}

func (m model) differs(state model) bool {
	return m.changesInstance(state) || !m.Status.Equal(state.Status)
}

// warnOfRepublish tells of the way over Draft, which the status before and after does not show.
func (m model) warnOfRepublish(state model) diag.Diagnostic {
	published := state.Status.ValueString() == dictionary.ProfileStatusPublished
	if !published || !m.Publish.ValueBool() || m.DownloadActivity.IsUnknown() || m.DownloadActivity.Equal(state.DownloadActivity) {
		return nil
	}
	job := "the job that refreshes its activity is made"
	if !m.DownloadActivity.ValueBool() {
		job = "the job that refreshes its activity is deleted"
	}
	return diag.NewWarningDiagnostic("The integration profile goes through Draft", fmt.Sprintf(
		"Changing download_activity sends the published %s back to Draft. The same apply validates and publishes it again, and %s. "+
			"Subscriptions and candidates stay.", object(state), job))
}

// warnOfConsent tells why a profile rests in Draft.
func (m model) warnOfConsent(state model, w world, databasePath string) diag.Diagnostic {
	if !w.ConsentPending || !m.Publish.ValueBool() || state.Status.ValueString() != dictionary.ProfileStatusDraft {
		return nil
	}
	return consentAdvice(state, w.ConsentAlias, databasePath)
}

// warnOfDestroy tells what goes with a profile.
func (r *profileResource) warnOfDestroy(ctx context.Context, state model) diag.Diagnostic {
	client, diags := r.Meta.Client()
	if diags.HasError() || state.Status.ValueString() != dictionary.ProfileStatusPublished {
		return nil
	}
	lost := "its subscriptions and its scheduled jobs, and closes its open removal candidates as Closed Skipped"
	id := state.ID.ValueString()
	subscriptions, err := client.Subscriptions.Count(ctx, sam.SubscriptionFilter{ProfileSysID: id})
	if err == nil {
		var candidates int
		candidates, err = client.Candidates.Count(ctx, sam.CandidateFilter{ProfileSysID: id, OpenOnly: true})
		if err == nil {
			lost = fmt.Sprintf("%d subscriptions and the scheduled jobs, and closes %d open removal candidates as Closed Skipped",
				subscriptions, candidates)
		}
	}
	if err != nil {
		lost += fmt.Sprintf(" (they could not be counted: %v)", err)
	}
	return diag.NewWarningDiagnostic("Destroying a published integration profile", fmt.Sprintf(
		"Destroying the %s deletes %s. Software models, reclamation rules, job results and the connection stay. At the vendor "+
			"nothing changes.", object(state), lost))
}

// warnOfOverdue tells of jobs whose time has come and that nobody ran.
func warnOfOverdue(state model, jobs []sam.Job) diag.Diagnostics {
	var lines []string
	for _, j := range jobs {
		if j.Overdue {
			lines = append(lines, fmt.Sprintf("  %s (due since %s)", j.Name, tfkit.TimeOrNull(j.NextRun).ValueString()))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Scheduled jobs are overdue", fmt.Sprintf(
		"Jobs of the %s are waiting for somebody to run them:\n%s\n\nThe embedded instance runs a job only when asked: through "+
			"servicenowsam_subscription_sync, or with terraform-provider-servicenowsam run-due (from cron or CI).",
		object(state), strings.Join(lines, "\n")))}
}

package integrationprofile

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// object names the profile in diagnostics.
func object(m model) string {
	if m.DisplayName.ValueString() != "" {
		return fmt.Sprintf("integration profile %q", m.DisplayName.ValueString())
	}
	return fmt.Sprintf("integration profile %s", m.ID.ValueString())
}

// input is the profile to create.
func (m model) input() sam.ProfileInput {
	settings, _ := m.VendorConfig.stored()
	in := sam.ProfileInput{
		DisplayName:          m.DisplayName.ValueString(),
		ProfileType:          m.ProfileType.ValueString(),
		AliasSysID:           m.ConnectionAliasID.ValueString(),
		DownloadActivity:     knownBool(m.DownloadActivity),
		ReclaimSubscriptions: knownBool(m.ReclaimSubscriptions),
		ActivityLookbackDays: int(m.ActivityLookbackDays.ValueInt64()),
		VendorConfig:         settings,
	}
	if from, ok := instant(m.AnalyzeActivityFrom); ok {
		in.AnalyzeActivityFrom = &from
	}
	return in
}

// instant is the time that a text names; false where there is none.
func instant(text types.String) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, text.ValueString())
	return t, err == nil
}

// sameInstant tells whether two texts name one time.
func sameInstant(a, b types.String) bool {
	s, okA := instant(a)
	t, okB := instant(b)
	return okA && okB && s.Equal(t) || a.Equal(b)
}

func knownBool(b types.Bool) *bool {
	if b.IsNull() || b.IsUnknown() {
		return nil
	}
	return b.ValueBoolPointer()
}

// change is what the plan changes, and nothing else: what somebody else changed after the plan was made stays, and the
// next plan shows it.
func (m model) change(state model) (sam.ProfileChange, bool) {
	var c sam.ProfileChange
	changed := false
	if !m.DisplayName.Equal(state.DisplayName) {
		c.DisplayName, changed = m.DisplayName.ValueStringPointer(), true
	}
	if !m.ConnectionAliasID.Equal(state.ConnectionAliasID) && !m.ConnectionAliasID.IsUnknown() {
		c.AliasSysID, changed = m.ConnectionAliasID.ValueStringPointer(), true
	}
	if !m.DownloadActivity.Equal(state.DownloadActivity) && !m.DownloadActivity.IsUnknown() {
		c.DownloadActivity, changed = m.DownloadActivity.ValueBoolPointer(), true
	}
	if !m.ReclaimSubscriptions.Equal(state.ReclaimSubscriptions) && !m.ReclaimSubscriptions.IsUnknown() {
		c.ReclaimSubscriptions, changed = m.ReclaimSubscriptions.ValueBoolPointer(), true
	}
	if !m.ActivityLookbackDays.Equal(state.ActivityLookbackDays) && !m.ActivityLookbackDays.IsUnknown() {
		days := int(m.ActivityLookbackDays.ValueInt64())
		c.ActivityLookbackDays, changed = &days, true
	}
	if from, ok := instant(m.AnalyzeActivityFrom); ok && !sameInstant(m.AnalyzeActivityFrom, state.AnalyzeActivityFrom) {
		c.AnalyzeActivityFrom, changed = &from, true
	}
	before, _ := state.VendorConfig.stored()
	if settings, _ := m.VendorConfig.stored(); !maps.Equal(settings, before) {
		c.VendorConfig, changed = &settings, true
	}
	return c, changed
}

// fromAPI maps every column that can be configured, so that a change made in the UI shows as a diff on its attribute.
func (m *model) fromAPI(ctx context.Context, p sam.Profile, jobs []sam.Job) diag.Diagnostics {
	m.ID = types.StringValue(p.SysID)
	m.DisplayName = types.StringValue(p.DisplayName)
	m.ProfileType = types.StringValue(p.ProfileType)
	m.Status = types.StringValue(p.Status)
	m.ConnectionAliasID = tfkit.StringOrNull(p.AliasSysID)
	m.DownloadActivity = types.BoolValue(p.DownloadActivity)
	m.ReclaimSubscriptions = types.BoolValue(p.ReclaimSubscriptions)
	m.DownloadSubscriptions = types.BoolValue(p.DownloadSubscriptions)
	m.lookbackFromAPI(p)
	if t, ok := dictionary.ProfileTypeByValue(dictionary.Australia, p.ProfileType); ok {
		m.VendorConfig = vendorConfigFrom(t.Vendor, p.VendorConfig, m.VendorConfig)
	}
	if m.Publish.IsNull() || m.Publish.IsUnknown() {
		m.Publish = types.BoolValue(p.Published())
	}
	return m.measured(ctx, p, jobs)
}

// measured maps what only the instance knows.
func (m *model) measured(ctx context.Context, p sam.Profile, jobs []sam.Job) diag.Diagnostics {
	var diags diag.Diagnostics
	m.ValidatedAt = tfkit.TimeOrNull(p.ValidatedAt)
	m.Subflows = subflows(ctx, p, &diags)
	m.RequiredPermissions = permissions(ctx, p.RequiredPermissions, &diags)
	names := make([]string, 0, len(jobs))
	for _, j := range jobs {
		names = append(names, j.Name)
	}
	list, d := types.ListValueFrom(ctx, types.StringType, names)
	diags.Append(d...)
	m.JobNames = list
	m.ResolvedGroupIDs = types.ListNull(types.StringType)
	if len(p.ResolvedGroups) > 0 {
		m.ResolvedGroupIDs, d = types.ListValueFrom(ctx, types.StringType, p.ResolvedGroups)
		diags.Append(d...)
	}
	return diags
}

// lookbackFromAPI maps the look-back. A time that only is written in another way stays as it is written.
func (m *model) lookbackFromAPI(p sam.Profile) {
	m.ActivityLookbackDays = types.Int64Null()
	if p.ActivityLookbackDays != 0 {
		m.ActivityLookbackDays = types.Int64Value(int64(p.ActivityLookbackDays))
	}
	if from := tfkit.TimeOrNull(p.AnalyzeActivityFrom); !sameInstant(from, m.AnalyzeActivityFrom) {
		m.AnalyzeActivityFrom = from
	}
}

func subflows(ctx context.Context, p sam.Profile, diags *diag.Diagnostics) types.Map {
	names := map[string]string{}
	for process, name := range map[dictionary.Process]string{
		dictionary.ProcessDownload: p.DownloadSubflow,
		dictionary.ProcessActivity: p.ActivitySubflow,
		dictionary.ProcessReclaim:  p.ReclaimSubflow,
	} {
		if name != "" {
			names[string(process)] = name
		}
	}
	value, d := types.MapValueFrom(ctx, types.StringType, names)
	diags.Append(d...)
	return value
}

func permissions(ctx context.Context, required []dictionary.Permission, diags *diag.Diagnostics) types.List {
	rows := make([]permissionModel, 0, len(required))
	for _, p := range required {
		scopes, d := types.ListValueFrom(ctx, types.StringType, append([]string{}, p.Scopes...))
		diags.Append(d...)
		rows = append(rows, permissionModel{
			Process: types.StringValue(string(p.Process)),
			Role:    types.StringValue(p.Role),
			Scopes:  scopes,
		})
	}
	value, d := types.ListValueFrom(ctx, permissionType, rows)
	diags.Append(d...)
	return value
}

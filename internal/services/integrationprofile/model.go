package integrationprofile

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

const optionEnterpriseID = "enterprise_id"

// object names the profile in diagnostics.
func object(m model) string {
	if m.DisplayName.ValueString() != "" {
		return fmt.Sprintf("integration profile %q", m.DisplayName.ValueString())
	}
	return fmt.Sprintf("integration profile %s", m.ID.ValueString())
}

// vendorOptions is vendor_config as the profile stores it.
func (m model) vendorOptions() map[string]string {
	options := map[string]string{}
	if m.VendorConfig != nil && m.VendorConfig.Trello != nil {
		if id := m.VendorConfig.Trello.EnterpriseID.ValueString(); id != "" {
			options[optionEnterpriseID] = id
		}
	}
	return options
}

// input is the profile to create.
func (m model) input() sam.ProfileInput {
	return sam.ProfileInput{
		DisplayName:          m.DisplayName.ValueString(),
		ProfileType:          m.ProfileType.ValueString(),
		AliasSysID:           m.ConnectionAliasID.ValueString(),
		DownloadActivity:     knownBool(m.DownloadActivity),
		ReclaimSubscriptions: knownBool(m.ReclaimSubscriptions),
		VendorConfig:         m.vendorOptions(),
	}
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
	if options := m.vendorOptions(); options[optionEnterpriseID] != state.vendorOptions()[optionEnterpriseID] {
		c.VendorConfig, changed = &options, true
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
	m.vendorConfigFromAPI(p)
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
	return diags
}

func (m *model) vendorConfigFromAPI(p sam.Profile) {
	id := p.VendorConfig[optionEnterpriseID]
	switch {
	case id != "":
		m.VendorConfig = &vendorConfigModel{Trello: &trelloModel{EnterpriseID: types.StringValue(id)}}
	case m.VendorConfig != nil && m.VendorConfig.Trello != nil:
		m.VendorConfig = &vendorConfigModel{Trello: &trelloModel{EnterpriseID: types.StringNull()}}
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

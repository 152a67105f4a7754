package childalias

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// object names the alias in diagnostics.
func object(m model) string {
	for _, name := range []types.String{m.AliasID, m.Name, m.ID} {
		if name.ValueString() != "" {
			return fmt.Sprintf("child alias %q", name.ValueString())
		}
	}
	return "child alias"
}

// isParent tells whether a configured parent is the one of the state, however it is named.
func (m model) isParent(named types.String) bool {
	return named.Equal(m.Parent) || named.Equal(m.ParentID) || named.Equal(m.ParentAliasID)
}

// fromAPI maps what the instance holds.
func (m *model) fromAPI(alias sam.Alias, c sam.Connection, now time.Time) {
	m.inherit(alias)
	m.Name = types.StringValue(alias.Name)
	m.AliasID = types.StringValue(alias.ID)
	if m.Parent.IsNull() || !m.isParent(m.Parent) {
		m.Parent = m.ParentAliasID
	}
	m.FromAPI(c, now)
}

// inherit maps what the alias has from its parent.
func (m *model) inherit(alias sam.Alias) {
	m.ParentID = tfkit.StringOrNull(alias.ParentSysID)
	m.ParentAliasID = tfkit.StringOrNull(alias.ParentID)
	m.Type = tfkit.StringOrNull(alias.Type)
	m.ConnectionType = tfkit.StringOrNull(alias.ConnectionType)
	m.ConfigurationTemplate = tfkit.StringOrNull(alias.Template)
	m.RetryPolicy = tfkit.StringOrNull(alias.RetryPolicy)
	m.MultipleConnections = types.BoolValue(alias.MultipleConnections)
}

// keepInherited takes over what an update does not change.
func (m *model) keepInherited(state model) {
	m.AliasID, m.ParentID, m.ParentAliasID = state.AliasID, state.ParentID, state.ParentAliasID
	m.Type, m.ConnectionType, m.ConfigurationTemplate = state.Type, state.ConnectionType, state.ConfigurationTemplate
	m.RetryPolicy, m.MultipleConnections = state.RetryPolicy, state.MultipleConnections
}

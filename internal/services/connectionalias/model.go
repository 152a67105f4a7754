package connectionalias

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// object names the alias in diagnostics.
func object(m model) string {
	for _, name := range []types.String{m.AliasID, m.Adopt, m.Name, m.ID} {
		if name.ValueString() != "" {
			return fmt.Sprintf("connection alias %q", name.ValueString())
		}
	}
	return "connection alias"
}

// fromAPI maps what the instance holds. After an import nothing says whether the alias was adopted or made: an alias that
// the catalogue knows is shipped by a spoke, so it was adopted.
func (m *model) fromAPI(alias sam.Alias, c sam.Connection, family dictionary.ReleaseFamily, now time.Time) {
	if m.Adopt.IsNull() && m.Name.IsNull() {
		if _, shipped := dictionary.ProfileTypeOfAlias(family, alias.ID); shipped {
			m.Adopt = types.StringValue(alias.ID)
		} else {
			m.Name = types.StringValue(alias.Name)
		}
	}
	m.AliasID = types.StringValue(alias.ID)
	m.Type = tfkit.StringOrNull(alias.Type)
	m.FromAPI(c, now)
}

package tfkit

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

// DataSource is the part that every data source shares: embed it.
type DataSource struct{ Meta *Meta }

// Configure implements datasource.DataSourceWithConfigure.
func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	meta, diags := FromProviderData(req.ProviderData)
	resp.Diagnostics.Append(diags...)
	d.Meta = meta
}

// Redacts tells whether a data source leaves out who people are.
func (d *DataSource) Redacts(configured types.Bool) bool {
	if configured.IsNull() {
		return d.Meta.RedactUsers
	}
	return configured.ValueBool()
}

// RowLimit is the default number of rows of a list.
const RowLimit = 1000

// WarnHidden tells that the instance counted rows which it did not show.
func WarnHidden(diags *diag.Diagnostics, object string) func(rows int) {
	return func(rows int) {
		diags.AddWarning("Some rows are hidden", object+": the instance counts more rows than the user of the provider may "+
			"read. The list is incomplete; give that user the role sam_user.")
	}
}

// UserNames looks up how to show users: their names by sys_id.
func UserNames(ctx context.Context, client *sam.Client, sysIDs []string) (map[string]string, error) {
	names := map[string]string{}
	sysIDs = slices.DeleteFunc(slices.Clone(sysIDs), func(id string) bool { return id == "" })
	if len(sysIDs) == 0 {
		return names, nil
	}
	slices.Sort(sysIDs)
	users, err := client.Users.ByIDs(ctx, slices.Compact(sysIDs))
	if err != nil {
		return nil, err
	}
	for id, u := range users {
		names[id] = u.Name
	}
	return names, nil
}

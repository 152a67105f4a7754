// Package licenseusage is the Terraform surface of the licence position.
package licenseusage

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var _ datasource.DataSourceWithConfigure = &usage{}

// NewDataSource makes the data source servicenowsam_license_usage.
func NewDataSource() datasource.DataSource { return &usage{} }

type usage struct{ tfkit.DataSource }

func (d *usage) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "servicenowsam_license_usage"
}

func (d *usage) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	client, diags := d.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	position, err := client.Subscriptions.LicenseUsage(ctx, d.Meta.Now())
	if err != nil {
		resp.Diagnostics.Append(tfkit.ErrorDiagnostic("read", "the licence position", err))
		return
	}
	resp.Diagnostics.Append(warnings(position)...)
	state := newModel(position)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// warnings tell which figures are missing and which are older than what they were made of.
func warnings(u sam.LicenseUsage) (diags diag.Diagnostics) {
	var missing, outdated []string
	for _, p := range u.Products {
		switch since := p.Unreconciled - p.WithoutUser; {
		case p.SysID == "":
		case p.Reconciled == nil:
			missing = append(missing, p.Name)
		case p.EntitledOn.After(p.Reconciled.At):
			outdated = append(outdated, p.Name+" (entitlements changed)")
		case since > 0:
			outdated = append(outdated, fmt.Sprintf("%s (%d subscriptions came)", p.Name, since))
		}
	}
	if len(missing) > 0 {
		diags.AddWarning("The licence position is not complete", fmt.Sprintf("No reconciliation has gone through %s, so that used, "+
			"available and needed rights and what they cost are not known (null). Run one with servicenowsam_reconciliation, or wait "+
			"for the weekly job.", strings.Join(missing, ", ")))
	}
	if len(outdated) > 0 {
		diags.AddWarning("The licence position is outdated", fmt.Sprintf("Since the last reconciliation there were changes: %s. What is "+
			"used, available and needed still follows from what was before. Run servicenowsam_reconciliation again (change its triggers), "+
			"or wait for the weekly job.", strings.Join(outdated, ", ")))
	}
	return diags
}

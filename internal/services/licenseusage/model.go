package licenseusage

import (
	"math"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

type model struct {
	AsOf         types.String      `tfsdk:"as_of"`
	Currency     types.String      `tfsdk:"currency"`
	ReconciledAt types.String      `tfsdk:"reconciled_at"`
	Total        *totalModel       `tfsdk:"total"`
	Products     []productModel    `tfsdk:"products"`
	CostCenters  []costCenterModel `tfsdk:"cost_centers"`
	Departments  []departmentModel `tfsdk:"departments"`
	// Remediations is nil where the instance does not say.
	Remediations []remediationModel `tfsdk:"remediation_options"`
}

type remediationModel struct {
	Type          types.String `tfsdk:"type"`
	ProductID     types.String `tfsdk:"product_id"`
	Product       types.String `tfsdk:"product"`
	SoftwareModel types.String `tfsdk:"software_model"`
	Rights        types.Int64  `tfsdk:"rights"`
	Cost          types.String `tfsdk:"cost"`
}

type totalModel struct {
	figures
	rights
}

type productModel struct {
	ProductID    types.String `tfsdk:"product_id"`
	Product      types.String `tfsdk:"product"`
	Publisher    types.String `tfsdk:"publisher"`
	ReconciledAt types.String `tfsdk:"reconciled_at"`
	figures
	rights
	CostCenters []costCenterModel `tfsdk:"cost_centers"`
}

type costCenterModel struct {
	CostCenterID types.String `tfsdk:"cost_center_id"`
	CostCenter   types.String `tfsdk:"cost_center"`
	figures
}

type departmentModel struct {
	DepartmentID types.String `tfsdk:"department_id"`
	Department   types.String `tfsdk:"department"`
	figures
}

// figures are known of everything that subscriptions are counted of.
type figures struct {
	Assigned         types.Int64      `tfsdk:"assigned"`
	Stale            types.Int64      `tfsdk:"stale"`
	PercentStale     types.Float64    `tfsdk:"percent_stale"`
	Buckets          map[string]int64 `tfsdk:"buckets"`
	Unlicensed       types.Int64      `tfsdk:"unlicensed"`
	WithoutUser      types.Int64      `tfsdk:"without_user"`
	Excluded         types.Int64      `tfsdk:"excluded"`
	PotentialSavings types.String     `tfsdk:"potential_savings"`
	ActualSavings    types.String     `tfsdk:"actual_savings"`
}

// rights are owned of a product, and not of a cost centre.
type rights struct {
	Owned              types.Int64  `tfsdk:"owned"`
	Used               types.Int64  `tfsdk:"used"`
	Available          types.Int64  `tfsdk:"available"`
	Needed             types.Int64  `tfsdk:"needed"`
	TrueUpCost         types.String `tfsdk:"true_up_cost"`
	OverLicensedAmount types.String `tfsdk:"over_licensed_amount"`
	TotalSpend         types.String `tfsdk:"total_spend"`
	Compliant          types.Bool   `tfsdk:"compliant"`
}

func newModel(u sam.LicenseUsage) model {
	m := model{
		AsOf:         types.StringValue(u.AsOf.Format(time.DateOnly)),
		Currency:     tfkit.StringOrNull(u.Currency),
		ReconciledAt: reconciledAt(u.Total.UsageRights),
		Total:        &totalModel{newFigures(u, u.Total.UsageFigures), newRights(u.Total.UsageRights)},
		Products:     []productModel{},
		CostCenters:  costCenters(u, u.CostCenters),
		Departments:  []departmentModel{},
	}
	for _, p := range u.Products {
		m.Products = append(m.Products, productModel{
			ProductID: tfkit.StringOrNull(p.SysID), Product: tfkit.StringOrNull(p.Name), Publisher: tfkit.StringOrNull(p.Publisher),
			ReconciledAt: reconciledAt(p.UsageRights), figures: newFigures(u, p.UsageFigures), rights: newRights(p.UsageRights),
			CostCenters: costCenters(u, p.CostCenters),
		})
	}
	for _, d := range u.Departments {
		m.Departments = append(m.Departments, departmentModel{
			DepartmentID: tfkit.StringOrNull(d.SysID), Department: tfkit.StringOrNull(d.Name), figures: newFigures(u, d.UsageFigures),
		})
	}
	if u.Remediations != nil {
		m.Remediations = []remediationModel{}
	}
	for _, o := range u.Remediations {
		m.Remediations = append(m.Remediations, remediationModel{
			Type: types.StringValue(o.Type), ProductID: tfkit.StringOrNull(o.ProductSysID), Product: tfkit.StringOrNull(o.Product),
			SoftwareModel: tfkit.StringOrNull(o.Model), Rights: number(o.Rights), Cost: types.StringValue(o.Cost.String()),
		})
	}
	return m
}

func costCenters(u sam.LicenseUsage, of []sam.GroupUsage) []costCenterModel {
	list := make([]costCenterModel, 0, len(of))
	for _, c := range of {
		list = append(list, costCenterModel{
			CostCenterID: tfkit.StringOrNull(c.SysID), CostCenter: tfkit.StringOrNull(c.Name), figures: newFigures(u, c.UsageFigures),
		})
	}
	return list
}

func newFigures(u sam.LicenseUsage, f sam.UsageFigures) figures {
	m := figures{
		Assigned:    number(f.Assigned),
		Stale:       number(f.Stale),
		Unlicensed:  number(f.Unlicensed),
		WithoutUser: number(f.WithoutUser),
		Excluded:    types.Int64Null(),
		Buckets: map[string]int64{
			"0-30": int64(f.Activity.Days0To30), "31-60": int64(f.Activity.Days31To60), "61-90": int64(f.Activity.Days61To90),
			"91-120": int64(f.Activity.Days91To120), "over_120": int64(f.Activity.Over120), "never": int64(f.Activity.Never),
		},
		PotentialSavings: types.StringValue(f.PotentialSavings.String()),
		ActualSavings:    types.StringValue(f.ActualSavings.String()),
	}
	if f.Judged > 0 {
		m.PercentStale = types.Float64Value(math.Round(float64(f.Stale)*1000/float64(f.Judged)) / 10)
	} else if f.Assigned > 0 {
		m.Stale = types.Int64Null()
	}
	if u.ExclusionsKnown {
		m.Excluded = number(f.Excluded)
	}
	return m
}

func newRights(r sam.UsageRights) rights {
	m := rights{Owned: number(r.Owned), TotalSpend: types.StringValue(r.TotalSpend.String())}
	if last := r.Reconciled; last != nil {
		m.Used, m.Available, m.Needed = number(last.Used), number(last.Available), number(last.Needed)
		m.TrueUpCost = types.StringValue(last.TrueUpCost.String())
		m.OverLicensedAmount = types.StringValue(last.OverLicensed.String())
		m.Compliant = types.BoolValue(last.Compliant)
	}
	return m
}

func reconciledAt(r sam.UsageRights) types.String {
	if r.Reconciled == nil {
		return types.StringNull()
	}
	return tfkit.TimeOrNull(r.Reconciled.At)
}

func number(n int) types.Int64 { return types.Int64Value(int64(n)) }

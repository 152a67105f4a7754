package licensereclamation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Values of leavers.
const (
	leaversFirst = "first"
	leaversOnly  = "only"
)

// filtered keeps the candidates that all filters of the configuration let through.
func (m model) filtered(ctx context.Context, candidates []candidate) ([]candidate, diag.Diagnostics) {
	var diags diag.Diagnostics
	chosen := slices.Clone(candidates)
	for _, f := range []struct {
		wanted types.Set
		value  func(candidate) string
	}{
		{m.Justifications, func(c candidate) string { return justificationName(c.Justification) }},
		{m.Departments, func(c candidate) string { return c.Department }},
		{m.CostCenters, func(c candidate) string { return c.CostCenter }},
		{m.SoftwareModels, func(c candidate) string { return c.SoftwareModel }},
		{m.Products, func(c candidate) string { return c.Product }},
	} {
		if f.wanted.IsNull() {
			continue
		}
		var names []string
		diags.Append(f.wanted.ElementsAs(ctx, &names, false)...)
		chosen = slices.DeleteFunc(chosen, func(c candidate) bool {
			return !slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(strings.TrimSpace(name), f.value(c)) })
		})
	}
	if days := m.MinInactiveDays; !days.IsNull() {
		chosen = slices.DeleteFunc(chosen, func(c candidate) bool {
			return c.InactiveDays == nil || int64(*c.InactiveDays) < days.ValueInt64()
		})
	}
	if m.Leavers.ValueString() == leaversOnly {
		chosen = slices.DeleteFunc(chosen, func(c candidate) bool { return !c.Leaver })
	}
	return chosen, diags
}

// justificationName is the name of a justification in HCL. An instance may store the label of the choice in its place.
func justificationName(value string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(value)), " ", "_")
}

// approvedOf keeps the candidates that approved or approved_users names.
func (m model) approvedOf(ctx context.Context, candidates []candidate) ([]candidate, diag.Diagnostics) {
	if m.Approved.IsNull() && m.ApprovedUsers.IsNull() {
		return candidates, nil
	}
	approved, diags := m.approvals(ctx)
	var chosen []candidate
	var others []string
	for _, c := range candidates {
		mark, ok := approved[c.Number]
		if !ok {
			continue
		}
		delete(approved, c.Number)
		if !m.ApprovedUsers.IsNull() && mark != c.UserMark {
			others = append(others, c.Number)
			continue
		}
		chosen = append(chosen, c)
	}
	if len(others) > 0 {
		diags.AddAttributeError(path.Root("approved_users"), "Approved candidates that mean somebody else", fmt.Sprintf(
			"Planning the %s: these candidates do not stand for the people who were approved; the marks differ:\n  %s\n\nA candidate keeps "+
				"its user, so that either the file was made for another instance, or somebody changed a candidate or the file by hand. "+
				"Make the file anew with the data source servicenowsam_removal_candidates and review it.", object(m), strings.Join(others, "\n  ")))
	}
	for number := range m.Outcomes.Elements() {
		delete(approved, number)
	}
	if len(approved) > 0 {
		diags.AddAttributeWarning(path.Root("approved"), "Approved numbers that are no candidates", fmt.Sprintf(
			"Planning the %s: these approved numbers name no licence that could be reclaimed now. The candidate may be closed, "+
				"protected, left out by a filter, or misspelt:\n  %s", object(m), strings.Join(slices.Sorted(maps.Keys(approved)), "\n  ")))
	}
	return chosen, diags
}

// approvals are the approved numbers, with the mark of the user where the configuration gives it.
func (m model) approvals(ctx context.Context) (map[string]string, diag.Diagnostics) {
	var numbers []string
	marks := map[string]string{}
	var diags diag.Diagnostics
	if !m.Approved.IsNull() {
		diags.Append(m.Approved.ElementsAs(ctx, &numbers, false)...)
	}
	if !m.ApprovedUsers.IsNull() {
		diags.Append(m.ApprovedUsers.ElementsAs(ctx, &marks, false)...)
	}
	approved := map[string]string{}
	for _, n := range numbers {
		approved[numberOf(n)] = ""
	}
	for n, mark := range marks {
		approved[numberOf(n)] = strings.ToLower(strings.TrimSpace(mark))
	}
	return approved, diags
}

// numberOf is a candidate number as the instance writes it.
func numberOf(text string) string { return strings.ToUpper(strings.TrimSpace(text)) }

package reclamationrule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// object names the rule in diagnostics.
func object(m model) string {
	switch {
	case m.Product.ValueString() != "":
		return fmt.Sprintf("reclamation rule of the product %q", m.Product.ValueString())
	case m.ProfileType.ValueString() != "":
		return fmt.Sprintf("reclamation rule of the profile type %q", m.ProfileType.ValueString())
	}
	return "reclamation rule " + m.ID.ValueString()
}

// settings are what the plan wants of the rule, with the group as it was found.
func (m model) settings(group sam.Group) sam.RuleSettings {
	s := sam.RuleSettings{
		ThresholdDays: int(m.LastActivityThreshold.ValueInt64()), CreateCandidate: m.CreateReclamationCandidate.ValueBool(),
		NotifyUser: m.NotifyUser.ValueBool(), AssignmentGroupSysID: group.SysID, AssignmentGroup: group.Name, Active: m.Active.ValueBool(),
	}
	if !m.DaysBeforeAutoReclamation.IsNull() {
		days := int(m.DaysBeforeAutoReclamation.ValueInt64())
		s.DaysBeforeAuto = &days
	}
	return s
}

// fromAPI maps what the instance holds. A product or group that is configured by another of its names keeps that name.
func (m *model) fromAPI(rule sam.ReclamationRule) {
	m.ID = types.StringValue(rule.SysID)
	m.Name = tfkit.StringOrNull(rule.Name)
	m.LastActivityThreshold = types.Int64Null()
	if rule.ThresholdDays != 0 {
		m.LastActivityThreshold = types.Int64Value(int64(rule.ThresholdDays))
	}
	m.CreateReclamationCandidate = types.BoolValue(rule.CreateCandidate)
	m.NotifyUser = types.BoolValue(rule.NotifyUser)
	m.DaysBeforeAutoReclamation = types.Int64Null()
	if rule.DaysBeforeAuto != nil {
		m.DaysBeforeAutoReclamation = types.Int64Value(int64(*rule.DaysBeforeAuto))
	}
	m.AssignmentGroupID = tfkit.StringOrNull(rule.AssignmentGroupSysID)
	named := m.AssignmentGroup.ValueString()
	if named == "" || named != rule.AssignmentGroupSysID && !strings.EqualFold(named, rule.AssignmentGroup) {
		m.AssignmentGroup = tfkit.StringOrNull(rule.AssignmentGroup)
	}
	m.Active = types.BoolValue(rule.Active)
	m.setProduct(rule.Products)
}

// setProduct chooses the product that the resource is for, and the first of several after an import.
func (m *model) setProduct(products []sam.RuleProduct) {
	var product sam.RuleProduct
	for i, p := range products {
		if i == 0 || p.SysID == m.ProductID.ValueString() {
			product = p
		}
	}
	m.ProductID = tfkit.StringOrNull(product.SysID)
	if !strings.EqualFold(m.Product.ValueString(), product.Name) || product.Name == "" {
		m.Product = tfkit.StringOrNull(product.Name)
	}
	named := func(t string) bool { return strings.EqualFold(t, m.ProfileType.ValueString()) }
	if slices.ContainsFunc(product.ProfileTypes, named) {
		return
	}
	m.ProfileType = types.StringNull()
	if len(product.ProfileTypes) > 0 {
		m.ProfileType = types.StringValue(product.ProfileTypes[0])
	}
}

// keepPlanned keeps what the plan promised of attributes that the apply does not write. Where somebody changed them since,
// the next plan shows it.
func (m *model) keepPlanned(plan model) {
	for _, attribute := range []struct{ own, planned *types.String }{
		{&m.Name, &plan.Name}, {&m.Product, &plan.Product}, {&m.ProductID, &plan.ProductID}, {&m.ProfileType, &plan.ProfileType},
		{&m.AssignmentGroup, &plan.AssignmentGroup}, {&m.AssignmentGroupID, &plan.AssignmentGroupID},
	} {
		if !attribute.planned.IsUnknown() {
			*attribute.own = *attribute.planned
		}
	}
}

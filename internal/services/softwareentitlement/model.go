package softwareentitlement

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

type model struct {
	ID                 types.String `tfsdk:"id"`
	DisplayName        types.String `tfsdk:"display_name"`
	SoftwareModelID    types.String `tfsdk:"software_model_id"`
	Product            types.String `tfsdk:"product"`
	PurchasedRights    types.Int64  `tfsdk:"purchased_rights"`
	UnitCost           tfkit.Amount `tfsdk:"unit_cost"`
	Currency           types.String `tfsdk:"currency"`
	State              types.String `tfsdk:"state"`
	SubscriptionPeriod types.String `tfsdk:"subscription_period"`
	StartDate          types.String `tfsdk:"start_date"`
	EndDate            types.String `tfsdk:"end_date"`
	AgreementType      types.String `tfsdk:"agreement_type"`
	LicenseMetric      types.String `tfsdk:"license_metric"`
	ActiveRights       types.Int64  `tfsdk:"active_rights"`
}

// states are the states in the order in which an entitlement goes through them.
var states = []string{dictionary.EntitlementBuild, dictionary.EntitlementInUse, dictionary.EntitlementRetired}

var currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)

// object names the entitlement in diagnostics.
func object(m model) string {
	for _, name := range []types.String{m.DisplayName, m.ID} {
		if name.ValueString() != "" {
			return fmt.Sprintf("software entitlement %q", name.ValueString())
		}
	}
	if m.Product.ValueString() != "" {
		return fmt.Sprintf("software entitlement of %s", m.Product.ValueString())
	}
	return "software entitlement"
}

// input is what the plan asks for, of the software model that it names.
func (m model) input(softwareModelID string) sam.EntitlementInput {
	rights := int(m.PurchasedRights.ValueInt64())
	cost, end := m.UnitCost.ValueString(), m.EndDate.ValueString()
	unlimited := m.AgreementType.ValueString() == dictionary.AgreementUnlimited
	in := sam.EntitlementInput{
		ModelSysID: &softwareModelID, State: m.State.ValueStringPointer(), PurchasedRights: &rights, UnitCost: &cost,
		Unlimited: &unlimited, AgreementType: m.AgreementType.ValueStringPointer(), Period: m.SubscriptionPeriod.ValueStringPointer(),
		StartDate: m.StartDate.ValueStringPointer(), EndDate: &end,
	}
	if !m.DisplayName.IsUnknown() {
		in.DisplayName = m.DisplayName.ValueStringPointer()
	}
	return in
}

// fromAPI maps what the instance holds.
func (m *model) fromAPI(e sam.Entitlement, instance sam.Instance) {
	m.ID = types.StringValue(e.SysID)
	m.DisplayName = tfkit.StringOrNull(e.DisplayName)
	m.SoftwareModelID = tfkit.StringOrNull(e.ModelSysID)
	m.Product = tfkit.StringOrNull(e.Product)
	m.PurchasedRights = types.Int64Value(int64(e.PurchasedRights))
	if cost := tfkit.NewAmount(e.UnitCost); !cost.Same(m.UnitCost) {
		m.UnitCost = cost
	}
	m.Currency = tfkit.StringOrNull(instance.Currency)
	m.State = tfkit.StringOrNull(e.State)
	m.SubscriptionPeriod = tfkit.StringOrNull(e.Period)
	m.StartDate = tfkit.StringOrNull(e.StartDate)
	m.EndDate = tfkit.StringOrNull(e.EndDate)
	m.AgreementType = tfkit.StringOrNull(e.AgreementType)
	if e.Unlimited {
		m.AgreementType = types.StringValue(dictionary.AgreementUnlimited) // the form has a tick for it, which says the same
	}
	m.LicenseMetric = types.StringValue(dictionary.MetricUserSubscription) // what a SaaS entitlement has unless somebody says otherwise
	if e.Metric != "" {
		m.LicenseMetric = types.StringValue(e.Metric)
	}
	m.ActiveRights = types.Int64Value(int64(e.ActiveRights))
}

// errModel is a software model that does not follow from the configuration.
var errModel = errors.New("the software model is not clear")

// softwareModel finds the software model that the plan names, by its sys_id or by its product or by both.
func (m model) softwareModel(ctx context.Context, client *sam.Client) (string, error) {
	id, product := m.SoftwareModelID.ValueString(), m.Product.ValueString()
	if product == "" {
		return id, nil
	}
	var names []string
	var found []sam.SoftwareModel
	for candidate, err := range client.Models.All(ctx, sam.ModelFilter{Product: product}) {
		switch {
		case err != nil:
			return "", err
		case candidate.SysID == id && candidate.Product == product:
			return id, nil
		}
		found = append(found, candidate)
		names = append(names, fmt.Sprintf("%s (%s)", candidate.DisplayName, candidate.SysID))
	}
	switch {
	case len(found) == 0:
		return "", fmt.Errorf("%w: the instance has none of a product %q. Publishing an integration profile makes the models of its "+
			"products: let the entitlement wait for it (depends_on = [servicenowsam_integration_profile.NAME]), and check the name "+
			"(data source servicenowsam_software_models)",
			errModel, product)
	case found[0].Product != product:
		return "", fmt.Errorf("%w: the instance has none of a product %q, but one of %q. Write the name as the instance does",
			errModel, product, found[0].Product)
	case id != "":
		return "", fmt.Errorf("%w: %s is not a model of the product %q. Leave product out, or set software_model_id to one of: %s",
			errModel, id, product, strings.Join(names, ", "))
	case len(found) > 1:
		return "", fmt.Errorf("%w: the product %q has several. Set software_model_id to one of: %s", errModel, product, strings.Join(names, ", "))
	}
	return found[0].SysID, nil
}

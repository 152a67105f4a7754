package softwareentitlement

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

// ValidateConfig checks that the dates go with each other and with the subscription period.
func (r *entitlementResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); resp.Diagnostics.HasError() {
		return
	}
	period, start, end := config.SubscriptionPeriod, config.StartDate, config.EndDate
	if end.IsNull() && !period.IsNull() && !period.IsUnknown() && period.ValueString() != dictionary.PeriodEntire {
		resp.Diagnostics.AddAttributeError(path.Root("end_date"), "The subscription period needs an end date", fmt.Sprintf(
			"The %s has a subscription period of %q and no end_date. Set end_date, or subscription_period = %q, which does without.",
			object(config), period.ValueString(), dictionary.PeriodEntire))
	}
	if !end.IsNull() && !end.IsUnknown() && !start.IsUnknown() && end.ValueString() < start.ValueString() {
		resp.Diagnostics.AddAttributeError(path.Root("end_date"), "The entitlement ends before it starts", fmt.Sprintf(
			"The %s starts on %s and ends on %s. Both days count; set end_date to the start_date or a later day.",
			object(config), start.ValueString(), end.ValueString()))
	}
}

// ModifyPlan plans what is computed, and refuses what no apply could do.
func (r *entitlementResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var plan, config model
	var state *model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	plan.planModel(config, state)
	plan.LicenseMetric = types.StringValue(dictionary.MetricUserSubscription)
	plan.planActiveRights(state)
	resp.Diagnostics.Append(checkState(plan, state)...)
	resp.Diagnostics.Append(r.checkCurrency(ctx, config)...)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

// planModel plans what is not configured of product and software model: it stays as long as the other does.
func (m *model) planModel(config model, state *model) {
	if config.Product.IsNull() {
		m.Product = types.StringUnknown()
		if state != nil && state.SoftwareModelID.Equal(config.SoftwareModelID) {
			m.Product = state.Product
		}
	}
	if config.SoftwareModelID.IsNull() {
		m.SoftwareModelID = types.StringUnknown()
		if state != nil && state.Product.Equal(config.Product) {
			m.SoftwareModelID = state.SoftwareModelID
		}
	}
}

// planActiveRights keeps the active rights unless something that they follow from changes.
func (m *model) planActiveRights(state *model) {
	m.ActiveRights = types.Int64Unknown()
	if state != nil && m.PurchasedRights.Equal(state.PurchasedRights) && m.State.Equal(state.State) && m.StartDate.Equal(state.StartDate) &&
		m.EndDate.Equal(state.EndDate) && m.AgreementType.Equal(state.AgreementType) {
		m.ActiveRights = state.ActiveRights
	}
}

// checkState refuses a step that the state cannot take: from Build to In use to Retired, one at a time.
func checkState(plan model, state *model) (diags diag.Diagnostics) {
	if plan.State.IsUnknown() {
		return nil
	}
	to := slices.Index(states, plan.State.ValueString())
	if state == nil {
		if plan.State.ValueString() == dictionary.EntitlementRetired {
			diags.AddAttributeError(path.Root("state"), "A new entitlement cannot be retired", fmt.Sprintf(
				"Creating the %s: it begins in %q or, published at once, in %q.", object(plan), dictionary.EntitlementBuild, dictionary.EntitlementInUse))
		}
		return diags
	}
	from := slices.Index(states, state.State.ValueString())
	if from < 0 || to == from || to == from+1 {
		return nil
	}
	diags.AddAttributeError(path.Root("state"), "The state of an entitlement does not go that way", fmt.Sprintf(
		"The %s is in state %q, and its configuration says %q. The state goes from %s, one step at a time and never back. Set state = %q, "+
			"or make a new entitlement (terraform apply -replace).",
		object(plan), state.State.ValueString(), plan.State.ValueString(), strings.Join(states, " to "), state.State.ValueString()))
	return diags
}

// checkCurrency refuses another currency than the instance's while it can still be corrected: no planned value follows from
// the look at the instance. Where it cannot be asked yet, Create does.
func (r *entitlementResource) checkCurrency(ctx context.Context, config model) (diags diag.Diagnostics) {
	if config.Currency.IsNull() || config.Currency.IsUnknown() || r.Meta == nil {
		return nil
	}
	client, unknown := r.Meta.Client()
	if unknown.HasError() {
		return nil
	}
	instance, err := client.Instance(ctx)
	if err != nil || instance.ID == "" {
		return nil // applying says what is wrong with the instance
	}
	return wrongCurrency(config, instance)
}

package reconciliation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// rightsOf names in diagnostics what is reconciled.
func rightsOf(publisher types.String) string {
	if publisher.ValueString() == "" {
		return "the software licenses of all publishers"
	}
	return fmt.Sprintf("the software licenses of publisher %q", publisher.ValueString())
}

// findPublisher gives the sys_id of a publisher; empty for all of them.
func findPublisher(ctx context.Context, client *sam.Client, publisher types.String) (string, diag.Diagnostics) {
	if publisher.ValueString() == "" {
		return "", nil
	}
	id, err := client.Reconciliations.Publisher(ctx, publisher.ValueString())
	switch {
	case errors.Is(err, sam.ErrNotFound):
		return "", diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("publisher"), "No such publisher", fmt.Sprintf(
			"Trying to reconcile %s: the instance has no publisher of this name. Check the name (data source "+
				"servicenowsam_software_models), or leave publisher out to reconcile all.", rightsOf(publisher)))}
	case err != nil:
		return "", diag.Diagnostics{tfkit.ErrorDiagnostic("reconcile", rightsOf(publisher), err)}
	}
	return id, nil
}

// reconcile is one run, whoever asks for it: the resource or the action. The outcome has no result where nothing started.
func reconcile(ctx context.Context, client *sam.Client, publisherID, what string, say sam.Say) (companion.ReconcileOutcome, diag.Diagnostics) {
	var diags diag.Diagnostics
	outcome, err := client.Reconciliations.Run(ctx, publisherID, say)
	if err != nil {
		diags.Append(tfkit.ErrorDiagnostic("reconcile", what, err))
	}
	for _, warning := range outcome.Warnings {
		diags.AddWarning("The reconciliation has a remark", fmt.Sprintf("Reconciling %s: %s", what, warning))
	}
	return outcome, diags
}

func newRecord(o companion.ReconcileOutcome, started, finished time.Time) record {
	number := func(n int) types.Int64 { return types.Int64Value(int64(n)) }
	return record{
		ResultID:           types.StringValue(o.Result.SysID),
		Number:             tfkit.StringOrNull(o.Result.Name),
		StartedAt:          tfkit.TimeOrNull(started),
		FinishedAt:         tfkit.TimeOrNull(finished),
		Status:             tfkit.StringOrNull(o.Status),
		Publishers:         number(o.Publishers),
		Products:           number(o.Products),
		CompliantProducts:  number(o.Compliant),
		RightsOwned:        number(o.RightsOwned),
		RightsUsed:         number(o.RightsUsed),
		Unlicensed:         number(o.Unlicensed),
		WithoutUser:        number(o.WithoutUser),
		TrueUpCost:         tfkit.AmountText(o.TrueUpCost),
		OverLicensedAmount: tfkit.AmountText(o.OverLicensed),
		TotalSpend:         tfkit.AmountText(o.TotalSpend),
		Currency:           tfkit.StringOrNull(o.Currency),
	}
}

// summary is the last progress line of an action, which leaves no record to look at.
func summary(o companion.ReconcileOutcome) string {
	return fmt.Sprintf("%s: %d of %d products compliant; %d rights owned, %d used, %d subscriptions without a right; true-up cost %s %s",
		o.Result.Name, o.Compliant, o.Products, o.RightsOwned, o.RightsUsed, o.Unlicensed, o.TrueUpCost, o.Currency)
}

package companion

import "time"

// ReconcilePath runs the software license reconciliation now (POST ReconcileRequest); outcome ReconcileOutcome.
func ReconcilePath() string { return BasePath + "/reconciliation" }

// ReconcileRequest asks for a reconciliation.
type ReconcileRequest struct {
	// Publisher is the sys_id of the publisher to reconcile; empty means all.
	Publisher string `json:"publisher,omitempty"`
}

// ReconcileOutcome sums a reconciliation up. Amounts are decimals in Currency.
type ReconcileOutcome struct {
	Result       Ref       `json:"result"` // of samp_reconciliation_result
	Status       string    `json:"status"` // dictionary.Reconciliation…
	Publishers   int       `json:"publishers"`
	Products     int       `json:"products"`
	Compliant    int       `json:"compliant"` // products
	RightsOwned  int       `json:"rights_owned"`
	RightsUsed   int       `json:"rights_used"`
	Unlicensed   int       `json:"unlicensed"`   // subscriptions without a right
	WithoutUser  int       `json:"without_user"` // subscriptions that cannot be licensed, because no user is known
	TrueUpCost   string    `json:"true_up_cost"`
	OverLicensed string    `json:"over_licensed_amount"`
	TotalSpend   string    `json:"total_spend"`
	Currency     string    `json:"currency"`
	ReconciledAt time.Time `json:"reconciled_at"`
	Warnings     []string  `json:"warnings,omitempty"`
}

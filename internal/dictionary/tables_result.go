package dictionary

// The results of a reconciliation, from the publisher down to the license metric.
const (
	TableReconciliation       = "samp_reconciliation_result"
	TablePublisherResult      = "samp_publisher_result"
	TableProductResult        = "samp_product_result"
	TableSoftwareModelResult  = "samp_software_model_result"
	TableMetricResult         = "samp_license_metric_result"
	TableEntitlementResult    = "samp_entitlement_result"
	TableRemediation          = "samp_remediation_option"
	ReconciliationCompleted   = "completed"
	ReconciliationFailed      = "failed"
	ReconciliationPartial     = "partially_completed"
	ReconciliationInProgress  = "in_progress"
	ResultCompliant           = "compliant"
	ResultNotCompliant        = "not_compliant"
	RemediationPurchaseRights = "purchase_rights"
)

// Columns of the results. The figures have the same names on every tier.
const (
	ResultPublisher     = "publisher"
	ResultProduct       = "product"
	ResultModel         = "software_model"
	ResultStatus        = "status"
	ResultLatest        = "latest" // the newest result of its subject; older ones are history
	ResultTrueUpCost    = "true_up_cost"
	ResultOverLicensed  = "over_licensed_amount"
	ResultTotalSpend    = "total_spend"
	ResultProducts      = "total_products"
	ResultCompliantOnes = "compliant_products"
	ResultUnlicensed    = "unlicensed_subscriptions"

	MetricDisplayName    = "display_name"
	MetricMetric         = "license_metric"
	MetricRightsOwned    = "rights_owned"
	MetricRightsUsed     = "rights_used"
	MetricRightsConsumed = "rights_consumed"
	MetricRightsNeeded   = "rights_needed"
	MetricUnusedRights   = "unused_rights"
	MetricAvailable      = "licenses_available" // negative where rights are missing
	MetricUnlicensed     = "unlicensed_installs"
	MetricAllocated      = "rights_allocated"
	MetricWithoutUser    = "subscriptions_without_user"

	ReconciliationNumber    = "number"
	ReconciliationStatus    = "status"
	ReconciliationPublisher = "publisher"
	ReconciliationProgress  = "progress" // per cent
	ReconciliationStep      = "progress_step"
	ReconciliationTotal     = "total"
	ReconciliationProcessed = "current_processed"
	ReconciliationLast      = "last_reconciled"
	ReconciliationSummary   = "recon_progress_summary"

	RemediationType   = "type"
	RemediationMetric = "license_metric_result"
	RemediationRights = "rights"
	RemediationCost   = "cost"
)

const (
	sourceResult     = "public code that queries the reconciliation results"
	sourceResultTier = "reconciliation pages describe the tier; column names are assumed"
)

func resultTables() []Table {
	return []Table{
		{
			Name: TableMetricResult, Label: "License Metric Result", Display: MetricDisplayName, Certainty: Code, Source: sourceResult,
			Columns: []Column{
				text(MetricDisplayName, "Display name", Code, sourceResult),
				reference(ResultPublisher, "Publisher", TablePublisher, Code, sourceResult),
				reference(ResultProduct, "Product", TableProduct, Code, sourceResult),
				reference(ResultModel, "Software model", TableSoftwareModel, Code, sourceResult),
				integer(MetricRightsOwned, "Rights owned", Code, sourceResult),
				integer(MetricRightsUsed, "Rights used", Code, sourceResult),
				integer(MetricRightsConsumed, "Rights consumed", Code, sourceResult),
				integer(MetricRightsNeeded, "Rights needed", Code, sourceResult),
				integer(MetricUnusedRights, "Unused rights", Code, sourceResult),
				integer(MetricAvailable, "Licenses available", Code, sourceResult),
				integer(MetricUnlicensed, "Unlicensed installs", Code, sourceResult),
				choice(MetricMetric, "License metric", Assumed, sourceResultTier, choices(Assumed, MetricUserSubscription, "User Subscription", MetricSaaSConsumption, "SaaS Consumption")),
				integer(MetricAllocated, "Rights allocated", Assumed, sourceResultTier),
				integer(MetricWithoutUser, "Subscriptions without user", Assumed, "not on ServiceNow: subscriptions that cannot be licensed, because no user is known"),
				complianceStatus(),
				latestFlag(),
				currency(ResultTrueUpCost, "True-up cost", Code, sourceResult),
				currency(ResultOverLicensed, "Over-licensed amount", Code, sourceResult),
				currency(ResultTotalSpend, "Total spend", Code, sourceResult),
			},
		},
		{
			Name: TablePublisherResult, Label: "Publisher Result", Display: ResultPublisher, Certainty: Code, Source: sourceResult,
			Columns: []Column{
				reference(ResultPublisher, "Publisher", TablePublisher, Code, sourceResult),
				text(ResultStatus, "Status", Code, sourceResult),
				text("published_status", "Published status", Code, sourceResult),
				integer(ResultProducts, "Total products", Code, sourceResult),
				integer(ResultCompliantOnes, "Compliant products", Code, sourceResult),
				integer(ResultUnlicensed, "Unlicensed subscriptions", Code, sourceResult),
				currency(ResultTrueUpCost, "True-up cost", Code, sourceResult),
				currency(ResultOverLicensed, "Over-licensed amount", Code, sourceResult),
				currency(ResultTotalSpend, "Total spend", Code, sourceResult),
				latestFlag(),
			},
		},
		complianceTable(TableProductResult, "Product Result", reference(ResultProduct, "Product", TableProduct, Assumed, sourceResultTier)),
		complianceTable(TableSoftwareModelResult, "Software Model Result", reference(ResultModel, "Software model", TableSoftwareModel, Assumed, sourceResultTier)),
		{
			Name: TableReconciliation, Label: "Reconciliation Result", Display: ReconciliationNumber, Certainty: Code, Source: sourceResult,
			Columns: []Column{
				text(ReconciliationNumber, "Number", Code, sourceResult),
				text(ReconciliationStatus, "Status", Code, sourceResult),
				reference(ReconciliationPublisher, "Publisher", TablePublisher, Assumed, "on demand per publisher is documented; the column is assumed"),
				integer(ReconciliationProgress, "Progress", Code, sourceResult),
				text("progress_ux", "Progress (workspace)", Code, sourceResult),
				text(ReconciliationStep, "Progress step", Code, sourceResult),
				integer(ReconciliationTotal, "Total", Code, sourceResult),
				integer(ReconciliationProcessed, "Current processed", Code, sourceResult),
				dateTime(ReconciliationLast, "Last reconciled", Code, sourceResult),
				text(ReconciliationSummary, "Progress summary", Code, sourceResult),
			},
		},
		{Name: TableEntitlementResult, Label: "Entitlement Result", Certainty: Doc, Source: "KB1123962 names the table"},
		{
			Name: TableRemediation, Label: "Remediation Option", Certainty: Doc, Source: "reconciliation pages name the table",
			Columns: []Column{
				choice(RemediationType, "Type", Assumed, sourceResultTier, choices(Assumed, RemediationPurchaseRights, "Purchase Rights")),
				reference(ResultPublisher, "Publisher", TablePublisher, Assumed, sourceResultTier),
				reference(ResultProduct, "Product", TableProduct, Assumed, sourceResultTier),
				reference(ResultModel, "Software model", TableSoftwareModel, Assumed, sourceResultTier),
				reference(RemediationMetric, "License metric result", TableMetricResult, Assumed, sourceResultTier),
				integer(RemediationRights, "Rights", Assumed, sourceResultTier),
				currency(RemediationCost, "Cost", Assumed, sourceResultTier),
			},
		},
	}
}

func complianceTable(name, label string, subject Column) Table {
	return Table{
		Name: name, Label: label, Display: subject.Name, Certainty: Code, Source: sourceResult,
		Columns: []Column{
			subject,
			reference(ResultPublisher, "Publisher", TablePublisher, Assumed, sourceResultTier),
			complianceStatus(),
			latestFlag(),
		},
	}
}

func complianceStatus() Column {
	return choice(ResultStatus, "Status", Assumed, sourceResultTier, choices(Assumed, ResultCompliant, "Compliant", ResultNotCompliant, "Not Compliant"))
}

func latestFlag() Column { return boolean(ResultLatest, "Latest", Assumed, sourceResultTier) }

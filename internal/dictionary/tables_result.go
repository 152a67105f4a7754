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

const (
	sourceResult     = "public code that queries the reconciliation results"
	sourceResultTier = "reconciliation pages describe the tier; column names are assumed"
)

func resultTables() []Table {
	return []Table{
		{
			Name: TableMetricResult, Label: "License Metric Result", Display: "display_name", Certainty: Code, Source: sourceResult,
			Columns: []Column{
				text("display_name", "Display name", Code, sourceResult),
				reference("publisher", "Publisher", TablePublisher, Code, sourceResult),
				reference("product", "Product", TableProduct, Code, sourceResult),
				reference("software_model", "Software model", TableSoftwareModel, Code, sourceResult),
				integer("rights_owned", "Rights owned", Code, sourceResult),
				integer("rights_used", "Rights used", Code, sourceResult),
				integer("rights_consumed", "Rights consumed", Code, sourceResult),
				integer("rights_needed", "Rights needed", Code, sourceResult),
				integer("unused_rights", "Unused rights", Code, sourceResult),
				integer("licenses_available", "Licenses available", Code, sourceResult),
				integer("unlicensed_installs", "Unlicensed installs", Code, sourceResult),
				currency("true_up_cost", "True-up cost", Code, sourceResult),
				currency("over_licensed_amount", "Over-licensed amount", Code, sourceResult),
				currency("total_spend", "Total spend", Code, sourceResult),
			},
		},
		{
			Name: TablePublisherResult, Label: "Publisher Result", Display: "publisher", Certainty: Code, Source: sourceResult,
			Columns: []Column{
				reference("publisher", "Publisher", TablePublisher, Code, sourceResult),
				text("status", "Status", Code, sourceResult),
				text("published_status", "Published status", Code, sourceResult),
				integer("total_products", "Total products", Code, sourceResult),
				integer("compliant_products", "Compliant products", Code, sourceResult),
				integer("unlicensed_subscriptions", "Unlicensed subscriptions", Code, sourceResult),
				currency("true_up_cost", "True-up cost", Code, sourceResult),
				currency("over_licensed_amount", "Over-licensed amount", Code, sourceResult),
				currency("total_spend", "Total spend", Code, sourceResult),
			},
		},
		complianceTable(TableProductResult, "Product Result", reference("product", "Product", TableProduct, Assumed, sourceResultTier)),
		complianceTable(TableSoftwareModelResult, "Software Model Result", reference("software_model", "Software model", TableSoftwareModel, Assumed, sourceResultTier)),
		{
			Name: TableReconciliation, Label: "Reconciliation Result", Display: "number", Certainty: Code, Source: sourceResult,
			Columns: []Column{
				text("number", "Number", Code, sourceResult),
				text("status", "Status", Code, sourceResult),
				integer("progress", "Progress", Code, sourceResult),
				text("progress_ux", "Progress (workspace)", Code, sourceResult),
				text("progress_step", "Progress step", Code, sourceResult),
				integer("total", "Total", Code, sourceResult),
				integer("current_processed", "Current processed", Code, sourceResult),
				dateTime("last_reconciled", "Last reconciled", Code, sourceResult),
				text("recon_progress_summary", "Progress summary", Code, sourceResult),
			},
		},
		{Name: TableEntitlementResult, Label: "Entitlement Result", Certainty: Doc, Source: "KB1123962 names the table"},
		{Name: TableRemediation, Label: "Remediation Option", Certainty: Doc, Source: "reconciliation pages name the table"},
	}
}

func complianceTable(name, label string, subject Column) Table {
	return Table{
		Name: name, Label: label, Display: subject.Name, Certainty: Code, Source: sourceResult,
		Columns: []Column{
			subject,
			choice("status", "Status", Assumed, sourceResultTier, choices(Assumed, ResultCompliant, "Compliant", ResultNotCompliant, "Not Compliant")),
			boolean("latest", "Latest", Assumed, sourceResultTier),
		},
	}
}

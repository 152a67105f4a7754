package dictionary

const (
	sourceResult     = "public code that queries the reconciliation results"
	sourceResultTier = "reconciliation pages describe the tier; column names are assumed"
)

func resultTables() []Table {
	return []Table{
		{
			Name: "samp_license_metric_result", Label: "License Metric Result", Display: "display_name", Certainty: Code, Source: sourceResult,
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
			Name: "samp_publisher_result", Label: "Publisher Result", Display: "publisher", Certainty: Code, Source: sourceResult,
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
		complianceTable("samp_product_result", "Product Result", reference("product", "Product", TableProduct, Assumed, sourceResultTier)),
		complianceTable("samp_software_model_result", "Software Model Result", reference("software_model", "Software model", TableSoftwareModel, Assumed, sourceResultTier)),
		{
			Name: "samp_reconciliation_result", Label: "Reconciliation Result", Display: "number", Certainty: Code, Source: sourceResult,
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
		{Name: "samp_entitlement_result", Label: "Entitlement Result", Certainty: Doc, Source: "KB1123962 names the table"},
		{Name: "samp_remediation_option", Label: "Remediation Option", Certainty: Doc, Source: "reconciliation pages name the table"},
	}
}

func complianceTable(name, label string, subject Column) Table {
	return Table{
		Name: name, Label: label, Display: subject.Name, Certainty: Code, Source: sourceResult,
		Columns: []Column{
			subject,
			choice("status", "Status", Assumed, sourceResultTier, choices(Assumed, "compliant", "Compliant", "not_compliant", "Not Compliant")),
			boolean("latest", "Latest", Assumed, sourceResultTier),
		},
	}
}

package dictionary

const (
	sourceLicense     = "public code that queries alm_license"
	sourceLicenseForm = "entitlement form gives the label; the column name is assumed"
	sourceUsage       = "the usage summary's purpose is documented; column names are assumed"
	sourceConsumption = "consumption summary page gives the labels; column names are assumed"
	sourceMetering    = "public code that queries itam_licensing_resource_counts"
)

// Software entitlements: the rights bought.
const (
	TableEntitlement = "alm_license"

	EntitlementDisplayName     = "display_name"
	EntitlementModel           = "software_model"
	EntitlementPurchasedRights = "purchased_rights"
	EntitlementRights          = "rights" // active rights: the purchased ones while the entitlement counts, else 0
	EntitlementUnitCost        = "unit_cost"
	EntitlementStart           = "start_date"
	EntitlementEnd             = "end_date"
	EntitlementUnlimited       = "unlimited_license"
	EntitlementAgreement       = "agreement_type"
	EntitlementLicenseType     = "license_type"
	EntitlementMetricGroup     = "metric_group"
	EntitlementMetric          = "license_metric"
	EntitlementPeriod          = "subscription_period"
	EntitlementState           = "state"

	EntitlementBuild   = "build"
	EntitlementInUse   = "in_use"
	EntitlementRetired = "retired"

	PeriodMonthly   = "monthly"
	PeriodQuarterly = "quarterly"
	PeriodAnnually  = "annually"
	PeriodEntire    = "entire"

	LicenseTypeSubscription = "subscription"

	MetricUserSubscription = "user_subscription"
	MetricSaaSConsumption  = "saas_consumption"
)

// Agreement types. Enterprise and unlimited agreements are always compliant.
const (
	AgreementStandard   = "standard"
	AgreementEnterprise = "enterprise"
	AgreementUnlimited  = "unlimited"
)

// Metric groups.
const (
	MetricGroupSubscription = "subscription"
	MetricGroupConsumption  = "consumption"
)

// SAM's own metering (managed-it-resource-types.md): how many users with a SaaS subscription ServiceNow charges for.
const (
	TableMetering = "itam_licensing_resource_counts"

	MeteringApplication = "application"
	MeteringCategory    = "resource_category"
	MeteringCount       = "resource_count"
	MeteringRatio       = "su_ratio"
	MeteringUnits       = "su_count"
	MeteringAggregated  = "is_aggregated"
	MeteringStatus      = "licensing_job_status"
	MeteringExcluded    = "excluded_count" // ours

	MeteringSAM       = "Software Asset Management" // value of MeteringApplication; assumed
	MeteringSaaSUser  = "SaaS Subscription User"    // value of MeteringCategory
	MeteringCompleted = "completed"                 // value of MeteringStatus; assumed

	// UsersPerUnit is how many users with a SaaS subscription make one subscription unit (managed-it-resource-types.md).
	UsersPerUnit = 15
)

// TableUserAllocation says which user a right is allocated to.
const (
	TableUserAllocation = "alm_entitlement_user"

	AllocationEntitlement = "licensed_by"
	AllocationUser        = "assigned_to"
)

// The usage summary of subscriptions, a row per software model.
const (
	TableUsageSummary = "samp_subscription_usage_summary"

	UsageModel     = "software_model"
	UsageOwned     = "rights_owned"
	UsageAssigned  = "rights_assigned"
	UsageStale     = "stale_rights"
	UsageAvailable = "rights_available"
	UsageCost      = "cost"
)

func entitlementTables() []Table {
	return []Table{
		{Name: TableEntitlement, Label: "Software Entitlement", Display: EntitlementDisplayName, Certainty: Code, Source: sourceLicense, Columns: entitlementColumns()},
		{
			Name: TableUserAllocation, Label: "User Allocation", Certainty: Code, Source: "public code; columns assumed",
			Columns: []Column{
				reference(AllocationEntitlement, "Licensed by", TableEntitlement, Assumed, "user allocation form"),
				reference(AllocationUser, "Assigned to", TableUser, Assumed, "user allocation form"),
			},
		},
		{
			Name: "alm_entitlement_asset", Label: "Device Allocation", Certainty: Code, Source: "public code; columns assumed",
			Columns: []Column{reference("licensed_by", "Licensed by", TableEntitlement, Assumed, "device allocation form")},
		},
		{
			Name: TableUsageSummary, Label: "Subscription Usage Summary", Certainty: Doc, Source: sourceUsage,
			Columns: []Column{
				reference(UsageModel, "Software model", TableSoftwareModel, Assumed, sourceUsage),
				integer(UsageOwned, "Rights owned", Assumed, sourceUsage),
				integer(UsageAssigned, "Rights assigned", Assumed, sourceUsage),
				integer(UsageStale, "Stale rights", Assumed, sourceUsage),
				integer(UsageAvailable, "Rights available", Assumed, sourceUsage),
				currency(UsageCost, "Cost", Assumed, sourceUsage),
			},
		},
		{
			Name: "sam_saas_consumption_summary", Label: "SaaS Consumption Summary", Certainty: Doc, Source: sourceConsumption,
			Columns: []Column{
				reference("subscription_profile", "Subscription profile", TableProfile, Assumed, sourceConsumption),
				text("product", "Product", Assumed, sourceConsumption),
				text("version", "Version", Assumed, sourceConsumption),
				text("edition", "Edition", Assumed, sourceConsumption),
				text("unit_of_consumption", "Unit of consumption", Assumed, sourceConsumption),
				decimal("total_units", "Total units", Assumed, sourceConsumption),
				decimal("units_consumed", "Units consumed", Assumed, sourceConsumption),
				decimal("monthly_consumption", "Monthly consumption", Assumed, sourceConsumption),
				date("contract_start", "Contract start", Assumed, sourceConsumption),
				date("contract_end", "Contract end", Assumed, sourceConsumption),
			},
		},
		{
			Name: TableMetering, Label: "Licensing resource counts", Certainty: Code, Source: sourceMetering,
			Columns: []Column{
				text(MeteringApplication, "Application", Code, sourceMetering),
				text(MeteringCategory, "Resource category", Code, sourceMetering),
				integer(MeteringCount, "Resource count", Code, sourceMetering),
				decimal(MeteringRatio, "Subscription unit ratio", Code, sourceMetering),
				decimal(MeteringUnits, "Subscription unit count", Code, sourceMetering),
				boolean(MeteringAggregated, "Is aggregated", Code, sourceMetering),
				text(MeteringStatus, "Licensing job status", Code, sourceMetering),
				text("active_subscription_entitlement", "Active subscription entitlement", Code, sourceMetering),
				integer(MeteringExcluded, "Excluded count", Assumed, "not on ServiceNow: how many resources exclusion rules keep out of the count"),
			},
		},
	}
}

func entitlementColumns() []Column {
	return []Column{
		text(EntitlementDisplayName, "Display name", Code, sourceLicense),
		reference(EntitlementModel, "Software model", TableSoftwareModel, Code, sourceLicense),
		integer(EntitlementPurchasedRights, "Purchased rights", Code, sourceLicense),
		integer(EntitlementRights, "Active rights", Code, sourceLicense, readOnly()),
		currency(EntitlementUnitCost, "Unit cost", Code, sourceLicense),
		currency("license_yearly_cost", "License yearly cost", Code, sourceLicense),
		text("product_type", "Product type", Code, sourceLicense),
		text("license_duration", "License duration", Code, sourceLicense),
		date(EntitlementStart, "Start date", Code, sourceLicense),
		date(EntitlementEnd, "End date", Code, sourceLicense),
		boolean("maintenance", "Maintenance", Code, sourceLicense),
		boolean(EntitlementUnlimited, "Unlimited license", Code, sourceLicense),
		choice(EntitlementAgreement, "Agreement type", Assumed, sourceLicenseForm,
			choices(Assumed, AgreementStandard, "Standard", AgreementEnterprise, "Enterprise", AgreementUnlimited, "Unlimited"), initially(AgreementStandard)),
		choice(EntitlementLicenseType, "License type", Assumed, sourceLicenseForm, choices(Assumed, LicenseTypeSubscription, "Subscription"), initially(LicenseTypeSubscription)),
		choice(EntitlementMetricGroup, "Metric group", Assumed, sourceLicenseForm, choices(Assumed, MetricGroupSubscription, "Subscription", MetricGroupConsumption, "Consumption"), initially(MetricGroupSubscription)),
		choice(EntitlementMetric, "License metric", Assumed, sourceLicenseForm, choices(Assumed, MetricUserSubscription, "User Subscription", MetricSaaSConsumption, "SaaS Consumption"), initially(MetricUserSubscription)),
		choice(EntitlementPeriod, "Subscription period", Assumed, sourceLicenseForm,
			choices(Assumed, PeriodMonthly, "Monthly", PeriodQuarterly, "Quarterly", PeriodAnnually, "Annually", PeriodEntire, "Entire Subscription Period")),
		choice(EntitlementState, "State", Assumed, sourceLicenseForm,
			choices(Assumed, EntitlementBuild, "Build", EntitlementInUse, "In use", EntitlementRetired, "Retired"), initially(EntitlementBuild)),
	}
}

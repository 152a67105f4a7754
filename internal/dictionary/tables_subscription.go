package dictionary

// Unrecognized subscription identifiers: those that no product definition maps to a software model.
const (
	TableUnrecognizedIdentifier = "samp_sw_unrecognized_subscription_identifier"
	TableSSOSubscription        = "samp_sso_subscription"
	TableDiscoveredUser         = "samp_discovered_user"

	UnrecognizedIdentifier = "subscription_identifier"
	UnrecognizedModel      = "software_model"
	UnrecognizedProfiles   = "subscription_profiles"
	UnrecognizedCount      = "number_of_subscriptions"
)

const (
	sourceSubscriptionRead  = "public code that queries samp_sw_subscription"
	sourceSubscriptionWrite = "a public importer that writes samp_sw_subscription; an unknown column would have been ignored silently"
	sourceSubscriptionForm  = "software subscription form gives the label; the column name is assumed"
	sourceUnrecognized      = "unrecognized subscription identifiers page gives the labels; column names are assumed"
)

func subscriptionTables() []Table {
	return []Table{
		{
			Name: TableSubscription, Label: "Software Subscription", Display: SubscriptionDisplayName, Certainty: Doc,
			Source: "software subscriptions pages (servicenow.com/docs)", Columns: subscriptionColumns(),
		},
		{
			Name: TableSSOSubscription, Label: "SSO Subscription", Display: "display_name", Certainty: Doc, Source: "sso-subscriptions.md",
			Columns: []Column{
				text("display_name", "Display name", Assumed, "as on a software subscription"),
				text("user_principal_name", "User principal name", Assumed, "as on a software subscription"),
				reference("user", "User", TableUser, Assumed, "as on a software subscription"),
				reference("subscription_profile", "Subscription profile", TableProfile, Assumed, "as on a software subscription"),
			},
		},
		{
			Name: TableUnrecognizedIdentifier, Label: "Unrecognized Subscription Identifier", Display: UnrecognizedIdentifier,
			Certainty: Doc, Source: sourceUnrecognized,
			Columns: []Column{
				text(UnrecognizedIdentifier, "Subscription identifier", Assumed, sourceUnrecognized),
				reference(UnrecognizedModel, "Software model", TableSoftwareModel, Assumed, sourceUnrecognized),
				list(UnrecognizedProfiles, "Subscription profiles", TableProfile, Assumed, sourceUnrecognized),
				integer(UnrecognizedCount, "Number of subscriptions", Assumed, sourceUnrecognized),
				boolean("exclude_from_content_service", "Exclude from content service", Assumed, sourceUnrecognized),
			},
		},
		{
			Name: TableDiscoveredUser, Label: "Discovered User", Display: "user_principal_name", Certainty: Doc,
			Source: "user resolution pages name the table; columns assumed",
			Columns: []Column{
				text("user_principal_name", "User principal name", Assumed, "user resolution pages"),
				reference("user", "User", TableUser, Assumed, "user resolution pages"),
			},
		},
		{Name: "samp_subscription_staging", Label: "Subscription staging", Certainty: Doc, Source: "SAP Ariba profile page names the table"},
		{Name: "samp_saas_event_mapping", Label: "SaaS event mapping", Certainty: Doc, Source: "feature usage pages name the table"},
		{Name: "saas_sw_storage_usage", Label: "SaaS storage usage", Certainty: Doc, Source: "storage usage pages name the table"},
		{Name: "saas_url_usage", Label: "SaaS URL usage", Certainty: Doc, Source: "browser detection pages name the table"},
	}
}

func subscriptionColumns() []Column {
	const read, write, form = sourceSubscriptionRead, sourceSubscriptionWrite, sourceSubscriptionForm
	return []Column{
		text(SubscriptionDisplayName, "Display name", Code, write),
		text(SubscriptionUPN, "User principal name", Code, read),
		text(SubscriptionExternalUserID, "External user ID", Code, write),
		text(SubscriptionUserName, "Vendor user name", Assumed, "not on ServiceNow: the vendor's own user name, by which people may be protected", readOnly()),
		reference(SubscriptionUser, "User", TableUser, Code, read+"; KB1123962"),
		choice(SubscriptionUserSource, "User source", Code, write, choices(Code, "integration", "Integration", "manual", "Manual")),
		text(SubscriptionIdentifier, "Subscription identifier", Code, read),
		reference("assigned_software_identifier", "Assigned software identifier", TableProductDefinition, Code, "KB2960539; that it is a reference is assumed"),
		reference(SubscriptionSoftwareModel, "Software model", TableSoftwareModel, Code, read),
		reference(SubscriptionPublisher, "Publisher", TablePublisher, Doc, form),
		reference(SubscriptionProduct, "Product", TableProduct, Doc, form),
		text("version", "Version", Code, write),
		text("edition", "Edition", Doc, form),
		reference(SubscriptionProfile, "Subscription profile", TableProfile, Assumed, form),
		choice("subscription_type", "Subscription type", Assumed, form,
			choices(Assumed, "software_subscription", "Software subscription", "sso_subscription", "SSO subscription"),
			initially("software_subscription")),
		dateTime("subscription_assigned", "Subscription assigned", Assumed, form+"; Asana, Trello and Confluence leave it empty"),
		dateTime(SubscriptionExternalCreated, "External created", Code, write),
		date(SubscriptionLastActivity, "Last activity", Code, read),
		integer(SubscriptionInactiveDays, "Inactive days", Code, write, readOnly()),
		boolean(SubscriptionActive, "Active", Code, read, initially("true")),
		text(SubscriptionState, "State", Code, write),
		choice(SubscriptionSourced, "Sourced from integration", Code, "KB0791047; value yes assumed", choices(Assumed, "yes", "Yes", "no", "No")),
		text("source", "Source", Code, write),
		boolean(SubscriptionUnlicensed, "Unlicensed subscription", Code, "KB1123962", readOnly()),
		boolean(SubscriptionReconciled, "Is reconciled", Code, "KB1123962", readOnly()),
		reference("license_metric_result", "License metric result", TableMetricResult, Code, read, readOnly()),
		reference("product_result", "Product result", TableProductResult, Code, read, readOnly()),
		reference("software_model_result", "Software model result", TableSoftwareModelResult, Code, read, readOnly()),
		boolean(SubscriptionExcluded, "Excluded from metering", Assumed,
			"not on ServiceNow: an exclusion rule names it; neither metered nor in cost figures (subscription-exclusions.md)", readOnly()),
		boolean(SubscriptionUserOverridden, "User set by hand", Assumed, "not on ServiceNow: a person chose the user, so that no refresh changes it", readOnly()),
		dateTime(SubscriptionRestoredOn, "Restored", Assumed, "not on ServiceNow: when a reclaimed licence was given back; counts as a sign of life", readOnly()),
		text("inferred_suite", "Inferred suite", Code, read),
		integer("inferred_suite_level", "Inferred suite level", Code, read),
		reference("inferred_suite_product", "Inferred suite product", TableProduct, Code, read),
		reference("licensable_software_model", "Licensable software model", TableSoftwareModel, Assumed, form),
		reference("discovered_user", "Discovered user", TableDiscoveredUser, Assumed, form),
	}
}

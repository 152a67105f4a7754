package dictionary

// Columns of the product tables that code names.
const (
	ProductName       = "name"
	ProductPublisher  = "publisher"
	ProductActive     = "active"
	PublisherName     = "name"
	PublisherCompany  = "company"
	ProductTypeType   = "profile_type" // of TableProductProfileType
	ProductTypeRef    = "product"      // of TableProductProfileType
	DefinitionID      = "identifier"   // of TableProductDefinition
	DefinitionProfile = "profile_type" // ours: ServiceNow keys the definition by subscription integration
	DefinitionProduct = "product"      // ours: short for entitlement_definition.product
	DefinitionActive  = "active"

	ModelName         = "name"
	ModelDisplayName  = "display_name"
	ModelManufacturer = "manufacturer"
	ModelStatus       = "status"
	ModelProduct      = "product"
	ModelPublisher    = "publisher"
	ModelIdentifier   = "subscription_identifier" // ours: the identifier the model was created for
	ModelActive       = "In Production"           // value of ModelStatus

	ModelUnderManagement = "license_under_management"
	ModelRestricted      = "restricted_software"
)

// Tables of the content library.
const (
	TableSubscriptionIntegration       = "samp_sw_subscription_integration"
	TableCustomSubscriptionIntegration = "samp_sw_custom_subscription_integration"
	TableCustomProductDefinition       = "samp_sw_custom_subscription_product_definition"
	TableEntitlementDefinition         = "samp_sw_entitlement_definition"
	TableCustomEntitlementDefinition   = "samp_custom_sw_entitlement_definition"
	TableCompany                       = "core_company"
)

const (
	sourceContent     = "content library pages (servicenow.com/docs) name the table; column names are assumed"
	sourceDefinition  = "subscription product definition pages give the labels; column names are assumed"
	sourceModel       = "public code that queries cmdb_software_product_model"
	sourceModelForm   = "software model form gives the label; the column name is assumed"
	sourceProductFlag = "samp_sw_product form gives the label; the column name is assumed"
)

func productTables() []Table {
	return []Table{
		{
			Name: TablePublisher, Label: "Software Publisher", Display: PublisherName, Certainty: Doc, Source: sourceContent,
			Columns: []Column{
				text(PublisherName, "Name", Assumed, sourceContent, mandatory()),
				reference(PublisherCompany, "Company", TableCompany, Assumed, sourceContent),
			},
		},
		{
			Name: TableProduct, Label: "Software Product", Display: ProductName, Certainty: Doc, Source: sourceContent,
			Columns: []Column{
				text(ProductName, "Name", Assumed, sourceContent, mandatory()),
				reference(ProductPublisher, "Publisher", TablePublisher, Assumed, sourceContent),
				boolean("subscription_software", "Subscription software", Assumed, sourceProductFlag, initially("true")),
				choice("product_type", "Product type", Assumed, sourceProductFlag, choices(Assumed, "licensable", "Licensable", "not_licensable", "Not Licensable"), initially("licensable")),
				boolean("ignore_installs", "Ignore installs", Assumed, sourceProductFlag),
				boolean("exclude_from_content_service", "Exclude from content service", Assumed, sourceProductFlag),
				boolean(ProductActive, "Active", Assumed, sourceProductFlag, initially("true")),
			},
		},
		{
			Name: TableProductProfileType, Label: "Product Profile Type", Certainty: Doc, Source: "KB3015895 family of articles name the table; column names are assumed",
			Columns: []Column{
				choice(ProductTypeType, "Profile type", Assumed, sourceContent, profileTypeChoices(), mandatory()),
				reference(ProductTypeRef, "Product", TableProduct, Assumed, sourceContent, mandatory()),
			},
		},
		integrationTable(TableSubscriptionIntegration, "Subscription Integration"),
		integrationTable(TableCustomSubscriptionIntegration, "Custom Subscription Integration"),
		definitionTable(TableProductDefinition, "Subscription Product Definition", TableSubscriptionIntegration, TableEntitlementDefinition),
		definitionTable(TableCustomProductDefinition, "Custom Subscription Product Definition", TableCustomSubscriptionIntegration, TableCustomEntitlementDefinition),
		entitlementDefinitionTable(TableEntitlementDefinition, "Software Entitlement Definition"),
		entitlementDefinitionTable(TableCustomEntitlementDefinition, "Custom Software Entitlement Definition"),
		{
			Name: TableSoftwareModel, Label: "Software Model", Display: ModelDisplayName, Certainty: Code, Source: sourceModel, Columns: modelColumns(),
		},
	}
}

func integrationTable(name, label string) Table {
	return Table{
		Name: name, Label: label, Display: "name", Certainty: Doc, Source: sourceContent,
		Columns: []Column{
			text("name", "Name", Assumed, sourceContent, mandatory()),
			choice("profile_type", "Profile type", Assumed, sourceContent, profileTypeChoices()),
			boolean("active", "Active", Assumed, sourceContent, initially("true")),
		},
	}
}

func definitionTable(name, label, integration, entitlementDefinition string) Table {
	return Table{
		Name: name, Label: label, Display: DefinitionID, Certainty: Doc, Source: sourceDefinition,
		Columns: []Column{
			text(DefinitionID, "Identifier", Assumed, sourceDefinition, mandatory()),
			reference("subscription_integration", "Subscription integration", integration, Assumed, sourceDefinition),
			reference("entitlement_definition", "Entitlement definition", entitlementDefinition, Assumed, sourceDefinition),
			choice(DefinitionProfile, "Profile type", Assumed, "not on ServiceNow: short for subscription_integration.profile_type", profileTypeChoices()),
			reference(DefinitionProduct, "Product", TableProduct, Assumed, "not on ServiceNow: short for entitlement_definition.product"),
			boolean(DefinitionActive, "Active", Assumed, sourceDefinition, initially("true")),
		},
	}
}

func entitlementDefinitionTable(name, label string) Table {
	const source = "discovery map pages give the labels; column names are assumed"
	conditions := labelsAsValues(Assumed, "starts with", "is", "is anything")
	return Table{
		Name: name, Label: label, Display: "name", Certainty: Doc, Source: source,
		Columns: []Column{
			text("name", "Name", Assumed, source, mandatory()),
			reference("product", "Product", TableProduct, Assumed, source),
			choice("version_condition", "Version condition", Assumed, source, conditions, initially("is anything")),
			text("version", "Version", Assumed, source),
			choice("edition_condition", "Edition condition", Assumed, source, conditions, initially("is anything")),
			text("edition", "Edition", Assumed, source),
			text("platform", "Platform", Assumed, source),
			text("language", "Language", Assumed, source),
		},
	}
}

func modelColumns() []Column {
	return []Column{
		text(ModelName, "Name", Code, sourceModel, mandatory()),
		text(ModelDisplayName, "Display name", Code, sourceModel),
		reference(ModelManufacturer, "Manufacturer", TableCompany, Code, sourceModel),
		choice(ModelStatus, "Status", Code, sourceModel+"; that values equal labels is assumed", labelsAsValues(Assumed, ModelActive, "Retired", "Sold"), initially(ModelActive)),
		reference(ModelProduct, "Product", TableProduct, Assumed, sourceModelForm),
		reference(ModelPublisher, "Publisher", TablePublisher, Assumed, sourceModelForm),
		text(ModelIdentifier, "Subscription identifier", Assumed, "not on ServiceNow: the identifier that the model was created for", readOnly()),
		text("version_condition", "Version condition", Assumed, sourceModelForm),
		text("version", "Version", Assumed, sourceModelForm),
		text("edition_condition", "Edition condition", Assumed, sourceModelForm),
		text("edition", "Edition", Assumed, sourceModelForm),
		boolean(ModelUnderManagement, "License under management", Assumed, sourceModelForm, initially("true")),
		boolean(ModelRestricted, "Restricted software", Assumed, sourceModelForm, initially("false")),
		text("unit_of_consumption", "Unit of consumption", Assumed, sourceModelForm),
		currency("cost", "Cost", Assumed, sourceModelForm),
		reference("owner", "Owner", TableUser, Assumed, sourceModelForm),
	}
}

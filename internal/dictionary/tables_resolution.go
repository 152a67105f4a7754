package dictionary

// User resolution rules fill gaps that the match by mail address and user id leaves (map-user-data.md).
const (
	TableUserResolutionRule = "samp_user_resolution_rule"

	ResolutionName        = "name"
	ResolutionCategory    = "category"
	ResolutionSource      = "source_field"
	ResolutionLookup      = "lookup_field"
	ResolutionTransform   = "transform"
	ResolutionDomainFrom  = "domain_from"
	ResolutionDomainTo    = "domain_to"
	ResolutionProfiles    = "subscription_profiles" // empty: all
	ResolutionOrder       = "order"
	ResolutionActive      = "active"
	ResolutionCategorySAM = "saas"

	TransformNone          = "none"
	TransformRemoveDomain  = "remove_domain"
	TransformReplaceDomain = "replace_domain"
	TransformRunScript     = "run_script"
)

func resolutionTables() []Table {
	const source = "map-user-data.md gives the labels; table, column names and values are assumed"
	return []Table{{
		Name: TableUserResolutionRule, Label: "User Resolution Rule", Display: ResolutionName, Certainty: Assumed, Source: source,
		Columns: []Column{
			text(ResolutionName, "Name", Assumed, source, mandatory()),
			choice(ResolutionCategory, "Category", Assumed, source, choices(Assumed, ResolutionCategorySAM, "SaaS", "sso", "SSO"), initially(ResolutionCategorySAM)),
			choice(ResolutionSource, "Source field", Assumed, source,
				choices(Assumed, SubscriptionUPN, "User principal name", SubscriptionExternalUserID, "External user ID"), initially(SubscriptionUPN)),
			text(ResolutionLookup, "Look-up field", Assumed, source, initially(UserEmail)),
			choice(ResolutionTransform, "Transform", Assumed, source, choices(Assumed, TransformNone, "None", TransformRemoveDomain, "Remove domain",
				TransformReplaceDomain, "Replace domain", TransformRunScript, "Run script"), initially(TransformNone)),
			text(ResolutionDomainFrom, "Domain to replace", Assumed, source),
			text(ResolutionDomainTo, "New domain", Assumed, source),
			list(ResolutionProfiles, "Applies to profiles", TableProfile, Assumed, source),
			integer(ResolutionOrder, "Order", Assumed, source, initially("100")),
			boolean(ResolutionActive, "Active", Assumed, source, initially("true")),
		},
	}}
}

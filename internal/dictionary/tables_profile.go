package dictionary

const (
	sourceProfileForm   = "integrate-with-trello.md, integrate-with-asana.md (Australia): integration profile form"
	sourceProfileColumn = sourceProfileForm + " gives the label; the column name is assumed"
	sourceSubflowField  = "KB3015895 gives the label; the column name is assumed"
	sourceExclusions    = "subscription-exclusions.md (Zurich) gives the labels; table and column names are assumed"
)

// Tables of integration profiles that code rarely names.
const (
	TableIdentifierExclusion = "samp_sw_subscription_identifier_exclusion_rule"
	TableUserExclusion       = "samp_sw_subscription_user_exclusion_rule"
	TableConfluenceGroup     = "sn_conflunce_spoke_confluence_groups"
)

// Columns of the exclusion rules: an identifier or a user, and what both have.
const (
	ExclusionIdentifier  = "subscription_identifier"
	ExclusionUser        = "user_principal_name"
	ExclusionProfileType = "profile_type"
	ExclusionActive      = "active"
)

// DomainGlobal is the domain of a record that belongs to no domain of its own (SysDomain).
const DomainGlobal = "global"

// ProfileStatusChoices are the two states of an integration profile.
func ProfileStatusChoices() []ChoiceValue {
	return choices(Assumed, ProfileStatusDraft, "Draft", ProfileStatusPublished, "Published")
}

func profileTypeChoices() []ChoiceValue {
	var values []ChoiceValue
	for _, t := range ProfileTypes(Australia) {
		values = append(values, ChoiceValue{Value: t.Value, Label: t.Label, Certainty: Assumed})
	}
	return append(values,
		ChoiceValue{"microsoft_office_365", "Microsoft 365 Subscription", Code},
		ChoiceValue{"crowdstrike_subscription", "CrowdStrike Subscription", Doc},
		ChoiceValue{"jira_subscription", "Jira Subscription", Assumed},
	)
}

func profileTables() []Table {
	return []Table{
		{
			Name: TableProfile, Label: "Integration Profile", Display: ProfileDisplayName, Certainty: Doc, Source: sourceProfileForm,
			Columns: profileColumns(),
		},
		{
			Name: "sam_saas_script_route", Label: "SaaS script route", Metadata: true, Display: "profile_type", Certainty: Doc, Source: "KB3015895",
			Columns: []Column{
				text("profile_type", "Profile type", Doc, "KB3015895"),
				text("scope", "Scope", Doc, "KB3015895"),
				text("script_include", "Script include", Doc, "KB3015895"),
			},
		},
		{
			Name: "sam_saas_profile_type_default_value", Label: "SaaS profile type default value", Metadata: true, Display: "field",
			Certainty: Doc, Source: "KB3015895",
			Columns: []Column{
				text("profile_type", "Profile type", Doc, "KB3015895"),
				text("field", "Field", Doc, "KB3015895"),
				text("value", "Value", Doc, "KB3015895"),
			},
		},
		{
			Name: TableIdentifierExclusion, Label: "Subscription Identifier Exclusion Rule", Display: ExclusionIdentifier,
			Certainty: Assumed, Source: sourceExclusions,
			Columns: []Column{
				text(ExclusionIdentifier, "Subscription identifier", Assumed, sourceExclusions, mandatory()),
				choice(ExclusionProfileType, "Profile type", Assumed, sourceExclusions, profileTypeChoices(), mandatory()),
				boolean(ExclusionActive, "Active", Assumed, sourceExclusions, initially("true")),
			},
		},
		{
			Name: TableUserExclusion, Label: "Subscription User Exclusion Rule", Display: ExclusionUser,
			Certainty: Assumed, Source: sourceExclusions,
			Columns: []Column{
				text(ExclusionUser, "User principal name", Assumed, sourceExclusions, mandatory()),
				choice(ExclusionProfileType, "Profile type", Assumed, sourceExclusions, profileTypeChoices()),
				boolean(ExclusionActive, "Active", Assumed, sourceExclusions, initially("true")),
			},
		},
		{
			Name: TableConfluenceGroup, Label: "Confluence Groups", Display: "group_name", Certainty: Assumed,
			Source: "confluence-cloud-spoke.md gives the labels; table and column names are assumed",
			Columns: []Column{
				text("group_name", "Group Name", Assumed, "confluence-cloud-spoke.md (label)", mandatory()),
				text("group_id", "Group ID", Assumed, "confluence-cloud-spoke.md (label)", mandatory()),
				reference("connection_alias", "Connection & Credential", TableAlias, Assumed, "confluence-cloud-spoke.md: groups belong to an alias", mandatory()),
			},
		},
	}
}

func profileColumns() []Column {
	const column = sourceProfileColumn
	return []Column{
		text(ProfileDisplayName, "Display name", Assumed, column, mandatory()),
		choice(ProfileStatus, "Status", Assumed, column, ProfileStatusChoices(), readOnly(), initially(ProfileStatusDraft)),
		choice(ProfileType_, "Profile type", Code, "KB2619778, KB3015895", profileTypeChoices(), mandatory()),
		reference(ProfileAlias, "Connection & Credential", TableAlias, Assumed, column),
		boolean(ProfileDownload, "Download subscriptions", Assumed, column, initially("true")),
		reference(ProfileDownloadSubflow, "Download Subscription Subflow", TableSubflow, Assumed, sourceSubflowField),
		boolean(ProfileDownloadActivity, "Download activity", Assumed, column),
		choice(ProfileActivityCoverage, "Activity coverage", Assumed, "not on ServiceNow: of whom the known activity tells that they are idle",
			choices(Assumed, CoverageComplete, "Complete", CoveragePartial, "Partial", CoverageNone, "None"), readOnly()),
		reference(ProfileActivitySubflow, "Calculate Activity Subflow", TableSubflow, Assumed, sourceSubflowField),
		reference("activity_connection_credential", "Connection & Credential (activity)", TableAlias, Assumed,
			"Cisco Webex and Dynamics 365 profile pages give the label; the column name is assumed"),
		dateTime(ProfileAnalyzeFrom, "Analyze user activity from", Assumed, column),
		boolean(ProfileReclaim, "Reclaim subscriptions", Assumed, column),
		reference(ProfileReclaimSubflow, "Reclaim Subscription Subflow", TableSubflow, Assumed, sourceSubflowField),
		reference("reclaim_connection_credential", "Connection & Credential (reclaim)", TableAlias, Assumed,
			"Miro profile page gives the label; the column name is assumed"),
		reference("download_consumption_subflow", "Download Consumption Subflow", TableSubflow, Assumed, sourceSubflowField),
		text(ProfileVendorConfDownload, "Vendor configuration (download)", Assumed, column, readOnly()),
		text(ProfileVendorConfActivity, "Vendor configuration (activity)", Assumed, column, readOnly()),
		text(ProfileVendorConfReclaim, "Vendor configuration (reclaim)", Assumed, column, readOnly()),
		document(ProfileCustomProperties, "Custom properties", Doc,
			"ver-o365-info.md, now-assist-sam-skills-inputs.md; that the text is JSON and its keys are assumed"),
		reference("oauth_app", "OAuth application", "oauth_entity", Code, "KB3066264"),
		text("client_id", "Client ID", Assumed, "Box, Dropbox, Zoom profile pages give the label"),
		secret("client_secret", "Client secret", Assumed, "Box, Dropbox, Zoom profile pages give the label"),
		address("redirect_url", "Redirect URL", Assumed, "Box, Dropbox, Zoom profile pages give the label"),
		choice("authentication_type", "Authentication type", Assumed, "Workday profile page gives the label; values assumed",
			choices(Assumed, "basic", "Basic", "oauth", "OAuth")),
		choice("integration_type", "Integration type", Assumed, "Docusign profile page gives the label; values assumed",
			choices(Assumed, "account", "Account", "organization", "Organization")),
	}
}

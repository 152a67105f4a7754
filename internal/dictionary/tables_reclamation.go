package dictionary

const (
	sourceCandidateForm = "removal candidate form gives the label; the column name is assumed"
	sourceRuleForm      = "reclamation-rules.md gives the label; the column name is assumed"
	sourceAppliesTo     = "KB2593329"
)

// DefaultAssignmentGroup is the group that answers for removal candidates unless a rule names another.
const DefaultAssignmentGroup = "Software managers"

// Last activity threshold of a reclamation rule, in days. 60 is documented for direct integrations (reclamation-rules.md);
// the limits are assumed.
const (
	DefaultThresholdDays = 60
	MinThresholdDays     = 1
	MaxThresholdDays     = 3650
)

// MaxDaysBeforeAuto is the longest time that a rule may give a user to answer, in days; assumed. The shortest is 0, which
// asks nobody.
const MaxDaysBeforeAuto = 365

// AppliesToChoices are the kinds of software a rule or candidate is about.
func AppliesToChoices() []ChoiceValue {
	return labelsAsValues(Code, "Installed Software", AppliesToSubscription, "Engineering App License")
}

// JustificationChoices are the reasons for which a licence may be taken back.
func JustificationChoices() []ChoiceValue {
	return choices(Assumed, JustificationLowUsage, "Low Usage", JustificationUnallocated, "Unallocated", JustificationUnlicensed, "Unlicensed",
		JustificationRestricted, "Restricted Software", "overlapping", "Overlapping", "downgrade", "Downgrade", "consolidate", "Consolidate")
}

func reclamationTables() []Table {
	return []Table{
		{
			Name: TableCandidate, Label: "Removal Candidate", Extends: TableTask, Display: CandidateNumber, Certainty: Code,
			Source: "public code and KB3024347", Columns: candidateColumns(),
		},
		{
			Name: TableReclamationRule, Label: "Reclamation Rule", Display: RuleName, Certainty: Doc, Source: "reclamation-rules.md",
			Columns: ruleColumns(),
		},
		{
			Name: TableRuleProduct, Label: "Reclamation Rule Product", Certainty: Assumed, Source: "KB2593329 names the columns; the table name is assumed",
			Columns: []Column{
				reference(RuleProductRule, "Reclamation rule", TableReclamationRule, Code, "KB2593329", mandatory()),
				reference(RuleProductProduct, "Software product", TableProduct, Code, "KB2593329", mandatory()),
				text("parent", "Parent", Code, "KB2593329"),
			},
		},
	}
}

func candidateColumns() []Column {
	const form = sourceCandidateForm
	return []Column{
		integer(CandidateState, "State", Code, "SAMPTXCounter script include; reclamation candidate states page", among(candidateStateChoices()), initially(StateReady)),
		choice(CandidateJustification, "Justification", Assumed, "candidate form gives the labels; name and values are assumed", JustificationChoices(), initially(JustificationLowUsage)),
		choice(CandidateAppliesTo, "Applies to", Code, sourceAppliesTo, AppliesToChoices(), initially(AppliesToSubscription)),
		reference(CandidateSubscription, "User subscription", TableSubscription, Assumed, form),
		reference(CandidateUser, "User", TableUser, Assumed, form),
		reference(CandidateRule, "Reclamation rule", TableReclamationRule, Assumed, form),
		boolean(CandidateNotifyUser, "Notify user", Assumed, form, initially("false")),
		integer(CandidateInactiveDays, "Inactive days", Assumed, form, readOnly()),
		currency(CandidatePotentialSavings, "Potential savings", Doc, "KB3024347", readOnly()),
		reference(CandidateSoftwareModel, "Software model", TableSoftwareModel, Assumed, form),
		reference(CandidateProduct, "Product", TableProduct, Assumed, form),
		reference(CandidatePublisher, "Publisher", TablePublisher, Assumed, form),
		reference(CandidateProfile, "Subscription profile", TableProfile, Assumed,
			"not on ServiceNow: keeps the profile after the subscription row is deleted", readOnly()),
		text(CandidateErrorMessage, "Error message", Assumed, "the form shows an error message; the column name is assumed", readOnly()),
		integer(CandidateDaysBeforeAuto, "Days before auto-reclamation", Assumed,
			"not on ServiceNow: days that the user has to answer, as the rule said when the candidate was opened"),
		reference(CandidateNotice, "Notice", TableEmail, Assumed, "not on ServiceNow: the message that asks or informs the user", readOnly()),
		dateTime(CandidateNotifiedOn, "Notified", Assumed, "not on ServiceNow: when the notice to the user was delivered", readOnly()),
		choice(CandidateAnswer, "Answer", Assumed, "not on ServiceNow: what the user answered", choices(Assumed, AnswerRelease, "Release", AnswerKeep, "Keep"), readOnly()),
		dateTime(CandidateAnsweredOn, "Answered", Assumed, "not on ServiceNow: when the user answered", readOnly()),
		dateTime(CandidateRevocationBegun, "Revocation begun", Assumed,
			"not on ServiceNow: when a call to the vendor began whose outcome is open, or that took the licence", readOnly()),
		dateTime(CandidateRestoredOn, "Restored", Assumed, "not on ServiceNow: when the licence was given back", readOnly()),
		text("software_installation", "Software installation", Doc, "candidate form, on-premises software; type assumed"),
		integer("rights_to_reclaim", "Rights to reclaim", Doc, "candidate form, on-premises software"),
		boolean("bulk_reclamation", "Bulk reclamation", Doc, "candidate form, on-premises software"),
	}
}

func ruleColumns() []Column {
	const form = sourceRuleForm
	return []Column{
		text(RuleName, "Name", Assumed, form, mandatory()),
		choice(RuleAppliesTo, "Applies to", Code, sourceAppliesTo, AppliesToChoices(), initially(AppliesToSubscription)),
		boolean(RuleCreateCandidate, "Create reclamation candidate", Code, sourceAppliesTo, initially("true")),
		integer(RuleThresholdDays, "Last activity threshold", Code, "reclamation-rules.md, KB3018930: days; 60 for direct integrations", initially("60")),
		boolean(RuleNotifyUser, "Notify user", Assumed, form+"; default false assumed", initially("false")),
		integer(RuleDaysBeforeAuto, "Days before auto-reclamation", Assumed, form),
		reference(RuleAssignmentGroup, "Assignment group", TableUserGroup, Assumed, form, initially(SeedID(TableUserGroup, DefaultAssignmentGroup))),
		text("subscription_condition", "Subscription condition", Assumed, form),
		boolean(RuleActive, "Active", Assumed, "every rule table of the platform has it", initially("true")),
		text(RuleManagedBy, "Managed by", Assumed, "not on ServiceNow: mark of the Terraform resource that owns the rule"),
		text("reclamation_type", "Reclamation type", Assumed, form+"; on-premises software"),
		text("aggregate_usage_by", "Aggregate usage by", Assumed, form+"; on-premises software"),
		decimal("total_hours_used", "Total hours used", Assumed, form+"; on-premises software"),
		text("last_used_before", "Last used before", Assumed, form+"; on-premises software"),
		boolean("include_no_activity", "Include no activity", Assumed, form+"; on-premises software"),
	}
}

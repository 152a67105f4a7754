package dictionary

// The evidence of reclaims is ours: ServiceNow keeps none beside the candidates. On a customer's instance the companion
// app ships these tables, hence the scope in their names.
const (
	TableReclamationRun     = "x_snsam_tf_reclamation_run"
	TableReclamationRunItem = "x_snsam_tf_reclamation_run_item"

	RunNumber          = "number"
	RunKey             = "run_key" // of the caller: calls with the same key belong to one run
	RunKind            = "kind"
	RunProfile         = "subscription_profile"
	RunProfileName     = "profile_name" // survives the profile
	RunRequested       = "requested"    // licences that were to be reclaimed or restored
	RunReason          = "reason"
	RunChangeReference = "change_reference"
	RunApprovedBy      = "approved_by"
	RunURL             = "run_url"
	RunStartedBy       = "started_by"
	RunCurrency        = "currency" // of the savings

	RunItemRun             = "run"
	RunItemCandidate       = "candidate"
	RunItemCandidateNumber = "candidate_number"
	RunItemOutcome         = "outcome"
	RunItemMessage         = "message"
	RunItemProduct         = "product"
	RunItemSavings         = "savings" // actual savings of an outcome that took a licence; 0 of any other

	RunKindReclaim = "reclaim" // by a person or a reviewed run
	RunKindAuto    = "auto"    // by the clock, after a notice
	RunKindRestore = "restore"
)

func evidenceTables() []Table {
	const source = "not on ServiceNow: evidence of reclaims, shipped by the companion app"
	return []Table{
		{
			Name: TableReclamationRun, Label: "Reclamation Run", Display: RunNumber, Certainty: Assumed, Source: source,
			Columns: []Column{
				text(RunNumber, "Number", Assumed, source, readOnly()),
				text(RunKey, "Run key", Assumed, source, readOnly()),
				choice(RunKind, "Kind", Assumed, source, choices(Assumed, RunKindReclaim, "Reclaim", RunKindAuto, "Auto-reclamation", RunKindRestore, "Restore"), readOnly()),
				reference(RunProfile, "Subscription profile", TableProfile, Assumed, source, readOnly()),
				text(RunProfileName, "Profile name", Assumed, source, readOnly()),
				integer(RunRequested, "Requested", Assumed, source, readOnly()),
				text(RunReason, "Reason", Assumed, source, readOnly()),
				text(RunChangeReference, "Change reference", Assumed, source, readOnly()),
				text(RunApprovedBy, "Approved by", Assumed, source, readOnly()),
				text(RunURL, "Run URL", Assumed, source, readOnly()),
				text(RunStartedBy, "Started by", Assumed, source, readOnly()),
				text(RunCurrency, "Currency", Assumed, source, readOnly()),
			},
		},
		{
			Name: TableReclamationRunItem, Label: "Reclamation Run Item", Display: RunItemCandidateNumber, Certainty: Assumed, Source: source,
			Columns: []Column{
				reference(RunItemRun, "Run", TableReclamationRun, Assumed, source, readOnly()),
				reference(RunItemCandidate, "Candidate", TableCandidate, Assumed, source, readOnly()),
				text(RunItemCandidateNumber, "Candidate number", Assumed, source, readOnly()),
				text(RunItemOutcome, "Outcome", Assumed, source, readOnly()),
				text(RunItemMessage, "Message", Assumed, source, readOnly()),
				text(RunItemProduct, "Product", Assumed, source, readOnly()),
				currency(RunItemSavings, "Savings", Assumed, source, readOnly()),
			},
		},
	}
}

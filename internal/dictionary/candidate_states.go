package dictionary

// CandidateStateInfo is one state of a removal candidate.
type CandidateStateInfo struct {
	Value     string
	Label     string
	Open      bool // task semantics: active is true exactly in the open states
	Certainty Certainty
	Source    string
}

// The states of a removal candidate. Only 15 is known from ServiceNow's own code; the other numbers extend it in the
// documented order, so against a customer's instance compare labels, never numbers.
const (
	StateAttentionRequired  = "10"
	StateReady              = "11"
	StateAwaitingUser       = "12"
	StateAwaitingApproval   = "13"
	StateAwaitingRevocation = "14"
	StateClosedComplete     = "15"
	StateClosedSkipped      = "16"
	StateClosedCanceled     = "17"
)

// CandidateStates lists the states in documented order.
func CandidateStates() []CandidateStateInfo {
	const source = "reclamation candidate states, servicenow.com/docs; value 15: SAMPTXCounter script include"
	return []CandidateStateInfo{
		{StateAttentionRequired, "Attention Required", true, Assumed, source},
		{StateReady, "Ready", true, Assumed, source},
		{StateAwaitingUser, "Awaiting User", true, Assumed, source},
		{StateAwaitingApproval, "Awaiting Approval", true, Assumed, source},
		{StateAwaitingRevocation, "Awaiting Revocation", true, Assumed, source},
		{StateClosedComplete, "Closed Complete", false, Code, source},
		{StateClosedSkipped, "Closed Skipped", false, Assumed, source},
		{StateClosedCanceled, "Closed Canceled", false, Assumed, source},
	}
}

// CandidateStateLabel is the label of a state value, or the value itself where it is unknown.
func CandidateStateLabel(value string) string {
	for _, s := range CandidateStates() {
		if s.Value == value {
			return s.Label
		}
	}
	return value
}

// CandidateOpen tells whether a candidate in this state is still open.
func CandidateOpen(value string) bool {
	for _, s := range CandidateStates() {
		if s.Value == value {
			return s.Open
		}
	}
	return false
}

package companion

import "net/url"

// AnswerPath takes what a user, or the assignment group, answers about a candidate (POST AnswerRequest); Answered.
func AnswerPath(candidate string) string {
	return BasePath + "/candidates/" + url.PathEscape(candidate) + "/answer"
}

// RestorePath gives back licences that were reclaimed (POST RestoreRequest); outcome RestoreOutcome.
func RestorePath() string { return BasePath + "/candidates/restore" }

// Answer is what somebody says about a candidate.
type Answer string

// The answers. The first two are the user's, in Awaiting User; the others are the assignment group's, in Awaiting
// Approval.
const (
	AnswerRelease      Answer = "release"       // the licence may go
	AnswerKeep         Answer = "keep"          // the user still needs it
	AnswerKeepApproved Answer = "keep_approved" // the group agrees that the user keeps it
	AnswerKeepRejected Answer = "keep_rejected" // the group says that it goes all the same
)

// AnswerRequest is an answer with who gave it.
type AnswerRequest struct {
	Answer  Answer `json:"answer"`
	By      string `json:"by,omitempty"` // who answers: user id or mail address of a sys_user
	Comment string `json:"comment,omitempty"`
}

// Answered is the candidate after an answer.
type Answered struct {
	Candidate string `json:"candidate"`
	Number    string `json:"number"`
	State     string `json:"state"`
}

// RestoreRequest names the candidates whose reclaim is to be undone, by sys_id, at most MaxReclaimCandidates.
type RestoreRequest struct {
	Candidates []string `json:"candidates"`
	Evidence   Evidence `json:"evidence"`
	// RunKey and RunTotal are those of ReclaimRequest.
	RunKey   string `json:"run_key,omitempty"`
	RunTotal int    `json:"run_total,omitempty"`
}

// RestoreOutcome tells what became of each candidate.
type RestoreOutcome struct {
	// Run is the row of the run table, by its number; the last one where the candidates are of several profiles.
	Run   Ref           `json:"run"`
	Items []RestoreItem `json:"items"`
	// Warnings are what the vendor's side lets expect, such as a token that ends soon.
	Warnings []string `json:"warnings,omitempty"`
}

// RestoreItem is the outcome for one candidate.
type RestoreItem struct {
	Candidate string      `json:"candidate"`
	Number    string      `json:"number"`
	Outcome   Restoration `json:"outcome"`
	Message   string      `json:"message"`
	// Lost tells what does not come back, a sentence each.
	Lost []string `json:"lost,omitempty"`
}

// Restoration is what became of the undo of one reclaim. The set is closed.
type Restoration string

// The outcomes of an undo.
const (
	RestoreDone        Restoration = "restored"
	RestorePartial     Restoration = "partially_restored" // the licence or access is back, and not all that went with it
	RestoreAlreadyHeld Restoration = "already_held"       // the person holds a licence already
	RestoreNotPossible Restoration = "not_possible"       // the vendor or the missing record does not allow it; the message says how by hand
	RestoreFailed      Restoration = "failed"
)

// Held tells whether the person holds the licence after it.
func (r Restoration) Held() bool {
	return r == RestoreDone || r == RestorePartial || r == RestoreAlreadyHeld
}

package sam

import (
	"context"
	"iter"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
)

// Candidates are the removal candidates.
type Candidates struct{ c *Client }

// Candidate is a removal candidate.
type Candidate struct {
	SysID             string
	Number            string // such as RCC0000001
	State             string // dictionary.State…, translated by label where an instance has other numbers
	StateLabel        string
	Open              bool
	Justification     string // stored value
	InactiveDays      *int
	PotentialSavings  string // decimal, in the instance's currency
	ProfileSysID      string
	SubscriptionSysID string // empty once the licence is gone
	UserSysID         string
	UserPrincipalName string    // of the subscription; empty once that is gone
	ExternalUserID    string    // of the subscription
	LastActivity      time.Time // of the subscription; zero where never seen
	ExternalCreated   time.Time // of the subscription
	Product           string    // name
	SoftwareModel     string    // name
	Publisher         string    // name
	ErrorMessage      string
	OpenedAt          time.Time
	ClosedAt          time.Time
	Meta              Meta
}

// CandidateFilter narrows a list of candidates. Zero fields do not filter.
type CandidateFilter struct {
	ProfileSysID string
	States       []string // dictionary.State…
	OpenOnly     bool
	SysIDs       []string
	// OnHidden is told how many matching rows the instance counted but did not show.
	OnHidden func(rows int)
}

// All walks the candidates.
func (c *Candidates) All(ctx context.Context, f CandidateFilter) iter.Seq2[Candidate, error] {
	return func(yield func(Candidate, error) bool) { yield(Candidate{}, errSkeleton) }
}

// Count counts the candidates.
func (c *Candidates) Count(ctx context.Context, f CandidateFilter) (int, error) {
	return 0, errSkeleton
}

// CountByState counts the candidates per state (dictionary.State…). States without candidates are absent.
func (c *Candidates) CountByState(ctx context.Context, f CandidateFilter) (map[string]int, error) {
	return nil, errSkeleton
}

// Get reads one candidate by sys_id. ErrNotFound means confirmed gone.
func (c *Candidates) Get(ctx context.Context, sysID string) (Candidate, error) {
	return Candidate{}, errSkeleton
}

// GetByNumber finds one candidate by number, or ErrNotFound.
func (c *Candidates) GetByNumber(ctx context.Context, number string) (Candidate, error) {
	return Candidate{}, errSkeleton
}

// Reclaim reclaims the named candidates (sys_ids, any number) and waits. Items holds what is known about each candidate
// that was attempted, also when it comes with an error or the context ended.
func (c *Candidates) Reclaim(ctx context.Context, r companion.ReclaimRequest, say Say) ([]companion.ReclaimItem, error) {
	return nil, errSkeleton
}

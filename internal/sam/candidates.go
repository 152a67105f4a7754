package sam

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
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
	HolderSysID       string    // the user of the subscription, who may be another than the candidate's; empty where none is known
	NotifyUser        bool      // the user is asked before the licence goes
	AnswerDays        int       // how long the user has to answer once a reclaim begins; 0 where nobody is asked any more
	NotifiedOn        time.Time // when the user was told; zero where not, and where the instance does not say
	Answer            string    // dictionary.Answer… of the user; empty where there is none, and on a customer's instance
	RevocationBegun   time.Time // when the vendor was asked to take the licence, of an outcome that is open or a licence that went
	UserPrincipalName string    // of the subscription; empty once that is gone
	ExternalUserID    string    // of the subscription
	VendorUserName    string    // of the subscription, on an embedded instance; empty where the vendor has none
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

// Holder is whose licence it is (sys_id of the user); empty where none is known. The candidate's own user may be somebody
// who is asked in their place.
func (c Candidate) Holder() string { return cmp.Or(c.HolderSysID, c.UserSysID) }

// CandidateFilter narrows a list of candidates. Zero fields do not filter.
type CandidateFilter struct {
	ProfileSysID string
	States       []string // dictionary.State…
	OpenOnly     bool
	SysIDs       []string
	Numbers      []string
	// ClosedSince keeps candidates closed at this time or later.
	ClosedSince time.Time
	// OnHidden is told how many matching rows the instance counted but did not show.
	OnHidden func(rows int)
}

const (
	fieldCandidateUPN      = dictionary.CandidateSubscription + "." + dictionary.SubscriptionUPN
	fieldCandidateName     = dictionary.CandidateSubscription + "." + dictionary.SubscriptionUserName
	fieldCandidateExternal = dictionary.CandidateSubscription + "." + dictionary.SubscriptionExternalUserID
	fieldCandidateActivity = dictionary.CandidateSubscription + "." + dictionary.SubscriptionLastActivity
	fieldCandidateCreated  = dictionary.CandidateSubscription + "." + dictionary.SubscriptionExternalCreated
	fieldCandidateHolder   = dictionary.CandidateSubscription + "." + dictionary.SubscriptionUser
	fieldCandidateDays     = dictionary.CandidateRule + "." + dictionary.RuleDaysBeforeAuto
	fieldCandidateProfile  = dictionary.CandidateSubscription + "." + dictionary.SubscriptionProfile
)

var candidateFields = slices.Concat([]string{
	dictionary.CandidateNumber, dictionary.CandidateState, dictionary.CandidateActive, dictionary.CandidateJustification,
	dictionary.CandidateInactiveDays, dictionary.CandidatePotentialSavings, dictionary.CandidateProfile, fieldCandidateProfile,
	dictionary.CandidateSubscription, dictionary.CandidateUser, fieldCandidateUPN, fieldCandidateName, fieldCandidateExternal, fieldCandidateActivity,
	fieldCandidateCreated, dictionary.CandidateProduct, dictionary.CandidateSoftwareModel, dictionary.CandidatePublisher,
	dictionary.CandidateErrorMessage, dictionary.CandidateOpenedAt, dictionary.CandidateClosedAt, fieldCandidateHolder,
	dictionary.CandidateNotifyUser, fieldCandidateDays, dictionary.CandidateDaysBeforeAuto, dictionary.CandidateNotifiedOn,
	dictionary.CandidateAnswer, dictionary.CandidateRevocationBegun,
}, metaFields)

// Display values are asked for because of the state: its label is documented, its numbers are not.
var readCandidate = servicenow.ReadOptions{Fields: candidateFields, Display: true}

// All walks the candidates.
func (c *Candidates) All(ctx context.Context, f CandidateFilter) iter.Seq2[Candidate, error] {
	return func(yield func(Candidate, error) bool) {
		query, states, err := c.query(ctx, f)
		if err != nil {
			yield(Candidate{}, err)
			return
		}
		records := c.c.rest.All(ctx, dictionary.TableCandidate, query, servicenow.WalkOptions{ReadOptions: readCandidate, OnHidden: f.OnHidden})
		decodeEach(records, dictionary.TableCandidate, func(r servicenow.Record) (Candidate, error) {
			return decodeCandidate(r, states)
		})(yield)
	}
}

// Count counts the candidates.
func (c *Candidates) Count(ctx context.Context, f CandidateFilter) (int, error) {
	query, _, err := c.query(ctx, f)
	if err != nil {
		return 0, err
	}
	n, err := c.c.rest.Count(ctx, dictionary.TableCandidate, query)
	return n, explain(dictionary.TableCandidate, err)
}

// CountByState counts the candidates per state (dictionary.State…). States without candidates are absent.
func (c *Candidates) CountByState(ctx context.Context, f CandidateFilter) (map[string]int, error) {
	query, states, err := c.query(ctx, f)
	if err != nil {
		return nil, err
	}
	// The Aggregate API gives no rows to check the filter against, so one is looked at first.
	total, err := c.c.rest.Count(ctx, dictionary.TableCandidate, query)
	if err != nil || total == 0 {
		return map[string]int{}, explain(dictionary.TableCandidate, err)
	}
	raw, err := c.c.rest.CountBy(ctx, dictionary.TableCandidate, query, dictionary.CandidateState)
	if err != nil {
		return nil, explain(dictionary.TableCandidate, err)
	}
	counts := map[string]int{}
	for value, n := range raw {
		counts[states.fromInstance(value, "")] += n
	}
	return counts, nil
}

// Get reads one candidate by sys_id. ErrNotFound means confirmed gone.
func (c *Candidates) Get(ctx context.Context, sysID string) (Candidate, error) {
	record, err := c.c.read(ctx, dictionary.TableCandidate, sysID, readCandidate)
	if err != nil {
		return Candidate{}, err
	}
	return c.decode(ctx, record)
}

func (c *Candidates) decode(ctx context.Context, r servicenow.Record) (Candidate, error) {
	states, err := c.c.candidateStates(ctx)
	if err != nil {
		return Candidate{}, err
	}
	return decodeCandidate(r, states)
}

// Reclaim reclaims the named candidates (sys_ids, any number) and waits. The outcome holds what is known about each
// candidate that was attempted, also when it comes with an error or the context ended.
func (c *Candidates) Reclaim(ctx context.Context, r companion.ReclaimRequest, say Say) (companion.ReclaimOutcome, error) {
	var whole companion.ReclaimOutcome
	all, expected := r.Candidates, r.Expected
	r.RunKey, r.RunTotal = cmp.Or(r.RunKey, servicenow.NewSysID()), len(all)
	for start := 0; start < len(all); start += companion.MaxReclaimCandidates {
		r.Candidates = all[start:min(len(all), start+companion.MaxReclaimCandidates)]
		r.Expected = expectedOf(r.Candidates, expected)
		spec := runSpec{
			operation: "reclaim", object: fmt.Sprintf("%d removal candidates", len(r.Candidates)), path: companion.ReclaimPath(), body: r,
		}
		var part companion.ReclaimOutcome
		_, err := c.c.run(ctx, spec, &part, numbered(say, start, len(r.Candidates), len(all)))
		whole.Run = cmp.Or(part.Run, whole.Run)
		whole.Items = append(whole.Items, part.Items...)
		whole.Warnings = appendNew(whole.Warnings, part.Warnings)
		if err != nil {
			return whole, err
		}
	}
	return whole, nil
}

// appendNew adds the texts that a list does not have.
func appendNew(list, more []string) []string {
	for _, text := range more {
		if !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list
}

// expectedOf keeps what is expected of these candidates.
func expectedOf(candidates []string, all map[string]companion.Expected) map[string]companion.Expected {
	expected := map[string]companion.Expected{}
	for _, id := range candidates {
		if e, ok := all[id]; ok {
			expected[id] = e
		}
	}
	return expected
}

// numbered puts the position in front of each line when the candidates go in several calls.
func numbered(say Say, start, n, total int) Say {
	if say == nil || n == total {
		return say
	}
	return func(line string) { say(fmt.Sprintf("candidates %d to %d of %d: %s", start+1, start+n, total, line)) }
}

func (c *Candidates) query(ctx context.Context, f CandidateFilter) (servicenow.Query, *candidateStates, error) {
	var q servicenow.Query
	states, err := c.c.candidateStates(ctx)
	if err != nil {
		return q, nil, err
	}
	if f.ProfileSysID != "" {
		column := dictionary.CandidateProfile
		if embedded, err := c.c.embedded(ctx); err != nil {
			return q, nil, err
		} else if !embedded {
			column = fieldCandidateProfile
		}
		q = q.And(servicenow.Eq(column, f.ProfileSysID))
	}
	if len(f.States) > 0 {
		values := make([]string, 0, len(f.States))
		for _, state := range f.States {
			values = append(values, states.toInstance(state))
		}
		q = q.And(servicenow.In(dictionary.CandidateState, values...))
	}
	if f.OpenOnly {
		q = q.And(isBool(dictionary.CandidateActive, true))
	}
	if f.SysIDs != nil {
		q = q.And(servicenow.In(dictionary.SysID, f.SysIDs...))
	}
	if !f.ClosedSince.IsZero() {
		q = q.And(servicenow.GreaterEq(dictionary.CandidateClosedAt, f.ClosedSince.UTC().Format(servicenow.DateTimeLayout)))
	}
	if f.Numbers != nil {
		q = q.And(servicenow.In(dictionary.CandidateNumber, f.Numbers...))
	}
	return q, states, nil
}

func decodeCandidate(r servicenow.Record, states *candidateStates) (Candidate, error) {
	for _, column := range []string{dictionary.CandidateNumber, dictionary.CandidateState, dictionary.CandidateSubscription} {
		if !r.Has(column) {
			return Candidate{}, &servicenow.HiddenColumnError{Table: dictionary.TableCandidate, SysID: r.ID(), Column: column}
		}
	}
	state := states.fromInstance(r.Get(dictionary.CandidateState), r.Display(dictionary.CandidateState))
	profile := r.Get(dictionary.CandidateProfile)
	if profile == "" {
		profile = r.Get(fieldCandidateProfile)
	}
	return Candidate{
		SysID: r.ID(), Number: r.Get(dictionary.CandidateNumber), State: state, StateLabel: dictionary.CandidateStateLabel(state),
		Open: r.Bool(dictionary.CandidateActive), Justification: r.Get(dictionary.CandidateJustification),
		InactiveDays: optionalInt(r, dictionary.CandidateInactiveDays), PotentialSavings: r.Get(dictionary.CandidatePotentialSavings),
		ProfileSysID: profile, SubscriptionSysID: r.Get(dictionary.CandidateSubscription), UserSysID: r.Get(dictionary.CandidateUser),
		HolderSysID: r.Get(fieldCandidateHolder), NotifyUser: r.Bool(dictionary.CandidateNotifyUser), AnswerDays: answerDays(r, state),
		UserPrincipalName: r.Get(fieldCandidateUPN), ExternalUserID: r.Get(fieldCandidateExternal),
		VendorUserName: r.Get(fieldCandidateName),
		LastActivity:   r.Time(fieldCandidateActivity), ExternalCreated: r.Time(fieldCandidateCreated),
		Product: r.Display(dictionary.CandidateProduct), SoftwareModel: r.Display(dictionary.CandidateSoftwareModel),
		Publisher: r.Display(dictionary.CandidatePublisher), ErrorMessage: r.Get(dictionary.CandidateErrorMessage),
		OpenedAt: r.Time(dictionary.CandidateOpenedAt), ClosedAt: r.Time(dictionary.CandidateClosedAt),
		Answer: r.Get(dictionary.CandidateAnswer), NotifiedOn: r.Time(dictionary.CandidateNotifiedOn), RevocationBegun: r.Time(dictionary.CandidateRevocationBegun), Meta: meta(r),
	}, nil
}

// answerDays is how long the user of a candidate would have to answer if it was reclaimed now. A customer's instance keeps
// the days on the rule alone.
func answerDays(r servicenow.Record, state string) int {
	asked := r.Get(dictionary.CandidateNotifiedOn) != "" || r.Get(dictionary.CandidateAnswer) != ""
	reclaimed := state == dictionary.StateReady || state == dictionary.StateAttentionRequired
	if asked || !reclaimed || !r.Bool(dictionary.CandidateNotifyUser) {
		return 0
	}
	switch r.Get(dictionary.CandidateJustification) {
	case dictionary.JustificationRestricted, dictionary.JustificationUnlicensed: // informed, not asked
		return 0
	}
	column := fieldCandidateDays
	if r.Has(dictionary.CandidateDaysBeforeAuto) {
		column = dictionary.CandidateDaysBeforeAuto
	}
	days, _ := r.Int(column)
	return days
}

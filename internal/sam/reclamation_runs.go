package sam

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// ReclamationRuns are the evidence of reclaims and restores: the append-only run table, which the companion app brings to a
// ServiceNow instance.
type ReclamationRuns struct{ c *Client }

// ReclamationRun is one run that took or gave back licences of a profile.
type ReclamationRun struct {
	SysID        string
	Number       string // such as RUN0000001
	Kind         string // dictionary.RunKind…
	ProfileSysID string
	ProfileName  string // as it was then
	Requested    int    // licences that were to be reclaimed or restored
	Evidence     companion.Evidence
	StartedBy    string
	Currency     string // of the savings (ISO 4217)
	StartedAt    time.Time
	Items        []ReclamationItem // in the order of their candidates' numbers
}

// ReclamationItem is what became of one candidate in a run.
type ReclamationItem struct {
	CandidateSysID  string
	CandidateNumber string
	Outcome         string // companion.Outcome, or companion.Restoration in a restore
	Message         string // names nobody
	Product         string
	Savings         Amount // when the licence was taken; 0 of any other outcome
	RecordedAt      time.Time
	RestoredAt      time.Time // when the licence was given back; zero where it was not
}

// Saved is what the outcome still saves: nothing once the licence was given back.
func (i ReclamationItem) Saved() Amount {
	if !i.RestoredAt.IsZero() {
		return Amount{}
	}
	return i.Savings
}

// Saved is what the run still saves.
func (r ReclamationRun) Saved() Amount {
	var sum Amount
	for _, item := range r.Items {
		sum = sum.Add(item.Saved())
	}
	return sum
}

// Outcomes counts the items of the run per outcome.
func (r ReclamationRun) Outcomes() map[string]int {
	counts := map[string]int{}
	for _, item := range r.Items {
		counts[item.Outcome]++
	}
	return counts
}

// ReclamationRunFilter narrows a list of runs. Zero fields do not filter.
type ReclamationRunFilter struct {
	ProfileSysID string
	Kind         string    // dictionary.RunKind…
	From         time.Time // the first moment at which a run may have started
	Before       time.Time // the first moment at which it may not any more
	// OnHidden is told how many matching rows the instance counted but did not show.
	OnHidden func(rows int)
}

// EvidenceMissingError is an instance that keeps no evidence of reclaims.
type EvidenceMissingError struct {
	Table string
	Err   error
}

// Error implements error.
func (e *EvidenceMissingError) Error() string {
	return fmt.Sprintf("the instance has no table %s, so it keeps no evidence of reclaims beside the candidates' work notes. "+
		"The companion app brings the table; install it: %v", e.Table, e.Err)
}

// Unwrap gives the answer of the instance.
func (e *EvidenceMissingError) Unwrap() error { return e.Err }

func explainEvidence(table string, err error) error {
	if errors.Is(err, ErrInvalidTable) {
		return &EvidenceMissingError{Table: table, Err: err}
	}
	return err
}

var runFields = []string{
	dictionary.RunNumber, dictionary.RunKind, dictionary.RunProfile, dictionary.RunProfileName, dictionary.RunRequested,
	dictionary.RunReason, dictionary.RunChangeReference, dictionary.RunApprovedBy, dictionary.RunURL, dictionary.RunStartedBy,
	dictionary.RunCurrency, dictionary.SysCreatedOn,
}

var runItemFields = []string{
	dictionary.RunItemRun, dictionary.RunItemCandidate, dictionary.RunItemCandidateNumber, dictionary.RunItemOutcome,
	dictionary.RunItemMessage, dictionary.RunItemProduct, dictionary.RunItemSavings, dictionary.SysCreatedOn,
}

// All reads the runs with their outcomes, in the order of their numbers. A run that is at work shows what it has recorded.
func (r *ReclamationRuns) All(ctx context.Context, f ReclamationRunFilter) ([]ReclamationRun, error) {
	runs, err := r.runs(ctx, f)
	if err != nil || len(runs) == 0 {
		return nil, err
	}
	restored, err := r.restored(ctx, f)
	if err != nil {
		return nil, err
	}
	known := make(map[string]*ReclamationRun, len(runs))
	for i := range runs {
		known[runs[i].SysID] = &runs[i]
	}
	err = r.walk(ctx, dictionary.TableReclamationRunItem, f.query(dictionary.RunItemRun+"."), runItemFields, f.OnHidden, func(record servicenow.Record) error {
		run := known[record.Get(dictionary.RunItemRun)]
		if run == nil { // it began after the runs were read
			return nil
		}
		item, err := decodeRunItem(record)
		if item.Outcome == string(companion.OutcomeDone) || item.Outcome == string(companion.OutcomeAlreadyGone) {
			item.RestoredAt = restored[item.CandidateSysID]
		}
		run.Items = append(run.Items, item)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, run := range runs {
		slices.SortFunc(run.Items, func(a, b ReclamationItem) int {
			return cmp.Or(cmp.Compare(a.CandidateNumber, b.CandidateNumber), a.RecordedAt.Compare(b.RecordedAt), cmp.Compare(a.Outcome, b.Outcome))
		})
	}
	return runs, nil
}

func (r *ReclamationRuns) runs(ctx context.Context, f ReclamationRunFilter) ([]ReclamationRun, error) {
	var runs []ReclamationRun
	err := r.walk(ctx, dictionary.TableReclamationRun, f.query(""), runFields, f.OnHidden, func(record servicenow.Record) error {
		requested, _ := record.Int(dictionary.RunRequested)
		runs = append(runs, ReclamationRun{
			SysID: record.ID(), Number: record.Get(dictionary.RunNumber), Kind: record.Get(dictionary.RunKind),
			ProfileSysID: record.Get(dictionary.RunProfile), ProfileName: record.Get(dictionary.RunProfileName), Requested: requested,
			Evidence: companion.Evidence{
				Reason: record.Get(dictionary.RunReason), ChangeReference: record.Get(dictionary.RunChangeReference),
				ApprovedBy: record.Get(dictionary.RunApprovedBy), RunURL: record.Get(dictionary.RunURL),
			},
			StartedBy: record.Get(dictionary.RunStartedBy), Currency: record.Get(dictionary.RunCurrency),
			StartedAt: record.Time(dictionary.SysCreatedOn),
		})
		return nil
	})
	slices.SortFunc(runs, func(a, b ReclamationRun) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.SysID, b.SysID))
	})
	return runs, err
}

// restored tells when the licences of candidates were given back, since the period began. A restore comes after its reclaim.
func (r *ReclamationRuns) restored(ctx context.Context, f ReclamationRunFilter) (map[string]time.Time, error) {
	const run = dictionary.RunItemRun + "."
	f.Kind, f.Before = dictionary.RunKindRestore, time.Time{}
	query := f.query(run).And(servicenow.In(dictionary.RunItemOutcome,
		string(companion.RestoreDone), string(companion.RestorePartial), string(companion.RestoreAlreadyHeld)))
	fields := []string{dictionary.RunItemCandidate, dictionary.SysCreatedOn}
	at := map[string]time.Time{}
	err := r.walk(ctx, dictionary.TableReclamationRunItem, query, fields, f.OnHidden, func(record servicenow.Record) error {
		id, when := record.Get(dictionary.RunItemCandidate), record.Time(dictionary.SysCreatedOn)
		if first, ok := at[id]; !ok || when.Before(first) {
			at[id] = when
		}
		return nil
	})
	return at, err
}

// walk reads records that must have all the fields: evidence with gaps is none.
func (r *ReclamationRuns) walk(
	ctx context.Context, table string, query servicenow.Query, fields []string, onHidden func(int), take func(servicenow.Record) error,
) error {
	for record, err := range r.c.rest.All(ctx, table, query, servicenow.WalkOptions{ReadOptions: servicenow.ReadOptions{Fields: fields}, OnHidden: onHidden}) {
		if err != nil {
			return explainEvidence(table, err)
		}
		for _, column := range fields {
			if !record.Has(column) {
				return &servicenow.HiddenColumnError{Table: table, SysID: record.ID(), Column: column}
			}
		}
		if err := take(record); err != nil {
			return err
		}
	}
	return nil
}

// query selects runs, or what has a run at the end of the path.
func (f ReclamationRunFilter) query(path string) servicenow.Query {
	q := servicenow.Where()
	if f.ProfileSysID != "" {
		q = q.And(servicenow.Eq(path+dictionary.RunProfile, f.ProfileSysID))
	}
	if f.Kind != "" {
		q = q.And(servicenow.Eq(path+dictionary.RunKind, f.Kind))
	}
	if !f.From.IsZero() {
		q = q.And(servicenow.GreaterEq(path+dictionary.SysCreatedOn, f.From.UTC().Format(servicenow.DateTimeLayout)))
	}
	if !f.Before.IsZero() {
		q = q.And(servicenow.Less(path+dictionary.SysCreatedOn, f.Before.UTC().Format(servicenow.DateTimeLayout)))
	}
	return q
}

func decodeRunItem(record servicenow.Record) (ReclamationItem, error) {
	savings, err := ParseAmount(record.Get(dictionary.RunItemSavings))
	if err != nil {
		err = fmt.Errorf("read the savings of %s %s: %w", dictionary.TableReclamationRunItem, record.ID(), err)
	}
	return ReclamationItem{
		CandidateSysID: record.Get(dictionary.RunItemCandidate), CandidateNumber: record.Get(dictionary.RunItemCandidateNumber),
		Outcome: record.Get(dictionary.RunItemOutcome), Message: record.Get(dictionary.RunItemMessage),
		Product: record.Get(dictionary.RunItemProduct), Savings: savings, RecordedAt: record.Time(dictionary.SysCreatedOn),
	}, err
}

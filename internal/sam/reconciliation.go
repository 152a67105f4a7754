package sam

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// Reconciliations are the runs of the software license reconciliation, and what they found.
type Reconciliations struct{ c *Client }

// Reconciliation is one run of the reconciliation.
type Reconciliation struct {
	SysID          string
	Number         string // such as REC0000001
	Status         string // dictionary.Reconciliation…
	PublisherSysID string // empty where all publishers were reconciled
	Percent        int
	Total          int // publishers
	Processed      int // publishers
	Summary        string
	LastReconciled time.Time
	Meta           Meta
}

// Figures are the licence position of one software model by one license metric. Amounts are decimals in the instance's
// currency. As the instance last reconciled them.
type Figures struct {
	SysID          string // of the license metric result
	PublisherSysID string
	Publisher      string
	ProductSysID   string
	Product        string
	ModelSysID     string
	Model          string
	Metric         string // dictionary.MetricUserSubscription
	Compliant      bool
	RightsOwned    int // active rights
	RightsUsed     int // allocated ones, and those of subscribed users without an allocation
	RightsNeeded   int // subscriptions without a right
	RightsUnused   int
	Available      int // owned - used; negative where rights are missing, 0 where there is no limit to them
	Allocated      int // rights allocated to users
	WithoutUser    int // subscriptions that cannot be licensed, because no user is known
	TrueUpCost     string
	OverLicensed   string
	TotalSpend     string
	ReconciledAt   time.Time
}

// RemediationOption is what would make a model compliant.
type RemediationOption struct {
	SysID        string
	Type         string // dictionary.RemediationPurchaseRights
	ProductSysID string
	Product      string
	ModelSysID   string
	Model        string
	Rights       int
	Cost         Amount // 0 where nobody knows the price
}

// FiguresFilter narrows results. Empty fields do not filter.
type FiguresFilter struct {
	PublisherSysID string
	ProductSysID   string
	ModelSysID     string
}

var reconciliationFields = append([]string{
	dictionary.ReconciliationNumber, dictionary.ReconciliationStatus, dictionary.ReconciliationPublisher, dictionary.ReconciliationProgress,
	dictionary.ReconciliationTotal, dictionary.ReconciliationProcessed, dictionary.ReconciliationSummary, dictionary.ReconciliationLast,
}, metaFields...)

// Run reconciles one publisher (sys_id) or, where it is empty, all of them, and waits. A publisher that failed leaves the
// status at Partially Completed and is in the warnings; that is no error. ErrNoCompanion means that the instance reconciles
// by its own job only.
func (r *Reconciliations) Run(ctx context.Context, publisherSysID string, say Say) (companion.ReconcileOutcome, error) {
	object := "all publishers"
	if publisherSysID != "" {
		object = "publisher " + publisherSysID
	}
	spec := runSpec{
		operation: "reconciliation", object: object, path: companion.ReconcilePath(), body: companion.ReconcileRequest{Publisher: publisherSysID},
	}
	var outcome companion.ReconcileOutcome
	_, err := r.c.run(ctx, spec, &outcome, say)
	return outcome, err
}

// List lists the latest runs, newest first, at most limit.
func (r *Reconciliations) List(ctx context.Context, limit int) ([]Reconciliation, error) {
	query := servicenow.Where().OrderByDesc(dictionary.SysCreatedOn).OrderByDesc(dictionary.ReconciliationNumber)
	records, err := r.c.rest.List(ctx, dictionary.TableReconciliation, query, servicenow.ListOptions{
		ReadOptions: servicenow.ReadOptions{Fields: reconciliationFields}, Limit: limit,
	})
	if err != nil {
		return nil, fmt.Errorf("list reconciliations: %w", explain(dictionary.TableReconciliation, err))
	}
	runs := make([]Reconciliation, 0, len(records))
	for _, record := range records {
		run, err := decodeReconciliation(record)
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
	}
	return runs, nil
}

// Publisher finds the sys_id of a publisher by its name, or ErrNotFound.
func (r *Reconciliations) Publisher(ctx context.Context, name string) (string, error) {
	record, err := r.c.rest.Find(ctx, dictionary.TablePublisher, servicenow.Where(servicenow.Eq(dictionary.PublisherName, name)),
		servicenow.ReadOptions{Fields: []string{dictionary.PublisherName}})
	if err != nil {
		return "", fmt.Errorf("look up publisher %q: %w", name, explain(dictionary.TablePublisher, err))
	}
	return record.ID(), nil
}

var figuresFields = []string{
	dictionary.ResultPublisher, dictionary.ResultPublisher + "." + dictionary.PublisherName,
	dictionary.ResultProduct, dictionary.ResultProduct + "." + dictionary.ProductName,
	dictionary.ResultModel, dictionary.ResultModel + "." + dictionary.ModelDisplayName, dictionary.MetricMetric,
	dictionary.ResultStatus, dictionary.MetricRightsOwned, dictionary.MetricRightsUsed, dictionary.MetricRightsNeeded,
	dictionary.MetricUnusedRights, dictionary.MetricAvailable, dictionary.MetricAllocated, dictionary.MetricWithoutUser,
	dictionary.ResultTrueUpCost, dictionary.ResultOverLicensed, dictionary.ResultTotalSpend, dictionary.SysUpdatedOn,
}

// Figures walks the newest figures of every reconciled software model, in the order of sys_ids. Without a reconciliation
// there are none.
func (r *Reconciliations) Figures(ctx context.Context, f FiguresFilter) iter.Seq2[Figures, error] {
	return func(yield func(Figures, error) bool) {
		query := f.query()
		embedded, err := r.c.embedded(ctx)
		if err != nil {
			yield(Figures{}, err)
			return
		}
		if embedded {
			query = query.And(isBool(dictionary.ResultLatest, true))
		}
		records := r.c.rest.All(ctx, dictionary.TableMetricResult, query, servicenow.WalkOptions{
			ReadOptions: servicenow.ReadOptions{Fields: figuresFields},
		})
		all := decodeEach(records, dictionary.TableMetricResult, decodeFigures)
		if !embedded {
			all = newest(all)
		}
		all(yield)
	}
}

// newest keeps the newest figures of each model and metric, where the instance does not mark them.
func newest(all iter.Seq2[Figures, error]) iter.Seq2[Figures, error] {
	return func(yield func(Figures, error) bool) {
		var order []string
		latest := map[string]Figures{}
		for f, err := range all {
			if err != nil {
				yield(f, err)
				return
			}
			key := f.ModelSysID + " " + f.Metric
			known, ok := latest[key]
			if !ok {
				order = append(order, key)
			}
			if !ok || !f.ReconciledAt.Before(known.ReconciledAt) {
				latest[key] = f
			}
		}
		for _, key := range order {
			if !yield(latest[key], nil) {
				return
			}
		}
	}
}

// Remediations walks what the last reconciliation offers to make good for missing rights. The columns are those of an
// embedded instance; what a ServiceNow instance has is not known.
func (r *Reconciliations) Remediations(ctx context.Context, f FiguresFilter) iter.Seq2[RemediationOption, error] {
	const (
		product = dictionary.ResultProduct + "." + dictionary.ProductName
		model   = dictionary.ResultModel + "." + dictionary.ModelDisplayName
	)
	records := r.c.rest.All(ctx, dictionary.TableRemediation, f.query(), servicenow.WalkOptions{
		ReadOptions: servicenow.ReadOptions{Fields: []string{
			dictionary.RemediationType, dictionary.ResultProduct, product, dictionary.ResultModel, model, dictionary.RemediationRights,
			dictionary.RemediationCost,
		}},
	})
	return decodeEach(records, dictionary.TableRemediation, func(r servicenow.Record) (RemediationOption, error) {
		cost, err := ParseAmount(r.Get(dictionary.RemediationCost))
		if err != nil {
			return RemediationOption{}, fmt.Errorf("read the remediation option %s: %w", r.ID(), err)
		}
		return RemediationOption{
			SysID: r.ID(), Type: r.Get(dictionary.RemediationType), ProductSysID: r.Get(dictionary.ResultProduct), Product: r.Get(product),
			ModelSysID: r.Get(dictionary.ResultModel), Model: r.Get(model), Rights: intOf(r, dictionary.RemediationRights), Cost: cost,
		}, nil
	})
}

func (f FiguresFilter) query() servicenow.Query {
	var q servicenow.Query
	for _, filter := range []struct{ column, value string }{
		{dictionary.ResultPublisher, f.PublisherSysID},
		{dictionary.ResultProduct, f.ProductSysID},
		{dictionary.ResultModel, f.ModelSysID},
	} {
		if filter.value != "" {
			q = q.And(servicenow.Eq(filter.column, filter.value))
		}
	}
	return q
}

func decodeReconciliation(r servicenow.Record) (Reconciliation, error) {
	if !r.Has(dictionary.ReconciliationStatus) {
		return Reconciliation{}, &servicenow.HiddenColumnError{Table: dictionary.TableReconciliation, SysID: r.ID(), Column: dictionary.ReconciliationStatus}
	}
	return Reconciliation{
		SysID: r.ID(), Number: r.Get(dictionary.ReconciliationNumber), Status: r.Get(dictionary.ReconciliationStatus),
		PublisherSysID: r.Get(dictionary.ReconciliationPublisher), Percent: intOf(r, dictionary.ReconciliationProgress),
		Total: intOf(r, dictionary.ReconciliationTotal), Processed: intOf(r, dictionary.ReconciliationProcessed),
		Summary: r.Get(dictionary.ReconciliationSummary), LastReconciled: r.Time(dictionary.ReconciliationLast), Meta: meta(r),
	}, nil
}

func decodeFigures(r servicenow.Record) (Figures, error) {
	for _, column := range []string{dictionary.ResultModel, dictionary.MetricRightsOwned} {
		if !r.Has(column) {
			return Figures{}, &servicenow.HiddenColumnError{Table: dictionary.TableMetricResult, SysID: r.ID(), Column: column}
		}
	}
	return Figures{
		SysID: r.ID(), PublisherSysID: r.Get(dictionary.ResultPublisher), Publisher: r.Get(dictionary.ResultPublisher + "." + dictionary.PublisherName),
		ProductSysID: r.Get(dictionary.ResultProduct), Product: r.Get(dictionary.ResultProduct + "." + dictionary.ProductName),
		ModelSysID: r.Get(dictionary.ResultModel), Model: r.Get(dictionary.ResultModel + "." + dictionary.ModelDisplayName),
		Metric: r.Get(dictionary.MetricMetric), Compliant: r.Get(dictionary.ResultStatus) == dictionary.ResultCompliant,
		RightsOwned: intOf(r, dictionary.MetricRightsOwned), RightsUsed: intOf(r, dictionary.MetricRightsUsed),
		RightsNeeded: intOf(r, dictionary.MetricRightsNeeded), RightsUnused: intOf(r, dictionary.MetricUnusedRights),
		Available: intOf(r, dictionary.MetricAvailable), Allocated: intOf(r, dictionary.MetricAllocated),
		WithoutUser: intOf(r, dictionary.MetricWithoutUser), TrueUpCost: r.Get(dictionary.ResultTrueUpCost),
		OverLicensed: r.Get(dictionary.ResultOverLicensed), TotalSpend: r.Get(dictionary.ResultTotalSpend), ReconciledAt: r.Time(dictionary.SysUpdatedOn),
	}, nil
}

// intOf is the number in a column; 0 when it is empty.
func intOf(r servicenow.Record, column string) int {
	n, _ := r.Int(column)
	return n
}

package sam

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// Entitlements are the software entitlements: the rights bought.
type Entitlements struct{ c *Client }

// Entitlement is a software entitlement.
type Entitlement struct {
	SysID           string
	DisplayName     string
	ModelSysID      string
	Model           string // display name of the software model
	ProductSysID    string // of the model
	Product         string // name
	State           string // dictionary.EntitlementBuild, EntitlementInUse or EntitlementRetired
	PurchasedRights int
	// ActiveRights are the purchased rights while the entitlement is in use and within its dates, else 0. The instance computes them.
	ActiveRights int
	// UnitCost is the cost of one right for the subscription period: a decimal in the instance's currency; empty where none is known.
	UnitCost      string
	Unlimited     bool
	AgreementType string // dictionary.Agreement…
	LicenseType   string // dictionary.LicenseTypeSubscription, or one of other software
	MetricGroup   string // dictionary.MetricGroup…
	Metric        string // dictionary.MetricUserSubscription or MetricSaaSConsumption
	Period        string // dictionary.Period…
	StartDate     string // 2006-01-02
	EndDate       string // 2006-01-02, inclusive; empty where it does not end
	Meta          Meta
}

// EntitlementInput is what an entitlement is to be. Nil leaves a column as it is or, on creation, to the instance's default.
type EntitlementInput struct {
	SysID           string // on creation: 32 hex; generated when empty
	DisplayName     *string
	ModelSysID      *string
	State           *string
	PurchasedRights *int
	// UnitCost is a decimal, alone or after the code of the instance's currency: 12.50 or USD;12.50. Another currency is refused.
	UnitCost      *string
	Unlimited     *bool
	AgreementType *string
	MetricGroup   *string
	Metric        *string
	Period        *string
	StartDate     *string // 2006-01-02
	EndDate       *string // 2006-01-02; empty clears it
}

// EntitlementFilter narrows a list of entitlements. Empty fields do not filter.
type EntitlementFilter struct {
	ModelSysID   string
	ProductSysID string
	State        string
	NameContains string // part of the display name, in any case of its letters
}

const (
	fieldEntitlementModel       = dictionary.EntitlementModel + "." + dictionary.ModelDisplayName
	fieldEntitlementProduct     = dictionary.EntitlementModel + "." + dictionary.ModelProduct
	fieldEntitlementProductName = fieldEntitlementProduct + "." + dictionary.ProductName
)

var entitlementFields = slices.Concat([]string{
	dictionary.EntitlementDisplayName, dictionary.EntitlementModel, fieldEntitlementModel, fieldEntitlementProduct, fieldEntitlementProductName,
	dictionary.EntitlementState, dictionary.EntitlementPurchasedRights, dictionary.EntitlementRights, dictionary.EntitlementUnitCost,
	dictionary.EntitlementUnlimited, dictionary.EntitlementAgreement, dictionary.EntitlementLicenseType, dictionary.EntitlementMetricGroup, dictionary.EntitlementMetric,
	dictionary.EntitlementPeriod, dictionary.EntitlementStart, dictionary.EntitlementEnd,
}, metaFields)

var readEntitlement = servicenow.ReadOptions{Fields: entitlementFields}

// Get reads an entitlement. ErrNotFound means confirmed gone.
func (e *Entitlements) Get(ctx context.Context, sysID string) (Entitlement, error) {
	record, err := e.c.read(ctx, dictionary.TableEntitlement, sysID, readEntitlement)
	if err != nil {
		return Entitlement{}, err
	}
	return decodeEntitlement(record)
}

// All walks the entitlements.
func (e *Entitlements) All(ctx context.Context, f EntitlementFilter) iter.Seq2[Entitlement, error] {
	var query servicenow.Query
	for _, filter := range []struct{ column, value string }{
		{dictionary.EntitlementModel, f.ModelSysID},
		{fieldEntitlementProduct, f.ProductSysID},
		{dictionary.EntitlementState, f.State},
	} {
		if filter.value != "" {
			query = query.And(servicenow.Eq(filter.column, filter.value))
		}
	}
	if f.NameContains != "" {
		query = query.And(servicenow.Contains(dictionary.EntitlementDisplayName, f.NameContains))
	}
	records := e.c.rest.All(ctx, dictionary.TableEntitlement, query, servicenow.WalkOptions{ReadOptions: readEntitlement})
	return decodeEach(records, dictionary.TableEntitlement, decodeEntitlement)
}

// Create creates an entitlement. It begins in Build; with State EntitlementInUse it is published as well.
func (e *Entitlements) Create(ctx context.Context, in EntitlementInput) (Entitlement, error) {
	values := in.values()
	if in.SysID != "" {
		values[dictionary.SysID] = in.SysID
	}
	record, err := e.c.rest.Create(ctx, dictionary.TableEntitlement, values, dictionary.EntitlementUnitCost)
	if err != nil {
		return Entitlement{SysID: record.ID()}, fmt.Errorf("create software entitlement: %w", explain(dictionary.TableEntitlement, err))
	}
	return e.Get(ctx, record.ID())
}

// Update changes an entitlement. The state goes from Build to In use to Retired and never back.
func (e *Entitlements) Update(ctx context.Context, sysID string, in EntitlementInput) (Entitlement, error) {
	if _, err := e.c.rest.Update(ctx, dictionary.TableEntitlement, sysID, in.values(), dictionary.EntitlementUnitCost); err != nil {
		return Entitlement{}, fmt.Errorf("update software entitlement %s: %w", sysID, explain(dictionary.TableEntitlement, err))
	}
	return e.Get(ctx, sysID)
}

// Delete deletes an entitlement with its allocations. One that is gone is no error.
func (e *Entitlements) Delete(ctx context.Context, sysID string) error {
	if err := e.c.rest.Delete(ctx, dictionary.TableEntitlement, sysID); err != nil {
		return fmt.Errorf("delete software entitlement %s: %w", sysID, err)
	}
	return nil
}

func (in EntitlementInput) values() servicenow.Values {
	values := servicenow.Values{}
	setIf(values, dictionary.EntitlementDisplayName, in.DisplayName)
	setIf(values, dictionary.EntitlementModel, in.ModelSysID)
	setIf(values, dictionary.EntitlementState, in.State)
	setIf(values, dictionary.EntitlementUnitCost, in.UnitCost)
	setIf(values, dictionary.EntitlementAgreement, in.AgreementType)
	setIf(values, dictionary.EntitlementMetricGroup, in.MetricGroup)
	setIf(values, dictionary.EntitlementMetric, in.Metric)
	setIf(values, dictionary.EntitlementPeriod, in.Period)
	setIf(values, dictionary.EntitlementStart, in.StartDate)
	setIf(values, dictionary.EntitlementEnd, in.EndDate)
	setBool(values, dictionary.EntitlementUnlimited, in.Unlimited)
	if in.PurchasedRights != nil {
		values[dictionary.EntitlementPurchasedRights] = strconv.Itoa(*in.PurchasedRights)
	}
	return values
}

func decodeEntitlement(r servicenow.Record) (Entitlement, error) {
	for _, column := range []string{dictionary.EntitlementModel, dictionary.EntitlementState} {
		if !r.Has(column) {
			return Entitlement{}, &servicenow.HiddenColumnError{Table: dictionary.TableEntitlement, SysID: r.ID(), Column: column}
		}
	}
	purchased, _ := r.Int(dictionary.EntitlementPurchasedRights)
	active, _ := r.Int(dictionary.EntitlementRights)
	return Entitlement{
		SysID: r.ID(), DisplayName: r.Get(dictionary.EntitlementDisplayName), ModelSysID: r.Get(dictionary.EntitlementModel),
		Model: r.Get(fieldEntitlementModel), ProductSysID: r.Get(fieldEntitlementProduct), Product: r.Get(fieldEntitlementProductName),
		State: r.Get(dictionary.EntitlementState), PurchasedRights: purchased, ActiveRights: active,
		UnitCost: r.Get(dictionary.EntitlementUnitCost), Unlimited: r.Bool(dictionary.EntitlementUnlimited),
		AgreementType: r.Get(dictionary.EntitlementAgreement), LicenseType: r.Get(dictionary.EntitlementLicenseType), MetricGroup: r.Get(dictionary.EntitlementMetricGroup),
		Metric: r.Get(dictionary.EntitlementMetric), Period: r.Get(dictionary.EntitlementPeriod),
		StartDate: dateOf(r, dictionary.EntitlementStart), EndDate: dateOf(r, dictionary.EntitlementEnd), Meta: meta(r),
	}, nil
}

// dateOf is the date in a column, without a time of day.
func dateOf(r servicenow.Record, column string) string {
	t := r.Time(column)
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

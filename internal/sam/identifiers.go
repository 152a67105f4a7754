package sam

import (
	"context"
	"fmt"
	"iter"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// Identifiers are the unrecognized subscription identifiers: those that no product definition maps to a software model.
type Identifiers struct{ c *Client }

// UnrecognizedIdentifier is one of them.
type UnrecognizedIdentifier struct {
	SysID         string
	Identifier    string
	ModelSysID    string   // the software model that somebody assigned; empty where nobody did
	ProfileSysIDs []string // of the integration profiles whose subscriptions have it
	Subscriptions int
}

// IdentifierFilter narrows a list of unrecognized identifiers. Zero fields do not filter.
type IdentifierFilter struct {
	ProfileSysID string
	Assigned     *bool // with, or without, an assigned software model
	// OnHidden is told how many matching rows the instance counted but did not show.
	OnHidden func(rows int)
}

var identifierFields = servicenow.ReadOptions{Fields: []string{
	dictionary.UnrecognizedIdentifier, dictionary.UnrecognizedModel, dictionary.UnrecognizedProfiles, dictionary.UnrecognizedCount,
}}

// All walks the identifiers in the order of their sys_id.
func (i *Identifiers) All(ctx context.Context, f IdentifierFilter) iter.Seq2[UnrecognizedIdentifier, error] {
	records := i.c.rest.All(ctx, dictionary.TableUnrecognizedIdentifier, f.query(), servicenow.WalkOptions{ReadOptions: identifierFields, OnHidden: f.OnHidden})
	return decodeEach(records, dictionary.TableUnrecognizedIdentifier, decodeIdentifier)
}

// Get reads one by sys_id. ErrNotFound means confirmed gone.
func (i *Identifiers) Get(ctx context.Context, sysID string) (UnrecognizedIdentifier, error) {
	record, err := i.c.read(ctx, dictionary.TableUnrecognizedIdentifier, sysID, identifierFields)
	if err != nil {
		return UnrecognizedIdentifier{}, err
	}
	return decodeIdentifier(record)
}

// Find finds one by the identifier itself. ErrNotFound means that it is recognized, or that no subscription has it.
func (i *Identifiers) Find(ctx context.Context, identifier string) (UnrecognizedIdentifier, error) {
	record, err := i.c.rest.Find(ctx, dictionary.TableUnrecognizedIdentifier,
		servicenow.Where(servicenow.Eq(dictionary.UnrecognizedIdentifier, identifier)), identifierFields)
	if err != nil {
		return UnrecognizedIdentifier{}, explain(dictionary.TableUnrecognizedIdentifier, err)
	}
	return decodeIdentifier(record)
}

// Assign gives the identifier a software model, which all its subscriptions get; an empty one takes the model from them.
func (i *Identifiers) Assign(ctx context.Context, sysID, modelSysID string) error {
	_, err := i.c.rest.Update(ctx, dictionary.TableUnrecognizedIdentifier, sysID, servicenow.Values{dictionary.UnrecognizedModel: modelSysID})
	if err != nil {
		return fmt.Errorf("assign a software model to unrecognized subscription identifier %s: %w", sysID, err)
	}
	return nil
}

func (f IdentifierFilter) query() servicenow.Query {
	var q servicenow.Query
	if f.ProfileSysID != "" {
		q = q.And(servicenow.Contains(dictionary.UnrecognizedProfiles, f.ProfileSysID))
	}
	switch {
	case f.Assigned == nil:
	case *f.Assigned:
		q = q.And(servicenow.NotEmpty(dictionary.UnrecognizedModel))
	default:
		q = q.And(servicenow.Empty(dictionary.UnrecognizedModel))
	}
	return q
}

func decodeIdentifier(r servicenow.Record) (UnrecognizedIdentifier, error) {
	for _, column := range []string{dictionary.UnrecognizedIdentifier, dictionary.UnrecognizedModel} {
		if !r.Has(column) {
			return UnrecognizedIdentifier{}, &servicenow.HiddenColumnError{Table: dictionary.TableUnrecognizedIdentifier, SysID: r.ID(), Column: column}
		}
	}
	count, _ := r.Int(dictionary.UnrecognizedCount)
	return UnrecognizedIdentifier{
		SysID: r.ID(), Identifier: r.Get(dictionary.UnrecognizedIdentifier), ModelSysID: r.Get(dictionary.UnrecognizedModel),
		ProfileSysIDs: listOf(r.Get(dictionary.UnrecognizedProfiles)), Subscriptions: count,
	}, nil
}

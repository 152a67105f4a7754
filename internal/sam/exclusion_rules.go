package sam

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// Exclusions are the rules that keep subscriptions out of metering and cost figures. They protect nobody from reclaim.
type Exclusions struct{ c *Client }

// ExclusionKind is what an exclusion rule is about.
type ExclusionKind string

// The kinds of exclusion rules.
const (
	ExcludeIdentifier ExclusionKind = "subscription identifier"
	ExcludeUser       ExclusionKind = "subscription user"
)

func (k ExclusionKind) table() string {
	if k == ExcludeUser {
		return dictionary.TableUserExclusion
	}
	return dictionary.TableIdentifierExclusion
}

func (k ExclusionKind) column() string {
	if k == ExcludeUser {
		return dictionary.ExclusionUser
	}
	return dictionary.ExclusionIdentifier
}

// Exclusion is an exclusion rule.
type Exclusion struct {
	SysID string
	// Key is the subscription identifier, or the user principal name.
	Key         string
	ProfileType string // empty means all, which a rule of a user may be for
	Domain      string // sys_id, or dictionary.DomainGlobal
	Active      bool
	Meta        Meta
}

// ErrNoExclusionRules is an instance without the tables of exclusion rules.
var ErrNoExclusionRules = errors.New("the instance has no exclusion rules: they came with the release Zurich")

// explain turns a missing table into the missing feature.
func (k ExclusionKind) explain(err error) error {
	if errors.Is(err, ErrInvalidTable) {
		return fmt.Errorf("%w (table %s): %w", ErrNoExclusionRules, k.table(), err)
	}
	return err
}

func (k ExclusionKind) fields() []string {
	return slices.Concat([]string{k.column(), dictionary.ExclusionProfileType, dictionary.SysDomain, dictionary.ExclusionActive}, metaFields)
}

// Get reads a rule. ErrNotFound means confirmed gone.
func (e *Exclusions) Get(ctx context.Context, kind ExclusionKind, sysID string) (Exclusion, error) {
	record, err := e.c.read(ctx, kind.table(), sysID, servicenow.ReadOptions{Fields: kind.fields()})
	if err != nil {
		return Exclusion{}, kind.explain(err)
	}
	return kind.decode(record)
}

// Create creates a rule; an empty domain is the one that the instance chooses. An equal rule, active or not, is an
// *ExistsError.
func (e *Exclusions) Create(ctx context.Context, kind ExclusionKind, in Exclusion) (Exclusion, error) {
	if err := e.checkEqual(ctx, kind, in); err != nil {
		return Exclusion{}, err
	}
	values := in.values(kind)
	if in.Domain != "" {
		values[dictionary.SysDomain] = in.Domain
	}
	record, err := e.c.rest.Create(ctx, kind.table(), values)
	if err != nil {
		return Exclusion{SysID: record.ID()}, fmt.Errorf("create %s exclusion rule %q: %w", kind, in.Key, kind.explain(err))
	}
	return e.Get(ctx, kind, record.ID())
}

// Update changes what a rule is about, and whether it is active. The domain stays.
func (e *Exclusions) Update(ctx context.Context, kind ExclusionKind, change Exclusion) (Exclusion, error) {
	if err := e.checkEqual(ctx, kind, change); err != nil {
		return Exclusion{}, err
	}
	if _, err := e.c.rest.Update(ctx, kind.table(), change.SysID, change.values(kind)); err != nil {
		return Exclusion{}, fmt.Errorf("update %s exclusion rule %s: %w", kind, change.SysID, kind.explain(err))
	}
	return e.Get(ctx, kind, change.SysID)
}

func (x Exclusion) values(kind ExclusionKind) servicenow.Values {
	values := servicenow.Values{kind.column(): x.Key, dictionary.ExclusionProfileType: x.ProfileType}
	setBool(values, dictionary.ExclusionActive, &x.Active)
	return values
}

// checkEqual looks for another rule about the same. Without a domain the one of the instance's choice is meant.
func (e *Exclusions) checkEqual(ctx context.Context, kind ExclusionKind, x Exclusion) error {
	for other, err := range e.All(ctx, kind, ExclusionFilter{key: x.Key}) {
		if err != nil {
			return err
		}
		domain := x.Domain
		if domain == "" {
			domain = dictionary.DomainGlobal
		}
		if other.SysID != x.SysID && other.ProfileType == x.ProfileType && other.Domain == domain {
			return &ExistsError{Object: string(kind) + " exclusion rule", Key: x.Key, SysID: other.SysID}
		}
	}
	return nil
}

// Delete deletes a rule. A rule that is gone is no error.
func (e *Exclusions) Delete(ctx context.Context, kind ExclusionKind, sysID string) error {
	if err := e.c.rest.Delete(ctx, kind.table(), sysID); err != nil {
		return fmt.Errorf("delete %s exclusion rule %s: %w", kind, sysID, kind.explain(err))
	}
	return nil
}

// ExclusionFilter narrows a list of exclusion rules. Zero fields do not filter.
type ExclusionFilter struct {
	ProfileType string
	Active      *bool
	// OnHidden is told how many matching rows the instance counted but did not show.
	OnHidden func(rows int)

	key string
}

// All walks the rules of a kind.
func (e *Exclusions) All(ctx context.Context, kind ExclusionKind, f ExclusionFilter) iter.Seq2[Exclusion, error] {
	var query servicenow.Query
	if f.ProfileType != "" {
		query = query.And(servicenow.Eq(dictionary.ExclusionProfileType, f.ProfileType))
	}
	if f.Active != nil {
		query = query.And(isBool(dictionary.ExclusionActive, *f.Active))
	}
	if f.key != "" {
		query = query.And(servicenow.Eq(kind.column(), f.key))
	}
	records := e.c.rest.All(ctx, kind.table(), query, servicenow.WalkOptions{
		ReadOptions: servicenow.ReadOptions{Fields: kind.fields()}, OnHidden: f.OnHidden,
	})
	return func(yield func(Exclusion, error) bool) {
		for record, err := range records {
			var x Exclusion
			if err == nil {
				x, err = kind.decode(record)
			}
			if !yield(x, kind.explain(err)) || err != nil {
				return
			}
		}
	}
}

func (k ExclusionKind) decode(r servicenow.Record) (Exclusion, error) {
	for _, column := range []string{k.column(), dictionary.ExclusionActive} {
		if !r.Has(column) {
			return Exclusion{}, &servicenow.HiddenColumnError{Table: k.table(), SysID: r.ID(), Column: column}
		}
	}
	domain := r.Get(dictionary.SysDomain)
	if strings.TrimSpace(domain) == "" {
		domain = dictionary.DomainGlobal
	}
	return Exclusion{
		SysID: r.ID(), Key: r.Get(k.column()), ProfileType: r.Get(dictionary.ExclusionProfileType), Domain: domain,
		Active: r.Bool(dictionary.ExclusionActive), Meta: meta(r),
	}, nil
}

package sam

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// ChildInput is a child alias to create. The toggles are those of the profile that it is for; they choose the parent's
// template where the vendor has one for each combination. Nil means on.
type ChildInput struct {
	ParentSysID          string
	Name                 string
	DownloadActivity     *bool
	ReclaimSubscriptions *bool
}

// CreateChild creates a child alias. Type, template and retry policy are the parent's. An alias of the same name is an
// *ExistsError.
func (a *Aliases) CreateChild(ctx context.Context, in ChildInput) (Alias, error) {
	existing, err := a.FindByName(ctx, in.Name)
	switch {
	case err == nil:
		return Alias{}, &ExistsError{Object: "alias", Key: in.Name, SysID: existing.SysID}
	case !errors.Is(err, ErrNotFound):
		return Alias{}, err
	}
	child, err := a.c.rest.CreateChild(ctx, in.ParentSysID, companion.ChildRequest{
		Name: in.Name, DownloadActivity: in.DownloadActivity, ReclaimSubscriptions: in.ReclaimSubscriptions,
	})
	if errors.Is(err, ErrNoCompanion) {
		return a.insertChild(ctx, in)
	}
	if err != nil {
		return Alias{}, fmt.Errorf("create child alias %q: %w", in.Name, err)
	}
	return a.Get(ctx, child.SysID)
}

// insertChild creates the record over the Table API: a business rule copies what is inherited. The child is in the global
// scope then, and a template that depends on the toggles is the one that the parent has now.
func (a *Aliases) insertChild(ctx context.Context, in ChildInput) (Alias, error) {
	record, err := a.c.rest.Create(ctx, dictionary.TableAlias, servicenow.Values{
		dictionary.AliasName: in.Name, dictionary.AliasParent: in.ParentSysID,
	})
	if err != nil {
		return Alias{SysID: record.ID()}, fmt.Errorf("create child alias %q: %w", in.Name, err)
	}
	return a.Get(ctx, record.ID())
}

// ChildFilter narrows a list of child aliases. Empty fields do not filter.
type ChildFilter struct {
	ParentID     string // full id of the parent
	NameContains string // part of the name, in any case of its letters
}

// Children walks the child aliases that somebody made. The spokes ship some too, which belong to them.
func (a *Aliases) Children(ctx context.Context, f ChildFilter) iter.Seq2[Alias, error] {
	query := servicenow.Where(servicenow.NotEmpty(dictionary.AliasParent))
	if f.ParentID != "" {
		query = query.And(servicenow.Eq(fieldParentID, f.ParentID))
	}
	if f.NameContains != "" {
		query = query.And(servicenow.Contains(dictionary.AliasName, f.NameContains))
	}
	records := a.c.rest.All(ctx, dictionary.TableAlias, query, servicenow.WalkOptions{
		ReadOptions: servicenow.ReadOptions{Fields: aliasFields},
	})
	return func(yield func(Alias, error) bool) {
		for alias, err := range decodeEach(records, dictionary.TableAlias, decodeAlias) {
			if _, shipped := dictionary.ProfileTypeOfAlias(dictionary.Australia, alias.ID); shipped {
				continue
			}
			if !yield(alias, err) {
				return
			}
		}
	}
}

// Groups lists the groups of the vendor behind an alias. ErrNoCompanion means that the instance cannot tell.
func (a *Aliases) Groups(ctx context.Context, aliasSysID string) ([]companion.Group, error) {
	groups, err := a.c.rest.Groups(ctx, aliasSysID)
	if err != nil {
		return nil, fmt.Errorf("list the groups behind alias %s: %w", aliasSysID, err)
	}
	return groups, nil
}

package sam

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// AliasFilter narrows a list of aliases. Zero fields do not filter.
type AliasFilter struct {
	// ProfileType keeps the aliases that the spoke of a profile type ships, and those made from one of its templates.
	ProfileType  string
	NameContains string // part of the name or of the full id, in any case of its letters
}

// aliasOf are the columns of an alias, as a connection reaches them.
func aliasOf(column string) string { return dictionary.ConnectionAlias + "." + column }

var connectedAliasFields = []string{
	dictionary.ConnectionAlias, aliasOf(dictionary.AliasName), aliasOf(dictionary.AliasID), aliasOf(dictionary.AliasType),
}

// Connected walks the top-level aliases that have an HTTP connection, each once. The spokes ship many aliases that nobody
// has set up; without a connection there is nothing to manage. Of an alias, only id, name and type are filled in.
func (a *Aliases) Connected(ctx context.Context, f AliasFilter) iter.Seq2[Alias, error] {
	return func(yield func(Alias, error) bool) {
		query, err := a.connectedQuery(ctx, f)
		if err != nil {
			yield(Alias{}, err)
			return
		}
		seen := map[string]bool{}
		records := a.c.rest.All(ctx, dictionary.TableHTTPConnection, query, servicenow.WalkOptions{
			ReadOptions: servicenow.ReadOptions{Fields: connectedAliasFields},
		})
		for record, err := range records {
			if err != nil {
				yield(Alias{}, err)
				return
			}
			alias := Alias{
				SysID: record.Get(dictionary.ConnectionAlias), Name: record.Get(aliasOf(dictionary.AliasName)),
				ID: record.Get(aliasOf(dictionary.AliasID)), Type: record.Get(aliasOf(dictionary.AliasType)),
			}
			if seen[alias.SysID] {
				continue // an alias may have several connections
			}
			seen[alias.SysID] = true
			if !yield(alias, nil) {
				return
			}
		}
	}
}

func (a *Aliases) connectedQuery(ctx context.Context, f AliasFilter) (servicenow.Query, error) {
	query := servicenow.Where(
		servicenow.NotEmpty(dictionary.ConnectionAlias), servicenow.Empty(aliasOf(dictionary.AliasParent)),
	)
	if f.NameContains != "" {
		query = query.And(servicenow.Any(
			servicenow.Contains(aliasOf(dictionary.AliasName), f.NameContains),
			servicenow.Contains(aliasOf(dictionary.AliasID), f.NameContains),
		))
	}
	if f.ProfileType == "" {
		return query, nil
	}
	instance, err := a.c.Instance(ctx)
	if err != nil {
		return query, err
	}
	t, err := typeOn(instance, f.ProfileType)
	if spoke := new(SpokeMissingError); err != nil && !errors.As(err, &spoke) {
		return query, err
	}
	shipped, templates := []string{}, []string{}
	for _, variant := range slices.Concat(t.AliasRule, []dictionary.AliasVariant{{Alias: t.ParentAlias}}) {
		shipped = appendKnown(shipped, variant.Alias)
		templates = appendKnown(templates, variant.Template)
	}
	ofType := []servicenow.Cond{servicenow.In(aliasOf(dictionary.AliasID), shipped...)}
	if len(templates) > 0 {
		ofType = append(ofType, servicenow.In(aliasOf(fieldTemplateName), templates...))
	}
	return query.And(servicenow.Any(ofType...)), nil
}

func appendKnown(list []string, value string) []string {
	if value == "" {
		return list
	}
	return append(list, value)
}

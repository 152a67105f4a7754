package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// findAlias finds an alias by its sys_id or its full id, such as sn_asana_spoke.Asana.
func findAlias(ctx context.Context, tx *store.Tx, name string) (store.Row, error) {
	alias, err := lookUp(ctx, tx, dictionary.TableAlias, name)
	if err != nil || alias != nil {
		return alias, err
	}
	var id string
	rows, err := tx.Query(ctx, `SELECT sys_id FROM sys_alias WHERE id = ? COLLATE NOCASE`, name)
	if err != nil {
		return nil, fmt.Errorf("look up the alias %s: %w", name, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("look up the alias %s: %w", name, err)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if id == "" {
		return nil, fmt.Errorf("%w: there is no connection & credential alias %q", store.ErrNotFound, name)
	}
	return tx.Get(ctx, dictionary.TableAlias, id)
}

// use is what an alias is for.
type use struct {
	vendor     dictionary.ProfileType
	properties companion.CustomProperties // of the profile that uses the alias
	processes  []dictionary.Process       // what the profile has switched on; without one, what the alias is made for
}

// useOfAlias tells what an alias is for: by the profile that uses it, else by the spoke that it or its parent comes from.
func (e *Engine) useOfAlias(ctx context.Context, tx *store.Tx, alias store.Row) (use, error) {
	profile, err := findOne(ctx, tx, dictionary.TableProfile, dictionary.ProfileAlias+"="+alias[dictionary.SysID])
	if err != nil {
		return use{}, err
	}
	if profile != nil {
		t, ok := dictionary.ProfileTypeByValue(e.opt.ReleaseFamily, profile[dictionary.ProfileType_])
		if !ok {
			return use{}, setupFailure("The profile type %s is not known on this instance.", profile[dictionary.ProfileType_])
		}
		u := use{vendor: t, processes: processesOf(t, isTrue(profile[dictionary.ProfileDownloadActivity]), isTrue(profile[dictionary.ProfileReclaim]))}
		if u.properties, err = parseProperties(profile[dictionary.ProfileCustomProperties]); err != nil {
			return u, setupFailure("%v", err)
		}
		return u, nil
	}
	t, err := e.spokeOfAlias(ctx, tx, alias)
	if err != nil {
		return use{}, err
	}
	if t == nil {
		return use{}, setupFailure("The alias %s is used by no integration profile and belongs to no spoke, so its vendor is not known. "+
			"Choose it on an integration profile first.", alias[dictionary.AliasID])
	}
	u := use{vendor: *t, processes: processesOf(*t, true, true)}
	template, err := lookUp(ctx, tx, dictionary.TableAliasTemplate, alias[dictionary.AliasTemplate])
	if err != nil {
		return u, err
	}
	for _, v := range t.AliasRule {
		if len(t.AliasRule) > 1 && (v.Alias == alias[dictionary.AliasID] || v.Template == template[dictionary.TemplateName]) {
			u.processes = processesOf(*t, v.DownloadActivity, v.Reclaim)
		}
	}
	return u, nil
}

func processesOf(t dictionary.ProfileType, activity, reclaim bool) []dictionary.Process {
	processes := []dictionary.Process{dictionary.ProcessDownload}
	if activity && t.ActivitySubflow {
		processes = append(processes, dictionary.ProcessActivity)
	}
	if reclaim {
		processes = append(processes, dictionary.ProcessReclaim)
	}
	return processes
}

// spokeOfAlias finds the profile type whose spoke an alias or its parent comes from; nil for an alias of nobody.
func (e *Engine) spokeOfAlias(ctx context.Context, tx *store.Tx, alias store.Row) (*dictionary.ProfileType, error) {
	ids := []string{alias[dictionary.AliasID]}
	parent, err := lookUp(ctx, tx, dictionary.TableAlias, alias[dictionary.AliasParent])
	if err != nil {
		return nil, err
	}
	if parent != nil {
		ids = append(ids, parent[dictionary.AliasID])
	}
	for _, t := range dictionary.ProfileTypes(e.opt.ReleaseFamily) {
		if slices.Contains(ids, t.ParentAlias) || slices.ContainsFunc(t.AliasRule, func(v dictionary.AliasVariant) bool { return slices.Contains(ids, v.Alias) }) {
			return &t, nil
		}
	}
	return nil, nil
}

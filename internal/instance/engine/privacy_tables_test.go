package engine_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// rowsAboutAPerson are the references to a user whose row is about that user alone, so that it goes with the person. A row
// that refers to a user elsewhere stays, and its reference is cleared.
var rowsAboutAPerson = map[string]string{
	dictionary.TableUserAllocation:  dictionary.AllocationUser,
	dictionary.TableGroupMember:     dictionary.MemberUser,
	dictionary.TableSubscription:    dictionary.SubscriptionUser,
	dictionary.TableSSOSubscription: "user",
	dictionary.TableDiscoveredUser:  "user",
}

// ownTables says why forgetting a person leaves each of the engine's own tables alone, or what it does there.
var ownTables = map[string]string{
	"snsam_meta":      "names nobody",
	"snsam_lease":     "names jobs and processes",
	"snsam_activity":  "names profiles",
	"snsam_tenant":    "names organisations",
	"snsam_removal":   "names candidates, which name nobody any more",
	"snsam_undo":      "deleted with the person's candidates",
	"snsam_forgotten": "keyed hashes",
}

func TestForget_knowsEveryTable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	w.publish()
	user := w.insert(dictionary.TableUser, store.Row{dictionary.UserUserName: "erika.mustermann.1", dictionary.UserEmail: "erika.mustermann@example.com"})["sys_id"]
	type place struct{ table, column, id string }
	var places []place
	require.NoError(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
		for _, table := range dictionary.Tables() {
			if table.Abstract {
				continue
			}
			for _, c := range dictionary.ColumnsOf(table.Name) {
				if c.Reference != dictionary.TableUser {
					continue
				}
				row, err := tx.Insert(t.Context(), table.Name, store.Row{c.Name: user})
				if err != nil {
					return err
				}
				places = append(places, place{table.Name, c.Name, row[dictionary.SysID]})
			}
		}
		return nil
	}))
	for table, column := range rowsAboutAPerson {
		require.True(t, slices.ContainsFunc(places, func(p place) bool { return p.table == table && p.column == column }), "%s.%s refers to a user", table, column)
	}

	_, err := w.Forget(t.Context(), "erika.mustermann@example.com", false)
	require.NoError(t, err)
	w.requireNotInFile(user, "erika.mustermann")
	for _, p := range places {
		rows := w.find(p.table, dictionary.SysID+"="+p.id)
		if rowsAboutAPerson[p.table] == p.column {
			require.Empty(t, rows, "%s.%s: a row about the person alone", p.table, p.column)
			continue
		}
		require.Len(t, rows, 1, "%s.%s: not about the person alone; if it is, delete it in deleteRows", p.table, p.column)
		require.Empty(t, rows[0][p.column])
	}
}

// A new table of the engine's own must be looked at: can it name a person?
func TestForget_knowsTheEnginesOwnTables(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	w.publish()
	var own []string
	require.NoError(t, w.db.View(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'snsam\_%' ESCAPE '\'`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			own = append(own, name)
		}
		return rows.Err()
	}))
	require.ElementsMatch(t, slices.Collect(maps.Keys(ownTables)), own)
}

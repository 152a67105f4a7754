package engine_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// BenchmarkReconciliation measures a reconciliation of 100,000 subscriptions of one model, beside its floor: one UPDATE
// that rewrites the same columns of all of them. The first writes every row; the next finds them as they are.
func BenchmarkReconciliation(b *testing.B) {
	var floor cost
	b.Run("floor", func(b *testing.B) {
		w := reconciliationWorld(b)
		var m meter
		for b.Loop() {
			m.start(b)
			require.NoError(b, w.db.Update(b.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(b.Context(), `UPDATE samp_sw_subscription SET is_reconciled = 1, unlicensed_subscription = NOT unlicensed_subscription,
					license_metric_result = sys_id, product_result = sys_id, software_model_result = sys_id`)
				return err
			}))
			m.stop()
		}
		floor = m.mean()
		report(b, benchmarkMembers, floor, floor)
	})
	for _, kind := range []string{"first", "changed", "unchanged"} {
		b.Run(kind, func(b *testing.B) {
			w := reconciliationWorld(b)
			rows := benchmarkMembers
			if kind == "unchanged" {
				w.reconcile("")
				w.forbidMarks()
				rows = 0
			}
			var m meter
			for b.Loop() {
				b.StopTimer()
				switch kind {
				case "first":
					require.NoError(b, w.Close(context.Background()))
					require.NoError(b, w.db.Close())
					w = reconciliationWorld(b)
				case "changed":
					model := w.find(dictionary.TableSoftwareModel, "")[0]["sys_id"]
					w.insert(dictionary.TableEntitlement, entitlement(model, store.Row{"purchased_rights": "1"}))
				}
				m.start(b)
				require.Equal(b, benchmarkMembers, w.reconcile("").RightsUsed)
				m.stop()
			}
			report(b, rows, m.mean(), floor)
		})
	}
}

// reconciliationWorld has a model with 100,000 subscriptions and rights for half of them, a thousand of which are allocated.
func reconciliationWorld(b *testing.B) *world {
	b.Helper()
	w := &world{t: b, clock: newClock(), url: "sqlite:" + filepath.Join(b.TempDir(), "sam.db")}
	w.open()
	_, _, model := w.model("Contoso")
	e := w.insert(dictionary.TableEntitlement, entitlement(model, store.Row{"purchased_rights": "50000"}))["sys_id"]
	require.NoError(b, w.db.Update(b.Context(), func(tx *store.Tx) error {
		const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) `
		for _, fill := range []struct {
			statement string
			args      []any
		}{
			{`INSERT INTO samp_sw_subscription (sys_id, external_user_id, user_principal_name, user, software_model, sys_created_on)
				SELECT printf('%032x', i), printf('user%06d', i), printf('user%06d@example.com', i), printf('%032x', i), ?2, '2026-01-01 00:00:00' FROM n`, []any{benchmarkMembers, model}},
			{`INSERT INTO alm_entitlement_user (sys_id, licensed_by, assigned_to) SELECT printf('%032x', i), ?2, printf('%032x', i * 100) FROM n`, []any{1000, e}},
		} {
			if _, err := tx.Exec(b.Context(), numbers+fill.statement, fill.args...); err != nil {
				return err
			}
		}
		return nil
	}))
	return w
}

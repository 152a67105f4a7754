package engine_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// priced makes a world like idle whose candidates are worth something each.
func priced(t *testing.T, n int) (*world, []store.Row) {
	t.Helper()
	w, _, candidates := idle(t, n)
	for i, c := range candidates {
		require.NoError(t, w.db.Update(t.Context(), func(tx *store.Tx) (err error) {
			candidates[i], _, err = tx.Update(t.Context(), dictionary.TableCandidate, c["sys_id"], store.Row{"potential_savings": "12.50"})
			return err
		}))
	}
	return w, candidates
}

// itemsOf are the outcomes of a run, by the number of their candidate.
func (w *world) itemsOf(run store.Row) map[string]store.Row {
	w.t.Helper()
	items := map[string]store.Row{}
	for _, item := range w.find(dictionary.TableReclamationRunItem, "run="+run["sys_id"]) {
		require.NotContains(w.t, items, item["candidate_number"])
		items[item["candidate_number"]] = item
	}
	return items
}

func TestReclaimLeavesEvidence(t *testing.T) {
	t.Parallel()
	w, c := priced(t, 3)
	person := w.get(dictionary.TableSubscription, c[1]["user_subscription"])
	require.True(t, w.trello.Login(w.get(dictionary.TableSubscription, c[2]["user_subscription"])["external_user_id"]))
	ctx := store.WithUser(t.Context(), "ada.admin")
	started, err := w.StartReclaim(ctx, companion.ReclaimRequest{
		Candidates: append(ids(c), "nope"), Protected: []string{person["user_principal_name"]},
		Evidence: companion.Evidence{Reason: "quarterly review", ChangeReference: "CHG42", ApprovedBy: "ada", RunURL: "https://ci.example.com/1"},
	}, "")
	o := outcome[companion.ReclaimOutcome](w, started, err)

	runs := w.find(dictionary.TableReclamationRun, "")
	require.Len(t, runs, 1)
	run := runs[0]
	require.Equal(t, companion.Ref{SysID: run["sys_id"], Name: "RUN0000001"}, o.Run)
	for column, want := range map[string]string{
		"number": "RUN0000001", "kind": "reclaim", "subscription_profile": w.profile, "profile_name": "Trello Enterprise", "requested": "3",
		"reason": "quarterly review", "change_reference": "CHG42", "approved_by": "ada", "run_url": "https://ci.example.com/1",
		"started_by": "ada.admin", "currency": "USD",
	} {
		require.Equal(t, want, run[column], column)
	}
	items := w.itemsOf(run)
	require.Len(t, items, 3, "an unknown candidate stands for no licence")
	for i, want := range []struct{ outcome, savings string }{{"done", "12.50"}, {"skipped_protected", "0"}, {"skipped_active", "0"}} {
		item := items[c[i]["number"]]
		require.Equal(t, want.outcome, item["outcome"])
		require.Equal(t, want.savings, item["savings"])
		require.Equal(t, c[i]["sys_id"], item["candidate"])
		require.Equal(t, "Trello Enterprise", item["product"])
	}
	message := items[c[1]["number"]]["message"]
	require.Equal(t, "the user is on the list of protected users.", message, "the evidence outlives what is stored of people")
}

func TestWhatWasReclaimedBeforeSavesNothingAgain(t *testing.T) {
	t.Parallel()
	w, c := priced(t, 1)
	require.Equal(t, companion.OutcomeDone, reclaimOne(w, c[0]).Outcome)
	require.Equal(t, companion.OutcomeAlreadyGone, reclaimOne(w, c[0]).Outcome)
	items := w.find(dictionary.TableReclamationRunItem, "")
	require.ElementsMatch(t, []string{"12.50", "0"}, []string{items[0]["savings"], items[1]["savings"]})
	require.NotEqual(t, items[0]["run"], items[1]["run"], "each call without a key is a run")
}

func TestCallsOfOneRunShareARow(t *testing.T) {
	t.Parallel()
	w, c := priced(t, 3)
	for _, candidate := range c {
		w.reclaim(companion.ReclaimRequest{Candidates: []string{candidate["sys_id"]}, RunKey: "a key", RunTotal: 3})
	}
	runs := w.find(dictionary.TableReclamationRun, "")
	require.Len(t, runs, 1)
	require.Equal(t, "3", runs[0]["requested"])
	require.Len(t, w.itemsOf(runs[0]), 3)
}

// The key of a run can be read in the run table, and whose approval a run has is only what its first call says.
func TestACallOfAnotherReasonDoesNotJoinARun(t *testing.T) {
	t.Parallel()
	w, c := priced(t, 4)
	ada := store.WithUser(t.Context(), "ada.admin")
	approved := companion.ReclaimRequest{
		Candidates: ids(c[:1]), RunKey: "a key", RunTotal: 2, Evidence: companion.Evidence{ChangeReference: "CHG42", ApprovedBy: "ada"},
	}
	start := func(ctx context.Context, r companion.ReclaimRequest) companion.Progress {
		p, err := w.StartReclaim(ctx, r, "")
		return w.ended(p, err)
	}
	require.Equal(t, companion.StatusSuccessful, start(ada, approved).Status)

	other := approved
	other.Candidates, other.Evidence.ApprovedBy = ids(c[1:2]), ""
	p := start(ada, other)
	require.Equal(t, companion.StatusFailed, p.Status)
	require.Contains(t, p.Error, "the run RUN0000001, which run_key names, has another approved_by")
	same := approved
	same.Candidates = ids(c[1:2])
	require.Equal(t, companion.StatusFailed, start(store.WithUser(t.Context(), "eve"), same).Status)
	back, err := w.StartRestore(ada, companion.RestoreRequest{Candidates: ids(c[:1]), RunKey: "a key", Evidence: approved.Evidence}, "")
	require.Equal(t, companion.StatusFailed, w.ended(back, err).Status)
	require.Equal(t, dictionary.StateReady, w.candidate(c[1])["state"])
	require.Len(t, w.find(dictionary.TableReclamationRunItem, ""), 1)

	require.Equal(t, companion.StatusSuccessful, start(ada, same).Status)
	require.Len(t, w.find(dictionary.TableReclamationRun, ""), 1)
}

func TestRunTableIsAppendOnly(t *testing.T) {
	t.Parallel()
	w, c := priced(t, 2)
	reclaimOne(w, c[0])
	for _, table := range []string{dictionary.TableReclamationRun, dictionary.TableReclamationRunItem} {
		row := w.find(table, "")[0]
		_, err := w.Insert(t.Context(), table, store.Row{}, store.WriteOptions{})
		require.ErrorContains(t, err, "the instance writes these rows")
		_, err = w.Update(t.Context(), table, row["sys_id"], store.Row{"sys_updated_by": "x"}, store.WriteOptions{})
		require.ErrorContains(t, err, "the instance writes these rows")
		require.ErrorContains(t, w.Delete(t.Context(), table, row["sys_id"]), "the instance writes these rows")
		for _, statement := range []string{"DELETE FROM " + table, "UPDATE " + table + " SET sys_mod_count = 7"} {
			err := w.db.Update(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(t.Context(), statement)
				return err
			})
			require.ErrorContains(t, err, "append-only", statement)
		}
	}
	w.clock.advance(day)
	reclaimOne(w, c[1])
	expire := func(before string) (deleted int) {
		require.NoError(t, w.db.Update(t.Context(), func(tx *store.Tx) (err error) {
			deleted, err = engine.ExpireEvidence(t.Context(), tx, before)
			return err
		}))
		return deleted
	}
	require.Zero(t, expire("2026-11-24"))
	require.Equal(t, 2, expire("2026-11-25"))
	require.Equal(t, 1, w.count(dictionary.TableReclamationRun, ""))
	require.Equal(t, c[1]["number"], w.find(dictionary.TableReclamationRunItem, "")[0]["candidate_number"])
	require.ErrorContains(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), "DELETE FROM "+dictionary.TableReclamationRun)
		return err
	}), "append-only", "retention leaves nothing open")
}

func TestEvidenceNamesNobody(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 5)
	w.reclaim(companion.ReclaimRequest{Candidates: ids(c), Protected: []string{members[0].ID, members[1].FullName}})
	var all strings.Builder
	for _, table := range []string{dictionary.TableReclamationRun, dictionary.TableReclamationRunItem} {
		for _, row := range w.find(table, "") {
			for _, value := range row {
				all.WriteString(value + "\n")
			}
		}
	}
	require.NoError(t, w.db.View(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(t.Context(), "SELECT candidate || profile || content FROM snsam_undo")
		require.NoError(t, err)
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var text string
			require.NoError(t, rows.Scan(&text))
			all.WriteString(text + "\n")
		}
		return rows.Err()
	}))
	for _, m := range members {
		for _, name := range []string{m.ID, m.FullName, m.Email} {
			if name != "" {
				require.NotContains(t, strings.ToLower(all.String()), strings.ToLower(name))
			}
		}
	}
	require.NotContains(t, all.String(), w.trello.Token())
}

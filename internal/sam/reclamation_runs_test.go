package sam_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// reclaimable are the sys_ids of the open candidates of people whom Trello lets go, each worth 12.50.
func (w *world) reclaimable(t *testing.T, profile sam.Profile) (ids []string) {
	t.Helper()
	for _, c := range collect(t, w.sam.Candidates.All(t.Context(), sam.CandidateFilter{ProfileSysID: profile.SysID, OpenOnly: true})) {
		if m, ok := w.double.Find(c.ExternalUserID); !ok || m.Admin {
			continue
		}
		ids = append(ids, c.SysID)
	}
	for model, err := range w.rest.All(t.Context(), dictionary.TableSoftwareModel, servicenow.Query{}, servicenow.WalkOptions{}) {
		require.NoError(t, err)
		_, err = w.rest.Create(t.Context(), dictionary.TableEntitlement, servicenow.Values{
			dictionary.EntitlementModel: model.ID(), dictionary.EntitlementPurchasedRights: "100", dictionary.EntitlementUnitCost: "12.50",
			dictionary.EntitlementState: dictionary.EntitlementInUse, dictionary.EntitlementStart: "2020-01-01",
		})
		require.NoError(t, err)
	}
	return ids
}

func TestReclamationRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, worldOptions{members: 40, tcp: true})
	profile := w.published(t)
	ids := w.reclaimable(t, profile)[:3]
	evidence := companion.Evidence{Reason: "quarterly review", ChangeReference: "CHG42", ApprovedBy: "ada", RunURL: "https://ci.example.com/1"}
	outcome, err := w.sam.Candidates.Reclaim(t.Context(), companion.ReclaimRequest{Candidates: ids, Evidence: evidence}, nil)
	require.NoError(t, err)
	require.Equal(t, "RUN0000001", outcome.Run.Name)
	back, err := w.sam.Candidates.Restore(t.Context(), companion.RestoreRequest{Candidates: ids[:1]}, nil)
	require.NoError(t, err)
	require.Equal(t, companion.RestorePartial, back.Items[0].Outcome, back.Items[0].Message)
	require.Equal(t, "RUN0000002", back.Run.Name)

	runs, err := w.sam.ReclamationRuns.All(t.Context(), sam.ReclamationRunFilter{})
	require.NoError(t, err)
	require.Len(t, runs, 2)
	reclaim, restore := runs[0], runs[1]
	require.Equal(t, dictionary.RunKindReclaim, reclaim.Kind)
	require.Equal(t, profile.SysID, reclaim.ProfileSysID)
	require.Equal(t, "Trello", reclaim.ProfileName)
	require.Equal(t, 3, reclaim.Requested)
	require.Equal(t, evidence, reclaim.Evidence)
	require.Equal(t, "integration", reclaim.StartedBy)
	require.Equal(t, dictionary.DefaultCurrency, reclaim.Currency)
	require.Equal(t, map[string]int{"done": 3}, reclaim.Outcomes())
	require.Equal(t, "25", reclaim.Saved().String(), "what was given back saves nothing")
	require.Equal(t, map[string]int{"partially_restored": 1}, restore.Outcomes())
	require.Equal(t, "0", restore.Saved().String())
	for _, item := range reclaim.Items {
		require.Equal(t, item.CandidateSysID == ids[0], !item.RestoredAt.IsZero())
		require.Equal(t, "12.5", item.Savings.String())
	}
	moment := reclaim.StartedAt
	for name, c := range map[string]struct {
		filter sam.ReclamationRunFilter
		want   int
	}{
		"kind":            {sam.ReclamationRunFilter{Kind: dictionary.RunKindRestore}, 1},
		"profile":         {sam.ReclamationRunFilter{ProfileSysID: profile.SysID}, 2},
		"another profile": {sam.ReclamationRunFilter{ProfileSysID: ids[0]}, 0},
		"from":            {sam.ReclamationRunFilter{From: moment}, 2},
		"from later":      {sam.ReclamationRunFilter{From: moment.Add(time.Hour)}, 0},
		"before":          {sam.ReclamationRunFilter{Before: moment}, 0},
		"period":          {sam.ReclamationRunFilter{From: moment, Before: moment.Add(time.Hour)}, 2},
	} {
		runs, err := w.sam.ReclamationRuns.All(t.Context(), c.filter)
		require.NoError(t, err)
		require.Len(t, runs, c.want, name)
		for _, run := range runs {
			require.NotEmpty(t, run.Items, name)
		}
	}
}

// More candidates than a call takes are one run all the same.
func TestReclaimInSeveralCallsIsOneRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, worldOptions{members: 600})
	ids := w.reclaimable(t, w.published(t))
	require.Greater(t, len(ids), companion.MaxReclaimCandidates)
	_, err := w.sam.Candidates.Reclaim(t.Context(), companion.ReclaimRequest{Candidates: ids}, nil)
	require.NoError(t, err)
	runs, err := w.sam.ReclamationRuns.All(t.Context(), sam.ReclamationRunFilter{})
	require.NoError(t, err)
	require.Len(t, runs, 1)
	require.Equal(t, len(ids), runs[0].Requested)
	require.Len(t, runs[0].Items, len(ids))

	_, err = w.sam.Candidates.Restore(t.Context(), companion.RestoreRequest{Candidates: ids}, nil)
	require.NoError(t, err)
	runs, err = w.sam.ReclamationRuns.All(t.Context(), sam.ReclamationRunFilter{})
	require.NoError(t, err)
	require.Len(t, runs, 2)
	require.Equal(t, map[string]int{"partially_restored": len(ids)}, runs[1].Outcomes())
	require.Equal(t, "0", runs[0].Saved().String())
}

func TestInstanceWithoutEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, worldOptions{members: 1})
	w.faults.RemoveTable(dictionary.TableReclamationRun)
	_, err := w.sam.ReclamationRuns.All(t.Context(), sam.ReclamationRunFilter{})
	var missing *sam.EvidenceMissingError
	require.ErrorAs(t, err, &missing)
	require.ErrorContains(t, err, "install it")
}

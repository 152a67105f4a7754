package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// assign gives the one unrecognized identifier a software model.
func (w *world) assign(model store.Row) {
	w.t.Helper()
	w.update(dictionary.TableUnrecognizedIdentifier, w.unrecognized()[dictionary.SysID], store.Row{dictionary.UnrecognizedModel: model[dictionary.SysID]})
}

func TestCandidatesFollowTheModelOfTheirIdentifier(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 40)
	w.publish()
	w.deactivate()
	w.refresh()
	boards := w.customModel()
	w.assign(boards)
	w.refresh()
	people := w.idle(3)
	open := w.openCandidates()
	byRule, byHand, begun := open[people[0].ID], open[people[1].ID], open[people[2].ID]
	require.NoError(t, w.Delete(t.Context(), dictionary.TableCandidate, byHand[dictionary.SysID]))
	byHand = w.insert(dictionary.TableCandidate, store.Row{dictionary.CandidateSubscription: byHand[dictionary.CandidateSubscription]})
	w.overwrite(dictionary.TableCandidate, begun[dictionary.SysID], store.Row{
		dictionary.CandidateState: dictionary.StateAwaitingRevocation, dictionary.CandidateRevocationBegun: "2026-11-24 10:00:00",
	})

	// Another model of the same product: the candidates stay, and are of it.
	pro := w.insert(dictionary.TableSoftwareModel, store.Row{
		dictionary.ModelName: "Boards Pro", dictionary.ModelDisplayName: "Boards Pro", dictionary.ModelProduct: boards[dictionary.ModelProduct],
	})
	w.insert(dictionary.TableEntitlement, store.Row{
		dictionary.EntitlementDisplayName: "Boards Pro", dictionary.EntitlementModel: pro[dictionary.SysID], dictionary.EntitlementPurchasedRights: "10",
		dictionary.EntitlementUnitCost: "60", dictionary.EntitlementStart: "2026-01-01", dictionary.EntitlementPeriod: dictionary.PeriodEntire,
		dictionary.EntitlementState: dictionary.EntitlementInUse,
	})
	w.assign(pro)
	for _, c := range []store.Row{byRule, byHand} {
		after := w.candidate(c)
		require.Equal(t, dictionary.StateReady, after[dictionary.CandidateState])
		require.Equal(t, pro[dictionary.SysID], after[dictionary.CandidateSoftwareModel])
		require.Equal(t, "60.00", after[dictionary.CandidatePotentialSavings])
	}

	// A model of another product, whose rule has yet to decide.
	product := w.insert(dictionary.TableProduct, store.Row{dictionary.ProductName: "Cards", dictionary.ProductPublisher: w.find(dictionary.TablePublisher, "name=Boards Inc.")[0]["sys_id"]})
	cards := w.insert(dictionary.TableSoftwareModel, store.Row{
		dictionary.ModelName: "Cards", dictionary.ModelDisplayName: "Cards", dictionary.ModelProduct: product[dictionary.SysID],
	})
	w.assign(cards)
	closed := w.candidate(byRule)
	require.Equal(t, dictionary.StateClosedCanceled, closed[dictionary.CandidateState])
	require.Contains(t, closed[dictionary.CandidateWorkNotes], "is of another product now")
	require.Equal(t, byRule[dictionary.CandidateProduct], closed[dictionary.CandidateProduct], "it was about the former one")
	kept := w.candidate(byHand)
	require.Equal(t, dictionary.StateReady, kept[dictionary.CandidateState], "a person decided that")
	require.Equal(t, product[dictionary.SysID], kept[dictionary.CandidateProduct])
	require.Equal(t, dictionary.StateAwaitingRevocation, w.candidate(begun)[dictionary.CandidateState], "the outcome at the vendor is open")

	w.refresh()
	again := w.openCandidates()[people[0].ID]
	rule := w.find(dictionary.TableRuleProduct, "software_product="+product[dictionary.SysID])
	require.Len(t, rule, 1)
	require.NotEqual(t, byRule[dictionary.CandidateRule], again[dictionary.CandidateRule])
	require.Equal(t, product[dictionary.SysID], again[dictionary.CandidateProduct])
	require.Zero(t, w.refresh().RowsWritten)
}

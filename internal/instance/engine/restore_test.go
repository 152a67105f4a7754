package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

func TestRestoreGivesTheLicenceBack(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 1)
	w = w.givingBack(&giving{})
	before := w.get(dictionary.TableSubscription, c[0]["user_subscription"])
	require.Equal(t, companion.OutcomeDone, reclaimOne(w, c[0]).Outcome)
	require.Equal(t, 1, w.undos())
	w.clock.advance(2 * day)

	p, err := w.StartRestore(t.Context(), companion.RestoreRequest{
		Candidates: ids(c), Evidence: companion.Evidence{Reason: "she is on leave", ChangeReference: "CHG43", ApprovedBy: "ada"},
	}, "")
	o := outcome[companion.RestoreOutcome](w, p, err)
	require.Equal(t, companion.RestoreItem{
		Candidate: c[0]["sys_id"], Number: c[0]["number"], Outcome: companion.RestoreDone,
		Message: "Trello gave the licence back", Lost: []string{"The boards were left."},
	}, o.Items[0])
	require.True(t, w.holds(members[0]))
	require.Zero(t, w.undos(), "personal data is kept no longer than it is needed")

	after := w.get(dictionary.TableSubscription, c[0]["user_subscription"])
	require.Equal(t, "2026-11-26 10:00:00", after["restored_on"])
	for column, value := range before {
		if !strings.HasPrefix(column, "sys_updated") && column != "restored_on" && column != "inactive_days" {
			require.Equal(t, value, after[column], column)
		}
	}
	candidate := w.get(dictionary.TableCandidate, c[0]["sys_id"])
	require.Equal(t, dictionary.StateClosedComplete, candidate["state"])
	require.Equal(t, "2026-11-26 10:00:00", candidate["restored_on"])
	require.Contains(t, candidate["work_notes"], "Giving the licence back; reason: she is on leave; change: CHG43; approved by: ada.")
	require.Contains(t, candidate["work_notes"], "Given back. Trello gave the licence back\nLost: The boards were left.")

	run := w.find(dictionary.TableReclamationRun, "kind=restore")[0]
	require.Equal(t, run["number"], o.Run.Name)
	item := w.itemsOf(run)[c[0]["number"]]
	require.Equal(t, "restored", item["outcome"])
	require.Equal(t, "0", item["savings"])

	again := w.restoreOne(c[0])
	require.Equal(t, companion.RestoreAlreadyHeld, again.Outcome)
	require.Contains(t, again.Message, "given back before, on 2026-11-26 10:00:00")
}

func TestWhoGotALicenceBackIsNoCandidateAtOnce(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 1)
	w = w.givingBack(&giving{})
	reclaimOne(w, c[0])
	w.restoreOne(c[0])
	o := w.refresh()
	require.Zero(t, o.Created+o.Removed)
	require.NotContains(t, w.openCandidates(), members[0].ID)
	w.clock.advance(60 * day)
	w.refresh()
	require.NotContains(t, w.openCandidates(), members[0].ID, "the threshold is 60 days")
	w.clock.advance(day)
	w.refresh()
	open, ok := w.openCandidates()[members[0].ID]
	require.True(t, ok)
	require.NotEqual(t, c[0]["sys_id"], open["sys_id"])
	require.Equal(t, companion.OutcomeDone, reclaimOne(w, open).Outcome)
	require.Equal(t, companion.RestoreDone, w.restoreOne(open).Outcome, "it can be undone as often as it is reclaimed")
}

func TestRestoreCountsAsASignOfLifeForAReclaim(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 1)
	require.NoError(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
		_, _, err := tx.Update(t.Context(), dictionary.TableSubscription, c[0]["user_subscription"], store.Row{"restored_on": "2026-11-20 00:00:00"})
		return err
	}))
	item := reclaimOne(w, c[0])
	require.Equal(t, companion.OutcomeSkippedActive, item.Outcome)
	require.Contains(t, item.Message, "given back on 2026-11-20")
	require.True(t, w.holds(members[0]))
}

func TestWithoutASnapshotNothingIsWritten(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 1)
	g := &giving{snapshot: func(context.Context, string) (json.RawMessage, error) { return nil, errors.New("503 from the vendor") }}
	w = w.givingBack(g)
	item := reclaimOne(w, c[0])
	require.Equal(t, companion.OutcomeFailed, item.Outcome)
	require.Contains(t, item.Message, "needed to undo the reclaim could not be read, so nothing was reclaimed. 503 from the vendor")
	require.True(t, w.holds(members[0]))
	require.Empty(t, w.trello.Requests().Writes)
	require.Equal(t, dictionary.StateReady, w.get(dictionary.TableCandidate, c[0]["sys_id"])["state"])
	g.snapshot = nil
	require.Equal(t, companion.OutcomeDone, reclaimOne(w, c[0]).Outcome)
}

// A reclaim that failed may have taken a part of the access, which a later snapshot would not have any more.
func TestTheFirstSnapshotIsTheOneToGoBackTo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		result connector.Result
		err    error
		want   string
	}{
		"it failed half-way":   {connector.Result{Outcome: companion.OutcomeFailed, Message: "1 of 2 groups"}, nil, "try 1"},
		"nobody knows":         {connector.Result{Outcome: companion.OutcomeFailed}, errors.New("the answer was lost"), "try 1"},
		"it was refused":       {connector.Result{Outcome: companion.OutcomeManagedElsewhere, Message: "SCIM"}, nil, "try 2"},
		"it was never sent":    {connector.Result{Outcome: companion.OutcomeFailed}, connector.ErrNothingSent, "try 2"},
		"the vendor spared it": {connector.Result{Outcome: companion.OutcomeSkippedAdmin, Message: "admin"}, nil, "try 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _, candidates := idle(t, 1)
			tries := 0
			g := &giving{snapshot: func(_ context.Context, id string) (json.RawMessage, error) {
				tries++
				return json.Marshal(fmt.Sprintf("%s: try %d", id, tries))
			}}
			w = w.givingBack(g)
			g.reclaim = func(context.Context, string) (connector.Result, error) { return c.result, c.err }
			require.NotEqual(t, companion.OutcomeDone, reclaimOne(w, candidates[0]).Outcome)
			g.reclaim = nil
			require.Equal(t, companion.OutcomeDone, reclaimOne(w, candidates[0]).Outcome)
			got := ""
			g.given = func(snapshot json.RawMessage) { got = string(snapshot) }
			require.Equal(t, companion.RestoreDone, w.restoreOne(candidates[0]).Outcome)
			require.Contains(t, got, c.want)
		})
	}
}

func TestConfluenceGivesBackTheGroups(t *testing.T) {
	t.Parallel()
	w, site := newConfluence(t, 100, "30", nil)
	w.refresh()
	for id, c := range w.openCandidates() {
		before, _ := site.Find(id)
		if before.Admin || before.Synced {
			continue
		}
		require.Equal(t, companion.OutcomeDone, reclaimOne(w, c).Outcome)
		item := w.restoreOne(c)
		require.True(t, item.Outcome.Held(), item.Message)
		after, _ := site.Find(id)
		require.Equal(t, before, after)
		require.Equal(t, 1, w.count(dictionary.TableSubscription, "external_user_id="+id))
		o := w.refresh()
		require.Zero(t, o.CandidatesOpened+o.Removed+o.Created)
		return
	}
	require.Fail(t, "nobody could be reclaimed")
}

func TestAsanaTakesThePersonInAgain(t *testing.T) {
	t.Parallel()
	w, org := newAsana(t, 60, serviceToken, nil)
	w.refresh()
	for id, c := range w.openCandidates() {
		if before, _ := org.Find(id); before.Admin {
			continue
		}
		require.Equal(t, companion.OutcomeDone, reclaimOne(w, c).Outcome)
		item := w.restoreOne(c)
		require.True(t, item.Outcome.Held(), item.Message)
		require.NotEmpty(t, item.Lost)
		after, _ := org.Find(id)
		require.True(t, after.Seat)
		require.Equal(t, 1, w.count(dictionary.TableSubscription, "external_user_id="+id))
		o := w.refresh()
		require.Zero(t, o.CandidatesOpened+o.Removed+o.Created)
		return
	}
	require.Fail(t, "nobody could be reclaimed")
}

func TestAnUndoOfNothingIsNotKept(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 1)
	w = w.givingBack(&giving{})
	require.True(t, w.trello.SetLicence(members[0].ID, false))
	require.Equal(t, companion.OutcomeAlreadyGone, reclaimOne(w, c[0]).Outcome)
	require.Zero(t, w.undos())
	item := w.restoreOne(c[0])
	require.Equal(t, companion.RestoreNotPossible, item.Outcome)
	require.Contains(t, item.Message, "this instance did not take it")
	require.False(t, w.holds(members[0]))
}

func TestRestoreRefusesWhatWasNotReclaimed(t *testing.T) {
	t.Parallel()
	w, _, c := idle(t, 2)
	w = w.givingBack(&giving{})
	items := w.restore(c[0], store.Row{"sys_id": "nope"})
	require.Equal(t, companion.RestoreNotPossible, items[c[0]["sys_id"]].Outcome)
	require.Contains(t, items[c[0]["sys_id"]].Message, "The candidate is Ready")
	require.Equal(t, companion.RestoreNotPossible, items["nope"].Outcome)

	reclaimOne(w, c[1])
	w.update(dictionary.TableProfile, w.profile, store.Row{"reclaim_subscriptions": "false"})
	w.publishNow()
	require.Equal(t, companion.RestoreDone, w.restoreOne(c[1]).Outcome, "who switches reclaim off after a mistake can still undo it")
	_, err := w.StartRestore(t.Context(), companion.RestoreRequest{}, "")
	refused(t, err, "none was named")
}

func TestRestoreNeedsTheOrganisationThatItWasTakenIn(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 1)
	w = w.givingBack(&giving{})
	reclaimOne(w, c[0])
	require.NoError(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), "UPDATE snsam_tenant SET id = 'elsewhere'")
		return err
	}))
	item := w.restoreOne(c[0])
	require.Equal(t, companion.RestoreFailed, item.Outcome)
	require.Contains(t, item.Message, "was collected in")
	require.False(t, w.holds(members[0]))
	require.Equal(t, 1, w.undos())
}

func TestRestoreThatFailedIsTriedAgain(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 1)
	g := &giving{}
	w = w.givingBack(g)
	reclaimOne(w, c[0])
	g.restore = func(context.Context, string) (connector.Restored, error) {
		return connector.Restored{Outcome: companion.RestoreFailed, Message: "No seat is free"}, nil
	}
	require.Equal(t, companion.RestoreFailed, w.restoreOne(c[0]).Outcome)
	require.Zero(t, w.count(dictionary.TableSubscription, "external_user_id="+members[0].ID))
	require.Contains(t, w.get(dictionary.TableCandidate, c[0]["sys_id"])["work_notes"], "Not given back. No seat is free")

	g.restore = func(_ context.Context, id string) (connector.Restored, error) {
		g.giveBack(id)
		return connector.Restored{}, errors.New("the answer was lost")
	}
	item := w.restoreOne(c[0])
	require.Equal(t, companion.RestoreFailed, item.Outcome)
	require.Contains(t, item.Message, "not known whether the licence was given back: the answer was lost")
	require.Empty(t, w.get(dictionary.TableCandidate, c[0]["sys_id"])["restored_on"])

	g.restore = nil
	item = w.restoreOne(c[0])
	require.Equal(t, companion.RestoreDone, item.Outcome, "it was this instance that gave it")
	require.Contains(t, item.Message, "interrupted")
	require.True(t, w.holds(members[0]))
	require.Equal(t, 1, w.count(dictionary.TableSubscription, "external_user_id="+members[0].ID))
}

// A person who got a licence in another way keeps the row that a refresh made, and no undo protects it.
func TestRestoreOfALicenceThatIsHeldAgain(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 1)
	w = w.givingBack(&giving{})
	reclaimOne(w, c[0])
	require.True(t, w.trello.SetLicence(members[0].ID, true))
	w.refresh()
	row := w.find(dictionary.TableSubscription, "external_user_id="+members[0].ID)[0]
	require.Equal(t, companion.RestoreAlreadyHeld, w.restoreOne(c[0]).Outcome)
	require.Equal(t, row, w.get(dictionary.TableSubscription, row["sys_id"]))
	require.NotEmpty(t, w.get(dictionary.TableCandidate, c[0]["sys_id"])["restored_on"], "its savings are none any more")
}

func TestCanceledRestoreFinishesTheCallInHand(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 6)
	at := newBarrier()
	g := &giving{}
	w = w.givingBack(g)
	w.reclaim(companion.ReclaimRequest{Candidates: ids(c)})
	g.restore = func(ctx context.Context, id string) (connector.Restored, error) {
		given := g.giveBack(id)
		return given, at.stop(ctx)
	}
	started, err := w.StartRestore(t.Context(), companion.RestoreRequest{Candidates: ids(c)}, "")
	require.NoError(t, err)
	<-at.reached
	canceled := make(chan companion.Progress)
	go func() {
		p, err := w.Cancel(context.WithoutCancel(t.Context()), started.Links.Progress.ID)
		if err != nil {
			t.Error(err)
		}
		canceled <- p
	}()
	close(at.release)
	<-canceled
	p := w.ended(started, nil)
	for i, candidate := range c {
		restored := w.get(dictionary.TableCandidate, candidate["sys_id"])["restored_on"] != ""
		require.Equal(t, w.holds(members[i]), restored)
	}
	done := decode[companion.RestoreOutcome](t, p).Items
	require.Equal(t, len(done), w.count(dictionary.TableReclamationRunItem, "outcome=restored"))
}

func TestVendorThatCannotGiveBack(t *testing.T) {
	t.Parallel()
	w, _, c := idle(t, 1)
	w = w.givingBack(&giving{})
	reclaimOne(w, c[0])
	w = w.reopen(func(cfg connector.Config) (connector.Connector, error) {
		made, err := unlimited(cfg)
		return struct {
			connector.Connector
			connector.Reclaimer
			connector.TenantReader
		}{made, made.(connector.Reclaimer), made.(connector.TenantReader)}, err
	})
	item := w.restoreOne(c[0])
	require.Equal(t, companion.RestoreNotPossible, item.Outcome)
	require.Contains(t, item.Message, "offers no way to give a licence back")
}

func TestUndoEndsWithItsProfile(t *testing.T) {
	t.Parallel()
	w, _, c := idle(t, 1)
	w = w.givingBack(&giving{})
	reclaimOne(w, c[0])
	require.Equal(t, 1, w.undos())
	require.NoError(t, w.Delete(t.Context(), dictionary.TableProfile, w.profile))
	require.Zero(t, w.undos())
	require.Equal(t, companion.RestoreNotPossible, w.restoreOne(c[0]).Outcome)
}

func TestTheUndoOfADeletedCandidateGoes(t *testing.T) {
	t.Parallel()
	w, _, c := idle(t, 1)
	reclaimOne(w, c[0])
	require.Equal(t, 1, w.undos())
	require.NoError(t, w.Delete(t.Context(), dictionary.TableCandidate, c[0]["sys_id"]))
	require.Zero(t, w.undos(), "nobody could use it")
}

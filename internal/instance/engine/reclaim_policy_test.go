package engine_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// group makes a user group.
func (w *world) group(name string) string {
	return w.insert(dictionary.TableUserGroup, store.Row{dictionary.GroupName: name})["sys_id"]
}

// holder gives the user of a candidate's subscription, made where there is none.
func (w *world) holder(candidate store.Row) string {
	s := w.get(dictionary.TableSubscription, candidate[dictionary.CandidateSubscription])
	if s[dictionary.SubscriptionUser] == "" {
		u := w.insert(dictionary.TableUser, store.Row{dictionary.UserUserName: "u-" + candidate["number"]})
		s = w.update(dictionary.TableSubscription, s["sys_id"], store.Row{dictionary.SubscriptionUser: u["sys_id"]})
	}
	return s[dictionary.SubscriptionUser]
}

func (w *world) join(group, user string) {
	w.insert(dictionary.TableGroupMember, store.Row{dictionary.MemberGroup: group, dictionary.MemberUser: user})
}

func TestReclaimSparesMembersOfProtectedGroups(t *testing.T) {
	t.Parallel()
	w, members, candidates := idle(t, 3)
	board, legal := w.group("Board"), w.group("Legal hold")
	w.join(board, w.holder(candidates[0]))
	w.join(legal, w.holder(candidates[1]))
	w.holder(candidates[2])
	items := w.reclaim(companion.ReclaimRequest{Candidates: ids(candidates), ProtectedGroups: []string{" bOARD ", legal}})
	for i, c := range candidates[:2] {
		require.Equal(t, companion.OutcomeSkippedProtected, items[c["sys_id"]].Outcome)
		require.True(t, w.holds(members[i]))
		require.Equal(t, dictionary.StateReady, w.get(dictionary.TableCandidate, c["sys_id"])["state"])
	}
	require.Contains(t, items[candidates[0]["sys_id"]].Message, `group "bOARD"`)
	require.Equal(t, companion.OutcomeDone, items[candidates[2]["sys_id"]].Outcome)

	item := w.reclaim(companion.ReclaimRequest{Candidates: ids(candidates[:1]), ProtectedGroups: []string{"Bored"}})[candidates[0]["sys_id"]]
	require.Equal(t, companion.OutcomeDenied, item.Outcome)
	require.Contains(t, item.Message, `"Bored" does not exist`)
	require.True(t, w.holds(members[0]))
}

func TestReclaimSparesWhoMayBeInAProtectedGroup(t *testing.T) {
	t.Parallel()
	w, members, candidates := idle(t, 1)
	w.group("Board")
	c := candidates[0]
	w.update(dictionary.TableSubscription, c[dictionary.CandidateSubscription], store.Row{dictionary.SubscriptionUser: ""})
	item := w.reclaim(companion.ReclaimRequest{Candidates: ids(candidates), ProtectedGroups: []string{"Board"}})[c["sys_id"]]
	require.Equal(t, companion.OutcomeSkippedProtected, item.Outcome)
	require.Contains(t, item.Message, "has no user")
	require.True(t, w.holds(members[0]))
}

// Whoever joins a protected group between the checks and the write keeps the licence.
func TestReclaimLooksAtGroupsWhereItStoresTheIntent(t *testing.T) {
	t.Parallel()
	w, members, candidates := idle(t, 1)
	board, user := w.group("Board"), w.holder(candidates[0])
	w.overridden(&override{tenant: w.trello.EnterpriseID(), lastActivity: func(context.Context, string) (time.Time, error) {
		w.join(board, user)
		return w.clock.Now().AddDate(-1, 0, 0), nil
	}})
	item := w.reclaim(companion.ReclaimRequest{Candidates: ids(candidates), ProtectedGroups: []string{"Board"}})[candidates[0]["sys_id"]]
	require.Equal(t, companion.OutcomeSkippedProtected, item.Outcome, item.Message)
	require.True(t, w.holds(members[0]))
}

// Whoever becomes protected between the checks and the question is not asked either.
func TestReclaimLooksAtGroupsWhereItAsksTheUser(t *testing.T) {
	t.Parallel()
	w, members, c := asking(t, 2)
	board, user := w.group("Board"), w.holder(c[0])
	w.holder(c[1])
	w.overridden(&override{tenant: w.trello.EnterpriseID(), lastActivity: func(_ context.Context, account string) (time.Time, error) {
		if account == members[0].ID {
			w.join(board, user)
		}
		return w.clock.Now().AddDate(-1, 0, 0), nil
	}}, withNotifications)
	items := w.reclaim(companion.ReclaimRequest{Candidates: ids(c), ProtectedGroups: []string{"Board"}})
	require.Equal(t, companion.OutcomeSkippedProtected, items[c[0]["sys_id"]].Outcome, items[c[0]["sys_id"]].Message)
	require.Equal(t, dictionary.StateReady, w.candidate(c[0])["state"])
	require.Zero(t, w.count(dictionary.TableEmail, "instance="+c[0]["sys_id"]))
	require.Equal(t, companion.OutcomeAwaitingUser, items[c[1]["sys_id"]].Outcome)
	require.Equal(t, 1, w.count(dictionary.TableEmail, "instance="+c[1]["sys_id"]))
}

func TestReclaimKeepsTheDailyMaximum(t *testing.T) {
	t.Parallel()
	w, _, candidates := idle(t, 8)
	counts := func(items map[string]companion.ReclaimItem) map[companion.Outcome]int {
		n := map[companion.Outcome]int{}
		for _, item := range items {
			n[item.Outcome]++
		}
		return n
	}
	request := companion.ReclaimRequest{Candidates: ids(candidates), DailyMaximum: 3}
	require.Equal(t, map[companion.Outcome]int{companion.OutcomeDone: 3, companion.OutcomeDeferred: 5}, counts(w.reclaim(request)))
	require.Len(t, w.trello.Requests().Writes, 3)
	for _, c := range candidates {
		after := w.get(dictionary.TableCandidate, c["sys_id"])
		if after["active"] == "true" {
			require.Equal(t, dictionary.StateReady, after["state"])
			require.Equal(t, c[dictionary.CandidateWorkNotes], after[dictionary.CandidateWorkNotes], "a deferred candidate is as it was")
			require.Empty(t, after[dictionary.CandidateErrorMessage])
		}
	}
	again := w.reclaim(request)
	require.Equal(t, map[companion.Outcome]int{companion.OutcomeAlreadyGone: 3, companion.OutcomeDeferred: 5}, counts(again))
	w.clock.advance(14*time.Hour - time.Second)
	require.Equal(t, 5, counts(w.reclaim(request))[companion.OutcomeDeferred], "a second before midnight (UTC)")
	w.clock.advance(time.Second)
	require.Equal(t, 3, counts(w.reclaim(request))[companion.OutcomeDone], "the next day")
	require.Len(t, w.trello.Requests().Writes, 6)
}

// Calls of which nobody knows how they ended count as if they had taken the licence.
func TestTheDailyMaximumHoldsForLicencesThatMayBeGone(t *testing.T) {
	t.Parallel()
	w, _, candidates := idle(t, 6)
	asked := 0
	w.overridden(&override{tenant: w.trello.EnterpriseID(), reclaim: func(context.Context, string) (connector.Result, error) {
		asked++
		if asked == 1 {
			return connector.Result{Outcome: companion.OutcomeSkippedAdmin, Message: "An administrator"}, nil
		}
		return connector.Result{}, fmt.Errorf("the connection broke")
	}})
	for _, c := range candidates {
		w.reclaim(companion.ReclaimRequest{Candidates: []string{c["sys_id"]}, DailyMaximum: 2})
	}
	require.Equal(t, 3, asked, "one was spared for certain, and two may have lost their licence")
}

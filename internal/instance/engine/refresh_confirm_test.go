package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// listing answers as a vendor that lists these people, walk after walk; the last list is repeated.
func listing(walks *int, lists ...[]string) func(context.Context, func([]connector.Subscription) error) (connector.Walk, error) {
	return func(_ context.Context, emit func([]connector.Subscription) error) (connector.Walk, error) {
		list := lists[min(*walks, len(lists)-1)]
		*walks++
		page := make([]connector.Subscription, 0, len(list))
		for _, id := range list {
			page = append(page, connector.Subscription{ExternalUserID: id, UserPrincipalName: id + "@example.com", Identifier: "Trello Enterprise"})
		}
		return connector.Walk{Complete: true, Total: -1}, emit(page)
	}
}

func people(n int) []string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf("u%04d", i))
	}
	return list
}

func TestAPersonWhoFellBetweenTwoPagesStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	walks := 0
	all := people(20)
	asked := map[string]bool{}
	w.overridden(&override{
		subscriptions: listing(&walks, all, all[4:], all),
		holds: func(_ context.Context, id string) (bool, error) {
			asked[id] = true
			switch id {
			case all[0]:
				return true, nil
			case all[1]:
				return false, errors.New("asking failed")
			}
			return false, nil
		},
	})
	w.publish()
	w.refresh()
	o := w.refresh()
	require.Equal(t, 2, o.Removed)
	require.Equal(t, 2, o.RemovalsHeld)
	require.Len(t, asked, 4)
	require.Contains(t, o.Warnings[0], "asking failed")
	require.Contains(t, o.Warnings[1], "still there or cannot be told")
	require.Equal(t, 2, walks, "few are asked about one by one")
	for i, there := range []int{1, 1, 0, 0} {
		require.Equal(t, there, w.count(dictionary.TableSubscription, "external_user_id="+all[i]))
	}
	require.Equal(t, 2, w.refresh().Created)
}

func TestManyWhoVanishAreLookedForInASecondWalk(t *testing.T) {
	t.Parallel()
	all := people(500)
	for name, c := range map[string]struct {
		second        []string
		removed, held int
	}{
		"gone both times":     {all[150:], 150, 0},
		"some are back":       {all[30:], 30, 120},
		"all are back":        {all, 0, 150},
		"the second is worse": {all[200:], 150, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 10)
			walks := 0
			w.overridden(&override{subscriptions: listing(&walks, all, all[150:], c.second), holds: func(context.Context, string) (bool, error) {
				return false, errors.New("nobody is asked about so many")
			}})
			w.publish()
			w.refresh()
			o := w.refresh()
			require.Equal(t, 3, walks)
			require.Equal(t, c.removed, o.Removed)
			require.Equal(t, c.held, o.RemovalsHeld)
			require.Equal(t, 500-c.removed, w.count(dictionary.TableSubscription, ""))
		})
	}
}

func TestASecondWalkThatFailsRemovesNobody(t *testing.T) {
	t.Parallel()
	all := people(500)
	for name, second := range map[string]func() (connector.Walk, error){
		"fails":      func() (connector.Walk, error) { return connector.Walk{}, errors.New("out of order") },
		"incomplete": func() (connector.Walk, error) { return connector.Walk{Total: -1}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 10)
			walks := 0
			list := listing(&walks, all, all[150:])
			w.overridden(&override{subscriptions: func(ctx context.Context, emit func([]connector.Subscription) error) (connector.Walk, error) {
				if walks == 2 {
					return second()
				}
				return list(ctx, emit)
			}})
			w.publish()
			w.refresh()
			o := w.refresh()
			require.Zero(t, o.Removed)
			require.Equal(t, 150, o.RemovalsHeld)
			require.Zero(t, o.CandidatesOpened)
		})
	}
}

func TestSubscriptionsMadeByHandDoNotWeakenTheGuard(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	walks := 0
	all := people(20)
	w.overridden(&override{subscriptions: listing(&walks, all, all[15:])})
	w.publish()
	w.refresh()
	for i := range 30 {
		w.insert(dictionary.TableSubscription, store.Row{
			"subscription_profile": w.profile, "external_user_id": fmt.Sprintf("m%d", i), "subscription_identifier": "Trello Enterprise",
		})
	}
	o := w.refresh()
	require.Zero(t, o.Removed)
	require.Equal(t, 15, o.RemovalsHeld)
	require.Contains(t, o.Warnings[0], "15 of 20 known subscriptions")
}

func TestAListWithoutActivityMakesNobodyIdle(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	walks := 0
	list := listing(&walks, people(20))
	told := false
	w.overridden(&override{subscriptions: func(ctx context.Context, emit func([]connector.Subscription) error) (connector.Walk, error) {
		walk, err := list(ctx, emit)
		walk.NoActivity = !told
		return walk, err
	}})
	w.publish()
	w.refresh()
	w.clock.advance(100 * day)
	o := w.refresh()
	require.Zero(t, o.CandidatesOpened)
	require.Contains(t, o.Warnings[0], "last activity of nobody at all")
	told = true
	require.Equal(t, 20, w.refresh().CandidatesOpened)
}

func TestACandidateWhoseSubscriptionVanishedIsNotCalledGone(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 1)
	w.overridden(&override{})
	require.True(t, w.trello.SetLicence(members[0].ID, false))
	require.Equal(t, 1, w.refresh().Removed)
	require.True(t, w.trello.SetLicence(members[0].ID, true))
	item := w.reclaim(companion.ReclaimRequest{Candidates: ids(c)})[c[0]["sys_id"]]
	require.Equal(t, companion.OutcomeSkippedClosed, item.Outcome)
	require.True(t, w.holds(members[0]))
}

package engine_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// TestRandomYears lets people come, go and work, and jobs and administrators act, in any order, and checks after each step
// what must always hold.
func TestRandomYears(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 30)
			w.publish()
			y := &year{world: w, random: rand.New(rand.NewPCG(seed, 0)), closed: map[string]string{}, asked: map[string]bool{}}
			for range 40 {
				y.step()
				y.check()
			}
			require.NotEmpty(t, y.closed, "the steps reach the end of candidates")
			require.NotEmpty(t, y.trello.Requests().Writes, "the steps reach the vendor")
		})
	}
}

type year struct {
	*world
	random *rand.Rand
	closed map[string]string // state in which a candidate was closed, by number
	asked  map[string]bool   // external ids of people whose candidate a reclaim named
}

func (y *year) step() {
	switch y.random.IntN(7) {
	case 0:
		y.clock.advance(time.Duration(y.random.IntN(40)) * day)
	case 1:
		for _, m := range y.some(licensed) {
			y.trello.Login(m.ID)
		}
	case 2: // somebody at the vendor takes or gives licences
		for _, m := range y.some(func(m double.Member) bool { return !m.Guest && !m.Admin }) {
			y.trello.SetLicence(m.ID, y.random.IntN(3) > 0)
		}
	case 3:
		require.NoError(y.t, y.RunDue(y.t.Context(), func(string) {}))
	case 4:
		open := y.find(dictionary.TableCandidate, "active=true")
		if len(open) > 0 {
			c := open[y.random.IntN(len(open))]
			y.update(dictionary.TableCandidate, c["sys_id"], store.Row{"state": dictionary.StateClosedSkipped})
		}
	case 5:
		o := y.refresh()
		require.Equal(y.t, o.Downloaded, o.Created+o.Updated+o.Unchanged, "%+v", o)
		if o.RemovalsHeld == 0 {
			y.checkMirror()
		}
	case 6:
		y.reclaimSome()
	}
}

// some are three people, chosen at random.
func (y *year) some(of func(double.Member) bool) []double.Member {
	all := y.trello.Members(0, of)
	y.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(3, len(all))]
}

func (y *year) reclaimSome() {
	request := companion.ReclaimRequest{}
	for _, c := range y.find(dictionary.TableCandidate, "") {
		if y.random.IntN(4) > 0 {
			continue
		}
		request.Candidates = append(request.Candidates, c["sys_id"])
		if c["user_subscription"] != "" {
			y.asked[y.get(dictionary.TableSubscription, c["user_subscription"])["external_user_id"]] = true
		}
	}
	if len(request.Candidates) > 0 {
		require.Len(y.t, y.reclaim(request), len(request.Candidates))
	}
}

// checkMirror compares the subscriptions with the vendor, right after a refresh.
func (y *year) checkMirror() {
	rows := y.find(dictionary.TableSubscription, "")
	members := y.trello.Members(0, licensed)
	require.Len(y.t, rows, len(members))
	for _, m := range members {
		require.Equal(y.t, 1, y.count(dictionary.TableSubscription, "external_user_id="+m.ID))
	}
}

func (y *year) check() {
	open := map[string]bool{}
	numbers := map[string]bool{}
	for _, c := range y.find(dictionary.TableCandidate, "") {
		number, state := c["number"], c["state"]
		require.False(y.t, numbers[number], number)
		numbers[number] = true
		isOpen := dictionary.CandidateOpen(state)
		require.Equal(y.t, isOpen, c["active"] == "true", "%s in state %s", number, state)
		require.Equal(y.t, isOpen, c["closed_at"] == "", "%s in state %s", number, state)
		if before, wasClosed := y.closed[number]; wasClosed {
			require.Equal(y.t, before, state, "%s was closed", number)
		}
		if !isOpen {
			y.closed[number] = state
			continue
		}
		if s := c["user_subscription"]; s != "" {
			require.False(y.t, open[s], "two open candidates for one subscription")
			open[s] = true
			require.NotEmpty(y.t, y.get(dictionary.TableSubscription, s))
		}
	}
	for _, write := range y.trello.Requests().Writes {
		require.False(y.t, write.Licensed)
		require.True(y.t, y.asked[write.Member], "nobody asked to take the licence of %s", write.Member)
	}
}

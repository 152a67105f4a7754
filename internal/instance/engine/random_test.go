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
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 30)
			w.publish()
			model := w.find(dictionary.TableSoftwareModel, "")[0]
			w.insert(dictionary.TableEntitlement, entitlement(model["sys_id"], store.Row{"unit_cost": "12.50"}))
			y := &year{world: w, random: rand.New(rand.NewPCG(seed, 0)), closed: map[string]string{}, asked: map[string]bool{}}
			for range 60 {
				y.step()
				y.check()
			}
			require.NotEmpty(t, y.closed, "the steps reach the end of candidates")
			require.NotEmpty(t, y.trello.Requests().Writes, "the steps reach the vendor")
			require.NotZero(t, y.count(dictionary.TableReclamationRunItem, "outcomeINrestored,partially_restored"), "the steps give licences back")
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
	switch y.random.IntN(8) {
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
	case 7:
		y.restoreSome()
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

func (y *year) restoreSome() {
	request := companion.RestoreRequest{}
	for _, c := range y.find(dictionary.TableCandidate, "active=false") {
		if y.random.IntN(4) > 0 {
			continue
		}
		request.Candidates = append(request.Candidates, c["sys_id"])
	}
	if len(request.Candidates) == 0 {
		return
	}
	p, err := y.StartRestore(y.t.Context(), request, "")
	require.Len(y.t, outcome[companion.RestoreOutcome](y.world, p, err).Items, len(request.Candidates))
}

// checkEvidence holds the run table against the candidates and the vendor's own record of writes.
func (y *year) checkEvidence() {
	taken, given := map[string]int{}, map[string]int{}
	done := 0
	for _, item := range y.find(dictionary.TableReclamationRunItem, "") {
		switch candidate := item["candidate"]; item["outcome"] {
		case string(companion.OutcomeDone), string(companion.OutcomeAlreadyGone):
			if item["outcome"] == string(companion.OutcomeDone) {
				done++
			}
			if item["savings"] != "0" {
				require.Equal(y.t, y.get(dictionary.TableCandidate, candidate)["potential_savings"], item["savings"])
				taken[candidate]++
			}
		case string(companion.RestoreDone), string(companion.RestorePartial), string(companion.RestoreAlreadyHeld):
			given[candidate]++
		default:
			require.Equal(y.t, "0", item["savings"])
		}
	}
	removed := 0
	for _, write := range y.trello.Requests().Writes {
		if !write.Licensed {
			removed++
		}
	}
	require.Equal(y.t, removed, done, "one licence taken at the vendor, one outcome")
	for _, c := range y.find(dictionary.TableCandidate, "") {
		want := 0
		if c["state"] == dictionary.StateClosedComplete {
			want = 1
		}
		require.Equal(y.t, want, taken[c["sys_id"]], "%s is complete by the vendor's word, once", c["number"])
		require.Equal(y.t, given[c["sys_id"]] > 0, c["restored_on"] != "", c["number"])
		require.False(y.t, want == 0 && c["restored_on"] != "", c["number"])
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
		require.True(y.t, y.asked[write.Member], "nobody asked to take the licence of %s, or to give it back", write.Member)
	}
	y.checkEvidence()
}

package licensereclamation_test

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

// clock goes on when it is told to.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(t *testing.T, moment string) {
	t.Helper()
	at, err := time.Parse(time.RFC3339, moment)
	require.NoError(t, err)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = at
}

// policy is the provider block with a reclamation policy.
func policy(w *acctest.World, attributes string) string {
	return w.ProviderBlock("reclamation_policy = { " + attributes + " }")
}

// imported is a reclamation of a profile of another root module, with its import block.
func imported(id string) string {
	return fmt.Sprintf("resource \"servicenowsam_license_reclamation\" \"trello\" {\n  profile_id = %q\n  max_removals = 100\n}\n"+
		"import {\n  to = %s\n  id = %q\n}\n", id, reclamation, id)
}

// timed is synced at a time that the test sets.
func timed(t *testing.T, moment string) (*acctest.World, *acctest.Root, []string, *clock) {
	t.Helper()
	c := new(clock)
	c.set(t, moment)
	w := acctest.NewWorld(t, acctest.Options{Now: c.Now})
	config := []string{w.Alias(), w.Profile(), w.Sync(), w.Reclamation(`max_removals = 100`)}
	root := w.Root(t, append([]string{w.ProviderBlock()}, config...)...)
	root.MustApply(t)
	return w, root, config, c
}

func TestAccPolicy_allowedInstances(t *testing.T) {
	t.Parallel()
	w, root, config := synced(t, `max_removals = 100`)
	allowed := root.MustPlan(t)
	id := ""
	write := func(list string) {
		root.Write(t, append([]string{policy(w, "allowed_instances = "+list)}, config...)...)
	}
	for _, list := range []string{`["https://prod.service-now.com"]`, `[]`} {
		write(list)
		plan := root.Plan(t)
		require.Equal(t, 1, plan.Code)
		require.Contains(t, plan.Errors(), "Nothing may be reclaimed on this instance")
		id = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`).FindString(plan.Errors())
		require.NotEmpty(t, id, "the message gives what to put into the list")
	}
	write(fmt.Sprintf("[%q]", strings.ToUpper(id)))
	require.Equal(t, planned(t, allowed), planned(t, root.MustPlan(t)))

	remote, own := w.Remote(t, nil), imported(root.Attribute(t, reclamation, "profile_id"))
	other := w.Root(t, acctest.RemoteBlock(remote, `reclamation_policy = { allowed_instances = ["prod.service-now.com"] }`), own)
	require.Contains(t, other.Plan(t).Errors(), strings.TrimPrefix(remote, "http://"), "the host is named")
	other.Write(t, acctest.RemoteBlock(remote, fmt.Sprintf(`reclamation_policy = { allowed_instances = [%q] }`, remote)), own)
	require.NotEmpty(t, planned(t, other.MustPlan(t)))
	require.Empty(t, w.Double.Requests().Writes)
}

func TestAccPolicy_freezeWindow(t *testing.T) {
	t.Parallel()
	w, root, config, clock := timed(t, "2026-11-24T10:00:00Z") // a Tuesday
	root.Write(t, append([]string{policy(w, `freeze_windows = [
		{ reason = "Change freeze", from = "2026-11-24T12:00:00Z", to = "2026-11-24T14:00:00Z" },
		{ reason = "Evenings", days = ["tuesday"], from = "18:00", timezone = "Europe/Berlin" },
	]`)}, config...)...)
	plan := root.MustPlan(t)
	require.NotContains(t, plan.Warnings(), "refused now")
	clock.set(t, "2026-11-24T12:00:00Z")
	refused := plan.Apply(t)
	require.Equal(t, 1, refused.Code)
	require.Contains(t, refused.Errors(), "Nothing may be reclaimed now")
	require.Contains(t, refused.Errors(), "Change freeze (from 2026-11-24T12:00:00Z to 2026-11-24T14:00:00Z)")

	clock.set(t, "2026-11-24T17:00:00Z")
	plan = root.MustPlan(t)
	require.Contains(t, plan.Warnings(), "An apply would be refused now")
	require.Contains(t, plan.Warnings(), "Evenings (every tuesday from 18:00 to 24:00, Europe/Berlin)")
	require.Equal(t, 1, plan.Apply(t).Code)
	require.Empty(t, w.Double.Requests().Writes)

	clock.set(t, "2026-11-24T23:00:00Z") // midnight there
	applied := root.MustPlan(t).Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	require.NotEmpty(t, w.Double.Requests().Writes)
	root.RequireEmptyPlan(t)
}

func TestAccPolicy_maxRemovalsPerDay(t *testing.T) {
	t.Parallel()
	w, root, config, clock := timed(t, "2026-11-24T10:00:00Z")
	numbers := planned(t, root.MustPlan(t))
	require.Greater(t, len(numbers), 4)
	limited := func(onExcess string, approved ...string) {
		attributes := []string{`max_removals = 100`, `on_excess = "` + onExcess + `"`}
		if approved != nil {
			attributes = append(attributes, fmt.Sprintf("approved = [%s]", `"`+strings.Join(approved, `", "`)+`"`))
		}
		config[3] = w.Reclamation(attributes...)
		root.Write(t, append([]string{policy(w, "max_removals_per_day = 3")}, config...)...)
	}
	limited("error")
	require.Contains(t, root.Plan(t).Errors(), "3 may still go today")
	limited("plan_none")
	require.Contains(t, root.MustApply(t).Warnings(), "nothing is planned")
	root.RequireEmptyPlan(t)

	limited("error", numbers[0], numbers[1])
	first := root.MustPlan(t)
	require.Contains(t, first.Warnings(), "3 may go that day on this instance")
	// What another run takes in between counts.
	id := root.Attribute(t, reclamation, "profile_id")
	_, said := w.Protocol(t, nil).Invoke(t, reclaimAction, reclaim(id, 10, numbers[2], numbers[3]))
	require.Empty(t, said)
	applied := first.Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	result := outcomes(t, root)
	require.ElementsMatch(t, []string{"done", "deferred"}, []string{result[numbers[0]], result[numbers[1]]})
	rest := numbers[0]
	if result[rest] == "done" {
		rest = numbers[1]
	}
	require.Contains(t, applied.Warnings(), "the daily maximum is 3")
	require.Len(t, w.Double.Requests().Writes, 3)

	limited("error", rest)
	require.Contains(t, root.Plan(t).Errors(), "0 may still go today")
	clock.set(t, "2026-11-25T00:00:00Z")
	plan := root.MustPlan(t)
	require.Equal(t, []string{rest}, planned(t, plan))
	applied = plan.Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	require.Equal(t, "done", outcomes(t, root)[rest])
	root.RequireEmptyPlan(t)
}

func TestAccPolicy_protectedGroups(t *testing.T) {
	t.Parallel()
	w, root, config := synced(t, `max_removals = 100`)
	numbers := planned(t, root.MustPlan(t))
	holders := map[string]string{}
	for _, number := range numbers {
		c := w.Find(t, dictionary.TableCandidate, "number="+number)[0]
		if user := w.Get(t, dictionary.TableSubscription, c[dictionary.CandidateSubscription])[dictionary.SubscriptionUser]; user != "" {
			holders[number] = user
		}
	}
	require.Greater(t, len(holders), 2)
	require.Less(t, len(holders), len(numbers), "some people have no user record")
	var known []string
	for _, number := range numbers {
		if holders[number] != "" {
			known = append(known, number)
		}
	}
	board := w.Insert(t, dictionary.TableUserGroup, map[string]string{dictionary.GroupName: "Board"})
	join := func(number string) {
		w.Insert(t, dictionary.TableGroupMember, map[string]string{dictionary.MemberGroup: board, dictionary.MemberUser: holders[number]})
	}
	join(known[0])
	write := func(groups string) {
		root.Write(t, append([]string{policy(w, "protected_groups = ["+groups+"]")}, config...)...)
	}

	write(`{ group = "Bored", reason = "misspelt" }`)
	plan := root.Plan(t)
	require.Equal(t, 1, plan.Code)
	require.Contains(t, plan.Errors(), "Unknown protected groups")
	require.Contains(t, plan.Errors(), "Bored")

	write(`{ group = "Board", reason = "they decide", expires_on = "2020-01-31" }`)
	plan = root.MustPlan(t)
	require.Contains(t, plan.Warnings(), "The members of these groups are no longer protected")
	require.Equal(t, numbers, planned(t, plan))

	write(`{ group = "board", reason = "they decide" }`)
	plan = root.MustPlan(t)
	require.Equal(t, known[1:], planned(t, plan))
	require.Contains(t, plan.Warnings(), "1 more is protected by reclamation_policy")
	require.Contains(t, plan.Warnings(), "cannot be told apart")

	protected := member(t, w, known[1])
	applied := plan.ApplyInAnotherWorld(t, func() { join(known[1]) })
	require.Zero(t, applied.Code, applied.Errors())
	require.Equal(t, "skipped_protected", outcomes(t, root)[known[1]])
	require.True(t, licensed(t, w, protected))
	require.Len(t, w.Double.Requests().Writes, len(known)-2)
	root.RequireEmptyPlan(t)
}

func TestAccPolicy_requireChangeReference(t *testing.T) {
	t.Parallel()
	w, root, config := synced(t, `max_removals = 100`)
	saved := root.MustPlan(t)
	write := func(attributes ...string) {
		config[3] = w.Reclamation(append(attributes, `max_removals = 100`)...)
		root.Write(t, append([]string{policy(w, "require_change_reference = true")}, config...)...)
	}
	for _, evidence := range []string{``, `evidence = { reason = "November" }`, `evidence = { change_reference = " " }`} {
		write(evidence)
		plan := root.Plan(t)
		require.Equal(t, 1, plan.Code)
		require.Contains(t, plan.Errors(), "A change reference is required")
	}
	write(`evidence = { change_reference = "CHG0031337" }`)
	require.Equal(t, planned(t, saved), planned(t, root.MustPlan(t)))
}

func TestPolicyHoldsForTheAction(t *testing.T) {
	t.Parallel()
	w, id, numbers := ready(t)
	w.Insert(t, dictionary.TableUserGroup, map[string]string{dictionary.GroupName: "Board"})
	for want, p := range map[string]acctest.Values{
		"Nothing may be reclaimed on this instance": {"allowed_instances": []any{"prod.service-now.com"}},
		"A change reference is required":            {"require_change_reference": true},
		"Unknown protected groups":                  {"protected_groups": []any{acctest.Values{"group": "Bored", "reason": "misspelt"}}},
		"More candidates than may go today":         {"max_removals_per_day": 1},
	} {
		provider := w.Protocol(t, acctest.Values{"reclamation_policy": p})
		config := reclaim(id, 10, numbers[0], numbers[1])
		require.Contains(t, acctest.Errors(provider.PlanAction(t, reclaimAction, config)), want)
		_, said := provider.Invoke(t, reclaimAction, config)
		require.Contains(t, acctest.Errors(said), want)
	}
	frozen := w.Protocol(t, acctest.Values{"reclamation_policy": acctest.Values{"freeze_windows": []any{
		acctest.Values{"reason": "Always", "from": "2000-01-01T00:00:00Z", "to": "2999-01-01T00:00:00Z"},
	}}})
	require.Contains(t, acctest.Warnings(frozen.PlanAction(t, reclaimAction, reclaim(id, 10, numbers[0]))), "An apply would be refused now")
	_, said := frozen.Invoke(t, reclaimAction, reclaim(id, 10, numbers[0]))
	require.Contains(t, acctest.Errors(said), "Nothing may be reclaimed now")
	require.Empty(t, w.Double.Requests().Writes)
}

// What Read pins has the same bytes as long as nothing changed, and while nobody can be reclaimed, at any time.
func TestThePinIsByteIdentical(t *testing.T) {
	t.Parallel()
	c := new(clock)
	c.set(t, "2026-11-24T10:00:00Z")
	b := &between{t: t, w: acctest.NewWorld(t, acctest.Options{Members: 24, Now: c.Now})}
	resource, p := b.setUp()
	refreshed := func() string {
		require.Empty(t, acctest.Errors(p.Refresh(t, resource)))
		return resource.Private()
	}
	full := refreshed()
	require.Equal(t, full, refreshed())
	c.set(t, "2026-11-24T11:00:00Z")
	require.NotEqual(t, full, refreshed(), "evidence has its time")

	applied := p.Apply(t, resource, p.Plan(t, resource))
	require.Empty(t, acctest.Errors(applied))
	idle := refreshed()
	c.set(t, "2026-11-25T12:00:00Z")
	require.Equal(t, idle, refreshed())
}

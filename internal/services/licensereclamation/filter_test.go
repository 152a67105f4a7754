package licensereclamation_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// filterable is synced, with people of departments and cost centres, one of whom left.
func filterable(t *testing.T) (w *acctest.World, root *acctest.Root, config, numbers, known []string) {
	t.Helper()
	w, root, config = synced(t, `max_removals = 100`)
	numbers = planned(t, root.MustPlan(t))
	for _, number := range numbers {
		if holder(t, w, number) != "" {
			known = append(known, number)
		}
	}
	require.Greater(t, len(known), 2)
	sales := w.Insert(t, dictionary.TableDepartment, map[string]string{"name": "Sales"})
	center := w.Insert(t, dictionary.TableCostCenter, map[string]string{"name": "4711 North"})
	w.Change(t, dictionary.TableUser, holder(t, w, known[0]), map[string]string{dictionary.UserDepartment: sales})
	w.Change(t, dictionary.TableUser, holder(t, w, known[1]), map[string]string{dictionary.UserDepartment: sales, dictionary.UserCostCenter: center})
	w.Change(t, dictionary.TableUser, holder(t, w, known[2]), map[string]string{dictionary.UserActive: "false"})
	return w, root, config, numbers, known
}

// holder is the user whose licence a candidate is about.
func holder(t *testing.T, w *acctest.World, number string) string {
	t.Helper()
	c := w.Find(t, dictionary.TableCandidate, "number="+number)[0]
	return w.Get(t, dictionary.TableSubscription, c[dictionary.CandidateSubscription])[dictionary.SubscriptionUser]
}

func TestAccReclamation_filters(t *testing.T) {
	t.Parallel()
	w, root, config, numbers, known := filterable(t)
	var idle []string // for at least as long as the first who has days at all
	limit := 0
	for _, number := range numbers {
		days, err := strconv.Atoi(w.Find(t, dictionary.TableCandidate, "number="+number)[0][dictionary.CandidateInactiveDays])
		if err != nil {
			continue
		}
		if limit == 0 {
			limit = days
		}
		if days >= limit {
			idle = append(idle, number)
		}
	}
	require.NotEmpty(t, idle)
	for filter, want := range map[string][]string{
		`departments = ["SALES", "Marketing"]`:                                  known[:2],
		`cost_centers = ["4711 north"]`:                                         known[1:2],
		`departments = ["Sales"]` + "\n" + `leavers = "only"`:                   nil,
		`leavers = "only"`:                                                      known[2:3],
		`leavers = "first"`:                                                     numbers,
		`justifications = ["low_usage", "unlicensed"]`:                          numbers,
		`justifications = ["restricted_software"]`:                              nil,
		`products = ["trello enterprise"]`:                                      numbers,
		`products = ["Asana"]`:                                                  nil,
		fmt.Sprintf(`min_inactive_days = %d`, limit):                            idle,
		`software_models = ["No such model"]`:                                   nil,
		fmt.Sprintf(`approved = [%q]`+"\n"+`departments = ["Sales"]`, known[1]): known[1:2],
	} {
		config[3] = w.Reclamation(`max_removals = 100`, filter)
		root.Write(t, append([]string{w.ProviderBlock()}, config...)...)
		plan := root.MustPlan(t)
		if want == nil {
			require.Empty(t, planned(t, plan), filter)
			continue
		}
		require.ElementsMatch(t, want, planned(t, plan), filter)
		if left := len(numbers) - len(want); left > 0 && want[0] != known[1] {
			require.Contains(t, plan.Warnings(), fmt.Sprintf("%d more are left out by the filters", left), filter)
		}
	}

	config[3] = w.Reclamation(`max_removals = 100`, `departments = ["Sales"]`)
	root.Write(t, append([]string{w.ProviderBlock()}, config...)...)
	root.MustApply(t)
	require.Equal(t, map[string]string{known[0]: "done", known[1]: "done"}, outcomes(t, root))
	root.RequireEmptyPlan(t)

	for filter, want := range map[string]string{
		`justifications = ["sloth"]`: "sloth", `departments = []`: "at least 1", `leavers = "last"`: "last", `min_inactive_days = 0`: "at least 1",
		`approved = ["RCC0000001"]` + "\n" + `approved_users = { RCC0000001 = "x" }`: "cannot be specified when",
	} {
		root.Write(t, append([]string{w.ProviderBlock()}, append(config[:3:3], w.Reclamation(`max_removals = 100`, filter))...)...)
		plan := root.Plan(t)
		require.Equal(t, 1, plan.Code, filter)
		require.Contains(t, plan.Errors(), want, filter)
	}
}

func TestAccReclamation_reviewHasWhatAReviewerNeeds(t *testing.T) {
	t.Parallel()
	w, root, _, numbers, known := filterable(t)
	db, err := store.New(w.DatabaseURL(), store.Options{})
	require.NoError(t, err)
	require.NoError(t, db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE samp_sw_reclamation_candidate SET potential_savings = '12.5' WHERE number = ?`, known[0])
		return err
	}))
	require.NoError(t, db.Close())
	plan := root.MustPlan(t)
	require.Contains(t, plan.Warnings(), "People who left (1):\n  "+known[2])
	require.Contains(t, plan.Warnings(), fmt.Sprintf("Low Usage (%d):", len(numbers)-1))
	require.Contains(t, plan.Warnings(), "potential savings 12.50 USD")
	after := plan.Change(reclamation).After.(map[string]any)
	require.Equal(t, "12.5", after["total_potential_savings"])
	require.Equal(t, "USD", after["currency"])
	require.Contains(t, after["reclaim_effect"], "loses the Trello Enterprise licence")
	require.Contains(t, after["restore_effect"], "gets the licence back")
	require.Equal(t, true, after["removals"].(map[string]any)[known[2]].(map[string]any)["leaver"])

}

package licensereclamation

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

var update = flag.Bool("update", false, "write the expected texts anew")

func days(n int) *int { return &n }

// sixty are candidates of every kind, in the order of a plan.
func sixty() (candidates []candidate, names map[string]string) {
	names = map[string]string{}
	add := func(c candidate, name string) {
		n := len(candidates) + 1
		c.SysID, c.Number, c.Product = fmt.Sprintf("c%d", n), fmt.Sprintf("RCC%07d", n), "Trello Enterprise"
		names[c.SysID] = name
		candidates = append(candidates, c)
	}
	for n := range 3 {
		add(candidate{Leaver: true, Justification: dictionary.JustificationLowUsage, InactiveDays: days(400 + n), PotentialSavings: "17.5", Attempt: attemptFirst},
			fmt.Sprintf("Left Person %d <left.%d@example.com>", n, n))
	}
	add(candidate{Leaver: true, Justification: dictionary.JustificationLowUsage, PotentialSavings: "17.5", Attempt: attemptRetry}, "Zoë Ångström <zoe@example.com>")
	for n := range 50 {
		add(candidate{Justification: dictionary.JustificationLowUsage, InactiveDays: days(61 + 7*n), PotentialSavings: "17.5", Attempt: attemptFirst, AsksUser: n%25 == 0},
			fmt.Sprintf("Person %d <person.%d@example.com>", n, n))
	}
	add(candidate{Justification: dictionary.JustificationUnlicensed, InactiveDays: days(1), Attempt: attemptFirst}, "vendor account 5fbcd9a07ac31f456c000001")
	for range 3 {
		add(candidate{Justification: dictionary.JustificationLowUsage, InactiveDays: days(90), PotentialSavings: "17.5", Attempt: attemptRetry}, "(name could not be looked up)")
	}
	for range 2 {
		add(candidate{Justification: dictionary.JustificationLowUsage, PotentialSavings: "17.5", Attempt: attemptResume}, "A Name That Is Much Longer Than The Others <longer@subdomain.example.com>")
	}
	return candidates, names
}

func TestReviewOfSixty(t *testing.T) {
	t.Parallel()
	candidates, names := sixty()
	require.Len(t, candidates, 60)
	r := review{
		profile: "Trello", profileType: "trello_enterprise_subscription", currency: "EUR", limit: 100, family: dictionary.Australia,
		remark: "Seen at 2026-11-24T10:00:00Z; whoever is active again by the time of the apply keeps the licence. 2 more are protected by reclamation_policy.",
	}
	d := r.warning(candidates, names)
	require.Equal(t, "Review: this plan reclaims 60 licences", d.Summary())
	golden := filepath.Join("testdata", "review.txt")
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(d.Detail()+"\n"), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err, "run go test -update")
	require.Equal(t, string(want), d.Detail()+"\n")
}

func TestTotalSavings(t *testing.T) {
	t.Parallel()
	require.Equal(t, "0.3", totalSavings([]candidate{{PotentialSavings: "0.1"}, {PotentialSavings: "0.2"}, {}, {PotentialSavings: "?"}}))
	r := review{currency: "USD"}
	for text, want := range map[string]string{"": "", "0": "", "12": "12.00 USD", "12.5": "12.50 USD", "12.505": "12.505 USD"} {
		require.Equal(t, want, r.amount(text), text)
	}
}

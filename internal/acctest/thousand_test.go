package acctest_test

import (
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/provider"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// withoutBudgets are the connectors without the vendors' limits, which would make a thousand licences take five minutes.
func withoutBudgets() map[string]connector.Factory {
	connectors := provider.Connectors()
	for vendor, connect := range connectors {
		connectors[vendor] = func(c connector.Config) (connector.Connector, error) {
			c.Unlimited = true
			return connect(c)
		}
	}
	return connectors
}

// thousand is a complete world in which one plan names more than 1,000 people.
func thousand(t *testing.T) (w *acctest.World, root *acctest.Root, plan *acctest.Plan) {
	t.Helper()
	w = acctest.NewWorld(t, acctest.Options{Members: 4300, Connectors: withoutBudgets()})
	root = w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(), w.Reclamation(`max_removals = 5000`))
	root.MustApply(t)
	plan = root.MustPlan(t)
	require.GreaterOrEqual(t, len(planned(t, plan)), 1000)
	return w, root, plan
}

// requireOnce makes sure that everybody whom the plan named lost the licence, and nobody was asked for twice, apart from
// those whose call was cut off.
func requireOnce(t *testing.T, w *acctest.World, before []string, n, cutOff int) {
	t.Helper()
	require.Len(t, holders(w), len(before)-n)
	asked := w.Double.Requests().ByRoute[trello.RouteLicensed]
	require.GreaterOrEqual(t, asked, n)
	require.LessOrEqual(t, asked, n+cutOff)
	closed := w.Find(t, dictionary.TableCandidate, "state="+dictionary.StateClosedComplete)
	require.Len(t, closed, n)
}

func TestAccThousandLicences(t *testing.T) {
	t.Parallel()
	w, root, plan := thousand(t)
	before, n := holders(w), len(planned(t, plan))
	begin := time.Now()
	applied := plan.Apply(t)
	t.Logf("%d licences in %s", n, time.Since(begin))
	require.Zero(t, applied.Code, applied.Errors())
	requireOnce(t, w, before, n, 0)
	require.Len(t, w.Find(t, dictionary.TableReclamationRun, ""), 1, "ten calls are one run")
	require.Len(t, w.Find(t, dictionary.TableReclamationRunItem, ""), n)
	root.RequireEmptyPlan(t)
}

// Environment of the process that is killed.
const (
	envVictimDatabase = "SAM_TEST_DATABASE"
	envVictimProfile  = "SAM_TEST_PROFILE"
)

// TestThousandLicencesVictim is the process that TestAccThousandLicences_killed kills.
func TestThousandLicencesVictim(t *testing.T) {
	t.Parallel()
	if os.Getenv(envVictimDatabase) == "" {
		t.Skip("only TestAccThousandLicences_killed runs it, to kill it")
	}
	w := acctest.ExistingWorld(t, os.Getenv(envVictimDatabase), acctest.Options{Connectors: withoutBudgets()})
	p := w.Protocol(t, nil)
	var numbers []any
	for _, c := range w.Find(t, dictionary.TableCandidate, "state="+dictionary.StateReady+"^ORDERBYnumber") {
		numbers = append(numbers, c[dictionary.CandidateNumber])
	}
	_, said := p.Invoke(t, "servicenowsam_license_reclamation", acctest.Values{
		"profile_id": os.Getenv(envVictimProfile), "candidates": numbers, "max_removals": 5000,
	})
	require.Empty(t, said)
}

func TestAccThousandLicences_killed(t *testing.T) {
	t.Parallel()
	w, root, plan := thousand(t)
	before, n := holders(w), len(planned(t, plan))
	//nolint:gosec // this test binary
	victim := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestThousandLicencesVictim$")
	victim.Env = append(os.Environ(), envVictimDatabase+"="+w.Database, envVictimProfile+"="+root.Attribute(t, profile, "id"),
		"TMPDIR="+t.TempDir())
	require.NoError(t, victim.Start())
	require.Eventually(t, func() bool { return w.Double.Requests().ByRoute[trello.RouteLicensed] > n/3 }, 2*soonEnough, 5*time.Millisecond)
	require.NoError(t, victim.Process.Signal(syscall.SIGKILL))
	require.Error(t, victim.Wait())
	gone := len(before) - len(holders(w))
	require.Less(t, gone, n, "the kill came too late")

	again := root.MustPlan(t)
	left := planned(t, again)
	require.GreaterOrEqual(t, len(left), n-gone)
	require.LessOrEqual(t, len(left), n-gone+reclaimsAtOnce)
	for _, number := range left {
		require.True(t, slices.Contains(planned(t, plan), number))
	}
	applied := again.Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	requireOnce(t, w, before, n, reclaimsAtOnce)
	root.RequireEmptyPlan(t)
}

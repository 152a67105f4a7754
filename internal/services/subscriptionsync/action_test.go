package subscriptionsync_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

const syncAction = "servicenowsam_subscription_sync"

// published is a world with a published profile, and its id.
func published(t *testing.T, attributes ...string) (*acctest.World, string) {
	t.Helper()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(attributes...))
	root.MustApply(t)
	return w, root.Attribute(t, "servicenowsam_integration_profile.trello", "id")
}

func TestSyncAction_repeated(t *testing.T) {
	t.Parallel()
	w, id := published(t)
	p := w.Protocol(t, nil)
	config := acctest.Values{"profile_id": id}
	require.Empty(t, p.PlanAction(t, syncAction, config))
	require.Empty(t, w.Find(t, dictionary.TableSubscription, ""), "a plan runs nothing")

	progress, diagnostics := p.Invoke(t, syncAction, config)
	require.Empty(t, acctest.Errors(diagnostics))
	require.Len(t, w.Find(t, dictionary.TableSubscription, ""), licensed(w))
	require.Greater(t, len(progress), 1, "what happens, and what came of it")
	for i, line := range progress[1:] {
		require.NotEqual(t, progress[i], line, "a line only where something changed")
	}
	require.Contains(t, progress[len(progress)-1], fmt.Sprintf("%d users listed; %[1]d subscriptions new", licensed(w)))

	progress, diagnostics = p.Invoke(t, syncAction, config)
	require.Empty(t, acctest.Errors(diagnostics))
	require.Contains(t, progress[len(progress)-1], "0 subscriptions new, 0 changed, 0 removed")
	require.Empty(t, w.Double.Requests().Writes, "a sync never reclaims")
}

func TestSyncAction_vendorFails(t *testing.T) {
	t.Parallel()
	w, id := published(t)
	p := w.Protocol(t, nil)
	require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.FaultExpiredToken}))
	_, diagnostics := p.Invoke(t, syncAction, acctest.Values{"profile_id": id})
	require.Contains(t, acctest.Errors(diagnostics), "Could not refresh subscriptions of integration profile")

	w.Double.ClearFaults()
	_, diagnostics = p.Invoke(t, syncAction, acctest.Values{"profile_id": id})
	require.Empty(t, acctest.Errors(diagnostics))
	require.Len(t, w.Find(t, dictionary.TableSubscription, ""), licensed(w))
}

func TestSyncAction_maxRemovalFraction(t *testing.T) {
	t.Parallel()
	w, id := published(t)
	p := w.Protocol(t, nil)
	p.Invoke(t, syncAction, acctest.Values{"profile_id": id})
	known := licensed(w)
	require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.FaultNoMembers}))
	_, diagnostics := p.Invoke(t, syncAction, acctest.Values{"profile_id": id})
	require.Contains(t, acctest.Warnings(diagnostics), "run the action again")
	require.Len(t, w.Find(t, dictionary.TableSubscription, ""), known)

	require.Contains(t, acctest.Errors(p.PlanAction(t, syncAction, acctest.Values{"profile_id": id, "max_removal_fraction": 1.5})), "1.5")
}

func TestSyncAction_ownDeadline(t *testing.T) {
	t.Parallel()
	w, id := published(t)
	require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.FaultSlow, DelayMS: 60_000}))
	_, diagnostics := w.Protocol(t, nil).Invoke(t, syncAction, acctest.Values{
		"profile_id": id, "timeouts": acctest.Values{"invoke": "300ms"},
	})
	require.Contains(t, acctest.Errors(diagnostics), "ran out of time")
}

func TestSyncAction_refused(t *testing.T) {
	t.Parallel()
	w, id := published(t, "publish = false")
	p := w.Protocol(t, nil)
	require.Empty(t, p.PlanAction(t, syncAction, acctest.Values{"profile_id": id}), "the apply may publish it")
	_, diagnostics := p.Invoke(t, syncAction, acctest.Values{"profile_id": id})
	require.Contains(t, acctest.Errors(diagnostics), "is not published")

	require.Empty(t, p.PlanAction(t, syncAction, acctest.Values{"profile_id": acctest.Unknown}))
	gone := acctest.Values{"profile_id": "0123456789abcdef0123456789abcdef"}
	require.Contains(t, acctest.Errors(p.PlanAction(t, syncAction, gone)), "No such integration profile")
	_, diagnostics = p.Invoke(t, syncAction, gone)
	require.Contains(t, acctest.Errors(diagnostics), "No such integration profile")
}

func TestSyncAction_tableMode(t *testing.T) {
	t.Parallel()
	faults := new(restapi.Faults)
	faults.RemoveCompanion()
	w := acctest.NewWorld(t, acctest.Options{Faults: faults})
	diagnostics := w.Protocol(t, nil).PlanAction(t, syncAction, acctest.Values{"profile_id": "0123456789abcdef0123456789abcdef"})
	require.Contains(t, acctest.Errors(diagnostics), "companion app")
}

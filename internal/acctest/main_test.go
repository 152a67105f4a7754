package acctest_test

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

const (
	alias       = "servicenowsam_connection_alias.trello"
	profile     = "servicenowsam_integration_profile.trello"
	refresh     = "servicenowsam_subscription_sync.trello"
	reclamation = "servicenowsam_license_reclamation.trello"
)

// everything is every managed resource of the first whole path.
var everything = []string{alias, profile, refresh, reclamation}

// atOnce is how many tests run at the same time, unless -parallel says otherwise. They wait more than they work: for
// retries, rate limits and leases.
const atOnce = "8"

func TestMain(m *testing.M) {
	flag.Parse()
	if p := flag.Lookup("test.parallel"); p.Value.String() == p.DefValue {
		if err := p.Value.Set(atOnce); err != nil {
			panic(err)
		}
	}
	acctest.Main(m)
}

// credentials are what one version of an alias sends.
type credentials struct {
	key, token string
	version    int
}

func good(w *acctest.World, version int) credentials {
	return credentials{w.Double.Key(), w.Double.Token(), version}
}

// aliasWith is World.Alias with other secrets.
func aliasWith(w *acctest.World, c credentials) string {
	return fmt.Sprintf("resource \"servicenowsam_connection_alias\" \"trello\" {\n  adopt = \"sn_trello_spoke.Trello_Alias\"\n"+
		"  connection_url = %q\n  api_key = {\n    key_wo = %q\n    key_wo_version = %d\n    token_wo = %q\n    token_wo_version = %d\n  }\n}\n",
		w.Double.URL, c.key, c.version, c.token, c.version)
}

// trigger is the attribute of a sync that starts another run whenever it changes.
func trigger(n int) string { return fmt.Sprintf("triggers = { run = \"%d\" }", n) }

// synced is a root whose first refresh is done.
func synced(t *testing.T, w *acctest.World) *acctest.Root {
	t.Helper()
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(trigger(1)))
	root.MustApply(t)
	return root
}

// complete is a root with everything, ready for a plan that reclaims.
func complete(t *testing.T, w *acctest.World) *acctest.Root {
	t.Helper()
	root := w.Root(t, completeConfig(w)...)
	root.MustApply(t)
	return root
}

func completeConfig(w *acctest.World) []string {
	return []string{w.ProviderBlock(), w.Alias(), w.Profile(), w.Sync(), w.Reclamation(`max_removals = 1000`)}
}

// known are the external ids of the subscriptions that the instance holds.
func known(t *testing.T, w *acctest.World) []string {
	t.Helper()
	var ids []string
	for _, row := range w.Find(t, dictionary.TableSubscription, "") {
		ids = append(ids, row[dictionary.SubscriptionExternalUserID])
	}
	slices.Sort(ids)
	return ids
}

// holders are the ids of the people who hold a licence at the vendor.
func holders(w *acctest.World) []string {
	var ids []string
	for _, m := range w.Double.Members(0, func(m trello.Member) bool { return m.Licensed && !m.Deactivated }) {
		ids = append(ids, m.ID)
	}
	slices.Sort(ids)
	return ids
}

// planned are the numbers of the removals that a plan names, in order.
func planned(t *testing.T, p *acctest.Plan) []string {
	t.Helper()
	change := p.Change(reclamation)
	require.NotNil(t, change)
	removals, ok := change.After.(map[string]any)["removals"].(map[string]any)
	require.True(t, ok, "removals are not known: %v", change.After)
	return slices.Sorted(maps.Keys(removals))
}

// outcomes are what became of each candidate, by number.
func outcomes(t *testing.T, root *acctest.Root) map[string]string {
	t.Helper()
	result := map[string]string{}
	for number, o := range root.Attributes(t, reclamation)["outcomes"].(map[string]any) {
		result[number] = o.(map[string]any)["outcome"].(string)
	}
	return result
}

// personOf is the vendor's id of the person behind a candidate that is still open.
func personOf(t *testing.T, w *acctest.World, number string) string {
	t.Helper()
	candidates := w.Find(t, dictionary.TableCandidate, dictionary.CandidateNumber+"="+number)
	require.Len(t, candidates, 1)
	subscription := w.Get(t, dictionary.TableSubscription, candidates[0][dictionary.CandidateSubscription])
	require.NotNil(t, subscription, "candidate %s has no subscription", number)
	return subscription[dictionary.SubscriptionExternalUserID]
}

// requireAll fails unless a text holds every part.
func requireAll(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		require.Contains(t, text, part)
	}
}

// requireKept fails unless the state still holds every resource.
func requireKept(t *testing.T, root *acctest.Root, addresses ...string) {
	t.Helper()
	for _, address := range addresses {
		require.NotNil(t, root.Attributes(t, address), "%s is lost from the state", address)
	}
}

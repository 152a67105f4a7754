package acctest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

// path is the whole path of one vendor; Trello's tests are apart.
type path struct {
	name, profileType, alias, url string
	credential                    string
	profile                       string // more attributes of the profile
}

func (p path) config(w *acctest.World, run int, more ...string) []string {
	return append([]string{
		w.ProviderBlock(),
		acctest.Resource("connection_alias", p.name, fmt.Sprintf("adopt = %q", p.alias), fmt.Sprintf("connection_url = %q", p.url), p.credential),
		acctest.Resource("integration_profile", p.name, fmt.Sprintf("display_name = %q", p.name), fmt.Sprintf("profile_type = %q", p.profileType),
			fmt.Sprintf("connection_alias_id = servicenowsam_connection_alias.%s.id", p.name), p.profile),
		acctest.Resource("subscription_sync", p.name, fmt.Sprintf("profile_id = servicenowsam_integration_profile.%s.id", p.name), trigger(run)),
	}, more...)
}

func (p path) reclamation() string {
	return acctest.Resource("license_reclamation", p.name, fmt.Sprintf("profile_id = servicenowsam_subscription_sync.%s.profile_id", p.name),
		"max_removals = 1000")
}

func (p path) sync() string { return "servicenowsam_subscription_sync." + p.name }

const confluenceBoth = "sn_conflunce_spoke.confluence_subscription_activity_reclaim"

func asanaPath(d *asana.Server, credential string) path {
	return path{name: "asana", profileType: "asana_subscription", alias: "sn_asana_spoke.Asana", url: d.URL, credential: credential}
}

func confluencePath(d *confluence.Server, credential string) path {
	return path{name: "confluence", profileType: "confluence_cloud_subscription", alias: confluenceBoth, url: d.GatewayURL(), credential: credential}
}

// reclaimEverybody plans and applies, and gives what became of each candidate.
func (p path) reclaimEverybody(t *testing.T, root *acctest.Root) map[string]int {
	t.Helper()
	plan := root.MustPlan(t)
	require.Contains(t, plan.Warnings(), "Review: this plan reclaims")
	applied := plan.Apply(t)
	require.Zero(t, applied.Code, applied.Errors())
	counts := map[string]int{}
	for _, o := range root.Attributes(t, "servicenowsam_license_reclamation."+p.name)["outcomes"].(map[string]any) {
		counts[o.(map[string]any)["outcome"].(string)]++
	}
	root.RequireEmptyPlan(t)
	return counts
}

func TestAccAsana_wholePath(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	d := w.Asana(t, asana.Options{ExportTakes: time.Millisecond})
	seats := func() int { return len(d.Members(0, func(m asana.Member) bool { return m.Seat })) }
	before := seats()
	p := asanaPath(d, acctest.BearerToken(d.ServiceToken(), 1))
	root := w.Root(t, p.config(w, 1, p.reclamation())...)
	root.MustApply(t)
	run := root.Attributes(t, p.sync())
	require.EqualValues(t, before, run["downloaded"])
	require.Equal(t, "resource export", run["activity_method"])
	require.Equal(t, false, run["activity_partial"])
	require.Positive(t, run["activity_events"])
	require.Positive(t, run["candidates_opened"])
	counts := p.reclaimEverybody(t, root)
	require.Equal(t, before-seats(), counts["done"])
	require.Positive(t, counts["done"])
}

func TestAccAsana_blindSpotIsUnknown(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	d := w.Asana(t, asana.Options{})
	p := asanaPath(d, acctest.BearerToken(d.Token(), 1))
	root := w.Root(t, p.config(w, 1)...)
	root.MustApply(t)
	run := root.Attributes(t, p.sync())
	require.Positive(t, run["activity_unknown"], "an admin's token does not see private tasks")
	require.EqualValues(t, 0, run["candidates_opened"])
}

func TestAccAsana_badInput(t *testing.T) {
	t.Parallel()
	for fault, wants := range map[asana.Fault][]string{
		asana.FaultPlainWorkspace:   {"organi"},
		asana.FaultTwoOrganizations: {"workspace_id"},
		asana.FaultNonAdmin:         {"is no admin"},
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, acctest.Options{})
			d := w.Asana(t, asana.Options{Members: 5})
			require.NoError(t, d.Inject(asana.Injection{Fault: fault}))
			failed := w.Root(t, asanaPath(d, acctest.BearerToken(d.Token(), 1)).config(w, 1)...).Apply(t)
			require.Equal(t, 1, failed.Code)
			requireAll(t, failed.Errors(), wants...)
			require.NotContains(t, failed.Output, d.Token())
		})
	}
	t.Run("a plan without export", func(t *testing.T) {
		t.Parallel()
		w := acctest.NewWorld(t, acctest.Options{})
		d := w.Asana(t, asana.Options{Members: 5})
		require.NoError(t, d.Inject(asana.Injection{Fault: asana.FaultFreePlan}))
		p := asanaPath(d, acctest.BearerToken(d.Token(), 1))
		p.profile = `vendor_config = { asana = { activity_method = "audit_log" } }`
		failed := w.Root(t, p.config(w, 1)...).Apply(t)
		require.Equal(t, 1, failed.Code)
		require.Contains(t, failed.Errors(), "audit log")
	})
}

func TestAccConfluence_wholePath(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	d := w.Confluence(t, confluence.Options{})
	seats := func() int { return len(d.Members(0, func(m confluence.Member) bool { return m.Seat })) }
	before := seats()
	p := confluencePath(d, acctest.BearerToken(d.Token(), 1)+fmt.Sprintf("admin_api_key = { key_wo = %q, key_wo_version = 1 }\n", d.AdminKey()))
	p.profile = fmt.Sprintf("vendor_config = { confluence = { organization_id = %q } }", d.OrganizationID())
	root := w.Root(t, p.config(w, 1, p.reclamation())...)
	root.MustApply(t)
	run := root.Attributes(t, p.sync())
	require.EqualValues(t, before, run["downloaded"])
	require.Positive(t, run["candidates_opened"], "the admin API tells when people joined")
	counts := p.reclaimEverybody(t, root)
	require.Positive(t, counts["done"])
	require.Equal(t, before-seats(), counts["done"])
}

// Confluence does not say when an account was made, so the first sight of it protects.
func TestAccConfluence_firstSightProtects(t *testing.T) {
	t.Parallel()
	now := time.Now()
	w := acctest.NewWorld(t, acctest.Options{Now: func() time.Time { return now }})
	d := w.Confluence(t, confluence.Options{})
	p := confluencePath(d, acctest.BearerToken(d.Token(), 1))
	root := w.Root(t, p.config(w, 1)...)
	root.MustApply(t)
	require.EqualValues(t, 0, root.Attributes(t, p.sync())["candidates_opened"])
	now = now.AddDate(0, 0, 61)
	root.Write(t, p.config(w, 2)...)
	root.MustApply(t)
	require.Positive(t, root.Attributes(t, p.sync())["candidates_opened"])
}

func TestAccConfluence_badInput(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		profile string
		faults  []confluence.Fault
		scopes  string // of a grant; empty takes an API token
		cloudID string
		wants   []string
	}{
		"a group that does not exist": {
			profile: `vendor_config = { confluence = { group_ids = ["3f1c2f5e-0000-4000-8000-00000000dead"] } }`,
			wants:   []string{"3f1c2f5e-0000-4000-8000-00000000dead"},
		},
		"a cloud id that the token cannot see": {
			cloudID: "11111111-2222-4333-8444-555555555555", scopes: "read:confluence-groups read:confluence-user search:confluence write:confluence-groups offline_access",
			wants: []string{"not good"},
		},
		"a scope is missing": {
			scopes: "read:confluence-groups read:confluence-user search:confluence offline_access",
			wants:  []string{"lacks the scope write:confluence-groups"},
		},
		"no site": {
			faults: []confluence.Fault{confluence.FaultNoSites}, scopes: "read:confluence-groups read:confluence-user search:confluence write:confluence-groups offline_access",
			wants: []string{"no site at all"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, acctest.Options{})
			d := w.Confluence(t, confluence.Options{Members: 5})
			for _, fault := range c.faults {
				require.NoError(t, d.Inject(confluence.Injection{Fault: fault}))
			}
			credential := acctest.BearerToken(d.Token(), 1)
			if c.scopes != "" {
				credential = acctest.ConfluenceApp(d, fmt.Sprintf("refresh_token_wo = %q\nrefresh_token_wo_version = 1", d.Grant(c.scopes).Refresh))
			}
			p := confluencePath(d, credential)
			p.profile = c.profile
			if c.cloudID != "" {
				p.url = d.URL + "/ex/confluence/" + c.cloudID
			}
			failed := w.Root(t, p.config(w, 1)...).Apply(t)
			require.Equal(t, 1, failed.Code)
			requireAll(t, failed.Errors(), c.wants...)
		})
	}

	t.Run("a scope too many", func(t *testing.T) {
		t.Parallel()
		w := acctest.NewWorld(t, acctest.Options{})
		d := w.Confluence(t, confluence.Options{Members: 5})
		p := confluencePath(d, acctest.ConfluenceApp(d, fmt.Sprintf("refresh_token_wo = %q\nrefresh_token_wo_version = 1",
			d.Grant("read:confluence-groups", "read:confluence-user", "search:confluence", "write:confluence-groups", "offline_access").Refresh)))
		p.profile = "reclaim_subscriptions = false"
		created := w.Root(t, p.config(w, 1)...).MustApply(t)
		require.Contains(t, created.Warnings(), "write:confluence-groups, which nothing")
	})
}

package acctest_test

import (
	"fmt"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

// consented is a world with a published Confluence profile over an OAuth grant. Every refresh of it kills the token before.
func consented(t *testing.T) (*acctest.World, *confluence.Server, path) {
	t.Helper()
	w := acctest.NewWorld(t, acctest.Options{})
	d := w.Confluence(t, confluence.Options{Members: 8})
	p := confluencePath(d, acctest.ConfluenceApp(d))
	root := w.Root(t, p.config(w, 1)[:3]...)
	require.Contains(t, root.MustApply(t).Warnings(), "until somebody consents")
	w.Consent(t, confluenceBoth)
	return w, d, p
}

// importConsented lets another root manage what consented made.
func importConsented(t *testing.T, root *acctest.Root) {
	t.Helper()
	for address, id := range map[string]string{
		"servicenowsam_connection_alias.confluence": confluenceBoth, "servicenowsam_integration_profile.confluence": "name:confluence",
	} {
		imported := root.Import(t, address, id)
		require.Zero(t, imported.Code, imported.Output)
	}
}

func TestAccGrant_rotatesAcrossPlanAndApply(t *testing.T) {
	t.Parallel()
	w, d, p := consented(t)
	root := w.Root(t, p.config(w, 1)...).UseBinary(t) // each command is a process of its own
	importConsented(t, root)
	for run := 1; run <= 3; run++ {
		d.ExpireAccess()
		before := d.Refreshes()
		root.Write(t, p.config(w, run)...)
		plan := root.MustPlan(t)
		require.Equal(t, before, d.Refreshes(), "a plan never renews a grant")
		applied := plan.Apply(t)
		require.Zero(t, applied.Code, applied.Errors())
		require.Equal(t, before+1, d.Refreshes(), "an access token lasts for all of an apply")
		require.Equal(t, "completed", root.Attribute(t, p.sync(), "status"))
	}
	root.RequireEmptyPlan(t)
}

func TestAccGrant_parallelApplies(t *testing.T) {
	t.Parallel()
	w, d, p := consented(t)
	first := w.Root(t, p.config(w, 1)...)
	importConsented(t, first)
	first.MustApply(t)
	id := first.Attribute(t, "servicenowsam_integration_profile.confluence", "id")
	roots := []*acctest.Root{first, w.Root(t, w.ProviderBlock(), acctest.Resource("subscription_sync", "confluence", fmt.Sprintf("profile_id = %q", id)))}
	first.Write(t, p.config(w, 2)...)
	d.ExpireAccess()
	before := d.Refreshes()
	results := make([]acctest.Result, len(roots))
	var group sync.WaitGroup
	for i, root := range roots {
		root.UseBinary(t)
		group.Go(func() { results[i] = root.Apply(t) })
	}
	group.Wait()
	for _, r := range results {
		require.Zero(t, r.Code, r.Errors())
	}
	require.Equal(t, before+1, d.Refreshes(), "one process renews the grant, and the other uses it")
}

func TestAccGrant_killedBetweenRotationAndUse(t *testing.T) {
	t.Parallel()
	requireProc(t)
	w, d, p := consented(t)
	root := w.Root(t, p.config(w, 1)...).UseBinary(t)
	importConsented(t, root)
	root.MustApply(t)
	d.ExpireAccess()
	before := d.Refreshes()
	stored := func() string {
		return fmt.Sprint(w.Find(t, dictionary.TableOAuthToken, "ORDERBYsys_id"))
	}
	old := stored()
	require.NoError(t, d.Inject(confluence.Injection{Fault: confluence.FaultSlow, Route: confluence.RouteMembers, After: 1, DelayMS: 60_000}))
	root.Write(t, p.config(w, 2)...)
	r := start(t, root, "apply", "-json", "-auto-approve", "-input=false")
	r.eventually(t, "the grant is renewed", func() bool { return d.Refreshes() > before && stored() != old })
	require.NoError(t, syscall.Kill(r.provider(t), syscall.SIGKILL))
	_, _ = r.wait(t)

	d.ClearFaults()
	root.MustApply(t)
	require.Equal(t, before+1, d.Refreshes(), "the new token was stored before it was used")
	require.Equal(t, "completed", root.Attribute(t, p.sync(), "status"))
}

func TestAccGrant_rotatedOut(t *testing.T) {
	t.Parallel()
	w, d, p := consented(t)
	root := w.Root(t, p.config(w, 1)...)
	importConsented(t, root)
	root.MustApply(t)
	d.Revoke()
	root.Write(t, p.config(w, 2)...)
	failed := root.Apply(t)
	require.Equal(t, 1, failed.Code)
	require.Contains(t, failed.Errors(), "terraform-provider-servicenowsam authorize --alias "+confluenceBoth)
	w.Consent(t, confluenceBoth)
	root.MustApply(t)
	root.RequireEmptyPlan(t)
}

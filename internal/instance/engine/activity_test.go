package engine_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
	asanadouble "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
	confluencedouble "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

const byStories = `{"vendor_config":{"activity_method":"stories"}}`

// newAsana is a published profile over an organisation, with a token.
func newAsana(t *testing.T, members int, token func(*asanadouble.Server) string, values store.Row) (*world, *asanadouble.Server) {
	t.Helper()
	w := newVendorWorld(t)
	org := w.asana(asanadouble.Options{Members: members})
	w.connection(asanaAlias, org.URL, w.bearer(token(org)))
	row := store.Row{"custom_properties": byStories}
	maps.Copy(row, values)
	w.draftOf(dictionary.TypeAsana, row)
	w.publishNow()
	return w, org
}

func serviceToken(org *asanadouble.Server) string { return org.ServiceToken() }
func adminToken(org *asanadouble.Server) string   { return org.Token() }

// newConfluence is a published profile over a site, with a token, and with the rule's threshold.
func newConfluence(t *testing.T, members int, threshold string, values store.Row) (*world, *confluencedouble.Server) {
	t.Helper()
	w := newVendorWorld(t)
	site := w.confluence(confluencedouble.Options{Members: members})
	w.connection(confluenceBoth, site.GatewayURL(), w.bearer(site.Token()))
	w.draftOf(dictionary.TypeConfluence, values)
	w.publishNow()
	w.threshold(threshold)
	return w, site
}

// threshold sets that of the profile's rule, in days.
func (w *world) threshold(days string) {
	w.t.Helper()
	rules := w.find(dictionary.TableReclamationRule, "")
	require.Len(w.t, rules, 1)
	w.update(dictionary.TableReclamationRule, rules[0]["sys_id"], store.Row{dictionary.RuleThresholdDays: days})
}

func (w *world) daysAgo(n int) time.Time { return w.clock.Now().AddDate(0, 0, -n).Truncate(day) }

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func TestAsanaFromDraftToReclaimedLicence(t *testing.T) {
	t.Parallel()
	w, org := newAsana(t, 60, serviceToken, nil)
	first := w.refresh()
	require.False(t, first.Partial)
	require.Zero(t, first.Unknown)
	require.Positive(t, first.ActivityEvents)
	require.NotEmpty(t, first.ActivityMethod)
	require.Positive(t, first.ActivityUpdated)
	require.NotEqual(t, first.JobLog, first.ActivityJobLog)

	var idle []string
	for _, m := range org.Members(0, asanadouble.IdleSince(w.daysAgo(60))) {
		idle = append(idle, m.GID)
	}
	slices.Sort(idle)
	require.NotEmpty(t, idle)
	open := w.openCandidates()
	for _, m := range org.Members(0, func(m asanadouble.Member) bool { return m.Admin }) {
		delete(open, m.GID) // an idle admin is a candidate, and is spared when it comes to it
	}
	require.Equal(t, idle, keys(open))
	require.Equal(t, len(idle), first.CandidatesOpened-(len(w.openCandidates())-len(open)))

	again := w.refresh()
	require.Zero(t, again.RowsWritten, "%+v", again)

	w.clock.advance(time.Hour)
	org.Comment(idle[0], w.clock.Now().Add(-time.Minute))
	request := companion.ReclaimRequest{Candidates: []string{open[idle[1]]["sys_id"], open[idle[2]]["sys_id"]}}
	items := w.reclaim(request)
	for _, id := range idle[1:3] {
		require.Equal(t, companion.OutcomeDone, items[open[id]["sys_id"]].Outcome, items[open[id]["sys_id"]].Message)
		m, _ := org.Find(id)
		require.False(t, m.Seat)
	}
	third := w.refresh()
	require.Equal(t, 1, third.CandidatesCanceled, "somebody came back")
	require.Zero(t, third.CandidatesOpened)
	require.Equal(t, "2026-11-24", w.find(dictionary.TableSubscription, "external_user_id="+idle[0])[0]["last_activity"])
}

func TestWhoMayHideActivityIsUnknown(t *testing.T) {
	t.Parallel()
	w, org := newAsana(t, 60, adminToken, nil)
	o := w.refresh()
	require.Positive(t, o.Unknown)
	require.Contains(t, strings.Join(o.Warnings, "\n"), "count as unknown")
	for id, c := range w.openCandidates() {
		m, _ := org.Find(id)
		require.NotNil(t, m.LastSeen, c["number"])
	}
	require.Zero(t, o.CandidatesOpened, "whoever was last seen before the look-back has no sign of activity at all")

	// Over time people who were seen fall idle, and those are known to be.
	w.clock.advance(70 * day)
	o = w.refresh()
	require.Positive(t, o.CandidatesOpened)
	for id := range w.openCandidates() {
		require.NotEmpty(t, w.find(dictionary.TableSubscription, "external_user_id="+id)[0]["last_activity"])
	}
}

func TestConfluenceFromDraftToReclaimedLicence(t *testing.T) {
	t.Parallel()
	w, site := newConfluence(t, 100, "30", nil)
	o := w.refresh()
	require.False(t, o.Partial)
	require.Positive(t, o.Confirmed, "everybody is looked at once more")
	open := w.openCandidates()
	require.NotEmpty(t, open)
	for id := range open {
		m, _ := site.Find(id)
		require.NotNil(t, m.LastEdit)
		require.True(t, m.LastEdit.Before(w.daysAgo(30)))
		require.False(t, m.Overwritten && m.LastEdit.After(w.daysAgo(30)), "the scan cannot see it, and the confirmation can")
	}
	var candidate string
	for id, c := range open {
		if m, _ := site.Find(id); !m.Admin && !m.Synced {
			candidate = c["sys_id"]
			items := w.reclaim(companion.ReclaimRequest{Candidates: []string{candidate}})
			require.Equal(t, companion.OutcomeDone, items[candidate].Outcome, items[candidate].Message)
			m, _ = site.Find(id)
			require.False(t, m.Seat)
			delete(open, id)
			break
		}
	}
	require.NotEmpty(t, candidate)

	// Somebody whose page was edited by another one since is asked for once more before the licence is taken.
	for id, c := range open {
		site.Edit(id)
		items := w.reclaim(companion.ReclaimRequest{Candidates: []string{c["sys_id"]}})
		require.Equal(t, companion.OutcomeSkippedActive, items[c["sys_id"]].Outcome)
		require.Equal(t, dictionary.StateClosedCanceled, w.get(dictionary.TableCandidate, c["sys_id"])["state"])
		break
	}
	require.Zero(t, w.refresh().CandidatesOpened)
}

func TestFirstSightProtectsWhereTheVendorTellsNoAge(t *testing.T) {
	t.Parallel()
	w, site := newConfluence(t, 50, "60", nil)
	require.Zero(t, w.refresh().CandidatesOpened, "nobody was listed 60 days ago")
	w.clock.advance(59 * day)
	w.refresh()
	never := site.Members(0, func(m confluencedouble.Member) bool { return m.Seat && m.LastEdit == nil })
	require.NotEmpty(t, never)
	for _, m := range never {
		require.NotContains(t, w.openCandidates(), m.ID)
	}
	w.clock.advance(2 * day)
	site.Edit(never[0].ID)
	w.refresh()
	require.NotContains(t, w.openCandidates(), never[0].ID)
	for _, m := range never[1:] {
		require.Contains(t, w.openCandidates(), m.ID)
	}
}

func TestAdminKeyTellsTheAge(t *testing.T) {
	t.Parallel()
	w := newVendorWorld(t)
	site := w.confluence(confluencedouble.Options{Members: 50})
	credential := w.insert(dictionary.TableAPIKeyCredential, store.Row{
		"name": "Tokens", dictionary.CredentialBearerToken: site.Token(), dictionary.CredentialAdminKey: site.AdminKey(),
	})
	w.connection(confluenceBoth, site.GatewayURL(), credential)
	w.draftOf(dictionary.TypeConfluence, store.Row{"custom_properties": `{"vendor_config":{"organization_id":"` + site.OrganizationID() + `"}}`})
	w.publishNow()
	require.Positive(t, w.refresh().CandidatesOpened)
	for id := range w.openCandidates() {
		m, _ := site.Find(id)
		require.True(t, m.Created.Before(w.daysAgo(60)), id)
		require.True(t, m.LastEdit == nil || m.LastEdit.Before(w.daysAgo(60)), id)
	}
}

func TestDueJobsRefreshPeopleBeforeTheirActivity(t *testing.T) {
	t.Parallel()
	w, _ := newAsana(t, 20, serviceToken, nil)
	var said []string
	require.NoError(t, w.RunDue(t.Context(), func(s string) { said = append(said, s) }))
	var started []string
	for _, s := range said {
		if name, ok := strings.CutSuffix(s, ": started"); ok {
			started = append(started, name)
		}
	}
	require.Equal(t, []string{"SAM - Refresh Profile Subscriptions", "SAM - Refresh Profile Activity"}, started)
	logs := w.find(dictionary.TableJobLog, "ORDERBYnumber")
	require.Len(t, logs, 2)
	require.Contains(t, logs[0]["message"], "20 downloaded")
	require.Contains(t, logs[0]["message"], "activity has not been read completely yet")
	require.Contains(t, logs[1]["message"], "signs of activity")
	require.NotEmpty(t, w.openCandidates())

	said = nil
	require.NoError(t, w.RunDue(t.Context(), func(s string) { said = append(said, s) }))
	require.Equal(t, []string{"no job is due"}, said)

	// Each is due on its own.
	w.clock.advance(day)
	w.refreshWith(companion.RefreshRequest{What: []string{"activity"}})
	said = nil
	require.NoError(t, w.RunDue(t.Context(), func(s string) { said = append(said, s) }))
	require.Contains(t, said, "SAM - Refresh Profile Subscriptions: started")
	require.NotContains(t, said, "SAM - Refresh Profile Activity: started")
}

func TestActivityNeedsSubscriptions(t *testing.T) {
	t.Parallel()
	w, org := newAsana(t, 10, serviceToken, nil)
	o := w.refreshWith(companion.RefreshRequest{What: []string{"activity"}})
	require.True(t, o.Partial)
	require.Equal(t, o.ActivityJobLog, o.JobLog)
	require.Contains(t, strings.Join(o.Warnings, "\n"), "refresh the subscriptions first")
	before := org.Requests().Total
	o = w.refreshWith(companion.RefreshRequest{What: []string{"subscriptions"}})
	require.Empty(t, o.ActivityMethod)
	require.Empty(t, o.ActivityJobLog)
	require.Equal(t, o.Requests, org.Requests().Total-before)
	require.Empty(t, w.openCandidates(), "no scan, no candidates")
}

func TestLimitedPullGoesOnFromItsCheckpoint(t *testing.T) {
	t.Parallel()
	w, site := newConfluence(t, 100, "30", nil)
	require.NoError(t, site.Inject(confluencedouble.Injection{Fault: confluencedouble.FaultSlow, Route: confluencedouble.RouteSearch, After: 8, DelayMS: 3000}))
	o := w.refreshWith(companion.RefreshRequest{MaxDurationSeconds: 1})
	require.True(t, o.Partial)
	require.Positive(t, o.ActivityUpdated, "what was read is kept")
	require.Zero(t, o.CandidatesOpened)
	require.Contains(t, strings.Join(o.Warnings, "\n"), "activity has not been read completely yet")
	site.ClearFaults()
	before := site.Requests().ByRoute[confluencedouble.RouteSearch]
	o = w.another().refreshWith(companion.RefreshRequest{What: []string{"activity"}})
	require.False(t, o.Partial)
	require.Positive(t, o.CandidatesOpened)
	walked := site.Requests().ByRoute[confluencedouble.RouteSearch] - before
	require.Less(t, walked, 62+4, "the days that were read are not read again")
}

func TestCanceledPullKeepsWhatItRead(t *testing.T) {
	t.Parallel()
	w, site := newConfluence(t, 100, "30", nil)
	w.refreshWith(companion.RefreshRequest{What: []string{"subscriptions"}})
	require.NoError(t, site.Inject(confluencedouble.Injection{Fault: confluencedouble.FaultSlow, Route: confluencedouble.RouteSearch, After: 20, DelayMS: 20_000}))
	started, err := w.StartRefresh(t.Context(), w.profile, companion.RefreshRequest{What: []string{"activity"}}, "")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return site.Requests().ByRoute[confluencedouble.RouteSearch] > 20 }, 10*time.Second, 5*time.Millisecond)
	_, err = w.Cancel(t.Context(), started.Links.Progress.ID)
	require.NoError(t, err)
	p := w.ended(started, nil)
	require.Equal(t, companion.StatusCanceled, p.Status)
	require.Positive(t, decode[companion.RefreshOutcome](t, p).ActivityUpdated)
	require.Positive(t, w.count(dictionary.TableSubscription, "last_activityISNOTEMPTY"))

	site.ClearFaults()
	o := w.another().refreshWith(companion.RefreshRequest{What: []string{"activity"}})
	require.False(t, o.Partial)
	require.Positive(t, o.CandidatesOpened)
}

func TestActivityToggleOnAPublishedProfile(t *testing.T) {
	t.Parallel()
	w, _ := newAsana(t, 20, serviceToken, nil)
	w.refresh()
	jobs := func() int { return w.count(dictionary.TableScheduledJob, "subscription_profile="+w.profile) }
	require.Equal(t, 2, jobs())
	p := w.update(dictionary.TableProfile, w.profile, store.Row{"download_activity": "false"})
	require.Equal(t, dictionary.ProfileStatusDraft, p["status"])
	require.Equal(t, 1, jobs())
	_, err := w.StartPublish(t.Context(), w.profile, "")
	refused(t, err, "has not been validated")
	require.Len(t, w.publishNow().Jobs, 1)
	_, err = w.StartRefresh(t.Context(), w.profile, companion.RefreshRequest{What: []string{"activity"}}, "")
	refused(t, err, "Download activity is off")
	w.clock.advance(90 * day)
	o := w.refresh()
	require.Zero(t, o.CandidatesOpened, "without activity nobody can be told idle")
	require.Contains(t, strings.Join(o.Warnings, "\n"), "Download activity is off")

	p = w.update(dictionary.TableProfile, w.profile, store.Row{"download_activity": "true"})
	require.Equal(t, dictionary.ProfileStatusDraft, p["status"])
	require.Len(t, w.publishNow().Jobs, 2)
	require.Positive(t, w.refresh().CandidatesOpened)
}

func TestThresholdBeyondTheLookback(t *testing.T) {
	t.Parallel()
	w, _ := newAsana(t, 60, serviceToken, store.Row{"custom_properties": `{"activity_lookback_days":30,"vendor_config":{"activity_method":"stories"}}`})
	published := w.republish()
	require.Len(t, published.Warnings, 1)
	require.Contains(t, published.Warnings[0], "calls a user stale after 60 days, but activity is looked at since 2026-10-25 only, 30 days back")
	o := w.refresh()
	require.Contains(t, o.Warnings, published.Warnings[0])
	require.Zero(t, o.CandidatesOpened, "somebody may have been active before the look-back")
	require.Contains(t, strings.Join(o.Warnings, "\n"), "activity is known since 2026-10-25 only")

	for range 16 { // every second day
		w.clock.advance(2 * day)
		w.refresh()
	}
	require.NotEmpty(t, w.openCandidates(), "by now all of the threshold has been looked at")

	w.threshold("30")
	require.Empty(t, w.republish().Warnings)
}

func TestCandidatesNeedFreshEvidence(t *testing.T) {
	t.Parallel()
	w, org := newAsana(t, 60, serviceToken, nil)
	w.refresh()
	opened := len(w.openCandidates())
	w.clock.advance(10 * day)
	for _, m := range org.Members(0, func(m asanadouble.Member) bool { return m.Seat }) {
		org.Comment(m.GID, w.clock.Now().Add(-time.Hour))
	}
	w.clock.advance(59 * day)
	o := w.refreshWith(companion.RefreshRequest{What: []string{"subscriptions"}})
	require.Zero(t, o.CandidatesOpened)
	require.Contains(t, strings.Join(o.Warnings, "\n"), "which is too long ago")
	require.Equal(t, opened, len(w.openCandidates()))
	o = w.refresh()
	require.Zero(t, o.CandidatesOpened, "all were active 59 days ago")
	require.Equal(t, opened, o.CandidatesCanceled)
}

func TestAnotherOrganisationIsReadFromTheBeginning(t *testing.T) {
	t.Parallel()
	w, _ := newAsana(t, 60, serviceToken, nil)
	w.refresh()
	w.clock.advance(time.Hour)
	org := w.asana(asanadouble.Options{Members: 30})
	connection := w.find(dictionary.TableHTTPConnection, "")[0]
	w.update(dictionary.TableHTTPConnection, connection["sys_id"], store.Row{"connection_url": org.URL})
	o := w.refreshWith(companion.RefreshRequest{What: []string{"subscriptions"}, MaxRemovalFraction: 1})
	require.Zero(t, o.CandidatesOpened)
	require.Contains(t, strings.Join(o.Warnings, "\n"), "activity has not been read completely yet")
	o = w.refresh()
	require.False(t, o.Partial)
	require.Positive(t, o.ActivityEvents)
}

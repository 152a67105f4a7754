package engine_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

func licensed(m double.Member) bool { return m.Licensed }

// stale is what the rule says, told by what the double knows.
func (w *world) stale(m double.Member) bool {
	last := m.Created
	if m.LastSeen != nil && m.LastSeen.After(last) {
		last = *m.LastSeen
	}
	return m.Licensed && last.Format(time.DateOnly) < w.clock.Now().AddDate(0, 0, -60).Format(time.DateOnly)
}

func TestRefreshStoresWhoHoldsALicence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 250)
	w.publish()
	o := w.refresh()
	members := w.trello.Members(0, licensed)
	require.Equal(t, 250, o.Downloaded)
	require.Equal(t, 250, o.Created)
	require.True(t, o.Complete)
	require.Empty(t, o.Warnings)
	require.Positive(t, o.Requests)
	require.Equal(t, len(members), w.count(dictionary.TableSubscription, "subscription_profile="+w.profile))

	for _, m := range members {
		rows := w.find(dictionary.TableSubscription, "external_user_id="+m.ID)
		require.Len(t, rows, 1)
		s := rows[0]
		require.Equal(t, "Atlassian Trello Enterprise", s["display_name"])
		require.Equal(t, "Trello Enterprise", s["subscription_identifier"])
		require.Equal(t, m.Created.Format(time.DateTime), s["external_created"])
		require.Equal(t, "integration", s["user_source"])
		require.Equal(t, "true", s["active"])
		require.NotEmpty(t, s["software_model"])
		if m.LastSeen != nil {
			require.Equal(t, m.LastSeen.Format(time.DateOnly), s["last_activity"])
		} else {
			require.Empty(t, s["last_activity"])
		}
		if m.Email == "" {
			require.Empty(t, s["user"], "nobody can be found without a mail address")
			continue
		}
		require.Equal(t, m.Email, s["user_principal_name"])
		user := w.get(dictionary.TableUser, s["user"])
		require.Equal(t, m.FullName, user["name"])
		require.Equal(t, m.Email, user["email"])
	}

	logs := w.find(dictionary.TableJobLog, "")
	require.Len(t, logs, 1)
	require.Equal(t, companion.Ref{SysID: logs[0]["sys_id"], Name: "JOB0000001"}, o.JobLog)
	require.Equal(t, dictionary.JobLogCompleted, logs[0]["status"])
	require.Contains(t, logs[0]["message"], "250 downloaded")
	job := w.find(dictionary.TableScheduledJob, "subscription_profile="+w.profile)[0]
	require.Equal(t, w.clock.Now().Add(day).Format(time.DateTime), job["next_run"])
}

func TestUnchangedRefreshWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 250)
	w.publish()
	w.refresh()
	before := w.find(dictionary.TableSubscription, "ORDERBYsys_id")
	o := w.refresh()
	require.Equal(t, 250, o.Unchanged)
	require.Zero(t, o.RowsWritten)
	require.Zero(t, o.CandidatesOpened)
	require.Equal(t, before, w.find(dictionary.TableSubscription, "ORDERBYsys_id"))

	w.clock.advance(day)
	o = w.refresh()
	require.Equal(t, 250, o.Unchanged)
	after := w.find(dictionary.TableSubscription, "ORDERBYsys_id")
	for i := range after {
		require.Equal(t, before[i]["sys_mod_count"], after[i]["sys_mod_count"], "a day passes without a write")
	}
}

func TestRefreshFindsUsersThatExist(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 25)
	w.publish()
	m := w.trello.Members(2, func(m double.Member) bool { return m.Licensed && m.Email != "" })
	byMail := w.insert(dictionary.TableUser, store.Row{"user_name": "hr1", "email": "X" + m[0].Email, "name": "HR"})
	w.update(dictionary.TableUser, byMail["sys_id"], store.Row{"email": upper(m[0].Email)})
	byName := w.insert(dictionary.TableUser, store.Row{"user_name": upper(m[1].Email), "name": "HR"})
	w.refresh()
	require.Equal(t, byMail["sys_id"], w.find(dictionary.TableSubscription, "external_user_id="+m[0].ID)[0]["user"])
	require.Equal(t, byName["sys_id"], w.find(dictionary.TableSubscription, "external_user_id="+m[1].ID)[0]["user"])
	require.Equal(t, 1, w.count(dictionary.TableUser, "email="+m[0].Email))
}

func upper(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 32
		}
	}
	return string(b)
}

func TestActivityOnlyMovesForward(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 25)
	w.publish()
	w.refresh()
	m := w.trello.Members(1, func(m double.Member) bool { return m.Licensed && m.LastSeen != nil && !m.Admin })[0]
	s := w.find(dictionary.TableSubscription, "external_user_id="+m.ID)[0]
	w.overwrite(dictionary.TableSubscription, s["sys_id"], store.Row{"last_activity": "2026-11-24"})
	o := w.refresh()
	require.Zero(t, o.Updated)
	require.Equal(t, "2026-11-24", w.get(dictionary.TableSubscription, s["sys_id"])["last_activity"])

	w.clock.advance(3 * day)
	require.True(t, w.trello.Login(m.ID))
	o = w.refresh()
	require.Equal(t, 1, o.Updated)
	require.Equal(t, "2026-11-27", w.get(dictionary.TableSubscription, s["sys_id"])["last_activity"])
}

func TestCandidatesAreTheStaleUsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 250)
	w.publish()
	o := w.refresh()
	expected := w.trello.Members(0, w.stale)
	open := w.openCandidates()
	require.Len(t, open, len(expected))
	require.Equal(t, len(expected), o.CandidatesOpened)
	rule := w.find(dictionary.TableReclamationRule, "")[0]
	numbers := map[string]bool{}
	for _, m := range expected {
		c := open[m.ID]
		require.NotNil(t, c, m.ID)
		numbers[c["number"]] = true
		s := w.get(dictionary.TableSubscription, c["user_subscription"])
		require.Equal(t, dictionary.StateReady, c["state"])
		require.Equal(t, "low_usage", c["justification"])
		require.Equal(t, "Subscription Software", c["applies_to"])
		require.Equal(t, rule["sys_id"], c["reclamation_rule"])
		require.Equal(t, rule["assignment_group"], c["assignment_group"])
		require.Equal(t, w.profile, c["subscription_profile"])
		require.Equal(t, s["inactive_days"], c["inactive_days"])
		require.Equal(t, s["user"], c["user"])
		require.Equal(t, s["product"], c["product"])
		require.Equal(t, "0.00", c["potential_savings"])
		require.Regexp(t, `^RCC\d{7}$`, c["number"])
		require.Contains(t, c["work_notes"], "calls a user stale after 60 days")
	}
	require.Len(t, numbers, len(expected))
	require.Zero(t, w.refresh().CandidatesOpened, "one open candidate per subscription")
}

func TestReturningUsersAreSpared(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 50)
	w.publish()
	w.refresh()
	m := w.trello.Members(1, w.stale)[0]
	c := w.openCandidates()[m.ID]
	require.True(t, w.trello.Login(m.ID))
	o := w.refresh()
	require.Equal(t, 1, o.CandidatesCanceled)
	after := w.get(dictionary.TableCandidate, c["sys_id"])
	require.Equal(t, dictionary.StateClosedCanceled, after["state"])
	require.Equal(t, "false", after["active"])
	require.Equal(t, w.clock.Now().Format(time.DateTime), after["closed_at"])
	require.Contains(t, after["work_notes"], "counts as active: last activity on 2026-11-24")
}

func TestRuleDecides(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 50)
	w.publish()
	rule := w.find(dictionary.TableReclamationRule, "")[0]
	w.update(dictionary.TableReclamationRule, rule["sys_id"], store.Row{"create_reclamation_candidate": "false"})
	require.Zero(t, w.refresh().CandidatesOpened)
	model := w.find(dictionary.TableSoftwareModel, "")[0]
	w.insert(dictionary.TableEntitlement, store.Row{"software_model": model["sys_id"], "purchased_rights": "30", "unit_cost": "100", "state": "in_use", "start_date": "2026-01-01"})
	w.insert(dictionary.TableEntitlement, store.Row{"software_model": model["sys_id"], "purchased_rights": "10", "unit_cost": "60", "state": "in_use", "start_date": "2026-01-01"})
	w.update(dictionary.TableReclamationRule, rule["sys_id"], store.Row{"create_reclamation_candidate": "true", "notify_user": "true"})
	require.Positive(t, w.refresh().CandidatesOpened)
	for _, c := range w.find(dictionary.TableCandidate, "") {
		require.Equal(t, "90.00", c["potential_savings"])
		require.Equal(t, "true", c["notify_user"])
		want := dictionary.StateReady
		if c["user"] == "" {
			want = dictionary.StateAttentionRequired
		}
		require.Equal(t, want, c["state"])
	}
	w.update(dictionary.TableReclamationRule, rule["sys_id"], store.Row{"last_activity_threshold": "3000"})
	require.Equal(t, w.count(dictionary.TableCandidate, ""), w.refresh().CandidatesCanceled, "a longer threshold spares those it covers")
}

func TestVanishedUsersAreRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 50)
	w.publish()
	w.refresh()
	m := w.trello.Members(1, w.stale)[0]
	c := w.openCandidates()[m.ID]
	require.True(t, w.trello.SetLicence(m.ID, false))
	manual := w.insert(dictionary.TableSubscription, store.Row{"subscription_profile": w.profile, "external_user_id": "by hand"})

	o := w.refresh()
	require.Equal(t, 1, o.Removed)
	require.Zero(t, o.RemovalsHeld)
	require.Zero(t, w.count(dictionary.TableSubscription, "external_user_id="+m.ID))
	require.NotEmpty(t, w.get(dictionary.TableSubscription, manual["sys_id"]))
	after := w.get(dictionary.TableCandidate, c["sys_id"])
	require.Equal(t, dictionary.StateReady, after["state"], "closing it is the weekly job's work")
	require.Empty(t, after["user_subscription"])
	require.Contains(t, after["work_notes"], "removed by "+o.JobLog.Name)

	w.clock.advance(7 * day)
	var said []string
	require.NoError(t, w.RunDue(t.Context(), func(s string) { said = append(said, s) }))
	require.Contains(t, said, dictionary.JobUpdateCandidates+": 1 candidates closed")
	require.Equal(t, dictionary.StateClosedSkipped, w.get(dictionary.TableCandidate, c["sys_id"])["state"])
}

func TestGuardHoldsRemovalsBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  double.Injection
		reason string
	}{
		"the vendor lists nobody": {double.Injection{Fault: double.FaultNoMembers}, "nobody at all"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 50)
			w.publish()
			w.refresh()
			w.clock.advance(30 * day)
			candidates := w.count(dictionary.TableCandidate, "")
			require.NoError(t, w.trello.Inject(c.fault))
			o := w.refresh()
			require.Zero(t, o.Removed)
			require.Equal(t, 50, o.RemovalsHeld)
			require.Contains(t, o.Warnings[len(o.Warnings)-2], c.reason)
			require.Equal(t, 50, w.count(dictionary.TableSubscription, ""))
			require.Equal(t, candidates, w.count(dictionary.TableCandidate, ""), "no evidence against anybody")
			require.Contains(t, w.get(dictionary.TableJobLog, o.JobLog.SysID)["message"], c.reason)
		})
	}
}

func TestTooManyRemovalsNeedAWord(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 50)
	w.publish()
	w.refresh()
	for _, m := range w.trello.Members(30, licensed) {
		require.True(t, w.trello.SetLicence(m.ID, false))
	}
	o := w.refresh()
	require.Equal(t, 30, o.RemovalsHeld)
	require.Contains(t, o.Warnings[0], "60 %, more than max_removal_fraction allows (50 %)")
	p, err := w.StartRefresh(t.Context(), w.profile, companion.RefreshRequest{MaxRemovalFraction: 0.7}, "")
	o = outcome[companion.RefreshOutcome](w, p, err)
	require.Equal(t, 30, o.Removed)
	require.Equal(t, 20, w.count(dictionary.TableSubscription, ""))
	_, err = w.StartRefresh(t.Context(), w.profile, companion.RefreshRequest{MaxRemovalFraction: 2}, "")
	refused(t, err, "between 0 and 1")
	_, err = w.StartRefresh(t.Context(), w.profile, companion.RefreshRequest{What: []string{"everything"}}, "")
	refused(t, err, `not of "everything"`)
}

func TestFailedRefreshSaysWhyAndKeepsWhatItHas(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 50)
	w.publish()
	w.refresh()
	require.NoError(t, w.trello.Inject(double.Injection{Fault: double.FaultExpiredToken}))
	started, err := w.StartRefresh(t.Context(), w.profile, companion.RefreshRequest{}, "")
	p := w.ended(started, err)
	require.Equal(t, companion.StatusFailed, p.Status)
	require.Contains(t, p.Error, `download the subscriptions of integration profile "Trello Enterprise"`)
	require.Contains(t, p.Error, "expired token")
	o := decode[companion.RefreshOutcome](t, p)
	require.False(t, o.Complete)
	log := w.get(dictionary.TableJobLog, o.JobLog.SysID)
	require.Equal(t, dictionary.JobLogFailed, log["status"])
	require.Contains(t, log["message"], "expired token")
	require.Equal(t, 50, w.count(dictionary.TableSubscription, ""))
}

func TestRunDueRunsTheFirstRefreshOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 25)
	w.publish()
	var said []string
	say := func(s string) { said = append(said, s) }
	require.NoError(t, w.RunDue(t.Context(), say))
	require.Equal(t, 25, w.count(dictionary.TableSubscription, ""))
	require.True(t, slices.ContainsFunc(said, func(s string) bool {
		return s == "SAM - Refresh Trello Enterprise Subscriptions: started"
	}))
	said = nil
	require.NoError(t, w.RunDue(t.Context(), say))
	require.Equal(t, []string{"no job is due"}, said)

	w.clock.advance(2*day + time.Hour)
	require.NoError(t, w.RunDue(t.Context(), say))
	require.Equal(t, 2, w.count(dictionary.TableJobLog, "subscription_profile="+w.profile), "a job that was missed twice runs once")
	job := w.find(dictionary.TableScheduledJob, "subscription_profile="+w.profile)[0]
	require.Equal(t, "2026-11-27 10:00:00", job["next_run"], "it keeps its time of day")

	w.clock.advance(day)
	w.update(dictionary.TableProfile, w.profile, store.Row{"status": "draft"})
	said = nil
	require.NoError(t, w.RunDue(t.Context(), say))
	require.Contains(t, said, "SAM - Refresh Trello Enterprise Subscriptions: the profile is not published; skipped")
}

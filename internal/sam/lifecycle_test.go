package sam_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	trellodouble "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

var refreshAll = companion.RefreshRequest{}

// The whole path, once in memory and once over a socket.
func TestFromConnectionToReclaimedLicence(t *testing.T) {
	t.Parallel()
	for name, tcp := range map[string]bool{"in memory": false, "tcp": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			w := newWorld(t, worldOptions{members: 400, tcp: tcp})
			before, err := w.sam.Instance(ctx)
			require.NoError(t, err)
			require.Empty(t, before.ID, "asking must not create the database")
			require.Equal(t, sam.ModeFull, before.Mode)
			require.Equal(t, companion.KindEmbedded, before.Kind)

			connection := w.connect(t)
			require.Equal(t, dictionary.CredentialKindAPIKey, connection.Credential.Kind)
			require.True(t, connection.Owned)
			var lines []string
			say := func(line string) { lines = append(lines, line) }
			profile, err := w.sam.Profiles.Create(ctx, sam.ProfileInput{
				DisplayName: "Trello", ProfileType: dictionary.TypeTrello, VendorConfig: map[string]string{"enterprise_id": w.double.EnterpriseID()},
			})
			require.NoError(t, err)
			require.False(t, profile.Published())
			require.True(t, profile.DownloadSubscriptions)
			require.False(t, profile.DownloadActivity)
			require.True(t, profile.ReclaimSubscriptions)
			require.Equal(t, dictionary.TrelloAlias, profile.AliasID)
			require.Equal(t, "Trello Download Subscriptions", profile.DownloadSubflow)
			require.Empty(t, profile.ActivitySubflow)
			require.Equal(t, "Trello Reclaim Subscription", profile.ReclaimSubflow)
			require.Equal(t, w.double.EnterpriseID(), profile.VendorConfig["enterprise_id"])
			require.Len(t, profile.RequiredPermissions, 3)
			require.True(t, profile.ValidatedAt.IsZero())

			validation, err := w.sam.Profiles.Validate(ctx, profile.SysID, say)
			require.NoError(t, err)
			require.True(t, validation.Valid)
			published, err := w.sam.Profiles.Publish(ctx, profile.SysID, say)
			require.NoError(t, err)
			require.Len(t, published.Jobs, 1)
			profile, err = w.sam.Profiles.Get(ctx, profile.SysID)
			require.NoError(t, err)
			require.True(t, profile.Published())
			require.False(t, profile.ValidatedAt.IsZero())
			require.Equal(t, w.double.EnterpriseID(), profile.VendorConfig["enterprise_id"], "validation must not lose vendor_config")

			jobs, err := w.sam.Jobs.Scheduled(ctx, profile.SysID, time.Now().Add(time.Minute))
			require.NoError(t, err)
			require.Len(t, jobs, 1)
			require.Equal(t, "SAM - Refresh Trello Subscriptions", jobs[0].Name)
			require.True(t, jobs[0].Overdue)

			run, err := w.sam.Profiles.Refresh(ctx, profile.SysID, refreshAll, say)
			require.NoError(t, err)
			require.Equal(t, companion.StatusSuccessful, run.Status)
			require.NotEmpty(t, run.RunID)
			require.True(t, run.Complete)
			require.Equal(t, 400, run.Downloaded)
			require.NotEmpty(t, lines)

			results, err := w.sam.Jobs.Results(ctx, profile.SysID, 10)
			require.NoError(t, err)
			require.Len(t, results, 1)
			require.Equal(t, dictionary.JobLogCompleted, results[0].Status)

			ready := collect(t, w.sam.Candidates.All(ctx, sam.CandidateFilter{
				ProfileSysID: profile.SysID, States: []string{dictionary.StateReady}, OpenOnly: true,
			}))
			require.Len(t, ready, run.CandidatesOpened)
			require.NotEmpty(t, ready)
			victim, spared := ready[0], ready[1]
			require.Equal(t, "Ready", victim.StateLabel)
			require.Equal(t, profile.SysID, victim.ProfileSysID)
			require.Equal(t, "Trello Enterprise", victim.Product)
			require.True(t, w.double.Login(spared.ExternalUserID))

			outcome, err := w.sam.Candidates.Reclaim(ctx, companion.ReclaimRequest{
				Candidates: []string{victim.SysID, spared.SysID}, Evidence: companion.Evidence{Reason: "idle", ApprovedBy: "review"},
			}, say)
			require.NoError(t, err)
			outcomes := map[string]companion.Outcome{}
			for _, item := range outcome.Items {
				outcomes[item.Candidate] = item.Outcome
			}
			require.Equal(t, map[string]companion.Outcome{
				victim.SysID: companion.OutcomeDone, spared.SysID: companion.OutcomeSkippedActive,
			}, outcomes)
			member, _ := w.double.Find(victim.ExternalUserID)
			require.False(t, member.Licensed)
			after, err := w.sam.Candidates.Get(ctx, victim.SysID)
			require.NoError(t, err)
			require.Equal(t, dictionary.StateClosedComplete, after.State)
			require.False(t, after.Open)
			counts, err := w.sam.Candidates.CountByState(ctx, sam.CandidateFilter{ProfileSysID: profile.SysID})
			require.NoError(t, err)
			require.Equal(t, map[string]int{
				dictionary.StateReady: len(ready) - 2, dictionary.StateClosedComplete: 1, dictionary.StateClosedCanceled: 1,
			}, counts)

			require.NoError(t, w.sam.Profiles.Delete(ctx, profile.SysID))
			require.NoError(t, w.sam.Profiles.Delete(ctx, profile.SysID), "gone is done")
			_, err = w.sam.Profiles.Get(ctx, profile.SysID)
			require.ErrorIs(t, err, sam.ErrNotFound)
			left, err := w.sam.Subscriptions.Count(ctx, sam.SubscriptionFilter{ProfileSysID: profile.SysID})
			require.NoError(t, err)
			require.Zero(t, left)
		})
	}
}

func TestSubscriptionsAgreeWithTheVendor(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, worldOptions{members: 300})
	profile := w.published(t)
	now := time.Now()
	rows := collect(t, w.sam.Subscriptions.All(ctx, sam.SubscriptionFilter{ProfileSysID: profile.SysID}))
	require.Len(t, rows, 300)
	for _, row := range rows {
		member, ok := w.double.Find(row.ExternalUserID)
		require.True(t, ok)
		require.True(t, member.Licensed)
		require.Equal(t, "Trello Enterprise", row.Product)
		require.Equal(t, "Atlassian", row.Publisher)
		require.NotEmpty(t, row.SoftwareModel)
		require.Equal(t, member.LastSeen == nil, row.LastActivity.IsZero())
	}

	// Filter, count and buckets are three ways to the same numbers.
	buckets, err := w.sam.Subscriptions.Buckets(ctx, sam.SubscriptionFilter{ProfileSysID: profile.SysID}, now)
	require.NoError(t, err)
	require.Equal(t, 300, buckets.Days0To30+buckets.Days31To60+buckets.Days61To90+buckets.Days91To120+buckets.Over120+buckets.Never)
	for days, want := range map[int]int{
		31: 300 - buckets.Days0To30, 61: buckets.Days61To90 + buckets.Days91To120 + buckets.Over120 + buckets.Never, 121: buckets.Over120 + buckets.Never,
	} {
		filter := sam.SubscriptionFilter{ProfileSysID: profile.SysID, MinInactiveDays: days, Today: now}
		n, err := w.sam.Subscriptions.Count(ctx, filter)
		require.NoError(t, err)
		require.Equal(t, want, n)
		require.Len(t, collect(t, w.sam.Subscriptions.All(ctx, filter)), n)
	}

	one := rows[slices.IndexFunc(rows, func(s sam.Subscription) bool { return s.UserSysID != "" })]
	active := true
	same := collect(t, w.sam.Subscriptions.All(ctx, sam.SubscriptionFilter{UserPrincipalName: one.UserPrincipalName, UserSysID: one.UserSysID, Active: &active}))
	require.Equal(t, []sam.Subscription{one}, same)

	users, err := w.sam.Users.ByIDs(ctx, []string{one.UserSysID, "", dictionary.SeedID("sys_user", "nobody")})
	require.NoError(t, err)
	require.Len(t, users, 1)
	require.Equal(t, one.UserSysID, users[one.UserSysID].SysID)
}

func TestReclaimInSeveralCalls(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, worldOptions{members: 500})
	profile := w.published(t)
	ready := collect(t, w.sam.Candidates.All(ctx, sam.CandidateFilter{ProfileSysID: profile.SysID, OpenOnly: true}))
	require.Greater(t, len(ready), companion.MaxReclaimCandidates)
	request := companion.ReclaimRequest{Protected: []string{ready[0].UserPrincipalName}}
	for _, candidate := range ready {
		request.Candidates = append(request.Candidates, candidate.SysID)
	}
	var lines []string
	outcome, err := w.sam.Candidates.Reclaim(ctx, request, func(line string) { lines = append(lines, line) })
	require.NoError(t, err)
	require.Len(t, outcome.Items, len(ready))
	for _, item := range outcome.Items {
		if item.Candidate == ready[0].SysID {
			require.Equal(t, companion.OutcomeSkippedProtected, item.Outcome)
		}
	}
	require.Contains(t, lines[len(lines)-1], "candidates ")
	protected, _ := w.double.Find(ready[0].ExternalUserID)
	require.True(t, protected.Licensed)
}

func TestUpdateProfile(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, worldOptions{members: 5})
	profile := w.published(t)
	name, off := "Trello Enterprise", false
	config := map[string]string{"enterprise_id": w.double.EnterpriseID()}
	changed, err := w.sam.Profiles.Update(ctx, profile.SysID, sam.ProfileChange{DisplayName: &name, ReclaimSubscriptions: &off})
	require.NoError(t, err)
	require.Equal(t, name, changed.DisplayName)
	require.False(t, changed.ReclaimSubscriptions)
	require.True(t, changed.Published())
	require.Len(t, changed.RequiredPermissions, 2, "what is off needs no permission")
	changed, err = w.sam.Profiles.Update(ctx, profile.SysID, sam.ProfileChange{VendorConfig: &config})
	require.NoError(t, err)
	require.Equal(t, config, changed.VendorConfig)
	none := map[string]string{}
	changed, err = w.sam.Profiles.Update(ctx, profile.SysID, sam.ProfileChange{VendorConfig: &none})
	require.NoError(t, err)
	require.Empty(t, changed.VendorConfig)

	found := collect(t, w.sam.Profiles.All(ctx, sam.ProfileFilter{ProfileType: dictionary.TypeTrello}))
	require.Len(t, found, 1)
	require.Empty(t, collect(t, w.sam.Profiles.All(ctx, sam.ProfileFilter{ProfileType: dictionary.TypeAsana})))
}

func TestIdlePeopleAreCandidates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, worldOptions{members: 300})
	profile := w.published(t)
	open, err := w.sam.Candidates.Count(t.Context(), sam.CandidateFilter{ProfileSysID: profile.SysID, OpenOnly: true})
	require.NoError(t, err)
	idle := w.double.Members(0, trellodouble.IdleSince(time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -60)))
	require.InDelta(t, len(idle), open, float64(len(idle))/4+5, "admins are candidates too, and are refused at reclaim")
}

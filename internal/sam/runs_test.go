package sam_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

func TestCanceledRefreshStopsAndCanBeRunAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, worldOptions{members: 3000})
	w.connect(t)
	profile, err := w.sam.Profiles.Create(t.Context(), sam.ProfileInput{DisplayName: "Trello", ProfileType: dictionary.TypeTrello})
	require.NoError(t, err)
	_, err = w.sam.Profiles.Validate(t.Context(), profile.SysID, nil)
	require.NoError(t, err)
	_, err = w.sam.Profiles.Publish(t.Context(), profile.SysID, nil)
	require.NoError(t, err)

	ctx, cancel := context.WithCancel(t.Context())
	started := false
	var left time.Time
	run, err := w.sam.Profiles.Refresh(ctx, profile.SysID, refreshAll, func(string) {
		started = true
		left = time.Now()
		cancel()
	})
	require.True(t, started)
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, time.Since(left), 10*time.Second)
	require.NotEqual(t, companion.StatusSuccessful, run.Status)

	run, err = w.sam.Profiles.Refresh(t.Context(), profile.SysID, refreshAll, nil)
	require.NoError(t, err)
	require.True(t, run.Complete)
	n, err := w.sam.Subscriptions.Count(t.Context(), sam.SubscriptionFilter{ProfileSysID: profile.SysID})
	require.NoError(t, err)
	require.Equal(t, 3000, n)
}

// What the vendor said must reach the reader, and the secret must not.
func TestFailedRunTellsWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, worldOptions{members: 5})
	profile := w.published(t)
	input := w.connection(profile.AliasSysID)
	input.Credential.APIToken = "not the token"
	_, err := w.sam.Aliases.SaveConnection(t.Context(), input)
	require.NoError(t, err)
	run, err := w.sam.Profiles.Refresh(t.Context(), profile.SysID, refreshAll, nil)
	var failed *sam.RunError
	require.ErrorAs(t, err, &failed)
	require.False(t, failed.Canceled)
	require.Equal(t, run.RunID, failed.RunID)
	require.Equal(t, companion.StatusFailed, run.Status)
	require.ErrorContains(t, err, "Trello")
	require.ErrorContains(t, err, "401")
	require.NotContains(t, err.Error(), input.Credential.APIToken)
	results, err := w.sam.Jobs.Results(t.Context(), profile.SysID, 1)
	require.NoError(t, err)
	require.Equal(t, dictionary.JobLogFailed, results[0].Status)
	require.NotEmpty(t, results[0].Message)
}

func TestStartIsNotDoubledByABrokenAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, worldOptions{members: 5})
	profile := w.published(t)
	w.faults.Inject(restapi.Fault{Kind: restapi.FaultTruncated, Method: "POST", Path: "/refresh", Times: 2})
	_, err := w.sam.Profiles.Refresh(t.Context(), profile.SysID, refreshAll, nil)
	require.NoError(t, err)
	results, err := w.sam.Jobs.Results(t.Context(), profile.SysID, 10)
	require.NoError(t, err)
	require.Len(t, results, 2, "one of publishing's first refresh, and one although it was started three times")
	require.False(t, results[0].StartedAt.Before(results[1].StartedAt), "newest first")
}

func TestStandingJobsBelongToNoProfile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, worldOptions{members: 1})
	w.published(t)
	jobs, err := w.sam.Jobs.Scheduled(t.Context(), "", time.Now())
	require.NoError(t, err)
	require.Greater(t, len(jobs), 1)
	profiles := 0
	for _, job := range jobs {
		if job.ProfileSysID != "" {
			profiles++
		}
	}
	require.Equal(t, 1, profiles)
}

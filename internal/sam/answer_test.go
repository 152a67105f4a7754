package sam_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

func TestAnswersOfUsers(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, worldOptions{members: 100, notifications: true})
	profile := w.published(t)
	c := collect(t, w.sam.Candidates.All(ctx, sam.CandidateFilter{ProfileSysID: profile.SysID, OpenOnly: true}))[0]
	require.Zero(t, c.AnswerDays)
	_, err := w.rest.Update(ctx, dictionary.TableCandidate, c.SysID, servicenow.Values{
		dictionary.CandidateNotifyUser: "true", dictionary.CandidateDaysBeforeAuto: "7",
	})
	require.NoError(t, err)
	c, err = w.sam.Candidates.Get(ctx, c.SysID)
	require.NoError(t, err)
	require.Equal(t, 7, c.AnswerDays)

	outcome, err := w.sam.Candidates.Reclaim(ctx, companion.ReclaimRequest{Candidates: []string{c.SysID}}, nil)
	require.NoError(t, err)
	require.Equal(t, companion.OutcomeAwaitingUser, outcome.Items[0].Outcome)

	_, err = w.sam.Candidates.Answer(ctx, c.SysID, companion.AnswerRequest{Answer: companion.AnswerKeepApproved})
	require.ErrorContains(t, err, "answer keep_approved for removal candidate "+c.SysID)
	require.ErrorContains(t, err, "is Awaiting User")
	answered, err := w.sam.Candidates.Answer(ctx, c.Number, companion.AnswerRequest{Answer: companion.AnswerRelease})
	require.NoError(t, err)
	require.Equal(t, companion.Answered{Candidate: c.SysID, Number: c.Number, State: dictionary.StateAwaitingRevocation}, answered)
	c, err = w.sam.Candidates.Get(ctx, c.SysID)
	require.NoError(t, err)
	require.Zero(t, c.AnswerDays, "was asked")
	require.Zero(t, c.RevocationBegun)

	outcome, err = w.sam.Candidates.Reclaim(ctx, companion.ReclaimRequest{Candidates: []string{c.SysID}}, nil)
	require.NoError(t, err)
	require.Equal(t, companion.OutcomeDone, outcome.Items[0].Outcome)
	c, err = w.sam.Candidates.Get(ctx, c.SysID)
	require.NoError(t, err)
	require.NotZero(t, c.RevocationBegun)
}

func TestAnAnswerNeedsTheCompanionApp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, worldOptions{})
	w.faults.RemoveCompanion()
	_, err := w.sam.Candidates.Answer(t.Context(), "x", companion.AnswerRequest{Answer: companion.AnswerKeep})
	require.ErrorIs(t, err, sam.ErrNoCompanion)
}

package licensereclamation

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
)

func TestEvidenceMustBeOfThePastAndRecent(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	m := model{ProfileID: types.StringValue("p"), MaxPlanAge: types.StringValue("24h")}
	for age, want := range map[time.Duration]string{
		0: "", 24 * time.Hour: "", -5 * time.Minute: "",
		24*time.Hour + time.Second:   "too old",
		-5*time.Minute - time.Second: "from the future",
		-1000 * time.Hour:            "from the future",
	} {
		diags := m.refuseOld(pin{SeenAt: now.Add(-age).Format(time.RFC3339)}, now)
		if want == "" {
			require.False(t, diags.HasError(), "%s: %v", age, diags)
			continue
		}
		require.True(t, diags.HasError(), age)
		require.Contains(t, diags[0].Summary(), want, age)
	}
	require.True(t, m.refuseOld(pin{}, now).HasError())
}

func TestObstaclesOfAProfile(t *testing.T) {
	t.Parallel()
	good := sam.Profile{
		ProfileType: dictionary.TypeTrello, ReclaimSubscriptions: true, Status: dictionary.ProfileStatusPublished, ValidatedAt: time.Now(),
	}
	embedded := sam.Instance{Kind: companion.KindEmbedded, Mode: sam.ModeFull, ReleaseFamily: dictionary.Australia}
	require.Empty(t, obstacle(embedded, good))

	draft := good
	draft.Status = dictionary.ProfileStatusDraft
	require.Contains(t, obstacle(embedded, draft), "in Draft")

	changed := good
	changed.ValidatedAt = time.Time{}
	require.Contains(t, obstacle(embedded, changed), "not been validated")
	old := embedded
	old.ReleaseFamily = dictionary.WashingtonDC
	require.Empty(t, obstacle(old, changed), "this family has no validation")
	serviceNow := embedded
	serviceNow.Kind = companion.KindServiceNow
	require.Empty(t, obstacle(serviceNow, changed), "where it keeps the time is assumed")
}

func TestARequestSaysWhoWasReviewed(t *testing.T) {
	t.Parallel()
	var r companion.ReclaimRequest
	newCandidate(sam.Candidate{SysID: "c1", SubscriptionSysID: "s1", ExternalUserID: "u1"}, attemptFirst, sam.User{}).addTo(&r)
	newCandidate(sam.Candidate{SysID: "c2"}, attemptFirst, sam.User{}).addTo(&r)
	require.Equal(t, []string{"c1", "c2"}, r.Candidates)
	require.Equal(t, map[string]companion.Expected{"c1": {Subscription: "s1", User: companion.UserMark("c1", "u1")}}, r.Expected)
}

func TestAttempts(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	waiting := func(change func(*sam.Candidate)) sam.Candidate {
		c := sam.Candidate{Number: "RCC1", State: dictionary.StateAwaitingRevocation}
		change(&c)
		return c
	}
	const embedded, other = companion.KindEmbedded, companion.KindServiceNow
	for name, c := range map[string]struct {
		candidate sam.Candidate
		kind      string
		last      companion.Outcome
		want      string
	}{
		"ready":              {sam.Candidate{Number: "RCC1", State: dictionary.StateReady}, other, "", "first"},
		"ready, tried":       {sam.Candidate{Number: "RCC1", State: dictionary.StateReady}, other, companion.OutcomeDenied, "retry"},
		"deferred":           {sam.Candidate{Number: "RCC1", State: dictionary.StateReady}, embedded, companion.OutcomeDeferred, "first"},
		"an administrator":   {sam.Candidate{Number: "RCC1", State: dictionary.StateReady}, embedded, companion.OutcomeSkippedAdmin, ""},
		"the user is asked":  {sam.Candidate{Number: "RCC1", State: dictionary.StateAwaitingUser}, embedded, companion.OutcomeAwaitingUser, ""},
		"released":           {waiting(func(c *sam.Candidate) { c.Answer = dictionary.AnswerRelease }), embedded, companion.OutcomeAwaitingUser, "released"},
		"released, tried":    {waiting(func(c *sam.Candidate) { c.Answer = dictionary.AnswerRelease }), embedded, companion.OutcomeFailed, "retry"},
		"keep, rejected":     {waiting(func(c *sam.Candidate) { c.Answer = dictionary.AnswerKeep }), embedded, "", "keep_rejected"},
		"no answer":          {waiting(func(c *sam.Candidate) { c.NotifiedOn = now }), embedded, "", "no_answer"},
		"restricted":         {waiting(func(c *sam.Candidate) { c.Justification, c.NotifiedOn = dictionary.JustificationRestricted, now }), embedded, "", "first"},
		"interrupted":        {waiting(func(c *sam.Candidate) { c.RevocationBegun = now }), embedded, "", "resume"},
		"their own flow":     {waiting(func(*sam.Candidate) {}), other, "", ""},
		"ours on ServiceNow": {waiting(func(*sam.Candidate) {}), other, companion.OutcomeFailed, "resume"},
		"in trouble, theirs": {sam.Candidate{Number: "RCC1", State: dictionary.StateAttentionRequired, ErrorMessage: "x"}, other, "", ""},
		"in trouble, ours":   {sam.Candidate{Number: "RCC1", State: dictionary.StateAttentionRequired, ErrorMessage: "x"}, embedded, "", "retry"},
		"closed":             {sam.Candidate{Number: "RCC1", State: dictionary.StateClosedComplete}, embedded, companion.OutcomeFailed, ""},
	} {
		earlier := map[string]companion.Outcome{}
		if c.last != "" {
			earlier["RCC1"] = c.last
		}
		got, ok := attempt(c.candidate, c.kind, earlier)
		require.Equal(t, c.want, got, name)
		require.Equal(t, c.want != "", ok, name)
	}
}

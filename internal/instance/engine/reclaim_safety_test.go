package engine_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/trello"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/engine"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// override is Trello's connector with some answers of its own; nil fields leave the answer to Trello.
type override struct {
	*trello.Trello
	subscriptions func(context.Context, func([]connector.Subscription) error) (connector.Walk, error)
	reclaim       func(context.Context, string) (connector.Result, error)
	lastActivity  func(context.Context, string) (time.Time, error)
	holds         func(context.Context, string) (bool, error)
	tenant        string
}

func (o *override) Subscriptions(ctx context.Context, emit func([]connector.Subscription) error) (connector.Walk, error) {
	if o.subscriptions != nil {
		return o.subscriptions(ctx, emit)
	}
	return o.Trello.Subscriptions(ctx, emit)
}

func (o *override) Reclaim(ctx context.Context, id string) (connector.Result, error) {
	if o.reclaim != nil {
		return o.reclaim(ctx, id)
	}
	return o.Trello.Reclaim(ctx, id)
}

func (o *override) LastActivity(ctx context.Context, id string) (time.Time, error) {
	if o.lastActivity != nil {
		return o.lastActivity(ctx, id)
	}
	return o.Trello.LastActivity(ctx, id)
}

func (o *override) Holds(ctx context.Context, id string) (bool, error) {
	if o.holds != nil {
		return o.holds(ctx, id)
	}
	_, err := o.Trello.LastActivity(ctx, id)
	if connector.KindOf(err) == connector.KindNotFound {
		return false, nil
	}
	return err == nil, err
}

func (o *override) Tenant(context.Context) (id, name string, err error) {
	if o.tenant == "" {
		return "home", "Home", nil
	}
	return o.tenant, "Away", nil
}

// overridden opens the world anew with an overridden connector. Changes to o hold at once.
func (w *world) overridden(o *override, changes ...func(*engine.Options)) {
	w.t.Helper()
	w.db, w.Engine = openEngine(w.t, w.url, w.clock, func(cfg connector.Config) (connector.Connector, error) {
		c, err := unlimited(cfg)
		if err != nil {
			return nil, err
		}
		made := *o
		made.Trello = c.(*trello.Trello)
		return &made, nil
	}, changes...)
}

func reclaimOne(w *world, candidate store.Row) companion.ReclaimItem {
	w.t.Helper()
	return w.reclaim(companion.ReclaimRequest{Candidates: []string{candidate["sys_id"]}})[candidate["sys_id"]]
}

func TestAReviewedCandidateCannotBePointedElsewhere(t *testing.T) {
	t.Parallel()
	w, _, c := idle(t, 2)
	for column, value := range map[string]string{
		"user_subscription": c[1]["user_subscription"], "subscription_profile": "x", "reclamation_rule": "", "opened_at": "2030-01-01 00:00:00",
		"number": "RCC9999999", "applies_to": "Installed Software", "justification": "unlicensed", "product": "x", "publisher": "x", "software_model": "x",
	} {
		_, err := w.Update(t.Context(), dictionary.TableCandidate, c[0]["sys_id"], store.Row{column: value}, store.WriteOptions{})
		refused(t, err, column+" cannot be changed by hand")
	}
	for column, value := range map[string]string{
		"external_user_id": "x", "subscription_profile": "x", "subscription_identifier": "x", "user_source": "manual",
		"user_principal_name": "somebody else", "last_activity": "2001-01-01", "external_created": "2001-01-01 00:00:00",
	} {
		_, err := w.Update(t.Context(), dictionary.TableSubscription, c[0]["user_subscription"], store.Row{column: value}, store.WriteOptions{})
		refused(t, err, column+" cannot be changed by hand")
	}
	w.update(dictionary.TableCandidate, c[0]["sys_id"], store.Row{"number": c[0]["number"], "work_notes": "the same is no change"})
	before := w.get(dictionary.TableSubscription, c[0]["user_subscription"])
	after := w.update(dictionary.TableSubscription, before["sys_id"], store.Row{
		"vendor_user_name": "somebody else", "restored_on": "2001-01-01 00:00:00", "user_overridden": "true",
	})
	for _, column := range []string{"vendor_user_name", "restored_on", "user_overridden"} {
		require.Equal(t, before[column], after[column], column)
	}
}

// A subscription made by hand could name one person and carry the vendor's id of another.
func TestNoLicenceGoesByASubscriptionMadeByHand(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 2)
	victim, other := w.get(dictionary.TableSubscription, c[0]["user_subscription"]), w.get(dictionary.TableSubscription, c[1]["user_subscription"])
	s := w.insert(dictionary.TableSubscription, store.Row{
		"subscription_profile": w.profile, "external_user_id": victim["external_user_id"], "subscription_identifier": "x",
		"user_principal_name": other["user_principal_name"], "user": other["user"],
	})
	w.clock.advance(day)
	item := reclaimOne(w, w.insert(dictionary.TableCandidate, store.Row{"user_subscription": s["sys_id"]}))
	require.Equal(t, companion.OutcomeDenied, item.Outcome)
	require.Contains(t, item.Message, "made by hand")
	require.True(t, w.holds(members[0]))
}

func TestACandidateMadeByHandIsAboutItsSubscription(t *testing.T) {
	t.Parallel()
	w, _, c := idle(t, 1)
	w.update(dictionary.TableCandidate, c[0]["sys_id"], store.Row{"state": dictionary.StateClosedSkipped})
	made := w.insert(dictionary.TableCandidate, store.Row{
		"user_subscription": c[0]["user_subscription"], "subscription_profile": "another", "product": "another", "user": "another",
		"opened_at": "2030-01-01 00:00:00", "applies_to": "Installed Software", "number": "RCC1",
	})
	for _, column := range []string{"subscription_profile", "product", "user", "applies_to"} {
		require.Equal(t, c[0][column], made[column], column)
	}
	require.Equal(t, "2026-11-24 10:00:00", made["opened_at"])
	require.NotEqual(t, "RCC1", made["number"])
	s := w.insert(dictionary.TableSubscription, store.Row{"subscription_profile": w.profile, "external_user_id": "x", "user_source": "integration"})
	require.Equal(t, "manual", s["user_source"])
}

// What the database says is changed behind the rules, as an administrator of it could.
func TestReclaimTakesOnlyTheLicenceThatWasReviewed(t *testing.T) {
	t.Parallel()
	for name, attack := range map[string]string{
		"candidate":    `UPDATE samp_sw_reclamation_candidate SET user_subscription = (SELECT user_subscription FROM samp_sw_reclamation_candidate WHERE sys_id = ?2) WHERE sys_id = ?1`,
		"subscription": `UPDATE samp_sw_subscription SET external_user_id = (SELECT external_user_id || substr(?1, 1, 0) FROM samp_sw_subscription s WHERE s.sys_id = ?2) || 'x' WHERE sys_id = ?1`,
		"profile":      `UPDATE samp_sw_subscription SET subscription_profile = ?2 WHERE sys_id = ?1`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, members, c := idle(t, 2)
			s := w.get(dictionary.TableSubscription, c[0]["user_subscription"])
			expected := map[string]companion.Expected{c[0]["sys_id"]: {
				Subscription: s["sys_id"], User: companion.UserMark(c[0]["sys_id"], s["external_user_id"]),
			}}
			args := []any{c[0]["user_subscription"], c[1]["user_subscription"]}
			if name == "candidate" {
				args = []any{c[0]["sys_id"], c[1]["sys_id"]}
			}
			require.NoError(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(t.Context(), attack, args...)
				return err
			}))
			item := w.reclaim(companion.ReclaimRequest{Candidates: ids(c[:1]), Expected: expected})[c[0]["sys_id"]]
			require.Equal(t, companion.OutcomeSkippedClosed, item.Outcome)
			require.Contains(t, item.Message, "not stand for the licence that was reviewed")
			require.True(t, w.holds(members[0]) && w.holds(members[1]))
			require.Empty(t, w.trello.Requests().Writes)
		})
	}
	w, members, c := idle(t, 1)
	mark := companion.UserMark(c[0]["sys_id"], members[0].ID)
	item := w.reclaim(companion.ReclaimRequest{Candidates: ids(c), Expected: map[string]companion.Expected{
		c[0]["sys_id"]: {Subscription: c[0]["user_subscription"], User: mark},
	}})[c[0]["sys_id"]]
	require.Equal(t, companion.OutcomeDone, item.Outcome, item.Message)
}

func TestReclaimLooksAgainBeforeItWrites(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 2)
	w.overridden(&override{lastActivity: func(ctx context.Context, _ string) (time.Time, error) {
		return time.Time{}, w.db.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE samp_sw_reclamation_candidate SET user_subscription = ? WHERE sys_id = ?`, c[1]["user_subscription"], c[0]["sys_id"])
			return err
		})
	}})
	w.refresh()
	require.Equal(t, companion.OutcomeSkippedClosed, reclaimOne(w, c[0]).Outcome)
	require.True(t, w.holds(members[0]) && w.holds(members[1]))
}

func TestReclaimNeedsAPublishedProfileAndAValidatedConnection(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 1)
	connection := w.find(dictionary.TableHTTPConnection, "")[0]
	w.update(dictionary.TableHTTPConnection, connection["sys_id"], store.Row{"connection_url": w.trello.URL})
	item := reclaimOne(w, c[0])
	require.Equal(t, companion.OutcomeDenied, item.Outcome)
	require.Contains(t, item.Message, "not been validated since its last change")

	require.True(t, w.validate().Valid)
	w.update(dictionary.TableProfile, w.profile, store.Row{"status": dictionary.ProfileStatusDraft})
	item = reclaimOne(w, c[0])
	require.Equal(t, companion.OutcomeDenied, item.Outcome)
	require.Contains(t, item.Message, "is in Draft")
	require.True(t, w.holds(members[0]))
	require.Equal(t, dictionary.StateReady, w.get(dictionary.TableCandidate, c[0]["sys_id"])["state"])

	w.republish()
	require.Equal(t, companion.OutcomeDone, reclaimOne(w, c[0]).Outcome)
}

func TestReclaimStopsWhenTheConnectionChangesMeanwhile(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 1)
	w.overridden(&override{lastActivity: func(ctx context.Context, _ string) (time.Time, error) {
		connection := w.find(dictionary.TableHTTPConnection, "")[0]
		_, err := w.Update(ctx, dictionary.TableHTTPConnection, connection["sys_id"], store.Row{"connection_url": w.trello.URL}, inClear)
		return time.Time{}, err
	}})
	w.refresh()
	item := reclaimOne(w, c[0])
	require.Equal(t, companion.OutcomeDenied, item.Outcome)
	require.Contains(t, item.Message, "connection was changed during the run")
	require.True(t, w.holds(members[0]))
}

func TestEvidenceOfOneTenantCountsInNoOther(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 1)
	o := &override{}
	w.overridden(o)
	w.refresh()
	o.tenant = "away"
	item := reclaimOne(w, c[0])
	require.Equal(t, companion.OutcomeDenied, item.Outcome)
	require.Contains(t, item.Message, "evidence was collected in Home (home)")
	require.Contains(t, item.Message, "leads to Away (away)")
	require.True(t, w.holds(members[0]))

	require.Contains(t, w.refresh().Warnings[0], "read in Home (home) until now")
	require.Equal(t, companion.OutcomeDone, reclaimOne(w, c[0]).Outcome)
}

func TestNothingIsReclaimedWhereNothingWasEverRead(t *testing.T) {
	t.Parallel()
	w, _, c := idle(t, 1)
	w.overridden(&override{})
	require.NoError(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `DELETE FROM snsam_tenant`)
		return err
	}))
	item := reclaimOne(w, c[0])
	require.Equal(t, companion.OutcomeDenied, item.Outcome)
	require.Contains(t, item.Message, "never read completely")
}

func TestWithoutARuleNobodyIsIdle(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ sql, message string }{
		"rule gone":           {`DELETE FROM samp_sw_reclamation_rule`, "is gone"},
		"no threshold":        {`UPDATE samp_sw_reclamation_rule SET last_activity_threshold = NULL`, "no usable last activity threshold"},
		"absurd threshold":    {`UPDATE samp_sw_reclamation_rule SET last_activity_threshold = 99999999`, "no usable last activity threshold"},
		"threshold of no day": {`UPDATE samp_sw_reclamation_rule SET last_activity_threshold = 0`, "no usable last activity threshold"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, members, candidates := idle(t, 1)
			require.NoError(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(t.Context(), c.sql)
				return err
			}))
			require.True(t, w.trello.Login(members[0].ID))
			item := reclaimOne(w, candidates[0])
			require.Equal(t, companion.OutcomeDenied, item.Outcome)
			require.Contains(t, item.Message, c.message)
			require.True(t, w.holds(members[0]))

			open := w.count(dictionary.TableCandidate, "active=true")
			o := w.refresh()
			require.Equal(t, open, o.CandidatesCanceled)
			require.Zero(t, o.CandidatesOpened)
			after := w.get(dictionary.TableCandidate, candidates[0]["sys_id"])
			require.Equal(t, dictionary.StateClosedCanceled, after["state"])
			require.Contains(t, after["work_notes"], "rule is gone")
		})
	}
}

func TestThresholdsAreDaysThatACalendarHas(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 1)
	rule := c[0]["reclamation_rule"]
	for _, days := range []string{"", "0", "-1", "3651", "99999999", "1e2"} {
		_, err := w.Update(t.Context(), dictionary.TableReclamationRule, rule, store.Row{"last_activity_threshold": days}, store.WriteOptions{})
		refused(t, err, "from 1 to 3650")
	}
	w.update(dictionary.TableReclamationRule, rule, store.Row{"last_activity_threshold": "3650"})
	require.Equal(t, companion.OutcomeSkippedActive, reclaimOne(w, c[0]).Outcome, "the threshold of now counts")
	require.True(t, w.holds(members[0]))
}

func TestReclaimWritesSoonAfterItsChecksOrNotAtAll(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 2)
	slow := 31 * time.Second
	o := &override{}
	o.lastActivity = func(context.Context, string) (time.Time, error) {
		w.clock.advance(slow)
		return time.Time{}, nil
	}
	w.overridden(o)
	w.refresh()
	for _, slow = range []time.Duration{31 * time.Second, -time.Minute} {
		item := reclaimOne(w, c[0])
		require.Equal(t, companion.OutcomeFailed, item.Outcome)
		require.Contains(t, item.Message, "nothing was sent")
		after := w.get(dictionary.TableCandidate, c[0]["sys_id"])
		require.Equal(t, dictionary.StateReady, after["state"])
		require.Equal(t, item.Message, after["error_message"])
	}
	require.True(t, w.holds(members[0]))

	slow = 0
	var left time.Duration
	o.reclaim = func(ctx context.Context, _ string) (connector.Result, error) {
		deadline, ok := ctx.Deadline()
		require.True(t, ok)
		left = time.Until(deadline)
		return connector.Result{Outcome: companion.OutcomeFailed}, errors.Join(connector.ErrNothingSent, errors.New("429"))
	}
	w.overridden(o)
	require.Equal(t, companion.OutcomeFailed, reclaimOne(w, c[0]).Outcome)
	require.Equal(t, dictionary.StateReady, w.get(dictionary.TableCandidate, c[0]["sys_id"])["state"])
	require.LessOrEqual(t, left, 30*time.Second)

	o.reclaim = func(context.Context, string) (connector.Result, error) {
		return connector.Result{Outcome: companion.OutcomeFailed}, errors.New("the answer was lost")
	}
	w.overridden(o)
	item := reclaimOne(w, c[0])
	require.Contains(t, item.Message, "not known whether the licence was taken")
	require.Equal(t, dictionary.StateAttentionRequired, w.get(dictionary.TableCandidate, c[0]["sys_id"])["state"])
	w.overridden(&override{})
	require.Equal(t, companion.OutcomeDone, reclaimOne(w, c[0]).Outcome)
}

func TestAPersonWithoutLicenceIsSettledWithoutAWrite(t *testing.T) {
	t.Parallel()
	notFound := func(context.Context, string) (time.Time, error) {
		return time.Time{}, &connector.Error{Vendor: "Trello", Op: "read", Kind: connector.KindNotFound}
	}
	w, members, c := idle(t, 2)
	o := &override{lastActivity: notFound}
	w.overridden(o)
	w.refresh()
	item := reclaimOne(w, c[0])
	require.Equal(t, companion.OutcomeFailed, item.Outcome, "Trello says both")
	require.Contains(t, item.Message, "contradicts itself")
	require.Equal(t, dictionary.StateReady, w.get(dictionary.TableCandidate, c[0]["sys_id"])["state"])

	o.lastActivity = nil
	require.True(t, w.trello.SetLicence(members[0].ID, false))
	w.overridden(o)
	item = reclaimOne(w, c[0])
	require.Equal(t, companion.OutcomeAlreadyGone, item.Outcome, item.Message)
	require.Equal(t, dictionary.StateClosedComplete, w.get(dictionary.TableCandidate, c[0]["sys_id"])["state"])
	require.Empty(t, w.trello.Requests().Writes)
}

func TestLoginOnTheDayOfACandidateMadeByHand(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 2)
	for i, candidate := range c {
		w.update(dictionary.TableCandidate, candidate["sys_id"], store.Row{"state": dictionary.StateClosedSkipped})
		c[i] = w.insert(dictionary.TableCandidate, store.Row{"user_subscription": candidate["user_subscription"]})
	}
	w.clock.advance(4 * time.Hour)
	require.True(t, w.trello.Login(members[0].ID))
	require.Equal(t, companion.OutcomeSkippedActive, reclaimOne(w, c[0]).Outcome)
	require.True(t, w.holds(members[0]))
	require.True(t, w.trello.Login(members[1].ID))
	require.Equal(t, 1, w.refresh().CandidatesCanceled)
}

func TestProtectedByUserNameAndByDoubt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 100)
	w.overridden(&override{subscriptions: func(ctx context.Context, emit func([]connector.Subscription) error) (connector.Walk, error) {
		c, err := unlimited(connector.Config{
			BaseURL: w.trello.URL, Secrets: map[string]connector.Secret{"api_key": connector.NewSecret(w.trello.Key()), "api_token": connector.NewSecret(w.trello.Token())},
		})
		require.NoError(t, err)
		return c.Subscriptions(ctx, func(page []connector.Subscription) error {
			for i := range page {
				page[i].UserName = "user-" + page[i].ExternalUserID
				page[i].Email, page[i].UserPrincipalName = "", "login ("+page[i].ExternalUserID+")"
			}
			return emit(page)
		})
	}})
	w.publish()
	w.refresh()
	m := w.trello.Members(1, func(m double.Member) bool { return w.stale(m) && !m.Admin })[0]
	c := w.openCandidates()[m.ID]
	for _, entry := range []string{"LOGIN", "login (" + m.ID + ")", m.ID, "User-" + m.ID + " "} {
		item := w.reclaim(companion.ReclaimRequest{Candidates: []string{c["sys_id"]}, Protected: []string{entry}})[c["sys_id"]]
		require.Equal(t, companion.OutcomeSkippedProtected, item.Outcome, entry)
		require.Contains(t, item.Message, "is on the list")
	}
	item := w.reclaim(companion.ReclaimRequest{Candidates: []string{c["sys_id"]}, Protected: []string{"ceo@example.com"}})[c["sys_id"]]
	require.Equal(t, companion.OutcomeSkippedProtected, item.Outcome)
	require.Contains(t, item.Message, "cannot be told apart")
	require.True(t, w.holds(m))
	item = w.reclaim(companion.ReclaimRequest{Candidates: []string{c["sys_id"]}, Protected: []string{"somebody"}})[c["sys_id"]]
	require.Equal(t, companion.OutcomeDone, item.Outcome, item.Message)
}

func TestACandidateInRevocationKeepsItsTrace(t *testing.T) {
	t.Parallel()
	w, _, c := idle(t, 1)
	require.NoError(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE samp_sw_reclamation_candidate SET state = ?, revocation_begun_on = opened_at WHERE sys_id = ?`, dictionary.StateAwaitingRevocation, c[0]["sys_id"])
		return err
	}))
	refused(t, w.Delete(t.Context(), dictionary.TableCandidate, c[0]["sys_id"]), "outcome is open")
	require.Equal(t, companion.OutcomeDone, reclaimOne(w, c[0]).Outcome)
	require.NoError(t, w.Delete(t.Context(), dictionary.TableCandidate, c[0]["sys_id"]))
}

// What a run answers may be kept in a Terraform state, which names nobody.
func TestOutcomesNameNobody(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 2)
	person := w.get(dictionary.TableSubscription, c[0]["user_subscription"])
	require.NoError(t, w.trello.Inject(double.Injection{Fault: double.FaultAdminHub}))
	started, err := w.StartReclaim(t.Context(), companion.ReclaimRequest{Candidates: ids(c), Protected: []string{person["user_principal_name"]}}, "")
	p := w.ended(started, err)
	for _, item := range decode[companion.ReclaimOutcome](t, p).Items {
		require.Contains(t, item.Message, "the user", item.Outcome)
	}
	require.NotContains(t, string(p.Outcome), person["user_principal_name"])
	require.NotContains(t, string(p.Outcome), members[1].ID)
	require.Contains(t, w.candidate(c[0])["work_notes"], person["user_principal_name"], "who may read the candidate may know")
}

func TestAnInterruptedReclaimThatTookTheLicenceIsDone(t *testing.T) {
	t.Parallel()
	w, members, c := idle(t, 1)
	require.NoError(t, w.db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE samp_sw_reclamation_candidate SET state = ?, revocation_begun_on = opened_at WHERE sys_id = ?`, dictionary.StateAwaitingRevocation, c[0]["sys_id"])
		return err
	}))
	require.True(t, w.trello.SetLicence(members[0].ID, false))
	item := reclaimOne(w, c[0])
	require.Equal(t, companion.OutcomeDone, item.Outcome, item.Message)
	require.Empty(t, w.trello.Requests().Writes)
}

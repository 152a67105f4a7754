package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// endUnanswered is the job that ends the wait for users who did not answer: their candidates are Awaiting Revocation once
// the days have passed that they were given, counted from the delivery of the question. It writes nothing at a vendor. Where the
// subscription is gone, nothing is left to take, and the weekly job closes the candidate as skipped.
func endUnanswered(ctx context.Context, tx *store.Tx) (string, error) {
	now := formatDateTime(tx.Now())
	moved, err := transitAll(ctx, tx, mass{
		event: eventNoAnswer,
		note:  `'The user was told on ' || notified_on || ' and did not answer within ' || days_before_auto_reclamation || ' days.'`,
		condition: `notified_on <> '' AND days_before_auto_reclamation > 0 AND user_subscription <> ''
			AND datetime(notified_on, '+' || days_before_auto_reclamation || ' days') < ?`,
		args: []any{now},
	})
	return fmt.Sprintf("%d candidates without an answer await their revocation", moved), err
}

// AutoPolicy is what reclaims without a reviewer respect. The reclamation policy of the provider does not reach them.
type AutoPolicy struct {
	Protected       []string // users, see companion.Person.ProtectedBy
	ProtectedGroups []string // names or sys_ids of user groups
	DailyMaximum    int      // licences that may go on one day (UTC); 0 means no maximum
}

// AutoReclaimer takes the licences of candidates that await their revocation and whose users were told by a delivered notice:
// they did not answer in time, released the licence, or use restricted software. It is for one goroutine.
type AutoReclaimer struct {
	engine *Engine
	policy AutoPolicy
	tried  map[string]time.Time // by sys_id of the candidate
}

// AutoReclaimer makes one that has tried nothing yet.
func (e *Engine) AutoReclaimer(policy AutoPolicy) *AutoReclaimer {
	return &AutoReclaimer{engine: e, policy: policy, tried: map[string]time.Time{}}
}

// triedAgainAfter is how long a candidate rests whose licence could not be taken, so that its work notes stay readable.
const triedAgainAfter = 24 * time.Hour

// Run takes what can be taken now, with all the checks of a reviewed reclaim, and tells say what became of each.
func (a *AutoReclaimer) Run(ctx context.Context, say func(string)) error {
	due, err := a.due(ctx)
	if err != nil || len(due) == 0 {
		return err
	}
	request := companion.ReclaimRequest{
		Protected: a.policy.Protected, ProtectedGroups: a.policy.ProtectedGroups, DailyMaximum: a.policy.DailyMaximum,
		RunKey: store.NewSysID(a.engine.now()), RunTotal: len(due),
		Evidence: companion.Evidence{Reason: "auto-reclamation: the user was told, and the licence awaits its revocation"},
	}
	for chunk := range slices.Chunk(due, companion.MaxReclaimCandidates) {
		request.Candidates = chunk
		if err := a.reclaim(ctx, request, say); err != nil {
			return err
		}
	}
	return nil
}

func (a *AutoReclaimer) reclaim(ctx context.Context, request companion.ReclaimRequest, say func(string)) error {
	started, err := a.engine.startReclaim(store.WithUser(ctx, systemUser), dictionary.RunKindAuto, request, "")
	if err != nil {
		return fmt.Errorf("auto-reclamation: %w", err)
	}
	p, err := a.engine.wait(ctx, started.Links.Progress.ID, func(companion.Progress) {})
	if err != nil {
		return fmt.Errorf("auto-reclamation: %w", err)
	}
	var outcome companion.ReclaimOutcome
	if len(p.Outcome) > 0 {
		if err := json.Unmarshal(p.Outcome, &outcome); err != nil {
			return fmt.Errorf("auto-reclamation: read the outcome: %w", err)
		}
	}
	for _, item := range outcome.Items {
		a.tried[item.Candidate] = a.engine.now()
		say(fmt.Sprintf("auto-reclamation: candidate %s: %s", item.Number, item.Outcome))
	}
	if p.Status != companion.StatusSuccessful {
		return fmt.Errorf("auto-reclamation: %s: %s", strings.ToLower(p.StatusLabel), cmp.Or(p.Error, p.StatusMessage))
	}
	return nil
}

// due are the candidates whose turn it is, in the order of their numbers.
func (a *AutoReclaimer) due(ctx context.Context) ([]string, error) {
	now := a.engine.now()
	maps.DeleteFunc(a.tried, func(_ string, last time.Time) bool { return now.Sub(last) >= triedAgainAfter })
	var due []string
	err := a.engine.db.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Find(ctx, dictionary.TableCandidate, dictionary.CandidateState+"="+dictionary.StateAwaitingRevocation+"^"+
			dictionary.CandidateNotifiedOn+"ISNOTEMPTY^ORDERBY"+dictionary.CandidateNumber, store.FindOptions{Fields: []string{dictionary.SysID}})
		if err != nil {
			return fmt.Errorf("auto-reclamation: look up candidates that await their revocation: %w", err)
		}
		for _, row := range rows {
			if _, rests := a.tried[row[dictionary.SysID]]; !rests {
				due = append(due, row[dictionary.SysID])
			}
		}
		return nil
	})
	return due, err
}

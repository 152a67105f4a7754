package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// reclaimsAtOnce is how many candidates are worked on at the same time; the vendor's limit is kept by the connector.
const reclaimsAtOnce = 4

// StartReclaim begins to reclaim the named candidates, and nothing else.
func (e *Engine) StartReclaim(ctx context.Context, request companion.ReclaimRequest, idempotencyKey string) (companion.Progress, error) {
	return e.startReclaim(ctx, dictionary.RunKindReclaim, request, idempotencyKey)
}

func (e *Engine) startReclaim(ctx context.Context, kind string, request companion.ReclaimRequest, idempotencyKey string) (companion.Progress, error) {
	return e.start(ctx, operation{
		name: "Reclaim", kind: "reclaim", key: idempotencyKey, request: request,
		check: func(context.Context, *store.Tx) error { return checkNamed("reclaim", request.Candidates) },
		work: func(ctx context.Context, r *run) (any, error) {
			rc := &reclaim{engine: e, run: r, request: request, total: len(request.Candidates)}
			rc.evidence = evidence{kind: kind, key: request.RunKey, total: request.RunTotal, who: request.Evidence}
			rc.outcome.Items = []companion.ReclaimItem{}
			err := rc.do(ctx)
			return rc.outcome, err
		},
	})
}

// checkNamed refuses a reclaim or restore that names no candidate, or too many.
func checkNamed(operation string, candidates []string) error {
	message := ""
	if len(candidates) == 0 {
		message = fmt.Sprintf("a %s names the candidates to %[1]s; none was named", operation)
	}
	if len(candidates) > companion.MaxReclaimCandidates {
		message = fmt.Sprintf("a %s takes at most %d candidates, not %d; split it", operation, companion.MaxReclaimCandidates, len(candidates))
	}
	if message == "" {
		return nil
	}
	return &store.BusinessRuleError{Table: dictionary.TableCandidate, Rule: "Named candidates", Message: message}
}

// reclaim is one reviewed run over named candidates.
type reclaim struct {
	engine  *Engine
	run     *run
	request companion.ReclaimRequest
	total   int

	evidence evidence // of the profile that is worked on

	mu      sync.Mutex
	outcome companion.ReclaimOutcome
}

func (rc *reclaim) do(ctx context.Context) error {
	byProfile, profiles, unknown, err := rc.engine.groupCandidates(ctx, rc.request.Candidates)
	if err != nil {
		return err
	}
	for _, id := range unknown {
		rc.done(companion.ReclaimItem{Candidate: id, Outcome: companion.OutcomeSkippedClosed, Message: noSuchCandidate})
	}
	for _, profile := range profiles {
		err := rc.run.withProfile(ctx, profile, func() error { return rc.ofProfile(ctx, profile, byProfile[profile]) })
		if err != nil {
			return err
		}
	}
	rc.run.report(100, fmt.Sprintf("%d of %d candidates done", len(rc.outcome.Items), rc.total))
	return nil
}

const noSuchCandidate = "There is no such candidate."

// groupCandidates sorts candidates by profile, each once, in the order in which they were named.
func (e *Engine) groupCandidates(ctx context.Context, ids []string) (byProfile map[string][]string, profiles, unknown []string, err error) {
	byProfile = map[string][]string{}
	err = e.db.View(ctx, func(tx *store.Tx) error {
		for _, id := range ids {
			candidate, err := lookUp(ctx, tx, dictionary.TableCandidate, id)
			if err != nil {
				return err
			}
			if candidate == nil {
				unknown = append(unknown, id)
				continue
			}
			profile := candidate[dictionary.CandidateProfile]
			if byProfile[profile] == nil {
				profiles = append(profiles, profile)
			}
			if !slices.Contains(byProfile[profile], id) {
				byProfile[profile] = append(byProfile[profile], id)
			}
		}
		return nil
	})
	return byProfile, profiles, unknown, err
}

// ofProfile reclaims the candidates of one profile, under its lease.
func (rc *reclaim) ofProfile(ctx context.Context, profileID string, candidates []string) error {
	if err := rc.evidence.open(ctx, rc.run, profileID, len(candidates), len(candidates) == rc.total); err != nil {
		return err
	}
	rc.outcome.Run = rc.evidence.row
	w, blocked, err := rc.open(ctx, profileID)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(reclaimsAtOnce)
	for _, id := range candidates {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if blocked != nil {
				return rc.block(ctx, id, *blocked)
			}
			return rc.one(ctx, w, id)
		})
	}
	return g.Wait()
}

// worker is what reclaiming needs of the vendor of a profile.
type worker struct {
	reclaimer connector.Reclaimer
	activity  connector.ActivityReader    // nil where the vendor cannot re-read one person cheaply
	confirmer connector.ActivityConfirmer // nil where it cannot tell whether named people were active
	presence  connector.PresenceChecker   // nil where it cannot tell whether one person holds a licence
	restorer  connector.Restorer          // nil where it cannot give a licence back

	profileID string
	revision  string // of the access that the vendor is called with
	preflight func(context.Context) error
}

// open prepares the vendor. What stands against every reclaim of the profile is returned as blocked.
func (rc *reclaim) open(ctx context.Context, profileID string) (w worker, blocked *companion.ReclaimItem, err error) {
	a, vendor, err := rc.engine.connect(ctx, profileID)
	if a.profile != nil {
		if obstacle := rc.engine.reclaimObstacle(a.profile); obstacle != "" {
			return w, &companion.ReclaimItem{Outcome: companion.OutcomeDenied, Message: obstacle}, nil
		}
	}
	var setup *setupError
	switch {
	case errors.As(err, &setup):
		return w, &companion.ReclaimItem{Outcome: companion.OutcomeFailed, Message: setup.message}, nil
	case errors.Is(err, store.ErrNotFound):
		return w, &companion.ReclaimItem{Outcome: companion.OutcomeSkippedClosed, Message: "The candidate's integration profile does not exist any more."}, nil
	case err != nil:
		return w, nil, err
	}
	reclaimer, ok := vendor.(connector.Reclaimer)
	if !ok {
		return w, &companion.ReclaimItem{
			Outcome: companion.OutcomeDenied,
			Message: fmt.Sprintf("%s offers no way to take a licence back. Remove it there by hand, then close the candidate.", a.vendor.Label),
		}, nil
	}
	w.reclaimer = reclaimer
	w.activity, _ = vendor.(connector.ActivityReader)
	w.confirmer, _ = vendor.(connector.ActivityConfirmer)
	w.presence, _ = vendor.(connector.PresenceChecker)
	w.restorer, _ = vendor.(connector.Restorer)
	w.profileID, w.revision = profileID, a.revision
	w.preflight = once(func(ctx context.Context) error {
		if err := rc.engine.checkTenant(ctx, a, vendor); err != nil {
			return err
		}
		return rc.checkReport(reclaimer.Preflight(ctx))
	})
	return w, nil, nil
}

// reclaimObstacle tells what on a profile stands against every reclaim; empty where nothing does.
func (e *Engine) reclaimObstacle(profile store.Row) string {
	name := profile[dictionary.ProfileDisplayName]
	if !isTrue(profile[dictionary.ProfileReclaim]) {
		return fmt.Sprintf("Reclaim subscriptions is off on the integration profile %q. Switch it on, then reclaim again.", name)
	}
	return e.writeObstacle(profile, "reclaim")
}

// writeObstacle tells what on a profile stands against every write at the vendor; empty where nothing does.
func (e *Engine) writeObstacle(profile store.Row, operation string) string {
	name := profile[dictionary.ProfileDisplayName]
	switch {
	case profile[dictionary.ProfileStatus] != dictionary.ProfileStatusPublished:
		return fmt.Sprintf("The integration profile %q is in Draft: its settings changed since its candidates were found. "+
			"Validate its connection, publish it and refresh it, then %s again.", name, operation)
	case e.requireValidated(profile) != nil:
		return fmt.Sprintf("The connection of the integration profile %q has not been validated since its last change. "+
			"Run Validate Connection, then %s again.", name, operation)
	}
	return ""
}

// errPreflight is a preflight whose answer is that reclaim cannot work.
type errPreflight struct{ message string }

func (e *errPreflight) Error() string { return e.message }

// checkReport turns the report of a preflight into an error where reclaim cannot work. Its warnings go into the outcome.
func (rc *reclaim) checkReport(report connector.Report, err error) error {
	if err != nil {
		return err
	}
	rc.mu.Lock()
	rc.outcome.Warnings = append(rc.outcome.Warnings, report.Warnings...)
	rc.mu.Unlock()
	return refusal(report)
}

// refusal is the error of a preflight that found that the vendor would refuse; nil where it would not.
func refusal(report connector.Report) error {
	if report.OK {
		return nil
	}
	var messages []string
	for _, check := range report.Checks {
		if !check.OK {
			messages = append(messages, check.Message)
		}
	}
	return &errPreflight{strings.Join(messages, " ")}
}

// once runs fn for the first caller and gives every caller its answer.
func once(fn func(context.Context) error) func(context.Context) error {
	var do sync.Once
	var err error
	return func(ctx context.Context) error {
		do.Do(func() { err = fn(ctx) })
		return err
	}
}

// block stores on a candidate why it could not be reclaimed. Nothing was tried, so it keeps its state.
func (rc *reclaim) block(ctx context.Context, id string, reason companion.ReclaimItem) error {
	reason.Candidate = id
	err := rc.run.update(ctx, func(tx *store.Tx) error {
		candidate, err := tx.Get(ctx, dictionary.TableCandidate, id)
		if err != nil {
			return err
		}
		reason.Number = candidate[dictionary.CandidateNumber]
		if !isTrue(candidate[dictionary.CandidateActive]) {
			reason = closedItem(candidate)
		} else if err := rc.note(ctx, tx, candidate, reason.Message, store.Row{dictionary.CandidateErrorMessage: reason.Message}); err != nil {
			return err
		}
		return rc.record(ctx, tx, target{candidate: candidate}, &reason)
	})
	if err == nil {
		rc.done(reason)
	}
	return err
}

// record appends an item to the run table and takes the person's names out of it, since a caller may keep it; nil is none. Call
// it in the transaction that stores the outcome.
func (rc *reclaim) record(ctx context.Context, tx *store.Tx, t target, item *companion.ReclaimItem) error {
	if item == nil {
		return nil
	}
	item.Message = withoutNames(item.Message, t.names())
	return rc.evidence.append(ctx, tx, happened{candidate: t.candidate, outcome: string(item.Outcome), message: item.Message})
}

// note adds to the work notes of a candidate that stays in its state.
func (rc *reclaim) note(ctx context.Context, tx *store.Tx, candidate store.Row, text string, changes store.Row) error {
	_, err := addNote(ctx, tx, candidate, text, changes)
	return err
}

func (rc *reclaim) done(item companion.ReclaimItem) {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	rc.outcome.Items = append(rc.outcome.Items, item)
	n := len(rc.outcome.Items)
	rc.run.report(99*n/rc.total, fmt.Sprintf("%d of %d candidates done", n, rc.total))
}

func closedItem(candidate store.Row) companion.ReclaimItem {
	item := companion.ReclaimItem{
		Candidate: candidate[dictionary.SysID], Number: candidate[dictionary.CandidateNumber], Outcome: companion.OutcomeSkippedClosed,
		Message: "The candidate is " + dictionary.CandidateStateLabel(candidate[dictionary.CandidateState]) + ".",
	}
	if candidate[dictionary.CandidateState] == dictionary.StateClosedComplete {
		item.Outcome = companion.OutcomeAlreadyGone
		item.Message = "The licence was reclaimed before: the candidate was closed on " + candidate[dictionary.CandidateClosedAt] + "."
	}
	return item
}

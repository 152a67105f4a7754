package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// What a refresh can be asked for.
const (
	refreshSubscriptions = "subscriptions"
	refreshActivity      = "activity"
)

// StartRefresh begins the refresh job of a published profile.
func (e *Engine) StartRefresh(ctx context.Context, profile string, request companion.RefreshRequest, idempotencyKey string) (companion.Progress, error) {
	return e.startRefresh(ctx, profile, request, idempotencyKey, nil)
}

// startRefresh is StartRefresh, for a person or, with due, for a job: then only if the job is still due when its turn comes.
func (e *Engine) startRefresh(ctx context.Context, profile string, request companion.RefreshRequest, idempotencyKey string, due store.Row) (companion.Progress, error) {
	return e.start(ctx, operation{
		name: "Refresh", kind: "refresh", profile: profile, key: idempotencyKey, request: request,
		check: func(ctx context.Context, tx *store.Tx) error {
			if err := checkRefreshRequest(request); err != nil {
				return err
			}
			p, err := publishedProfile(ctx, tx, profile)
			if err != nil {
				return err
			}
			return e.checkActivityRequest(p, request)
		},
		work: func(ctx context.Context, r *run) (any, error) {
			f := &refresh{
				engine: e, run: r, profileID: profile, due: due, what: request.What, maxRemovalFraction: request.MaxRemovalFraction,
				maxDuration: time.Duration(request.MaxDurationSeconds) * time.Second,
			}
			if f.maxRemovalFraction == 0 {
				f.maxRemovalFraction = e.opt.DefaultMaxRemovalFraction
			}
			f.outcome.Warnings = []string{}
			err := r.withProfile(ctx, profile, func() error { return f.do(ctx) })
			if errors.Is(err, errNotDue) {
				r.report(100, err.Error())
				err = nil
			}
			return f.outcome, err
		},
	})
}

// errNotDue is a job that another process has run in the meantime.
var errNotDue = errors.New("another process has run this job just now")

func checkRefreshRequest(request companion.RefreshRequest) error {
	refuse := func(format string, args ...any) error {
		return &store.BusinessRuleError{Table: dictionary.TableProfile, Rule: "Refresh request", Message: fmt.Sprintf(format, args...)}
	}
	if f := request.MaxRemovalFraction; f < 0 || f > 1 {
		return refuse("max_removal_fraction is between 0 and 1, not %v", f)
	}
	if request.MaxDurationSeconds < 0 {
		return refuse("max_duration_seconds is not negative; 0 means no limit")
	}
	for _, what := range request.What {
		if what != refreshSubscriptions && what != refreshActivity {
			return refuse("a refresh is of %s or %s, not of %q", refreshSubscriptions, refreshActivity, what)
		}
	}
	return nil
}

// checkActivityRequest refuses to refresh the activity alone of a profile that pulls none. Where it comes with the
// subscriptions, those are refreshed.
func (e *Engine) checkActivityRequest(profile store.Row, request companion.RefreshRequest) error {
	t, _ := dictionary.ProfileTypeByValue(e.opt.ReleaseFamily, profile[dictionary.ProfileType_])
	if !t.ActivitySubflow || pullsActivity(profile, t) || !slices.Equal(request.What, []string{refreshActivity}) {
		return nil
	}
	return &store.BusinessRuleError{
		Table: dictionary.TableProfile, Rule: "Refresh request",
		Message: fmt.Sprintf("Download activity is off on the integration profile %q; switch it on, or refresh the subscriptions only", profile[dictionary.ProfileDisplayName]),
	}
}

func publishedProfile(ctx context.Context, tx *store.Tx, id string) (store.Row, error) {
	profile, err := tx.Get(ctx, dictionary.TableProfile, id)
	if err != nil {
		return nil, fmt.Errorf("read integration profile %s: %w", id, err)
	}
	if profile[dictionary.ProfileStatus] != dictionary.ProfileStatusPublished {
		return nil, &store.BusinessRuleError{
			Table: dictionary.TableProfile, Rule: "Only a published profile has jobs",
			Message: fmt.Sprintf("the integration profile %q is in Draft; validate its connection and publish it first", profile[dictionary.ProfileDisplayName]),
		}
	}
	return profile, nil
}

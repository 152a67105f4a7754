package engine

import (
	"context"
	"fmt"
	"strconv"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// StartPublish publishes a validated profile. Publishing a published profile makes good what is missing and changes
// nothing else.
func (e *Engine) StartPublish(ctx context.Context, profile, idempotencyKey string) (companion.Progress, error) {
	return e.start(ctx, operation{
		name: "Publish", kind: "publish", profile: profile, key: idempotencyKey,
		check: func(ctx context.Context, tx *store.Tx) error {
			_, err := e.publishable(ctx, tx, profile)
			return err
		},
		work: func(ctx context.Context, r *run) (any, error) {
			var outcome companion.PublishOutcome
			err := r.update(ctx, func(tx *store.Tx) error {
				row, err := e.publishable(ctx, tx, profile)
				if err != nil {
					return err
				}
				status := store.Row{dictionary.ProfileStatus: dictionary.ProfileStatusPublished}
				if _, _, err := tx.Update(ctx, dictionary.TableProfile, profile, status); err != nil {
					return err
				}
				outcome, err = e.publishObjects(ctx, tx, row)
				return err
			})
			r.report(100, "Published. The first refresh is queued.")
			return outcome, err
		},
	})
}

// publishable reads a profile that is published or may be.
func (e *Engine) publishable(ctx context.Context, tx *store.Tx, profile string) (store.Row, error) {
	row, err := tx.Get(ctx, dictionary.TableProfile, profile)
	if err != nil {
		return nil, fmt.Errorf("read integration profile %s: %w", profile, err)
	}
	if row[dictionary.ProfileStatus] == dictionary.ProfileStatusPublished {
		return row, nil
	}
	return row, e.requireValidated(row)
}

// publishObjects makes what a published profile needs, or finds what an earlier profile left: software models, one
// reclamation rule per product, and the jobs, whose first run is due at once.
func (e *Engine) publishObjects(ctx context.Context, tx *store.Tx, profile store.Row) (companion.PublishOutcome, error) {
	outcome := companion.PublishOutcome{Models: []companion.Ref{}, Rules: []companion.Ref{}, Jobs: []companion.Ref{}}
	t, _ := dictionary.ProfileTypeByValue(e.opt.ReleaseFamily, profile[dictionary.ProfileType_])
	products, err := productsOf(ctx, tx, t)
	if err != nil {
		return outcome, err
	}
	for _, p := range products {
		model, err := ensureModel(ctx, tx, p)
		if err != nil {
			return outcome, err
		}
		rule, err := ensureRule(ctx, tx, p, t.ThresholdDays)
		if err != nil {
			return outcome, err
		}
		outcome.Models = append(outcome.Models, ref(model, dictionary.ModelDisplayName))
		outcome.Rules = append(outcome.Rules, ref(rule, dictionary.RuleName))
	}
	name := profile[dictionary.ProfileDisplayName]
	jobs := []string{refreshJobName(name)}
	if pullsActivity(profile, t) {
		jobs = append(jobs, activityJobName(name))
	}
	for _, job := range jobs {
		row, err := ensureJob(ctx, tx, profile[dictionary.SysID], job)
		if err != nil {
			return outcome, err
		}
		outcome.Jobs = append(outcome.Jobs, ref(row, dictionary.JobName))
	}
	outcome.Warnings, err = thresholdWarnings(ctx, tx, profile, t, products)
	return outcome, err
}

func ref(row store.Row, name string) companion.Ref {
	return companion.Ref{SysID: row[dictionary.SysID], Name: row[name]}
}

// ensureRule finds the reclamation rule of a product, which survives its profiles, or makes it with a threshold in days.
func ensureRule(ctx context.Context, tx *store.Tx, p product, threshold int) (store.Row, error) {
	rule, err := ruleOf(ctx, tx, p.id)
	if err != nil || rule != nil {
		return rule, err
	}
	rule, err = tx.Insert(ctx, dictionary.TableReclamationRule, store.Row{
		dictionary.RuleName:            p.name,
		dictionary.RuleAppliesTo:       dictionary.AppliesToSubscription,
		dictionary.RuleCreateCandidate: "true",
		dictionary.RuleThresholdDays:   strconv.Itoa(threshold),
		dictionary.RuleNotifyUser:      "false",
		dictionary.RuleActive:          "true",
		dictionary.RuleAssignmentGroup: dictionary.SeedID(dictionary.TableUserGroup, dictionary.DefaultAssignmentGroup),
	})
	if err != nil {
		return nil, fmt.Errorf("create the reclamation rule of %s: %w", p.name, err)
	}
	_, err = tx.Insert(ctx, dictionary.TableRuleProduct, store.Row{dictionary.RuleProductRule: rule[dictionary.SysID], dictionary.RuleProductProduct: p.id})
	return rule, err
}

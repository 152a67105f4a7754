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
		rule, err := ensureRule(ctx, tx, p, t)
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

// product is what a subscription identifier stands for.
type product struct {
	identifier  string
	id          string
	name        string
	displayName string // publisher and product
	publisher   string
	company     string // manufacturer of the model
	model       string // sys_id of the software model; empty before publishing
}

// productsOf lists the products of a profile type, by the content library.
func productsOf(ctx context.Context, tx *store.Tx, t dictionary.ProfileType) ([]product, error) {
	definitions, err := tx.Find(ctx, dictionary.TableProductDefinition,
		dictionary.DefinitionProfile+"="+t.Value+"^"+dictionary.DefinitionActive+"=true^ORDERBY"+dictionary.DefinitionID, store.FindOptions{})
	if err != nil {
		return nil, fmt.Errorf("read the product definitions of %s: %w", t.Label, err)
	}
	var products []product
	for _, d := range definitions {
		row, err := tx.Get(ctx, dictionary.TableProduct, d[dictionary.DefinitionProduct])
		if err != nil {
			return nil, fmt.Errorf("read the product of identifier %s: %w", d[dictionary.DefinitionID], err)
		}
		publisher, err := tx.Get(ctx, dictionary.TablePublisher, row[dictionary.ProductPublisher])
		if err != nil {
			return nil, fmt.Errorf("read the publisher of product %s: %w", row[dictionary.ProductName], err)
		}
		p := product{
			identifier:  d[dictionary.DefinitionID],
			id:          row[dictionary.SysID],
			name:        row[dictionary.ProductName],
			displayName: publisher[dictionary.PublisherName] + " " + row[dictionary.ProductName],
			publisher:   publisher[dictionary.SysID],
			company:     publisher[dictionary.PublisherCompany],
		}
		model, err := findModel(ctx, tx, p)
		if err != nil {
			return nil, err
		}
		p.model = model[dictionary.SysID]
		products = append(products, p)
	}
	return products, nil
}

func findModel(ctx context.Context, tx *store.Tx, p product) (store.Row, error) {
	models, err := tx.Find(ctx, dictionary.TableSoftwareModel, dictionary.ModelProduct+"="+p.id, store.FindOptions{})
	if err != nil {
		return nil, fmt.Errorf("look up the software model of %s: %w", p.name, err)
	}
	for _, m := range models {
		if m[dictionary.ModelIdentifier] == p.identifier {
			return m, nil
		}
	}
	return nil, nil
}

func ensureModel(ctx context.Context, tx *store.Tx, p product) (store.Row, error) {
	model, err := findModel(ctx, tx, p)
	if err != nil || model != nil {
		return model, err
	}
	return tx.Insert(ctx, dictionary.TableSoftwareModel, store.Row{
		dictionary.ModelName:         p.name,
		dictionary.ModelDisplayName:  p.displayName,
		dictionary.ModelManufacturer: p.company,
		dictionary.ModelProduct:      p.id,
		dictionary.ModelPublisher:    p.publisher,
		dictionary.ModelIdentifier:   p.identifier,
		dictionary.ModelStatus:       dictionary.ModelActive,
	})
}

// ensureRule finds the reclamation rule of a product, which survives its profiles, or makes it.
func ensureRule(ctx context.Context, tx *store.Tx, p product, t dictionary.ProfileType) (store.Row, error) {
	rule, err := ruleOf(ctx, tx, p.id)
	if err != nil || rule != nil {
		return rule, err
	}
	rule, err = tx.Insert(ctx, dictionary.TableReclamationRule, store.Row{
		dictionary.RuleName:            p.name,
		dictionary.RuleAppliesTo:       dictionary.AppliesToSubscription,
		dictionary.RuleCreateCandidate: "true",
		dictionary.RuleThresholdDays:   strconv.Itoa(t.ThresholdDays),
		dictionary.RuleNotifyUser:      "false",
		dictionary.RuleActive:          "true",
		dictionary.RuleAssignmentGroup: dictionary.SeedID(dictionary.TableUserGroup, dictionary.DefaultAssignmentGroup),
	})
	if err != nil {
		return nil, fmt.Errorf("create the reclamation rule of %s: %w", p.name, err)
	}
	_, err = tx.Insert(ctx, dictionary.TableRuleProduct, store.Row{"reclamation_rule": rule[dictionary.SysID], "software_product": p.id})
	return rule, err
}

// ruleOf is the oldest reclamation rule for subscriptions of a product; nil where there is none.
func ruleOf(ctx context.Context, tx *store.Tx, product string) (store.Row, error) {
	links, err := tx.Find(ctx, dictionary.TableRuleProduct, "software_product="+product+"^ORDERBY"+dictionary.SysID, store.FindOptions{})
	if err != nil {
		return nil, fmt.Errorf("look up the reclamation rule of product %s: %w", product, err)
	}
	for _, link := range links {
		rule, err := lookUp(ctx, tx, dictionary.TableReclamationRule, link["reclamation_rule"])
		if err != nil {
			return nil, err
		}
		if rule[dictionary.RuleAppliesTo] == dictionary.AppliesToSubscription {
			return rule, nil
		}
	}
	return nil, nil
}

package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// Messages of the form after Validate Connection (KB3009451).
const (
	validationGood = "Connection validation is successful."
	validationBad  = "Connection validation is not successful. Please check connections and credentials and try again."
)

// StartValidate begins Validate Connection: it calls the vendor as the download would, and never writes there. A
// connection that is not good is a successful run whose outcome says so.
func (e *Engine) StartValidate(ctx context.Context, profile, idempotencyKey string) (companion.Progress, error) {
	return e.start(ctx, operation{
		name: "Validate Connection", kind: "validate", profile: profile, key: idempotencyKey,
		check: func(ctx context.Context, tx *store.Tx) error {
			if err := requireProfile(ctx, tx, profile); err != nil {
				return err
			}
			return e.requireValidation()
		},
		work: func(ctx context.Context, r *run) (any, error) {
			outcome, err := e.validate(ctx, profile)
			if err != nil {
				return nil, err
			}
			r.report(100, validationGood)
			if !outcome.Valid {
				r.report(100, validationBad)
			}
			return outcome, nil
		},
	})
}

func requireProfile(ctx context.Context, tx *store.Tx, profile string) error {
	if _, err := tx.Get(ctx, dictionary.TableProfile, profile); err != nil {
		return fmt.Errorf("read integration profile %s: %w", profile, err)
	}
	return nil
}

func (e *Engine) validate(ctx context.Context, profile string) (companion.ValidateOutcome, error) {
	now := e.now()
	outcome := companion.ValidateOutcome{Checks: []companion.Check{}, Warnings: []string{}}
	a, c, err := e.connectWith(ctx, profile, func(*access) {})
	var setup *setupError
	if errors.As(err, &setup) {
		outcome.Checks = append(outcome.Checks, companion.Check{Process: "connection", Message: setup.message, Code: setup.code})
		return outcome, e.storeValidation(ctx, profile, "", validation{})
	}
	if err != nil {
		return outcome, err
	}
	report, err := c.Validate(ctx)
	if err != nil {
		return outcome, fmt.Errorf("validate the connection of integration profile %q: %w", a.profile[dictionary.ProfileDisplayName], err)
	}
	outcome.Valid = report.OK
	outcome.Checks = append(outcome.Checks, report.Checks...)
	outcome.Warnings = append(outcome.Warnings, report.Warnings...)
	if !report.OK {
		if check, over := grantCheck(a); over {
			outcome.Checks = append(outcome.Checks, check)
		}
		return outcome, e.storeValidation(ctx, profile, a.revision, validation{})
	}
	outcome.Groups = renderGroups(report.Groups)
	outcome.ValidatedAt = now
	v := validation{on: formatDateTime(now)}
	if a.properties.Vendor[optionGroups] == "" {
		v.groups = groupIDs(outcome.Groups)
	}
	return outcome, e.storeValidation(ctx, profile, a.revision, v)
}

// validation is what a successful validation leaves on the profile. The zero value is none.
type validation struct {
	on     string // when
	groups string // ids of the groups that were found where none were chosen
}

// grantCheck tells whether the OAuth grant turned out to be over, which a person can mend by a new consent.
func grantCheck(a access) (companion.Check, bool) {
	tokens, ok := a.config.Tokens.(*grantTokens)
	if !ok || !tokens.over() {
		return companion.Check{}, false
	}
	return companion.Check{
		Process: "connection", Code: companion.CheckConsentExpired,
		Message: "The OAuth grant of the alias " + tokens.app.aliasID + " is over. " + tokens.app.advice() + ".",
	}, true
}

// storeValidation remembers a successful validation in custom_properties, or forgets an earlier one. What was changed while
// the vendor was asked has not been validated.
func (e *Engine) storeValidation(ctx context.Context, profileID, revision string, v validation) error {
	return e.db.Update(ctx, func(tx *store.Tx) error {
		profile, err := tx.Get(ctx, dictionary.TableProfile, profileID)
		if err != nil {
			return fmt.Errorf("store the validation of integration profile %s: %w", profileID, err)
		}
		if v.on != "" {
			a, err := e.profileAccess(ctx, tx, profileID)
			if err != nil {
				return err
			}
			if a.revision != revision {
				return fmt.Errorf("the connection of integration profile %q was changed while it was validated. Validate it again",
					profile[dictionary.ProfileDisplayName])
			}
		}
		properties, err := withValidatedOn(profile[dictionary.ProfileCustomProperties], v.on)
		if err != nil {
			return err
		}
		if v.on != "" {
			if properties, err = withProperty(properties, propertyResolvedGroups, v.groups); err != nil {
				return err
			}
		}
		_, _, err = tx.Update(ctx, dictionary.TableProfile, profileID, store.Row{dictionary.ProfileCustomProperties: properties})
		return err
	})
}

// requireValidated is the publish gate. Families without Validate Connection have none.
func (e *Engine) requireValidated(profile store.Row) error {
	t, ok := dictionary.ProfileTypeByValue(e.opt.ReleaseFamily, profile[dictionary.ProfileType_])
	if ok && !t.Toggles {
		return nil
	}
	properties, err := parseProperties(profile[dictionary.ProfileCustomProperties])
	if err == nil && properties.ValidatedOn != "" {
		return nil
	}
	return &store.BusinessRuleError{
		Table: dictionary.TableProfile, Rule: "Publish needs a validated connection",
		Message: fmt.Sprintf("the connection of integration profile %q has not been validated since its last change; run Validate Connection, then publish",
			profile[dictionary.ProfileDisplayName]),
	}
}

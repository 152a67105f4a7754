package engine

import (
	"context"
	"fmt"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// identifyRestricted is the nightly job for restricted software: every subscription of a model that may not be used here
// becomes a candidate, whose user is informed. It writes nothing at a vendor.
func (e *Engine) identifyRestricted(ctx context.Context, tx *store.Tx) (string, error) {
	canceled, err := cancelUnrestricted(ctx, tx)
	if err != nil {
		return "", err
	}
	opened, err := e.openRestricted(ctx, tx, "")
	return fmt.Sprintf("%d candidates opened, %d canceled", opened, canceled), err
}

// restrictedModel is the condition that a model may not be used here; its parameter is the model.
const restrictedModel = `EXISTS (SELECT 1 FROM cmdb_software_product_model m WHERE m.sys_id = %s AND m.restricted_software = 1)`

// cancelUnrestricted closes the candidates that were opened for a model which is not restricted any more. Those that a person
// made by hand stay.
func cancelUnrestricted(ctx context.Context, tx *store.Tx) (int, error) {
	return transitAll(ctx, tx, mass{
		event: eventReasonGone, note: "'Closed because the software model is not restricted any more.'",
		condition: `justification = ? AND sys_created_by = ? AND revocation_begun_on = '' AND NOT ` +
			fmt.Sprintf(restrictedModel, "samp_sw_reclamation_candidate.software_model"),
		args: []any{dictionary.JustificationRestricted, systemUser},
	})
}

// openRestricted opens a candidate for every subscription of a restricted model that has none, of one profile or, with an
// empty one, of all. They start in Awaiting Revocation.
func (e *Engine) openRestricted(ctx context.Context, tx *store.Tx, profile string) (int, error) {
	ids, err := restrictedSubscriptions(ctx, tx, profile)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := e.openRestrictedOne(ctx, tx, id); err != nil {
			return 0, fmt.Errorf("open a candidate for restricted software: %w", err)
		}
	}
	return len(ids), nil
}

func restrictedSubscriptions(ctx context.Context, tx *store.Tx, profile string) ([]string, error) {
	// CROSS JOIN begins with the models, so that nothing is read where none is restricted.
	rows, err := tx.Query(ctx, `SELECT s.sys_id FROM cmdb_software_product_model m CROSS JOIN samp_sw_subscription s ON s.software_model = m.sys_id
		WHERE m.restricted_software = 1 AND s.active = 1 AND s.subscription_profile <> '' AND (?1 = '' OR s.subscription_profile = ?1)
		AND NOT EXISTS (SELECT 1 FROM samp_sw_reclamation_candidate c WHERE c.user_subscription = s.sys_id AND c.active = 1)
		ORDER BY s.sys_id`, profile)
	if err != nil {
		return nil, fmt.Errorf("look up subscriptions of restricted software: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("look up subscriptions of restricted software: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func (e *Engine) openRestrictedOne(ctx context.Context, tx *store.Tx, subscriptionID string) error {
	subscription, err := tx.Get(ctx, dictionary.TableSubscription, subscriptionID)
	if err != nil {
		return err
	}
	row, err := candidateOf(ctx, tx, subscription)
	if err != nil {
		return err
	}
	if row[dictionary.CandidateNumber], err = takeNumber(ctx, tx, candidatePrefix); err != nil {
		return err
	}
	row[dictionary.CandidateJustification] = dictionary.JustificationRestricted
	row[dictionary.CandidateState] = dictionary.StateAwaitingRevocation
	row[dictionary.CandidateAssignmentGroup] = dictionary.SeedID(dictionary.TableUserGroup, dictionary.DefaultAssignmentGroup)
	row[dictionary.CandidateWorkNotes] = appendNote("", tx.Now(), "The software model is restricted software. The user is informed, not asked.")
	candidate, err := tx.Insert(store.WithUser(ctx, systemUser), dictionary.TableCandidate, row)
	if err != nil {
		return err
	}
	return e.inform(ctx, tx, target{candidate: candidate, subscription: subscription})
}

// restrictionLifted tells whether a candidate was opened for a restricted model that is not restricted any more, and nothing
// was begun at the vendor.
func restrictionLifted(ctx context.Context, tx *store.Tx, candidate store.Row) (bool, error) {
	if candidate[dictionary.CandidateJustification] != dictionary.JustificationRestricted || candidate[dictionary.SysCreatedBy] != systemUser ||
		candidate[dictionary.CandidateRevocationBegun] != "" {
		return false, nil
	}
	model, err := lookUp(ctx, tx, dictionary.TableSoftwareModel, candidate[dictionary.CandidateSoftwareModel])
	return !isTrue(model[dictionary.ModelRestricted]), err
}

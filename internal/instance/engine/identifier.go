package engine

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// identifierUse is a subscription identifier in a profile, with the software model that some of its subscriptions have there.
type identifierUse struct{ identifier, profile, model string }

// identifiers is what stored subscriptions have for identifiers, and what these stand for.
type identifiers struct {
	uses         []identifierUse
	types        map[string]string             // of profiles
	defined      map[string]map[string]product // by profile type and identifier
	assigned     map[string]product            // by identifier: the models that people assigned to what no definition knows
	unrecognized map[string]store.Row          // rows of the table, by identifier
}

func readIdentifiers(ctx context.Context, tx *store.Tx) (*identifiers, error) {
	s := &identifiers{types: map[string]string{}, defined: map[string]map[string]product{}, assigned: map[string]product{}, unrecognized: map[string]store.Row{}}
	definitions, err := readDefinitions(ctx, tx)
	if err != nil {
		return nil, err
	}
	for profileType, products := range definitions {
		s.defined[profileType] = map[string]product{}
		for _, p := range products {
			s.defined[profileType][p.identifier] = p
		}
	}
	assigned, err := assignedProducts(ctx, tx, "")
	if err != nil {
		return nil, err
	}
	for _, p := range assigned {
		s.assigned[p.identifier] = p
	}
	profiles, err := tx.Find(ctx, dictionary.TableProfile, "", store.FindOptions{})
	if err != nil {
		return nil, fmt.Errorf("read the integration profiles: %w", err)
	}
	for _, p := range profiles {
		s.types[p[dictionary.SysID]] = p[dictionary.ProfileType_]
	}
	rows, err := tx.Find(ctx, dictionary.TableUnrecognizedIdentifier, "", store.FindOptions{})
	if err != nil {
		return nil, fmt.Errorf("read the unrecognized subscription identifiers: %w", err)
	}
	for _, row := range rows {
		s.unrecognized[row[dictionary.UnrecognizedIdentifier]] = row
	}
	s.uses, err = identifierUses(ctx, tx)
	return s, err
}

// identifierUses lists the distinct uses. It skips through the index from one to the next, so that the number of
// subscriptions does not matter.
func identifierUses(ctx context.Context, tx *store.Tx) ([]identifierUse, error) {
	// One branch for each column that may be the one that differs: a comparison of all three reads every row of a use.
	first := func(where string) string {
		return `SELECT * FROM (SELECT subscription_identifier, subscription_profile, software_model FROM samp_sw_subscription INDEXED BY ix_subscription_identifier
			WHERE ` + where + ` ORDER BY subscription_identifier, subscription_profile, software_model LIMIT 1)`
	}
	next, err := tx.Prepare(ctx, strings.Join([]string{
		first(`subscription_identifier = ?1 AND subscription_profile = ?2 AND software_model > ?3`),
		first(`subscription_identifier = ?1 AND subscription_profile > ?2`),
		first(`subscription_identifier > ?1`),
	}, " UNION ALL ")+` ORDER BY 1, 2, 3 LIMIT 1`)
	if err != nil {
		return nil, fmt.Errorf("list the subscription identifiers: %w", err)
	}
	defer func() { _ = next.Close() }()
	const afterAllProfiles = "\U0010ffff"
	var uses []identifierUse
	last := identifierUse{"", afterAllProfiles, ""}
	for {
		err := next.QueryRowContext(ctx, last.identifier, last.profile, last.model).Scan(&last.identifier, &last.profile, &last.model)
		if errors.Is(err, sql.ErrNoRows) {
			return uses, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list the subscription identifiers: %w", err)
		}
		uses = append(uses, last)
	}
}

// assignedProducts lists what people assigned to unrecognized identifiers: all, or those of a profile.
func assignedProducts(ctx context.Context, tx *store.Tx, profile string) ([]product, error) {
	rows, err := tx.Query(ctx, `SELECT u.subscription_identifier, m.sys_id, m.product, COALESCE(p.name, m.name),
			COALESCE(b.name || ' ' || p.name, NULLIF(m.display_name, ''), m.name), COALESCE(b.sys_id, ''), m.manufacturer
		FROM samp_sw_unrecognized_subscription_identifier u JOIN cmdb_software_product_model m ON m.sys_id = u.software_model
		LEFT JOIN samp_sw_product p ON p.sys_id = m.product
		LEFT JOIN samp_sw_publisher b ON b.sys_id = COALESCE(NULLIF(m.publisher, ''), p.publisher)
		WHERE ?1 = '' OR instr(u.subscription_profiles, ?1) > 0 ORDER BY u.subscription_identifier`, profile)
	if err != nil {
		return nil, fmt.Errorf("read the models assigned to identifiers: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var products []product
	for rows.Next() {
		var p product
		if err := rows.Scan(&p.identifier, &p.model, &p.id, &p.name, &p.displayName, &p.publisher, &p.company); err != nil {
			return nil, fmt.Errorf("read the models assigned to identifiers: %w", err)
		}
		products = append(products, p)
	}
	return products, rows.Err()
}

// definition is what a product definition says of a use; false where none knows the identifier.
func (s *identifiers) definition(use identifierUse) (product, bool) {
	p, ok := s.defined[s.types[use.profile]][use.identifier]
	return p, ok
}

// productOf is what a use stands for: by definition, else as people assigned; the zero product where nobody knows.
func (s *identifiers) productOf(use identifierUse) product {
	if p, ok := s.definition(use); ok {
		return p
	}
	return s.assigned[use.identifier]
}

// identifierWork is what has to be written so that subscriptions have the models of their identifiers, and that the
// unrecognized ones are listed.
type identifierWork struct {
	moves []identifierUse // uses whose model is another one now
	lost  []string        // sys_ids of unrecognized identifiers that are none any more
	rows  []store.Row     // unrecognized identifiers to insert or, with a sys_id, to update
}

func (w identifierWork) empty() bool { return len(w.moves)+len(w.lost)+len(w.rows) == 0 }

// work compares what is stored with what should be, of the uses that moves takes.
func (s *identifiers) work(ctx context.Context, tx *store.Tx, moves func(identifierUse) bool) (identifierWork, error) {
	var w identifierWork
	counts := map[string]int{}
	profiles := map[string][]string{}
	counted := identifierUse{}
	for _, use := range s.uses {
		defined, known := s.definition(use)
		noModelYet := known && defined.model == ""
		if moves(use) && !noModelYet && s.productOf(use).model != use.model {
			w.moves = append(w.moves, use)
		}
		if known || (use.identifier == counted.identifier && use.profile == counted.profile) {
			continue
		}
		counted = use
		n := 0
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM samp_sw_subscription WHERE subscription_identifier = ? AND subscription_profile = ?`,
			use.identifier, use.profile).Scan(&n); err != nil {
			return w, fmt.Errorf("count the subscriptions of identifier %q: %w", use.identifier, err)
		}
		counts[use.identifier] += n
		if use.profile != "" {
			profiles[use.identifier] = append(profiles[use.identifier], use.profile)
		}
	}
	for identifier, n := range counts {
		row := store.Row{
			dictionary.UnrecognizedIdentifier: identifier, dictionary.UnrecognizedCount: strconv.Itoa(n),
			dictionary.UnrecognizedProfiles: strings.Join(profiles[identifier], ","),
		}
		known := s.unrecognized[identifier]
		if known[dictionary.UnrecognizedCount] == row[dictionary.UnrecognizedCount] && known[dictionary.UnrecognizedProfiles] == row[dictionary.UnrecognizedProfiles] {
			continue
		}
		if known != nil {
			row[dictionary.SysID] = known[dictionary.SysID]
		}
		w.rows = append(w.rows, row)
	}
	for identifier, row := range s.unrecognized {
		switch {
		case counts[identifier] > 0:
		case row[dictionary.UnrecognizedModel] == "":
			w.lost = append(w.lost, row[dictionary.SysID])
		case row[dictionary.UnrecognizedCount] != "0": // the assignment of a person stays
			w.rows = append(w.rows, store.Row{dictionary.SysID: row[dictionary.SysID], dictionary.UnrecognizedCount: "0", dictionary.UnrecognizedProfiles: ""})
		}
	}
	slices.SortFunc(w.rows, func(a, b store.Row) int {
		return cmp.Compare(a[dictionary.UnrecognizedIdentifier], b[dictionary.UnrecognizedIdentifier])
	})
	return w, nil
}

// apply writes the work and counts the rows written.
func (s *identifiers) apply(ctx context.Context, tx *store.Tx, w identifierWork) (written int, err error) {
	ctx = store.WithUser(ctx, systemUser)
	for _, use := range w.moves {
		p := s.productOf(use)
		res, err := tx.Exec(ctx, `UPDATE samp_sw_subscription SET software_model = ?, product = ?, publisher = ?, display_name = ?,
				sys_updated_on = ?, sys_updated_by = ?, sys_mod_count = sys_mod_count + 1
			WHERE subscription_identifier = ? AND subscription_profile = ? AND software_model = ? AND user_source = '`+userSourceIntegration+`'`,
			p.model, p.id, p.publisher, cmp.Or(p.displayName, use.identifier), formatDateTime(tx.Now()), systemUser, use.identifier, use.profile, use.model)
		if err != nil {
			return written, fmt.Errorf("give the subscriptions of identifier %q their software model: %w", use.identifier, err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return written, err
		}
		written += int(n)
		followed, err := followIdentifier(ctx, tx, use, p.model)
		if err != nil {
			return written, err
		}
		written += followed
	}
	for _, id := range w.lost {
		if err := tx.Delete(ctx, dictionary.TableUnrecognizedIdentifier, id); err != nil {
			return written, fmt.Errorf("remove an unrecognized subscription identifier: %w", err)
		}
	}
	for _, row := range w.rows {
		if id := row[dictionary.SysID]; id != "" {
			_, _, err = tx.Update(ctx, dictionary.TableUnrecognizedIdentifier, id, row)
		} else {
			_, err = tx.Insert(ctx, dictionary.TableUnrecognizedIdentifier, row)
		}
		if err != nil {
			return written, fmt.Errorf("store the unrecognized subscription identifier %q: %w", row[dictionary.UnrecognizedIdentifier], err)
		}
	}
	return written + len(w.lost) + len(w.rows), nil
}

// followIdentifier takes another software model of an identifier on to the open candidates of its subscriptions, and counts
// them. Where the product is another one too, the rule that opened a candidate is not the one that decides about the licence any
// more, and what was reviewed, or asked, named another product: the candidate is closed. The next refresh opens another one by
// the rule of the new product, where that calls the user stale. A reclaim that was begun at the vendor goes on as it was.
func followIdentifier(ctx context.Context, tx *store.Tx, use identifierUse, model string) (int, error) {
	const mine = `revocation_begun_on = '' AND EXISTS (SELECT 1 FROM samp_sw_subscription s WHERE s.sys_id = samp_sw_reclamation_candidate.user_subscription
		AND s.subscription_identifier = ? AND s.subscription_profile = ? AND s.software_model = ?`
	args := []any{use.identifier, use.profile, model}
	closed, err := transitAll(ctx, tx, mass{
		event: eventReasonGone, note: "'Closed because the subscription is of another product now, whose own reclamation rule decides.'",
		condition: `reclamation_rule <> '' AND ` + mine + ` AND s.product <> samp_sw_reclamation_candidate.product)`, args: args,
	})
	if err != nil {
		return 0, err
	}
	res, err := tx.Exec(ctx, `UPDATE samp_sw_reclamation_candidate SET (software_model, product, publisher) =
			(SELECT s.software_model, s.product, s.publisher FROM samp_sw_subscription s WHERE s.sys_id = user_subscription)
		WHERE active = 1 AND `+mine+` AND s.software_model <> samp_sw_reclamation_candidate.software_model)`, args...)
	if err != nil {
		return closed, fmt.Errorf("give the candidates of identifier %q their software model: %w", use.identifier, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return closed, err
	}
	_, err = revalueCandidates(ctx, tx, model)
	return closed + int(n), err
}

// settle does what is to be done for the uses that moves takes.
func settle(ctx context.Context, tx *store.Tx, moves func(identifierUse) bool) (written int, err error) {
	s, err := readIdentifiers(ctx, tx)
	if err != nil {
		return 0, err
	}
	work, err := s.work(ctx, tx, moves)
	if err != nil {
		return 0, err
	}
	return s.apply(ctx, tx, work)
}

// recognize gives the subscriptions of the profile the software models of their identifiers, and lists the identifiers
// that nobody knows. Where nothing changed it takes no write lock.
func (f *refresh) recognize(ctx context.Context) error {
	ours := func(use identifierUse) bool { return use.profile == f.profileID }
	var work identifierWork
	err := f.engine.db.View(ctx, func(tx *store.Tx) error {
		s, err := readIdentifiers(ctx, tx)
		if err == nil {
			work, err = s.work(ctx, tx, ours)
		}
		return err
	})
	if err != nil {
		return err
	}
	if !work.empty() {
		err := f.run.update(ctx, func(tx *store.Tx) error {
			written, err := settle(ctx, tx, ours)
			f.outcome.RowsWritten += written
			return err
		})
		if err != nil {
			return err
		}
		if err := f.readProducts(ctx); err != nil {
			return err
		}
	}
	return f.engine.db.View(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM samp_sw_subscription s INDEXED BY ix_subscription_identifier
			WHERE s.subscription_identifier IN (SELECT subscription_identifier FROM samp_sw_unrecognized_subscription_identifier)
			AND s.subscription_profile = ? AND s.software_model = ''`, f.profileID).Scan(&f.outcome.Unrecognized)
	})
}

// unrecognizedIdentifierRules let people assign a software model to an identifier; the rest of the row is counted.
func unrecognizedIdentifierRules() tableRules {
	deny := func(operation, reason string) func(context.Context, *change) error {
		return func(_ context.Context, c *change) error {
			return &store.DeniedError{Table: c.table, Operation: operation, Reason: reason}
		}
	}
	return tableRules{
		beforeInsert: deny("insert", "a refresh lists the identifiers that it finds"),
		beforeUpdate: beforeIdentifierUpdate,
		afterUpdate:  afterIdentifierUpdate,
		beforeDelete: deny("delete", "a refresh removes an identifier when no subscription has it any more; clear its software model to undo an assignment"),
	}
}

func beforeIdentifierUpdate(ctx context.Context, c *change) error {
	if err := c.keep("Counted by the refresh", "a refresh finds it in the subscriptions",
		dictionary.UnrecognizedIdentifier, dictionary.UnrecognizedProfiles, dictionary.UnrecognizedCount); err != nil {
		return err
	}
	model := c.values[dictionary.UnrecognizedModel]
	if model == "" {
		return nil
	}
	row, err := lookUp(ctx, c.tx, dictionary.TableSoftwareModel, model)
	if err != nil {
		return err
	}
	if row == nil {
		return c.refuse("Software model must exist", "there is no software model with sys_id %s", model)
	}
	return nil
}

// afterIdentifierUpdate carries an assignment on to the subscriptions, and gives the model's product its reclamation rule.
func afterIdentifierUpdate(ctx context.Context, c *change) error {
	if !c.changes(dictionary.UnrecognizedModel) {
		return nil
	}
	identifier := c.before[dictionary.UnrecognizedIdentifier]
	if _, err := settle(ctx, c.tx, func(use identifierUse) bool { return use.identifier == identifier }); err != nil {
		return err
	}
	assigned, err := assignedProducts(ctx, c.tx, "")
	if err != nil {
		return err
	}
	for _, p := range assigned {
		if p.identifier == identifier && p.id != "" {
			_, err := ensureRule(ctx, c.tx, p, dictionary.DefaultThresholdDays)
			return err
		}
	}
	return nil
}

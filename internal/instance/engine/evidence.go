package engine

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// evidence is what one run that takes or gives back licences leaves in the append-only run table, of one profile. Each
// outcome is appended in the transaction that stores it, so that a kill neither loses nor doubles one.
type evidence struct {
	kind  string // dictionary.RunKind…
	key   string // of the caller; empty means that this call is the whole run
	total int    // candidates of the whole run; 0 means those of this call
	who   companion.Evidence

	row companion.Ref // of the run table
}

// open finds the row of the run and a profile, or inserts it. named is how many candidates of the profile this call names,
// and all whether they are all that it names.
func (ev *evidence) open(ctx context.Context, r *run, profileID string, named int, all bool) error {
	requested := named
	if all && ev.total > named {
		requested = ev.total
	}
	return r.update(ctx, func(tx *store.Tx) error {
		key := cmp.Or(ev.key, r.id)
		known, err := findRun(ctx, tx, key, profileID)
		if err != nil {
			return err
		}
		if known != nil {
			ev.row = companion.Ref{SysID: known[dictionary.SysID], Name: known[dictionary.RunNumber]}
			return ev.checkSame(known, r.user)
		}
		profile, err := lookUp(ctx, tx, dictionary.TableProfile, profileID)
		if err != nil {
			return err
		}
		currency, err := r.engine.currency(ctx, tx)
		if err != nil {
			return err
		}
		number, err := takeNumber(ctx, tx, runPrefix)
		if err != nil {
			return err
		}
		row, err := tx.Insert(ctx, dictionary.TableReclamationRun, store.Row{
			dictionary.RunNumber: number, dictionary.RunKey: key, dictionary.RunKind: ev.kind,
			dictionary.RunProfile: profileID, dictionary.RunProfileName: profile[dictionary.ProfileDisplayName],
			dictionary.RunRequested: strconv.Itoa(requested), dictionary.RunReason: ev.who.Reason,
			dictionary.RunChangeReference: ev.who.ChangeReference, dictionary.RunApprovedBy: ev.who.ApprovedBy,
			dictionary.RunURL: ev.who.RunURL, dictionary.RunStartedBy: r.user, dictionary.RunCurrency: currency,
		})
		ev.row = companion.Ref{SysID: row[dictionary.SysID], Name: number}
		return err
	})
}

// findRun finds the run of a key and a profile; nil where there is none.
func findRun(ctx context.Context, tx *store.Tx, key, profileID string) (store.Row, error) {
	id, err := idOf(ctx, tx, `SELECT sys_id FROM x_snsam_tf_reclamation_run WHERE run_key = ? AND subscription_profile = ?`, key, profileID)
	if err != nil {
		return nil, fmt.Errorf("look up the run: %w", err)
	}
	return lookUp(ctx, tx, dictionary.TableReclamationRun, id)
}

// checkSame refuses to add to a run that somebody else started, or for another reason: its approval is for what it says.
func (ev *evidence) checkSame(known store.Row, user string) error {
	for column, value := range map[string]string{
		dictionary.RunKind: ev.kind, dictionary.RunStartedBy: user, dictionary.RunReason: ev.who.Reason,
		dictionary.RunChangeReference: ev.who.ChangeReference, dictionary.RunApprovedBy: ev.who.ApprovedBy, dictionary.RunURL: ev.who.RunURL,
	} {
		if known[column] != value {
			return &store.BusinessRuleError{Table: dictionary.TableReclamationRun, Rule: "A run has one reason", Message: fmt.Sprintf(
				"the run %s, which run_key names, has another %s, so that nothing was done; use another run_key", known[dictionary.RunNumber], column)}
		}
	}
	return nil
}

// happened is one outcome for the run table.
type happened struct {
	candidate store.Row
	outcome   string
	message   string
	savings   string   // of a licence that was taken; empty means none
	names     []string // of the person, which the message may have and the run table must not
}

// append adds an outcome. Call it in the transaction that stores the outcome.
func (ev *evidence) append(ctx context.Context, tx *store.Tx, h happened) error {
	product, err := lookUp(ctx, tx, dictionary.TableProduct, h.candidate[dictionary.CandidateProduct])
	if err != nil {
		return err
	}
	_, err = tx.Insert(ctx, dictionary.TableReclamationRunItem, store.Row{
		dictionary.RunItemRun: ev.row.SysID, dictionary.RunItemCandidate: h.candidate[dictionary.SysID],
		dictionary.RunItemCandidateNumber: h.candidate[dictionary.CandidateNumber], dictionary.RunItemOutcome: h.outcome,
		dictionary.RunItemMessage: withoutNames(h.message, h.names), dictionary.RunItemProduct: product[dictionary.ProductName],
		dictionary.RunItemSavings: cmp.Or(h.savings, "0"),
	})
	if err != nil {
		return fmt.Errorf("record the outcome of candidate %s in run %s: %w", h.candidate[dictionary.CandidateNumber], ev.row.Name, err)
	}
	return nil
}

// shortestName is the length below which a name is not searched for.
const shortestName = 3

// withoutNames takes the names of a person out of a message, since the run table outlives what is stored of people.
func withoutNames(message string, names []string) string {
	for _, name := range names {
		if len(name) < shortestName {
			continue
		}
		whole := regexp.MustCompile(`(?i)(^|[^\pL\pN])` + regexp.QuoteMeta(name) + `($|[^\pL\pN])`)
		message = whole.ReplaceAllString(message, "${1}the user${2}")
	}
	return message
}

// note renders who decided and why, for the work notes.
func (ev *evidence) note() string {
	var b strings.Builder
	for _, part := range []struct{ label, value string }{
		{"reason", ev.who.Reason}, {"change", ev.who.ChangeReference}, {"approved by", ev.who.ApprovedBy}, {"run", ev.who.RunURL},
	} {
		if part.value != "" {
			fmt.Fprintf(&b, "; %s: %s", part.label, oneLine(part.value))
		}
	}
	return b.String()
}

// expireEvidence deletes the runs and outcomes from before a day (a date or date-time in wire form) and returns how many rows
// went. It is for retention only: everything else finds the run table append-only.
func expireEvidence(ctx context.Context, tx *store.Tx, before string) (deleted int, err error) {
	for _, statement := range []struct {
		sql   string
		args  []any
		count bool
	}{
		{`INSERT INTO snsam_meta (key, value) VALUES ('evidence_expires', ?)`, []any{before}, false},
		{`DELETE FROM x_snsam_tf_reclamation_run_item WHERE sys_created_on < ?`, []any{before}, true},
		{`DELETE FROM x_snsam_tf_reclamation_run WHERE sys_created_on < ?1
			AND NOT EXISTS (SELECT 1 FROM x_snsam_tf_reclamation_run_item i WHERE i.run = x_snsam_tf_reclamation_run.sys_id)`, []any{before}, true},
		{`DELETE FROM snsam_meta WHERE key = 'evidence_expires'`, nil, false},
	} {
		result, err := tx.Exec(ctx, statement.sql, statement.args...)
		if err != nil {
			return deleted, fmt.Errorf("delete the runs from before %s: %w", before, err)
		}
		if n, err := result.RowsAffected(); err == nil && statement.count {
			deleted += int(n)
		}
	}
	return deleted, nil
}

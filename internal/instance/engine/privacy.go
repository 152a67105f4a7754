package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// ForgetOutcome is what Forget did, or would do.
type ForgetOutcome struct {
	Done []ForgetStep
	// Listed names the integration profiles whose vendor listed the person last. Their refreshes leave the person out until
	// the vendor does not list them any more.
	Listed []string
	// Left is where the person is still named, and why.
	Left []ForgetStep
}

// ForgetStep is what was done to the rows of one table.
type ForgetStep struct {
	Table string
	What  string
	Rows  int
}

// forgotten stands where a person was named.
const forgotten = "[forgotten]"

// errDryRun takes back what a dry run did.
var errDryRun = errors.New("dry run")

// AmbiguousPersonError says that several people are known by a name.
type AmbiguousPersonError struct{ Users []string } // sys_ids

// Error implements error.
func (e *AmbiguousPersonError) Error() string {
	return fmt.Sprintf("forget a user: %d users are known by this name, and one call forgets one person. Name each by sys_id: %s",
		len(e.Users), strings.Join(e.Users, ", "))
}

// Forget removes what is stored about one person, who is named by mail address, user id, the vendor's account id or the
// sys_id of the user. What is needed as evidence of reclaims stays without the name. It refuses while anything runs that
// has the person in memory. After it the bytes are gone from the database file. A dry run counts and changes nothing.
func (e *Engine) Forget(ctx context.Context, user string, dryRun bool) (ForgetOutcome, error) {
	var outcome ForgetOutcome
	user = strings.TrimSpace(user)
	if len(user) < shortestName {
		return outcome, errors.New("forget a user: give the mail address, the user id, the account id at the vendor, or the sys_id")
	}
	exists, err := e.db.Exists(ctx)
	if err != nil {
		return outcome, err
	}
	if !exists {
		return outcome, errors.New("forget a user: the database does not exist. Look at the path")
	}
	err = e.db.Update(store.WithUser(ctx, systemUser), func(tx *store.Tx) error {
		f, err := findPerson(ctx, tx, user)
		if err != nil {
			return err
		}
		for _, step := range []func(context.Context, *store.Tx) error{
			f.refuseInFlight, f.markAtVendors, f.closeCandidates, f.clearCandidates, f.deleteRows, f.clearReferences, f.clearTexts, f.findLeft,
		} {
			if err := step(ctx, tx); err != nil {
				return fmt.Errorf("forget a user: %w", err)
			}
		}
		outcome = f.outcome
		if dryRun {
			return errDryRun
		}
		return nil
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	if err != nil || dryRun {
		return outcome, err
	}
	if err := e.db.Compact(ctx); err != nil {
		return outcome, fmt.Errorf("the user is forgotten, but deleted bytes may still be in the database file; run the command again: %w", err)
	}
	return outcome, nil
}

// somebody is all that is known of the person to be forgotten.
type somebody struct {
	users         []string            // sys_ids in sys_user; one at most
	subscriptions []string            // sys_ids
	candidates    []string            // sys_ids
	accounts      map[string][]string // external user ids by profile
	names         []string            // that belong to nobody else: mail addresses, account ids, sys_ids
	outcome       ForgetOutcome
}

// longName is from when a name with a digit, such as an account id, is taken to belong to nobody else.
const longName = 12

func (s *somebody) know(names ...string) {
	for _, name := range names {
		unique := strings.Contains(name, "@") && len(name) > shortestName || len(name) >= longName && strings.ContainsAny(name, "0123456789")
		known := slices.ContainsFunc(s.names, func(n string) bool { return strings.EqualFold(n, name) })
		if unique && !known {
			s.names = append(s.names, name)
		}
	}
	// The longest first, so that none is left as a part of another.
	slices.SortFunc(s.names, func(a, b string) int { return len(b) - len(a) })
}

func (s *somebody) did(table, what string, rows int) {
	if rows > 0 {
		s.outcome.Done = append(s.outcome.Done, ForgetStep{table, what, rows})
	}
}

// findPerson collects what is known of a person, beginning with one name.
func findPerson(ctx context.Context, tx *store.Tx, name string) (*somebody, error) {
	s := &somebody{accounts: map[string][]string{}}
	s.know(name)
	if err := s.findUser(ctx, tx, `sys_id = ?1 OR email = ?1 COLLATE NOCASE OR user_name = ?1 COLLATE NOCASE`, name); err != nil {
		return nil, err
	}
	if len(s.users) == 0 { // a name at the vendor may lead to the user
		err := s.findUser(ctx, tx, `sys_id IN (SELECT user FROM samp_sw_subscription WHERE user_overridden = 0
			AND (external_user_id = ?1 OR user_principal_name = ?1 COLLATE NOCASE OR vendor_user_name = ?1 COLLATE NOCASE))`, name)
		if err != nil {
			return nil, err
		}
	}
	if err := s.findSubscriptions(ctx, tx, name); err != nil {
		return nil, err
	}
	return s, s.findCandidates(ctx, tx)
}

func (s *somebody) findUser(ctx context.Context, tx *store.Tx, condition, name string) error {
	rows, err := tx.Query(ctx, `SELECT sys_id, user_name, email FROM sys_user WHERE `+condition+` ORDER BY sys_id`, name)
	if err != nil {
		return fmt.Errorf("look the user up: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, userName, mail string
		if err := rows.Scan(&id, &userName, &mail); err != nil {
			return fmt.Errorf("look the user up: %w", err)
		}
		s.users = append(s.users, id)
		s.know(id, userName, mail)
	}
	if len(s.users) > 1 {
		return &AmbiguousPersonError{Users: s.users}
	}
	return rows.Err()
}

func (s *somebody) findSubscriptions(ctx context.Context, tx *store.Tx, name string) error {
	logins := append([]string{strings.ToLower(name)}, lower(s.names)...)
	marks := placeholders(len(logins))
	rows, err := tx.Query(ctx, `SELECT sys_id, subscription_profile, external_user_id, user_principal_name, vendor_user_name FROM samp_sw_subscription
		WHERE (user_overridden = 0 AND user <> '' AND user IN (`+marks+`)) OR lower(external_user_id) IN (`+marks+`)
		OR lower(user_principal_name) IN (`+marks+`) OR lower(vendor_user_name) IN (`+marks+`)`,
		slices.Concat(anys(logins), anys(logins), anys(logins), anys(logins))...)
	if err != nil {
		return fmt.Errorf("look the user's subscriptions up: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, profile, account, principal, vendorName string
		if err := rows.Scan(&id, &profile, &account, &principal, &vendorName); err != nil {
			return fmt.Errorf("look the user's subscriptions up: %w", err)
		}
		s.subscriptions = append(s.subscriptions, id)
		s.know(account, principal, vendorName)
		if account != "" && !slices.Contains(s.accounts[profile], account) {
			s.accounts[profile] = append(s.accounts[profile], account)
		}
	}
	return rows.Err()
}

func lower(list []string) []string {
	out := make([]string, len(list))
	for i, text := range list {
		out[i] = strings.ToLower(text)
	}
	return out
}

// findCandidates collects the removal candidates of the person, also those whose licence is gone, and what only their undo
// records know.
func (s *somebody) findCandidates(ctx context.Context, tx *store.Tx) error {
	rows, err := tx.Query(ctx, `SELECT sys_id FROM samp_sw_reclamation_candidate WHERE user_subscription IN (`+placeholders(len(s.subscriptions))+`)
		OR (user IN (`+placeholders(len(s.users))+`) AND (active = 0 OR user_subscription = ''))`, slices.Concat(anys(s.subscriptions), anys(s.users))...)
	if err != nil {
		return fmt.Errorf("look the user's removal candidates up: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return fmt.Errorf("look the user's removal candidates up: %w", err)
		}
		s.candidates = append(s.candidates, id)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, column := range []string{dictionary.CandidateShortDescription, dictionary.CandidateWorkNotes} {
		texts, err := s.textsNaming(ctx, tx, dictionary.TableCandidate, column)
		if err != nil {
			return err
		}
		for id := range texts {
			if !slices.Contains(s.candidates, id) {
				s.candidates = append(s.candidates, id)
			}
		}
	}
	for _, candidate := range s.candidates {
		u, err := readUndo(ctx, tx, candidate)
		if err != nil {
			return err
		}
		if u == nil {
			continue
		}
		if u.usedAt != "" {
			return errRestoreInFlight
		}
		s.know(u.ExternalUserID, u.Subscription[dictionary.SubscriptionUPN], u.Subscription[dictionary.SubscriptionUserName])
	}
	return nil
}

var (
	errRestoreInFlight = errors.New("forget a user: a licence of this person is just being given back. Run the restore to its end first")
	errReclaimInFlight = errors.New("a licence of this person is just being reclaimed. Run the reclaim to its end first, so that the vendor's answer is known")
	errJobsRun         = errors.New("a job is running, which may have this person in memory. Run the command again when it has ended")
)

func (s *somebody) refuseInFlight(ctx context.Context, tx *store.Tx) error {
	for _, check := range []struct {
		err  error
		sql  string
		args []any
	}{
		{errReclaimInFlight, `SELECT count(*) FROM samp_sw_reclamation_candidate WHERE active = 1 AND state = ? AND sys_id IN (` + placeholders(len(s.candidates)) + `)`,
			append([]any{dictionary.StateAwaitingRevocation}, anys(s.candidates)...)},
		{errJobsRun, `SELECT count(*) FROM snsam_lease WHERE owner <> '' AND expires_at > ?`, []any{tx.Now().UnixMilli()}},
	} {
		n := 0
		if err := tx.QueryRow(ctx, check.sql, check.args...).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return check.err
		}
	}
	return nil
}

// markAtVendors makes the refreshes leave the person's accounts out. A mark tells nobody who that is without the key of the
// database.
func (s *somebody) markAtVendors(ctx context.Context, tx *store.Tx) error {
	for profile, accounts := range s.accounts {
		row, err := lookUp(ctx, tx, dictionary.TableProfile, profile)
		if err != nil {
			return err
		}
		if row == nil {
			continue
		}
		s.outcome.Listed = append(s.outcome.Listed, row[dictionary.ProfileDisplayName])
		for _, account := range accounts {
			mark, err := tx.Mark(accountPlace(profile), account)
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `INSERT INTO snsam_forgotten (profile, mark, forgotten_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
				profile, mark, formatDateTime(tx.Now()))
			if err != nil {
				return fmt.Errorf("mark the account at the vendor: %w", err)
			}
		}
	}
	slices.Sort(s.outcome.Listed)
	return nil
}

func accountPlace(profile string) string { return "forgotten/" + profile }

func (s *somebody) closeCandidates(ctx context.Context, tx *store.Tx) error {
	n, err := transitAll(ctx, tx, mass{
		event: eventSubscriptionGone, note: "'Closed because the user was forgotten.'",
		condition: "user_subscription IN (" + placeholders(len(s.subscriptions)) + ")", args: anys(s.subscriptions),
	})
	s.did(dictionary.TableCandidate, "closed", n)
	return err
}

func (s *somebody) clearCandidates(ctx context.Context, tx *store.Tx) error {
	n, err := pseudonymize(ctx, tx, "sys_id IN ("+placeholders(len(s.candidates))+")", anys(s.candidates)...)
	s.did(dictionary.TableCandidate, "pseudonymised", n)
	return err
}

// anonymousCandidate is what a candidate is called whose user is not named any more.
const anonymousCandidate = "Reclaim from a user who is not named any more"

// pseudonymize takes everything out of candidates that tells who they are about. What they saved, and when, stays.
func pseudonymize(ctx context.Context, tx *store.Tx, condition string, args ...any) (int, error) {
	res, err := tx.Exec(ctx, `UPDATE samp_sw_reclamation_candidate SET user = '', user_subscription = '', short_description = ?1, description = '',
		work_notes = '', close_notes = '', error_message = '', cmdb_ci = '', sys_updated_on = ?2, sys_updated_by = ?3, sys_mod_count = sys_mod_count + 1
		WHERE short_description <> ?1 AND (`+condition+`)`, append([]any{anonymousCandidate, formatDateTime(tx.Now()), systemUser}, args...)...)
	if err != nil {
		return 0, fmt.Errorf("pseudonymise removal candidates: %w", err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}

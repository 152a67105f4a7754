package engine

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

const (
	userSourceIntegration = "integration"
	userSourceManual      = "manual"
)

// stored is what a refresh compares of a subscription it knows.
type stored struct {
	row             int64
	externalUserID  string
	identifier      string
	upn             string
	userName        string
	externalCreated string
	lastActivity    string
}

// changed is a stored subscription of which the vendor now tells something else.
type changed struct {
	stored
	vendor connector.Subscription
}

// pending is what was found to be stored and is not yet.
type pending struct {
	fresh     []connector.Subscription
	different []changed
}

func (p pending) len() int { return len(p.fresh) + len(p.different) }

// take sorts out what is new or different in a batch, and writes once enough has come together. Subscriptions that did not
// change need no write lock.
func (f *refresh) take(ctx context.Context, batch []connector.Subscription) error {
	f.outcome.Downloaded += len(batch)
	batch, err := f.withoutForgotten(ctx, batch)
	if err != nil {
		return err
	}
	before := f.pending.len()
	news := batch
	if f.known.count > 0 {
		news = slices.DeleteFunc(batch, f.known.unchanged)
	}
	if err := f.sortOut(ctx, news); err != nil {
		return err
	}
	f.outcome.Unchanged += len(batch) - (f.pending.len() - before)
	if f.pending.len() < writeSize {
		return nil
	}
	return f.write(ctx)
}

// sortOut adds subscriptions to what is pending, unless the database has them as they are.
func (f *refresh) sortOut(ctx context.Context, news []connector.Subscription) error {
	if f.known.count == 0 || len(news) == 0 {
		f.pending.fresh = append(f.pending.fresh, news...)
		return nil
	}
	sortByKey(news)
	return f.engine.db.View(ctx, func(tx *store.Tx) error {
		fresh, different, err := f.compare(ctx, tx, news)
		f.pending.fresh = append(f.pending.fresh, fresh...)
		f.pending.different = append(f.pending.different, different...)
		return err
	})
}

// sortByKey puts subscriptions in the order of the index, where neighbours are read and written together.
func sortByKey(list []connector.Subscription) {
	slices.SortFunc(list, func(a, b connector.Subscription) int {
		return cmp.Or(strings.Compare(a.ExternalUserID, b.ExternalUserID), strings.Compare(a.Identifier, b.Identifier))
	})
}

// write stores what is pending.
func (f *refresh) write(ctx context.Context) error {
	if f.pending.len() == 0 {
		return nil
	}
	p := f.pending
	sortByKey(p.fresh)
	err := f.run.update(ctx, func(tx *store.Tx) error {
		if err := f.insert(ctx, tx, p.fresh); err != nil {
			return err
		}
		return f.change(ctx, tx, p.different)
	})
	if err != nil {
		return err
	}
	f.outcome.Created += len(p.fresh)
	f.outcome.Updated += len(p.different)
	f.outcome.RowsWritten += p.len()
	f.pending = pending{p.fresh[:0], p.different[:0]}
	return nil
}

// compare looks subscriptions up by their key, marks those that exist as found, and sorts out those that are new or different. The batch and what is
// known of it are walked side by side, both in the order of the index.
func (f *refresh) compare(ctx context.Context, tx *store.Tx, batch []connector.Subscription) (fresh []connector.Subscription, different []changed, err error) {
	err = inChunks(ctx, tx, batch, lookUpRows, selectSubscriptions, func(statement *sql.Stmt, chunk []connector.Subscription) error {
		args := make([]any, 0, len(chunk)+1)
		args = append(args, f.profileID)
		for _, s := range chunk {
			args = append(args, s.ExternalUserID)
		}
		rows, err := statement.QueryContext(ctx, args...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var old stored
			if err := rows.Scan(&old.row, &old.externalUserID, &old.identifier, &old.upn, &old.userName, &old.externalCreated, &old.lastActivity); err != nil {
				return err
			}
			for len(chunk) > 0 && compareKeys(chunk[0], old) < 0 {
				fresh = append(fresh, chunk[0])
				chunk = chunk[1:]
			}
			if len(chunk) == 0 || compareKeys(chunk[0], old) > 0 {
				continue // another identifier of the same user
			}
			f.known.found.set(old.row)
			if old.differs(chunk[0]) {
				different = append(different, changed{old, chunk[0]})
			}
			chunk = chunk[1:]
		}
		fresh = append(fresh, chunk...)
		return rows.Err()
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read known subscriptions: %w", err)
	}
	return fresh, different, nil
}

// selectSubscriptions is the statement that reads what is known of so many external user ids.
func selectSubscriptions(ids int) string {
	return `SELECT rowid, external_user_id, subscription_identifier, user_principal_name, vendor_user_name, external_created, last_activity
		FROM samp_sw_subscription WHERE subscription_profile = ? AND external_user_id IN (` + placeholders(ids) + `)
		ORDER BY external_user_id, subscription_identifier`
}

func compareKeys(s connector.Subscription, old stored) int {
	return cmp.Or(strings.Compare(s.ExternalUserID, old.externalUserID), strings.Compare(s.Identifier, old.identifier))
}

// differs tells whether the vendor tells something that must be stored. Activity only moves forward, and what the vendor
// does not tell any more is kept.
func (s stored) differs(v connector.Subscription) bool {
	return s.upn != v.UserPrincipalName || s.userName != v.UserName || s.laterActivity(v) != s.lastActivity || s.created(v) != s.externalCreated
}

func (s stored) laterActivity(v connector.Subscription) string {
	return max(s.lastActivity, formatDate(v.LastActivity))
}

func (s stored) created(v connector.Subscription) string {
	if v.ExternalCreated.IsZero() {
		return s.externalCreated
	}
	return formatDateTime(v.ExternalCreated)
}

// insert stores new subscriptions, with a user for each.
func (f *refresh) insert(ctx context.Context, tx *store.Tx, fresh []connector.Subscription) error {
	if len(fresh) == 0 {
		return nil
	}
	users, err := f.usersOf(ctx, tx, fresh)
	if err != nil {
		return err
	}
	ids := store.NewSysIDs(tx.Now())
	err = inChunks(ctx, tx, fresh, insertRows, insertSubscriptions, func(statement *sql.Stmt, chunk []connector.Subscription) error {
		return f.insertChunk(ctx, tx, statement, chunk, users, ids)
	})
	if err != nil {
		return fmt.Errorf("store new subscriptions: %w", err)
	}
	return nil
}

// insertSubscriptions is the statement that inserts rows subscriptions, without those that somebody else stored in the
// meantime. OR IGNORE spares SQLite the journal of a statement that can be undone alone.
func insertSubscriptions(rows int) string {
	const row = `(?1,?2,?2,?3,?3,?4,'` + userSourceIntegration + `','ACTIVE','yes',?,?,?,?,?,?,?,?,?,?,?,?,?)`
	return `INSERT OR IGNORE INTO samp_sw_subscription (subscription_profile, sys_created_on, sys_updated_on, sys_created_by, sys_updated_by,
		source, user_source, state, sourced_from_integration, sys_id, display_name, user_principal_name, vendor_user_name, external_user_id, user,
		subscription_identifier, software_model, publisher, product, external_created, last_activity, snsam_fingerprint)
		VALUES ` + row + strings.Repeat(","+row, rows-1)
}

func (f *refresh) insertChunk(ctx context.Context, tx *store.Tx, statement *sql.Stmt, chunk []connector.Subscription, users map[string]string, ids *store.SysIDs) error {
	args := []any{f.profileID, formatDateTime(tx.Now()), systemUser, f.profile[dictionary.ProfileDisplayName]}
	for _, s := range chunk {
		p := f.products[s.Identifier]
		args = append(args, ids.Next(), cmp.Or(p.displayName, s.Identifier), s.UserPrincipalName, s.UserName, s.ExternalUserID, users[s.ExternalUserID],
			s.Identifier, p.model, p.publisher, p.id, formatDateTime(s.ExternalCreated), formatDate(s.LastActivity), fingerprint(s))
	}
	_, err := statement.ExecContext(ctx, args...)
	return err
}

// change stores what the vendor now tells of known subscriptions.
func (f *refresh) change(ctx context.Context, tx *store.Tx, different []changed) error {
	if len(different) == 0 {
		return nil
	}
	var moved []connector.Subscription
	for _, d := range different {
		if d.upn != d.vendor.UserPrincipalName {
			moved = append(moved, d.vendor)
		}
	}
	users, err := f.usersOf(ctx, tx, moved)
	if err != nil {
		return err
	}
	statement, err := tx.Prepare(ctx, `UPDATE samp_sw_subscription SET user_principal_name = ?, vendor_user_name = ?, external_created = ?, last_activity = ?, snsam_fingerprint = ?,
		user = CASE WHEN user_overridden = 1 OR ? = '' THEN user ELSE ? END, sys_updated_on = ?, sys_updated_by = ?, sys_mod_count = sys_mod_count + 1 WHERE rowid = ?`)
	if err != nil {
		return fmt.Errorf("store changed subscriptions: %w", err)
	}
	defer func() { _ = statement.Close() }()
	now := formatDateTime(tx.Now())
	for _, d := range different {
		user := ""
		if d.upn != d.vendor.UserPrincipalName {
			user = users[d.vendor.ExternalUserID]
		}
		_, err := statement.ExecContext(ctx, d.vendor.UserPrincipalName, d.vendor.UserName, d.created(d.vendor), d.laterActivity(d.vendor), fingerprint(d.vendor), user, user, now, systemUser, d.row)
		if err != nil {
			return fmt.Errorf("store changed subscription of %s: %w", d.vendor.ExternalUserID, err)
		}
	}
	return nil
}

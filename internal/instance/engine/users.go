package engine

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// userKey is the login by which a vendor's user is found in sys_user: the mail address, else a user principal name that
// looks like one (map-user-data.md). Empty where the vendor tells neither: a subscription without user.
func userKey(s connector.Subscription) string {
	if s.Email != "" {
		return strings.ToLower(s.Email)
	}
	if strings.Contains(s.UserPrincipalName, "@") {
		return strings.ToLower(s.UserPrincipalName)
	}
	return ""
}

// users finds the sys_user of each subscription by mail address or user id, and makes those that are missing, since no HR
// feed does here. The result maps userKey to sys_id.
func (f *refresh) users(ctx context.Context, tx *store.Tx, subscriptions []connector.Subscription) (map[string]string, error) {
	names := make(map[string]string, len(subscriptions))
	for _, s := range subscriptions {
		if key := userKey(s); key != "" {
			names[key] = s.FullName
		}
	}
	keys := slices.Sorted(maps.Keys(names))
	users := make(map[string]string, len(names))
	for _, column := range []string{"user_name", "email"} { // a match by mail overrides one by user id
		if err := findUsers(ctx, tx, column, keys, users); err != nil {
			return nil, err
		}
	}
	missing := slices.DeleteFunc(keys, func(key string) bool { return users[key] != "" })
	ids := store.NewSysIDs(tx.Now())
	err := inChunks(ctx, tx, missing, insertRows, insertUsers, func(statement *sql.Stmt, chunk []string) error {
		args := []any{formatDateTime(tx.Now()), systemUser}
		for _, key := range chunk {
			users[key] = ids.Next()
			args = append(args, users[key], key, names[key], key)
		}
		_, err := statement.ExecContext(ctx, args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("create users: %w", err)
	}
	f.outcome.RowsWritten += len(missing)
	return users, nil
}

// findUsers adds the users that exist to users, by a column that names them.
func findUsers(ctx context.Context, tx *store.Tx, column string, keys []string, users map[string]string) error {
	query := func(rows int) string {
		return `SELECT sys_id, lower(` + column + `) FROM sys_user WHERE ` + column + ` COLLATE NOCASE IN (` + placeholders(rows) + `)`
	}
	err := inChunks(ctx, tx, keys, lookUpRows, query, func(statement *sql.Stmt, chunk []string) error {
		rows, err := statement.QueryContext(ctx, anys(chunk)...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var id, key string
			if err := rows.Scan(&id, &key); err != nil {
				return err
			}
			users[key] = id
		}
		return rows.Err()
	})
	if err != nil {
		return fmt.Errorf("look up users by %s: %w", column, err)
	}
	return nil
}

// insertUsers is the statement that inserts rows users, whose user id is the mail address.
func insertUsers(rows int) string {
	const row = `(?1,?1,?2,?2,'` + userSourceIntegration + `',?,?,?,?)`
	return `INSERT OR FAIL INTO sys_user (sys_created_on, sys_updated_on, sys_created_by, sys_updated_by, source, sys_id, user_name, name, email)
		VALUES ` + row + strings.Repeat(","+row, rows-1)
}

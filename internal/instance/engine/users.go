package engine

import (
	"context"
	"fmt"
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
	users := make(map[string]string, len(names))
	for _, column := range []string{"user_name", "email"} { // a match by mail overrides one by user id
		if err := findUsers(ctx, tx, column, names, users); err != nil {
			return nil, err
		}
	}
	missing := make([]string, 0, len(names)-len(users))
	for _, s := range subscriptions {
		key := userKey(s)
		if key == "" || users[key] != "" {
			continue
		}
		users[key] = store.NewSysID(tx.Now())
		missing = append(missing, key)
	}
	for _, chunk := range chunks(missing, insertRows) {
		if err := insertUsers(ctx, tx, chunk, names, users); err != nil {
			return nil, err
		}
	}
	f.outcome.RowsWritten += len(missing)
	return users, nil
}

func findUsers(ctx context.Context, tx *store.Tx, column string, names, users map[string]string) error {
	if len(names) == 0 {
		return nil
	}
	args := make([]any, 0, len(names))
	for key := range names {
		args = append(args, key)
	}
	rows, err := tx.Query(ctx, `SELECT sys_id, lower(`+column+`) FROM sys_user WHERE `+column+` COLLATE NOCASE IN (`+placeholders(len(args))+`)`, args...)
	if err != nil {
		return fmt.Errorf("look up users by %s: %w", column, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, key string
		if err := rows.Scan(&id, &key); err != nil {
			return fmt.Errorf("look up users by %s: %w", column, err)
		}
		users[key] = id
	}
	return rows.Err()
}

func insertUsers(ctx context.Context, tx *store.Tx, keys []string, names, users map[string]string) error {
	if len(keys) == 0 {
		return nil
	}
	args := []any{formatDateTime(tx.Now()), systemUser}
	var values strings.Builder
	for i, key := range keys {
		if i > 0 {
			values.WriteByte(',')
		}
		n := 3*i + 3
		fmt.Fprintf(&values, `(?1,?1,?2,?2,'%s',?%d,?%d,?%d,?%d)`, userSourceIntegration, n, n+1, n+1, n+2)
		args = append(args, users[key], key, names[key])
	}
	_, err := tx.Exec(ctx, `INSERT OR FAIL INTO sys_user (sys_created_on, sys_updated_on, sys_created_by, sys_updated_by, source, sys_id, user_name, email, name)
		VALUES `+values.String(), args...)
	if err != nil {
		return fmt.Errorf("create users: %w", err)
	}
	return nil
}

package engine

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// person is what is known at the vendor of somebody who holds a licence.
type person struct {
	login      string // mail address in lower case, by which a user is made where there is none
	principal  string
	externalID string
	fullName   string
}

func personOf(s connector.Subscription) person {
	p := person{login: strings.ToLower(s.Email), principal: s.UserPrincipalName, externalID: s.ExternalUserID, fullName: s.FullName}
	if p.login == "" {
		p.login = loginIn(s.UserPrincipalName)
	}
	return p
}

// loginIn is a user principal name that looks like a mail address; empty where it does not.
func loginIn(principal string) string {
	if strings.Contains(principal, "@") {
		return strings.ToLower(principal)
	}
	return ""
}

// resolved is whom people are in sys_user.
type resolved struct {
	users     []string // sys_id for each person; empty where nobody was found
	ambiguous []bool   // for each person without user: there are several, so that nobody can tell
}

// missing lists those without user of whom one could be made: with a mail address that nobody has.
func (r resolved) missing(people []person) (indexes []int) {
	for i, p := range people {
		if r.users[i] == "" && !r.ambiguous[i] && p.login != "" {
			indexes = append(indexes, i)
		}
	}
	return indexes
}

// match is who is found under a name: active users go before inactive ones.
type match struct {
	user   string
	active bool
	many   bool
}

func (m match) with(user string, active bool) match {
	switch {
	case m.user == "" || active && !m.active:
		return match{user: user, active: active}
	case active == m.active && user != m.user:
		m.many = true
	}
	return m
}

// resolve finds people in sys_user: by mail address, then by user id (map-user-data.md: the user principal name is matched
// against both), then by the resolution rules in their order.
func (f *refresh) resolve(ctx context.Context, tx *store.Tx, people []person) (resolved, error) {
	r := resolved{users: make([]string, len(people)), ambiguous: make([]bool, len(people))}
	step := func(column string, evenIfAmbiguous bool, key func(person) string) error {
		keys := make([]string, len(people)) // empty for those who need no look-up
		for i := range people {
			if r.users[i] == "" && (evenIfAmbiguous || !r.ambiguous[i]) {
				keys[i] = key(people[i])
			}
		}
		matches, err := findUsers(ctx, tx, column, distinct(keys))
		if err != nil || len(matches) == 0 {
			return err
		}
		for i, k := range keys {
			switch m := matches[k]; {
			case m.many:
				r.ambiguous[i] = true
			case m.user != "":
				r.users[i], r.ambiguous[i] = m.user, false
			}
		}
		return nil
	}
	principal := func(p person) string { // unless it was looked up as the login
		if k := strings.ToLower(p.principal); k != p.login {
			return k
		}
		return ""
	}
	login := func(p person) string { return p.login }
	for _, s := range []struct {
		column string
		key    func(person) string
	}{{dictionary.UserEmail, login}, {dictionary.UserUserName, login}, {dictionary.UserUserName, principal}} {
		if err := step(s.column, false, s.key); err != nil {
			return r, err
		}
	}
	for _, rule := range f.resolution {
		if err := step(rule.lookup, true, rule.key); err != nil {
			return r, err
		}
	}
	return r, nil
}

// distinct are the texts that are not empty, in their order and each once.
func distinct(texts []string) []string {
	list := slices.DeleteFunc(slices.Clone(texts), func(text string) bool { return text == "" })
	slices.Sort(list)
	return slices.Compact(list)
}

// users finds the sys_user of each person and, unless that is switched off, makes one per mail address that nobody has,
// since no HR feed does here.
func (f *refresh) users(ctx context.Context, tx *store.Tx, people []person) ([]string, error) {
	r, err := f.resolve(ctx, tx, people)
	if err != nil {
		return nil, err
	}
	if f.engine.opt.KeepUsers {
		return r.users, nil
	}
	names, made := map[string]string{}, map[string]string{}
	missing := r.missing(people)
	for _, i := range missing {
		names[people[i].login] = people[i].fullName
	}
	ids := store.NewSysIDs(tx.Now())
	err = inChunks(ctx, tx, slices.Sorted(maps.Keys(names)), insertRows, insertUsers, func(statement *sql.Stmt, chunk []string) error {
		args := []any{formatDateTime(tx.Now()), systemUser}
		for _, key := range chunk {
			made[key] = ids.Next()
			args = append(args, made[key], key, names[key], key)
		}
		_, err := statement.ExecContext(ctx, args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("create users: %w", err)
	}
	for _, i := range missing {
		r.users[i] = made[people[i].login]
	}
	f.outcome.RowsWritten += len(made)
	return r.users, nil
}

// usersOf is users for subscriptions; the result is by external user id.
func (f *refresh) usersOf(ctx context.Context, tx *store.Tx, subscriptions []connector.Subscription) (map[string]string, error) {
	people := make([]person, len(subscriptions))
	for i, s := range subscriptions {
		people[i] = personOf(s)
	}
	users, err := f.users(ctx, tx, people)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]string, len(people))
	for i, p := range people {
		byID[p.externalID] = users[i]
	}
	return byID, nil
}

// findUsers finds users by a column that names them, in any case of its letters. The keys are in lower case.
func findUsers(ctx context.Context, tx *store.Tx, column string, keys []string) (map[string]match, error) {
	query := func(rows int) string {
		return `SELECT sys_id, lower("` + column + `"), active FROM sys_user WHERE "` + column + `" COLLATE NOCASE IN (` + placeholders(rows) + `)`
	}
	matches := map[string]match{}
	err := inChunks(ctx, tx, keys, lookUpRows, query, func(statement *sql.Stmt, chunk []string) error {
		rows, err := statement.QueryContext(ctx, anys(chunk)...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var id, key string
			var active bool
			if err := rows.Scan(&id, &key, &active); err != nil {
				return err
			}
			matches[key] = matches[key].with(id, active)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("look up users by %s: %w", column, err)
	}
	return matches, nil
}

// insertUsers is the statement that inserts rows users, whose user id is the mail address.
func insertUsers(rows int) string {
	const row = `(?1,?1,?2,?2,'` + userSourceIntegration + `',?,?,?,?)`
	return `INSERT OR FAIL INTO sys_user (sys_created_on, sys_updated_on, sys_created_by, sys_updated_by, source, sys_id, user_name, name, email)
		VALUES ` + row + strings.Repeat(","+row, rows-1)
}

// nobody is a subscription without user.
type nobody struct {
	row int64
	person
}

// fillUsers looks once more for the users of the profile's subscriptions that have none: a person cleared one, an HR feed
// came later, or a rule is new. It writes only what it found.
func (f *refresh) fillUsers(ctx context.Context) error {
	last := nobody{}
	for {
		var chunk []nobody
		var r resolved
		err := f.engine.db.View(ctx, func(tx *store.Tx) (err error) {
			if chunk, err = f.nobodies(ctx, tx, last); err != nil {
				return err
			}
			r, err = f.resolve(ctx, tx, peopleOf(chunk))
			return err
		})
		if err != nil || len(chunk) == 0 {
			return err
		}
		last = chunk[len(chunk)-1]
		found := slices.ContainsFunc(r.users, func(user string) bool { return user != "" })
		if found || !f.engine.opt.KeepUsers && len(r.missing(peopleOf(chunk))) > 0 {
			if err := f.run.update(ctx, func(tx *store.Tx) error { return f.fill(ctx, tx, chunk) }); err != nil {
				return err
			}
		}
		for i := range chunk {
			if r.ambiguous[i] {
				f.outcome.AmbiguousUsers++
			}
		}
	}
}

func peopleOf(chunk []nobody) []person {
	people := make([]person, len(chunk))
	for i, n := range chunk {
		people[i] = n.person
	}
	return people
}

func (f *refresh) nobodies(ctx context.Context, tx *store.Tx, after nobody) ([]nobody, error) {
	rows, err := tx.Query(ctx, `SELECT rowid, user_principal_name, external_user_id FROM samp_sw_subscription INDEXED BY ix_subscription_without_user
		WHERE subscription_profile = ? AND user = '' AND (external_user_id, user_principal_name, rowid) > (?, ?, ?)
		ORDER BY external_user_id, user_principal_name, rowid LIMIT ?`, f.profileID, after.externalID, after.principal, after.row, writeSize)
	if err != nil {
		return nil, fmt.Errorf("list the subscriptions without user: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var list []nobody
	for rows.Next() {
		var n nobody
		if err := rows.Scan(&n.row, &n.principal, &n.externalID); err != nil {
			return nil, fmt.Errorf("list the subscriptions without user: %w", err)
		}
		n.login = loginIn(n.principal)
		list = append(list, n)
	}
	return list, rows.Err()
}

// fill stores the users of subscriptions that still have none.
func (f *refresh) fill(ctx context.Context, tx *store.Tx, chunk []nobody) error {
	users, err := f.users(ctx, tx, peopleOf(chunk))
	if err != nil {
		return err
	}
	statement, err := tx.Prepare(ctx, `UPDATE samp_sw_subscription SET user = ?, sys_updated_on = ?, sys_updated_by = ?, sys_mod_count = sys_mod_count + 1
		WHERE rowid = ? AND user = ''`)
	if err != nil {
		return fmt.Errorf("store the users of subscriptions: %w", err)
	}
	defer func() { _ = statement.Close() }()
	now := formatDateTime(tx.Now())
	for i, n := range chunk {
		if users[i] == "" {
			continue
		}
		if _, err := statement.ExecContext(ctx, users[i], now, systemUser, n.row); err != nil {
			return fmt.Errorf("store the user of a subscription: %w", err)
		}
		f.outcome.RowsWritten++
	}
	return nil
}

func (f *refresh) countWithoutUser(ctx context.Context) error {
	return f.engine.db.View(ctx, func(tx *store.Tx) error {
		err := tx.QueryRow(ctx, `SELECT count(*) FROM samp_sw_subscription INDEXED BY ix_subscription_without_user
			WHERE subscription_profile = ? AND user = ''`, f.profileID).Scan(&f.outcome.WithoutUser)
		if err != nil {
			return fmt.Errorf("count the subscriptions without user: %w", err)
		}
		return nil
	})
}

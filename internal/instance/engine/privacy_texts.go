package engine

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// deleteRows deletes the rows that are about the person alone.
func (s *somebody) deleteRows(ctx context.Context, tx *store.Tx) error {
	users, subscriptions, candidates := anys(s.users), anys(s.subscriptions), anys(s.candidates)
	in := func(column string, list []any) string { return column + " IN (" + placeholders(len(list)) + ")" }
	names := anys(lower(s.names))
	named := func(columns ...string) (condition string, args []any) {
		var conditions []string
		for _, column := range columns {
			for _, name := range names {
				conditions = append(conditions, "instr(lower("+column+"), ?) > 0")
				args = append(args, name)
			}
		}
		return "(" + strings.Join(append(conditions, "0"), " OR ") + ")", args
	}
	mails, mailArgs := named(dictionary.EmailRecipients, dictionary.EmailBody, dictionary.EmailSubject)
	runs, runArgs := named(dictionary.TrackerResult, dictionary.TrackerMessage, dictionary.TrackerDetail, dictionary.TrackerWork)
	for _, d := range []struct {
		table, condition string
		args             []any
	}{
		{tableUndo, in("candidate", candidates), candidates},
		{dictionary.TableEmail, in(dictionary.EmailTarget, candidates) + " OR " + mails, append(slices.Clone(candidates), mailArgs...)},
		{dictionary.TableSubscription, in(dictionary.SysID, subscriptions), subscriptions},
		{dictionary.TableSSOSubscription, in("user", users) + " OR " + in("lower(user_principal_name)", names), slices.Concat(users, names)},
		{dictionary.TableDiscoveredUser, in("user", users) + " OR " + in("lower(user_principal_name)", names), slices.Concat(users, names)},
		{dictionary.TableGroupMember, in(`"`+dictionary.MemberUser+`"`, users), users},
		{dictionary.TableExecutionTracker, dictionary.TrackerState + " > 1 AND " + runs, runArgs},
		{dictionary.TableUser, in(dictionary.SysID, users), users},
	} {
		res, err := tx.Exec(ctx, `DELETE FROM "`+d.table+`" WHERE `+d.condition, d.args...)
		if err != nil {
			return fmt.Errorf("delete from %s: %w", d.table, err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		s.did(d.table, "deleted", int(n))
	}
	return nil
}

// clearReferences empties what still refers to the user.
func (s *somebody) clearReferences(ctx context.Context, tx *store.Tx) error {
	for _, t := range dictionary.Tables() {
		if t.Abstract || isEvidence(t.Name) {
			continue
		}
		for _, c := range dictionary.ColumnsOf(t.Name) {
			if c.Reference != dictionary.TableUser || c.Type != dictionary.Reference {
				continue
			}
			for _, user := range s.users {
				res, err := tx.Exec(ctx, `UPDATE "`+t.Name+`" SET "`+c.Name+`" = '' WHERE "`+c.Name+`" = ?`, user)
				if err != nil {
					return fmt.Errorf("clear %s of %s: %w", c.Name, t.Name, err)
				}
				n, err := res.RowsAffected()
				if err != nil {
					return err
				}
				s.did(t.Name, c.Name+" cleared", int(n))
			}
		}
	}
	return nil
}

// isEvidence tells the append-only tables.
func isEvidence(table string) bool {
	return table == dictionary.TableReclamationRun || table == dictionary.TableReclamationRunItem
}

// isConfiguration tells the tables that people configure: a name there is theirs to take out.
func isConfiguration(table string) bool {
	switch table {
	case dictionary.TableBasicCredential, dictionary.TableAPIKeyCredential, dictionary.TableOAuthCredential, dictionary.TableHTTPConnection,
		dictionary.TableAlias, dictionary.TableOAuthEntity, dictionary.TableOAuthToken, dictionary.TableProfile, dictionary.TableUserExclusion,
		dictionary.TableIdentifierExclusion, dictionary.TableUserGroup, dictionary.TableUserResolutionRule, dictionary.TableProperty:
		return true
	}
	return false
}

// eachNamed calls do for every text column of every table, with the condition that it names the person.
func (s *somebody) eachNamed(do func(table, column, condition string, args []any) error) error {
	if len(s.names) == 0 {
		return nil
	}
	for _, t := range dictionary.Tables() {
		if t.Abstract {
			continue
		}
		for _, c := range dictionary.ColumnsOf(t.Name) {
			switch c.Type {
			case dictionary.String, dictionary.Journal, dictionary.JSON, dictionary.URL, dictionary.List:
			default:
				continue
			}
			if c.Name == dictionary.SysID {
				continue
			}
			conditions := make([]string, len(s.names))
			args := make([]any, len(s.names))
			for i, name := range s.names {
				conditions[i], args[i] = `instr(lower("`+c.Name+`"), ?) > 0`, strings.ToLower(name)
			}
			if err := do(t.Name, c.Name, strings.Join(conditions, " OR "), args); err != nil {
				return err
			}
		}
	}
	return nil
}

// clearTexts takes the person's names out of every other text.
func (s *somebody) clearTexts(ctx context.Context, tx *store.Tx) error {
	patterns := make([]*regexp.Regexp, len(s.names))
	for i, name := range s.names {
		patterns[i] = regexp.MustCompile(`(?i)` + regexp.QuoteMeta(name))
	}
	return s.eachNamed(func(table, column, condition string, args []any) error {
		if isEvidence(table) || isConfiguration(table) {
			return nil
		}
		texts, err := textsOf(ctx, tx, table, column, condition, args)
		if err != nil {
			return err
		}
		for id, text := range texts {
			for _, pattern := range patterns {
				text = pattern.ReplaceAllLiteralString(text, forgotten)
			}
			if _, err := tx.Exec(ctx, `UPDATE "`+table+`" SET "`+column+`" = ? WHERE sys_id = ?`, text, id); err != nil {
				return fmt.Errorf("clear %s of %s: %w", column, table, err)
			}
		}
		s.did(table, "name taken out of "+column, len(texts))
		return nil
	})
}

func textsOf(ctx context.Context, tx *store.Tx, table, column, condition string, args []any) (map[string]string, error) {
	rows, err := tx.Query(ctx, `SELECT sys_id, "`+column+`" FROM "`+table+`" WHERE `+condition, args...)
	if err != nil {
		return nil, fmt.Errorf("search %s of %s: %w", column, table, err)
	}
	defer func() { _ = rows.Close() }()
	texts := map[string]string{}
	for rows.Next() {
		var id, text string
		if err := rows.Scan(&id, &text); err != nil {
			return nil, fmt.Errorf("search %s of %s: %w", column, table, err)
		}
		texts[id] = text
	}
	return texts, rows.Err()
}

// findLeft tells where the person is still named.
func (s *somebody) findLeft(ctx context.Context, tx *store.Tx) error {
	return s.eachNamed(func(table, column, condition string, args []any) error {
		n := 0
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM "`+table+`" WHERE `+condition, args...).Scan(&n); err != nil {
			return fmt.Errorf("search %s of %s: %w", column, table, err)
		}
		why := column + ": configuration, which you change yourself"
		if isEvidence(table) {
			why = column + ": evidence of a reclaim that this person decided or ran, kept for evidence_retention_days"
		}
		if n > 0 {
			s.outcome.Left = append(s.outcome.Left, ForgetStep{table, why, n})
		}
		return nil
	})
}

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
	mails, err := s.rowsNaming(ctx, tx, dictionary.TableEmail, dictionary.EmailRecipients, dictionary.EmailBody, dictionary.EmailSubject)
	if err != nil {
		return err
	}
	runs, err := s.rowsNaming(ctx, tx, dictionary.TableExecutionTracker,
		dictionary.TrackerResult, dictionary.TrackerMessage, dictionary.TrackerDetail, dictionary.TrackerWork)
	if err != nil {
		return err
	}
	for _, d := range []struct {
		table, condition string
		args             []any
	}{
		{tableUndo, in("candidate", candidates), candidates},
		{dictionary.TableEmail, in(dictionary.EmailTarget, candidates) + " OR " + in(dictionary.SysID, mails), slices.Concat(candidates, mails)},
		{dictionary.TableSubscription, in(dictionary.SysID, subscriptions), subscriptions},
		{dictionary.TableSSOSubscription, in("user", users) + " OR " + in("lower(user_principal_name)", names), slices.Concat(users, names)},
		{dictionary.TableDiscoveredUser, in("user", users) + " OR " + in("lower(user_principal_name)", names), slices.Concat(users, names)},
		{dictionary.TableGroupMember, in(`"`+dictionary.MemberUser+`"`, users), users},
		{dictionary.TableUserAllocation, in(dictionary.AllocationUser, users), users},
		{dictionary.TableExecutionTracker, dictionary.TrackerState + " > 1 AND " + in(dictionary.SysID, runs), runs},
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

// textColumns calls do for every column of every table that may name a person.
func textColumns(do func(table, column string) error) error {
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
			if err := do(t.Name, c.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// clearTexts takes the person's names out of every other text.
func (s *somebody) clearTexts(ctx context.Context, tx *store.Tx) error {
	return textColumns(func(table, column string) error {
		if isEvidence(table) || isConfiguration(table) {
			return nil
		}
		texts, err := s.textsNaming(ctx, tx, table, column)
		if err != nil {
			return err
		}
		for id, text := range texts {
			if _, err := tx.Exec(ctx, `UPDATE "`+table+`" SET "`+column+`" = ? WHERE sys_id = ?`, s.without(text), id); err != nil {
				return fmt.Errorf("clear %s of %s: %w", column, table, err)
			}
		}
		s.did(table, "name taken out of "+column, len(texts))
		return nil
	})
}

// findLeft tells where the person is still named.
func (s *somebody) findLeft(ctx context.Context, tx *store.Tx) error {
	return textColumns(func(table, column string) error {
		texts, err := s.textsNaming(ctx, tx, table, column)
		if err != nil || len(texts) == 0 {
			return err
		}
		why := column + ": configuration, which you change yourself"
		if isEvidence(table) {
			why = column + ": evidence of a reclaim that this person decided or ran, kept for evidence_retention_days"
		}
		s.outcome.Left = append(s.outcome.Left, ForgetStep{table, why, len(texts)})
		return nil
	})
}

// wholeName finds a name where it is not a part of another: ann@example.com is not in joann@example.com, nor in
// ann@example.com.au.
func wholeName(name string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)(^|[^\pL\pN.+_-])` + regexp.QuoteMeta(name) + `($|[^\pL\pN.-]|[.-](?:$|[^\pL\pN]))`)
}

// without is a text without the person's names.
func (s *somebody) without(text string) string {
	for _, name := range s.names {
		pattern := wholeName(name)
		for pattern.MatchString(text) { // two names that share the character between them need two rounds
			text = pattern.ReplaceAllString(text, "${1}"+forgotten+"${2}")
		}
	}
	return text
}

// textsNaming are the texts of a column that name the person, by sys_id.
func (s *somebody) textsNaming(ctx context.Context, tx *store.Tx, table, column string) (map[string]string, error) {
	texts := map[string]string{}
	if len(s.names) == 0 {
		return texts, nil
	}
	contains := make([]string, len(s.names))
	for i := range s.names {
		contains[i] = `instr(lower("` + column + `"), ?) > 0`
	}
	rows, err := tx.Query(ctx, `SELECT sys_id, "`+column+`" FROM "`+table+`" WHERE `+strings.Join(contains, " OR "), anys(lower(s.names))...)
	if err != nil {
		return nil, fmt.Errorf("search %s of %s: %w", column, table, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, text string
		if err := rows.Scan(&id, &text); err != nil {
			return nil, fmt.Errorf("search %s of %s: %w", column, table, err)
		}
		if s.without(text) != text {
			texts[id] = text
		}
	}
	return texts, rows.Err()
}

// rowsNaming lists the rows that name the person in one of some columns.
func (s *somebody) rowsNaming(ctx context.Context, tx *store.Tx, table string, columns ...string) (ids []any, err error) {
	for _, column := range columns {
		texts, err := s.textsNaming(ctx, tx, table, column)
		if err != nil {
			return nil, err
		}
		for id := range texts {
			if !slices.Contains(ids, any(id)) {
				ids = append(ids, id)
			}
		}
	}
	return ids, nil
}

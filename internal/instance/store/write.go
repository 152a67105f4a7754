package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

// Insert adds a row and returns it whole. It takes the sys_id and the other sys_ columns that are given, and fills those
// that are not, and the defaults of the dictionary. A secret given in clear is sealed. A broken unique index is a
// *ConflictError.
func (tx *Tx) Insert(ctx context.Context, table string, values Row) (Row, error) {
	t, err := tx.target(table, "insert", values)
	if err != nil {
		return nil, err
	}
	given := tx.withDefaults(ctx, t, values)
	row := make(Row, len(t.columns))
	names := make([]string, 0, len(t.columns))
	args := make([]any, 0, len(t.columns))
	for _, c := range t.columns {
		stored, err := tx.store(t, given[dictionary.SysID], c, given[c.Name])
		if err != nil {
			return nil, err
		}
		names = append(names, quote(c.Name))
		args = append(args, stored)
		row[c.Name] = Wire(c.Type, stored)
	}
	text := "INSERT INTO " + quote(table) + " (" + strings.Join(names, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(names)-1) + ")"
	if _, err := tx.Exec(ctx, text, args...); err != nil {
		return nil, conflict(table, err)
	}
	return tx.withComputed(ctx, t, row)
}

// Update changes columns of a row and returns the row whole. Columns that already have the value are left alone, and
// changed is false when nothing is left: then the row is not touched. The sys_ columns of a row cannot be set.
func (tx *Tx) Update(ctx context.Context, table, sysID string, changes Row) (after Row, changed bool, err error) {
	t, err := tx.target(table, "update", changes)
	if err != nil {
		return nil, false, err
	}
	row, err := tx.Get(ctx, table, sysID)
	if err != nil {
		return nil, false, err
	}
	var sets []string
	var args []any
	set := func(c dictionary.Column, stored any) {
		sets = append(sets, quote(c.Name)+" = ?")
		args = append(args, stored)
		row[c.Name] = Wire(c.Type, stored)
	}
	for _, c := range t.columns {
		value, given := changes[c.Name]
		if !given || systemColumn(c.Name) || computed(table, c.Name) {
			continue
		}
		stored, err := tx.store(t, sysID, c, value)
		if err != nil {
			return nil, false, err
		}
		if Wire(c.Type, stored) != row[c.Name] {
			set(c, stored)
		}
	}
	if len(sets) == 0 {
		return row, false, nil
	}
	set(t.byName[dictionary.SysUpdatedOn], stamp(tx.now))
	set(t.byName[dictionary.SysUpdatedBy], UserOf(ctx))
	text := "UPDATE " + quote(table) + " SET " + strings.Join(sets, ", ") + ", sys_mod_count = sys_mod_count + 1 WHERE sys_id = ?"
	if _, err := tx.Exec(ctx, text, append(args, sysID)...); err != nil {
		return nil, false, conflict(table, err)
	}
	after, err = tx.Get(ctx, table, sysID)
	return after, true, err
}

// Delete removes a row.
func (tx *Tx) Delete(ctx context.Context, table, sysID string) error {
	if _, err := tx.target(table, "delete", nil); err != nil {
		return err
	}
	result, err := tx.Exec(ctx, "DELETE FROM "+quote(table)+" WHERE sys_id = ?", sysID)
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: %s %s", ErrNotFound, table, sysID)
	}
	return err
}

// target finds a table that can be written to and checks the names of the columns.
func (tx *Tx) target(name, operation string, values Row) (*table, error) {
	t, err := lookUp(name)
	if err != nil {
		return nil, err
	}
	if t.Abstract {
		return nil, &DeniedError{Table: name, Operation: operation, Reason: "it is a base class; write to one of the tables that extend it"}
	}
	for column := range values {
		if _, ok := t.byName[column]; !ok {
			return nil, &InvalidColumnError{Table: name, Column: column}
		}
	}
	return t, nil
}

func (tx *Tx) withDefaults(ctx context.Context, t *table, values Row) Row {
	now, user := stamp(tx.now), UserOf(ctx)
	given := Row{
		dictionary.SysCreatedOn: now, dictionary.SysCreatedBy: user,
		dictionary.SysUpdatedOn: now, dictionary.SysUpdatedBy: user,
	}
	for _, c := range t.columns {
		if c.Default != "" {
			given[c.Name] = c.Default
		}
	}
	for name, value := range values {
		if value != "" || !strings.HasPrefix(name, "sys_") {
			given[name] = value
		}
	}
	if _, polymorphic := t.byName[dictionary.SysClassName]; polymorphic {
		given[dictionary.SysClassName] = t.Name
	}
	if !IsSysID(given[dictionary.SysID]) {
		given[dictionary.SysID] = tx.NewID()
	}
	return given
}

// store converts a value to what is stored. A secret that is not sealed for this place is sealed here, so that none can
// reach the database in clear whatever the caller does.
func (tx *Tx) store(t *table, sysID string, c dictionary.Column, value string) (any, error) {
	if c.Type == dictionary.Password2 && value != "" {
		if strings.HasPrefix(value, sealedPrefix) {
			if _, err := tx.Unseal(t.Name, sysID, c.Name, value); err == nil {
				return value, nil
			}
		}
		return tx.Seal(t.Name, sysID, c.Name, value)
	}
	return encode(t.Name, c, value)
}

// withComputed fills the columns that are computed on read.
func (tx *Tx) withComputed(ctx context.Context, t *table, row Row) (Row, error) {
	for _, c := range t.columns {
		if computed(t.Name, c.Name) {
			return tx.Get(ctx, t.Name, row[dictionary.SysID])
		}
	}
	return row, nil
}

func quote(identifier string) string { return `"` + strings.ReplaceAll(identifier, `"`, `""`) + `"` }

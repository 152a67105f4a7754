package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/query"
)

// FindOptions of Find and Select.
type FindOptions struct {
	Fields []string // columns to read, dot-walked where needed; none means all of the table
	Limit  int      // most rows to read; zero means all
	Offset int      // rows to pass over
	// Lenient drops conditions that are not valid, as ServiceNow does; otherwise they are an error.
	Lenient bool
	// Shuffle sorts rows in an order without meaning where the query names none.
	Shuffle bool
	// Display reads the display values of references; see Rows.Display.
	Display bool
}

// Get reads a row.
func (tx *Tx) Get(ctx context.Context, table, sysID string) (Row, error) {
	if _, err := lookUp(table); err != nil {
		return nil, err
	}
	condition := query.Condition{Column: "sys_id", Operator: query.Equals, Value: sysID}
	if sysID == "" {
		return nil, fmt.Errorf("%w: %s without sys_id", ErrNotFound, table)
	}
	rows, err := tx.collect(ctx, table, query.Query{Groups: []query.Group{{{condition}}}}, FindOptions{Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%w: %s %s", ErrNotFound, table, sysID)
	}
	return rows[0], nil
}

// Find reads the rows that match an encoded query.
func (tx *Tx) Find(ctx context.Context, table, encodedQuery string, o FindOptions) ([]Row, error) {
	q, err := tx.parse(encodedQuery, o.Lenient)
	if err != nil {
		return nil, err
	}
	return tx.collect(ctx, table, q, o)
}

// Count counts the rows that match an encoded query.
func (tx *Tx) Count(ctx context.Context, table, encodedQuery string) (int, error) {
	return tx.CountWith(ctx, table, encodedQuery, FindOptions{})
}

// CountWith is Count with options; only Lenient matters.
func (tx *Tx) CountWith(ctx context.Context, table, encodedQuery string, o FindOptions) (int, error) {
	s, err := tx.Compile(table, encodedQuery, o)
	if err != nil {
		return 0, err
	}
	text, args := s.Count()
	var n int
	err = tx.QueryRow(ctx, text, args...).Scan(&n)
	return n, err
}

// Select reads the rows that match an encoded query one by one. The caller closes them.
func (tx *Tx) Select(ctx context.Context, table, encodedQuery string, o FindOptions) (*Rows, error) {
	q, err := tx.parse(encodedQuery, o.Lenient)
	if err != nil {
		return nil, err
	}
	return tx.rows(ctx, table, q, o)
}

// Compile makes SQL of an encoded query, for statements that Find and Count do not cover.
func (tx *Tx) Compile(table, encodedQuery string, o FindOptions) (*query.Statement, error) {
	q, err := tx.parse(encodedQuery, o.Lenient)
	if err != nil {
		return nil, err
	}
	return tx.compile(table, q, o)
}

func (tx *Tx) parse(encodedQuery string, lenient bool) (query.Query, error) {
	q, problems, err := query.Parse(encodedQuery)
	if err == nil && len(problems) > 0 && !lenient {
		err = problems[0]
	}
	return q, err
}

func (tx *Tx) compile(table string, q query.Query, o FindOptions) (*query.Statement, error) {
	if _, err := lookUp(table); err != nil {
		return nil, err
	}
	return query.Compile(schema{now: tx.now}, table, q, query.Options{
		Strict: !o.Lenient, Fields: o.Fields, Display: o.Display, Shuffle: o.Shuffle,
	})
}

func (tx *Tx) collect(ctx context.Context, table string, q query.Query, o FindOptions) ([]Row, error) {
	o.Display = false
	rows, err := tx.rows(ctx, table, q, o)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var found []Row
	for rows.Next() {
		row := make(Row, len(rows.Fields))
		for i, f := range rows.Fields {
			row[f.Name] = rows.Value(i)
		}
		found = append(found, row)
	}
	return found, rows.Err()
}

func (tx *Tx) rows(ctx context.Context, table string, q query.Query, o FindOptions) (*Rows, error) {
	s, err := tx.compile(table, q, o)
	if err != nil {
		return nil, err
	}
	limit := -1
	if o.Limit > 0 {
		limit = o.Limit
	}
	text, args := s.Select(limit, o.Offset)
	result, err := tx.Query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	return newRows(result, s.Fields), nil
}

// Rows walks over rows without keeping them.
type Rows struct {
	Fields []query.Field

	rows    *sql.Rows
	cells   []any
	targets []any
	at      []int // position of a field's value in cells
	err     error
}

func newRows(rows *sql.Rows, fields []query.Field) *Rows {
	r := &Rows{Fields: fields, rows: rows, at: make([]int, len(fields))}
	n := 0
	for i, f := range fields {
		r.at[i] = n
		n++
		if f.Display {
			n++
		}
	}
	r.cells = make([]any, max(n, 1))
	r.targets = make([]any, len(r.cells))
	for i := range r.cells {
		r.targets[i] = &r.cells[i]
	}
	return r
}

// Next steps to the next row and tells whether there is one.
func (r *Rows) Next() bool {
	if r.err != nil || !r.rows.Next() {
		return false
	}
	r.err = r.rows.Scan(r.targets...)
	return r.err == nil
}

// Value is the value of field i in wire form.
func (r *Rows) Value(i int) string { return Wire(r.Fields[i].Column.Type, r.cells[r.at[i]]) }

// Display is the display value of the row that field i refers to; empty where Field.Display is false or there is none.
func (r *Rows) Display(i int) string {
	if !r.Fields[i].Display {
		return ""
	}
	return Wire("", r.cells[r.at[i]+1])
}

// Err is the error that ended the walk, if any.
func (r *Rows) Err() error {
	if r.err != nil {
		return r.err
	}
	return r.rows.Err()
}

// Close ends the walk.
func (r *Rows) Close() error { return r.rows.Close() }

package query

import (
	"fmt"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

// Schema tells what tables look like.
type Schema interface {
	// Column finds a column of a table, its own or an inherited one.
	Column(table, column string) (dictionary.Column, bool)
	// Columns lists the columns of a table in its order.
	Columns(table string) []dictionary.Column
	// Display names the column that represents a row of the table where it is referenced; empty if none does.
	Display(table string) string
	// Expression is the SQL that computes a column that is not stored, for the row alias given; empty for stored columns.
	Expression(table, column, alias string) string
}

// Options of Compile.
type Options struct {
	// Strict makes an invalid condition an error. Otherwise it is dropped, as ServiceNow does, and listed in
	// Statement.Dropped.
	Strict bool
	// Fields are the columns to read, dot-walked where needed; none means all columns of the table. Unknown ones are
	// left out.
	Fields []string
	// Display reads the display value of references too.
	Display bool
	// Shuffle sorts rows in an order without meaning where the query has none, so that nobody comes to rely on one.
	Shuffle bool
}

// Field is one column that a statement reads.
type Field struct {
	Name   string // as asked for, such as user.email
	Column dictionary.Column
	// Display tells that the value is followed by the display value of the referenced row.
	Display bool

	value, display string
}

// Statement is a query as SQL over one table.
type Statement struct {
	Fields  []Field
	Dropped []*ConditionError

	from  string
	where string
	args  []any
	order string
}

// Compile makes SQL of a query over a table that the schema knows.
func Compile(schema Schema, table string, q Query, o Options) (*Statement, error) {
	c := &compiler{schema: schema, table: table, joins: map[string]string{}}
	c.from.WriteString(quote(table) + " AS t0")
	s := &Statement{}
	s.where = c.where(q, s)
	s.order = c.orderBy(q.Order, s, o.Shuffle)
	if o.Strict && len(s.Dropped) > 0 {
		return nil, s.Dropped[0]
	}
	s.Fields = c.fields(o)
	s.from, s.args = c.from.String(), c.args
	return s, nil
}

// Select returns the statement that reads rows and its arguments. A limit below zero means no limit.
func (s *Statement) Select(limit, offset int) (string, []any) {
	columns := make([]string, 0, len(s.Fields))
	for _, f := range s.Fields {
		columns = append(columns, f.value)
		if f.Display {
			columns = append(columns, f.display)
		}
	}
	if len(columns) == 0 {
		columns = append(columns, "1")
	}
	text := "SELECT " + strings.Join(columns, ", ") + " FROM " + s.from + s.where + s.order
	args := append([]any(nil), s.args...)
	if limit >= 0 || offset > 0 {
		text += " LIMIT ? OFFSET ?"
		args = append(args, limit, offset)
	}
	return text, args
}

// Count returns the statement that counts rows and its arguments.
func (s *Statement) Count() (string, []any) {
	return "SELECT count(*) FROM " + s.from + s.where, s.args
}

// Aggregate returns a statement that computes the given SQL expressions over the matching rows. Expressions are built by
// Value, never from input. groupBy and having may be empty.
func (s *Statement) Aggregate(expressions, groupBy []string) (string, []any) {
	text := "SELECT " + strings.Join(append(append([]string(nil), groupBy...), expressions...), ", ") +
		" FROM " + s.from + s.where
	if len(groupBy) > 0 {
		list := strings.Join(groupBy, ", ")
		text += " GROUP BY " + list + " ORDER BY " + list
	}
	return text, s.args
}

// Value is the SQL expression of a field, for Aggregate.
func (f Field) Value() string { return f.value }

type compiler struct {
	schema Schema
	table  string
	from   strings.Builder
	joins  map[string]string // dotted reference path → alias
	args   []any
}

// maxJoins bounds dot-walking; SQLite takes 64 tables in a join.
const maxJoins = 40

func (c *compiler) where(q Query, s *Statement) string {
	groups := make([]string, 0, len(q.Groups))
	for _, g := range q.Groups {
		var every []string
		for _, alternatives := range g {
			var some []string
			for _, condition := range alternatives {
				text, err := c.condition(condition)
				if err != nil {
					s.Dropped = append(s.Dropped, err)
					continue
				}
				some = append(some, text)
			}
			if len(some) > 0 {
				every = append(every, balance(some, " OR "))
			}
		}
		if len(every) > 0 {
			groups = append(groups, balance(every, " AND "))
		}
	}
	if len(groups) == 0 {
		return ""
	}
	return " WHERE " + balance(groups, " OR ")
}

// balance joins operands as a tree of logarithmic depth: SQLite limits the depth of expressions, and a plain chain of a
// thousand operands is a thousand deep.
func balance(operands []string, operator string) string {
	if len(operands) == 1 {
		return operands[0]
	}
	half := len(operands) / 2
	return "(" + balance(operands[:half], operator) + operator + balance(operands[half:], operator) + ")"
}

func (c *compiler) orderBy(keys []Order, s *Statement, shuffle bool) string {
	var terms []string
	for _, key := range keys {
		col, err := c.column(key.Column)
		if err != nil {
			s.Dropped = append(s.Dropped, &ConditionError{Part: "ORDERBY" + key.Column, Reason: err.Error()})
			continue
		}
		if col.kind == kindSecret {
			s.Dropped = append(s.Dropped, &ConditionError{Part: "ORDERBY" + key.Column, Reason: "an encrypted column cannot be sorted by"})
			continue
		}
		term := col.comparable()
		if key.Descending {
			term += " DESC"
		}
		terms = append(terms, term)
	}
	if len(terms) == 0 && shuffle {
		// The tail of a sys_id is random.
		terms = append(terms, "substr(t0.sys_id, 17)")
	}
	if len(terms) == 0 {
		return ""
	}
	return " ORDER BY " + strings.Join(terms, ", ")
}

func (c *compiler) fields(o Options) []Field {
	names := o.Fields
	if len(names) == 0 {
		for _, column := range c.schema.Columns(c.table) {
			names = append(names, column.Name)
		}
	}
	fields := make([]Field, 0, len(names))
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if seen[name] {
			continue
		}
		seen[name] = true
		col, err := c.column(name)
		if err != nil {
			continue
		}
		f := Field{Name: name, Column: col.Column, value: col.raw}
		if o.Display && col.Type == dictionary.Reference {
			if display := c.displayOf(col); display != "" {
				f.Display, f.display = true, display
			}
		}
		fields = append(fields, f)
	}
	return fields
}

// displayOf is the SQL expression of the display value of a referenced row; empty where the table has none.
func (c *compiler) displayOf(col column) string {
	name := c.schema.Display(col.Reference)
	if name == "" {
		return ""
	}
	return fmt.Sprintf("(SELECT d.%s FROM %s AS d WHERE d.sys_id = %s)", quote(name), quote(col.Reference), col.raw)
}

// column resolves a dotted column name, adding the joins that it needs.
func (c *compiler) column(path string) (column, error) {
	table, alias := c.table, "t0"
	parts := strings.Split(path, ".")
	for i, name := range parts {
		col, ok := c.schema.Column(table, name)
		if !ok {
			return column{}, fmt.Errorf("table %s has no column %q", table, name)
		}
		if i == len(parts)-1 {
			return newColumn(col, c.expression(table, name, alias)), nil
		}
		if col.Type != dictionary.Reference || len(c.schema.Columns(col.Reference)) == 0 {
			return column{}, fmt.Errorf("column %q of table %s is not a reference that can be followed", name, table)
		}
		joined, err := c.join(strings.Join(parts[:i+1], "."), alias, col)
		if err != nil {
			return column{}, err
		}
		table, alias = col.Reference, joined
	}
	return column{}, fmt.Errorf("%q is not a column name", path)
}

func (c *compiler) expression(table, name, alias string) string {
	if e := c.schema.Expression(table, name, alias); e != "" {
		return e
	}
	return alias + "." + quote(name)
}

func (c *compiler) join(path, alias string, col dictionary.Column) (string, error) {
	if joined, ok := c.joins[path]; ok {
		return joined, nil
	}
	if len(c.joins) >= maxJoins {
		return "", fmt.Errorf("more than %d references are followed", maxJoins)
	}
	joined := fmt.Sprintf("t%d", len(c.joins)+1)
	c.joins[path] = joined
	fmt.Fprintf(&c.from, " LEFT JOIN %s AS %s ON %s.sys_id = %s.%s", quote(col.Reference), joined, joined, alias, quote(col.Name))
	return joined, nil
}

func quote(identifier string) string { return `"` + strings.ReplaceAll(identifier, `"`, `""`) + `"` }

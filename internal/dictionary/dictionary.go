// Package dictionary is what this project knows about ServiceNow's Software Asset Management data model, as data: tables,
// columns, choice values, candidate states and the catalogue of integration profile types. Both sides of the wire read
// it: the client to name columns, the embedded instance to create and render them.
//
// ServiceNow publishes only part of these names. Every entry therefore says how sure it is (Certainty) and where it was
// read (Source); what is assumed is assumed here and nowhere else.
package dictionary

import (
	"crypto/md5" //nolint:gosec // a name-to-id mapping, not a security feature
	"encoding/hex"
)

// Certainty says how a fact is known.
type Certainty string

// The certainty tags of the reference.
const (
	Doc     Certainty = "doc"     // stated by ServiceNow or the vendor
	Spec    Certainty = "spec"    // in a machine-readable specification
	Code    Certainty = "code"    // seen in public code
	Assumed Certainty = "assumed" // best guess; expected to change when checked on a real instance
)

// Type is a ServiceNow column type (sys_dictionary.internal_type).
type Type string

// The column types in use. Values are what the Table API documents for them.
const (
	String    Type = "string"
	Integer   Type = "integer"
	Decimal   Type = "decimal"
	Boolean   Type = "boolean"
	DateTime  Type = "glide_date_time" // UTC, "2006-01-02 15:04:05"
	Date      Type = "glide_date"      // "2006-01-02"
	Duration  Type = "glide_duration"
	Reference Type = "reference" // a sys_id of Column.Reference
	List      Type = "glide_list"
	Choice    Type = "choice"
	Currency  Type = "currency"
	Journal   Type = "journal"
	Password2 Type = "password2" // two-way encrypted; written only with sysparm_input_display_value=true
	URL       Type = "url"
	JSON      Type = "json" // a string column that holds JSON
)

// ChoiceValue is one entry of a choice list: the stored value and the label shown to people.
type ChoiceValue struct {
	Value, Label string
	Certainty    Certainty
}

// Column is one column of a table.
type Column struct {
	Name      string
	Label     string
	Type      Type
	Reference string        // table a Reference or List column points to
	Choices   []ChoiceValue // for Choice columns and integer choices such as state
	Default   string        // value the server fills in when a write leaves the column out
	ReadOnly  bool          // people cannot edit it; the server maintains it
	Mandatory bool
	Certainty Certainty
	Source    string // page, article or specification the name was read in
}

// Table is one table. Extends names the parent class, whose columns a table has too.
type Table struct {
	Name      string
	Label     string
	Extends   string
	Abstract  bool   // a base class: read through it, write to a concrete class
	Metadata  bool   // extends sys_metadata: rows carry sys_scope
	Display   string // column whose value represents a row where it is referenced
	Columns   []Column
	Certainty Certainty
	Source    string
}

// SeedID is the sys_id of a row that every instance ships with. It depends on the table and the key alone, so that a
// plan made before the database exists names the same row as the apply that creates it.
func SeedID(table, key string) string {
	sum := md5.Sum([]byte("servicenowsam\x00" + table + "\x00" + key)) //nolint:gosec // see import
	return hex.EncodeToString(sum[:])
}

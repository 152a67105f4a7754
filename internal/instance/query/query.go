// Package query understands ServiceNow's encoded queries, such as
//
//	active=true^stateIN1,2^ORparent.name=Trello^NQnumber=X^ORDERBYDESCsys_created_on
//
// Parse makes a Query of one; Compile makes parameterised SQL of a Query, with a join for every dot-walked reference.
// Values never become SQL text.
package query

import (
	"errors"
	"fmt"
)

// Query is a parsed encoded query: the union of its groups, sorted.
type Query struct {
	Groups []Group // united (^NQ); none matches every row
	Order  []Order
}

// Group is a list of alternatives that all have to hold (^).
type Group []Alternatives

// Alternatives is a list of conditions of which one has to hold (^OR).
type Alternatives []Condition

// Condition compares one column with a value.
type Condition struct {
	Column   string // dot-walked through references, such as profile.display_name
	Operator Operator
	Value    string
}

// String returns the condition as it stands in an encoded query.
func (c Condition) String() string { return c.Column + string(c.Operator) + c.Value }

// Order is one sort key.
type Order struct {
	Column     string
	Descending bool
}

// ConditionError is a part of an encoded query that cannot be run. ServiceNow drops such a part without a word.
type ConditionError struct {
	Part   string
	Reason string
}

// Error implements error.
func (e *ConditionError) Error() string {
	return fmt.Sprintf("invalid condition %q in the encoded query: %s", e.Part, e.Reason)
}

// ErrTooComplex is a query that is refused as a whole, whatever the mode: dropping a part of it would widen it.
var ErrTooComplex = errors.New("the encoded query is too complex")

// MaxConditions is the most conditions a query may have.
const MaxConditions = 1000

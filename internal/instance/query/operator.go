package query

import (
	"sort"
	"strings"
)

// Operator is an operator of the encoded query language, in its canonical spelling.
type Operator string

// The operators this package can run.
const (
	Equals       Operator = "="
	NotEquals    Operator = "!="
	Less         Operator = "<"
	LessEqual    Operator = "<="
	Greater      Operator = ">"
	GreaterEqual Operator = ">="
	In           Operator = "IN"
	NotIn        Operator = "NOT IN"
	Like         Operator = "LIKE"
	NotLike      Operator = "NOT LIKE"
	StartsWith   Operator = "STARTSWITH"
	EndsWith     Operator = "ENDSWITH"
	IsEmpty      Operator = "ISEMPTY"
	IsNotEmpty   Operator = "ISNOTEMPTY"
	Between      Operator = "BETWEEN"
	Anything     Operator = "ANYTHING"
)

// spellings maps every spelling to its operator.
var spellings = map[string]Operator{
	"=": Equals, "!=": NotEquals, "<": Less, "<=": LessEqual, ">": Greater, ">=": GreaterEqual,
	"IN": In, "NOT IN": NotIn,
	"LIKE": Like, "*": Like, "NOT LIKE": NotLike, "NOTLIKE": NotLike, "!*": NotLike,
	"STARTSWITH": StartsWith, "ENDSWITH": EndsWith, "%": EndsWith,
	"ISEMPTY": IsEmpty, "EMPTYSTRING": IsEmpty, "ISNOTEMPTY": IsNotEmpty,
	"BETWEEN": Between, "ANYTHING": Anything,
}

// foreign are operators of ServiceNow that are recognised, so that they are not misread as a shorter one, and refused.
var foreign = []string{
	"SAMEAS", "NSAMEAS", "GT_FIELD", "LT_FIELD", "GT_OR_EQUALS_FIELD", "LT_OR_EQUALS_FIELD", "MORETHAN", "LESSTHAN",
	"ON", "NOTON", "DATEPART", "RELATIVEGT", "RELATIVELT", "RELATIVEGE", "RELATIVELE", "RELATIVEEE", "DYNAMIC",
	"IN_HIERARCHY", "IN_HIERARCHY_DYNAMIC", "INSTANCEOF", "VALCHANGES", "CHANGESFROM", "CHANGESTO",
}

var longestFirst = func() []string {
	all := append([]string(nil), foreign...)
	for s := range spellings {
		all = append(all, s)
	}
	sort.Slice(all, func(i, j int) bool {
		if len(all[i]) != len(all[j]) {
			return len(all[i]) > len(all[j])
		}
		return all[i] < all[j]
	})
	return all
}()

// cutOperator splits what follows a column name into operator and value.
func cutOperator(s string) (op Operator, value, spelling string, ok bool) {
	for _, spelling := range longestFirst {
		if value, found := strings.CutPrefix(s, spelling); found {
			op, ok := spellings[spelling]
			return op, value, spelling, ok
		}
	}
	return "", "", "", false
}

// unary tells whether the operator takes no value.
func (o Operator) unary() bool { return o == IsEmpty || o == IsNotEmpty || o == Anything }

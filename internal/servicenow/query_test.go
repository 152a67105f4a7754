package servicenow_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	. "github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

func TestQueryEncode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		query Query
		want  string
	}{
		{Where(), ""},
		{Where(Eq("status", "draft")), "status=draft"},
		{Where(Eq("user", "")), "userISEMPTY"},
		{Where(NotEq("user", "")), "userISNOTEMPTY"},
		{Where(Eq("a", "1"), NotEq("b", "2"), Less("c", "3"), LessEq("d", "4"), Greater("e", "5"), GreaterEq("f", "6")), "a=1^b!=2^c<3^d<=4^e>5^f>=6"},
		{Where(StartsWith("name", "SAM - "), Contains("name", "Trello")), "nameSTARTSWITHSAM - ^nameLIKETrello"},
		{Where(In("state", "10", "11")), "stateIN10,11"},
		{Where(In("name", "a,b", "c")), "name=a,b^ORname=c"},
		{Where(Any(LessEq("last_activity", "2026-01-01"), Empty("last_activity")), Eq("active", "true")), "last_activity<=2026-01-01^ORlast_activityISEMPTY^active=true"},
		{Where(Eq("subscription_profile.display_name", "T")).OrderBy("name").OrderByDesc("sys_created_on"), "subscription_profile.display_name=T^ORDERBYname^ORDERBYDESCsys_created_on"},
	} {
		got, err := c.query.Encode()
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
}

func TestQueryRefuses(t *testing.T) {
	t.Parallel()
	for _, q := range []Query{
		Where(Eq("name", "x^NQactive=true")),
		Where(Eq("name", "javascript:gs.log(1)")),
		Where(Eq("name", "  JavaScript:gs.log(1)")),
		Where(In("name", "a", "b^c")),
		Where(Eq("name", "a\nb")),
		Where(Eq("name=x^ORname", "b")),
		Where(Eq("", "b")),
		Where(Any()),
		Where().OrderBy("name^NQ"),
	} {
		_, err := q.Encode()
		require.ErrorIs(t, err, ErrBadQuery)
	}
}

// Whatever a value is, the query has as many terms as it has conditions: a value cannot add one.
func TestQueryCannotBeInjectedInto(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.String(), 1, 5).Draw(t, "values")
		q := Where()
		for i, v := range values {
			q = q.And(Eq(fmt.Sprintf("c%d", i), v))
		}
		encoded, err := q.Encode()
		if err != nil {
			require.ErrorIs(t, err, ErrBadQuery)
			return
		}
		terms := strings.Split(encoded, "^")
		require.Len(t, terms, len(values))
		for i, term := range terms {
			require.True(t, strings.HasPrefix(term, fmt.Sprintf("c%d=", i)) || term == fmt.Sprintf("c%dISEMPTY", i), term)
		}
	})
}

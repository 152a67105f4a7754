package servicenow_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	sn "github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

func TestQueryEncode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		query sn.Query
		want  string
	}{
		{sn.Where(), ""},
		{sn.Where(sn.Eq("status", "draft")), "status=draft"},
		{sn.Where(sn.Eq("user", "")), "userISEMPTY"},
		{sn.Where(sn.NotEq("user", "")), "userISNOTEMPTY"},
		{sn.Where(sn.Eq("a", "1"), sn.NotEq("b", "2"), sn.Less("c", "3"), sn.LessEq("d", "4"), sn.Greater("e", "5"), sn.GreaterEq("f", "6")), "a=1^b!=2^c<3^d<=4^e>5^f>=6"},
		{sn.Where(sn.StartsWith("name", "SAM - "), sn.Contains("name", "Trello")), "nameSTARTSWITHSAM - ^nameLIKETrello"},
		{sn.Where(sn.In("state", "10", "11")), "stateIN10,11"},
		{sn.Where(sn.In("name", "a,b", "c")), "name=a,b^ORname=c"},
		{sn.Where(sn.Any(sn.LessEq("last_activity", "2026-01-01"), sn.Empty("last_activity")), sn.Eq("active", "true")), "last_activity<=2026-01-01^ORlast_activityISEMPTY^active=true"},
		{sn.Where(sn.Eq("subscription_profile.display_name", "T")).OrderBy("name").OrderByDesc("sys_created_on"), "subscription_profile.display_name=T^ORDERBYname^ORDERBYDESCsys_created_on"},
	} {
		got, err := c.query.Encode()
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
}

func TestQueryRefuses(t *testing.T) {
	t.Parallel()
	for _, q := range []sn.Query{
		sn.Where(sn.Eq("name", "x^NQactive=true")),
		sn.Where(sn.Eq("name", "javascript:gs.log(1)")),
		sn.Where(sn.Eq("name", "  JavaScript:gs.log(1)")),
		sn.Where(sn.In("name", "a", "b^c")),
		sn.Where(sn.Eq("name", "a\nb")),
		sn.Where(sn.Eq("name=x^ORname", "b")),
		sn.Where(sn.Eq("", "b")),
		sn.Where(sn.Any()),
		sn.Where().OrderBy("name^NQ"),
	} {
		_, err := q.Encode()
		require.ErrorIs(t, err, sn.ErrBadQuery)
	}
}

// Whatever a value is, the query has as many terms as it has conditions: a value cannot add one.
func TestQueryCannotBeInjectedInto(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.String(), 1, 5).Draw(t, "values")
		q := sn.Where()
		for i, v := range values {
			q = q.And(sn.Eq(fmt.Sprintf("c%d", i), v))
		}
		encoded, err := q.Encode()
		if err != nil {
			require.ErrorIs(t, err, sn.ErrBadQuery)
			return
		}
		terms := strings.Split(encoded, "^")
		require.Len(t, terms, len(values))
		for i, term := range terms {
			require.True(t, strings.HasPrefix(term, fmt.Sprintf("c%d=", i)) || term == fmt.Sprintf("c%dISEMPTY", i), term)
		}
	})
}

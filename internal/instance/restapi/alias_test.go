package restapi_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
)

func TestChildAliasIsMade(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	a := i.do(t, http.MethodPost, companion.ChildrenPath("sn_asana_spoke.Asana"), `{"name":"emea"}`)
	require.Equal(t, http.StatusCreated, a.status, a.body)
	require.Equal(t, companion.Alias{SysID: testID, ID: "sn_asana_spoke.Asana.emea", Name: "emea", Parent: "sn_asana_spoke.Asana"}, result[companion.Alias](t, a))

	a = i.do(t, http.MethodPost, companion.ChildrenPath("x"), `{}`)
	require.Equal(t, http.StatusForbidden, a.status)
	require.Contains(t, a.body, "It has no name.")
	require.Equal(t, http.StatusBadRequest, i.do(t, http.MethodPost, companion.ChildrenPath("x"), `{`).status)
	require.Equal(t, http.StatusMethodNotAllowed, i.get(t, companion.ChildrenPath("x")).status)
}

func TestGroupsOfAnAlias(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	a := i.get(t, companion.GroupsPath("site"))
	require.Equal(t, http.StatusOK, a.status, a.body)
	require.Equal(t, []companion.Group{{ID: "g1", Name: "users of site", Access: true}}, result[companion.GroupList](t, a).Groups)

	a = i.get(t, companion.GroupsPath("stale"))
	require.Equal(t, http.StatusForbidden, a.status)
	require.Contains(t, a.body, "The token is stale.")
	require.Equal(t, http.StatusMethodNotAllowed, i.do(t, http.MethodPost, companion.GroupsPath("site"), "").status)
}

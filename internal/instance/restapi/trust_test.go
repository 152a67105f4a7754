package restapi_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

const reclaimRoute = "/api/x_snsam_tf/v1/saas/candidates/reclaim"

// A browser sends a form of another site without asking, with the credentials that it remembers.
func TestPagesOfOtherSitesCannotCall(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	body := `{"candidates":["a"]}`
	for _, content := range []string{"text/plain", "application/x-www-form-urlencoded", ""} {
		require.Equal(t, http.StatusUnsupportedMediaType, i.do(t, http.MethodPost, reclaimRoute, body, "Content-Type", content).status)
	}
	for _, origin := range []string{"https://evil.example", "null", "http://sam.example.evil.example", "https://sam.example"} {
		require.Equal(t, http.StatusForbidden, i.do(t, http.MethodPost, reclaimRoute, body, "Origin", origin).status, origin)
		require.Equal(t, http.StatusForbidden, i.do(t, http.MethodPost, table+"sys_user", "{}", "Origin", origin).status, origin)
	}
	require.Equal(t, http.StatusAccepted, i.do(t, http.MethodPost, reclaimRoute, body, "Origin", "http://sam.example").status)
	i.insert(t, dictionary.TableProfile, store.Row{"sys_id": testID, "display_name": "Trello"})
	require.Equal(t, http.StatusAccepted, i.do(t, http.MethodPost, "/api/x_snsam_tf/v1/saas/profiles/"+testID+"/publish", "", "Content-Type", "").status,
		"no body needs no type")
}

func TestOnlyNamesOfThisMachineAreServed(t *testing.T) {
	t.Parallel()
	guarded := restapi.WithLoopbackHost(newInstance(t))
	for host, want := range map[string]int{
		"localhost": http.StatusOK, "localhost:8080": http.StatusOK, "127.0.0.1:8080": http.StatusOK, "[::1]:8080": http.StatusOK, "[::1]": http.StatusOK,
		"rebound.evil.example": http.StatusMisdirectedRequest, "rebound.evil.example:8080": http.StatusMisdirectedRequest, "10.0.0.1": http.StatusMisdirectedRequest,
		"": http.StatusMisdirectedRequest,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, table+"sys_user", nil)
		r.Header.Set("Accept", "application/json")
		r.Host = host
		w := httptest.NewRecorder()
		guarded.ServeHTTP(w, r)
		require.Equal(t, want, w.Code, host)
	}
}

func TestADisplayValueIsNoQuery(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	rule := i.insert(t, dictionary.TableReclamationRule, store.Row{"name": "Trello Enterprise"})
	a := i.do(t, http.MethodPost, table+dictionary.TableCandidate+"?sysparm_input_display_value=true", `{"reclamation_rule":"zzz^NQsys_idISNOTEMPTY"}`)
	require.Equal(t, http.StatusForbidden, a.status, a.body)
	require.Contains(t, a.body, "cannot contain ^")
	require.NotContains(t, a.body, rule)
}

func TestTheInstanceSaysWhoWroteWhat(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	columns := []string{dictionary.SysCreatedOn, dictionary.SysCreatedBy, dictionary.SysUpdatedOn, dictionary.SysUpdatedBy, dictionary.SysModCount}
	forged := `{"user_name":"x","sys_created_on":"1999-01-01 00:00:00","sys_created_by":"root","sys_updated_on":"1999-01-01 00:00:00","sys_updated_by":"root","sys_mod_count":"77"}`
	made := result[map[string]any](t, i.do(t, http.MethodPost, table+"sys_user", forged))
	for _, column := range columns {
		require.NotContains(t, []any{"1999-01-01 00:00:00", "root", "77"}, made[column], column)
	}
	changed := result[map[string]any](t, i.do(t, http.MethodPatch, table+"sys_user/"+made["sys_id"].(string), forged))
	for _, column := range columns {
		require.Equal(t, made[column], changed[column], column)
	}
}

package restapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
)

func TestRequestFaults(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	users(t, i, 3)
	const target = table + "sys_user"
	hit := func(kind restapi.FaultKind) answer {
		i.faults.Inject(restapi.Fault{Kind: kind, Method: http.MethodGet, Path: "sys_user", Times: 1, RetryAfter: 90 * time.Second})
		return i.get(t, target)
	}
	a := hit(restapi.FaultRateLimited)
	require.Equal(t, http.StatusTooManyRequests, a.status)
	require.Equal(t, "90", a.header.Get("Retry-After"))
	require.Equal(t, strconv.FormatInt(time.Date(2026, 11, 2, 12, 1, 30, 0, time.UTC).Unix(), 10), a.header.Get("X-RateLimit-Reset"))
	require.NotEmpty(t, a.header.Get("X-RateLimit-Rule"))
	require.Contains(t, a.body, "Rate limit exceeded")

	a = hit(restapi.FaultBusy)
	require.Equal(t, http.StatusTooManyRequests, a.status)
	require.Empty(t, a.header.Get("Retry-After"))

	a = hit(restapi.FaultUnavailable)
	require.Equal(t, http.StatusServiceUnavailable, a.status)
	require.Contains(t, a.header.Get("Content-Type"), "text/html")

	a = hit(restapi.FaultHibernating)
	require.Equal(t, http.StatusOK, a.status)
	require.Contains(t, a.body, "instance-hibernating-page")

	a = hit(restapi.FaultTruncated)
	require.Equal(t, http.StatusOK, a.status)
	require.False(t, json.Valid([]byte(a.body)))

	a = hit(restapi.FaultErrorInside)
	require.Equal(t, http.StatusOK, a.status)
	require.True(t, json.Valid([]byte(a.body)), a.body)
	require.Contains(t, a.body, "maximum execution time exceeded")
	require.Contains(t, a.body, `{"result":[`)

	require.Equal(t, http.StatusForbidden, hit(restapi.FaultForbidden).status)
	require.Equal(t, http.StatusUnauthorized, hit(restapi.FaultUnauthorized).status)
	require.Equal(t, http.StatusInternalServerError, hit(restapi.FaultServerError).status)
	require.Equal(t, http.StatusOK, i.get(t, target).status, "each fault hit once")

	i.faults.Inject(restapi.Fault{Kind: restapi.FaultBusy, Method: http.MethodPost})
	require.Equal(t, http.StatusOK, i.get(t, target).status, "another method")
	for range 3 {
		require.Equal(t, http.StatusTooManyRequests, i.do(t, http.MethodPost, target, "{}").status, "until Clear")
	}
	i.faults.Clear()
	require.Equal(t, http.StatusCreated, i.do(t, http.MethodPost, target, "{}").status)
}

func TestCreatedButDenied(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	i.faults.Inject(restapi.Fault{Kind: restapi.FaultCreateDenied, Times: 1})
	require.Equal(t, http.StatusOK, i.get(t, table+"sys_user").status, "only creating is hit")
	a := i.do(t, http.MethodPost, table+"sys_user", `{"sys_id":"`+testID+`"}`)
	require.Equal(t, http.StatusForbidden, a.status)
	require.JSONEq(t, failure("Operation Failed", "ACL Exception Insert Failed due to security constraints"), a.body)
	require.Equal(t, http.StatusOK, i.get(t, table+"sys_user/"+testID).status)
}

func TestStandingFaults(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	ids := users(t, i, 3)

	i.faults.HideRow("sys_user", ids[1])
	a := i.get(t, table+"sys_user?sysparm_fields=user_name&sysparm_query=ORDERBYuser_name&sysparm_limit=3")
	require.Equal(t, rows{{"user_name": "user000"}, {"user_name": "user002"}}, result[rows](t, a))
	require.Equal(t, "3", a.header.Get("X-Total-Count"), "hidden rows are counted")
	require.Equal(t, http.StatusNotFound, i.get(t, table+"sys_user/"+ids[1]).status)
	require.Equal(t, http.StatusNotFound, i.do(t, http.MethodPatch, table+"sys_user/"+ids[1], "{}").status)

	i.faults.DropColumn("sys_user", "email")
	a = i.do(t, http.MethodPatch, table+"sys_user/"+ids[0]+"?sysparm_fields=email,user_name", `{"email":"a@example.com","user_name":"x"}`)
	require.Equal(t, map[string]string{"email": "", "user_name": "x"}, result[map[string]string](t, a))

	i.faults.RemoveTable(dictionary.TableProfile)
	for _, target := range []string{table + dictionary.TableProfile, table + dictionary.TableProfile + "/" + testID, "/api/now/stats/" + dictionary.TableProfile} {
		require.JSONEq(t, failure("Invalid table "+dictionary.TableProfile, ""), i.get(t, target).body)
	}

	const capabilities = "/api/x_snsam_tf/v1/saas/capabilities"
	i.faults.SetInstanceID("another")
	require.Contains(t, i.get(t, capabilities).body, `"instance_id":"another"`)
	i.faults.RemoveCompanion()
	a = i.get(t, capabilities)
	require.Equal(t, http.StatusBadRequest, a.status)
	require.JSONEq(t, failure("Requested URI does not represent any resource", ""), a.body)

	i.faults.Clear()
	require.Equal(t, http.StatusOK, i.get(t, capabilities).status)
	require.Equal(t, http.StatusOK, i.get(t, table+"sys_user/"+ids[1]).status)
	require.Equal(t, http.StatusOK, i.get(t, table+dictionary.TableProfile).status)
}

func TestDelayEndsWithTheRequest(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	i.faults.Delay(time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	i.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, table+"sys_user", nil))
	require.Equal(t, 499, w.Code)
}

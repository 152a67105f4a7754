package restapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

func query(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return "?" + v.Encode()
}

func failure(message, detail string) string {
	if detail == "" {
		return fmt.Sprintf(`{"error":{"message":%q,"detail":null},"status":"failure"}`, message)
	}
	return fmt.Sprintf(`{"error":{"message":%q,"detail":%q},"status":"failure"}`, message, detail)
}

const (
	noRecord   = "No Record found"
	noRecordIn = "Record doesn't exist or ACL restricts the record retrieval"
)

func TestSixReferenceShapes(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	parent := i.insert(t, dictionary.TableAlias, store.Row{"name": "Trello", "id": "Trello"})
	child := i.insert(t, dictionary.TableAlias, store.Row{"name": "Child", "id": "Child", "parent": parent})
	link := "http://sam.example/api/now/table/sys_alias/" + parent
	for _, c := range []struct{ display, exclude, want string }{
		{"false", "false", `{"link":"` + link + `","value":"` + parent + `"}`},
		{"false", "true", `"` + parent + `"`},
		{"true", "false", `{"display_value":"Trello","link":"` + link + `"}`},
		{"true", "true", `"Trello"`},
		{"all", "false", `{"display_value":"Trello","value":"` + parent + `","link":"` + link + `"}`},
		{"all", "true", `{"display_value":"Trello","value":"` + parent + `"}`},
	} {
		q := query("sysparm_fields", "parent", "sysparm_display_value", c.display, "sysparm_exclude_reference_link", c.exclude)
		want := `{"parent":` + c.want + `}`
		require.Equal(t, `{"result":`+want+`}`, i.get(t, table+"sys_alias/"+child+q).body, "display %s, exclude %s", c.display, c.exclude)
		require.Equal(t, `{"result":[`+want+`]}`, i.get(t, table+"sys_alias"+q+"&sysparm_query=sys_id%3D"+child).body)
	}
	empty := i.get(t, table+"sys_alias/"+parent+query("sysparm_fields", "parent"))
	require.Equal(t, `{"result":{"parent":""}}`, empty.body, "an empty reference has no link")
	empty = i.get(t, table+"sys_alias/"+parent+query("sysparm_fields", "parent", "sysparm_display_value", "all"))
	require.Equal(t, `{"result":{"parent":{"display_value":"","value":""}}}`, empty.body)
	domain := i.get(t, table+"sys_alias/"+parent+query("sysparm_fields", "sys_domain"))
	require.Equal(t, `{"result":{"sys_domain":{"link":"http://sam.example/api/now/table/sys_user_group/global","value":"global"}}}`, domain.body)
}

func TestValuesAreStrings(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	id := i.insert(t, dictionary.TableCandidate, store.Row{
		"number": "RCC1", "state": dictionary.StateReady, "notify_user": "true", "inactive_days": "90", "short_description": "a \"b\" \\ \u2028 <é>\n",
	})
	q := "&sysparm_fields=state,notify_user,inactive_days,sys_created_on,sys_mod_count,short_description,work_notes"
	require.JSONEq(t, `{"result":{"state":"11","notify_user":"true","inactive_days":"90","sys_created_on":"2026-11-02 12:00:00",
		"sys_mod_count":"0","short_description":"a \"b\" \\ \u2028 <é>\n","work_notes":""}}`, i.get(t, table+dictionary.TableCandidate+"/"+id+"?"+q).body)
	all := i.get(t, table+dictionary.TableCandidate+"/"+id+"?sysparm_display_value=all&sysparm_fields=state,notify_user").body
	require.Equal(t, `{"result":{"state":{"display_value":"Ready","value":"11"},"notify_user":{"display_value":"true","value":"true"}}}`, all)
	display := i.get(t, table+dictionary.TableCandidate+"/"+id+"?sysparm_display_value=true&sysparm_fields=state").body
	require.Equal(t, `{"result":{"state":"Ready"}}`, display)
}

func TestCreateReadUpdateDelete(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	created := i.do(t, http.MethodPost, table+"sys_user?sysparm_fields=sys_id,user_name,active,email", `{"user_name":"ann","active":true,"email":"ann@example.com","no_such_column":"x","nested":{"a":1}}`)
	require.Equal(t, http.StatusCreated, created.status, created.body)
	user := result[map[string]string](t, created)
	id := user["sys_id"]
	require.Equal(t, map[string]string{"sys_id": id, "user_name": "ann", "active": "true", "email": "ann@example.com"}, user)
	require.Equal(t, "http://sam.example/api/now/table/sys_user/"+id, created.header.Get("Location"))
	require.Equal(t, "application/json;charset=UTF-8", created.header.Get("Content-Type"))
	require.Len(t, created.header.Get("X-Transaction-ID"), 32)

	for _, method := range []string{http.MethodPut, http.MethodPatch} {
		updated := i.do(t, method, table+"sys_user/"+id+"?sysparm_fields=user_name,email,sys_mod_count", `{"user_name":"ann `+method+`"}`)
		require.Equal(t, http.StatusOK, updated.status)
		require.Equal(t, "ann "+method, result[map[string]string](t, updated)["user_name"])
		require.Equal(t, "ann@example.com", result[map[string]string](t, updated)["email"], "%s leaves other columns alone", method)
	}
	tunnelled := i.do(t, http.MethodPost, table+"sys_user/"+id+"?sysparm_fields=user_name,sys_mod_count", `{"user_name":"ann"}`, "X-HTTP-Method-Override", "PATCH")
	require.Equal(t, map[string]string{"user_name": "ann", "sys_mod_count": "3"}, result[map[string]string](t, tunnelled))
	same := i.do(t, http.MethodPatch, table+"sys_user/"+id+"?sysparm_fields=sys_mod_count", `{"user_name":"ann"}`)
	require.Equal(t, "3", result[map[string]string](t, same)["sys_mod_count"], "no change, no count")
	quiet := i.do(t, http.MethodPatch, table+"sys_user/"+id, `{"user_name":"bob"}`, "X-no-response-body", "true")
	require.Equal(t, http.StatusOK, quiet.status)
	require.Empty(t, quiet.body)

	gone := i.do(t, http.MethodDelete, table+"sys_user/"+id, "", "Accept", "")
	require.Equal(t, http.StatusNoContent, gone.status)
	require.Empty(t, gone.body)
	for _, method := range []string{http.MethodGet, http.MethodPatch, http.MethodPut, http.MethodDelete} {
		a := i.do(t, method, table+"sys_user/"+id, `{"user_name":"x"}`)
		require.Equal(t, http.StatusNotFound, a.status, method)
		require.JSONEq(t, failure(noRecord, noRecordIn), a.body, method)
	}
}

func TestClientChosenSysID(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	body := `{"sys_id":"` + testID + `","user_name":"ann"}`
	first := i.do(t, http.MethodPost, table+"sys_user?sysparm_fields=sys_id", body)
	require.Equal(t, testID, result[map[string]string](t, first)["sys_id"])
	second := i.do(t, http.MethodPost, table+"sys_user", body)
	require.Equal(t, http.StatusForbidden, second.status)
	require.Contains(t, second.body, "Error during insert of sys_user (")
}

func TestWhatRESTWritesIsGlobal(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	a := i.do(t, http.MethodPost, table+"sys_alias?sysparm_fields=name,sys_scope&sysparm_exclude_reference_link=true", `{"name":"Mine","sys_scope":"`+testID+`"}`)
	require.Equal(t, http.StatusCreated, a.status)
	require.Equal(t, map[string]string{"name": "Mine", "sys_scope": "global"}, result[map[string]string](t, a))
}

func TestErrorCatalogue(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	i.insert(t, dictionary.TableProfile, store.Row{"sys_id": testID, "display_name": "Trello"})
	const uri = "Requested URI does not represent any resource"
	for name, c := range map[string]struct {
		method, target, body string
		header               []string
		status               int
		want                 string
	}{
		"unknown table":       {method: "GET", target: table + "nosuch", status: 400, want: failure("Invalid table nosuch", "")},
		"unknown table, one":  {method: "GET", target: table + "nosuch/" + testID, status: 400, want: failure("Invalid table nosuch", "")},
		"unknown table, bad":  {method: "GET", target: table + "nosuch/x", status: 400, want: failure("Invalid table nosuch", "")},
		"unknown table, post": {method: "POST", target: table + "nosuch", body: "{}", status: 400, want: failure("Invalid table nosuch", "")},
		"engine's own table":  {method: "GET", target: table + "snsam_meta", status: 400, want: failure("Invalid table snsam_meta", "")},
		"unknown route":       {method: "GET", target: "/api/now/nosuch", status: 400, want: failure(uri, "")},
		"outside the API":     {method: "GET", target: "/login.do", status: 400, want: failure(uri, "")},
		"not a sys_id":        {method: "GET", target: table + "sys_user/1^NQsys_idISNOTEMPTY", status: 404, want: failure(noRecord, noRecordIn)},
		"list by DELETE":      {method: "DELETE", target: table + "sys_user", status: 405},
		"business rule": {
			method: "POST", target: table + dictionary.TableProfile, body: `{"display_name":"refused"}`, status: 403,
			want: failure("Operation Failed", "Operation against file '"+dictionary.TableProfile+"' was aborted by Business Rule 'Refuse^"+testID+"'. It is not wanted. Business Rule Stack:Refuse"),
		},
		"unique index": {
			method: "POST", target: table + dictionary.TableProfile, body: `{"display_name":"trello"}`, status: 403,
			want: failure("Operation Failed", "Error during insert of "+dictionary.TableProfile+" (Unique Key violation detected by database: another record of table "+dictionary.TableProfile+" has the same display_name)"),
		},
		"base class": {
			method: "POST", target: table + "task", body: `{}`, status: 403,
			want: failure("Operation Failed", "ACL Exception Insert Failed due to security constraints: it is a base class; write to one of the tables that extend it"),
		},
		"broken JSON":            {method: "POST", target: table + "sys_user", body: `{"a":`, status: 400},
		"two values":             {method: "POST", target: table + "sys_user", body: `{} {}`, status: 400},
		"bad date":               {method: "POST", target: table + dictionary.TableCandidate, body: `{"opened_at":"soon"}`, status: 400},
		"too large":              {method: "POST", target: table + "sys_user", body: `{"name":"` + strings.Repeat("x", 11<<20) + `"}`, status: 400},
		"no Accept":              {method: "GET", target: table + "sys_user", header: []string{"Accept", ""}, status: 400},
		"other Accept":           {method: "GET", target: table + "sys_user", header: []string{"Accept", "text/html"}, status: 406},
		"no Content-Type":        {method: "POST", target: table + "sys_user", body: "{}", header: []string{"Content-Type", ""}, status: 415},
		"other Content-Type":     {method: "PATCH", target: table + "sys_user/" + testID, body: "{}", header: []string{"Content-Type", "text/xml"}, status: 415},
		"empty list, version 1":  {method: "GET", target: "/api/now/v1/table/sys_user", status: 404, want: failure(noRecord, noRecordIn)},
		"empty list, version 2":  {method: "GET", target: "/api/now/v2/table/sys_user", status: 200, want: `{"result":[]}`},
		"empty list, no version": {method: "GET", target: table + "sys_user", status: 200, want: `{"result":[]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := i.do(t, c.method, c.target, c.body, c.header...)
			require.Equal(t, c.status, a.status, a.body)
			if c.want != "" {
				require.JSONEq(t, c.want, a.body)
			}
			if c.status >= 400 {
				require.Contains(t, a.body, `"status":"failure"`)
			}
		})
	}
	large := i.do(t, http.MethodPost, table+"sys_user", `{"name":"`+strings.Repeat("x", 11<<20)+`"}`)
	require.Contains(t, large.body, "Rejected large REST payload with content-length = ")
}

func users(t *testing.T, i instance, n int) []string {
	t.Helper()
	var ids []string
	for k := range n {
		ids = append(ids, i.insert(t, dictionary.TableUser, store.Row{"user_name": fmt.Sprintf("user%03d", k)}))
	}
	return ids
}

func TestPaging(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	users(t, i, 25)
	target := table + "sys_user"
	first := i.get(t, target+query("sysparm_query", "ORDERBYuser_name", "sysparm_limit", "10", "sysparm_fields", "user_name"))
	require.Equal(t, "25", first.header.Get("X-Total-Count"))
	require.Len(t, result[rows](t, first), 10)
	link := first.header.Get("Link")
	for _, want := range []string{`sysparm_offset=0&sysparm_query=ORDERBYuser_name>;rel="first"`, `sysparm_offset=10&sysparm_query=ORDERBYuser_name>;rel="next"`, `sysparm_offset=20&sysparm_query=ORDERBYuser_name>;rel="last"`} {
		require.Contains(t, link, want)
	}
	require.NotContains(t, link, `rel="prev"`)
	last := i.get(t, target+query("sysparm_query", "ORDERBYuser_name", "sysparm_limit", "10", "sysparm_offset", "20", "sysparm_fields", "user_name"))
	require.Equal(t, "user020", result[rows](t, last)[0]["user_name"])
	require.Len(t, result[rows](t, last), 5)
	require.Contains(t, last.header.Get("Link"), `rel="prev"`)
	require.NotContains(t, last.header.Get("Link"), `rel="next"`)

	plain := i.get(t, target+query("sysparm_no_count", "true", "sysparm_suppress_pagination_header", "true"))
	require.Empty(t, plain.header.Get("X-Total-Count"))
	require.Empty(t, plain.header.Get("Link"))
	counted := i.get(t, target+query("sysparm_suppress_pagination_header", "true", "sysparm_limit", "1"))
	require.Equal(t, "25", counted.header.Get("X-Total-Count"))
	require.Empty(t, counted.header.Get("Link"))

	head := i.do(t, http.MethodHead, target, "")
	require.Equal(t, http.StatusOK, head.status)
	require.Equal(t, "25", head.header.Get("X-Total-Count"))
	require.Empty(t, head.body)
	require.Len(t, result[rows](t, i.get(t, target+"?sysparm_offset=-5&sysparm_limit=-1&sysparm_fields=user_name")), 25, "nonsense means the default")
}

func TestDefaultLimitIsTenThousand(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	require.NoError(t, i.db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 10001)
			INSERT INTO sys_user (sys_id, user_name) SELECT printf('%032x', i), 'u' || i FROM n`)
		return err
	}))
	a := i.get(t, table+"sys_user?sysparm_fields=user_name")
	require.Len(t, result[rows](t, a), 10000)
	require.Equal(t, "10001", a.header.Get("X-Total-Count"))
}

func TestRowsAreShuffledWithoutOrder(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	ids := users(t, i, 40)
	var listed []string
	for _, row := range result[rows](t, i.get(t, table+"sys_user?sysparm_fields=sys_id")) {
		listed = append(listed, row["sys_id"])
	}
	require.ElementsMatch(t, ids, listed)
	require.NotEqual(t, ids, listed)
	slices.Sort(listed)
	ordered := result[rows](t, i.get(t, table+"sys_user?sysparm_fields=sys_id&sysparm_query=ORDERBYDESCsys_id"))
	require.Equal(t, listed[len(listed)-1], ordered[0]["sys_id"])
}

func TestFields(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	user := i.insert(t, dictionary.TableUser, store.Row{"name": "Ann", "email": "ann@example.com"})
	id := i.insert(t, dictionary.TableSubscription, store.Row{"external_user_id": "1", "user": user})
	a := i.get(t, table+dictionary.TableSubscription+"/"+id+"?sysparm_fields=user.email,no_such,external_user_id,user.nosuch,external_user_id.x")
	require.Equal(t, `{"result":{"user.email":"ann@example.com","external_user_id":"1"}}`, a.body)
	whole := result[map[string]any](t, i.get(t, table+dictionary.TableSubscription+"/"+id))
	require.Len(t, whole, len(dictionary.ColumnsOf(dictionary.TableSubscription)), "all columns by default")
}

func TestInvalidConditions(t *testing.T) {
	t.Parallel()
	lenient := newInstance(t)
	strict := newInstance(t, func(o *restapi.Options) { o.StrictQueries = true })
	for _, i := range []instance{lenient, strict} {
		users(t, i, 3)
	}
	for _, q := range []string{"no_such_column=1", "user_nameSOUNDSLIKEx", "user_name.x=1", "sys_created_on>yesterday"} {
		target := table + "sys_user" + query("sysparm_query", q, "sysparm_fields", "sys_id")
		require.Len(t, result[rows](t, lenient.get(t, target)), 3, q)
		a := strict.get(t, target)
		require.Empty(t, result[rows](t, a), q)
		require.Equal(t, "0", a.header.Get("X-Total-Count"))
	}
	half := table + "sys_user" + query("sysparm_query", "nosuch=1^user_name=user001", "sysparm_fields", "user_name")
	require.Equal(t, rows{{"user_name": "user001"}}, result[rows](t, lenient.get(t, half)))
	wide := lenient.get(t, table+"sys_user"+query("sysparm_query", strings.Repeat("active=true^", 1001)))
	require.Equal(t, http.StatusBadRequest, wide.status, "dropping a part would widen the query")
}

func TestColumnValuePairs(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	rule := i.insert(t, dictionary.TableReclamationRule, store.Row{"name": "Trello Enterprise"})
	i.insert(t, dictionary.TableCandidate, store.Row{"number": "RCC1", "state": "11", "reclamation_rule": rule})
	i.insert(t, dictionary.TableCandidate, store.Row{"number": "RCC2", "state": "15"})
	for _, pairs := range []string{"state=11", "state=Ready", "reclamation_rule=" + rule, "reclamation_rule=Trello+Enterprise", "number=RCC1&state=11"} {
		got := result[rows](t, i.get(t, table+dictionary.TableCandidate+"?sysparm_fields=number&"+pairs))
		require.Equal(t, rows{{"number": "RCC1"}}, got, pairs)
	}
}

func TestSecretsOverREST(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	const target = table + dictionary.TableAPIKeyCredential
	read := func(id string) string {
		return result[map[string]string](t, i.get(t, target+"/"+id+"?sysparm_fields=api_key"))["api_key"]
	}
	created := i.do(t, http.MethodPost, target+"?sysparm_fields=sys_id,api_key", `{"name":"Trello","api_key":"topsecret-key-1"}`)
	row := result[map[string]string](t, created)
	require.Empty(t, row["api_key"], "not stored without the flag")

	patch := func() string {
		a := i.do(t, http.MethodPatch, target+"/"+row["sys_id"]+"?sysparm_input_display_value=true&sysparm_fields=sys_id", `{"api_key":"topsecret-key-1"}`)
		require.Equal(t, http.StatusOK, a.status, a.body)
		return read(row["sys_id"])
	}
	first, second := patch(), patch()
	require.True(t, strings.HasPrefix(first, "ENC:"), first)
	require.NotContains(t, first, "topsecret")
	require.NotEqual(t, first, second, "it changes with every write")
	require.Equal(t, second, read(row["sys_id"]), "and stays otherwise")
	display := i.get(t, target+"/"+row["sys_id"]+"?sysparm_fields=api_key&sysparm_display_value=true")
	require.Equal(t, `{"result":{"api_key":""}}`, display.body)

	var sealed string
	require.NoError(t, i.db.View(t.Context(), func(tx *store.Tx) error {
		stored, err := tx.Get(t.Context(), dictionary.TableAPIKeyCredential, row["sys_id"])
		sealed = stored["api_key"]
		return err
	}))
	require.NotContains(t, second, sealed)
	for _, q := range []string{"api_keySTARTSWITHsnsam", "api_key=" + sealed, "api_keyLIKEx", "api_key>a"} {
		got := result[rows](t, i.get(t, target+query("sysparm_query", q+"^name=nobody", "sysparm_fields", "sys_id")))
		require.Empty(t, got)
		n := i.get(t, target+query("sysparm_query", q, "sysparm_fields", "sys_id")).header.Get("X-Total-Count")
		require.Equal(t, "1", n, "%s is dropped: nobody can guess the sealed value", q)
	}
	stats := i.get(t, "/api/now/stats/"+dictionary.TableAPIKeyCredential+"?sysparm_max_fields=api_key&sysparm_count=true&sysparm_group_by=api_key")
	require.Equal(t, `{"result":{"stats":{"count":"1"}}}`, stats.body)
}

func TestInputDisplayValue(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	rule := i.insert(t, dictionary.TableReclamationRule, store.Row{"name": "Trello Enterprise"})
	a := i.do(t, http.MethodPost, table+dictionary.TableCandidate+"?sysparm_input_display_value=true&sysparm_exclude_reference_link=true&sysparm_fields=state,reclamation_rule,user",
		`{"number":"RCC1","state":"Ready","reclamation_rule":"Trello Enterprise","user":"nobody"}`)
	require.Equal(t, map[string]string{"state": "11", "reclamation_rule": rule, "user": ""}, result[map[string]string](t, a))
}

func TestStats(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	for k, state := range []string{"11", "11", "15"} {
		i.insert(t, dictionary.TableCandidate, store.Row{"number": fmt.Sprint("RCC", k), "state": state, "inactive_days": fmt.Sprint(9 + k)})
	}
	const target = "/api/now/stats/" + dictionary.TableCandidate
	require.Equal(t, `{"result":{"stats":{"count":"3","max":{"inactive_days":"11","sys_updated_on":"2026-11-02 12:00:00"},"min":{"inactive_days":"9"}}}}`,
		i.get(t, target+"?sysparm_count=true&sysparm_max_fields=inactive_days,sys_updated_on&sysparm_min_fields=inactive_days").body)
	require.Equal(t, `{"result":[{"stats":{"count":"2"},"groupby_fields":[{"field":"state","value":"11"}]},{"stats":{"count":"1"},"groupby_fields":[{"field":"state","value":"15"}]}]}`,
		i.get(t, target+"?sysparm_count=true&sysparm_group_by=state").body)
	require.Equal(t, `{"result":{"stats":{"avg":{"inactive_days":"9.5"},"count":"2","sum":{"inactive_days":"19"}}}}`,
		i.get(t, target+"?sysparm_count=true&sysparm_query=state%3D11&sysparm_sum_fields=inactive_days&sysparm_avg_fields=inactive_days").body)
	require.Equal(t, `{"result":[]}`, i.get(t, target+"?sysparm_count=true&sysparm_group_by=state&sysparm_query=state%3D99").body)
	require.Equal(t, http.StatusBadRequest, i.get(t, "/api/now/stats/nosuch").status)
}

func TestStatsAddsAmountsUpExactly(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	sales := i.insert(t, dictionary.TableCostCenter, store.Row{"name": "Sales"})
	ada := i.insert(t, dictionary.TableUser, store.Row{"name": "Ada", "cost_center": sales})
	for k, amount := range []string{"0.10", "0.20", "240"} {
		user := ada
		if k == 2 {
			user = ""
		}
		i.insert(t, dictionary.TableCandidate, store.Row{"number": fmt.Sprint("RCC", k), "user": user, "potential_savings": amount})
	}
	const target = "/api/now/stats/" + dictionary.TableCandidate + "?sysparm_sum_fields=potential_savings"
	require.Equal(t, `{"result":{"stats":{"sum":{"potential_savings":"240.3"}}}}`, i.get(t, target).body)
	require.JSONEq(t, `{"result":[
		{"stats":{"sum":{"potential_savings":"240"}},"groupby_fields":[{"field":"user.cost_center","value":""}]},
		{"stats":{"sum":{"potential_savings":"0.3"}},"groupby_fields":[{"field":"user.cost_center","value":"`+sales+`"}]}]}`,
		i.get(t, target+"&sysparm_group_by=user.cost_center").body)
}

func TestCompanionRoutes(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	i.insert(t, dictionary.TableProfile, store.Row{"sys_id": testID, "display_name": "Trello"})
	const base = "/api/x_snsam_tf/v1/saas/"
	for target, want := range map[string]string{
		"profiles/" + testID + "/validate": "validate key1",
		"profiles/" + testID + "/publish":  "publish key1",
		"profiles/" + testID + "/refresh":  "refresh activity key1",
		"candidates/reclaim":               "reclaim a+b key1",
		"candidates/restore":               "restore a+b key1",
		"reconciliation":                   "reconcile p key1",
	} {
		a := i.do(t, http.MethodPost, base+target, `{"what":["activity"],"candidates":["a","b"],"publisher":"p"}`, "Idempotency-Key", "key1")
		require.Equal(t, http.StatusAccepted, a.status, a.body)
		p := result[struct {
			Message string `json:"status_message"`
			Links   struct{ Progress struct{ URL string } }
		}](t, a)
		require.Equal(t, want, p.Message)
		require.Equal(t, "http://sam.example"+base+"progress/"+testID, p.Links.Progress.URL)
	}
	require.Equal(t, http.StatusOK, i.get(t, base+"progress/"+testID).status)
	require.Equal(t, http.StatusNotFound, i.get(t, base+"progress/other").status)
	require.Contains(t, i.do(t, http.MethodPost, base+"progress/"+testID+"/cancel", "").body, `"status":"4"`)
	require.Equal(t, http.StatusNotFound, i.do(t, http.MethodPost, base+"profiles/other/publish", "").status)
	require.Contains(t, i.get(t, base+"capabilities").body, `"kind":"embedded"`)
	require.Equal(t, http.StatusMethodNotAllowed, i.get(t, base+"candidates/reclaim").status)
	require.Equal(t, http.StatusBadRequest, i.get(t, base+"nosuch").status)
	require.Equal(t, http.StatusBadRequest, i.do(t, http.MethodPost, base+"candidates/reclaim", `{}`).status)
	many := `{"candidates":["` + strings.Repeat(`a","`, 100) + `b"]}`
	require.Contains(t, i.do(t, http.MethodPost, base+"candidates/reclaim", many).body, "names 101 removal candidates")
	require.Equal(t, http.StatusBadRequest, i.do(t, http.MethodPost, base+"profiles/"+testID+"/refresh", `{"max_removal_fraction":2}`).status)
}

func TestBasicAuth(t *testing.T) {
	t.Parallel()
	i := newInstance(t)
	guarded := instance{Handler: restapi.WithBasicAuth(i, "ann", "secret"), db: i.db}
	ask := func(user, password string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, table+"sys_user?sysparm_fields=sys_created_by", strings.NewReader("{}"))
		r.Header.Set("Accept", "application/json")
		r.Header.Set("Content-Type", "application/json")
		if user != "" {
			r.SetBasicAuth(user, password)
		}
		w := httptest.NewRecorder()
		guarded.ServeHTTP(w, r)
		return w
	}
	for _, c := range [][2]string{{"", ""}, {"ann", "wrong"}, {"bob", "secret"}, {"ann", ""}} {
		w := ask(c[0], c[1])
		require.Equal(t, http.StatusUnauthorized, w.Code)
		require.Equal(t, `BASIC realm="Service-now"`, w.Header().Get("WWW-Authenticate"))
		require.JSONEq(t, failure("User Not Authenticated", "Required to provide Auth information"), w.Body.String())
	}
	w := ask("ann", "secret")
	require.Equal(t, http.StatusCreated, w.Code)
	require.Contains(t, w.Body.String(), `"sys_created_by":"ann"`)
}

func TestUnusableDatabaseSaysWhatToDo(t *testing.T) {
	t.Parallel()
	db, err := store.New("sqlite:/no/such/directory/sam.db", store.Options{})
	require.NoError(t, err)
	i := instance{Handler: restapi.New(backend{db}, restapi.Options{}), db: db}
	a := i.do(t, http.MethodPost, table+"sys_user", "{}")
	require.Equal(t, http.StatusInternalServerError, a.status)
	require.Contains(t, a.body, "directory /no/such/directory does not exist")
	require.Equal(t, http.StatusOK, i.get(t, table+"sys_user").status, "reading an absent database is not an error")
	require.NoError(t, db.Close())
}

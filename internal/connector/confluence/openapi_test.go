package confluence_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"

	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/confluence"
)

// specification is Atlassian's description of version 1, which may not be published and is kept beside the checkout.
func specification(t *testing.T) *openapi3.T {
	t.Helper()
	const name = "confluence_v1.json"
	folder := os.Getenv("SERVICENOWSAM_SPECS")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "..", "shared", "specs")
	}
	path := filepath.Join(folder, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("%s is not here; set SERVICENOWSAM_SPECS to the folder of the vendors' specifications", name)
	}
	doc, err := openapi3.NewLoader().LoadFromFile(path)
	require.NoError(t, err)
	// The customers of a service desk are sent by the live API and not described.
	accountType := doc.Components.Schemas["AccountTypeEnum"].Value
	accountType.Enum = append(accountType.Enum, "customer")
	return doc
}

// checked validates every request of version 1, and its answer, against the specification.
type checked struct {
	router routers.Router
	next   http.Handler
	mu     sync.Mutex
	wrong  []string
	seen   map[string]bool // operations by id and status
}

func (c *checked) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	recorder := httptest.NewRecorder()
	c.next.ServeHTTP(recorder, r)
	r.Body = io.NopCloser(bytes.NewReader(body))
	if _, path, ok := strings.Cut(r.URL.Path, "/wiki/"); ok {
		if err := c.check(r, "/wiki/"+path, recorder); err != nil {
			c.mu.Lock()
			c.wrong = append(c.wrong, r.Method+" "+r.URL.String()+": "+err.Error())
			c.mu.Unlock()
		}
	}
	for name, values := range recorder.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(recorder.Code)
	_, _ = w.Write(recorder.Body.Bytes())
}

func (c *checked) check(r *http.Request, path string, answer *httptest.ResponseRecorder) error {
	target := *r.URL
	target.Scheme, target.Host, target.Path, target.RawPath = "https", "your-domain.atlassian.net", path, ""
	r = r.Clone(context.Background())
	r.URL, r.Host = &target, target.Host
	route, params, err := c.router.FindRoute(r)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.seen[route.Operation.OperationID+" "+http.StatusText(answer.Code)] = true
	c.mu.Unlock()
	// Statuses such as 401 and 429 come from the gateway and are not described.
	options := &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, MultiError: true}
	request := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: options}
	if err := openapi3filter.ValidateRequest(r.Context(), request); err != nil {
		return err
	}
	return openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: request, Status: answer.Code, Header: answer.Header(),
		Body: io.NopCloser(bytes.NewReader(answer.Body.Bytes())), Options: options,
	})
}

func TestConnectorAndDoubleFollowTheSpecification(t *testing.T) {
	t.Parallel()
	router, err := gorillamux.NewRouter(specification(t))
	require.NoError(t, err)
	w := newWorldWith(t, double.Options{Members: 900, ExtraGroups: 300})
	c := &checked{router: router, next: w.Double, seen: map[string]bool{}}
	server := httptest.NewServer(c)
	defer server.Close()
	ctx := t.Context()
	site := w.connect(t, at(w, server))
	_, err = site.Validate(ctx)
	require.NoError(t, err)
	_, err = site.Preflight(ctx)
	require.NoError(t, err)
	_, err = site.Groups(ctx)
	require.NoError(t, err)
	_, _, err = list(ctx, site)
	require.NoError(t, err)
	_, _, err = activity(ctx, site, since, nil)
	require.NoError(t, err)
	who := w.idle(t, 2).ID
	require.NoError(t, site.ConfirmActivity(ctx, []string{who, w.idle(t, 1).ID}, since, collected{}.add))
	snapshot, err := site.Snapshot(ctx, who)
	require.NoError(t, err)
	_, err = site.Reclaim(ctx, who)
	require.NoError(t, err)
	_, err = site.Restore(ctx, who, snapshot)
	require.NoError(t, err)
	_, err = site.Reclaim(ctx, "712020:00000000-0000-4000-8000-000000000000")
	require.NoError(t, err)
	chosen := option("group_ids", w.groupID(t, "contractors")+",3f1c2f5e-0000-4000-8000-000000000001")
	_, err = w.connect(t, at(w, server), chosen).Validate(ctx)
	require.NoError(t, err)
	require.NoError(t, w.Inject(double.Injection{Fault: double.FaultNotSiteAdmin}))
	_, err = site.Reclaim(ctx, w.idle(t, 2).ID)
	require.NoError(t, err)
	_, err = site.Restore(ctx, who, snapshot)
	require.NoError(t, err)
	for _, fault := range []double.Fault{double.FaultUnauthorized, double.FaultScopeMismatch, double.FaultAnonymous} {
		w.ClearFaults()
		require.NoError(t, w.Inject(double.Injection{Fault: fault}))
		_, err = w.connect(t, at(w, server)).Validate(ctx)
		require.NoError(t, err)
	}
	require.Empty(t, c.wrong)
	for _, operation := range []string{
		"getCurrentUser OK", "getCurrentUser Unauthorized", "getGroups OK", "getGroupByGroupId OK", "getGroupByGroupId Not Found",
		"getGroupMembersByGroupId OK", "getGroupMembershipsForUser OK", "getGroupMembershipsForUser Not Found", "searchByCQL OK",
		"removeMemberFromGroupByGroupId No Content", "removeMemberFromGroupByGroupId Forbidden",
		"addUserToGroupByGroupId Created", "addUserToGroupByGroupId Forbidden",
	} {
		require.Contains(t, c.seen, operation)
	}
}

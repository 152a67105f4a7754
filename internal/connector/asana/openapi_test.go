package asana_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/asana"
)

// specification is Asana's own OpenAPI description (github.com/Asana/openapi), which may not be copied and is kept beside
// the checkout.
func specification(t *testing.T) *openapi3.T {
	t.Helper()
	const name = "asana_oas.yaml"
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
	doc.Servers = openapi3.Servers{{URL: "https://app.asana.com/api/1.0"}}
	return doc
}

// checked validates every request and answer against the description.
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
	if strings.HasPrefix(r.URL.Path, "/api/") {
		if err := c.check(r, recorder); err != nil {
			c.mu.Lock()
			reason, _, _ := strings.Cut(err.Error(), "\nSchema:")
			c.wrong = append(c.wrong, r.Method+" "+r.URL.String()+": "+reason)
			c.mu.Unlock()
		}
	}
	for name, values := range recorder.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(recorder.Code)
	_, _ = w.Write(recorder.Body.Bytes())
}

func (c *checked) check(r *http.Request, answer *httptest.ResponseRecorder) error {
	target := *r.URL
	target.Scheme, target.Host = "https", "app.asana.com"
	q := target.Query()
	// Asana answers user.email, though its description of this route lists user.name only.
	if strings.HasSuffix(target.Path, "/workspace_memberships") {
		q.Set("opt_fields", strings.ReplaceAll(q.Get("opt_fields"), ",user.email", ""))
	}
	target.RawQuery = q.Encode()
	r = r.Clone(context.Background())
	r.URL, r.Host = &target, target.Host
	route, params, err := c.router.FindRoute(r)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.seen[route.Operation.OperationID+" "+strconv.Itoa(answer.Code)] = true
	c.mu.Unlock()
	options := &openapi3filter.Options{
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, MultiError: true,
		// The description names 402 and 429 for some routes only.
		IncludeResponseStatus: answer.Code != http.StatusTooManyRequests && answer.Code != http.StatusPaymentRequired,
	}
	request := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: options}
	if err := openapi3filter.ValidateRequest(r.Context(), request); err != nil {
		return err
	}
	if route.Operation.Responses.Status(answer.Code) == nil && answer.Code >= 400 {
		return nil
	}
	// What nobody did has no author, and what has not ended no end. The schemas do not allow the null, though a
	// description beside one of them speaks of it.
	body := bytes.ReplaceAll(answer.Body.Bytes(), []byte(`"created_by":null,`), nil)
	body = bytes.ReplaceAll(body, []byte(`"completed_at":null,`), nil)
	return openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: request, Status: answer.Code, Header: answer.Header(),
		Body: io.NopCloser(bytes.NewReader(body)), Options: options,
	})
}

func TestConnectorAndDoubleFollowTheDescription(t *testing.T) {
	t.Parallel()
	router, err := gorillamux.NewRouter(specification(t))
	require.NoError(t, err)
	w := newWorld(t, 130)
	c := &checked{router: router, next: w.Double, seen: map[string]bool{}}
	server := httptest.NewServer(c)
	defer server.Close()
	here := func(cfg *connector.Config) { cfg.BaseURL = server.URL }
	ctx := t.Context()

	service := w.connect(t, here)
	_, err = service.Validate(ctx)
	require.NoError(t, err)
	_, _, err = list(ctx, service)
	require.NoError(t, err)
	for _, method := range []string{"export", "stories", "audit_log"} {
		_, walk, err := pull(ctx, w.connect(t, here, option("activity_method", method)), lookback, nil)
		require.NoError(t, err)
		require.True(t, walk.Complete)
	}
	id := w.idle().GID
	snapshot, err := service.Snapshot(ctx, id)
	require.NoError(t, err)
	for range 2 {
		_, err = service.Reclaim(ctx, id)
		require.NoError(t, err)
	}
	for _, who := range []string{id, "1210000000999999"} {
		_, err = service.Restore(ctx, who, snapshot)
		require.NoError(t, err)
	}
	_, err = service.Reclaim(ctx, id)
	require.NoError(t, err)
	_, err = service.Reclaim(ctx, "42")
	require.NoError(t, err)

	require.NoError(t, w.Inject(double.Injection{Fault: double.FaultFreePlan}))
	_, _, err = pull(ctx, w.connect(t, here, w.asAdmin), lookback, nil)
	require.NoError(t, err)
	w.ClearFaults()
	for _, fault := range []double.Fault{double.FaultNonAdmin, double.FaultNoAgents, double.FaultRateLimit, double.Fault500, double.Fault503} {
		require.NoError(t, w.Inject(double.Injection{Fault: fault, Times: 2}))
		admin := w.connect(t, here, w.asAdmin)
		_, _ = admin.Validate(ctx)
		_, _, _ = list(ctx, admin)
		_, _ = admin.Reclaim(ctx, w.idle().GID)
		_, _ = admin.Restore(ctx, id, snapshot)
		w.ClearFaults()
	}
	_, _ = w.connect(t, here, func(cfg *connector.Config) { cfg.Secrets["token"] = connector.NewSecret("wrong-token") }).Validate(ctx)

	require.Empty(t, c.wrong)
	for _, operation := range []string{
		"getUser 200", "getUser 401", "getUser 429", "getUser 500", "getWorkspaceMembershipsForUser 200", "getWorkspaces 200",
		"getWorkspaceMembershipsForWorkspace 200", "getAgentsForWorkspace 200", "getAgentsForWorkspace 404",
		"searchTasksForWorkspace 200", "searchTasksForWorkspace 402", "getStoriesForTask 200", "getProjectsForWorkspace 200",
		"getTasks 200", "getSubtasksForTask 200", "getAuditLogEvents 200", "getAuditLogEvents 403", "createResourceExport 201",
		"getJob 200", "removeUserForWorkspace 200", "removeUserForWorkspace 403",
		"addUserForWorkspace 200", "addUserForWorkspace 403", "addUserForWorkspace 404",
	} {
		require.Contains(t, c.seen, operation)
	}
}

package trello_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	double "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// specification is the description of Trello's routes that this project wrote from public documentation. It is kept
// beside the checkout, together with vendors' own files that may not be copied.
func specification(t *testing.T) *openapi3.T {
	t.Helper()
	const name = "trello-enterprise-subset.yaml"
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
	require.NoError(t, doc.Validate(t.Context()))
	return doc
}

// checked validates every request and answer against the specification.
type checked struct {
	router routers.Router
	next   http.Handler
	mu     sync.Mutex
	wrong  []string
	seen   map[string]bool // operations by id and status
}

func (c *checked) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	recorder := httptest.NewRecorder()
	c.next.ServeHTTP(recorder, r)
	if err := c.check(r, recorder); err != nil {
		c.mu.Lock()
		c.wrong = append(c.wrong, r.Method+" "+r.URL.Path+": "+err.Error())
		c.mu.Unlock()
	}
	for name, values := range recorder.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(recorder.Code)
	_, _ = w.Write(recorder.Body.Bytes())
}

func (c *checked) check(r *http.Request, answer *httptest.ResponseRecorder) error {
	target := *r.URL
	target.Scheme, target.Host = "https", "api.trello.com"
	r = r.Clone(context.Background())
	r.URL, r.Host = &target, target.Host
	route, params, err := c.router.FindRoute(r)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.seen[route.Operation.OperationID+" "+http.StatusText(answer.Code)] = true
	c.mu.Unlock()
	options := &openapi3filter.Options{
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true, MultiError: true,
	}
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
	w := newWorld(t, 12_000)
	c := &checked{router: router, next: w.Double, seen: map[string]bool{}}
	server := httptest.NewServer(c)
	defer server.Close()
	connect := func() interface {
		connector.Connector
		connector.Reclaimer
		connector.Restorer
		connector.ActivityReader
	} {
		return w.connect(t, func(cfg *connector.Config) { cfg.BaseURL = server.URL })
	}
	ctx := t.Context()
	trello := connect()
	_, err = trello.Validate(ctx)
	require.NoError(t, err)
	_, err = trello.Preflight(ctx)
	require.NoError(t, err)
	_, _, err = list(ctx, trello)
	require.NoError(t, err)
	id := w.idle().ID
	_, err = trello.LastActivity(ctx, id)
	require.NoError(t, err)
	for _, faults := range [][]double.Injection{nil, {{Fault: double.FaultKeepsBlocked}}} {
		snapshot, err := trello.Snapshot(ctx, id)
		require.NoError(t, err)
		_, err = trello.Reclaim(ctx, id)
		require.NoError(t, err)
		require.NoError(t, w.Inject(faults...))
		_, err = trello.Restore(ctx, id, snapshot)
		require.NoError(t, err)
		w.ClearFaults()
	}
	_, err = trello.Reclaim(ctx, "0123456789abcdef01234567")
	require.NoError(t, err)
	// The connector reads a member before it writes, so a write for a stranger only happens when somebody leaves in between.
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, fmt.Sprintf(
		"%s/1/enterprises/%s/members/0123456789abcdef01234567/licensed?value=false", server.URL, w.EnterpriseID()), nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", fmt.Sprintf(`OAuth oauth_consumer_key="%s", oauth_token="%s"`, w.Key(), w.Token()))
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	for _, fault := range []double.Fault{double.FaultNonAdminToken, double.FaultReadOnlyToken, double.FaultExpiredToken} {
		require.NoError(t, w.Inject(double.Injection{Fault: fault}))
		_, _ = connect().Preflight(ctx)
		_, _ = trello.Reclaim(ctx, w.idle().ID)
		w.ClearFaults()
	}
	for _, fault := range []double.Fault{double.FaultTokenLimit, double.FaultKeyLimit, double.FaultMemberLimit, double.FaultDBLimit} {
		require.NoError(t, w.Inject(double.Injection{Fault: fault, Times: 1}))
		_, err = connect().Preflight(ctx)
		require.NoError(t, err)
	}
	require.Empty(t, c.wrong)
	for _, operation := range []string{
		"getMe OK", "getMe Too Many Requests", "getMe Unauthorized", "getToken OK", "getEnterprise OK",
		"listEnterpriseMembers OK", "queryEnterpriseMembers OK", "getEnterpriseMember OK",
		"getEnterpriseMember Not Found", "setLicensed OK", "setDeactivated OK", "setLicensed Unauthorized", "setLicensed Not Found",
	} {
		require.Contains(t, c.seen, operation)
	}
}

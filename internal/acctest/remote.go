package acctest

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/provider"
)

// The credentials of a Remote.
const (
	RemoteUser     = "sam.integrator"
	RemotePassword = "correct horse battery staple"
)

// Remote serves the world's database on a port, as if it were a ServiceNow instance, and gives the URL. Faults make it
// misbehave, and be an instance without the companion app; nil means none.
func (w *World) Remote(t *testing.T, faults *restapi.Faults) (url string) {
	t.Helper()
	return w.remote(t, faults, provider.Connectors())
}

// RemoteWithout is Remote of an instance on which the spoke of a vendor is not installed.
func (w *World) RemoteWithout(t *testing.T, vendor string) (url string) {
	t.Helper()
	connectors := provider.Connectors()
	delete(connectors, vendor)
	return w.remote(t, nil, connectors)
}

func (w *World) remote(t *testing.T, faults *restapi.Faults, connectors map[string]connector.Factory) (url string) {
	t.Helper()
	i, err := instance.New(instance.Config{
		DatabaseURL: w.DatabaseURL(), Connectors: connectors, Version: "test", Now: w.options.Now, Faults: faults,
	})
	require.NoError(t, err)
	server := httptest.NewServer(restapi.WithBasicAuth(i.Handler(), RemoteUser, RemotePassword))
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, i.Close(context.WithoutCancel(t.Context())))
	})
	return server.URL
}

// RemoteBlock is the provider block for a Remote; inner is added to it.
func RemoteBlock(url string, inner ...string) string {
	return fmt.Sprintf("provider \"servicenowsam\" {\n  instance_url = %q\n  basic = { username = %q, password = %q }\n%s\n}\n",
		url, RemoteUser, RemotePassword, strings.Join(inner, "\n"))
}

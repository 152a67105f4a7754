package instance_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
)

func newInstance(t *testing.T, c instance.Config) (*instance.Instance, *http.Client, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sam.db")
	c.DatabaseURL = "sqlite:" + path
	i, err := instance.New(c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, i.Close(context.Background())) })
	return i, &http.Client{Transport: i.Transport()}, path
}

func do(t *testing.T, client *http.Client, method, path, body string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://embedded.invalid"+path, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	require.NoError(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

func TestReadingDoesNotCreateTheDatabase(t *testing.T) {
	t.Parallel()
	_, client, path := newInstance(t, instance.Config{})
	require.Equal(t, http.StatusOK, do(t, client, http.MethodGet, companion.CapabilitiesPath(), "").StatusCode)
	require.Equal(t, http.StatusOK, do(t, client, http.MethodGet, "/api/now/table/sys_alias", "").StatusCode)
	require.NoFileExists(t, path)
	require.Equal(t, http.StatusCreated, do(t, client, http.MethodPost, "/api/now/table/sys_user_group", `{"name":"Buyers"}`).StatusCode)
	require.FileExists(t, path)
}

func TestTransportKeepsTheRequestsContext(t *testing.T) {
	t.Parallel()
	faults := &restapi.Faults{}
	faults.Delay(1 << 40)
	_, client, _ := newInstance(t, instance.Config{Faults: faults})
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://any.host"+companion.CapabilitiesPath(), nil)
	require.NoError(t, err)
	cancel()
	_, err = client.Do(request) //nolint:bodyclose // there is no response
	require.ErrorIs(t, err, context.Canceled)
}

func TestHeadHasNoBody(t *testing.T) {
	t.Parallel()
	_, client, _ := newInstance(t, instance.Config{})
	response := do(t, client, http.MethodHead, "/api/now/table/sys_alias", "")
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, http.NoBody, response.Body)
}

func TestBadConfigurationIsAnError(t *testing.T) {
	t.Parallel()
	for url, text := range map[string]string{"": "sqlite:PATH", "postgres://h/d": "not supported in this version", "sqlite:": "path of a file"} {
		_, err := instance.New(instance.Config{DatabaseURL: url})
		require.ErrorContains(t, err, text)
	}
	_, err := instance.New(instance.Config{DatabaseURL: "sqlite:" + os.DevNull, ReleaseFamily: "tokyo"})
	require.ErrorContains(t, err, "tokyo")
	_, err = instance.New(instance.Config{DatabaseURL: "sqlite:" + os.DevNull, NotificationDelivery: "pigeon"})
	require.ErrorContains(t, err, "pigeon")
}

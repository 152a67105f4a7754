package sam_test

import (
	"context"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector/trello"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
	trellodouble "github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// world is an embedded instance with an invented Trello Enterprise, seen through the client.
type world struct {
	sam      *sam.Client
	rest     *servicenow.Client
	faults   *restapi.Faults
	double   *trellodouble.Server
	instance *instance.Instance
}

type worldOptions struct {
	members       int
	tcp           bool   // talk over a socket instead of in memory
	path          string // of the database
	notifications bool   // somebody delivers messages
}

func newWorld(t testing.TB, o worldOptions) *world {
	t.Helper()
	w := &world{faults: &restapi.Faults{}}
	var err error
	w.double, err = trellodouble.Start(trellodouble.Options{Members: o.members, Seed: 1, NoBudgets: true})
	require.NoError(t, err)
	t.Cleanup(w.double.Close)
	if o.path == "" {
		o.path = filepath.Join(t.TempDir(), "sam.db")
	}
	delivery := ""
	if o.notifications {
		delivery = instance.DeliveryExternal
	}
	w.instance, err = instance.New(instance.Config{
		NotificationDelivery: delivery,
		DatabaseURL:          "sqlite:" + o.path, EncryptionKey: "an encryption key for tests",
		Connectors: map[string]connector.Factory{dictionary.VendorTrello: unlimited}, Faults: w.faults,
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, w.instance.Close(ctx))
	})
	cfg := servicenow.Config{BaseURL: "https://embedded.example.com", Transport: w.instance.Transport(), RetryWait: time.Millisecond}
	if o.tcp {
		server := httptest.NewServer(restapi.WithBasicAuth(w.instance.Handler(), "integration", "password"))
		t.Cleanup(server.Close)
		cfg.BaseURL, cfg.Transport, cfg.Auth = server.URL, nil, servicenow.Basic("integration", "password")
	}
	w.rest, err = servicenow.New(cfg)
	require.NoError(t, err)
	w.sam = sam.New(w.rest)
	return w
}

// unlimited is the Trello connector without Trello's rate limits, which the double does not keep either.
func unlimited(cfg connector.Config) (connector.Connector, error) {
	cfg.Unlimited = true
	return trello.New(cfg)
}

// connect makes the connection of the Trello alias.
func (w *world) connect(t testing.TB) sam.Connection {
	t.Helper()
	alias, err := w.sam.Aliases.FindByID(t.Context(), dictionary.TrelloAlias)
	require.NoError(t, err)
	connection, err := w.sam.Aliases.SaveConnection(t.Context(), w.connection(alias.SysID))
	require.NoError(t, err)
	return connection
}

func (w *world) connection(aliasSysID string) sam.ConnectionInput {
	return sam.ConnectionInput{
		AliasSysID: aliasSysID, Name: "Trello", URL: w.double.URL + "/", Active: true,
		Credential: sam.CredentialInput{
			Kind: dictionary.CredentialKindAPIKey, APIKey: w.double.Key(), APIToken: w.double.Token(),
		},
	}
}

// published makes a connected, published profile whose subscriptions were refreshed.
func (w *world) published(t testing.TB) sam.Profile {
	t.Helper()
	w.connect(t)
	profile, err := w.sam.Profiles.Create(t.Context(), sam.ProfileInput{DisplayName: "Trello", ProfileType: dictionary.TypeTrello})
	require.NoError(t, err)
	_, err = w.sam.Profiles.Validate(t.Context(), profile.SysID, nil)
	require.NoError(t, err)
	_, err = w.sam.Profiles.Publish(t.Context(), profile.SysID, nil)
	require.NoError(t, err)
	run, err := w.sam.Profiles.Refresh(t.Context(), profile.SysID, refreshAll, nil)
	require.NoError(t, err)
	require.True(t, run.Complete)
	profile, err = w.sam.Profiles.Get(t.Context(), profile.SysID)
	require.NoError(t, err)
	return profile
}

func collect[T any](t testing.TB, seq func(func(T, error) bool)) []T {
	t.Helper()
	var all []T
	for value, err := range seq {
		require.NoError(t, err)
		all = append(all, value)
	}
	return all
}

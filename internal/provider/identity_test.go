package provider_test

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/provider"
)

// TestProvider_importByIdentity speaks the protocol itself: import by identity needs Terraform 1.12, and the oldest version
// that the tests run with is 1.11.
func TestProvider_importByIdentity(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	root := w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile())
	root.MustApply(t)
	id := root.Attribute(t, "servicenowsam_integration_profile.trello", "id")

	p := provider.New(provider.Options{Version: "test", Getenv: func(name string) string {
		return map[string]string{"SERVICENOWSAM_DATABASE_URL": w.DatabaseURL()}[name]
	}})
	t.Cleanup(func() { require.NoError(t, p.Close(context.WithoutCancel(t.Context()))) })
	server, err := providerserver.NewProtocol6WithError(p)()
	require.NoError(t, err)
	configure(t, server)

	imported := importByIdentity(t, server, "servicenowsam_integration_profile", map[string]any{"sys_id": id, "instance": nil})
	require.Empty(t, imported.Diagnostics)
	identity := imported.ImportedResources[0].Identity
	instance := attribute(t, identity.IdentityData, identityType, "instance")
	require.NotEmpty(t, instance)
	require.Equal(t, id, attribute(t, identity.IdentityData, identityType, "sys_id"))

	again := importByIdentity(t, server, "servicenowsam_integration_profile", map[string]any{"sys_id": id, "instance": instance})
	require.Empty(t, again.Diagnostics)
	other := importByIdentity(t, server, "servicenowsam_integration_profile", map[string]any{"sys_id": id, "instance": "another"})
	require.NotEmpty(t, other.Diagnostics, "an identity of another instance must not be imported here")
}

var identityType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"instance": tftypes.String, "sys_id": tftypes.String}}

// configure configures the provider with an empty block.
func configure(t *testing.T, server tfprotov6.ProviderServer) {
	t.Helper()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	require.NoError(t, err)
	block, ok := schemas.Provider.ValueType().(tftypes.Object)
	require.True(t, ok)
	empty := map[string]tftypes.Value{}
	for name, kind := range block.AttributeTypes {
		empty[name] = tftypes.NewValue(kind, nil)
	}
	config, err := tfprotov6.NewDynamicValue(block, tftypes.NewValue(block, empty))
	require.NoError(t, err)
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.12.0", Config: &config})
	require.NoError(t, err)
	require.Empty(t, configured.Diagnostics)
}

func importByIdentity(t *testing.T, server tfprotov6.ProviderServer, typeName string, identity map[string]any) *tfprotov6.ImportResourceStateResponse {
	t.Helper()
	values := map[string]tftypes.Value{}
	for name, value := range identity {
		values[name] = tftypes.NewValue(tftypes.String, value)
	}
	data, err := tfprotov6.NewDynamicValue(identityType, tftypes.NewValue(identityType, values))
	require.NoError(t, err)
	response, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: typeName, Identity: &tfprotov6.ResourceIdentityData{IdentityData: &data},
	})
	require.NoError(t, err)
	return response
}

func attribute(t *testing.T, value *tfprotov6.DynamicValue, of tftypes.Object, name string) string {
	t.Helper()
	decoded, err := value.Unmarshal(of)
	require.NoError(t, err)
	var attributes map[string]tftypes.Value
	require.NoError(t, decoded.As(&attributes))
	var text string
	require.NoError(t, attributes[name].As(&text))
	return text
}

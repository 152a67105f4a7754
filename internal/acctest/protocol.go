package acctest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/stretchr/testify/require"
)

// Protocol speaks to a provider as Terraform 1.14 does, for what the Terraform of the tests may be too old for: list
// resources and actions.
type Protocol struct {
	server  server
	schemas *tfprotov6.GetProviderSchemaResponse
}

type server interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// Values is a configuration; what it leaves out is null.
type Values map[string]any

// Unknown is a value that is known only after apply.
const Unknown = tftypes.UnknownValue

// Protocol starts a provider on the world's database, with block added to its configuration.
func (w *World) Protocol(t *testing.T, block Values) *Protocol {
	t.Helper()
	provider := w.newProvider()
	t.Cleanup(func() { require.NoError(t, provider.Close(context.WithoutCancel(t.Context()))) })
	made, err := providerserver.NewProtocol6WithError(provider)()
	require.NoError(t, err)
	full, ok := made.(server)
	require.True(t, ok, "the framework serves neither list resources nor actions")
	p := &Protocol{server: full}
	p.schemas, err = p.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	require.NoError(t, err)
	config := Values{"embedded": Values{"database_url": w.DatabaseURL()}}
	for name, value := range block {
		config[name] = value
	}
	configured, err := p.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.14.0", Config: encode(t, p.schemas.Provider, config),
	})
	require.NoError(t, err)
	require.Empty(t, Errors(configured.Diagnostics))
	return p
}

// Listed is one result of a list.
type Listed struct {
	DisplayName string
	Identity    map[string]string
	Resource    map[string]tftypes.Value // nil where it was not asked for
	Diagnostics []*tfprotov6.Diagnostic
}

// List validates the configuration and lists the records of a type.
func (p *Protocol) List(t *testing.T, typeName string, config Values, limit int64, includeResource bool) []Listed {
	t.Helper()
	schema := p.schemas.ListResourceSchemas[typeName]
	require.NotNil(t, schema, typeName)
	checked, err := p.server.ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
		TypeName: typeName, Config: encode(t, schema, config),
	})
	require.NoError(t, err)
	if len(checked.Diagnostics) > 0 {
		return []Listed{{Diagnostics: checked.Diagnostics}}
	}
	stream, err := p.server.ListResource(t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: typeName, Config: encode(t, schema, config), Limit: limit, IncludeResource: includeResource,
	})
	require.NoError(t, err)
	var all []Listed
	for result := range stream.Results {
		listed := Listed{DisplayName: result.DisplayName, Diagnostics: result.Diagnostics}
		if result.Identity != nil {
			listed.Identity = map[string]string{}
			for name, value := range p.identity(t, typeName, result.Identity.IdentityData) {
				listed.Identity[name] = Text(t, value)
			}
		}
		if result.Resource != nil {
			listed.Resource = decode(t, result.Resource, p.schemas.ResourceSchemas[typeName].ValueType())
		}
		all = append(all, listed)
	}
	return all
}

func (p *Protocol) identity(t *testing.T, typeName string, data *tfprotov6.DynamicValue) map[string]tftypes.Value {
	t.Helper()
	schemas, err := p.server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	require.NoError(t, err)
	return decode(t, data, schemas.IdentitySchemas[typeName].ValueType())
}

// PlanAction validates and plans an action.
func (p *Protocol) PlanAction(t *testing.T, typeName string, config Values) []*tfprotov6.Diagnostic {
	t.Helper()
	encoded := p.action(t, typeName, config)
	checked, err := p.server.ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: typeName, Config: encoded})
	require.NoError(t, err)
	if len(checked.Diagnostics) > 0 {
		return checked.Diagnostics
	}
	planned, err := p.server.PlanAction(t.Context(), &tfprotov6.PlanActionRequest{ActionType: typeName, Config: encoded})
	require.NoError(t, err)
	return planned.Diagnostics
}

// Invoke runs an action, and gives its progress lines and what it said at its end.
func (p *Protocol) Invoke(t *testing.T, typeName string, config Values) (progress []string, diagnostics []*tfprotov6.Diagnostic) {
	t.Helper()
	stream, err := p.server.InvokeAction(t.Context(), &tfprotov6.InvokeActionRequest{
		ActionType: typeName, Config: p.action(t, typeName, config),
	})
	require.NoError(t, err)
	for event := range stream.Events {
		switch e := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, e.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			diagnostics = e.Diagnostics
		}
	}
	return progress, diagnostics
}

func (p *Protocol) action(t *testing.T, typeName string, config Values) *tfprotov6.DynamicValue {
	t.Helper()
	schema := p.schemas.ActionSchemas[typeName]
	require.NotNil(t, schema, typeName)
	return encode(t, schema.Schema, config)
}

// Errors are the summaries and details of all errors.
func Errors(diagnostics []*tfprotov6.Diagnostic) string {
	return said(diagnostics, tfprotov6.DiagnosticSeverityError)
}

// Warnings are the summaries and details of all warnings.
func Warnings(diagnostics []*tfprotov6.Diagnostic) string {
	return said(diagnostics, tfprotov6.DiagnosticSeverityWarning)
}

func said(diagnostics []*tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity) string {
	var b strings.Builder
	for _, d := range diagnostics {
		if d.Severity == severity {
			fmt.Fprintf(&b, "%s\n%s\n\n", d.Summary, d.Detail)
		}
	}
	return b.String()
}

// Text is a text value; the empty text where it is null.
func Text(t *testing.T, value tftypes.Value) string {
	t.Helper()
	var text *string
	require.NoError(t, value.As(&text))
	if text == nil {
		return ""
	}
	return *text
}

func decode(t *testing.T, data *tfprotov6.DynamicValue, of tftypes.Type) map[string]tftypes.Value {
	t.Helper()
	value, err := data.Unmarshal(of)
	require.NoError(t, err)
	attributes := map[string]tftypes.Value{}
	require.NoError(t, value.As(&attributes))
	return attributes
}

func encode(t *testing.T, schema *tfprotov6.Schema, config Values) *tfprotov6.DynamicValue {
	t.Helper()
	of := schema.ValueType()
	encoded, err := tfprotov6.NewDynamicValue(of, value(t, of, config))
	require.NoError(t, err)
	return &encoded
}

func value(t *testing.T, of tftypes.Type, from any) tftypes.Value {
	t.Helper()
	switch v := from.(type) {
	case Values:
		object, ok := of.(tftypes.Object)
		require.True(t, ok, "%s is no object", of)
		attributes := map[string]tftypes.Value{}
		for name, inner := range object.AttributeTypes {
			attributes[name] = value(t, inner, v[name])
		}
		for name := range v {
			require.Contains(t, object.AttributeTypes, name)
		}
		return tftypes.NewValue(of, attributes)
	case []any:
		var elementType tftypes.Type
		switch list := of.(type) {
		case tftypes.Set:
			elementType = list.ElementType
		case tftypes.List:
			elementType = list.ElementType
		}
		require.NotNil(t, elementType, "%s is no list", of)
		elements := []tftypes.Value{}
		for _, inner := range v {
			elements = append(elements, value(t, elementType, inner))
		}
		return tftypes.NewValue(of, elements)
	}
	return tftypes.NewValue(of, from)
}

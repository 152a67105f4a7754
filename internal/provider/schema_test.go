package provider_test

import (
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/stretchr/testify/require"
	"github.com/zclconf/go-cty/cty"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/provider"
)

func TestMain(m *testing.M) { acctest.Main(m) }

var update = flag.Bool("update", false, "write testdata/schema.json")

const schemaFile = "testdata/schema.json"

// TestSchema_isCommitted keeps the committed schema equal to the provider's: a change of the surface shows in its diff, and
// the documentation is generated from it. It has the form of terraform providers schema -json.
func TestSchema_isCommitted(t *testing.T) {
	t.Parallel()
	document := map[string]any{
		"format_version":   "1.0",
		"provider_schemas": map[string]any{provider.Address: providerSchema(t)},
	}
	current, err := json.MarshalIndent(document, "", "  ")
	require.NoError(t, err)
	current = append(current, '\n')
	if *update {
		require.NoError(t, os.WriteFile(schemaFile, current, 0o644))
	}
	committed, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	require.Equal(t, string(committed), string(current),
		"the schema changed: run go test ./internal/provider -run TestSchema_isCommitted -update, then make docs")
}

func TestSchema_everyAttributeIsDescribed(t *testing.T) {
	t.Parallel()
	walk(t, func(path string, a *tfjson.SchemaAttribute) {
		if !strings.Contains(path, ".timeouts.") {
			require.NotEmpty(t, a.Description, path)
			require.Equal(t, tfjson.SchemaDescriptionKindMarkdown, a.DescriptionKind, path)
			require.Regexp(t, `[.:)]$`, a.Description, "%s: a description is a sentence", path)
		}
	})
}

var secretName = regexp.MustCompile(`(^|_)(password|secret|token|key)(_wo)?$`)

func TestSchema_secretsAreWriteOnlyOrSensitive(t *testing.T) {
	t.Parallel()
	seen := 0
	walk(t, func(path string, a *tfjson.SchemaAttribute) {
		name := path[strings.LastIndex(path, ".")+1:]
		if !secretName.MatchString(name) || a.AttributeNestedType != nil {
			return
		}
		seen++
		require.True(t, a.Sensitive, path)
		require.True(t, a.WriteOnly || strings.HasPrefix(path, "provider."), "%s would be stored in the state", path)
	})
	require.GreaterOrEqual(t, seen, 4)
}

func TestSchema_noSetsOfObjects(t *testing.T) {
	t.Parallel()
	walk(t, func(path string, a *tfjson.SchemaAttribute) {
		if a.AttributeNestedType != nil {
			require.NotEqual(t, tfjson.SchemaNestingModeSet, a.AttributeNestedType.NestingMode, "%s takes minutes with 2,000 rows", path)
		}
	})
}

func TestSchema_everyTypeNamesItsRoles(t *testing.T) {
	t.Parallel()
	s := providerSchema(t)
	require.GreaterOrEqual(t, len(s.ResourceSchemas), 5)
	require.GreaterOrEqual(t, len(s.DataSourceSchemas), 9)
	require.GreaterOrEqual(t, len(s.ListResourceSchemas), 3)
	require.GreaterOrEqual(t, len(s.ActionSchemas), 3)
	for name, schema := range s.ResourceSchemas {
		require.Contains(t, schema.Block.Description, "Roles:", name)
	}
	for name, schema := range s.DataSourceSchemas {
		require.Contains(t, schema.Block.Description, "Roles:", name)
	}
	for name, schema := range s.ListResourceSchemas {
		require.Contains(t, schema.Block.Description, "Roles:", name)
	}
	for name, schema := range s.ActionSchemas {
		require.Contains(t, schema.Block.Description, "Roles:", name)
	}
}

// walk visits every attribute, with its path.
func walk(t *testing.T, visit func(path string, a *tfjson.SchemaAttribute)) {
	t.Helper()
	var inner func(path string, attributes map[string]*tfjson.SchemaAttribute)
	inner = func(path string, attributes map[string]*tfjson.SchemaAttribute) {
		for name, a := range attributes {
			visit(path+"."+name, a)
			if a.AttributeNestedType != nil {
				inner(path+"."+name, a.AttributeNestedType.Attributes)
			}
		}
	}
	s := providerSchema(t)
	inner("provider", s.ConfigSchema.Block.Attributes)
	for name, schema := range s.ResourceSchemas {
		inner(name, schema.Block.Attributes)
	}
	for name, schema := range s.DataSourceSchemas {
		inner("data."+name, schema.Block.Attributes)
	}
	for name, schema := range s.ListResourceSchemas {
		inner("list."+name, schema.Block.Attributes)
	}
	for name, schema := range s.ActionSchemas {
		inner("action."+name, schema.Block.Attributes)
	}
}

// providerSchema asks the provider for its schemas, and gives them as terraform providers schema -json does. Not going
// through terraform keeps the result independent of its version.
func providerSchema(t *testing.T) *tfjson.ProviderSchema {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(provider.New(provider.Options{Version: "test"}))()
	require.NoError(t, err)
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	require.NoError(t, err)
	require.Empty(t, schemas.Diagnostics)
	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	require.NoError(t, err)

	result := &tfjson.ProviderSchema{
		ConfigSchema:            schema(t, schemas.Provider),
		ResourceSchemas:         map[string]*tfjson.Schema{},
		DataSourceSchemas:       map[string]*tfjson.Schema{},
		ResourceIdentitySchemas: map[string]*tfjson.IdentitySchema{},
		ListResourceSchemas:     map[string]*tfjson.Schema{},
		ActionSchemas:           map[string]*tfjson.ActionSchema{},
		Functions:               map[string]*tfjson.FunctionSignature{},
	}
	for name, f := range schemas.Functions {
		result.Functions[name] = signature(t, f)
	}
	for name, s := range schemas.ResourceSchemas {
		result.ResourceSchemas[name] = schema(t, s)
	}
	for name, s := range schemas.DataSourceSchemas {
		result.DataSourceSchemas[name] = schema(t, s)
	}
	for name, s := range schemas.ListResourceSchemas {
		result.ListResourceSchemas[name] = schema(t, s)
	}
	for name, s := range schemas.ActionSchemas {
		result.ActionSchemas[name] = &tfjson.ActionSchema{Block: schema(t, s.Schema).Block}
	}
	for name, s := range identities.IdentitySchemas {
		identity := &tfjson.IdentitySchema{Version: version(s.Version), Attributes: map[string]*tfjson.IdentityAttribute{}}
		for _, a := range s.IdentityAttributes {
			identity.Attributes[a.Name] = &tfjson.IdentityAttribute{
				IdentityType: ctyType(t, a.Type), Description: a.Description,
				RequiredForImport: a.RequiredForImport, OptionalForImport: a.OptionalForImport,
			}
		}
		result.ResourceIdentitySchemas[name] = identity
	}
	return result
}

func signature(t *testing.T, f *tfprotov6.Function) *tfjson.FunctionSignature {
	t.Helper()
	require.NotEmpty(t, f.Description)
	require.NotEmpty(t, f.Summary)
	result := &tfjson.FunctionSignature{Description: f.Description, Summary: f.Summary, ReturnType: ctyType(t, f.Return.Type)}
	for _, p := range f.Parameters {
		require.NotEmpty(t, p.Description, p.Name)
		result.Parameters = append(result.Parameters, &tfjson.FunctionParameter{
			Name: p.Name, Description: p.Description, IsNullable: p.AllowNullValue, Type: ctyType(t, p.Type),
		})
	}
	return result
}

func version(v int64) uint64 { return uint64(max(v, 0)) }

func schema(t *testing.T, s *tfprotov6.Schema) *tfjson.Schema {
	t.Helper()
	return &tfjson.Schema{Version: version(s.Version), Block: &tfjson.SchemaBlock{
		Attributes: attributes(t, s.Block.Attributes), Description: s.Block.Description, DescriptionKind: kind(s.Block.DescriptionKind),
	}}
}

func attributes(t *testing.T, list []*tfprotov6.SchemaAttribute) map[string]*tfjson.SchemaAttribute {
	t.Helper()
	result := map[string]*tfjson.SchemaAttribute{}
	for _, a := range list {
		converted := &tfjson.SchemaAttribute{
			Description: a.Description, DescriptionKind: kind(a.DescriptionKind), Deprecated: a.Deprecated, Required: a.Required,
			Optional: a.Optional, Computed: a.Computed, Sensitive: a.Sensitive, WriteOnly: a.WriteOnly,
		}
		if a.NestedType != nil {
			converted.AttributeNestedType = &tfjson.SchemaNestedAttributeType{
				Attributes:  attributes(t, a.NestedType.Attributes),
				NestingMode: tfjson.SchemaNestingMode(strings.ToLower(a.NestedType.Nesting.String())),
			}
		} else {
			converted.AttributeType = ctyType(t, a.Type)
		}
		result[a.Name] = converted
	}
	return result
}

func kind(k tfprotov6.StringKind) tfjson.SchemaDescriptionKind {
	if k == tfprotov6.StringKindMarkdown {
		return tfjson.SchemaDescriptionKindMarkdown
	}
	return tfjson.SchemaDescriptionKindPlain
}

func ctyType(t *testing.T, from tftypes.Type) cty.Type {
	t.Helper()
	raw, err := json.Marshal(from)
	require.NoError(t, err)
	var to cty.Type
	require.NoError(t, to.UnmarshalJSON(raw))
	return to
}

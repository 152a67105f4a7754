package acctest

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/stretchr/testify/require"
)

// Managed is a resource as Terraform's core keeps it between commands: its configuration, state and private state. It goes
// through the protocol instead of a terraform binary, which makes hundreds of plans and applies affordable.
type Managed struct {
	TypeName string
	Config   Values

	state    *tfprotov6.DynamicValue
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

// SavedPlan is a plan of one resource, as it lies in a plan file.
type SavedPlan struct {
	Diagnostics []*tfprotov6.Diagnostic
	of          Managed // as the plan saw it
	planned     *tfprotov6.PlanResourceChangeResponse
}

// Create plans and applies a new resource.
func (p *Protocol) Create(t *testing.T, typeName string, config Values) *Managed {
	t.Helper()
	m := &Managed{TypeName: typeName, Config: config}
	plan := p.Plan(t, m)
	require.Empty(t, Errors(plan.Diagnostics))
	require.Empty(t, Errors(p.Apply(t, m, plan)))
	return m
}

// Refresh reads the resource.
func (p *Protocol) Refresh(t *testing.T, m *Managed) []*tfprotov6.Diagnostic {
	t.Helper()
	read, err := p.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: m.TypeName, CurrentState: m.state, Private: m.private, CurrentIdentity: m.identity,
	})
	require.NoError(t, err)
	if Errors(read.Diagnostics) == "" {
		m.state, m.private, m.identity = read.NewState, read.Private, read.NewIdentity
	}
	return read.Diagnostics
}

// Plan plans the configuration, without a refresh.
func (p *Protocol) Plan(t *testing.T, m *Managed) *SavedPlan {
	t.Helper()
	schema := p.schemas.ResourceSchemas[m.TypeName]
	require.NotNil(t, schema, m.TypeName)
	config := encode(t, schema, m.Config)
	checked, err := p.server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: m.TypeName, Config: config,
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	require.NoError(t, err)
	if Errors(checked.Diagnostics) != "" {
		return &SavedPlan{Diagnostics: checked.Diagnostics, of: *m}
	}
	prior := m.state
	if prior == nil {
		prior = dynamic(t, schema, tftypes.NewValue(schema.ValueType(), nil))
	}
	planned, err := p.server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: m.TypeName, Config: config, PriorState: prior, ProposedNewState: proposed(t, schema, config, prior), PriorPrivate: m.private,
		PriorIdentity: m.identity,
	})
	require.NoError(t, err)
	return &SavedPlan{Diagnostics: planned.Diagnostics, of: *m, planned: planned}
}

// Apply applies a saved plan as core does, which plans once more in the process of the apply: a plan that looked at more than
// what Read pinned would come out otherwise, and fails the test.
func (p *Protocol) Apply(t *testing.T, m *Managed, plan *SavedPlan) []*tfprotov6.Diagnostic {
	t.Helper()
	again := p.Plan(t, &plan.of)
	if Errors(again.Diagnostics) != "" {
		return again.Diagnostics
	}
	schema := p.schemas.ResourceSchemas[m.TypeName]
	require.True(t, object(t, schema, plan.planned.PlannedState).Equal(object(t, schema, again.planned.PlannedState)),
		"Provider produced inconsistent final plan: ModifyPlan looked at the world")
	prior := plan.of.state
	if prior == nil {
		prior = dynamic(t, schema, tftypes.NewValue(schema.ValueType(), nil))
	}
	applied, err := p.server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: m.TypeName, PriorState: prior, PlannedState: again.planned.PlannedState, Config: encode(t, schema, plan.of.Config),
		PlannedPrivate: again.planned.PlannedPrivate, PlannedIdentity: again.planned.PlannedIdentity,
	})
	require.NoError(t, err)
	m.Config, m.state, m.private, m.identity = plan.of.Config, applied.NewState, applied.Private, applied.NewIdentity
	return applied.Diagnostics
}

// Planned are the attributes as the plan has them.
func (p *Protocol) Planned(t *testing.T, plan *SavedPlan) map[string]tftypes.Value {
	t.Helper()
	return decode(t, plan.planned.PlannedState, p.schemas.ResourceSchemas[plan.of.TypeName].ValueType())
}

// State are the attributes of the resource.
func (p *Protocol) State(t *testing.T, m *Managed) map[string]tftypes.Value {
	t.Helper()
	return decode(t, m.state, p.schemas.ResourceSchemas[m.TypeName].ValueType())
}

// Private is the private state of the resource.
func (m *Managed) Private() string { return string(m.private) }

// proposed is what core proposes: the configuration, with the prior value of what only the provider can compute.
func proposed(t *testing.T, schema *tfprotov6.Schema, config, prior *tfprotov6.DynamicValue) *tfprotov6.DynamicValue {
	t.Helper()
	priorValue := object(t, schema, prior)
	if priorValue.IsNull() {
		return config
	}
	attributes := decode(t, config, schema.ValueType())
	before := decode(t, prior, schema.ValueType())
	for _, a := range schema.Block.Attributes {
		if a.Computed && attributes[a.Name].IsNull() {
			attributes[a.Name] = before[a.Name]
		}
	}
	return dynamic(t, schema, tftypes.NewValue(schema.ValueType(), attributes))
}

func object(t *testing.T, schema *tfprotov6.Schema, data *tfprotov6.DynamicValue) tftypes.Value {
	t.Helper()
	value, err := data.Unmarshal(schema.ValueType())
	require.NoError(t, err)
	return value
}

func dynamic(t *testing.T, schema *tfprotov6.Schema, value tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	data, err := tfprotov6.NewDynamicValue(schema.ValueType(), value)
	require.NoError(t, err)
	return &data
}

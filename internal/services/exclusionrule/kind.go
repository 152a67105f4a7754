// Package exclusionrule is the Terraform surface of exclusion rules: those of a subscription identifier and those of a user.
package exclusionrule

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// kind is one of the two types of rules. They differ in what they name and in whether that needs a profile type.
type kind struct {
	sam.ExclusionKind
	typeName    string
	key         string // attribute that says what is excluded
	keyText     string
	scope       string // what the rule reaches, in words
	profileType string // description of the attribute
	required    bool   // the profile type
}

var (
	identifierKind = kind{
		ExclusionKind: sam.ExcludeIdentifier, typeName: "servicenowsam_subscription_identifier_exclusion_rule",
		key: "subscription_identifier", keyText: "The vendor's product or plan, as the subscriptions carry it, such as `Trello Enterprise`. Case does not count.",
		scope:       "every subscription with this identifier, in every integration profile of the type",
		profileType: "Type of the integration profiles, such as `trello_enterprise_subscription`.", required: true,
	}
	userKind = kind{
		ExclusionKind: sam.ExcludeUser, typeName: "servicenowsam_subscription_user_exclusion_rule",
		key: "user_principal_name", keyText: "The user: user principal name, mail address or user id. Case does not count. It is in the state, as it is in the configuration.",
		scope:       "every subscription of this user, in all integration profiles or in those of one type",
		profileType: "Only in integration profiles of this type; null means in all.",
	}
)

// model is a rule of either kind. Its attributes are read and written one by one, since the key has two names.
type model struct {
	ID          types.String
	Key         types.String
	ProfileType types.String
	Domain      types.String
	Active      types.Bool
}

type getter interface {
	GetAttribute(ctx context.Context, p path.Path, target any) diag.Diagnostics
}

type setter interface {
	SetAttribute(ctx context.Context, p path.Path, value any) diag.Diagnostics
}

func (k kind) get(ctx context.Context, from getter) (m model, diags diag.Diagnostics) {
	for _, attribute := range m.attributes(k) {
		diags.Append(from.GetAttribute(ctx, path.Root(attribute.name), attribute.value)...)
	}
	return m, diags
}

func (k kind) set(ctx context.Context, to setter, m model) (diags diag.Diagnostics) {
	for _, attribute := range m.attributes(k) {
		diags.Append(to.SetAttribute(ctx, path.Root(attribute.name), attribute.value)...)
	}
	return diags
}

type attribute struct {
	name  string
	value any
}

func (m *model) attributes(k kind) []attribute {
	return []attribute{{"id", &m.ID}, {k.key, &m.Key}, {"profile_type", &m.ProfileType}, {"domain", &m.Domain}, {"active", &m.Active}}
}

// object names the rule in diagnostics.
func (k kind) object(m model) string {
	name := m.Key.ValueString()
	if name == "" {
		name = m.ID.ValueString()
	}
	return fmt.Sprintf("%s exclusion rule %q", k.ExclusionKind, name)
}

func (m model) exclusion() sam.Exclusion {
	return sam.Exclusion{
		SysID: m.ID.ValueString(), Key: m.Key.ValueString(), ProfileType: m.ProfileType.ValueString(), Domain: m.Domain.ValueString(),
		Active: m.Active.ValueBool(),
	}
}

func newModel(x sam.Exclusion) model {
	return model{
		ID: types.StringValue(x.SysID), Key: tfkit.StringOrNull(x.Key), ProfileType: tfkit.StringOrNull(x.ProfileType),
		Domain: types.StringValue(x.Domain), Active: types.BoolValue(x.Active),
	}
}

// lacking is the diagnostic of an instance without exclusion rules.
func (k kind) lacking(family dictionary.ReleaseFamily) diag.Diagnostic {
	return diag.NewErrorDiagnostic("The release family has no exclusion rules", fmt.Sprintf(
		"A %s exclusion rule needs the release Zurich or a newer one, and the instance behaves as %s. Leave it out.", k.ExclusionKind, family))
}

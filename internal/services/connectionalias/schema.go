package connectionalias

import (
	"context"
	"maps"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit/connection"
)

// aliasName is what ServiceNow accepts as the name of an alias: the id is made from it.
var aliasName = regexp.MustCompile(`^[A-Za-z0-9_ ]+$`)

// aliasID is the full id of an alias: the scope that ships it, a dot, and its name.
var aliasID = regexp.MustCompile(`^[a-z0-9_]+\.[A-Za-z0-9_]+$`)

type model struct {
	ID          types.String `tfsdk:"id"`
	Adopt       types.String `tfsdk:"adopt"`
	Name        types.String `tfsdk:"name"`
	ProfileType types.String `tfsdk:"profile_type"`
	AliasID     types.String `tfsdk:"alias_id"`
	Type        types.String `tfsdk:"type"`
	connection.Model
}

func (r *aliasResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A connection alias with its connection and its credential as one unit: what the button " +
			"*Create New Connection & Credential* makes on ServiceNow.\n\n" +
			"Either `adopt` an alias that a spoke ships, or make a new one with `name`. Destroying the resource removes the " +
			"connection and the credential; a new alias goes with them, an adopted one stays.\n\n" +
			"Roles: `connection_admin` and `credential_admin` (both contained in `sam_integrator`); a new alias needs `admin`.\n\n" +
			"The secrets are write-only and never reach plan or state. They are sent on create and when their version " +
			"changes. A credential that someone else changed shows as a warning, because it cannot be read back.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The `sys_id` of the alias (`sys_alias`).",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"adopt": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Full id of an alias that a spoke ships, such as `sn_trello_spoke.Trello_Alias`. Refused " +
					"while it has an active connection that this resource does not own. Exactly one of `adopt` and `name`. " +
					"A change replaces the resource.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators: []validator.String{
					stringvalidator.RegexMatches(aliasID, "must be the full id of an alias: its scope, a dot, and its name"),
				},
			},
			"name": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Name of a new alias: letters, digits, blanks and underscores. A second profile of one " +
					"profile type needs an alias of its own. A change replaces the resource. Needs the role `admin`.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators: append(tfkit.Name(80),
					stringvalidator.RegexMatches(aliasName, "may contain only letters, digits, blanks and underscores")),
			},
			"profile_type": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "With `name`: the profile type that the alias is for, such as " +
					"`trello_enterprise_subscription`. It gives `connection_url` its default and lets the plan check the host. " +
					"With `adopt` the alias itself tells.",
			},
			"alias_id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "Full id of the alias, such as `sn_trello_spoke.Trello_Alias`.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"type": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "Type of the alias: `connection` (connection and credential) or `credential`.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
		},
	}
	maps.Copy(resp.Schema.Attributes, connection.Attributes())
}

func (r *aliasResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{
		connection.ConfigValidator(),
		resourcevalidator.ExactlyOneOf(path.MatchRoot("adopt"), path.MatchRoot("name")),
		resourcevalidator.Conflicting(path.MatchRoot("adopt"), path.MatchRoot("profile_type")),
	}
}

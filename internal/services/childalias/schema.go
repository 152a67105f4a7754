package childalias

import (
	"context"
	"maps"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit/connection"
)

type model struct {
	ID                    types.String `tfsdk:"id"`
	Parent                types.String `tfsdk:"parent"`
	Name                  types.String `tfsdk:"name"`
	ProfileType           types.String `tfsdk:"profile_type"`
	DownloadActivity      types.Bool   `tfsdk:"download_activity"`
	ReclaimSubscriptions  types.Bool   `tfsdk:"reclaim_subscriptions"`
	AliasID               types.String `tfsdk:"alias_id"`
	ParentID              types.String `tfsdk:"parent_id"`
	ParentAliasID         types.String `tfsdk:"parent_alias_id"`
	Type                  types.String `tfsdk:"type"`
	ConnectionType        types.String `tfsdk:"connection_type"`
	ConfigurationTemplate types.String `tfsdk:"configuration_template"`
	RetryPolicy           types.String `tfsdk:"retry_policy"`
	MultipleConnections   types.Bool   `tfsdk:"multiple_connections"`
	connection.Model
}

// childName is what connection-alias.md allows in the name of an alias.
var childName = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

func (r *childResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	inherited := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description + " Inherited from the parent, and follows it."}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A child of a connection alias, with its own connection and credential: what a second profile of a " +
			"vendor needs. Type, template and retry policy are the parent's, and follow it without showing as a change.\n\n" +
			"There is one level of children. Destroying removes connection, credential and alias; it is refused while a profile uses " +
			"the alias.\n\n" +
			"Roles: `sam_integrator`, which contains `connection_admin` and `credential_admin`. On an instance without the companion " +
			"app the alias is made in the global scope.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The `sys_id` of the alias (`sys_alias`).",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"parent": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "The parent: its full id, such as `sn_trello_spoke.Trello_Alias`, or its `sys_id`. Another parent " +
					"replaces the resource.",
				Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
			},
			"name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name of the alias: letters, digits and underscores. A change replaces the resource.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators: []validator.String{
					stringvalidator.LengthBetween(1, 80),
					stringvalidator.RegexMatches(childName, "may contain only letters, digits and underscores"),
				},
			},
			"profile_type": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The profile type that the alias is for, such as `trello_enterprise_subscription`. A parent that a " +
					"spoke ships tells it by itself.",
			},
			"download_activity": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "*Download activity* of the profile that the alias is for (default `true`). With " +
					"`reclaim_subscriptions` it chooses the template of a Confluence alias when it is made; later changes do nothing.",
			},
			"reclaim_subscriptions": schema.BoolAttribute{
				Optional:            true,
				MarkdownDescription: "*Reclaim subscriptions* of the profile that the alias is for (default `true`). See `download_activity`.",
			},
			"alias_id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "Full id of the alias: its scope, a dot, and its name.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"parent_id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The `sys_id` of the parent.",
			},
			"parent_alias_id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "Full id of the parent.",
			},
			"type":                   inherited("Type of the alias: `connection` (connection and credential)."),
			"connection_type":        inherited("Type of the connection, such as `http_connection`."),
			"configuration_template": inherited("Name of the configuration template."),
			"retry_policy":           inherited("Name of the default retry policy."),
			"multiple_connections": schema.BoolAttribute{
				Computed: true,
				MarkdownDescription: "Whether several connections of the alias may be active at once. Inherited from the parent, and " +
					"follows it.",
			},
		},
	}
	maps.Copy(resp.Schema.Attributes, connection.Attributes())
}

func (r *childResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{connection.ConfigValidator()}
}

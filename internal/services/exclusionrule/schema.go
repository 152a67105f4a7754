package exclusionrule

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

// effect is what every description of an exclusion rule has to say.
const effect = "It changes what is metered and charged, and nothing else: the subscriptions stay, marked as excluded, and are left out of " +
	"the metering of SaaS subscription users and of the cost figures. **It protects nobody from reclaim**: an idle user becomes a removal " +
	"candidate and is planned for reclaim all the same. To protect somebody, use `protected_users` of the provider's `reclamation_policy`."

func (r *ruleResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: fmt.Sprintf("Excludes %s. %s\n\nThe embedded instance applies a rule at once, ServiceNow when its licensing job "+
			"runs; the figures change with the next daily count (`servicenowsam_licensing_resource_counts`). A rule that somebody switches off "+
			"shows as drift of `active`.\n\nNeeds the release Zurich or a newer one.\n\nRoles: `sam_admin`.", r.kind.scope, effect),
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The `sys_id` of the rule.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			r.kind.key: schema.StringAttribute{Required: true, MarkdownDescription: r.kind.keyText, Validators: tfkit.Name(255)},
			"profile_type": schema.StringAttribute{
				Required: r.kind.required, Optional: !r.kind.required, MarkdownDescription: r.kind.profileType, Validators: tfkit.Name(255),
			},
			"domain": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Domain of the rule (`sys_id`, or `global`), on an instance with domain separation. By default the one that " +
					"the instance chooses. A rule of the global domain is for all domains. A change replaces the resource.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplaceIfConfigured()},
				Validators:    tfkit.Name(32),
			},
			"active": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(true),
				MarkdownDescription: "Whether the rule is active (default `true`).",
			},
		},
	}
}

package subscriptionidentifier

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

type model struct {
	ID              types.String `tfsdk:"id"`
	Identifier      types.String `tfsdk:"subscription_identifier"`
	SoftwareModelID types.String `tfsdk:"software_model_id"`
}

func (r *assignment) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The software model of an unrecognized subscription identifier. All subscriptions with the identifier get the " +
			"model, its product and its publisher at once, and so do those that later refreshes find; the product gets a reclamation " +
			"rule if it has none.\n\n" +
			"The identifier must have been seen: run a `servicenowsam_subscription_sync` first. Where an active product definition knows " +
			"the identifier, the definition goes first and the assignment rests. Destroying takes the model from the subscriptions again.\n\n" +
			"Roles: `sam_admin`.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The `sys_id` of the unrecognized subscription identifier.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"subscription_identifier": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "The identifier, as `servicenowsam_unrecognized_subscription_identifiers` lists it. A change replaces " +
					"the resource.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators:    []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"software_model_id": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The `sys_id` of the software model (`servicenowsam_software_models` lists them).",
				Validators:          []validator.String{tfkit.SysID()},
			},
		},
	}
}

func (m *model) fromAPI(i sam.UnrecognizedIdentifier) {
	m.ID = types.StringValue(i.SysID)
	m.Identifier = types.StringValue(i.Identifier)
	m.SoftwareModelID = tfkit.StringOrNull(i.ModelSysID)
}

func object(m model) string {
	return fmt.Sprintf("software model of subscription identifier %q", m.Identifier.ValueString())
}

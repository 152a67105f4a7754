package userresolutionrule

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

const defaultOrder = 100

type model struct {
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	SourceField types.String `tfsdk:"source_field"`
	LookupField types.String `tfsdk:"lookup_field"`
	Transform   types.String `tfsdk:"transform"`
	DomainFrom  types.String `tfsdk:"domain_from"`
	DomainTo    types.String `tfsdk:"domain_to"`
	ProfileIDs  types.Set    `tfsdk:"profile_ids"`
	Order       types.Int64  `tfsdk:"order"`
	Active      types.Bool   `tfsdk:"active"`
}

func (r *rule) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A user resolution rule: how subscriptions find their `sys_user` where neither mail address nor user id of the " +
			"login at the vendor do. A subscription without user cannot be counted as licensed, its holder gets no notice, and nobody " +
			"in a protected group is recognised in it.\n\n" +
			"Rules apply from the next refresh of subscriptions on, to those that have no user then, in their `order`; a rule finds a " +
			"user only where exactly one active user matches. A user that somebody chose by hand stays. Destroying a rule leaves the " +
			"users that it found.\n\n" +
			"The instance switches a rule off whose look-up field has no index, which shows as a change of `active`; on the embedded " +
			"instance `user_name`, `email` and `sys_id` have one.\n\nRoles: `sam_admin`.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The `sys_id` of the rule.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"name": schema.StringAttribute{Required: true, MarkdownDescription: "Name of the rule.", Validators: tfkit.Name(100)},
			"source_field": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(dictionary.SubscriptionUPN),
				MarkdownDescription: "What of the subscription is looked for: `user_principal_name` (default) or `external_user_id`.",
				Validators:          []validator.String{stringvalidator.OneOf(dictionary.SubscriptionUPN, dictionary.SubscriptionExternalUserID)},
			},
			"lookup_field": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(dictionary.UserEmail),
				MarkdownDescription: "Column of `sys_user` in which it is looked for (default `email`).",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"transform": schema.StringAttribute{
				Optional: true, Computed: true, Default: stringdefault.StaticString(dictionary.TransformNone),
				MarkdownDescription: "What happens to it before: `none` (default), `remove_domain` (`anna@example.com` becomes `anna`) or " +
					"`replace_domain`. Scripts are not managed here.",
				Validators: []validator.String{stringvalidator.OneOf(dictionary.TransformNone, dictionary.TransformRemoveDomain, dictionary.TransformReplaceDomain)},
			},
			"domain_from": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "For `replace_domain`: the domain to replace, such as `old.example`; logins of another domain are left alone. " +
					"Default: any domain.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"domain_to": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "For `replace_domain`: the new domain, such as `example.com`.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"profile_ids": schema.SetAttribute{
				ElementType: types.StringType, Optional: true,
				MarkdownDescription: "The integration profiles that the rule applies to (`sys_id`). Default: all.",
				Validators:          []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.ValueStringsAre(tfkit.SysID())},
			},
			"order": schema.Int64Attribute{
				Optional: true, Computed: true, Default: int64default.StaticInt64(defaultOrder),
				MarkdownDescription: "Rules with a lower number go first (default 100).",
				Validators:          []validator.Int64{int64validator.Between(0, 1_000_000)},
			},
			"active": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(true),
				MarkdownDescription: "Whether the rule applies (default `true`).",
			},
		},
	}
}

// ValidateConfig requires the domains for the transform that uses them, and only there.
func (r *rule) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); resp.Diagnostics.HasError() || config.Transform.IsUnknown() {
		return
	}
	replaces := config.Transform.ValueString() == dictionary.TransformReplaceDomain
	if replaces && config.DomainTo.IsNull() {
		resp.Diagnostics.AddAttributeError(path.Root("domain_to"), "The new domain is missing",
			"transform = \"replace_domain\" needs domain_to, the domain that users have in sys_user.")
	}
	for name, value := range map[string]types.String{"domain_from": config.DomainFrom, "domain_to": config.DomainTo} {
		if !replaces && !value.IsNull() {
			resp.Diagnostics.AddAttributeError(path.Root(name), "The domain is not used",
				fmt.Sprintf("%s is for transform = \"replace_domain\" only; remove it, or set the transform.", name))
		}
	}
}

func (m model) input(ctx context.Context) (sam.ResolutionRuleInput, diag.Diagnostics) {
	in := sam.ResolutionRuleInput{
		Name: m.Name.ValueString(), SourceField: m.SourceField.ValueString(), LookupField: m.LookupField.ValueString(),
		Transform: m.Transform.ValueString(), DomainFrom: m.DomainFrom.ValueString(), DomainTo: m.DomainTo.ValueString(),
		Order: int(m.Order.ValueInt64()), Active: m.Active.ValueBool(),
	}
	diags := m.ProfileIDs.ElementsAs(ctx, &in.ProfileSysIDs, false)
	return in, diags
}

func (m *model) fromAPI(ctx context.Context, r sam.ResolutionRule) diag.Diagnostics {
	m.ID, m.Name = types.StringValue(r.SysID), types.StringValue(r.Name)
	m.SourceField, m.LookupField, m.Transform = types.StringValue(r.SourceField), types.StringValue(r.LookupField), types.StringValue(r.Transform)
	m.DomainFrom, m.DomainTo = tfkit.StringOrNull(r.DomainFrom), tfkit.StringOrNull(r.DomainTo)
	m.Order, m.Active = types.Int64Value(int64(r.Order)), types.BoolValue(r.Active)
	m.ProfileIDs = types.SetNull(types.StringType)
	if len(r.ProfileSysIDs) == 0 {
		return nil
	}
	var diags diag.Diagnostics
	m.ProfileIDs, diags = types.SetValueFrom(ctx, types.StringType, r.ProfileSysIDs)
	return diags
}

func object(m model) string { return fmt.Sprintf("user resolution rule %q", m.Name.ValueString()) }

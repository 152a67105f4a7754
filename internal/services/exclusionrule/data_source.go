package exclusionrule

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var (
	_ datasource.DataSourceWithConfigure = &identifierDataSource{}
	_ datasource.DataSourceWithConfigure = &userDataSource{}
)

// NewIdentifierDataSource makes the data source servicenowsam_subscription_identifier_exclusion_rules.
func NewIdentifierDataSource() datasource.DataSource { return &identifierDataSource{} }

// NewUserDataSource makes the data source servicenowsam_subscription_user_exclusion_rules.
func NewUserDataSource() datasource.DataSource { return &userDataSource{} }

type (
	identifierDataSource struct{ tfkit.DataSource }
	userDataSource       struct{ tfkit.DataSource }
)

type ruleModel struct {
	ID          types.String `tfsdk:"id"`
	ProfileType types.String `tfsdk:"profile_type"`
	Domain      types.String `tfsdk:"domain"`
	Active      types.Bool   `tfsdk:"active"`
}

func newRuleModel(x sam.Exclusion) ruleModel {
	m := newModel(x)
	return ruleModel{ID: m.ID, ProfileType: m.ProfileType, Domain: m.Domain, Active: m.Active}
}

type identifiersModel struct {
	listModel
	Rules []identifierModel `tfsdk:"rules"`
}

type identifierModel struct {
	ruleModel
	SubscriptionIdentifier types.String `tfsdk:"subscription_identifier"`
}

type usersModel struct {
	listModel
	IncludePersonalData types.Bool  `tfsdk:"include_personal_data"`
	Rules               []userModel `tfsdk:"rules"`
}

type userModel struct {
	ruleModel
	UserPrincipalName types.String `tfsdk:"user_principal_name"`
}

func (d *identifierDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = identifierKind.typeName + "s"
}

func (d *userDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = userKind.typeName + "s"
}

func (d *identifierDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = identifierKind.rulesSchema("The vendor's product or plan that is excluded.")
}

func (d *userDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = userKind.rulesSchema("The user who is excluded; null unless `include_personal_data` is `true`.")
	resp.Schema.Attributes["include_personal_data"] = schema.BoolAttribute{
		Optional:            true,
		MarkdownDescription: "Tell which users the rules name (default `false`). They are personal data and end up in the state.",
	}
}

// rulesSchema is the schema of a list of rules.
func (k kind) rulesSchema(key string) schema.Schema {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return schema.Schema{
		MarkdownDescription: "The exclusion rules that leave out " + k.scope + ". " + effect + "\n\nRoles: `sam_user`.",
		Attributes: map[string]schema.Attribute{
			"profile_type": schema.StringAttribute{Optional: true, MarkdownDescription: "Only rules that name this profile type."},
			"active":       schema.BoolAttribute{Optional: true, MarkdownDescription: "Only rules that are, or are not, active."},
			"rules": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The rules, in the order of their `sys_id`.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":           text("The `sys_id` of the rule."),
					k.key:          text(key),
					"profile_type": text("Type of the integration profiles; null means all."),
					"domain":       text("Domain of the rule: a `sys_id`, or `global`."),
					"active":       schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the rule is active."},
				}},
			},
		},
	}
}

func (d *identifierDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config identifiersModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); resp.Diagnostics.HasError() {
		return
	}
	config.Rules = []identifierModel{}
	identifierKind.read(ctx, d.Meta, config.listModel, resp, func(x sam.Exclusion) {
		config.Rules = append(config.Rules, identifierModel{newRuleModel(x), types.StringValue(x.Key)})
	})
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}

func (d *userDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config usersModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); resp.Diagnostics.HasError() {
		return
	}
	config.Rules = []userModel{}
	userKind.read(ctx, d.Meta, config.listModel, resp, func(x sam.Exclusion) {
		name := types.StringNull()
		if config.IncludePersonalData.ValueBool() {
			name = types.StringValue(x.Key)
		}
		config.Rules = append(config.Rules, userModel{newRuleModel(x), name})
	})
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}

// read walks the rules that match.
func (k kind) read(ctx context.Context, meta *tfkit.Meta, config listModel, resp *datasource.ReadResponse, add func(sam.Exclusion)) {
	client, diags := meta.Client()
	if resp.Diagnostics.Append(diags...); diags.HasError() {
		return
	}
	what := string(k.ExclusionKind) + " exclusion rules"
	filter := config.filter()
	filter.OnHidden = tfkit.WarnHidden(&resp.Diagnostics, what)
	for x, err := range client.Exclusions.All(ctx, k.ExclusionKind, filter) {
		if err != nil {
			resp.Diagnostics.Append(tfkit.ErrorDiagnostic("list", what, err))
			return
		}
		add(x)
	}
}

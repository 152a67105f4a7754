package reclamationrule

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/tfkit"
)

var (
	_ datasource.DataSourceWithConfigure        = &ruleDataSource{}
	_ datasource.DataSourceWithConfigValidators = &ruleDataSource{}
)

// NewDataSource makes the data source servicenowsam_reclamation_rule.
func NewDataSource() datasource.DataSource { return &ruleDataSource{} }

type ruleDataSource struct{ tfkit.DataSource }

func (d *ruleDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = typeName
}

func (d *ruleDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	const oneOf = " Exactly one of `id`, `product` and `profile_type`."
	key := func(description string, validators ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: description + oneOf, Validators: validators}
	}
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	flag := func(description string) schema.BoolAttribute {
		return schema.BoolAttribute{Computed: true, MarkdownDescription: description}
	}
	days := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The reclamation rule of a product (`samp_sw_reclamation_rule`).\n\nRoles: `sam_user`.",
		Attributes: map[string]schema.Attribute{
			"id":                           key("The `sys_id` of the rule.", tfkit.SysID()),
			"product":                      key("Name of the product, such as `Trello Enterprise`.", tfkit.Name(255)...),
			"profile_type":                 key("Type of the integration profiles that bring the product's subscriptions.", tfkit.Name(255)...),
			"product_id":                   text("The `sys_id` of the product (`samp_sw_product`)."),
			"name":                         text("Name of the rule."),
			"last_activity_threshold":      days("*Last activity threshold*: a user without activity for so many days is stale."),
			"create_reclamation_candidate": flag("*Create reclamation candidate*."),
			"notify_user":                  flag("*Notify user*."),
			"days_before_auto_reclamation": days("*Days before auto-reclamation*; null where not set."),
			"assignment_group":             text("Name of the *Assignment group* that answers for the candidates."),
			"assignment_group_id":          text("The `sys_id` of that group (`sys_user_group`)."),
			"active":                       flag("Whether the rule is active."),
		},
	}
}

func (d *ruleDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("product"), path.MatchRoot("profile_type")),
	}
}

func (d *ruleDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	client, diags := d.Meta.Client()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	rule, diags := lookUp(ctx, client, &config)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	config.fromAPI(rule)
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}

// lookUp finds the rule by the key that is configured.
func lookUp(ctx context.Context, client *sam.Client, config *model) (sam.ReclamationRule, diag.Diagnostics) {
	if id := config.ID.ValueString(); id != "" {
		rule, err := client.Rules.Get(ctx, id)
		return rule, failed("read", *config, err)
	}
	product, diags := findProduct(ctx, client, *config)
	if diags.HasError() {
		return sam.ReclamationRule{}, diags
	}
	config.ProductID = tfkit.StringOrNull(product.SysID)
	rule, err := client.Rules.FindByProduct(ctx, product.SysID)
	return rule, failed("find", *config, err)
}

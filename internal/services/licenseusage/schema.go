package licenseusage

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func (d *usage) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The licence position: what is owned, assigned, used, idle and saved, per product, cost centre and " +
			"department, and in total.\n\n" +
			"Subscriptions and savings are counted as they are now; what the rights suffice for (`used`, `available`, `needed`, " +
			"`true_up_cost`, `over_licensed_amount`, `compliant`) is what the last reconciliation found, and null before the first one. " +
			"The parts of every figure add up to it: the cost centres of a product to the product, products, cost centres and " +
			"departments to the total. People without a cost centre, and subscriptions without a user, are in an entry of their own " +
			"whose `cost_center_id` is null.\n\n" +
			"Active subscriptions that an exclusion rule names are in `excluded` and in no other figure. Products that are measured in " +
			"units (SaaS consumption) have no subscriptions to count. It names no people.\n\n" +
			"Let it depend on the sync and the reconciliation that should come first (`depends_on`); otherwise it is read before them.\n\n" +
			"Roles: `sam_user`, which must be able to read all records of the tables: ServiceNow refuses to count what it hides.",
		Attributes: map[string]schema.Attribute{
			"as_of": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "The day (UTC, RFC 3339 full-date) that `stale`, `buckets` and the year of `actual_savings` are counted " +
					"from: the day of reading.",
			},
			"currency": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "Currency of all amounts (ISO 4217); null where the instance does not say.",
			},
			"reconciled_at": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "When the reconciliation was that the total rests on (RFC 3339); the oldest one where products were " +
					"reconciled at different times. Null before the first.",
			},
			"total": schema.SingleNestedAttribute{
				Computed:            true,
				MarkdownDescription: "Over all products.",
				Attributes:          merge(figureAttributes(), rightsAttributes()),
			},
			"products": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "Per product, in the order of their names.",
				NestedObject: schema.NestedAttributeObject{Attributes: merge(figureAttributes(), rightsAttributes(), map[string]schema.Attribute{
					"product_id": text("The `sys_id` of the product; null for subscriptions without one, whose identifier is not recognized."),
					"product":    text("Name of the product."),
					"publisher":  text("Name of its publisher."),
					"reconciled_at": text("When the last reconciliation went through the product (RFC 3339); null if none did. A warning " +
						"tells where entitlements or subscriptions changed since."),
					"cost_centers": costCentersAttribute("Per cost centre of the users."),
				})},
			},
			"cost_centers": costCentersAttribute("Per cost centre of the users, over all products."),
			"remediation_options": schema.ListNestedAttribute{
				Computed: true,
				MarkdownDescription: "What the last reconciliation offers to make good for missing rights, in the order of products and models. " +
					"Null on a ServiceNow instance, where it is in the workspace.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"type":           text("`purchase_rights`: buy the missing rights."),
					"product_id":     text("The `sys_id` of the product."),
					"product":        text("Name of the product."),
					"software_model": text("Name of the software model that lacks rights."),
					"rights":         count("How many."),
					"cost":           text("`rights` × average price per right. A decimal; 0 where no entitlement in force tells a price."),
				}},
			},
			"departments": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "Per department of the users, over all products, in the order of their names.",
				NestedObject: schema.NestedAttributeObject{Attributes: merge(figureAttributes(), map[string]schema.Attribute{
					"department_id": text("The `sys_id` of the department; null for people without one and subscriptions without a user."),
					"department":    text("Name of the department."),
				})},
			},
		},
	}
}

func costCentersAttribute(description string) schema.Attribute {
	return schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: description + " In the order of their names.",
		NestedObject: schema.NestedAttributeObject{Attributes: merge(figureAttributes(), map[string]schema.Attribute{
			"cost_center_id": text("The `sys_id` of the cost centre; null for people without one and subscriptions without a user."),
			"cost_center":    text("Name of the cost centre."),
		})},
	}
}

func figureAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"assigned": count("Subscriptions assigned: active software subscriptions that no exclusion rule names."),
		"stale": count("Of the assigned, those that the active reclamation rule of their product calls stale: neither active nor begun " +
			"within its threshold. People of whom the known activity tells nothing are not, on an embedded instance. Products without an " +
			"active rule add nothing; null where there is no such rule at all."),
		"percent_stale": schema.Float64Attribute{
			Computed: true,
			MarkdownDescription: "`stale` ÷ `assigned` × 100, of the products with an active rule, to one decimal place. The dashboard calls " +
				"it *unused*. Null where that is no number.",
		},
		"buckets": schema.MapAttribute{
			ElementType: types.Int64Type,
			Computed:    true,
			MarkdownDescription: "`assigned` by days since the last activity: `0-30`, `31-60`, `61-90`, `91-120`, `over_120`, and `never`. " +
				"Of these the workspace shows 30 (`0-30`), 120+ (`over_120`) and none (`never`).",
		},
		"unlicensed":   count("Of `assigned`, those that the last reconciliation found no right for."),
		"without_user": count("Of `assigned`, those without a user. They cannot be licensed."),
		"excluded": count("Active subscriptions that an exclusion rule names. Null on a ServiceNow instance, which does not say so; " +
			"they are in the other figures there."),
		"potential_savings": text("Sum of the potential savings of the open removal candidates."),
		"actual_savings": text("Sum of the potential savings of the removal candidates closed complete this year (UTC), without those whose " +
			"licence was restored."),
	}
}

func rightsAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"owned": count("Rights owned: sum of the active rights of the subscription entitlements (in use, and within their dates)."),
		"used":  count("Rights used: allocated ones, and those of users who have a subscription."),
		"available": count("`owned` − `used`, where `used` counts every user, as the reconciliation saw them; negative where rights are " +
			"missing, and 0 with an unlimited agreement."),
		"needed":               count("Rights needed: one for each unlicensed subscription."),
		"true_up_cost":         text("`needed` × average price per right. A decimal."),
		"over_licensed_amount": text("Unused rights × average price per right. A decimal."),
		"total_spend":          text("Sum of active rights × unit cost over the subscription entitlements, rounded to two places for each software model as a reconciliation does. A decimal."),
		"compliant": schema.BoolAttribute{
			Computed: true,
			MarkdownDescription: "Whether the rights suffice. Enterprise and unlimited agreements always do. In total: whether all products " +
				"are compliant.",
		},
	}
}

func count(description string) schema.Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
}

func text(description string) schema.Attribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func merge(parts ...map[string]schema.Attribute) map[string]schema.Attribute {
	all := map[string]schema.Attribute{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

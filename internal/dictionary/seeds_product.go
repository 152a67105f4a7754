package dictionary

import "slices"

// productSeeds is the content library for the vendors: publisher, product, the profile type it belongs to, and the
// definition that maps the vendor's identifier to the product.
func productSeeds() []Seed {
	const mapping = "samp_sw_subscription_product_definition is documented; ServiceNow's identifiers and publishers are assumed"
	var publishers, products, rest []Seed
	seen := map[string]bool{}
	for _, t := range ProfileTypes(Australia) {
		if t.Product == "" {
			continue
		}
		if !seen[t.Publisher] {
			seen[t.Publisher] = true
			publishers = append(publishers,
				Seed{Table: TableCompany, Key: t.Publisher, Certainty: Assumed, Source: mapping, Values: map[string]string{"name": t.Publisher}},
				Seed{
					Table: TablePublisher, Key: t.Publisher, Certainty: Assumed, Source: mapping,
					Values: map[string]string{PublisherName: t.Publisher, PublisherCompany: SeedID(TableCompany, t.Publisher)},
				})
		}
		product := SeedID(TableProduct, t.Product)
		products = append(products, Seed{
			Table: TableProduct, Key: t.Product, Certainty: Assumed, Source: mapping,
			Values: map[string]string{
				ProductName: t.Product, ProductPublisher: SeedID(TablePublisher, t.Publisher), "subscription_software": "true",
				"product_type": "licensable", ProductActive: "true",
			},
		})
		rest = append(rest,
			Seed{
				Table: TableProductProfileType, Key: t.Value, Certainty: Assumed, Source: mapping,
				Values: map[string]string{ProductTypeType: t.Value, ProductTypeRef: product},
			},
			Seed{
				Table: TableSubscriptionIntegration, Key: t.Value, Certainty: Assumed, Source: mapping,
				Values: map[string]string{"name": t.WorkspaceChoice, "profile_type": t.Value, "active": "true"},
			},
			Seed{
				Table: TableEntitlementDefinition, Key: t.Product, Certainty: Assumed, Source: mapping,
				Values: map[string]string{"name": t.Product, "product": product, "version_condition": "is anything", "edition_condition": "is anything"},
			},
			Seed{
				Table: TableProductDefinition, Key: t.Identifier, Certainty: Assumed, Source: mapping,
				Values: map[string]string{
					DefinitionID: t.Identifier, "subscription_integration": SeedID(TableSubscriptionIntegration, t.Value),
					"entitlement_definition": SeedID(TableEntitlementDefinition, t.Product), DefinitionProfile: t.Value,
					DefinitionProduct: product, DefinitionActive: "true",
				},
			})
	}
	return slices.Concat(publishers, products, rest)
}

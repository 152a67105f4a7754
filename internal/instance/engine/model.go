package engine

import (
	"context"
	"fmt"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// product is what a subscription identifier stands for.
type product struct {
	identifier  string
	id          string
	name        string
	displayName string // publisher and product
	publisher   string
	company     string // manufacturer of the model
	model       string // sys_id of the software model; empty before publishing
}

// definitionsSQL selects the active product definitions of the content library and, with custom = 1, of the customer. What a
// definition does not say itself is told by its subscription integration and its discovery map.
const definitionsSQL = `
	SELECT d.identifier, COALESCE(NULLIF(d.profile_type, ''), i.profile_type) AS profile_type, COALESCE(NULLIF(d.product, ''), e.product) AS product, 0 AS custom
	FROM samp_sw_subscription_product_definition d
	LEFT JOIN samp_sw_subscription_integration i ON i.sys_id = d.subscription_integration
	LEFT JOIN samp_sw_entitlement_definition e ON e.sys_id = d.entitlement_definition
	WHERE d.active = 1 AND d.identifier <> ''
	UNION ALL
	SELECT d.identifier, COALESCE(NULLIF(d.profile_type, ''), i.profile_type), COALESCE(NULLIF(d.product, ''), e.product), 1
	FROM samp_sw_custom_subscription_product_definition d
	LEFT JOIN samp_sw_custom_subscription_integration i ON i.sys_id = d.subscription_integration
	LEFT JOIN samp_custom_sw_entitlement_definition e ON e.sys_id = d.entitlement_definition
	WHERE d.active = 1 AND d.identifier <> ''`

// readDefinitions reads the products that identifiers stand for, by profile type, in the order of the identifiers. A
// customer's definition overrides the content library's; a definition without a product defines nothing.
func readDefinitions(ctx context.Context, tx *store.Tx) (map[string][]product, error) {
	rows, err := tx.Query(ctx, `SELECT d.profile_type, d.identifier, p.sys_id, p.name, COALESCE(b.name || ' ', '') || p.name, p.publisher, COALESCE(b.company, ''),
			COALESCE((SELECT min(m.sys_id) FROM cmdb_software_product_model m WHERE m.product = p.sys_id AND m.subscription_identifier = d.identifier), '')
		FROM (`+definitionsSQL+`) d JOIN samp_sw_product p ON p.sys_id = d.product LEFT JOIN samp_sw_publisher b ON b.sys_id = p.publisher
		WHERE d.profile_type <> '' ORDER BY d.profile_type, d.identifier, d.custom DESC, p.sys_id`)
	if err != nil {
		return nil, fmt.Errorf("read the product definitions: %w", err)
	}
	defer func() { _ = rows.Close() }()
	defined := map[string][]product{}
	for rows.Next() {
		var profileType string
		var p product
		if err := rows.Scan(&profileType, &p.identifier, &p.id, &p.name, &p.displayName, &p.publisher, &p.company, &p.model); err != nil {
			return nil, fmt.Errorf("read the product definitions: %w", err)
		}
		list := defined[profileType]
		if n := len(list); n > 0 && list[n-1].identifier == p.identifier {
			continue
		}
		defined[profileType] = append(list, p)
	}
	return defined, rows.Err()
}

// productsOf lists the products of a profile type, by its product definitions.
func productsOf(ctx context.Context, tx *store.Tx, t dictionary.ProfileType) ([]product, error) {
	defined, err := readDefinitions(ctx, tx)
	return defined[t.Value], err
}

// ensureModel finds the software model of a product and its identifier, or makes it.
func ensureModel(ctx context.Context, tx *store.Tx, p product) (store.Row, error) {
	if p.model != "" {
		return tx.Get(ctx, dictionary.TableSoftwareModel, p.model)
	}
	model, err := tx.Insert(ctx, dictionary.TableSoftwareModel, store.Row{
		dictionary.ModelName:         p.name,
		dictionary.ModelDisplayName:  p.displayName,
		dictionary.ModelManufacturer: p.company,
		dictionary.ModelProduct:      p.id,
		dictionary.ModelPublisher:    p.publisher,
		dictionary.ModelIdentifier:   p.identifier,
		dictionary.ModelStatus:       dictionary.ModelActive,
	})
	if err != nil {
		return nil, fmt.Errorf("create the software model of %s: %w", p.name, err)
	}
	return model, nil
}

// readProducts reads what the identifiers of the profile stand for. A definition that came to be after publishing gets its
// software model and its reclamation rule here.
func (f *refresh) readProducts(ctx context.Context) error {
	var missing bool
	read := func(tx *store.Tx) error {
		products, err := productsOf(ctx, tx, f.access.vendor)
		if err != nil {
			return err
		}
		f.products, missing = map[string]product{}, false
		assigned, err := assignedProducts(ctx, tx, f.profileID)
		if err != nil {
			return err
		}
		for _, p := range append(assigned, products...) { // a definition goes before an assignment
			f.products[p.identifier] = p
			missing = missing || p.model == ""
		}
		return nil
	}
	if err := f.engine.db.View(ctx, read); err != nil || !missing {
		return err
	}
	return f.run.update(ctx, func(tx *store.Tx) error {
		if err := read(tx); err != nil {
			return err
		}
		for _, p := range f.products {
			if p.model != "" {
				continue
			}
			if _, err := ensureModel(ctx, tx, p); err != nil {
				return err
			}
			if _, err := ensureRule(ctx, tx, p, f.access.vendor.ThresholdDays); err != nil {
				return err
			}
		}
		return read(tx)
	})
}

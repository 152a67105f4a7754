package sam

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
)

// LicenseUsage is the licence position: what is owned, used, idle and saved.
type LicenseUsage struct {
	AsOf     time.Time // the day (UTC) that days and the year are counted from
	Currency string    // of all amounts (ISO 4217); empty where the instance does not say
	// ExclusionsKnown tells whether the instance says which subscriptions exclusion rules name.
	ExclusionsKnown bool
	Products        []ProductUsage // in the order of their names
	CostCenters     []GroupUsage   // over all products, in the order of their names
	Departments     []GroupUsage   // over all products, in the order of their names
	Total           ProductUsage   // over all products; no product is named
	// Remediations are what the last reconciliation offers, in the order of product and model; nil where the instance does
	// not say.
	Remediations []RemediationOption
}

// ProductUsage is the licence position of a product.
type ProductUsage struct {
	SysID     string // empty for subscriptions without a product
	Name      string
	Publisher string
	UsageFigures
	UsageRights
	CostCenters []GroupUsage // in the order of their names
}

// GroupUsage is what the people of a cost centre or department have. SysID is empty for those who have none, and for
// subscriptions without a user.
type GroupUsage struct {
	SysID string
	Name  string
	UsageFigures
}

// LicenseUsage reads the licence position as of now: a fixed number of requests, whatever the number of subscriptions.
func (s *Subscriptions) LicenseUsage(ctx context.Context, now time.Time) (LicenseUsage, error) {
	instance, err := s.c.Instance(ctx)
	if err != nil {
		return LicenseUsage{}, err
	}
	r := &usageReader{c: s.c, today: now.UTC().Truncate(24 * time.Hour), cells: cells{}}
	if r.embedded, err = s.c.embedded(ctx); err != nil {
		return LicenseUsage{}, err
	}
	for _, read := range []func(context.Context) error{
		r.countActivity, r.countWithoutUser, r.countStale, r.addPotentialSavings, r.addActualSavings,
		r.addEntitlements, r.addResults, r.readNames,
	} {
		if err := read(ctx); err != nil {
			return LicenseUsage{}, err
		}
	}
	u := r.usage()
	if u.Remediations, err = r.remediations(ctx); err != nil {
		return LicenseUsage{}, err
	}
	u.Currency = instance.Currency
	return u, nil
}

// usageReader gathers the licence position.
type usageReader struct {
	c        *Client
	embedded bool
	today    time.Time

	cells  cells
	rights map[string]UsageRights // by product

	products    map[string]productName
	costCenters map[string]string
	departments map[string]string
}

type productName struct{ name, publisher string }

// usage adds the cells up.
func (r *usageReader) usage() LicenseUsage {
	u := LicenseUsage{AsOf: r.today, ExclusionsKnown: r.embedded}
	type productCenter struct{ product, costCenter string }
	centers := map[string]map[string]UsageFigures{}
	for at, f := range by(r.cells, func(c cell) productCenter { return productCenter{c.product, c.costCenter} }) {
		if centers[at.product] == nil {
			centers[at.product] = map[string]UsageFigures{}
		}
		centers[at.product][at.costCenter] = f
	}
	products := by(r.cells, func(c cell) string { return c.product })
	for product := range r.rights {
		if _, used := products[product]; !used {
			products[product] = UsageFigures{} // what is owned and not used is part of the position
		}
	}
	for product, f := range products {
		name, rights := r.products[product], r.rights[product]
		u.Products = append(u.Products, ProductUsage{
			SysID: product, Name: name.name, Publisher: name.publisher, UsageFigures: f, UsageRights: rights,
			CostCenters: groups(centers[product], r.costCenters),
		})
		u.Total.UsageFigures.add(f)
		u.Total.UsageRights.add(rights)
	}
	slices.SortFunc(u.Products, func(a, b ProductUsage) int { return byName(a.Name, b.Name, a.SysID, b.SysID) })
	u.CostCenters = groups(by(r.cells, func(c cell) string { return c.costCenter }), r.costCenters)
	u.Departments = groups(by(r.cells, func(c cell) string { return c.department }), r.departments)
	u.Total.CostCenters = u.CostCenters
	return u
}

func groups(figures map[string]UsageFigures, names map[string]string) []GroupUsage {
	list := make([]GroupUsage, 0, len(figures))
	for id, f := range figures {
		list = append(list, GroupUsage{SysID: id, Name: names[id], UsageFigures: f})
	}
	slices.SortFunc(list, func(a, b GroupUsage) int { return byName(a.Name, b.Name, a.SysID, b.SysID) })
	return list
}

// byName sorts by name; what has none comes last.
func byName(a, b, idA, idB string) int {
	if (a == "") != (b == "") {
		return -cmp.Compare(a, b)
	}
	return cmp.Or(strings.Compare(a, b), strings.Compare(idA, idB))
}

func (r *usageReader) readNames(ctx context.Context) error {
	products, costCenters, departments := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for at := range r.cells {
		products[at.product], costCenters[at.costCenter], departments[at.department] = true, true, true
	}
	for product := range r.rights {
		products[product] = true
	}
	const publisherName = dictionary.ProductPublisher + "." + dictionary.PublisherName
	rows, err := r.c.named(ctx, dictionary.TableProduct, slices.Collect(maps.Keys(products)), dictionary.ProductName, publisherName)
	if err != nil {
		return err
	}
	r.products = map[string]productName{}
	for id, row := range rows {
		r.products[id] = productName{row.Get(dictionary.ProductName), row.Get(publisherName)}
	}
	for _, group := range []struct {
		table string
		ids   map[string]bool
		names *map[string]string
	}{{dictionary.TableCostCenter, costCenters, &r.costCenters}, {dictionary.TableDepartment, departments, &r.departments}} {
		rows, err := r.c.named(ctx, group.table, slices.Collect(maps.Keys(group.ids)), dictionary.GroupName)
		if err != nil {
			return err
		}
		names := map[string]string{}
		for id, row := range rows {
			names[id] = row.Get(dictionary.GroupName)
		}
		*group.names = names
	}
	return nil
}

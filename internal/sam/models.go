package sam

import (
	"context"
	"iter"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// Models are the software models: what is licensed, and what subscriptions, entitlements and savings are counted by.
type Models struct{ c *Client }

// SoftwareModel is a software model.
type SoftwareModel struct {
	SysID                  string
	Name                   string
	DisplayName            string
	Status                 string // such as dictionary.ModelActive
	ProductSysID           string
	Product                string // name
	PublisherSysID         string
	Publisher              string // name
	Identifier             string // that it was made for; empty on ServiceNow
	LicenseUnderManagement bool
	Restricted             bool
}

// ModelFilter narrows a list of software models. Zero fields do not filter.
type ModelFilter struct {
	Publisher    string // name
	Product      string // name
	NameContains string // part of the display name, in any case of its letters
	Restricted   *bool
	// OnHidden is told how many matching rows the instance counted but did not show.
	OnHidden func(rows int)
}

// All walks the models in the order of their sys_id.
func (m *Models) All(ctx context.Context, f ModelFilter) iter.Seq2[SoftwareModel, error] {
	return func(yield func(SoftwareModel, error) bool) {
		fields := []string{
			dictionary.ModelName, dictionary.ModelDisplayName, dictionary.ModelStatus, dictionary.ModelProduct, dictionary.ModelPublisher,
			dictionary.ModelUnderManagement, dictionary.ModelRestricted,
		}
		embedded, err := m.c.embedded(ctx)
		if err != nil {
			yield(SoftwareModel{}, err)
			return
		}
		if embedded {
			fields = append(fields, dictionary.ModelIdentifier)
		}
		names := newNames(m.c.rest)
		records := m.c.rest.All(ctx, dictionary.TableSoftwareModel, f.query(), servicenow.WalkOptions{
			ReadOptions: servicenow.ReadOptions{Fields: fields}, OnHidden: f.OnHidden,
		})
		decodeEach(records, dictionary.TableSoftwareModel, func(r servicenow.Record) (SoftwareModel, error) {
			return decodeModel(ctx, r, names)
		})(yield)
	}
}

// Count counts the models.
func (m *Models) Count(ctx context.Context, f ModelFilter) (int, error) {
	n, err := m.c.rest.Count(ctx, dictionary.TableSoftwareModel, f.query())
	return n, explain(dictionary.TableSoftwareModel, err)
}

func (f ModelFilter) query() servicenow.Query {
	var q servicenow.Query
	if f.Publisher != "" {
		q = q.And(servicenow.Eq(dictionary.ModelPublisher+"."+dictionary.PublisherName, f.Publisher))
	}
	if f.Product != "" {
		q = q.And(servicenow.Eq(dictionary.ModelProduct+"."+dictionary.ProductName, f.Product))
	}
	if f.NameContains != "" {
		q = q.And(servicenow.Contains(dictionary.ModelDisplayName, f.NameContains))
	}
	if f.Restricted != nil {
		q = q.And(isBool(dictionary.ModelRestricted, *f.Restricted))
	}
	return q
}

func decodeModel(ctx context.Context, r servicenow.Record, names *names) (SoftwareModel, error) {
	m := SoftwareModel{
		SysID: r.ID(), Name: r.Get(dictionary.ModelName), DisplayName: r.Get(dictionary.ModelDisplayName), Status: r.Get(dictionary.ModelStatus),
		ProductSysID: r.Get(dictionary.ModelProduct), PublisherSysID: r.Get(dictionary.ModelPublisher), Identifier: r.Get(dictionary.ModelIdentifier),
		LicenseUnderManagement: r.Bool(dictionary.ModelUnderManagement), Restricted: r.Bool(dictionary.ModelRestricted),
	}
	var err error
	if m.Product, err = names.of(ctx, dictionary.TableProduct, m.ProductSysID); err != nil {
		return m, err
	}
	m.Publisher, err = names.of(ctx, dictionary.TablePublisher, m.PublisherSysID)
	return m, err
}

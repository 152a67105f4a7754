package sam

import (
	"context"
	"strconv"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

// Metering is what ServiceNow counts to charge for an application.
type Metering struct{ c *Client }

// ResourceCount is one count of the licensing job.
type ResourceCount struct {
	Application string
	Category    string
	Count       int
	Ratio       float64 // resources per subscription unit
	Units       float64 // subscription units
	Excluded    *int    // resources that exclusion rules keep out; nil where the instance does not tell, as on ServiceNow
	Status      string
	CountedAt   time.Time
}

// ResourceCountFilter narrows a list of counts. Empty fields do not filter.
type ResourceCountFilter struct {
	Application string
	Category    string
}

// meteringRows is how many of the newest rows are looked at: months of a job that writes a few rows a day.
const meteringRows = 1000

// Latest lists the newest count of every application and category, the newest first.
func (m *Metering) Latest(ctx context.Context, f ResourceCountFilter) ([]ResourceCount, error) {
	var query servicenow.Query
	if f.Application != "" {
		query = query.And(servicenow.Eq(dictionary.MeteringApplication, f.Application))
	}
	if f.Category != "" {
		query = query.And(servicenow.Eq(dictionary.MeteringCategory, f.Category))
	}
	fields := []string{
		dictionary.MeteringApplication, dictionary.MeteringCategory, dictionary.MeteringCount, dictionary.MeteringRatio,
		dictionary.MeteringUnits, dictionary.MeteringExcluded, dictionary.MeteringStatus, dictionary.SysCreatedOn,
	}
	records, err := m.c.rest.List(ctx, dictionary.TableMetering, query.OrderByDesc(dictionary.SysCreatedOn).OrderByDesc(dictionary.SysID),
		servicenow.ListOptions{ReadOptions: servicenow.ReadOptions{Fields: fields}, Limit: meteringRows})
	if err != nil {
		return nil, explain(dictionary.TableMetering, err)
	}
	counts := []ResourceCount{}
	seen := map[[2]string]bool{}
	for _, r := range records {
		key := [2]string{r.Get(dictionary.MeteringApplication), r.Get(dictionary.MeteringCategory)}
		if seen[key] {
			continue
		}
		seen[key] = true
		count, _ := r.Int(dictionary.MeteringCount)
		counts = append(counts, ResourceCount{
			Application: key[0], Category: key[1], Count: count, Ratio: decimal(r, dictionary.MeteringRatio),
			Units: decimal(r, dictionary.MeteringUnits), Excluded: optionalInt(r, dictionary.MeteringExcluded),
			Status: r.Get(dictionary.MeteringStatus), CountedAt: r.Time(dictionary.SysCreatedOn),
		})
	}
	return counts, nil
}

// decimal is the number in a column; 0 when it is empty.
func decimal(r servicenow.Record, column string) float64 {
	value, _ := strconv.ParseFloat(r.Get(column), 64)
	return value
}

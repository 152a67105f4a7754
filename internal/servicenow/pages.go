package servicenow

import (
	"context"
	"iter"
)

// DefaultPageSize is the number of rows asked for at a time.
const DefaultPageSize = 1000

// WalkOptions tells how All walks.
type WalkOptions struct {
	ReadOptions
	PageSize int // 0 means DefaultPageSize
	// OnHidden is told how many rows the instance counted but did not show, when the walk has ended.
	OnHidden func(rows int)
}

// All walks all records that match in the order of their sys_id, a page at a time. It pages by key, so that the cost of a
// page does not grow and rows that come or go do not shift the others. The query must have no order of its own.
//
// The instance applies a page's limit before it hides rows that the user may not read, so a short page is not the end,
// and a page may be empty because all its rows are hidden. The count of the first page tells whether to look further.
func (c *Client) All(ctx context.Context, table string, q Query, o WalkOptions) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		if q.impossible() {
			return
		}
		hidden := 0
		for _, part := range q.split() {
			w := walk{client: c, table: table, query: part, options: o}
			for {
				records, err := w.next(ctx)
				if err != nil {
					yield(nil, err)
					return
				}
				if len(records) == 0 {
					break
				}
				for _, record := range records {
					if !yield(record, nil) {
						return
					}
				}
			}
			hidden += w.hidden()
		}
		if hidden == 0 {
			return
		}
		c.log.WarnContext(ctx, "the instance hides rows from this user", "table", table, "hidden", hidden)
		if o.OnHidden != nil {
			o.OnHidden(hidden)
		}
	}
}

// walk is the position of one walk by key.
type walk struct {
	client  *Client
	table   string
	query   Query
	options WalkOptions

	last  string // sys_id of the last record seen
	seen  int
	total int // rows that matched when the walk began; -1 where the instance does not tell
	asked bool
	ended bool
}

// next gives the next records, or none when the walk has ended.
func (w *walk) next(ctx context.Context) ([]Record, error) {
	for offset := 0; !w.ended; offset += w.pageSize() {
		if offset > 0 && offset >= w.total-w.seen {
			break
		}
		p, err := w.page(ctx, offset)
		if err != nil {
			return nil, err
		}
		if !w.asked {
			w.asked, w.total = true, p.total
			// Only here is the count as old as the page, so that nothing can have come in between.
			w.ended = len(p.records) >= p.total && p.total >= 0
		}
		if len(p.records) > 0 {
			w.seen += len(p.records)
			w.last = p.records[len(p.records)-1].ID()
			return p.records, nil
		}
	}
	w.ended = true
	return nil, nil
}

func (w *walk) page(ctx context.Context, offset int) (page, error) {
	q := w.query
	if w.last != "" {
		q = q.And(Greater("sys_id", w.last))
	}
	return w.client.page(ctx, w.table, q.OrderBy("sys_id"), ListOptions{
		ReadOptions: w.options.ReadOptions, Limit: w.pageSize(), Offset: offset,
	}, !w.asked)
}

func (w *walk) pageSize() int {
	if w.options.PageSize > 0 {
		return w.options.PageSize
	}
	return DefaultPageSize
}

// hidden is how many rows the instance counted but did not show. Rows deleted during the walk count as well.
func (w *walk) hidden() int { return max(0, w.total-w.seen) }

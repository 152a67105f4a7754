package restapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/query"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// table serves /api/now/table/{table}.
func (c *call) table(table, version string) {
	switch {
	case !c.accepts():
	case c.faults.tableMissing(table):
		c.failWith("Query", &store.InvalidTableError{Table: table})
	case c.method == http.MethodGet || c.method == http.MethodHead:
		c.list(table, version)
	case c.method == http.MethodPost:
		c.insert(table)
	default:
		c.methodNotAllowed(http.MethodGet, http.MethodHead, http.MethodPost)
	}
}

func (c *call) list(table, version string) {
	p := readParameters(c.r.URL.Query())
	l := &listing{call: c, parameters: p, table: table, encoded: p.query(table), version: version}
	err := c.backend.View(c.r.Context(), func(tx *store.Tx) error { return l.run(c.r.Context(), tx) })
	switch {
	case err == nil:
	case l.out == nil:
		c.failWith("Query", err)
	default:
		l.breakOff(err)
	}
}

// listing is the answer to a list request. It is written while it is read.
type listing struct {
	*call
	parameters
	table, encoded, version string

	out   []byte // answer that has not been sent yet; nil before the first byte
	shown int
}

// flushAt is how much of an answer is collected before it is sent.
const flushAt = 32 << 10

func (l *listing) run(ctx context.Context, tx *store.Tx) error {
	options := store.FindOptions{
		Fields: l.fields, Limit: l.limit, Offset: l.offset,
		Lenient: true, Shuffle: true, Display: l.display != displayFalse,
	}
	impossible, err := l.impossible(tx)
	if err != nil {
		return err
	}
	if !l.is("sysparm_no_count") || l.method == http.MethodHead {
		total := 0
		if !impossible {
			if total, err = tx.CountWith(ctx, l.table, l.encoded, options); err != nil {
				return err
			}
		}
		l.w.Header().Set("X-Total-Count", strconv.Itoa(total))
		if !l.is("sysparm_suppress_pagination_header") {
			l.w.Header().Set("Link", l.links(total))
		}
	}
	if l.method == http.MethodHead {
		l.w.WriteHeader(http.StatusOK)
		return nil
	}
	if impossible {
		return l.finish()
	}
	hidden := l.faults.hiddenRows(l.table)
	if len(hidden) > 0 && len(options.Fields) > 0 {
		options.Fields = append(options.Fields[:len(options.Fields):len(options.Fields)], dictionary.SysID)
	}
	rows, err := tx.Select(ctx, l.table, l.encoded, options)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	if err := l.write(rows, hidden); err != nil {
		return err
	}
	return l.finish()
}

// impossible tells whether the query matches nothing because it is invalid and the instance is strict.
func (l *listing) impossible(tx *store.Tx) (bool, error) {
	_, err := tx.Compile(l.table, l.encoded, store.FindOptions{Lenient: !l.options.StrictQueries})
	if invalid := new(query.ConditionError); errors.As(err, &invalid) {
		return true, nil
	}
	return false, err
}

func (l *listing) write(rows *store.Rows, hidden map[string]bool) error {
	id := -1
	for i, f := range rows.Fields {
		if f.Name == dictionary.SysID {
			id = i
		}
	}
	added := len(hidden) > 0 && len(l.fields) > 0 && len(rows.Fields) > 0 && !contains(l.fields, dictionary.SysID)
	r := l.newRenderer(l.parameters, rows, added)
	for rows.Next() {
		if id >= 0 && hidden[rows.Value(id)] {
			continue
		}
		if l.out == nil {
			l.out = append(make([]byte, 0, flushAt+4096), `{"result":[`...)
		}
		if l.shown > 0 {
			l.out = append(l.out, ',')
		}
		l.out = r.row(l.out, rows)
		l.shown++
		if len(l.out) >= flushAt {
			if err := l.flush(); err != nil {
				return err
			}
		}
	}
	return rows.Err()
}

func (l *listing) flush() error {
	_, err := l.w.Write(l.out)
	l.out = l.out[:0]
	return err
}

// finish ends the answer. Version 1 of the API answers 404 to an empty list.
func (l *listing) finish() error {
	if l.shown == 0 && l.version == "v1" {
		l.notFound()
		return nil
	}
	if l.out == nil {
		l.out = []byte(`{"result":[`)
	}
	l.out = append(l.out, `]}`...)
	return l.flush()
}

// breakOff ends an answer that failed after its head was sent, the way ServiceNow does when it runs out of time.
func (l *listing) breakOff(err error) {
	l.options.Log.ErrorContext(l.r.Context(), "list broke off", "table", l.table, "rows", l.shown, "error", err)
	l.out = append(l.out, `],"error":{"message":`...)
	l.out = appendString(l.out, "Transaction cancelled: "+err.Error())
	l.out = append(l.out, `,"detail":null},"status":"failure"}`...)
	_ = l.flush()
}

// links is the Link header: the pages around this one.
func (l *listing) links(total int) string {
	last := 0
	if total > 0 {
		last = (total - 1) / l.limit * l.limit
	}
	pages := []struct {
		relation string
		offset   int
		shown    bool
	}{
		{"first", 0, true},
		{"prev", max(l.offset-l.limit, 0), l.offset > 0},
		{"next", l.offset + l.limit, l.offset+l.limit < total},
		{"last", last, true},
	}
	var links []string
	for _, p := range pages {
		if !p.shown {
			continue
		}
		values := url.Values{}
		for name, v := range l.values {
			values[name] = v
		}
		values.Set("sysparm_limit", strconv.Itoa(l.limit))
		values.Set("sysparm_offset", strconv.Itoa(p.offset))
		links = append(links, fmt.Sprintf(`<%s%s?%s>;rel="%s"`, l.origin(), l.r.URL.Path, values.Encode(), p.relation))
	}
	return strings.Join(links, ",")
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

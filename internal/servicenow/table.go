package servicenow

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Values are columns to write, in stored form.
type Values map[string]string

// ReadOptions tells what to read of a record.
type ReadOptions struct {
	// Fields are the columns to read; dot-walking is possible. Empty means all columns of the table that the user may read.
	Fields []string
	// Display asks for display values beside stored ones. It makes answers two to three times as large.
	Display bool
}

// ListOptions tells what to read of a list, and how much of it.
type ListOptions struct {
	ReadOptions
	Limit  int // 0 means DefaultPageSize
	Offset int
}

// NewSysID makes an id for a record that is about to be created.
func NewSysID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails, see crypto/rand
	return hex.EncodeToString(id[:])
}

func tablePath(table string, sysID ...string) (string, error) {
	if !columnName.MatchString(table) {
		return "", fmt.Errorf("%q is not a table name", table)
	}
	path := "/api/now/table/" + table
	for _, id := range sysID {
		if !validSysID(id) {
			return "", fmt.Errorf("%q is not a sys_id of table %s: it must be 32 hexadecimal digits", id, table)
		}
		path += "/" + id
	}
	return path, nil
}

func validSysID(id string) bool {
	_, err := hex.DecodeString(id)
	return len(id) == 32 && err == nil
}

// Get reads one record. ErrNotFound means gone, or hidden by an access rule.
func (c *Client) Get(ctx context.Context, table, sysID string, o ReadOptions) (Record, error) {
	path, err := tablePath(table, sysID)
	if err != nil {
		return nil, err
	}
	a, err := c.do(ctx, request{method: http.MethodGet, table: table, path: path, query: o.parameters(), replayable: true})
	if err != nil {
		return nil, err
	}
	return decodeRecord(table, a.result)
}

// List reads the records that match, at most Limit. The instance may hide some of them.
func (c *Client) List(ctx context.Context, table string, q Query, o ListOptions) ([]Record, error) {
	if q.impossible() {
		return nil, nil
	}
	p, err := c.page(ctx, table, q, o, false)
	return p.records, err
}

// Find reads the one record that matches. No match is ErrNotFound, several are ErrAmbiguous.
func (c *Client) Find(ctx context.Context, table string, q Query, o ReadOptions) (Record, error) {
	records, err := c.List(ctx, table, q.OrderBy("sys_id"), ListOptions{ReadOptions: o, Limit: 2})
	switch {
	case err != nil:
		return nil, err
	case len(records) == 0:
		return nil, &Error{Method: http.MethodGet, Table: table, Path: "/api/now/table/" + table, InProcess: c.inProcess, Err: ErrNotFound}
	case len(records) > 1:
		return nil, &Error{
			Method: http.MethodGet, Table: table, Path: "/api/now/table/" + table, InProcess: c.inProcess, Err: ErrAmbiguous,
			Detail: "such as " + records[0].ID() + " and " + records[1].ID(),
			Advice: "Name the one you mean by its sys_id",
		}
	}
	return records[0], nil
}

// Create inserts a record and answers with its sys_id and the written columns as the instance stored them. The sys_id in
// values, or a new one, is sent along, which makes the call repeatable. A column that was not stored is a
// *DroppedColumnError: then the record exists, and is returned beside the error. Columns named as rewritten may come back
// with another value, since the instance keeps things of its own in them.
func (c *Client) Create(ctx context.Context, table string, values Values, rewritten ...string) (Record, error) {
	path, err := tablePath(table)
	if err != nil {
		return nil, err
	}
	body := Values{"sys_id": NewSysID()}
	for column, value := range values {
		body[column] = value
	}
	for attempt := 0; ; attempt++ {
		record, err := c.insert(ctx, table, path, body)
		if err == nil {
			return record, verifyWritten(table, values, record, rewritten)
		}
		if ctx.Err() != nil || !maybeExecuted(err) {
			return nil, err
		}
		existing, readErr := c.Get(ctx, table, body["sys_id"], ReadOptions{Fields: writtenFields(body)})
		if readErr == nil {
			c.log.WarnContext(ctx, "the instance reported a failure, but created the record", "table", table,
				"sys_id", body["sys_id"], "error", err)
			return existing, verifyWritten(table, values, existing, rewritten)
		}
		if !errors.Is(readErr, ErrNotFound) || !c.mayInsertAgain(table, attempt, err) {
			return nil, err
		}
		if err := c.pause(ctx, attempt); err != nil {
			return nil, err
		}
	}
}

func (c *Client) insert(ctx context.Context, table, path string, body Values) (Record, error) {
	query := ReadOptions{Fields: writtenFields(body)}.parameters()
	a, err := c.do(ctx, request{method: http.MethodPost, table: table, path: path, query: query, body: body})
	if err != nil {
		return nil, err
	}
	record, err := decodeRecord(table, a.result)
	if err != nil {
		return nil, err
	}
	if id := record.ID(); id != "" && id != body["sys_id"] {
		c.idsIgnored.Store(table, true)
		c.log.WarnContext(ctx, "the instance does not honour client-chosen sys_ids; inserts will not be repeated", "table", table)
	}
	return record, nil
}

// maybeExecuted tells whether a failed insert may have created the record. A 403 may: an after rule failed, or the creator
// may not read what he made (KB2697679).
func maybeExecuted(err error) bool {
	return transient(err) && !errors.Is(err, ErrRateLimited) || errors.Is(err, ErrDenied) || errors.Is(err, ErrConflict)
}

func (c *Client) mayInsertAgain(table string, attempt int, err error) bool {
	_, ignored := c.idsIgnored.Load(table)
	return !ignored && transient(err) && attempt < maxAttempts-1
}

// Update changes columns of a record and answers with its sys_id and those columns as the instance stored them. A column
// that was not stored is a *DroppedColumnError, with the record beside it. See Create for rewritten.
func (c *Client) Update(ctx context.Context, table, sysID string, values Values, rewritten ...string) (Record, error) {
	path, err := tablePath(table, sysID)
	if err != nil {
		return nil, err
	}
	a, err := c.do(ctx, request{
		method: http.MethodPatch, table: table, path: path, body: values, replayable: true,
		query: ReadOptions{Fields: writtenFields(values)}.parameters(),
	})
	if err != nil {
		return nil, err
	}
	record, err := decodeRecord(table, a.result)
	if err != nil {
		return nil, err
	}
	return record, verifyWritten(table, values, record, rewritten)
}

// Delete deletes a record. A record that is gone counts as deleted.
func (c *Client) Delete(ctx context.Context, table, sysID string) error {
	path, err := tablePath(table, sysID)
	if err != nil {
		return err
	}
	_, err = c.do(ctx, request{method: http.MethodDelete, table: table, path: path, replayable: true})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// SetSecret stores encrypted (password2) columns. They need sysparm_input_display_value, which changes the meaning of all
// other columns; hence the request of its own. What was stored cannot be read back.
func (c *Client) SetSecret(ctx context.Context, table, sysID string, secrets Values) error {
	path, err := tablePath(table, sysID)
	if err != nil {
		return err
	}
	_, err = c.do(ctx, request{
		method: http.MethodPatch, table: table, path: path, body: secrets, replayable: true,
		query: url.Values{"sysparm_input_display_value": {"true"}, "sysparm_fields": {"sys_id"}},
	})
	return redact(err, secrets)
}

// redact removes secrets from what the instance said, should it repeat them.
func redact(err error, secrets Values) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	for _, secret := range secrets {
		if secret != "" {
			e.Message = strings.ReplaceAll(e.Message, secret, "(secret)")
			e.Detail = strings.ReplaceAll(e.Detail, secret, "(secret)")
		}
	}
	if rule := new(BusinessRuleError); errors.As(e.Err, &rule) {
		for _, secret := range secrets {
			if secret != "" {
				rule.Message = strings.ReplaceAll(rule.Message, secret, "(secret)")
			}
		}
	}
	return err
}

// page is one page of a list.
type page struct {
	records []Record
	total   int // rows that match, hidden ones included; -1 where not asked for or not told
}

func (c *Client) page(ctx context.Context, table string, q Query, o ListOptions, count bool) (page, error) {
	path, err := tablePath(table)
	if err != nil {
		return page{}, err
	}
	encoded, err := q.Encode()
	if err != nil {
		return page{}, fmt.Errorf("query %s: %w", table, err)
	}
	columns := q.columns()
	switch {
	case len(o.Fields) > 0:
		o.Fields = append(slices.Clone(o.Fields), columns...)
	case strings.Contains(strings.Join(columns, ""), "."):
		// Without fields the answer has no column of another table, so that the filter could not be checked.
		return page{}, fmt.Errorf("query %s: %w: a condition on a column of another table needs the fields to read", table, ErrBadQuery)
	}
	query := o.parameters()
	query.Set("sysparm_query", encoded)
	query.Set("sysparm_limit", strconv.Itoa(o.limit()))
	query.Set("sysparm_suppress_pagination_header", "true")
	if o.Offset > 0 {
		query.Set("sysparm_offset", strconv.Itoa(o.Offset))
	}
	if !count {
		query.Set("sysparm_no_count", "true")
	}
	a, err := c.do(ctx, request{method: http.MethodGet, table: table, path: path, query: query, replayable: true})
	if err != nil {
		return page{}, err
	}
	p := page{total: totalCount(a.header)}
	if err := json.Unmarshal(a.result, &p.records); err != nil {
		return page{}, fmt.Errorf("decode list of %s: %w", table, err)
	}
	for _, record := range p.records {
		if err := q.verify(table, record); err != nil {
			return page{}, err
		}
	}
	return p, nil
}

func totalCount(h http.Header) int {
	n, err := strconv.Atoi(h.Get("X-Total-Count"))
	if err != nil {
		return -1
	}
	return n
}

func (o ListOptions) limit() int {
	if o.Limit <= 0 {
		return DefaultPageSize
	}
	return o.Limit
}

func (o ReadOptions) parameters() url.Values {
	query := url.Values{"sysparm_exclude_reference_link": {"true"}, "sysparm_display_value": {"false"}}
	if o.Display {
		query.Set("sysparm_display_value", "all")
	}
	if len(o.Fields) > 0 {
		query.Set("sysparm_fields", strings.Join(unique(append([]string{"sys_id"}, o.Fields...)), ","))
	}
	return query
}

func writtenFields(values Values) []string {
	fields := make([]string, 0, len(values))
	for column := range values {
		fields = append(fields, column)
	}
	slices.Sort(fields)
	return fields
}

// verifyWritten compares what was sent with what the instance says it stored.
func verifyWritten(table string, sent Values, stored Record, rewritten []string) error {
	for _, column := range writtenFields(sent) {
		switch {
		case column == "sys_id":
		case !stored.Has(column):
			return &DroppedColumnError{Table: table, SysID: stored.ID(), Column: column, Hidden: true}
		case slices.Contains(rewritten, column):
		case !sameStored(sent[column], stored.Get(column)):
			return &DroppedColumnError{Table: table, SysID: stored.ID(), Column: column}
		}
	}
	return nil
}

// sameStored is same, and takes JSON for equal that differs in spacing and order only.
func sameStored(sent, stored string) bool {
	if same(sent, stored) {
		return true
	}
	if !strings.HasPrefix(sent, "{") {
		return false
	}
	var a, b any
	if json.Unmarshal([]byte(sent), &a) != nil || json.Unmarshal([]byte(stored), &b) != nil {
		return false
	}
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

func decodeRecord(table string, result json.RawMessage) (Record, error) {
	var record Record
	if err := json.Unmarshal(result, &record); err != nil {
		return nil, fmt.Errorf("decode record of %s: %w", table, err)
	}
	return record, nil
}

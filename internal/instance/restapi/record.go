package restapi

import (
	"context"
	"fmt"
	"net/http"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// record serves /api/now/table/{table}/{sys_id}.
func (c *call) record(table, sysID string) {
	if !c.accepts() {
		return
	}
	if c.faults.tableMissing(table) {
		c.failWith("Query", &store.InvalidTableError{Table: table})
		return
	}
	if c.faults.hiddenRows(table)[sysID] {
		c.notFound()
		return
	}
	switch c.method {
	case http.MethodGet, http.MethodHead:
		c.answerRow("Query", http.StatusOK, table, sysID)
	case http.MethodPut, http.MethodPatch:
		c.update(table, sysID)
	case http.MethodDelete:
		if err := c.backend.Delete(c.r.Context(), table, sysID); err != nil {
			c.failWith("Delete", err)
			return
		}
		c.w.Header().Del("Content-Type")
		c.w.WriteHeader(http.StatusNoContent)
	default:
		c.methodNotAllowed(http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete)
	}
}

func (c *call) insert(table string) {
	values, options, ok := c.input("Insert", table)
	if !ok {
		return
	}
	row, err := c.backend.Insert(c.r.Context(), table, values, options)
	if err != nil {
		c.failWith("Insert", err)
		return
	}
	if c.faults.deniesCreated(c) {
		c.denied("Insert", "")
		return
	}
	id := row[dictionary.SysID]
	c.w.Header().Set("Location", c.origin()+"/api/now/table/"+table+"/"+id)
	c.answerRow("Insert", http.StatusCreated, table, id)
}

func (c *call) update(table, sysID string) {
	values, options, ok := c.input("Update", table)
	if !ok {
		return
	}
	if _, err := c.backend.Update(c.r.Context(), table, sysID, values, options); err != nil {
		c.failWith("Update", err)
		return
	}
	c.answerRow("Update", http.StatusOK, table, sysID)
}

// answerRow answers with one row, in the form that the parameters ask for.
func (c *call) answerRow(operation string, status int, table, sysID string) {
	if operation != "Query" && c.r.Header.Get("X-No-Response-Body") == "true" {
		c.w.WriteHeader(status)
		return
	}
	var body []byte
	err := c.backend.View(c.r.Context(), func(tx *store.Tx) (err error) {
		body, err = c.oneRow(c.r.Context(), tx, table, sysID)
		return err
	})
	if err != nil {
		c.failWith(operation, err)
		return
	}
	c.w.WriteHeader(status)
	if c.method != http.MethodHead {
		_, _ = c.w.Write(body)
	}
}

func (c *call) oneRow(ctx context.Context, tx *store.Tx, table, sysID string) ([]byte, error) {
	notFound := fmt.Errorf("%w: %s %s", store.ErrNotFound, table, sysID)
	condition := "sys_id=" + sysID
	if !store.IsSysID(sysID) {
		// Not a condition that could be written into a query; the table has to exist all the same.
		if _, err := tx.Compile(table, "", store.FindOptions{}); err != nil {
			return nil, err
		}
		return nil, notFound
	}
	p := readParameters(c.r.URL.Query())
	rows, err := tx.Select(ctx, table, condition, store.FindOptions{Fields: p.fields, Limit: 1, Display: p.display != displayFalse})
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return nil, err
		}
		return nil, notFound
	}
	body := c.newRenderer(p, rows, false).row([]byte(`{"result":`), rows)
	return append(body, '}'), rows.Err()
}

package restapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// maxBody is the largest request body (glide.rest.max_content_length).
const maxBody = 10 << 20

// body reads the request body, and answers when that fails.
func (c *call) body() ([]byte, bool) {
	raw, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		length := "more than " + strconv.Itoa(maxBody)
		if c.r.ContentLength > 0 {
			length = strconv.FormatInt(c.r.ContentLength, 10)
		}
		c.fail(http.StatusBadRequest, "Exception while reading request",
			fmt.Sprintf("Rejected large REST payload with content-length = %s bytes. Max allowed: %d bytes", length, maxBody))
		return nil, false
	case err != nil:
		c.fail(http.StatusBadRequest, "Exception while reading request", err.Error())
		return nil, false
	}
	return raw, true
}

// input reads the values of a write. Columns that the table does not have are left out without a word; so are encrypted
// ones unless the values are display values, the application, which is global for everything that REST writes, and who
// wrote the row when.
func (c *call) input(operation, table string) (store.Row, store.WriteOptions, bool) {
	options := store.WriteOptions{InputDisplayValue: c.r.URL.Query().Get("sysparm_input_display_value") == "true"}
	raw, ok := c.body()
	if !ok {
		return nil, options, false
	}
	sent, err := decodeObject(raw)
	if err != nil {
		c.fail(http.StatusBadRequest, "Exception while reading request", err.Error())
		return nil, options, false
	}
	if _, known := dictionary.TableByName(table); !known {
		c.failWith(operation, &store.InvalidTableError{Table: table})
		return nil, options, false
	}
	values := store.Row{}
	for _, column := range dictionary.ColumnsOf(table) {
		value, given := sent[column.Name]
		switch {
		case !given, column.Name == dictionary.SysScope, audit(column.Name):
		case column.Type == dictionary.Password2 && !options.InputDisplayValue:
		case c.faults.columnDropped(table, column.Name):
		default:
			values[column.Name] = value
		}
	}
	if options.InputDisplayValue {
		if err := c.resolveDisplayValues(c.r.Context(), table, values); err != nil {
			c.failWith(operation, err)
			return nil, options, false
		}
	}
	return values, options, true
}

// audit tells whether a column tells who wrote a row when, which the instance does.
func audit(column string) bool {
	switch column {
	case dictionary.SysCreatedOn, dictionary.SysCreatedBy, dictionary.SysUpdatedOn, dictionary.SysUpdatedBy, dictionary.SysModCount:
		return true
	}
	return false
}

// resolveDisplayValues turns labels of choices and display values of references into stored values.
func (c *call) resolveDisplayValues(ctx context.Context, table string, values store.Row) error {
	for name, value := range values {
		column, _ := dictionary.ColumnOf(table, name)
		if column.Type != dictionary.Reference {
			values[name] = choiceValue(column, value)
			continue
		}
		target, known := dictionary.TableByName(column.Reference)
		if value == "" || store.IsSysID(value) || !known || target.Display == "" {
			continue
		}
		id, err := c.byDisplay(ctx, target, value)
		if err != nil {
			return err
		}
		values[name] = id
	}
	return nil
}

// byDisplay is the sys_id of the row with a display value; empty where there is none.
func (c *call) byDisplay(ctx context.Context, t dictionary.Table, display string) (string, error) {
	if strings.Contains(display, "^") { // it would begin another condition
		return "", &store.BusinessRuleError{
			Table: t.Name, Rule: "Display values", Message: fmt.Sprintf("a display value cannot contain ^: %q; write the sys_id", display),
		}
	}
	var found string
	err := c.backend.View(ctx, func(tx *store.Tx) error {
		s, err := tx.Find(ctx, t.Name, t.Display+"="+display+"^ORDERBYsys_id", store.FindOptions{Fields: []string{dictionary.SysID}, Limit: 1})
		if err == nil && len(s) > 0 {
			found = s[0][dictionary.SysID]
		}
		return err
	})
	return found, err
}

// decodeObject reads the body of a write: one object, or the first of several. Scalars become strings; anything else is
// left out.
func decodeObject(raw []byte) (map[string]string, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return map[string]string{}, nil
	}
	if raw[0] == '[' {
		var several []json.RawMessage
		if err := json.Unmarshal(raw, &several); err != nil {
			return nil, err
		}
		if len(several) == 0 {
			return map[string]string{}, nil
		}
		raw = several[0]
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return nil, err
	}
	if decoder.More() {
		return nil, errors.New("there is more than one JSON value")
	}
	values := make(map[string]string, len(object))
	for name, value := range object {
		switch v := value.(type) {
		case string:
			values[name] = v
		case bool:
			values[name] = strconv.FormatBool(v)
		case json.Number:
			values[name] = v.String()
		case nil:
			values[name] = ""
		}
	}
	return values, nil
}

package restapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// renderer writes rows as ServiceNow does: every value a string, references in one of six shapes.
type renderer struct {
	origin      string
	display     displayMode
	excludeLink bool
	keys        [][]byte // `"name":` of each field, with the comma before it
	skipLast    bool     // the last field was added by us and is not shown
}

func (c *call) newRenderer(p parameters, rows *store.Rows, skipLast bool) *renderer {
	r := &renderer{origin: c.origin(), display: p.display, excludeLink: p.excludeLink, skipLast: skipLast}
	for i, f := range rows.Fields {
		key := appendString(nil, f.Name)
		if i > 0 {
			key = append([]byte{','}, key...)
		}
		r.keys = append(r.keys, append(key, ':'))
	}
	return r
}

func (r *renderer) row(b []byte, rows *store.Rows) []byte {
	b = append(b, '{')
	for i, f := range rows.Fields {
		if r.skipLast && i == len(rows.Fields)-1 {
			break
		}
		b = append(b, r.keys[i]...)
		b = r.value(b, f.Column, rows.Value(i), rows.Display(i))
	}
	return append(b, '}')
}

func (r *renderer) value(b []byte, column dictionary.Column, value, display string) []byte {
	switch {
	case column.Type == dictionary.Password2:
		value, display = masked(value), ""
	case column.Type != dictionary.Reference:
		display = displayOf(column, value)
	case column.Name == dictionary.SysDomain:
		display = value
	}
	linked := column.Type == dictionary.Reference && !r.excludeLink && value != ""
	switch r.display {
	case displayAll:
		b = append(b, `{"display_value":`...)
		b = appendString(b, display)
		b = append(b, `,"value":`...)
		b = appendString(b, value)
		if linked {
			b = append(b, `,"link":`...)
			b = appendString(b, r.link(column, value))
		}
		return append(b, '}')
	case displayTrue:
		if !linked {
			return appendString(b, display)
		}
		b = append(b, `{"display_value":`...)
		b = appendString(b, display)
		b = append(b, `,"link":`...)
		b = appendString(b, r.link(column, value))
		return append(b, '}')
	default:
		if !linked {
			return appendString(b, value)
		}
		b = append(b, `{"link":`...)
		b = appendString(b, r.link(column, value))
		b = append(b, `,"value":`...)
		b = appendString(b, value)
		return append(b, '}')
	}
}

func (r *renderer) link(column dictionary.Column, value string) string {
	table := column.Reference
	if column.Name == dictionary.SysDomain {
		table = dictionary.TableUserGroup // as seen on instances, also for the pseudo id "global"
	}
	return r.origin + "/api/now/table/" + table + "/" + value
}

// displayOf is the display value of a value that is not a reference.
func displayOf(column dictionary.Column, value string) string {
	for _, c := range column.Choices {
		if c.Value == value {
			return c.Label
		}
	}
	return value
}

// masked is what a sealed secret reads back as: it changes with every write and tells neither the secret nor the sealed
// value.
func masked(sealed string) string {
	if sealed == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("servicenowsam password2\x00" + sealed))
	return "ENC:" + base64.StdEncoding.EncodeToString(sum[:])
}

// appendString appends s as a JSON string.
func appendString(b []byte, s string) []byte {
	plain := strings.IndexFunc(s, func(r rune) bool {
		return r < 0x20 || r == '"' || r == '\\' || r == '\uFFFD' || r == '\u2028' || r == '\u2029'
	}) < 0
	if plain {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"')
	}
	encoded, err := json.Marshal(s)
	if err != nil {
		return append(b, `""`...)
	}
	return append(b, encoded...)
}

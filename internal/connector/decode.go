package connector

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// badAnswer is a 2xx answer that cannot be understood.
type badAnswer struct {
	reason string
	advice string
}

func (e *badAnswer) Error() string { return e.reason }

const adviceSomethingBetween = "A proxy, a login page or a maintenance page may have answered instead; check the connection URL and the network"

// notHTML refuses a web page. Where a success has nothing to say, a login page of a proxy would pass for one.
func notHTML(body []byte, contentType string) error {
	if strings.HasPrefix(contentType, "text/html") || bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("<")) {
		return &badAnswer{reason: "an HTML page came instead of JSON", advice: adviceSomethingBetween}
	}
	return nil
}

// decodeJSON decodes an answer and says in words what is wrong with one that is not JSON.
func decodeJSON(body []byte, contentType string, decode func([]byte) error) error {
	if err := notHTML(body, contentType); err != nil {
		return err
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return &badAnswer{reason: "the answer is empty", advice: adviceSomethingBetween}
	}
	err := decode(body)
	if err == nil {
		return nil
	}
	var syntax *json.SyntaxError
	var shape *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(body)):
		return &badAnswer{
			reason: fmt.Sprintf("the JSON is truncated after %d bytes", len(body)),
			advice: "The connection was cut or the vendor failed while answering; run again",
		}
	case errors.As(err, &syntax):
		return &badAnswer{reason: fmt.Sprintf("the answer is not JSON (byte %d)", syntax.Offset), advice: adviceSomethingBetween}
	case errors.As(err, &shape):
		return &badAnswer{
			reason: fmt.Sprintf("the JSON has an unexpected shape: %s is a %s", orRoot(shape.Field), shape.Value),
			advice: "The vendor's API may have changed; report this with the version of the provider",
		}
	}
	return &badAnswer{reason: err.Error(), advice: "The vendor's API may have changed; report this with the version of the provider"}
}

func orRoot(field string) string {
	if field == "" {
		return "the document"
	}
	return field
}

// snippet is the beginning of an answer for a message: one line, at most 200 bytes, without secrets.
func snippet(body []byte, r *Redactor) string {
	const most = 200
	// Redact before cutting, so that no half of a secret is left at the cut.
	head := body[:min(len(body), 16<<10)]
	text := strings.Join(strings.Fields(r.Text(strings.ToValidUTF8(string(head), "?"))), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most-3], "") + "..."
	}
	return text
}

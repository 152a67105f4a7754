package connector

import (
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a value that never prints itself: not with fmt, not in JSON, not in logs.
type Secret struct{ value string }

// NewSecret wraps a clear text.
func NewSecret(value string) Secret { return Secret{value: value} }

// Reveal returns the clear text. Call it only where it goes onto the wire or into the seal.
func (s Secret) Reveal() string { return s.value }

// Empty tells whether there is no secret.
func (s Secret) Empty() bool { return s.value == "" }

// String implements fmt.Stringer.
func (s Secret) String() string { return redacted }

// GoString implements fmt.GoStringer.
func (s Secret) GoString() string { return redacted }

// Format implements fmt.Formatter, so that no verb reaches the value.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText implements encoding.TextMarshaler.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

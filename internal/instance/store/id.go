package store

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"
)

// NewSysID makes a sys_id: 48 bits of time in milliseconds, so that new rows are appended to the index, then 80 random bits.
func NewSysID(now time.Time) string {
	var b [16]byte
	ms := uint64(now.UnixMilli()) //nolint:gosec // times before 1970 do not occur, and would only lose their order
	for i := range 6 {
		b[i] = byte(ms >> (8 * (5 - i)))
	}
	_, _ = rand.Read(b[6:]) // never fails: it ends the program instead
	return hex.EncodeToString(b[:])
}

// IsSysID tells whether s has the form of a sys_id: 32 lower-case hexadecimal digits.
func IsSysID(s string) bool {
	if len(s) != 32 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// newUUID makes a random (version 4) UUID.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:])
}

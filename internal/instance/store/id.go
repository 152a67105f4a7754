package store

import (
	"crypto/rand"
	"encoding/binary"
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

// SysIDs makes sys_ids for rows that are inserted together. Each is greater than the one before, so that all of them are
// appended to the index. It is for one goroutine.
type SysIDs struct {
	prefix [8]byte // 48 bits of time and 16 random bits
	next   uint64
}

// NewSysIDs begins at a random place behind the time.
func NewSysIDs(now time.Time) *SysIDs {
	var b [16]byte
	_, _ = hex.Decode(b[:], []byte(NewSysID(now)))
	return &SysIDs{prefix: [8]byte(b[:8]), next: binary.BigEndian.Uint64(b[8:]) >> 1} // with room to count
}

// Next is the next sys_id.
func (s *SysIDs) Next() string {
	var b [16]byte
	copy(b[:], s.prefix[:])
	binary.BigEndian.PutUint64(b[8:], s.next)
	s.next++
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

package connector

import (
	"sync"
	"time"
)

// handoverAge is how long what was read about a person may wait for the call that uses it. It is short, because a write
// rests on it.
const handoverAge = 10 * time.Second

// Handover passes what one call has just read about a person to the next call about the same person, so that it is not
// read twice. Only one Take gets an entry. The zero value is ready, and safe for use by several goroutines.
type Handover[T any] struct {
	mu      sync.Mutex
	entries map[string]handedOver[T]
}

type handedOver[T any] struct {
	value T
	at    time.Time
}

// Put keeps a value until it is taken or too old. At is when its reading began.
func (h *Handover[T]) Put(person string, value T, at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.entries == nil {
		h.entries = map[string]handedOver[T]{}
	}
	for other, entry := range h.entries {
		if at.Sub(entry.at) > handoverAge {
			delete(h.entries, other)
		}
	}
	h.entries[person] = handedOver[T]{value, at}
}

// Take returns the value and forgets it; false where there is none that is young enough.
func (h *Handover[T]) Take(person string, now time.Time) (T, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	value, ok := h.find(person, now)
	delete(h.entries, person)
	return value, ok
}

// Peek is Take without forgetting.
func (h *Handover[T]) Peek(person string, now time.Time) (T, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.find(person, now)
}

func (h *Handover[T]) find(person string, now time.Time) (T, bool) {
	entry, ok := h.entries[person]
	if !ok || now.Sub(entry.at) > handoverAge {
		var none T
		return none, false
	}
	return entry.value, true
}

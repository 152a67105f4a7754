package asana

import (
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// sign is one sign of activity.
type sign struct {
	gid string
	at  time.Time
}

// ledger keeps the latest sign of each person and emits what is new, so that a person who did a thousand things is not
// reported a thousand times.
type ledger struct {
	since  time.Time
	seats  map[string]struct{} // who matters; nil means everybody
	latest map[string]int64    // Unix milliseconds
	fresh  map[string]struct{} // whose latest sign was not emitted yet
	emit   func([]connector.Event) error
	batch  []connector.Event
}

const ledgerBatch = 1000

func newLedger(since time.Time, emit func([]connector.Event) error) *ledger {
	return &ledger{since: since, latest: map[string]int64{}, fresh: map[string]struct{}{}, emit: emit}
}

// add takes signs in. What was before the look-back, and what nobody did, is left out.
func (l *ledger) add(signs ...sign) {
	for _, s := range signs {
		if s.gid == "" || s.at.Before(l.since) {
			continue
		}
		if l.seats != nil {
			if _, holds := l.seats[s.gid]; !holds {
				continue
			}
		}
		if at := s.at.UnixMilli(); at > l.latest[s.gid] {
			l.latest[s.gid] = at
			l.fresh[s.gid] = struct{}{}
		}
	}
}

// full tells whether so much is waiting that it should be emitted.
func (l *ledger) full() bool { return len(l.fresh) >= ledgerBatch }

// flush emits what is waiting.
func (l *ledger) flush() error {
	for gid := range l.fresh {
		l.batch = append(l.batch, connector.Event{ExternalUserID: gid, At: time.UnixMilli(l.latest[gid]).UTC()})
		if len(l.batch) == ledgerBatch {
			if err := l.send(); err != nil {
				return err
			}
		}
	}
	clear(l.fresh)
	return l.send()
}

func (l *ledger) send() error {
	if len(l.batch) == 0 {
		return nil
	}
	err := l.emit(l.batch)
	l.batch = l.batch[:0]
	return err
}

// allFinal tells whether nothing up to a time can be news about anybody who matters.
func (l *ledger) allFinal(at time.Time) bool {
	if l.seats == nil || len(l.latest) < len(l.seats) {
		return false
	}
	limit := at.UnixMilli()
	for _, known := range l.latest {
		if known < limit {
			return false
		}
	}
	return true
}

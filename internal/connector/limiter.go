package connector

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// ErrWaitTooLong means that a rate limit asks for a wait that would outlast the context's deadline.
var ErrWaitTooLong = errors.New("the wait for the rate limit would outlast the time left")

// windowSlack is added to every window, because the vendor sees requests at other distances than we send them.
const windowSlack = 250 * time.Millisecond

// Budget is a vendor's limit on one class of requests: no more than Requests in any stretch of Per.
type Budget struct {
	Name     string
	Requests int
	Per      time.Duration
	// Burst is how many requests may go out at once before they are spread evenly over Per; 0 means all of them.
	Burst int
}

// RateState is what a vendor's answer says about a budget.
type RateState struct {
	Max       int // 0 where unknown
	Remaining int // -1 where unknown
}

// Limiter keeps one budget: a token bucket spreads the requests, and a hard window holds back any that the bucket would
// let through too early. It is safe for use by several goroutines.
type Limiter struct {
	budget Budget
	clock  Clock

	mu        sync.Mutex
	bucket    *rate.Limiter
	window    []time.Time // when the last requests were let through, oldest first, at most budget.Requests
	heldUntil time.Time
}

// NewLimiter makes a limiter. A nil clock is the system's.
func NewLimiter(b Budget, clock Clock) *Limiter {
	if clock == nil {
		clock = SystemClock{}
	}
	if b.Burst <= 0 || b.Burst > b.Requests {
		b.Burst = b.Requests
	}
	every := rate.Every(b.Per / time.Duration(b.Requests))
	return &Limiter{budget: b, clock: clock, bucket: rate.NewLimiter(every, b.Burst)}
}

var shared = struct {
	sync.Mutex
	limiters map[string]*Limiter
}{limiters: map[string]*Limiter{}}

// SharedLimiter returns the limiter that everything in this process uses for one budget of one credential, so that two
// connectors of the same account do not each spend the whole budget. The secret is only hashed. Clock is the system's.
func SharedLimiter(b Budget, host string, credential Secret) *Limiter {
	sum := sha256.Sum256([]byte(credential.Reveal()))
	key := b.Name + "\x00" + host + "\x00" + hex.EncodeToString(sum[:])
	shared.Lock()
	defer shared.Unlock()
	l, ok := shared.limiters[key]
	if !ok {
		l = NewLimiter(b, nil)
		shared.limiters[key] = l
	}
	return l
}

// Wait returns when the next request may go out. It fails at once with ErrWaitTooLong where that is after the context's
// deadline.
func (l *Limiter) Wait(ctx context.Context) error { return l.wait(ctx, -1) }

// wait is Wait for a caller who waits for no more than most; negative means any time.
func (l *Limiter) wait(ctx context.Context, most time.Duration) error {
	begin, left := l.clock.Now(), most
	for {
		if most >= 0 {
			left = max(most-l.clock.Now().Sub(begin), 0)
		}
		delay, err := l.reserve(ctx, left)
		if err != nil {
			return err
		}
		if err := l.clock.Sleep(ctx, delay); err != nil {
			return err
		}
		// Another request may have been told to hold while this one waited for its turn.
		if !l.held() {
			return nil
		}
	}
}

func (l *Limiter) held() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.heldUntil.After(l.clock.Now())
}

func (l *Limiter) reserve(ctx context.Context, most time.Duration) (time.Duration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	at := now
	if l.heldUntil.After(at) {
		at = l.heldUntil
	}
	if len(l.window) >= l.budget.Requests {
		if free := l.window[len(l.window)-l.budget.Requests].Add(l.budget.Per + windowSlack); free.After(at) {
			at = free
		}
	}
	reservation := l.bucket.ReserveN(at, 1)
	at = at.Add(reservation.DelayFrom(at))
	delay := at.Sub(now)
	err := enoughTime(ctx, delay, l.budget.Name)
	if err == nil && most >= 0 && delay > most {
		err = waitTooLong(l.budget.Name, delay, most)
	}
	if err != nil {
		reservation.CancelAt(now)
		return 0, err
	}
	l.window = append(l.window, at)
	if len(l.window) > l.budget.Requests {
		l.window = append(l.window[:0], l.window[len(l.window)-l.budget.Requests:]...)
	}
	return delay, nil
}

// Hold lets no request through for d.
func (l *Limiter) Hold(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := l.clock.Now().Add(d); until.After(l.heldUntil) {
		l.heldUntil = until
	}
}

// Observe takes in what the vendor says: a lower maximum is kept from now on, and with nothing remaining the limiter
// waits until the first request of the present window is old enough.
func (l *Limiter) Observe(s RateState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.Max > 0 && s.Max < l.budget.Requests {
		l.budget.Requests = s.Max
		l.budget.Burst = min(l.budget.Burst, s.Max)
		l.bucket.SetLimit(rate.Every(l.budget.Per / time.Duration(s.Max)))
		l.bucket.SetBurst(l.budget.Burst)
	}
	if s.Remaining != 0 {
		return
	}
	now := l.clock.Now()
	first := now
	for _, t := range l.window {
		if now.Sub(t) < l.budget.Per {
			first = t
			break
		}
	}
	if until := first.Add(l.budget.Per + windowSlack); until.After(l.heldUntil) {
		l.heldUntil = until
	}
}

// enoughTime compares with the machine's clock, because a context's deadline is on it.
func enoughTime(ctx context.Context, wait time.Duration, what string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	deadline, ok := ctx.Deadline()
	if !ok || wait <= 0 {
		return nil
	}
	if left := time.Until(deadline); left < wait {
		return waitTooLong(what, wait, left)
	}
	return nil
}

func waitTooLong(what string, wait, left time.Duration) error {
	return fmt.Errorf("%w: %s asks for %s, and %s are left; allow more time or run again later",
		ErrWaitTooLong, what, wait.Round(time.Second), left.Round(time.Second))
}

package asana

import (
	"context"
	"sync"
	"time"
)

// piece is a part of history that can be read by itself: a task with its stories, or a slice of the audit log.
type piece struct {
	// floor is down to when everything has been seen once this piece and all before it are read.
	floor time.Time
	// whole is all that the piece is about, where it stands for itself whatever became of the pieces before it.
	whole span
	signs []sign // known without reading
	// read finds further signs; nil where there are none.
	read func(ctx context.Context, found func([]sign)) error
}

// sweep reads pieces of history from the newest to the oldest, several at a time, and keeps track of how far down
// everything has been seen.
type sweep struct {
	workers int
	ledger  *ledger
	// find hands over the pieces, the newest first.
	find func(ctx context.Context, hand func(piece) error) error
	// enough tells whether nothing older than a time matters any more; nil means never.
	enough func(time.Time) bool
	// covered is told which spans have been seen.
	covered func(span)
	// progress is told about every so many pieces.
	progress func(pieces int, floor time.Time)
}

type ticket struct {
	piece
	done bool
}

type found struct {
	ticket *ticket
	signs  []sign
	done   bool
	err    error
}

const progressEvery = 1000

// run sweeps a span. What it has seen of it when it ends early is covered nevertheless.
func (s *sweep) run(ctx context.Context, within span) error {
	reached, err := s.descend(ctx, within)
	s.covered(span{From: reached, To: within.To})
	return err
}

// descend returns down to when everything has been seen, which is the span's beginning unless there is an error as well.
func (s *sweep) descend(ctx context.Context, within span) (reached time.Time, err error) {
	ctx, cancel := context.WithCancel(ctx)
	var working sync.WaitGroup
	defer working.Wait()
	defer cancel()

	handed, jobs, results := make(chan *ticket), make(chan *ticket), make(chan found, s.workers)
	var findErr error
	working.Go(func() {
		defer close(handed)
		defer close(jobs)
		findErr = s.find(ctx, func(p piece) error { return handOver(ctx, &ticket{piece: p}, handed, jobs) })
	})
	for range s.workers {
		working.Go(func() { work(ctx, jobs, results) })
	}

	var queue []*ticket
	reached, finished := within.To, 0
	for handed != nil || len(queue) > 0 {
		select {
		case <-ctx.Done():
			// Workers do not report any more.
			return reached, ctx.Err()
		case t, open := <-handed:
			if !open {
				if findErr != nil {
					return reached, findErr
				}
				handed = nil
				continue
			}
			s.ledger.add(t.signs...)
			t.done = t.read == nil
			queue = append(queue, t)
		case f := <-results:
			s.ledger.add(f.signs...)
			if f.err != nil {
				return reached, f.err
			}
			if f.done {
				f.ticket.done = true
				s.covered(f.ticket.whole)
			}
		}
		before := finished
		for len(queue) > 0 && queue[0].done {
			reached = earlier(reached, queue[0].floor)
			queue[0] = nil
			queue = queue[1:]
			finished++
		}
		if s.ledger.full() {
			if err := s.ledger.flush(); err != nil {
				return reached, err
			}
		}
		if finished/pageSize > before/pageSize && s.enough != nil && s.enough(reached) {
			return within.From, nil
		}
		if finished/progressEvery > before/progressEvery {
			s.progress(finished, reached)
		}
	}
	return within.From, nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// handOver tells first of a piece and then has it read, so that the order of pieces is known.
func handOver(ctx context.Context, t *ticket, handed, jobs chan<- *ticket) error {
	select {
	case handed <- t:
	case <-ctx.Done():
		return ctx.Err()
	}
	if t.read == nil {
		return nil
	}
	select {
	case jobs <- t:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func work(ctx context.Context, jobs <-chan *ticket, results chan<- found) {
	send := func(f found) {
		select {
		case results <- f:
		case <-ctx.Done():
		}
	}
	for t := range jobs {
		err := t.read(ctx, func(signs []sign) { send(found{ticket: t, signs: signs}) })
		send(found{ticket: t, done: err == nil, err: err})
	}
}

package connector

import (
	"context"
	"errors"
	"fmt"
)

// ErrLoop means that a vendor's pages repeat or do not end.
var ErrLoop = errors.New("the vendor's pages repeat or do not end")

// Offsets is a list that is read by offset. A page is the end when it is empty.
type Offsets struct {
	First int // offset of the first item, 0 or 1
	Size  int // items asked for per page
	Last  int // the highest offset that the vendor takes; 0 means any
	// Expected is about how many items there are. Pages up to there are fetched ahead; 0 fetches one after the other.
	Expected int
	// Ahead is how many pages are fetched at the same time.
	Ahead int
}

// ErrOffsetsEnd means that the list goes on beyond the highest offset that the vendor takes.
var ErrOffsetsEnd = errors.New("the list is longer than the vendor's offsets reach")

// Fetch reads the page at an offset and tells how many items it holds. It is called from several goroutines.
type Fetch[P any] func(ctx context.Context, offset int) (page P, items int, err error)

type fetched[P any] struct {
	page  P
	items int
	err   error
}

// WalkOffsets reads a list to its end and hands its pages to emit in order. emit tells how many items of the page were
// new; a page with nothing new is ErrLoop, since an offset list that repeats cannot be trusted to end. A vendor that
// gives shorter pages than asked for is followed item by item, so that nobody is skipped.
func WalkOffsets[P any](ctx context.Context, o Offsets, fetch Fetch[P], emit func(P) (fresh int, err error)) error {
	next, ahead := o.First, max(o.Ahead, 1)
	for {
		walked, short, err := walkStride(ctx, o, next, ahead, fetch, emit)
		if err != nil || !short {
			return err
		}
		next, ahead = walked, 1
	}
}

// walkStride walks in steps of o.Size until the end, or until a page is shorter than that. Then it returns the offset
// right behind that page's last item.
func walkStride[P any](ctx context.Context, o Offsets, start, ahead int, fetch Fetch[P], emit func(P) (int, error)) (next int, short bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var queue []chan fetched[P]
	upcoming := start
	for offset := start; ; offset += o.Size {
		for len(queue) == 0 || (len(queue) < ahead && upcoming < o.First+o.Expected) {
			if o.Last > 0 && upcoming > o.Last {
				break
			}
			queue = append(queue, fetchLater(ctx, upcoming, fetch))
			upcoming += o.Size
		}
		if len(queue) == 0 {
			return 0, false, fmt.Errorf("%w: offset %d was wanted, %d is the highest", ErrOffsetsEnd, offset, o.Last)
		}
		got := <-queue[0]
		queue = queue[1:]
		if got.err != nil {
			return 0, false, got.err
		}
		if got.items == 0 {
			return 0, false, nil
		}
		fresh, err := emit(got.page)
		if err != nil {
			return 0, false, err
		}
		if fresh == 0 {
			return 0, false, fmt.Errorf("%w: the page at offset %d holds nobody new", ErrLoop, offset)
		}
		if got.items < o.Size {
			return offset + got.items, true, nil
		}
	}
}

func fetchLater[P any](ctx context.Context, offset int, fetch Fetch[P]) chan fetched[P] {
	result := make(chan fetched[P], 1)
	go func() {
		page, items, err := fetch(ctx, offset)
		result <- fetched[P]{page, items, err}
	}()
	return result
}

// CursorPage is a page of a list that is read by cursor, token or next link.
type CursorPage[P any] struct {
	Page  P
	Items int
	Next  string // empty on the last page
}

// WalkCursor reads a list to its end and hands its pages to emit in order; the next page is fetched while emit works. A
// cursor that comes twice, a page with nothing new, and two empty pages in a row are ErrLoop.
func WalkCursor[P any](ctx context.Context, fetch func(ctx context.Context, cursor string) (CursorPage[P], error), emit func(P) (fresh int, err error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	used := map[string]struct{}{"": {}}
	empty := 0
	pending := cursorLater(ctx, "", fetch)
	for number := 1; ; number++ {
		got := <-pending
		if got.err != nil {
			return got.err
		}
		page := got.page
		if page.Next != "" {
			if _, again := used[page.Next]; again {
				return fmt.Errorf("%w: page %d names a cursor that was used before", ErrLoop, number)
			}
			used[page.Next] = struct{}{}
			pending = cursorLater(ctx, page.Next, fetch)
		}
		if page.Items == 0 {
			empty++
			if page.Next != "" && empty > 1 {
				return fmt.Errorf("%w: page %d is empty like the one before, and names another one", ErrLoop, number)
			}
		} else {
			empty = 0
			fresh, err := emit(page.Page)
			if err != nil {
				return err
			}
			if fresh == 0 {
				return fmt.Errorf("%w: page %d holds nobody new", ErrLoop, number)
			}
		}
		if page.Next == "" {
			return nil
		}
	}
}

func cursorLater[P any](ctx context.Context, cursor string, fetch func(context.Context, string) (CursorPage[P], error)) chan fetched[CursorPage[P]] {
	result := make(chan fetched[CursorPage[P]], 1)
	go func() {
		page, err := fetch(ctx, cursor)
		result <- fetched[CursorPage[P]]{page: page, err: err}
	}()
	return result
}

// Seen remembers who was listed, so that each person is emitted once. A walk can be repeated in passes: an id counts as
// fresh once per pass, and as new once altogether.
type Seen struct {
	pass uint32
	ids  map[string]uint32
}

// NewSeen makes an empty memory with room for about expected ids.
func NewSeen(expected int) *Seen {
	return &Seen{pass: 1, ids: make(map[string]uint32, max(expected, 0))}
}

// NextPass begins another pass.
func (s *Seen) NextPass() { s.pass++ }

// Add notes an id and tells whether it is fresh in this pass and new altogether.
func (s *Seen) Add(id string) (fresh, isNew bool) {
	pass, known := s.ids[id]
	s.ids[id] = s.pass
	return pass != s.pass, !known
}

// Len is the number of different ids.
func (s *Seen) Len() int { return len(s.ids) }

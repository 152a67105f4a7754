package confluence

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// withVisits is a connector that takes the last visits from the organisation's admin API for activity. That counts
// readers too, and can look at one person cheaply.
type withVisits struct{ *Confluence }

var (
	_ connector.Connector         = (*withVisits)(nil)
	_ connector.Reclaimer         = (*withVisits)(nil)
	_ connector.ActivitySource    = (*withVisits)(nil)
	_ connector.ActivityConfirmer = (*withVisits)(nil)
	_ connector.ActivityReader    = (*withVisits)(nil)
)

// visitsAtOnce is how many people are asked about side by side; the API's limit is what takes the time.
const visitsAtOnce = 4

// visitMark is the watermark of a round over everybody: those up to After were asked about.
type visitMark struct {
	Source string `json:"source"`
	After  string `json:"after"`
}

// Activity implements connector.ActivitySource. It asks about everybody who holds a seat, one after the other by account
// id, since there is no list of visits.
func (v *withVisits) Activity(ctx context.Context, since time.Time, from connector.Watermark, emit func([]connector.Event) error) (connector.ActivityWalk, error) {
	walk := connector.ActivityWalk{Method: "last visits by the organisation's admin API"}
	m := visitMark{Source: sourceAdmin}
	if earlier := (visitMark{}); json.Unmarshal(from, &earlier) == nil && earlier.Source == sourceAdmin {
		m = earlier
	}
	ids, complete, err := v.seatIDs(ctx)
	if err != nil {
		if outOfTime(ctx, err) {
			walk.Watermark = m.watermark()
			return walk, nil
		}
		return walk, err
	}
	if !complete {
		walk.Warnings = append(walk.Warnings, "the list of seats kept changing, so somebody may have been left out")
	}
	start, found := slices.BinarySearch(ids, m.After)
	if found {
		start++
	}
	for chunk := range slices.Chunk(ids[start:], visitsAtOnce) {
		if err := v.askAll(ctx, chunk, since, emit); err != nil {
			walk.Watermark = m.watermark()
			if outOfTime(ctx, err) {
				return walk, nil
			}
			return walk, err
		}
		m.After = chunk[len(chunk)-1]
	}
	m.After = ""
	walk.Complete, walk.Watermark = complete, m.watermark()
	return walk, nil
}

func (m visitMark) watermark() connector.Watermark {
	text, err := json.Marshal(m)
	if err != nil {
		return nil
	}
	return text
}

// seatIDs are the account ids of those who hold a seat, sorted.
func (v *withVisits) seatIDs(ctx context.Context) (ids []string, complete bool, err error) {
	walk, err := v.walk(ctx, nil, func(page []connector.Subscription) error {
		for i := range page {
			ids = append(ids, page[i].ExternalUserID)
		}
		return nil
	})
	slices.Sort(ids)
	return ids, walk.Complete, err
}

// ConfirmActivity implements connector.ActivityConfirmer.
func (v *withVisits) ConfirmActivity(ctx context.Context, externalUserIDs []string, since time.Time, emit func([]connector.Event) error) error {
	return v.askAll(ctx, externalUserIDs, since, emit)
}

func (v *withVisits) askAll(ctx context.Context, ids []string, since time.Time, emit func([]connector.Event) error) error {
	var mu sync.Mutex
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(visitsAtOnce)
	for _, id := range ids {
		work.Go(func() error {
			at, err := v.lastVisit(ctx, id)
			if kindOf(err) == connector.KindNotFound || err == nil && at.Before(since) {
				return nil
			}
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			return emit([]connector.Event{{ExternalUserID: id, At: at}})
		})
	}
	return work.Wait()
}

// LastActivity implements connector.ActivityReader.
func (v *withVisits) LastActivity(ctx context.Context, externalUserID string) (time.Time, error) {
	held, err := v.held(ctx, externalUserID)
	if err != nil {
		return time.Time{}, err
	}
	if len(held.chosen) == 0 {
		return time.Time{}, &connector.Error{
			Vendor: vendorName, Op: opMemberOf, Object: "user " + externalUserID, Kind: connector.KindNotFound,
			Advice: "The person is in none of the profile's groups and holds no seat by them any more",
		}
	}
	return v.lastVisit(ctx, externalUserID)
}

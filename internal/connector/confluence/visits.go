package confluence

import (
	"context"
	"encoding/json"
	"fmt"
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

// visitMark is the watermark of a round over everybody: those up to After were asked about. Seen tells whether anybody was
// ever found to have visited since a look-back.
type visitMark struct {
	Source string `json:"source"`
	After  string `json:"after"`
	Seen   bool   `json:"seen,omitempty"`
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
	unknown := 0
	note := func(events []connector.Event) error {
		m.Seen = m.Seen || len(events) > 0
		return emit(events)
	}
	for chunk := range slices.Chunk(ids[start:], visitsAtOnce) {
		missing, err := v.askAll(ctx, chunk, since, note)
		unknown += len(missing)
		if err != nil {
			walk.Watermark = m.watermark()
			if outOfTime(ctx, err) {
				return walk, nil
			}
			return walk, err
		}
		m.After = chunk[len(chunk)-1]
	}
	if unknown > 0 {
		walk.Warnings = append(walk.Warnings, fmt.Sprintf(
			"%d people are not in the organisation's directory, which therefore tells no visits of theirs; check organization_id", unknown))
	}
	m.After = ""
	walk.Complete, walk.Watermark = complete, m.watermark()
	if walk.Complete && !m.Seen {
		walk.BlindSpot = true
		walk.Warnings = append(walk.Warnings,
			"the organisation's directory tells no visit of anybody, so nobody is taken for idle; check organization_id and the cloud id of the connection URL")
	}
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

// ConfirmActivity implements connector.ActivityConfirmer. Somebody whom the organisation's directory does not know may have
// visited until now, and is taken to have done so.
func (v *withVisits) ConfirmActivity(ctx context.Context, externalUserIDs []string, since time.Time, emit func([]connector.Event) error) error {
	unknown, err := v.askAll(ctx, externalUserIDs, since, emit)
	if err != nil || len(unknown) == 0 {
		return err
	}
	events := make([]connector.Event, 0, len(unknown))
	for _, id := range unknown {
		events = append(events, connector.Event{ExternalUserID: id, At: v.now().UTC(), Imprecise: true})
	}
	return emit(events)
}

// askAll emits the last visits since the date, and returns those whom the directory does not know.
func (v *withVisits) askAll(ctx context.Context, ids []string, since time.Time, emit func([]connector.Event) error) (unknown []string, err error) {
	var mu sync.Mutex // guards emit and unknown
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(visitsAtOnce)
	for _, id := range ids {
		work.Go(func() error {
			at, err := v.lastVisit(ctx, id)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case connector.KindOf(err) == connector.KindNotFound:
				unknown = append(unknown, id)
			case err != nil:
				return err
			case !at.Before(since):
				return emit([]connector.Event{{ExternalUserID: id, At: at}})
			}
			return nil
		})
	}
	err = work.Wait()
	return unknown, err
}

// LastActivity implements connector.ActivityReader.
func (v *withVisits) LastActivity(ctx context.Context, externalUserID string) (time.Time, error) {
	held, err := v.readHolding(ctx, externalUserID)
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

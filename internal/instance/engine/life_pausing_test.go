package engine_test

import (
	"context"
	"encoding/json"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

func (p pausing) Subscriptions(ctx context.Context, emit func([]connector.Subscription) error) (walk connector.Walk, err error) {
	err = p.around(ctx, func() (err error) { walk, err = p.Trello.Subscriptions(ctx, emit); return err })
	return walk, err
}

func (p pausing) LastActivity(ctx context.Context, id string) (at time.Time, err error) {
	err = p.around(ctx, func() (err error) { at, err = p.Trello.LastActivity(ctx, id); return err })
	return at, err
}

func (p pausing) Snapshot(ctx context.Context, id string) (taken json.RawMessage, err error) {
	err = p.around(ctx, func() (err error) { taken, err = p.Trello.Snapshot(ctx, id); return err })
	return taken, err
}

func (p pausing) Reclaim(ctx context.Context, id string) (result connector.Result, err error) {
	err = p.around(ctx, func() (err error) { result, err = p.Trello.Reclaim(ctx, id); return err })
	return result, err
}

func (p pausing) Restore(ctx context.Context, id string, taken json.RawMessage) (result connector.Restored, err error) {
	err = p.around(ctx, func() (err error) { result, err = p.Trello.Restore(ctx, id, taken); return err })
	return result, err
}

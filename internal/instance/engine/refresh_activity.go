package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

const (
	// activitySlice is how long activity is pulled before the watermark is stored, so that a process that dies loses no
	// more. It doubles where a vendor needs longer to come from one checkpoint to the next.
	activitySlice = 15 * time.Minute
	// activityWriteSize is how many people's activity is collected before it is stored.
	activityWriteSize = 20_000
	// confirmSize is how many people are confirmed between two reports.
	confirmSize = 1000
)

// pullActivity asks the vendor what people did since the look-back, and moves their last activity forward.
func (f *refresh) pullActivity(ctx context.Context) error {
	source, ok := f.vendor.(connector.ActivitySource)
	if !ok {
		return setupFailure("The connector of %s tells no activity.", f.access.vendor.Product)
	}
	var subscriptions int
	err := f.engine.db.View(ctx, func(tx *store.Tx) (err error) {
		if f.activity, err = readActivityState(ctx, tx, f.profileID, f.access.source); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT count(*) FROM samp_sw_subscription WHERE subscription_profile = ?`, f.profileID).Scan(&subscriptions)
	})
	if err != nil {
		return err
	}
	if subscriptions == 0 {
		f.warn("there are no subscriptions yet, so no activity was read; refresh the subscriptions first")
		f.outcome.Partial = true
		return nil
	}
	now := f.engine.now()
	since := lookback(f.profile, f.access.properties, f.access.vendor, now)
	if err := f.walkActivity(ctx, source, since, now); err != nil {
		return err
	}
	if !f.activity.blindSpot {
		return nil
	}
	return f.countUnknown(ctx)
}

// walkActivity walks the vendor's activity in slices of time, each of which stores its watermark.
func (f *refresh) walkActivity(ctx context.Context, source connector.ActivitySource, since, now time.Time) error {
	var deadline time.Time // zero means none
	if f.maxDuration > 0 {
		deadline = time.Now().Add(f.maxDuration)
	}
	var warnings []string
	defer func() { f.outcome.Warnings = append(f.outcome.Warnings, warnings...) }()
	for slice := activitySlice; ; {
		end := time.Now().Add(slice)
		last := !deadline.IsZero() && !end.Before(deadline)
		if last {
			end = deadline
		}
		before := string(f.activity.watermark)
		walk, err := f.walkSlice(ctx, source, since, now, end)
		warnings = walk.Warnings
		if err != nil {
			return fmt.Errorf("read the activity of integration profile %q: %w", f.displayName(), err)
		}
		outOfTime := !time.Now().Before(end)
		switch {
		case walk.Complete:
			return nil
		case last || !outOfTime:
			f.outcome.Partial = true
			return nil
		case string(f.activity.watermark) == before:
			slice *= 2
		}
	}
}

// walkSlice walks until a time, and stores what was found with the watermark, also when the walk failed or was canceled:
// what was seen until then is true.
func (f *refresh) walkSlice(ctx context.Context, source connector.ActivitySource, since, now, end time.Time) (connector.ActivityWalk, error) {
	sliceCtx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	latest := map[string]string{}
	walk, err := source.Activity(sliceCtx, since, slices.Clone(f.activity.watermark), func(events []connector.Event) error {
		f.collect(latest, events, now)
		f.run.report(90, fmt.Sprintf("%d signs of activity read", f.outcome.ActivityEvents))
		if len(latest) < activityWriteSize {
			return nil
		}
		err := f.run.update(ctx, func(tx *store.Tx) error { return f.moveForward(ctx, tx, latest) })
		clear(latest)
		return err
	})
	f.activity.complete = err == nil && walk.Complete
	if walk.Watermark != nil {
		f.activity.watermark = walk.Watermark
	}
	if walk.Method != "" {
		f.activity.method, f.activity.blindSpot = walk.Method, walk.BlindSpot
		f.outcome.ActivityMethod = walk.Method
	}
	if f.activity.complete {
		f.activity.cover(since, now)
	}
	storeErr := f.run.finalUpdate(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := f.moveForward(ctx, tx, latest); err != nil {
			return err
		}
		return f.activity.store(ctx, tx, f.profileID)
	})
	if err == nil {
		err = storeErr
	}
	return walk, err
}

// collect keeps the latest day of each person. A time that has not come yet is a clock that is ahead.
func (f *refresh) collect(latest map[string]string, events []connector.Event, now time.Time) {
	today := formatDate(now)
	for _, e := range events {
		if e.ExternalUserID == "" || e.At.IsZero() {
			continue
		}
		f.outcome.ActivityEvents++
		latest[e.ExternalUserID] = max(latest[e.ExternalUserID], min(formatDate(e.At), today))
	}
}

// moveForward stores later days of last activity. Activity only moves forward, and people without a subscription are no
// concern of ours.
func (f *refresh) moveForward(ctx context.Context, tx *store.Tx, latest map[string]string) error {
	if len(latest) == 0 {
		return nil
	}
	fail := func(err error) error { return fmt.Errorf("store the last activity: %w", err) }
	// One person at a time: given a list of people, SQLite reads all subscriptions for each.
	statement, err := tx.Prepare(ctx, `UPDATE samp_sw_subscription INDEXED BY ix_subscription_key
		SET last_activity = ?1, sys_updated_on = ?2, sys_updated_by = ?3, sys_mod_count = sys_mod_count + 1
		WHERE subscription_profile = ?4 AND external_user_id = ?5 AND last_activity < ?1`)
	if err != nil {
		return fail(err)
	}
	defer func() { _ = statement.Close() }()
	now := formatDateTime(tx.Now())
	for _, id := range slices.Sorted(maps.Keys(latest)) { // the order of the index
		res, err := statement.ExecContext(ctx, latest[id], now, systemUser, f.profileID, id)
		if err != nil {
			return fail(err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return fail(err)
		}
		f.outcome.ActivityUpdated += int(n)
		f.outcome.RowsWritten += int(n)
	}
	return nil
}

// countUnknown tells of how many people nothing is known, because the vendor may not show what they did.
func (f *refresh) countUnknown(ctx context.Context) error {
	err := f.engine.db.View(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(DISTINCT external_user_id) FROM samp_sw_subscription WHERE subscription_profile = ? AND last_activity = ''`,
			f.profileID).Scan(&f.outcome.Unknown)
	})
	if err != nil {
		return fmt.Errorf("count the people without a sign of activity: %w", err)
	}
	if f.outcome.Unknown > 0 {
		f.warn("%d people have no sign of activity, which the credential may not be able to see: they count as unknown and become no removal candidates", f.outcome.Unknown)
	}
	return nil
}

// confirm looks once more at everybody who would become a candidate, where the vendor can answer for named people.
func (f *refresh) confirm(ctx context.Context, openings []opening) error {
	confirmer, ok := f.vendor.(connector.ActivityConfirmer)
	if !ok {
		return nil
	}
	for _, o := range openings {
		people, err := f.stale(ctx, o)
		if err != nil {
			return err
		}
		since, err := time.Parse(dateLayout, o.cutoff)
		if err != nil {
			return err
		}
		for chunk := range slices.Chunk(people, confirmSize) {
			latest := map[string]string{}
			err := confirmer.ConfirmActivity(ctx, chunk, since, func(events []connector.Event) error {
				f.collect(latest, events, f.engine.now())
				return nil
			})
			if err != nil {
				return fmt.Errorf("confirm that %d people of integration profile %q are idle: %w", len(chunk), f.displayName(), err)
			}
			if err := f.run.update(ctx, func(tx *store.Tx) error { return f.moveForward(ctx, tx, latest) }); err != nil {
				return err
			}
			f.outcome.Confirmed += len(chunk)
			f.run.report(95, fmt.Sprintf("%d of %d idle people confirmed", f.outcome.Confirmed, len(people)))
		}
	}
	return nil
}

// stale lists the external ids of the people who would become candidates.
func (f *refresh) stale(ctx context.Context, o opening) ([]string, error) {
	var people []string
	err := f.engine.db.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, `SELECT DISTINCT s.external_user_id `+o.staleSQL(), f.profileID, o.product.id, o.cutoff)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			people = append(people, id)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list the idle people of product %s: %w", o.product.name, err)
	}
	return people, nil
}

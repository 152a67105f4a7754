package asana

import (
	"context"
	"net/url"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

const (
	opAudit = "read the audit log"
	// auditLag is how far back the probe looks: recent events prove as much as old ones and are few.
	auditLag = time.Hour
	// auditKept is how long Asana keeps events.
	auditKept = 90 * 24 * time.Hour

	auditWorkers  = 20
	auditSlices   = 40
	shortestSlice = 6 * time.Hour
)

type auditEvent struct {
	CreatedAt time.Time `json:"created_at"`
	EventType string    `json:"event_type"`
	Actor     struct {
		Type string `json:"actor_type"`
		GID  string `json:"gid"`
	} `json:"actor"`
}

// byAudit takes every event of a user as a sign of activity, but a login that failed.
func (w *activityWalk) byAudit(ctx context.Context) error {
	if w.asana.now().Sub(w.since) > auditKept {
		w.warn("Asana keeps the audit log for 90 days, and activity from before that is asked for")
	}
	complete, err := w.cover(ctx, &w.mark.Audit, w.eachGap(&w.mark.Audit, func(ctx context.Context, gap span, covered func(span)) error {
		return w.sweep(ctx, gap, sweep{
			workers: auditWorkers,
			find: func(ctx context.Context, hand func(piece) error) error {
				for _, slice := range cut(gap, max(shortestSlice, gap.To.Sub(gap.From)/auditSlices)) {
					p := piece{floor: slice.From, whole: slice, read: func(ctx context.Context, found func([]sign)) error {
						return w.asana.readAudit(ctx, w.workspace, slice, found)
					}}
					if err := hand(p); err != nil {
						return err
					}
				}
				return nil
			},
		}, covered)
	}))
	if err != nil {
		return err
	}
	w.used("audit log", complete, true)
	if w.asana.method == methodAudit {
		w.warn(adviceLoginsOnly)
	}
	return nil
}

// cut divides a span into pieces of a length, the newest first.
func cut(whole span, length time.Duration) []span {
	var parts []span
	for to := whole.To; to.After(whole.From); to = to.Add(-length) {
		parts = append(parts, span{From: later(to.Add(-length), whole.From), To: to})
	}
	return parts
}

// readAudit reads the events of a slice. Once events matched, Asana names a next page for ever, so the end is a page
// without events.
func (a *Asana) readAudit(ctx context.Context, workspace string, slice span, found func([]sign)) error {
	return a.readList(ctx, func(ctx context.Context, offset string) (string, int, error) {
		var page list[auditEvent]
		q := url.Values{
			"start_at": {slice.From.Format(inMilliseconds)}, "end_at": {slice.To.Format(inMilliseconds)},
			"actor_type": {"user"}, "limit": {"100"},
		}
		if offset != "" {
			q.Set("offset", offset)
		}
		err := a.do(ctx, connector.Request{
			Path: "/workspaces/" + workspace + "/audit_log_events", Query: q, Op: opAudit, Object: "workspace " + workspace,
			Decode: connector.Into(&page),
		})
		if err != nil || len(page.Data) == 0 {
			return "", 0, err
		}
		signs := make([]sign, 0, len(page.Data))
		for i := range page.Data {
			if e := &page.Data[i]; e.Actor.Type == "user" && e.EventType != "user_login_failed" {
				signs = append(signs, sign{e.Actor.GID, e.CreatedAt})
			}
		}
		found(signs)
		return page.next(), len(page.Data), nil
	})
}

// readList reads a list from its start, and again where its offset grew too old in between. Whoever reads it must not
// mind seeing things twice. page returns the next offset and how many items there were.
func (a *Asana) readList(ctx context.Context, page func(ctx context.Context, offset string) (next string, items int, err error)) error {
	var err error
	for range listTries {
		err = connector.WalkCursor(ctx, func(ctx context.Context, offset string) (connector.CursorPage[struct{}], error) {
			next, items, err := page(ctx, offset)
			return connector.CursorPage[struct{}]{Items: items, Next: next}, err
		}, func(struct{}) (int, error) { return 1, nil })
		if !staleOffset(err) {
			break
		}
	}
	return err
}

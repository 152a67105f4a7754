package confluence

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// askAtOnce is how many people one search asks about.
const askAtOnce = 50

// ConfirmActivity implements connector.ActivityConfirmer. It asks for whatever these people ever contributed to and that
// was changed since the date, which finds those whom a later editor hides from Activity. It errs on the safe side: the
// change may be somebody else's, and then the event is imprecise.
func (c *Confluence) ConfirmActivity(ctx context.Context, externalUserIDs []string, since time.Time, emit func([]connector.Event) error) error {
	ids := slices.Compact(slices.Sorted(slices.Values(externalUserIDs)))
	for _, id := range ids {
		if id == "" || strings.ContainsAny(id, `"\`) {
			return &connector.Error{
				Vendor: vendorName, Op: opConfirm, Object: fmt.Sprintf("user %q", id), Kind: connector.KindConfig,
				Advice: "This is no account id of Atlassian",
			}
		}
	}
	k := &confirmation{confluence: c, since: since, emit: emit}
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(slicesAtOnce)
	for chunk := range slices.Chunk(ids, askAtOnce) {
		work.Go(func() error { return k.ask(ctx, chunk) })
	}
	return work.Wait()
}

const opConfirm = "look again for what people contributed to"

type confirmation struct {
	confluence *Confluence
	since      time.Time

	mu   sync.Mutex
	emit func([]connector.Event) error
}

// ask searches for several people at once. Nothing found clears all of them; otherwise it asks for each half.
func (k *confirmation) ask(ctx context.Context, ids []string) error {
	if len(ids) == 1 {
		return k.askOne(ctx, ids[0])
	}
	p, err := k.confluence.searchPage(ctx, k.cql(ids), "", 1, false)
	if err != nil || p.TotalSize == 0 && len(p.Results) == 0 {
		return err
	}
	half := len(ids) / 2
	if err := k.ask(ctx, ids[:half]); err != nil {
		return err
	}
	return k.ask(ctx, ids[half:])
}

// askOne reads the latest change of what one person contributed to.
func (k *confirmation) askOne(ctx context.Context, id string) error {
	p, err := k.confluence.searchPage(ctx, k.cql([]string{id})+" order by lastmodified desc", "", 1, true)
	if err != nil || len(p.Results) == 0 {
		return err
	}
	h := &p.Results[0]
	event := connector.Event{ExternalUserID: id, At: h.LastModified.UTC(), Imprecise: true}
	for author, at := range h.authors() {
		if author == id && (event.Imprecise || at.After(event.At)) && !at.Before(k.since) {
			event.At, event.Imprecise = at, false
		}
	}
	if event.At.Before(k.since) {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.emit([]connector.Event{event})
}

// cql begins a day early, as the account's time zone is not known.
func (k *confirmation) cql(ids []string) string {
	return fmt.Sprintf(`contributor in ("%s") and lastmodified >= "%s"`,
		strings.Join(ids, `","`), k.since.Add(-overlap).UTC().Format(cqlMinute))
}

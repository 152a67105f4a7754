package engine

import (
	"context"
	"fmt"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// presenceChecks is how many vanished subscriptions are asked about one by one. For more the whole list is read again.
const presenceChecks = 100

// confirmVanished asks the vendor once more about those whom its list left out: while pages are read, people who leave or
// join shift them, so that a complete list may miss somebody. Those who are gone both times are returned; a reason means
// that none of it can be trusted.
func (f *refresh) confirmVanished(ctx context.Context, vanished []absentee) (gone []absentee, reason string, err error) {
	if checker, ok := f.vendor.(connector.PresenceChecker); ok && len(vanished) <= presenceChecks {
		gone, err = f.askPresence(ctx, checker, vanished)
		return gone, "", err
	}
	return f.walkAgain(ctx, vanished)
}

// askPresence asks about each person. Whom the vendor lists with another identifier has changed the product, and needs no
// question. A failed question keeps the person.
func (f *refresh) askPresence(ctx context.Context, checker connector.PresenceChecker, vanished []absentee) (gone []absentee, err error) {
	byPerson := map[string][]absentee{}
	var people []string
	for _, a := range vanished {
		if byPerson[a.externalUserID] == nil {
			people = append(people, a.externalUserID)
		}
		byPerson[a.externalUserID] = append(byPerson[a.externalUserID], a)
	}
	for i, person := range people {
		f.run.report(90, fmt.Sprintf("%d of %d people who are missing from the list asked about", i, len(people)))
		holds := false
		elsewhere, err := f.listedElsewhere(ctx, person, len(byPerson[person]))
		if err != nil {
			return nil, err
		}
		if !elsewhere {
			holds, err = checker.Holds(ctx, person)
		}
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			f.warn("user %s is missing from the vendor's list and was kept, because asking about them failed: %v", person, err)
		case !holds:
			gone = append(gone, byPerson[person]...)
		}
	}
	return gone, nil
}

// listedElsewhere tells whether a person has more integrated subscriptions than those that vanished.
func (f *refresh) listedElsewhere(ctx context.Context, person string, vanished int) (bool, error) {
	all := 0
	err := f.engine.db.View(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM samp_sw_subscription WHERE subscription_profile = ? AND external_user_id = ? AND user_source <> ?`,
			f.profileID, person, userSourceManual).Scan(&all)
	})
	if err != nil {
		return false, fmt.Errorf("count the subscriptions of user %s: %w", person, err)
	}
	return all > vanished, nil
}

// walkAgain reads the whole list once more.
func (f *refresh) walkAgain(ctx context.Context, vanished []absentee) (gone []absentee, reason string, err error) {
	type key struct{ person, identifier string }
	missing := make(map[key]absentee, len(vanished))
	for _, a := range vanished {
		missing[key{a.externalUserID, a.identifier}] = a
	}
	read := 0
	walk, err := f.vendor.Subscriptions(ctx, func(page []connector.Subscription) error {
		for _, s := range page {
			delete(missing, key{s.ExternalUserID, s.Identifier})
		}
		read += len(page)
		f.run.report(90, fmt.Sprintf("%d people are missing from the list; reading it again: %d subscriptions", len(vanished), read))
		return nil
	})
	switch {
	case ctx.Err() != nil:
		return nil, "", ctx.Err()
	case err != nil:
		return nil, "reading the list once more to confirm that failed: " + err.Error() + ". Run the refresh again", nil //nolint:nilerr // the reason to hold the removals
	case !walk.Complete:
		return nil, "the vendor's list was not read to its end when it was read once more to confirm that. Run the refresh again", nil
	}
	for _, a := range vanished {
		if _, ok := missing[key{a.externalUserID, a.identifier}]; ok {
			gone = append(gone, a)
		}
	}
	return gone, "", nil
}

package engine

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// known is what a profile had stored when its refresh began. It is the one structure of a refresh that grows with the
// number of people, by about 4 MB for 100,000: a read per page instead would cost several times as much as the rest of a
// refresh that finds nothing new.
type known struct {
	count  int
	marked map[int64]int64 // fingerprint to row id, of the subscriptions that the vendor has not listed in this run
	others []int64         // row ids of those without fingerprint
	found  bitmap          // row ids that were found by their key, since their fingerprint was different or missing
}

// readKnown reads the fingerprints of a profile's subscriptions from the index that holds them.
func readKnown(ctx context.Context, tx *store.Tx, profile string) (*known, error) {
	k := &known{}
	fail := func(err error) (*known, error) {
		return nil, fmt.Errorf("read the known subscriptions of profile %s: %w", profile, err)
	}
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM samp_sw_subscription WHERE subscription_profile = ?`, profile).Scan(&k.count); err != nil {
		return fail(err)
	}
	k.marked = make(map[int64]int64, k.count)
	rows, err := tx.Query(ctx, `SELECT rowid, snsam_fingerprint FROM samp_sw_subscription INDEXED BY ix_subscription_profile
		WHERE subscription_profile = ?`, profile)
	if err != nil {
		return fail(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var row int64
		var mark sql.NullInt64
		if err := rows.Scan(&row, &mark); err != nil {
			return fail(err)
		}
		if mark.Valid {
			k.marked[mark.Int64] = row
		} else {
			k.others = append(k.others, row)
		}
	}
	if err := rows.Err(); err != nil {
		return fail(err)
	}
	return k, nil
}

// unchanged tells whether the vendor tells again what it told before.
func (k *known) unchanged(s connector.Subscription) bool {
	mark := fingerprint(s)
	_, ok := k.marked[mark]
	delete(k.marked, mark)
	return ok
}

// unseen lists the row ids that the vendor did not list, in their order.
func (k *known) unseen() []int64 {
	unseen := slices.Clone(k.others)
	for _, row := range k.marked {
		unseen = append(unseen, row)
	}
	unseen = slices.DeleteFunc(unseen, k.found.has)
	slices.Sort(unseen)
	return unseen
}

// fingerprint is a hash of all that a refresh compares of a subscription, to the precision in which it is stored. The
// stored column is forgotten by a trigger when anybody else changes one of these columns.
func fingerprint(s connector.Subscription) int64 {
	var space [256]byte
	b := space[:0]
	for _, text := range []string{s.ExternalUserID, s.Identifier, s.UserPrincipalName, s.UserName} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	b = binary.AppendVarint(b, s.ExternalCreated.Unix())
	b = binary.AppendVarint(b, startOfDay(s.LastActivity))
	sum := sha256.Sum256(b)
	return int64(binary.BigEndian.Uint64(sum[:])) //nolint:gosec // a bit pattern, not a number
}

// startOfDay is the beginning of a day in UTC, in Unix seconds.
func startOfDay(t time.Time) int64 {
	const day = 24 * 60 * 60
	s := t.Unix()
	return s - ((s%day)+day)%day
}

package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// errLeaseLost says that another run took the profile over while this one was silent for too long, or that the profile
// was deleted. Nothing more may be written.
var errLeaseLost = errors.New("the lease was lost: another run took over, or the profile was deleted. " +
	"Look at the scheduled job results and start the run again")

// lease is the right to work on one object, held by one run. The epoch grows with every holder: a holder that was
// suspended and wakes up finds a newer epoch and stops.
type lease struct {
	name  string
	owner string
	epoch int64
}

func profileLease(profile string) string { return "profile:" + profile }

// takeLease tries to take a lease. Where somebody else holds it, ok is false. An expired lease is taken over; dead is
// then the owner that let it expire. One that lasts longer than a holder asks for is of a time before the clock was set
// back, and would keep everybody out until then: it counts as expired.
func takeLease(ctx context.Context, tx *store.Tx, name, owner string, ttl time.Duration) (l lease, dead string, ok bool, err error) {
	var holder string
	var epoch, expires int64
	now := tx.Now()
	err = tx.QueryRow(ctx, `SELECT owner, epoch, expires_at FROM snsam_lease WHERE name = ?`, name).Scan(&holder, &epoch, &expires)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return lease{}, "", false, fmt.Errorf("read lease %s: %w", name, err)
	case holder != "" && expires > now.UnixMilli() && expires <= now.Add(ttl).UnixMilli():
		return lease{}, "", false, nil
	default:
		dead = holder
	}
	l = lease{name: name, owner: owner, epoch: epoch + 1}
	_, err = tx.Exec(ctx, `INSERT INTO snsam_lease (name, owner, epoch, expires_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, epoch = excluded.epoch, expires_at = excluded.expires_at`,
		name, owner, l.epoch, now.Add(ttl).UnixMilli())
	if err != nil {
		return lease{}, "", false, fmt.Errorf("take lease %s: %w", name, err)
	}
	return l, dead, true, nil
}

// renew moves the expiry on, and fails with errLeaseLost unless the lease is still held. Call it in the transaction that
// writes: the write is then fenced, and a long one does not let the lease expire.
func (l lease) renew(ctx context.Context, tx *store.Tx, ttl time.Duration) error {
	return l.expireAt(ctx, tx, tx.Now().Add(ttl).UnixMilli(), l.owner)
}

// release lets the next run in at once. The row stays, because its epoch must go on growing.
func (l lease) release(ctx context.Context, tx *store.Tx) error {
	return l.expireAt(ctx, tx, 0, "")
}

func (l lease) expireAt(ctx context.Context, tx *store.Tx, millis int64, owner string) error {
	res, err := tx.Exec(ctx, `UPDATE snsam_lease SET expires_at = ?, owner = ? WHERE name = ? AND owner = ? AND epoch = ?`,
		millis, owner, l.name, l.owner, l.epoch)
	if err != nil {
		return fmt.Errorf("renew lease %s: %w", l.name, err)
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return errLeaseLost
	}
	return nil
}

// revokeLease takes a lease away from whoever holds it: its run stops at its next write.
func revokeLease(ctx context.Context, tx *store.Tx, name string) error {
	_, err := tx.Exec(ctx, `UPDATE snsam_lease SET epoch = epoch + 1, owner = '', expires_at = 0 WHERE name = ?`, name)
	if err != nil {
		return fmt.Errorf("revoke lease %s: %w", name, err)
	}
	return nil
}

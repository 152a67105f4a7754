package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// activityState is how far the pull of activity of a profile came, see the table snsam_activity.
type activityState struct {
	source      string
	watermark   []byte
	complete    bool // the last pull saw everything
	blindSpot   bool
	method      string
	coveredFrom string // date-time since when all activity has been seen
	scannedTo   string // date-time up to which it has
}

// readActivityState reads the state of a profile; what was pulled from another source means nothing.
func readActivityState(ctx context.Context, tx *store.Tx, profile, source string) (activityState, error) {
	s := activityState{}
	err := tx.QueryRow(ctx, `SELECT source, watermark, complete, blind_spot, method, covered_from, scanned_to FROM snsam_activity WHERE profile = ?`, profile).
		Scan(&s.source, &s.watermark, &s.complete, &s.blindSpot, &s.method, &s.coveredFrom, &s.scannedTo)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return s, fmt.Errorf("read how far the activity of profile %s was pulled: %w", profile, err)
	case s.source == source:
		return s, nil
	}
	return activityState{source: source}, nil
}

func (s activityState) store(ctx context.Context, tx *store.Tx, profile string) error {
	_, err := tx.Exec(ctx, `INSERT INTO snsam_activity (profile, source, watermark, complete, blind_spot, method, covered_from, scanned_to)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (profile) DO UPDATE SET source = excluded.source, watermark = excluded.watermark, complete = excluded.complete,
			blind_spot = excluded.blind_spot, method = excluded.method, covered_from = excluded.covered_from, scanned_to = excluded.scanned_to`,
		profile, s.source, s.watermark, s.complete, s.blindSpot, s.method, s.coveredFrom, s.scannedTo)
	if err != nil {
		return fmt.Errorf("store how far the activity of profile %s was pulled: %w", profile, err)
	}
	return nil
}

// cover notes a complete pull of everything since a time. It adds to what was covered before where the two overlap.
func (s *activityState) cover(since, to time.Time) {
	from := formatDateTime(since)
	if s.coveredFrom == "" || from > s.scannedTo || from < s.coveredFrom {
		s.coveredFrom = from
	}
	s.scannedTo = formatDateTime(to)
}

// evidenceAge is how old the last complete pull may be when candidates are opened. The job runs daily.
const evidenceAge = 48 * time.Hour

// gap tells why the activity that is known cannot show that somebody has been idle since a day; empty when it can. Where
// candidates are confirmed at the vendor one by one, what lies before the pull does not matter.
func (s activityState) gap(now time.Time, cutoff string, confirmed bool) string {
	scanned, ok := parseDateTime(s.scannedTo)
	switch {
	case !ok:
		return "activity has not been read completely yet. Run the activity job until it is"
	case !s.complete:
		return "the last pull of activity did not come to its end. Run the activity job again"
	case now.Sub(scanned) > evidenceAge:
		return "activity was last read completely on " + s.scannedTo + ", which is too long ago. Run the activity job"
	case !confirmed && dayOf(s.coveredFrom) > cutoff:
		return "activity is known since " + dayOf(s.coveredFrom) + " only, and the rule's threshold reaches back to " + cutoff +
			". Wait until then, lengthen the look-back or shorten the threshold"
	}
	return ""
}
